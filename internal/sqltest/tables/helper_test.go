package tables

import (
	"context"
	"database/sql"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/internal/sqltest/pgtest"
	"github.com/scimkit/scimkit/store/sqlstore"
	_ "modernc.org/sqlite"
)

// nodes are what processes of their own do, by name, with the arguments that
// they get.
var nodes = map[string]func(args []string) error{}

// TestMain runs the tests, or in a process of its own what a test asks for.
func TestMain(m *testing.M) {
	args := strings.Split(os.Getenv("SQLTEST_NODE"), "\x1f")
	do := nodes[args[0]]
	if do == nil {
		pgtest.Main(m)
		return
	}
	if err := do(args[1:]); err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
	os.Exit(0)
}

// node is a process of its own that runs nodes[name].
func node(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "SQLTEST_NODE="+strings.Join(append([]string{name}, args...), "\x1f"))
	return cmd
}

// engine is a database that the tests run on.
type engine struct {
	name    string
	dialect sqlstore.Dialect
	driver  string
	source  func(t testing.TB) string // of an empty database
}

var engines = []engine{
	{"SQLite", sqlstore.SQLite, "sqlite", func(t testing.TB) string {
		return "file:" + strings.ReplaceAll(filepath.Join(t.TempDir(), "test.db"), "#", "%23")
	}},
	{"PostgreSQL", sqlstore.PostgreSQL, "pgx", pgtest.URL},
}

// memory is a database that one connection is.
var memory = engine{"SQLite in memory", sqlstore.SQLite, "sqlite", func(testing.TB) string { return "file::memory:" }}

// serializable is PostgreSQL with the isolation that other databases of its kind
// have, where whoever loses begins again.
var serializable = engine{"PostgreSQL, serializable", sqlstore.PostgreSQL, "pgx", func(t testing.TB) string {
	return with(t, pgtest.URL(t), "default_transaction_isolation", "serializable")
}}

// with adds a setting to the URL of a database.
func with(t testing.TB, source, name, value string) string {
	t.Helper()
	u, err := url.Parse(source)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set(name, value)
	u.RawQuery = q.Encode()
	return u.String()
}

func engineOf(name string) engine {
	for _, e := range engines {
		if e.name == name {
			return e
		}
	}
	panic("no engine " + name)
}

// pool opens a database once more.
func (e engine) pool(source string) (*sql.DB, error) {
	db, err := sql.Open(e.driver, source)
	if err == nil && e.name == memory.name {
		db.SetMaxOpenConns(1)
	}
	return db, err
}

// open opens a pool and a store on it.
func (e engine) open(ctx context.Context, source string, o sqlstore.Options) (*sql.DB, *sqlstore.Store, error) {
	db, err := e.pool(source)
	if err != nil {
		return nil, nil, err
	}
	s, err := sqlstore.Open(ctx, db, e.dialect, o)
	if err != nil {
		db.Close()
	}
	return db, s, err
}

// opened is open for a test, which closes the pool when it ends.
func (e engine) opened(t testing.TB, source string) (*sql.DB, *sqlstore.Store) {
	t.Helper()
	db, s, err := e.open(t.Context(), source, sqlstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db, s
}

// each runs a test on each engine.
func each(t *testing.T, run func(t *testing.T, e engine)) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) { run(t, e) })
	}
}
