package filters

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/filter/sqlfilter"
	"github.com/scimkit/scimkit/internal/sqltest/daemon"
	"github.com/scimkit/scimkit/internal/sqltest/mariatest"
	"github.com/scimkit/scimkit/internal/sqltest/pgtest"

	_ "modernc.org/sqlite" // driver "sqlite"
)

func TestMain(m *testing.M) { daemon.Main(m) }

// engine is a database with the rows of a test.
type engine struct {
	name     string
	dialect  sqlfilter.Dialect
	db       *sql.DB
	rows     []row
	mappings []mapping
	few      bool // filters are enough: only the order of letters is another
}

// mapping is one way to look at the rows. lax scans where the other refuses.
type mapping struct {
	name        string
	strict, lax *sqlfilter.Compiler
}

// engines gives each database to a test of its own, filled with rows.
func engines(t *testing.T, rows []row, test func(*testing.T, *engine)) {
	t.Helper()
	stores(t, rows, test)
	t.Run("MariaDB", func(t *testing.T) { test(t, newEngine(t, "MariaDB", sqlfilter.MySQL, mariatest.Open(t), rows)) })
}

// stores is engines for the databases of sqlstore.
func stores(t *testing.T, rows []row, test func(*testing.T, *engine)) {
	t.Helper()
	t.Run("SQLite", func(t *testing.T) { test(t, newSQLite(t, rows)) })
	t.Run("PostgreSQL", func(t *testing.T) { test(t, newEngine(t, "PostgreSQL", sqlfilter.PostgreSQL, pgtest.Open(t), rows)) })
}

// locales is engines, and a database in which letters have another order.
func locales(t *testing.T, rows []row, test func(*testing.T, *engine)) {
	t.Helper()
	engines(t, rows, test)
	t.Run("PostgreSQL, "+pgtest.CLocale, func(t *testing.T) {
		e := newEngine(t, "PostgreSQL, "+pgtest.CLocale, sqlfilter.PostgreSQL, pgtest.OpenIn(t, pgtest.CLocale), rows)
		e.few = true
		test(t, e)
	})
}

func newSQLite(t testing.TB, rows []row) *engine {
	t.Helper()
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1)
	return newEngine(t, "SQLite", sqlfilter.SQLite, db, rows)
}

func newEngine(t testing.TB, name string, d sqlfilter.Dialect, db *sql.DB, rows []row) *engine {
	t.Helper()
	e := &engine{name: name, dialect: d, db: db, rows: rows}
	for _, table := range tables {
		e.exec(t, e.create(table))
	}
	for _, r := range rows {
		e.insert(t, "gadgets", r.columns)
		for table, children := range r.children {
			for _, child := range children {
				child["g"] = r.columns["id"]
				e.insert(t, table, child)
			}
		}
	}
	e.mappings = []mapping{newMapping(t, "key document", inKeys(d)), newMapping(t, "columns", inColumns(d)), newMapping(t, "both", inBoth(d))}
	return e
}

func newMapping(t testing.TB, name string, columns sqlfilter.Columns) mapping {
	t.Helper()
	m := mapping{name: name}
	for _, c := range []**sqlfilter.Compiler{&m.strict, &m.lax} {
		var err error
		if *c, err = sqlfilter.New(gadget, columns); err != nil {
			t.Fatal(err)
		}
		columns.Scan = true
	}
	return m
}

// tables are the names of the tables and the columns with their types.
var tables = []string{
	`gadgets: n int, id text, text_key key, plain text, exact nocase, exact_key key, opaque int, flag bool, num_int int, num_dec dec, dec_key key,
	 at_time time, at_key key, micros int, secs int, bin text, uri text, name_a key, name_b key, mail_work key, mail_home key, is_admin bool,
	 one_mine key, one_both key, two_both key, doc_keys json`,
	`g_texts: g text, pos int, value_key key`,
	`g_ints: g text, pos int, n int`,
	`g_many: g text, pos int, value_key key`,
	`g_parts: g text, pos int, value_key key, type text, is_primary bool, n int`,
	`g_list: g text, pos int, value_key key, type_key key`,
}

// types are the types of columns by dialect: a key is text with an order of
// bytes, and text has another where there is one.
var types = map[sqlfilter.Dialect]map[string]string{
	sqlfilter.PostgreSQL: {
		"int": "bigint", "text": "text", "key": `text COLLATE "C"`, "nocase": "text", "bool": "boolean", "dec": "numeric", "time": "timestamptz", "json": "jsonb",
	},
	sqlfilter.SQLite: {
		"int": "INTEGER", "text": "TEXT", "key": "TEXT", "nocase": "TEXT COLLATE NOCASE", "bool": "BOOLEAN", "dec": "NUMERIC", "time": "TEXT", "json": "TEXT",
	},
	sqlfilter.MySQL: {
		"int": "bigint", "text": "varchar(200)", "key": "varchar(200) COLLATE utf8mb4_bin", "nocase": "varchar(200)", "bool": "boolean",
		"dec": "decimal(65,30)", "time": "datetime(6)", "json": "json",
	},
}

