package filters

import (
	"fmt"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/filter/sqlfilter"
)

// TestPlans: what an index can answer, it answers: equality, also in lists,
// between brackets and in other tables; prefixes; order, and the page that
// follows a row.
func TestPlans(t *testing.T) {
	indexes := []string{
		"CREATE INDEX by_text ON gadgets (text_key, id)", "CREATE INDEX by_id ON gadgets (id)", "CREATE INDEX by_plain ON gadgets (lower(plain))", "CREATE INDEX by_opaque ON gadgets (opaque)",
		"CREATE INDEX by_work ON gadgets (mail_work)", "CREATE INDEX by_home ON gadgets (mail_home)", "CREATE INDEX by_exact ON gadgets (exact_key)",
		"CREATE INDEX by_part ON g_parts (g, value_key)",
	}
	tests := []struct {
		filter, index string
		mysql         bool // MySQL's indexes serve it too, which do so for equality alone
	}{
		{`text eq "A"`, "by_text", true},
		{`text eq "a" and flag ne true`, "by_text", true},
		{`text eq "a" or text eq "b" or text eq "c"`, "by_text", true},
		{`text sw "a"`, "by_text", false},
		{`text ge "y"`, "by_text", false},
		{`plain eq "A"`, "by_plain", false},
		{`opaque eq "1"`, "by_opaque", true},
		{`mails.value eq "a"`, "by_home by_work", true},
		{`mails[type eq "work" and value eq "a"]`, "by_work", true},
		{`mails[type eq "home" and value sw "a"]`, "by_home", false},
		{`exactKey eq "A" or mails.value sw "B"`, "by_exact by_home by_work", false},
		{`text eq "a" and parts.value eq "b"`, "by_text by_part", true},
	}
	engines(t, makeRows(t, 19, 60), func(t *testing.T, e *engine) {
		e.fill(t)
		for _, statement := range indexes {
			if e.dialect != sqlfilter.MySQL || !strings.Contains(statement, "lower(") { // MySQL has them, MariaDB has not
				e.exec(t, statement)
			}
		}
		e.analyze(t)
		columns := e.mappings[1]
		for _, test := range tests {
			if e.dialect == sqlfilter.MySQL && !test.mysql {
				continue
			}
			parsed, err := filter.Parse(test.filter)
			if err != nil {
				t.Fatal(err)
			}
			c := columns.clause(t, bind(t, parsed), 1)
			e.wantIndex(t, test.filter, "SELECT g.n FROM gadgets g WHERE "+c.SQL, test.index, c.Args...)
		}
		e.planPages(t)
	})
}

// fill adds so many rows that an index is worth while.
func (e *engine) fill(t *testing.T) {
	t.Helper()
	e.exec(t, `INSERT INTO gadgets (n, id, text_key, plain, opaque, exact_key, mail_work, mail_home)
		WITH RECURSIVE d(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM d WHERE n < 99), k(n) AS (SELECT 1000 + 100 * a.n + b.n FROM d a, d b WHERE a.n < 80)
		SELECT n, concat('x', n), concat('x', n), concat('x', n), n, concat('x', n), concat('x', n), concat('x', n) FROM k`)
	e.exec(t, `INSERT INTO g_parts (g, pos, value_key) SELECT id, 0, id FROM gadgets`)
}

// analyze has the database count its rows.
func (e *engine) analyze(t *testing.T) {
	t.Helper()
	if e.dialect != sqlfilter.MySQL {
		e.exec(t, "ANALYZE")
		return
	}
	for _, table := range tables {
		name, _, _ := strings.Cut(table, ":")
		e.exec(t, "ANALYZE TABLE "+name)
	}
}

// planPages looks at the first page and a deep one, in an order of which no row
// lacks the value.
func (e *engine) planPages(t *testing.T) {
	t.Helper()
	c, err := sqlfilter.New(gadget, sqlfilter.Columns{Dialect: e.dialect, Attributes: map[string]sqlfilter.Column{
		"id": {SQL: "g.id", Form: sqlfilter.Opaque}, "text": {SQL: "g.text_key", Form: sqlfilter.Key, NotEmpty: true},
	}})
	if err != nil {
		t.Fatal(err)
	}
	o, err := filter.NewOrder(gadget, "text", false)
	if err != nil {
		t.Fatal(err)
	}
	orders := map[string]*filter.Order{"by_id": nil, "by_text": o}
	if e.dialect == sqlfilter.MySQL {
		delete(orders, "by_text")
	}
	for index, o := range orders {
		by, err := c.OrderBy(o)
		if err != nil {
			t.Fatal(err)
		}
		e.wantIndex(t, "first page", "SELECT g.n FROM gadgets g ORDER BY "+by.SQL+" LIMIT 10", index)
		after := by.After("x5", "x5", 1)
		e.wantIndex(t, "deep page", "SELECT g.n FROM gadgets g WHERE "+after.SQL+" ORDER BY "+by.SQL+" LIMIT 10", index, after.Args...)
	}
}

// wantIndex fails unless the plan of a statement has the indexes and does not
// read or sort the whole table.
func (e *engine) wantIndex(t *testing.T, what, statement, indexes string, args ...any) {
	t.Helper()
	explain := "EXPLAIN "
	switch e.dialect {
	case sqlfilter.SQLite:
		explain = "EXPLAIN QUERY PLAN "
	case sqlfilter.MySQL:
		explain = "EXPLAIN FORMAT=JSON "
	}
	found, err := e.db.Query(explain+statement, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	var plan strings.Builder
	for found.Next() {
		var a, b, c, line any
		columns := []any{&a, &b, &c, &line}
		if e.dialect != sqlfilter.SQLite {
			columns = columns[3:]
		}
		if err := found.Scan(columns...); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&plan, "%s\n", line)
	}
	text := plan.String()
	for _, index := range strings.Fields(indexes) {
		if e.dialect == sqlfilter.MySQL {
			index = `"key": "` + index
		}
		if !strings.Contains(text, index) {
			t.Errorf("%s: %s does not use %s:\n%s", what, statement, index, text)
		}
	}
	for _, bad := range []string{"Seq Scan on gadgets", "SCAN g\n", "Sort", "TEMP B-TREE", `"ALL"`, "filesort"} {
		if strings.Contains(text, bad) {
			t.Errorf("%s: %s:\n%s", what, statement, text)
		}
	}
}
