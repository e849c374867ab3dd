package tables

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/scimkit/scimkit/internal/sqltest/spy"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// TestRequestsWithoutDatabase: while the database does not answer, nobody waits
// for the log; when it fails, entries wait until it is there again, and the log
// says so twice.
func TestRequestsWithoutDatabase(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		ctx := t.Context()
		source := e.source(t)
		db, seen := spy.Open(t, e.driver, source)
		s, err := sqlstore.Open(ctx, db, e.dialect, sqlstore.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var text bytes.Buffer
		l := s.RequestLog(sqlstore.RequestLogOptions{Interval: time.Millisecond, Logger: slog.New(slog.NewTextHandler(&text, nil))})
		stuck, let := make(chan struct{}, 1), make(chan struct{})
		seen.Fail(func(statement string) error {
			if !strings.Contains(statement, "BEGIN") {
				return nil
			}
			stuck <- struct{}{}
			<-let
			seen.Fail(nil, nil)
			return errors.New("disk I/O error")
		}, nil)
		l.Add(ctx, request("acme", true, 0))
		<-stuck
		for n := range 100_000 { // none of which waits
			l.Add(ctx, request(fmt.Sprint("t", n), true, n))
		}
		if l.Dropped() < 90_000 {
			t.Errorf("%d dropped, want those for which there is no room", l.Dropped())
		}
		soon, cancel := context.WithTimeout(ctx, time.Millisecond)
		defer cancel()
		if _, err := l.Recent(soon, "acme", 1); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Recent = %v, want that it does not wait for long", err)
		}
		close(let)
		if err := l.Close(ctx); err != nil {
			t.Error(err)
		}
		_, other := e.opened(t, source)
		if list := recent(t, logOf(t, other, 0), "acme", 10); len(list) != 1 {
			t.Errorf("%d entries, want the one that waited", len(list))
		}
		l.Add(ctx, request("acme", true, 1))
		if err := l.Close(ctx); err != nil || l.Dropped() < 90_001 {
			t.Errorf("after Close: %v, %d dropped", err, l.Dropped())
		}
		if got := text.String(); strings.Count(got, "level=ERROR") != 1 || !strings.Contains(got, "cannot be written") {
			t.Errorf("the log is told %q", got)
		}
	})
}

// TestRequestsBadBatch: a batch that the database does not take is given up.
func TestRequestsBadBatch(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		db, s := e.opened(t, e.source(t))
		l := logOf(t, s, 0)
		l.Add(t.Context(), request("acme", true, 0))
		if _, err := db.Exec(`DROP TABLE scim_requests`); err != nil {
			t.Fatal(err)
		}
		if _, err := l.Recent(t.Context(), "acme", 1); err == nil {
			t.Error("a table that is gone: no error")
		}
		if l.Dropped() != 1 {
			t.Errorf("%d dropped, want 1", l.Dropped())
		}
	})
}

// TestRequestsAreWritten: nobody needs to ask.
func TestRequestsAreWritten(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		db, s := e.opened(t, e.source(t))
		l := s.RequestLog(sqlstore.RequestLogOptions{Interval: time.Millisecond})
		for n := range 3 {
			l.Add(t.Context(), request("acme", true, n))
			for rows := -1; rows != n+1; {
				if err := db.QueryRow(`SELECT count(*) FROM scim_requests`).Scan(&rows); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := l.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