func (e *engine) create(table string) string {
	name, columns, _ := strings.Cut(table, ":")
	var parts []string
	for _, column := range strings.Split(columns, ",") {
		field := strings.Fields(column)
		parts = append(parts, field[0]+" "+types[e.dialect][field[1]])
	}
	return "CREATE TABLE " + name + " (" + strings.Join(parts, ", ") + ")"
}

func (e *engine) exec(t testing.TB, statement string, args ...any) {
	t.Helper()
	if _, err := e.db.Exec(statement, args...); err != nil {
		t.Fatalf("%s: %s: %v", e.name, statement, err)
	}
}

func (e *engine) insert(t testing.TB, table string, v values) {
	t.Helper()
	var names, placeholders []string
	var args []any
	for name, value := range v {
		names = append(names, name)
		args = append(args, e.stored(value))
		placeholders = append(placeholders, e.dialect.Placeholder(len(args)))
	}
	e.exec(t, "INSERT INTO "+table+" ("+strings.Join(names, ", ")+") VALUES ("+strings.Join(placeholders, ", ")+")", args...)
}

// stored is how a database holds a value.
func (e *engine) stored(value any) any {
	switch v := value.(type) {
	case decimal:
		if e.dialect == sqlfilter.SQLite {
			f, _ := strconv.ParseFloat(string(v), 64)
			return f
		}
		return string(v)
	case time.Time:
		switch {
		case e.dialect == sqlfilter.PostgreSQL:
			return v
		case e.dialect == sqlfilter.MySQL:
			return v.Format("2006-01-02 15:04:05.000000") // the driver has another use of the year 1
		case v.Unix()%2 == 0:
			return v.Format("2006-01-02 15:04:05.000")
		case v.Year() < 9999 && v.Year() > 1:
			return v.In(time.FixedZone("", 5400)).Format("2006-01-02T15:04:05.000-07:00")
		}
		return v.Format("2006-01-02T15:04:05.000Z")
	}
	return value
}

// find runs statements in one go and gives, for each clause, the set of the
// rows that it holds for.
func (e *engine) find(clauses []sqlfilter.Clause) ([]uint64, error) {
	var statement strings.Builder
	var args []any
	for i, c := range clauses {
		if i > 0 {
			statement.WriteString(" UNION ALL ")
		}
		fmt.Fprintf(&statement, "SELECT %d, g.n FROM gadgets g WHERE %s", i, c.SQL)
		args = append(args, c.Args...)
	}
	sets := make([]uint64, len(clauses))
	found, err := e.db.Query(statement.String(), args...)
	if err != nil {
		return nil, fmt.Errorf("%w\n%s\n%q", err, statement.String(), args)
	}
	defer found.Close()
	for found.Next() {
		var i, n int
		if err := found.Scan(&i, &n); err != nil {
			return nil, err
		}
		if sets[i]&(1<<n) != 0 {
			return nil, fmt.Errorf("row %d twice: %s", n, clauses[i].SQL)
		}
		sets[i] |= 1 << n
	}
	return sets, found.Err()
}

// question is a filter and its clause.
type question struct {
	f      *filter.Filter
	clause sqlfilter.Clause
}

// check compares what the database finds with what filters match in memory, and
// gives one line for each difference.
func (e *engine) check(questions []question) (wrong []string, err error) {
	clauses := make([]sqlfilter.Clause, len(questions))
	for i, q := range questions {
		clauses[i] = q.clause
	}
	sets, err := e.find(clauses)
	if err != nil {
		return nil, err
	}
	for i, q := range questions {
		want, got := matches(q.f, e.rows), sets[i]
		if want == got || !q.clause.Exact && want&^got == 0 {
			continue
		}
		wrong = append(wrong, fmt.Sprintf("%s: %s\n%s %q\nmissing: %s\ntoo many: %s",
			e.name, q.f, q.clause.SQL, q.clause.Args, e.show(want&^got), e.show(got&^want)))
	}
	return wrong, nil
}

func (e *engine) show(set uint64) string {
	for i, r := range e.rows {
		if set&(1<<i) != 0 {
			return string(r.doc.Bytes())
		}
	}
	return "none"
}

// random is a source of random numbers with a fixed seed.
func random(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 2)) }
