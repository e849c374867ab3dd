// Package mariatest gives tests a MariaDB:
//
//	func TestMain(m *testing.M) { daemon.Main(m) }
//
//	func TestFilter(t *testing.T) {
//		db := mariatest.Open(t) // a database of its own, and empty
//	}
//
// It starts a server of its own, once for each test process, on a socket in a
// temporary folder, and stops it. With SCIMKIT_MARIADB=<dsn> it uses that server
// instead, MariaDB or MySQL, and makes and drops databases of its own there,
// named scimkit_test_….
//
// Where there is no MariaDB, the test is skipped and says so; with CI set, it
// fails.
package mariatest

import (
	"database/sql"
	"errors"
	"fmt"
	"testing"

	"github.com/go-sql-driver/mysql"

	"github.com/scimkit/scimkit/internal/sqltest/daemon"
)

// shared is where the databases of this process are.
var shared = daemon.Shared[*mysql.Config]{
	Variable: "SCIMKIT_MARIADB",
	Start: func() (*daemon.Daemon, string, error) {
		s, err := newServer()
		if err != nil {
			return nil, "", err
		}
		return s.Daemon, s.dsn(), nil
	},
	Parse: func(dsn string) (*mysql.Config, error) {
		config, err := mysql.ParseDSN(dsn)
		if err != nil {
			return nil, errors.New("SCIMKIT_MARIADB is no DSN like user:password@tcp(host:3306)/")
		}
		return config, nil
	},
	Open: connect,
}

// Open gives an empty database that only this test has. It is gone after the
// test. Text in it compares without letter case and accents, as in most hosts.
func Open(t testing.TB) *sql.DB {
	t.Helper()
	server, name := shared.Database(t, func(admin *sql.DB, name string) error {
		_, err := admin.ExecContext(t.Context(), "CREATE DATABASE "+name+" CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
		return err
	}, drop)
	config := server.Clone()
	config.DBName = name
	db, err := connect(config)
	if err != nil {
		t.Fatalf("mariatest: %v", err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func drop(admin *sql.DB, name string) error {
	if _, err := admin.Exec("DROP DATABASE " + name); err != nil {
		return fmt.Errorf("mariatest: %w", err)
	}
	return nil
}

func connect(config *mysql.Config) (*sql.DB, error) {
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}
