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
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // driver "pgx"

	"github.com/scimkit/scimkit/internal/sqltest/daemon"
)

// shared is where the databases of this process are: its own server, or the one
// of SCIMKIT_POSTGRES.
var shared struct {
	sync.Mutex
	started bool
	server  *Server
	admin   *sql.DB
	url     *url.URL
	failure error
}

// Main runs the tests of a package, and stops the server if one was started. A
// package that uses Open or URL calls it in its TestMain.
func Main(m *testing.M) { daemon.Main(m) }

// stop stops what start started.
func stop() (err error) {
	shared.Lock()
	defer shared.Unlock()
	if shared.admin != nil {
		err = shared.admin.Close()
	}
	if shared.server != nil {
		err = errors.Join(err, shared.server.Remove())
	}
	return err
}

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

// database makes a database with options.
func database(t testing.TB, options ...string) string {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if !shared.started {
		daemon.AtEnd(t, stop)
		shared.started, shared.failure = true, start()
	}
	daemon.Demand(t, shared.failure)
	return create(t, shared.admin, shared.url, options...)
}

// start finds or starts the server of this process.
func start() error {
	text := os.Getenv("SCIMKIT_POSTGRES")
	if text == "" {
		s, err := newServer(fast)
		if err != nil {
			return err
		}
		shared.server, text = s, s.URL()
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return errors.New("SCIMKIT_POSTGRES is no URL like postgres://user:password@host:5432/postgres")
	}
	db, err := sql.Open("pgx", text)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := db.PingContext(ctx); err != nil {
		return errors.Join(fmt.Errorf("the server of SCIMKIT_POSTGRES: %w", err), db.Close())
	}
	shared.admin, shared.url = db, u
	return nil
}

// create makes a database on a server, and gives its URL. One with options is made
// from a template of no locale, and if need be with the library of the options.
func create(t testing.TB, admin *sql.DB, server *url.URL, options ...string) string {
	t.Helper()
	name := "scimkit_test_" + strings.ToLower(rand.Text()[:16])
	if options != nil {
		version := 0
		if err := admin.QueryRowContext(t.Context(), "SELECT CAST(current_setting('server_version_num') AS int)").Scan(&version); err != nil {
			t.Fatalf("pgtest: %v", err)
		}
		if options = append(options, "TEMPLATE template0"); version >= 150000 {
			options = append(options, "LOCALE_PROVIDER libc")
		}
	}
	_, err := admin.ExecContext(t.Context(), "CREATE DATABASE "+name+" "+strings.Join(options, " "))
	if err != nil && strings.Contains(err.Error(), "invalid locale name") {
		err = fmt.Errorf("%w with %s", daemon.ErrAbsent, options)
	}
	daemon.Demand(t, err)
	t.Cleanup(func() {
		// FORCE ends the connections that processes left which were killed.
		_, err := admin.Exec("DROP DATABASE " + name + " WITH (FORCE)")
		if err != nil {
			_, err = admin.Exec("DROP DATABASE " + name)
		}
		if err != nil {
			t.Errorf("pgtest: %v", err)
		}
	})
	u := *server
	u.Path = "/" + name
	return u.String()
}
