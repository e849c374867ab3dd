// Package pgtest gives tests a PostgreSQL:
//
//	func TestMain(m *testing.M) { pgtest.Main(m) }
//
//	func TestStore(t *testing.T) {
//		db := pgtest.Open(t) // a database of its own, and empty
//	}
//
// It starts a server of its own, once for each test process, on a socket in a
// temporary folder, and stops it. With SCIMKIT_POSTGRES=<url> it uses that
// server instead, and makes and drops databases of its own there, named
// scimkit_test_….
//
// Where there is no PostgreSQL, the test is skipped and says so; with CI set, it
// fails.
package pgtest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // driver "pgx"

	"github.com/scimkit/scimkit/internal/sqltest/daemon"
)

// shared is where the databases of this process are.
var shared = daemon.Shared[*url.URL]{
	Variable: "SCIMKIT_POSTGRES",
	Start: func() (*daemon.Daemon, string, error) {
		s, err := newServer(fast)
		if err != nil {
			return nil, "", err
		}
		return s.Daemon, s.URL(), nil
	},
	Parse: func(text string) (*url.URL, error) {
		u, err := url.Parse(text)
		if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
			return nil, errors.New("SCIMKIT_POSTGRES is no URL like postgres://user:password@host:5432/postgres")
		}
		return u, nil
	},
	Open: func(u *url.URL) (*sql.DB, error) { return sql.Open("pgx", u.String()) },
}

// Main runs the tests of a package, and stops the server if one was started. A
// package that uses Open or URL calls it in its TestMain.
func Main(m *testing.M) { daemon.Main(m) }

// Open gives an empty database that only this test has. It is gone after the
// test.
func Open(t testing.TB) *sql.DB {
	t.Helper()
	return open(t, URL(t))
}

// open opens a database, and closes it when the test ends.
func open(t testing.TB, url string) *sql.DB {
	t.Helper()
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// URL gives the URL of an empty database that only this test has, so that
// several pools and processes can open it. It is gone after the test.
func URL(t testing.TB) string {
	t.Helper()
	return database(t)
}

// CLocale is a locale of the C library with all of Unicode: it lowers letters as
// others do, and sorts by bytes.
const CLocale = "C.UTF-8"

// OpenIn is Open for a database in a locale of the C library.
func OpenIn(t testing.TB, locale string) *sql.DB {
	t.Helper()
	return open(t, database(t, "ENCODING 'UTF8'", "LOCALE '"+locale+"'"))
}

// database makes a database with options, and gives its URL.
func database(t testing.TB, options ...string) string {
	t.Helper()
	server, name := shared.Database(t, func(admin *sql.DB, name string) error {
		return create(t.Context(), admin, name, options)
	}, drop)
	u := *server
	u.Path = "/" + name
	return u.String()
}

// create makes a database. One with options is made from a template of no locale,
// and if need be with the library of the options.
func create(ctx context.Context, admin *sql.DB, name string, options []string) error {
	if options != nil {
		version := 0
		if err := admin.QueryRowContext(ctx, "SELECT CAST(current_setting('server_version_num') AS int)").Scan(&version); err != nil {
			return fmt.Errorf("pgtest: %w", err)
		}
		if options = append(options, "TEMPLATE template0"); version >= 150000 {
			options = append(options, "LOCALE_PROVIDER libc")
		}
	}
	_, err := admin.ExecContext(ctx, "CREATE DATABASE "+name+" "+strings.Join(options, " "))
	if err != nil && strings.Contains(err.Error(), "invalid locale name") {
		return fmt.Errorf("%w with %s", daemon.ErrAbsent, options)
	}
	return err
}

// drop removes a database. FORCE ends the connections that processes left which
// were killed; servers before PostgreSQL 13 do not know it.
func drop(admin *sql.DB, name string) error {
	_, err := admin.Exec("DROP DATABASE " + name + " WITH (FORCE)")
	if err != nil {
		_, err = admin.Exec("DROP DATABASE " + name)
	}
	if err != nil {
		return fmt.Errorf("pgtest: %w", err)
	}
	return nil
}
