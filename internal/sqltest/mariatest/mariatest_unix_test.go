//go:build unix

package mariatest

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/internal/sqltest/daemon"
)

func TestMain(m *testing.M) { daemon.Main(m) }

func TestOpen(t *testing.T) {
	var names [2]string
	for i := range names {
		t.Run("", func(t *testing.T) {
			db := Open(t)
			var alike bool
			if _, err := db.Exec(`CREATE TABLE t (a varchar(9))`); err != nil {
				t.Fatal(err)
			}
			if _, err := db.Exec(`INSERT INTO t VALUES ('a')`); err != nil {
				t.Fatal(err)
			}
			if err := db.QueryRow(`SELECT database(), a = 'Á' FROM t`).Scan(&names[i], &alike); err != nil || !alike {
				t.Errorf("%v, a and Á are alike: %t", err, alike)
			}
		})
	}
	if names[0] == names[1] {
		t.Error("two tests have one database")
	}
	var left int
	err := shared.admin.QueryRow(`SELECT count(*) FROM information_schema.schemata WHERE schema_name IN (?, ?)`, names[0], names[1]).Scan(&left)
	if err != nil || left > 0 {
		t.Errorf("%d databases are there after their tests, %v", left, err)
	}
}

// TestNothingStays: neither a process nor a folder is there when a server is
// gone.
func TestNothingStays(t *testing.T) {
	s, err := newServer()
	daemon.Demand(t, err)
	if err := s.Remove(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(s.Dir); !errors.Is(err, os.ErrNotExist) || s.Process != nil {
		t.Errorf("%s: %v; process %v", s.Dir, err, s.Process)
	}
}

// TestAbsent: without MariaDB a test is skipped on somebody's machine, and fails
// in CI. TestInner is what it runs.
func TestAbsent(t *testing.T) {
	for _, tt := range []struct{ name, ci, dsn, want, never string }{
		{"on a machine", "", "", "--- SKIP: TestInner", "FAIL"},
		{"in CI", "true", "", "--- FAIL: TestInner", "SKIP"},
		{"no DSN", "", "mysql://nobody", "SCIMKIT_MARIADB is no DSN", "SKIP"},
		{"no server", "", "nobody@tcp(127.0.0.1:1)/", "the server of SCIMKIT_MARIADB", "SKIP"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cmd := exec.Command(os.Args[0], "-test.v", "-test.run=^TestInner$")
			cmd.Env = []string{"MARIATEST_INNER=1", "PATH=", "CI=" + tt.ci, "SCIMKIT_MARIADB=" + tt.dsn}
			out, _ := cmd.CombinedOutput()
			if !strings.Contains(string(out), tt.want) || strings.Contains(string(out), tt.never) {
				t.Errorf("want %q and not %q in:\n%s", tt.want, tt.never, out)
			}
		})
	}
}

func TestInner(t *testing.T) {
	if os.Getenv("MARIATEST_INNER") == "" {
		return // TestAbsent runs it
	}
	program = program[:1]
	Open(t)
}
