//go:build unix

package pgtest

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/scimkit/scimkit/internal/sqltest/daemon"
	"github.com/scimkit/scimkit/internal/sqltest/daemon/daemontest"
)

func TestMain(m *testing.M) { Main(m) }

func TestOpen(t *testing.T) {
	var urls [2]string
	for i := range urls {
		t.Run("", func(t *testing.T) {
			urls[i] = URL(t)
			for range 2 { // two pools, one database
				if _, err := open(t, urls[i]).Exec(`CREATE TABLE IF NOT EXISTS t (a int)`); err != nil {
					t.Error(err)
				}
			}
		})
	}
	if urls[0] == urls[1] {
		t.Error("two tests have one database")
	}
	for _, u := range urls {
		if err := open(t, u).Ping(); err == nil {
			t.Errorf("%s is there after its test", u)
		}
	}
}

// TestSortsAsHostsDo: the databases of most hosts do not sort by bytes, so those
// of tests do not either.
func TestSortsAsHostsDo(t *testing.T) {
	var less, bytes bool
	err := Start(t).Open(t).QueryRow(`SELECT 'a' < 'B', 'a' < 'B' COLLATE "C"`).Scan(&less, &bytes)
	if err != nil || !less || bytes {
		t.Errorf("a < B is %t, by bytes %t, %v; want true and false", less, bytes, err)
	}
}

// TestOpenIn: a database in a locale of the C library lowers all letters and sorts
// by bytes.
func TestOpenIn(t *testing.T) {
	var bytes, lowers bool
	var name string
	err := OpenIn(t, CLocale).QueryRow(`SELECT 'B' < 'a', lower('Ä') = 'ä', datcollate FROM pg_database WHERE datname = current_database()`).Scan(&bytes, &lowers, &name)
	if err != nil || !bytes || !lowers || name != CLocale {
		t.Errorf("by bytes %t, all lower %t, in %s, %v", bytes, lowers, name, err)
	}
}

// TestKill9: what was committed before a kill is there after it, and what was
// not committed is not.
func TestKill9(t *testing.T) {
	s := Start(t)
	db := s.Open(t)
	if _, err := db.Exec(`CREATE TABLE t (a int PRIMARY KEY)`); err != nil {
		t.Fatal(err)
	}
	var written atomic.Int64
	for range 3 {
		left := commitUntilKilled(t, s, db, &written)
		if err := s.Restart(); err != nil {
			t.Fatal(err)
		}
		if err := waitGone(left); err != nil {
			t.Error(err)
		}
		var all, uncommitted int64
		err := db.QueryRow(`SELECT count(*) FILTER (WHERE a > 0), count(*) FILTER (WHERE a < 0) FROM t`).Scan(&all, &uncommitted)
		if n := written.Load(); err != nil || all < n || uncommitted != 0 {
			t.Errorf("%d rows of %d that were committed, and %d that were not, %v", all, n, uncommitted, err)
		}
	}
}

// commitUntilKilled commits rows until the server is killed, with one
// transaction open all the time. It gives the processes that were killed.
func commitUntilKilled(t *testing.T, s *Server, db *sql.DB, written *atomic.Int64) []int {
	t.Helper()
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	if _, err := tx.Exec(`INSERT INTO t VALUES (-1)`); err != nil {
		t.Fatal(err)
	}
	enough := make(chan struct{}, 2)
	var wg sync.WaitGroup
	wg.Go(func() {
		defer func() { enough <- struct{}{} }()
		for n := 1; ; n++ {
			if _, err := db.Exec(`INSERT INTO t SELECT coalesce(max(a), 0) + 1 FROM t`); err != nil {
				return
			}
			written.Add(1)
			if n == 20 {
				enough <- struct{}{}
			}
		}
	})
	<-enough
	left := daemon.Children(s.Process.Pid)
	if len(left) < 5 {
		t.Errorf("processes %v: want those of PostgreSQL", left)
	}
	if err := s.Kill9(); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	if err := s.Kill9(); err == nil {
		t.Error("a server that does not run was killed")
	}
	return left
}

// waitGone: a server that starts again has waited until what used the shared
// memory of the old one is gone.
func waitGone(pids []int) error {
	for _, pid := range pids {
		cmd, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		if strings.HasPrefix(string(cmd), "postgres") {
			return fmt.Errorf("%d is still there: %s", pid, cmd)
		}
	}
	return nil
}

func TestStop(t *testing.T) {
	s := Start(t)
	db := s.Open(t)
	if err := db.Ping(); err != nil {
		t.Fatal(err)
	}
	if err := s.Restart(); err == nil {
		t.Error("a server that runs was started")
	}
	if err := errors.Join(s.Stop(), s.Stop()); err != nil {
		t.Fatal(err)
	}
	if err := db.Ping(); err == nil {
		t.Error("a connection to a server that was stopped")
	}
	if err := s.Restart(); err != nil {
		t.Fatal(err)
	}
	if err := db.Ping(); err != nil {
		t.Error(err)
	}
}

// TestNothingStays: neither a process nor a folder is there after the test, also
// when that was killed.
func TestNothingStays(t *testing.T) {
	var s *Server
	t.Run("test", func(t *testing.T) { s = Start(t) })
	daemontest.Gone(t, s.Daemon)
}

func TestAbsent(t *testing.T) {
	daemontest.Absent(t, "SCIMKIT_POSTGRES", "host=/tmp", "postgres://nobody@127.0.0.1:1/x", func(t *testing.T) {
		debian = ""
		URL(t)
	})
}
