package pgtest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/scimkit/scimkit/internal/sqltest/daemon"
)

// tools are the programs of PostgreSQL on this machine.
type tools struct {
	initdb, postgres string
	version          int // 15
	account          *daemon.Account
}

var versionNumber = regexp.MustCompile(`\d+`)

// debian is where Debian and its kind have them, in no PATH.
var debian = "/usr/lib/postgresql/*/bin/postgres"

// findTools looks in PATH, and where Debian has them.
func findTools() (t tools, err error) {
	t.postgres, err = exec.LookPath("postgres")
	if err == nil {
		t.postgres, err = filepath.EvalSymlinks(t.postgres)
	}
	if err != nil {
		t.postgres = newest(debian)
	}
	t.initdb = filepath.Join(filepath.Dir(t.postgres), "initdb")
	if _, err := os.Stat(t.initdb); t.postgres == "" || err != nil {
		return t, fmt.Errorf("%w: PostgreSQL (Debian: apt install postgresql); "+elsewhere, daemon.ErrAbsent)
	}
	out, err := exec.Command(t.postgres, "--version").Output()
	if err != nil {
		return t, fmt.Errorf("%s --version: %w", t.postgres, err)
	}
	t.version, _ = strconv.Atoi(versionNumber.FindString(string(out)))
	if t.account, err = daemon.AccountOf("postgres"); err != nil {
		err = fmt.Errorf("%w; "+elsewhere, err)
	}
	return t, err
}

const elsewhere = "SCIMKIT_POSTGRES=<url> names a PostgreSQL elsewhere"

// newest is the match with the highest version, "" for none.
func newest(pattern string) (found string) {
	best := -1
	names, _ := filepath.Glob(pattern) // the pattern is right
	for _, name := range names {
		n, _ := strconv.Atoi(strings.Split(name, "/")[4])
		if n > best {
			found, best = name, n
		}
	}
	return found
}
