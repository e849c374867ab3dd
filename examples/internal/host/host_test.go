package host

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/scimkit/scimkit/examples/internal/exampletest"
	"github.com/scimkit/scimkit/scim"
)

func opened(t *testing.T, name string, scripts ...string) *DB {
	t.Helper()
	db, err := Open(t.Context(), name, scripts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// TestOpenAgain: whatever there is of the tables, opening makes the rest, also
// when several processes begin at once.
func TestOpenAgain(t *testing.T) {
	name := exampletest.DB(t, filepath.Join(t.TempDir(), "a ?#%41.db"))
	const half, other = `CREATE TABLE IF NOT EXISTS a (x TEXT);`, `CREATE TABLE IF NOT EXISTS b (x TEXT);`
	opened(t, name, half)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			db, err := Open(t.Context(), name, half, other)
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := db.Exec(`INSERT INTO b SELECT x FROM a`); err != nil {
				t.Error(err)
			}
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestOpenRefuses(t *testing.T) {
	for _, name := range []string{"", "mysql://localhost/x", "postgres://localhost:1/x", filepath.Join(t.TempDir(), "no", "such", "folder")} {
		if db, err := Open(t.Context(), name); err == nil {
			t.Errorf("Open(%q) = nil, want an error", name)
			db.Close()
		}
	}
	if db, err := Open(t.Context(), "memory", "CREATE NONSENSE"); err == nil {
		t.Error("a script that is no SQL: no error")
		db.Close()
	}
}

// TestSettings: what the promise to keep what was stored rests on.
func TestSettings(t *testing.T) {
	db := opened(t, filepath.Join(t.TempDir(), "x.db"))
	for range 2 { // two connections
		conn, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		var got string
		err = conn.QueryRowContext(t.Context(), `SELECT (SELECT journal_mode FROM pragma_journal_mode) || ' ' || (SELECT synchronous FROM pragma_synchronous)
			|| ' ' || (SELECT foreign_keys FROM pragma_foreign_keys) || ' ' || (SELECT timeout FROM pragma_busy_timeout)`).Scan(&got)
		if err != nil || got != "wal 2 1 10000" {
			t.Errorf("settings %q, %v", got, err)
		}
	}
}

func TestWrite(t *testing.T) {
	db := opened(t, "memory", `CREATE TABLE t (x TEXT NOT NULL UNIQUE) STRICT`)
	insert := func(ctx context.Context, after error) error {
		return db.Write(ctx, func(tx *Tx) error {
			_, err := tx.Exec(`INSERT INTO t VALUES ('x')`)
			return errors.Join(err, after)
		})
	}
	count := func() (n int) {
		err := db.Read(t.Context(), func(tx *Tx) error { return tx.QueryRow(`SELECT count(*) FROM t`).Scan(&n) })
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	why := errors.New("why")
	if err := insert(t.Context(), why); !errors.Is(err, why) || count() != 0 {
		t.Errorf("a function that fails: %v, and %d rows", err, count())
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := insert(over, nil); !errors.Is(err, context.Canceled) || count() != 0 {
		t.Errorf("a context that is over: %v, and %d rows", err, count())
	}
	func() {
		defer func() { recover() }()
		db.Write(t.Context(), func(tx *Tx) error {
			tx.Exec(`INSERT INTO t VALUES ('x')`)
			panic("x")
		})
	}()
	if count() != 0 {
		t.Error("a function that panics has stored something")
	}
	if err := insert(t.Context(), nil); err != nil || count() != 1 {
		t.Errorf("%v, and %d rows", err, count())
	}
	if err := insert(t.Context(), nil); !IsUnique(err) || IsUnique(why) || IsUnique(nil) {
		t.Errorf("a value that is there: %v", err)
	}
}

// TestInterrupted: a context that ends while SQLite works gives its own error,
// and the database goes on.
func TestInterrupted(t *testing.T) {
	db := opened(t, "memory", `CREATE TABLE t (x TEXT) STRICT`)
	ctx, cancel := context.WithCancel(t.Context())
	err := db.Read(ctx, func(tx *Tx) error {
		var n int
		time.AfterFunc(50*time.Millisecond, cancel)
		return tx.QueryRowContext(ctx, `WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT max(n) FROM r`).Scan(&n)
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
	if err := db.Write(t.Context(), func(tx *Tx) error { _, err := tx.Exec(`INSERT INTO t VALUES ('x')`); return err }); err != nil {
		t.Error(err)
	}
}

// TestEndedBetween: a context that ends between two statements gives its own
// error, too.
func TestEndedBetween(t *testing.T) {
	db := opened(t, "memory", `CREATE TABLE t (x TEXT) STRICT`)
	ctx, cancel := context.WithCancel(t.Context())
	err := db.Write(ctx, func(tx *Tx) error {
		cancel()
		for {
			if _, err := tx.Exec(`INSERT INTO t VALUES ('x')`); err != nil {
				return err
			}
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
}

// TestBusy: what another process holds is not available.
func TestBusy(t *testing.T) {
	err := cause(t.Context(), busy(t))
	if !errors.Is(err, scim.ErrUnavailable) {
		t.Errorf("error %v, want %v", err, scim.ErrUnavailable)
	}
}

// busy is SQLite's error.
func busy(t *testing.T) error {
	t.Helper()
	name := "file:" + filepath.Join(t.TempDir(), "x.db") + "?_txlock=immediate"
	var dbs [2]*sql.DB
	for i := range dbs {
		var err error
		if dbs[i], err = sql.Open("sqlite", name); err != nil {
			t.Fatal(err)
		}
		defer dbs[i].Close()
	}
	tx, err := dbs[0].Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	_, err = dbs[1].Begin()
	return err
}

func TestValues(t *testing.T) {
	for _, micro := range []int64{0, 1, 1_700_000_000_123_456} {
		if got := Micro(Time(micro)); got != micro {
			t.Errorf("Micro(Time(%d)) = %d", micro, got)
		}
	}
	if !Time(0).IsZero() {
		t.Error("Time(0) is not the zero time")
	}
	for _, tt := range []struct {
		list []string
		want string
	}{{nil, "[]"}, {[]string{"a", "b\x00"}, `["a"]`}, {[]string{`a"b`, "ü"}, `["a\"b","ü"]`}} {
		if got := JSON(tt.list); got != tt.want {
			t.Errorf("JSON(%q) = %s, want %s", tt.list, got, tt.want)
		}
	}
}

func TestAnnounce(t *testing.T) {
	var b strings.Builder
	if err := Announce(&b, "a", "1", "b", "x=y"); err != nil || b.String() != "a=1\nb=x=y\n\n" {
		t.Errorf("%q, %v", b.String(), err)
	}
	if err := Announce(faulty{}, "a", "1"); err == nil {
		t.Error("a writer that fails: no error")
	}
}

type faulty struct{}

func (faulty) Write([]byte) (int, error) { return 0, fmt.Errorf("no") }

// TestServeEnds: a connection on which nobody asks does not keep the server, nor
// make its end a failure.
func TestServeEnds(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	begun := make(chan struct{})
	done := make(chan error, 1)
	go func() {
		done <- Serve(ctx, l, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			close(begun)
			<-r.Context().Done() // a request that does not end by itself
		}))
	}()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	<-begun
	cancel()
	if err := <-done; err != nil {
		t.Errorf("Serve = %v, want a clean end", err)
	}
}
