package host

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/scimkit/scimkit/store/sqlstore"
)

// A DB is a database, SQLite or PostgreSQL. The SQL of the examples is such that
// both understand it: $1, $2, … for values, and the types TEXT, BIGINT, BOOLEAN
// and BYTEA.
type DB struct {
	*sql.DB
	Dialect sqlstore.Dialect
	writer  chan struct{} // SQLite: held by who writes
}

// options: WAL lets readers go on while one writes, FULL loses no commit in a
// power cut, IMMEDIATE takes the lock before what is to be changed is read, and
// the timeout is for other processes. modernc sets the timeout first.
const options = "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_txlock=immediate"

var escape = strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23")

// Usage is that of the flag -db.
const Usage = "SQLite file, memory, or postgres://user:password@host/database"

// Open opens what the flag -db names: a SQLite file, a postgres:// URL, or with
// "memory" a SQLite database that is gone when it is closed. The statements of
// each script must be such that they can run again: a process may have been
// killed at any point.
func Open(ctx context.Context, name string, scripts ...string) (*DB, error) {
	db, err := open(name)
	if err != nil {
		return nil, err
	}
	err = db.Write(ctx, func(tx *Tx) error {
		for _, s := range scripts {
			if _, err := tx.ExecContext(ctx, s); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("-db: %w", err), db.Close())
	}
	return db, nil
}

func open(name string) (*DB, error) {
	d := &DB{Dialect: sqlstore.SQLite, writer: make(chan struct{}, 1)}
	u, err := url.Parse(name)
	driver, source, conns := "sqlite", "file:"+escape.Replace(name)+options, 8
	switch {
	case err == nil && (u.Scheme == "postgres" || u.Scheme == "postgresql"):
		d.Dialect, driver, source, conns = sqlstore.PostgreSQL, "pgx", name, 20
	case strings.Contains(name, "://") || name == "":
		return nil, errors.New("-db: " + Usage)
	case name == "memory":
		source, conns = "file::memory:"+options, 1 // one connection is the database
	}
	if d.DB, err = sql.Open(driver, source); err != nil {
		return nil, fmt.Errorf("-db: %w", err)
	}
	d.SetMaxOpenConns(conns)
	d.SetMaxIdleConns(conns)
	return d, nil
}
