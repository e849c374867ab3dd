package sqlstore

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"reflect"
	"strings"

	"github.com/scimkit/scimkit/scim"
)

// state gives the SQLSTATE of an error of PostgreSQL, "" of another one. Its
// drivers have this method in common.
func state(err error) string {
	var e interface{ SQLState() string }
	if errors.As(err, &e) {
		return e.SQLState()
	}
	return ""
}

// routine gives the function of PostgreSQL that an error is from, which is the same in
// all languages. Its drivers have this field in common.
func routine(err error) string {
	var e interface{ SQLState() string }
	if !errors.As(err, &e) {
		return ""
	}
	v := reflect.Indirect(reflect.ValueOf(e))
	if v.Kind() != reflect.Struct {
		return ""
	}
	if f := v.FieldByName("Routine"); f.IsValid() && f.Kind() == reflect.String {
		return f.String()
	}
	return ""
}

// answered tells whether the database itself said err, so that a transaction
// has ended without effect.
func answered(err error) bool {
	s := state(err)
	return s != "" && !connection(s)
}

// connection tells whether a SQLSTATE says that the server goes away (class 57P,
// 08), in which case the state of a COMMIT is not known.
func connection(s string) bool {
	return strings.HasPrefix(s, "08") || strings.HasPrefix(s, "57P") || s == "40003"
}

// says tells whether the text of err has one of some phrases. SQLite's drivers
// have nothing else in common.
func says(err error, phrases ...string) bool {
	text := err.Error()
	for _, p := range phrases {
		if strings.Contains(text, p) {
			return true
		}
	}
	return false
}

// final is an error that the database did not make: it is not looked into.
type final struct{ error }

func (e final) Unwrap() error { return e.error }

// retryable tells whether a transaction that failed with err, and had no effect,
// may succeed when it runs again.
func retryable(err error) bool {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	if errors.Is(err, scim.ErrUnavailable) { // it was tried for long enough
		return false
	}
	if errors.Is(err, errAgain) || errors.Is(err, driver.ErrBadConn) {
		return true
	}
	switch s := state(err); s {
	case "40001", "40P01": // serialization failure, deadlock
		return true
	case "0A000": // a prepared statement, of whose result ALTER TABLE has changed a type, or what no attempt changes
		return routine(err) == "RevalidateCachedQuery" || says(err, "cached plan must not change result type")
	case "":
		return says(err, "SQLITE_BUSY", "database is locked", "database table is locked", "SQLITE_LOCKED")
	}
	return false
}

// errAgain makes a transaction run again.
var errAgain = errors.New("sqlstore: lost against another transaction")

// duplicate tells whether err says that a unique index, or one of EXCLUDE, has
// the key already.
func duplicate(err error) bool {
	return state(err) == "23505" || state(err) == "23P01" || state(err) == "" && says(err, "UNIQUE constraint failed", "PRIMARY KEY constraint failed")
}

// dangling tells whether err says that a row that is referred to is not there.
func dangling(err error) bool {
	return state(err) == "23503" || state(err) == "" && says(err, "FOREIGN KEY constraint failed")
}

func noTransaction(err error) bool { return says(err, "no transaction is active") }

// failure makes what the database said the error of a handler: 503 if it cannot
// work for now, else err.
func failure(err error) error {
	var e *scim.Error
	if err == nil || errors.As(err, &e) {
		return err
	}
	s := state(err)
	var lost net.Error
	switch {
	case errors.Is(err, driver.ErrBadConn), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &lost):
	case connection(s), strings.HasPrefix(s, "53"), s == "25006", s == "55P03", s == "57014", s == "40001", s == "40P01":
		// 53: out of memory, disk or connections; 25006: read-only; 55P03:
		// lock timeout; 57014: cancelled; 40001, 40P01: a reader
		// that met others.
	case s == "" && says(err, "SQLITE_BUSY", "database is locked", "readonly database", "database or disk is full",
		"disk I/O error", "unable to open database", "connection refused", "failed to connect", "conn closed", "sql: database is closed"):
	default:
		return err
	}
	return unavailable(err)
}

// startError is an error of Open, where no client is answered.
type startError struct{ error }

func (e startError) Error() string {
	return strings.ReplaceAll(e.error.Error(), scim.ErrUnavailable.Error()+": ", "")
}

func (e startError) Unwrap() error { return e.error }
