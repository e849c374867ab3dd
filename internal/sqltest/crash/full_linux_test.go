package crash

import (
	"errors"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/scimkit/scimkit/internal/sqltest/pgtest"
	"github.com/scimkit/scimkit/internal/sqltest/rig"
)

// small mounts a disk that is soon full, where any user comes in.
func small(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "full")
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=24m,mode=0777"); err != nil {
		os.Remove(dir)
		if os.Getenv("CI") == "" {
			t.Skipf("SKIPPED, NOT TESTED: no small disk can be mounted (root is needed): %v", err)
		}
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(syscall.Unmount(dir, syscall.MNT_DETACH), os.Remove(dir)); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fill takes all room on a disk, and gives what gives it back.
func fill(t *testing.T, dir string) (free func()) {
	t.Helper()
	name := filepath.Join(dir, "filler")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for size := 1 << 20; size > 0; {
		if _, err := f.Write(make([]byte, size)); err != nil {
			size /= 2
		}
	}
	return func() {
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
}

// TestDiskFull: there is no room on the disk. What is there is read, each write
// that needs room is refused and leaves nothing, and when there is room again,
// all works.
func TestDiskFull(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) {
		dir := small(t)
		diskFull(t, rig.SQLite(filepath.Join(dir, "test.db"), "FULL"), dir)
	})
	t.Run("PostgreSQL", func(t *testing.T) { onSmall(t, diskFull) })
}

// TestDiskFullMapped: the same, with the tables of an application.
func TestDiskFullMapped(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) {
		dir := small(t)
		diskFull(t, rig.SQLite(filepath.Join(dir, "test.db"), "FULL").On(t), dir)
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		onSmall(t, func(t *testing.T, d rig.Database, dir string) {
			d = d.On(t)
			n := serve(t, d, rig.Config{})
			f := newCrowded(t, n)
			fullMapped(t, d, n, f, fill(t, dir))
		})
	})
}

// onSmall runs a test on a PostgreSQL whose tables are on a small disk.
func onSmall(t *testing.T, test func(t *testing.T, d rig.Database, dir string)) {
	t.Helper()
	dir := small(t)
	s := pgtest.Start(t)
	d := rig.PostgreSQL(s.URL())
	own(t, dir)
	for _, query := range []string{`CREATE TABLESPACE small LOCATION '` + dir + `'`, `ALTER DATABASE postgres SET default_tablespace = small`} {
		if _, err := d.Pool(t).Exec(query); err != nil {
			t.Fatal(err)
		}
	}
	test(t, d, dir)
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
}

// own gives a folder to the user that PostgreSQL runs as under root.
func own(t *testing.T, dir string) {
	t.Helper()
	u, err := user.Lookup("postgres")
	if err != nil {
		t.Fatal(err) // whom the server runs as
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	if err := os.Chown(dir, uid, gid); err != nil {
		t.Fatal(err)
	}
}

func diskFull(t *testing.T, d rig.Database, dir string) {
	t.Helper()
	p := newPatient(t, serve(t, d, rig.Config{}))
	free := fill(t, dir)
	stored := 0
	var refusal rig.Answer
	// There is room in pages that are there.
	for stored = range 2000 {
		name := "u" + strconv.Itoa(stored)
		if refusal = p.Post("/Users", rig.User(name, name)); !refusal.OK() {
			break
		}
	}
	refused(t, map[string]rig.Answer{"POST": refusal})
	answered(t, p.reads())
	users, err := p.All("/Users")
	if err != nil || len(users) != stored+1 {
		t.Errorf("%d users of %d, %v", len(users), stored+1, err)
	}
	free()
	if err := rig.Check(t.Context(), p.DB, d); err != nil {
		t.Error(err)
	}
	answered(t, p.writes())
}
