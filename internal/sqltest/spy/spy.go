// Package spy opens databases and tells which statements reach them, or has
// them fail.
package spy

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"slices"
	"sync"
	"testing"
)

// A Spy sees the statements of a pool, and "BEGIN", "COMMIT" and "ROLLBACK" of
// its transactions.
type Spy struct {
	mu     sync.Mutex
	calls  []Call
	before func(statement string) error
	after  func(statement string) error
}

// A Call is a statement with its arguments.
type Call struct {
	Text string
	Args []any
}

// Open opens a database with a driver, "pgx" or "sqlite". It is closed when the
// test ends.
func Open(t testing.TB, name, source string) (*sql.DB, *Spy) {
	t.Helper()
	db, err := sql.Open(name, source)
	if err != nil {
		t.Fatal(err)
	}
	s := &Spy{}
	spied := sql.OpenDB(&connector{db.Driver(), source, s})
	t.Cleanup(func() { spied.Close(); db.Close() })
	return spied, s
}

// Statements gives the statements since the last call.
func (s *Spy) Statements() []string {
	var list []string
	for _, c := range s.Calls() {
		list = append(list, c.Text)
	}
	return list
}

// Calls is Statements with their arguments.
func (s *Spy) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.calls
	s.calls = nil
	return list
}

// Fail has a statement fail with the error that before gives, and one that has
// run seem to with the one that after gives. Either may be nil.
func (s *Spy) Fail(before, after func(statement string) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before, s.after = before, after
}

// run runs a statement.
func (s *Spy) run(statement string, args []driver.NamedValue, do func() error) error {
	call := Call{Text: statement}
	for _, a := range args {
		call.Args = append(call.Args, a.Value)
	}
	s.mu.Lock()
	s.calls = append(s.calls, call)
	hooks := []func(string) error{s.before, s.after}
	s.mu.Unlock()
	for i, step := range []func() error{do, func() error { return nil }} {
		if hooks[i] != nil {
			if err := hooks[i](statement); err != nil {
				return err
			}
		}
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

type connector struct {
	driver driver.Driver
	source string
	spy    *Spy
}

func (c *connector) Driver() driver.Driver { return c.driver }

func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	var in driver.Conn
	var err error
	if d, ok := c.driver.(driver.DriverContext); ok {
		var inner driver.Connector
		if inner, err = d.OpenConnector(c.source); err == nil {
			in, err = inner.Connect(ctx)
		}
	} else {
		in, err = c.driver.Open(c.source)
	}
	if err != nil {
		return nil, err
	}
	return &conn{in, c.spy}, nil
}

// conn is a connection of a driver that can do what both of ours can.
type conn struct {
	driver.Conn
	spy *Spy
}

func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (res driver.Result, err error) {
	err = c.spy.run(query, args, func() error {
		res, err = c.Conn.(driver.ExecerContext).ExecContext(ctx, query, args)
		return err
	})
	return res, err
}

func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (rows driver.Rows, err error) {
	err = c.spy.run(query, args, func() error {
		rows, err = c.Conn.(driver.QueryerContext).QueryContext(ctx, query, args)
		return err
	})
	return rows, err
}

func (c *conn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	var in driver.Tx
	err := c.spy.run("BEGIN", nil, func() (err error) {
		in, err = c.Conn.(driver.ConnBeginTx).BeginTx(ctx, o)
		return err
	})
	return &tx{in, c.spy}, err
}

// PrepareContext prepares a statement, which the spy sees when it runs.
func (c *conn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	in, err := c.Conn.(driver.ConnPrepareContext).PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	return &stmt{in, query, c.spy}, nil
}

// stmt is a prepared statement of a driver that can do what both of ours can.
type stmt struct {
	driver.Stmt
	text string
	spy  *Spy
}

func (s *stmt) ExecContext(ctx context.Context, args []driver.NamedValue) (res driver.Result, err error) {
	err = s.spy.run(s.text, args, func() error {
		res, err = s.Stmt.(driver.StmtExecContext).ExecContext(ctx, args)
		return err
	})
	return res, err
}

func (s *stmt) QueryContext(ctx context.Context, args []driver.NamedValue) (rows driver.Rows, err error) {
	err = s.spy.run(s.text, args, func() error {
		rows, err = s.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
		return err
	})
	return rows, err
}

func (c *conn) ResetSession(ctx context.Context) error {
	if r, ok := c.Conn.(driver.SessionResetter); ok {
		return r.ResetSession(ctx)
	}
	return nil
}

func (c *conn) IsValid() bool {
	v, ok := c.Conn.(driver.Validator)
	return !ok || v.IsValid()
}

func (c *conn) CheckNamedValue(v *driver.NamedValue) error {
	if n, ok := c.Conn.(driver.NamedValueChecker); ok {
		return n.CheckNamedValue(v)
	}
	return driver.ErrSkip
}

type tx struct {
	driver.Tx
	spy *Spy
}

func (t *tx) Commit() error   { return t.spy.run("COMMIT", nil, t.Tx.Commit) }
func (t *tx) Rollback() error { return t.spy.run("ROLLBACK", nil, t.Tx.Rollback) }

// Count tells how many statements there are that are none of some.
func Count(statements []string, but ...string) int {
	return len(slices.DeleteFunc(slices.Clone(statements), func(s string) bool { return slices.Contains(but, s) }))
}
