package host

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // driver "pgx"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// A Tx is a transaction.
type Tx struct {
	*sql.Tx
	dialect sqlstore.Dialect
}

// Each is a table of the strings in a JSON array, see [JSON]; its column is value.
func (tx *Tx) Each(array string) string {
	if tx.dialect == sqlstore.PostgreSQL {
		return "json_array_elements_text(CAST(" + array + " AS json))"
	}
	return "json_each(" + array + ")"
}

// Read runs do, which sees one state of the database.
func (d *DB) Read(ctx context.Context, do func(tx *Tx) error) error {
	o := &sql.TxOptions{ReadOnly: true}
	if d.Dialect == sqlstore.PostgreSQL {
		o.Isolation = sql.LevelRepeatableRead
	}
	return d.transact(ctx, o, do)
}

// Write runs do, all of which is stored, or nothing. While it runs, nobody else
// writes: in SQLite because it is so, and they wait in a queue in this process
// rather than polling for its lock; in PostgreSQL because of a lock of the
// examples' own. That keeps hand-written SQL the same for both; an application
// that many write to locks the rows that it changes.
func (d *DB) Write(ctx context.Context, do func(tx *Tx) error) error {
	if d.Dialect == sqlstore.PostgreSQL {
		return d.transact(ctx, nil, func(tx *Tx) error {
			if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock(7643)`); err != nil {
				return err
			}
			return do(tx)
		})
	}
	select {
	case d.writer <- struct{}{}:
		defer func() { <-d.writer }()
	case <-ctx.Done():
		return ctx.Err()
	}
	return d.transact(ctx, nil, do)
}

func (d *DB) transact(ctx context.Context, o *sql.TxOptions, do func(tx *Tx) error) error {
	tx, err := d.BeginTx(ctx, o)
	if err != nil {
		return cause(ctx, err)
	}
	defer tx.Rollback() // does nothing after Commit
	if err := do(&Tx{tx, d.Dialect}); err != nil {
		return cause(ctx, err)
	}
	return cause(ctx, tx.Commit())
}

// state gives the SQLSTATE of an error of PostgreSQL, "" of another one.
func state(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// cause makes of what a transaction says that a context has ended, and of what
// is said where the database is gone or other processes keep it busy, what scim
// understands.
func cause(ctx context.Context, err error) error {
	var e *sqlite.Error
	var lost net.Error
	var refused *pgconn.ConnectError
	s := state(err)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrTxDone) && ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
	case s == "22021": // what is no text of PostgreSQL is in no row
		return errors.Join(sql.ErrNoRows, scim.ErrNotFound, err)
	case errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_BUSY,
		strings.HasPrefix(s, "08"), strings.HasPrefix(s, "53"), strings.HasPrefix(s, "57P"),
		errors.As(err, &lost), errors.As(err, &refused), errors.Is(err, driver.ErrBadConn), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.Join(scim.ErrUnavailable, err)
	}
	return err
}

// IsUnique tells whether err is that of a unique index.
func IsUnique(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || state(err) == "23505"
}

// Rows runs a query and calls each for every row. There are none where an
// argument is a text with U+0000, which PostgreSQL has not.
func (tx *Tx) Rows(ctx context.Context, each func(scan func(...any) error) error, query string, args ...any) error {
	for _, a := range args {
		if text, ok := a.(string); ok && strings.Contains(text, "\x00") {
			return nil
		}
	}
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
