//go:build unix

package mariatest

import (
	"testing"

	"github.com/scimkit/scimkit/internal/sqltest/daemon"
	"github.com/scimkit/scimkit/internal/sqltest/daemon/daemontest"
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
	err := Open(t).QueryRow(`SELECT count(*) FROM information_schema.schemata WHERE schema_name IN (?, ?)`, names[0], names[1]).Scan(&left)
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
	daemontest.Gone(t, s.Daemon)
}

func TestAbsent(t *testing.T) {
	daemontest.Absent(t, "SCIMKIT_MARIADB", "mysql://nobody", "nobody@tcp(127.0.0.1:1)/", func(t *testing.T) {
		program = program[:1]
		Open(t)
	})
}
