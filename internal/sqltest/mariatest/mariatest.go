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
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/scimkit/scimkit/internal/sqltest/daemon"
)

// shared is where the databases of this process are: its own server, or the one
// of SCIMKIT_MARIADB.
var shared struct {
	sync.Mutex
	started bool
	server  *server
	admin   *sql.DB
	config  *mysql.Config
	failure error
}

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
// test. Text in it compares without letter case and accents, as in most hosts.
func Open(t testing.TB) *sql.DB {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if !shared.started {
		daemon.AtEnd(t, stop)
		shared.started, shared.failure = true, start()
	}
	daemon.Demand(t, shared.failure)
	return create(t, shared.admin, shared.config)
}

// start finds or starts the server of this process.
func start() error {
	dsn := os.Getenv("SCIMKIT_MARIADB")
	if dsn == "" {
		s, err := newServer()
		if err != nil {
			return err
		}
		shared.server, dsn = s, s.dsn()
	}
	config, err := mysql.ParseDSN(dsn)
	if err != nil {
		return errors.New("SCIMKIT_MARIADB is no DSN like user:password@tcp(host:3306)/")
	}
	db, err := connect(config)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := db.PingContext(ctx); err != nil {
		return errors.Join(fmt.Errorf("the server of SCIMKIT_MARIADB: %w", err), db.Close())
	}
	shared.admin, shared.config = db, config
	return nil
}

func connect(config *mysql.Config) (*sql.DB, error) {
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}

// create makes a database on a server, and opens it.
func create(t testing.TB, admin *sql.DB, server *mysql.Config) *sql.DB {
	t.Helper()
	config := server.Clone()
	config.DBName = "scimkit_test_" + strings.ToLower(rand.Text()[:16])
	_, err := admin.ExecContext(t.Context(), "CREATE DATABASE "+config.DBName+" CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
	if err != nil {
		t.Fatalf("mariatest: %v", err)
	}
	t.Cleanup(func() {
		if _, err := admin.Exec("DROP DATABASE " + config.DBName); err != nil {
			t.Errorf("mariatest: %v", err)
		}
	})
	db, err := connect(config)
	if err != nil {
		t.Fatalf("mariatest: %v", err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}
