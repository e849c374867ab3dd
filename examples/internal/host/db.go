package host

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/scimkit/scimkit/scim"
)

// A DB is a SQLite database. Whoever writes waits in a queue in this process
// for the one connection that writes, rather than polling for SQLite's lock;
// whoever reads does not wait at all.
type DB struct{ read, write *sql.DB }

// options: WAL lets readers go on while one writes, FULL loses no commit in a
// power cut, IMMEDIATE takes the lock before what is to be changed is read, and
// the timeout is for other processes. modernc sets the timeout first.
const options = "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_txlock=immediate"

var escape = strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23")

// Open opens a file, or with the name "memory" a database that is gone when it
// is closed. The statements of each script must be such that they can run again:
// a process may have been killed at any point.
func Open(ctx context.Context, name string, scripts ...string) (*DB, error) {
	if strings.Contains(name, "://") || name == "" {
		return nil, fmt.Errorf("-db %q: only memory and files are there", name)
	}
	db, err := open(name)
	if err != nil {
		return nil, err
	}
	err = db.Write(ctx, func(tx *sql.Tx) error {
		for _, s := range scripts {
			if _, err := tx.ExecContext(ctx, s); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("-db %q: %w", name, err), db.Close())
	}
	return db, nil
}

func open(name string) (*DB, error) {
	if name == "memory" {
		// One connection is the database.
		db, err := sql.Open("sqlite", "file::memory:"+options)
		if err != nil {
			return nil, err
		}
		db.SetMaxOpenConns(1)
		return &DB{db, db}, nil
	}
	source := "file:" + escape.Replace(name) + options
	write, err := sql.Open("sqlite", source)
	if err != nil {
		return nil, err
	}
	write.SetMaxOpenConns(1)
	read, err := sql.Open("sqlite", source)
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	return &DB{read, write}, nil
}

// Close closes the database.
func (d *DB) Close() error {
	if d.read == d.write {
		return d.write.Close()
	}
	return errors.Join(d.read.Close(), d.write.Close())
}

// Read runs do, which sees one state of the database.
func (d *DB) Read(ctx context.Context, do func(tx *sql.Tx) error) error {
	return transact(ctx, d.read, &sql.TxOptions{ReadOnly: true}, do)
}

// Write runs do, all of which is stored, or nothing. While it runs, nobody else
// writes.
func (d *DB) Write(ctx context.Context, do func(tx *sql.Tx) error) error {
	return transact(ctx, d.write, nil, do)
}

func transact(ctx context.Context, db *sql.DB, o *sql.TxOptions, do func(tx *sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, o)
	if err != nil {
		return cause(ctx, err)
	}
	defer tx.Rollback() // does nothing after Commit
	if err := do(tx); err != nil {
		return cause(ctx, err)
	}
	return cause(ctx, tx.Commit())
}

// cause makes of what a transaction says that a context has ended, and of what
// SQLite says when another process keeps it busy, what scim understands.
func cause(ctx context.Context, err error) error {
	var e *sqlite.Error
	switch {
	case errors.Is(err, sql.ErrTxDone) && ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_BUSY:
		return errors.Join(scim.ErrUnavailable, err)
	}
	return err
}

// IsUnique tells whether err is that of a unique index.
func IsUnique(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE
}

// Rows runs a query and calls each for every row.
func Rows(ctx context.Context, tx *sql.Tx, each func(scan func(...any) error) error, query string, args ...any) error {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
