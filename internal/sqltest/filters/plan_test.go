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
	tests := []struct{ filter, index string }{
		{`text eq "A"`, "by_text"},
		{`text eq "a" and flag ne true`, "by_text"},
		{`text eq "a" or text eq "b" or text eq "c"`, "by_text"},
		{`text sw "a"`, "by_text"},
		{`text ge "y"`, "by_text"},
		{`plain eq "A"`, "by_plain"},
		{`opaque eq "1"`, "by_opaque"},
		{`mails.value eq "a"`, "by_home by_work"},
		{`mails[type eq "work" and value eq "a"]`, "by_work"},
		{`mails[type eq "home" and value sw "a"]`, "by_home"},
		{`exactKey eq "A" or mails.value sw "B"`, "by_exact by_home by_work"},
		{`text eq "a" and parts.value eq "b"`, "by_text by_part"},
	}
	engines(t, makeRows(t, 19, 60), func(t *testing.T, e *engine) {
		e.fill(t)
		for _, statement := range indexes {
			e.exec(t, statement)
		}
		e.exec(t, "ANALYZE")
		columns := e.mappings[1]
		for _, test := range tests {
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
		WITH RECURSIVE k(n) AS (SELECT 1000 UNION ALL SELECT n + 1 FROM k WHERE n < 9000)
		SELECT n, 'x' || n, 'x' || n, 'x' || n, n, 'x' || n, 'x' || n, 'x' || n FROM k`)
	e.exec(t, `INSERT INTO g_parts (g, pos, value_key) SELECT id, 0, id FROM gadgets`)
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
	for index, o := range map[string]*filter.Order{"by_id": nil, "by_text": o} {
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
	if e.dialect == sqlfilter.SQLite {
		explain = "EXPLAIN QUERY PLAN "
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
		fmt.Fprintln(&plan, line)
	}
	text := plan.String()
	for _, index := range strings.Fields(indexes) {
		if !strings.Contains(text, index) {
			t.Errorf("%s: %s does not use %s:\n%s", what, statement, index, text)
		}
	}
	for _, bad := range []string{"Seq Scan on gadgets", "SCAN g\n", "Sort", "TEMP B-TREE"} {
		if strings.Contains(text, bad) {
			t.Errorf("%s: %s:\n%s", what, statement, text)
		}
	}
}
