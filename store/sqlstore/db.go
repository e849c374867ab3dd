package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/scimkit/scimkit/scim"
)

// database runs statements and transactions.
type database struct {
	*sql.DB
	dialect sqlOf
	// writer is held by the transaction that writes, in SQLite, which has
	// one writer at a time: waiting here is fair and ends with the context.
	writer chan struct{}
	// prepared has the statements that stay prepared, SQLite's only.
	prepared preparedStatements
}

func newDatabase(db *sql.DB, d Dialect) *database {
	return &database{DB: db, dialect: sqlOf{d}, writer: make(chan struct{}, 1)}
}

// session is what database/sql has in common between a pool, a connection and a
// transaction.
type session interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// runner is what statements run on: the database or a transaction.
type runner interface {
	session
	query(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	row(ctx context.Context, query string, args ...any) *sql.Row
	exec(ctx context.Context, query string, args ...any) (int64, error)
}

// statements runs statements written with question marks.
type statements struct {
	session
	dialect Dialect
}

func (s statements) query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return s.QueryContext(ctx, bind(s.dialect, query), args...)
}

func (s statements) row(ctx context.Context, query string, args ...any) *sql.Row {
	return s.QueryRowContext(ctx, bind(s.dialect, query), args...)
}

// exec gives the number of rows that the statement changed.
func (s statements) exec(ctx context.Context, query string, args ...any) (int64, error) {
	res, err := s.ExecContext(ctx, bind(s.dialect, query), args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// reader runs single statements, each on its own.
func (d *database) reader() statements { return statements{d.pool(), d.dialect.Dialect} }

// pool is what runs statements outside of transactions.
func (d *database) pool() session {
	if d.dialect.Dialect == SQLite {
		return preparing{d.DB, &d.prepared}
	}
	return d.DB
}

// How often and for how long a transaction is tried again.
const (
	attempts    = 20
	firstPause  = 2 * time.Millisecond
	longestWait = 200 * time.Millisecond
)

// outcome is what became of a transaction whose COMMIT had no answer.
type outcome uint8

const (
	unknown outcome = iota
	applied
	notApplied
)

// write runs f in a transaction: again, if it lost against another one, so that
// f must not keep anything from a run that failed. landed finds out on a fresh
// connection what became of a transaction whose COMMIT had no answer; nil if
// doing it twice is as good as doing it once.
func (d *database) write(ctx context.Context, f func(tx runner) error, landed func(ctx context.Context) (outcome, error)) error {
	return d.again(ctx, d.once, f, landed)
}

// writeAlone is write where f changes things with one statement, its last, which
// is its own transaction.
func (d *database) writeAlone(ctx context.Context, f func(on runner) error, landed func(ctx context.Context) (outcome, error)) error {
	return d.again(ctx, d.onceAlone, f, landed)
}

func (d *database) again(ctx context.Context, once func(context.Context, func(runner) error) (err error, lost bool),
	f func(runner) error, landed func(ctx context.Context) (outcome, error)) error {
	pause, unsure := firstPause, false
	for try := 1; ; try++ {
		err, lost := once(ctx, f)
		var own final
		switch {
		case err == nil:
			return nil
		case errors.As(err, &own):
			return own.error
		}
		if lost {
			switch d.find(ctx, landed) {
			case applied:
				return nil
			case unknown:
				return unavailable(fmt.Errorf("sqlstore: the outcome of a COMMIT is unknown: %w", err))
			}
			unsure = true
		} else if !retryable(err) {
			// What is in the way may be what the lost one has written.
			if unsure && d.find(ctx, landed) == applied {
				return nil
			}
			return failure(err)
		}
		if try == attempts || !sleep(ctx, pause/2+rand.N(pause)) {
			return unavailable(err)
		}
		pause = min(2*pause, longestWait)
	}
}

// find asks landed for a while.
func (d *database) find(ctx context.Context, landed func(ctx context.Context) (outcome, error)) outcome {
	if landed == nil {
		return notApplied
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	for pause := firstPause; ; pause = min(2*pause, longestWait) {
		if o, err := landed(ctx); err == nil {
			return o
		}
		if !sleep(ctx, pause) {
			return unknown
		}
	}
}

// once runs f in one transaction. lost says that COMMIT had no answer.
func (d *database) once(ctx context.Context, f func(tx runner) error) (err error, lost bool) {
	if d.dialect.Dialect == SQLite {
		return d.onceSQLite(ctx, f)
	}
	tx, err := d.BeginTx(ctx, nil)
	if err != nil {
		return err, false
	}
	defer tx.Rollback()
	if err := f(statements{tx, d.dialect.Dialect}); err != nil {
		return err, false
	}
	err = tx.Commit()
	return err, err != nil && !answered(err)
}

// onceAlone runs f outside of a transaction. lost says that its last statement,
// which was sent, had no answer.
func (d *database) onceAlone(ctx context.Context, f func(on runner) error) (err error, lost bool) {
	conn, err := d.Conn(ctx)
	if err != nil {
		return err, false
	}
	defer conn.Close()
	err = f(statements{conn, d.dialect.Dialect})
	var refused *scim.Error
	var own final
	known := answered(err) || errors.As(err, &refused) || errors.As(err, &own) || errors.Is(err, errAgain) || errors.Is(err, driver.ErrBadConn)
	return err, err != nil && !known
}

// onceSQLite begins by taking the right to write: a transaction that begins as
// a reader, as those of database/sql do, fails when it comes to write after
// another one.
func (d *database) onceSQLite(ctx context.Context, f func(tx runner) error) (err error, lost bool) {
	select {
	case d.writer <- struct{}{}:
		defer func() { <-d.writer }()
	case <-ctx.Done():
		return ctx.Err(), false
	}
	p := prepared{known: &d.prepared}
	defer func() {
		for _, text := range p.missed {
			d.prepared.add(ctx, d.DB, text)
		}
	}()
	conn, err := d.Conn(ctx)
	if err != nil {
		return err, false
	}
	defer conn.Close()
	wait := patience(ctx)
	if _, err := conn.ExecContext(ctx, "PRAGMA foreign_keys = ON; PRAGMA busy_timeout = "+strconv.FormatInt(wait.Milliseconds(), 10)); err != nil {
		return err, false
	}
	if wait < longestBusy {
		defer conn.ExecContext(context.Background(), "PRAGMA busy_timeout = "+strconv.FormatInt(longestBusy.Milliseconds(), 10))
	}
	// Once begun, COMMIT is not left for want of a client.
	if p.Tx, err = conn.BeginTx(context.WithoutCancel(ctx), nil); err != nil {
		return err, false
	}
	done := false
	defer func() {
		if !done {
			p.Rollback()
			rollback(conn)
		}
	}()
	if _, err = p.Tx.ExecContext(ctx, "COMMIT; BEGIN IMMEDIATE"); err == nil {
		err = f(statements{&p, SQLite})
	}
	if err == nil {
		err = p.Commit()
		done = err == nil
	}
	return err, false // SQLite always answers
}

// longestBusy is how long SQLite waits for another process.
const longestBusy = 5 * time.Second

// patience is how long SQLite is to wait, which does not look at ctx meanwhile.
func patience(ctx context.Context) time.Duration {
	if end, ok := ctx.Deadline(); ok {
		return min(longestBusy, max(time.Until(end), time.Millisecond))
	}
	return longestBusy
}

// rollback ends a transaction, or else the connection.
func rollback(conn *sql.Conn) {
	if _, err := conn.ExecContext(context.Background(), "ROLLBACK"); err != nil && !noTransaction(err) {
		conn.Raw(func(any) error { return driver.ErrBadConn })
	}
}

// sleep waits, and tells whether there is time left.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// unavailable makes err a 503 that keeps err for the log.
func unavailable(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return fmt.Errorf("%w: %w", scim.ErrUnavailable, err)
}
