package bench

import (
	"database/sql"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/internal/sqltest/fill"
	"github.com/scimkit/scimkit/internal/sqltest/pgtest"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"

	_ "modernc.org/sqlite" // driver "sqlite"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// setting gives a number of the environment.
func setting(b testing.TB, name string, otherwise int) int {
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		b.Fatalf("%s: %v", name, err)
	}
	return n
}

// engines are the databases, durable as they should be.
var engines = []struct {
	name    string
	dialect sqlstore.Dialect
	open    func(b testing.TB) *sql.DB
}{
	{"SQLite", sqlstore.SQLite, func(b testing.TB) *sql.DB {
		return pool(b, "sqlite", "file:"+filepath.Join(b.TempDir(), "bench.db")+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(5000)")
	}},
	{"PostgreSQL", sqlstore.PostgreSQL, func(b testing.TB) *sql.DB { return pool(b, "pgx", pgtest.Start(b).URL()) }},
}

func pool(b testing.TB, driver, source string) *sql.DB {
	b.Helper()
	db, err := sql.Open(driver, source)
	if err != nil {
		b.Fatal(err)
	}
	db.SetMaxOpenConns(16)
	db.SetMaxIdleConns(16)
	b.Cleanup(func() { db.Close() })
	return db
}

// A rig is a store on a database.
type rig struct {
	fill.Database
	users, groups *schema.ResourceType
}

// each runs a benchmark on each engine, with a number of users.
func each(b *testing.B, users int, run func(b *testing.B, r *rig)) {
	for _, e := range engines {
		b.Run(e.name, func(b *testing.B) {
			r := &rig{users: schema.UserType(), groups: schema.GroupType()}
			db := e.open(b)
			store, err := sqlstore.Open(b.Context(), db, e.dialect, sqlstore.Options{Types: []*schema.ResourceType{r.users, r.groups}})
			if err != nil {
				b.Fatal(err)
			}
			r.Database = fill.Database{DB: db, Dialect: e.dialect, Store: store}
			if users > 0 {
				r.must(b, r.Users(b.Context(), r.users, users))
				r.must(b, r.Analyze(b.Context()))
			}
			run(b, r)
		})
	}
}

func (r *rig) must(b testing.TB, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// sql writes question marks as the database does.
func (r *rig) sql(text string) string {
	out, n := "", 0
	for _, c := range text {
		if c == '?' && r.Dialect == sqlstore.PostgreSQL {
			n++
			out += r.Dialect.Placeholder(n)
			continue
		}
		out += string(c)
	}
	return out
}

// query asks for the users that a filter finds, for all if it is "".
func (r *rig) query(b testing.TB, text string) scim.Query {
	b.Helper()
	q := scim.Query{StartIndex: 1, Count: 100}
	if text == "" {
		return q
	}
	e, err := filter.Parse(text)
	r.must(b, err)
	q.Filter, err = filter.Bind(e, r.users)
	r.must(b, err)
	return q
}
