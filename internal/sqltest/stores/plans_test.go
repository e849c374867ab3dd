package stores

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/internal/sqltest/pgtest"
	"github.com/scimkit/scimkit/internal/sqltest/spy"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// sources are the databases again, for a driver that tells the statements.
var sources = []struct {
	driver, explain, document string
	dialect                   sqlstore.Dialect
	source                    func(t testing.TB) string
}{
	{"sqlite", "EXPLAIN QUERY PLAN ", "jsonb('{}')", sqlstore.SQLite, func(t testing.TB) string {
		return "file:" + filepath.Join(t.TempDir(), "test.db") + "?_pragma=journal_mode(WAL)&_pragma=synchronous(OFF)"
	}},
	{"pgx", "EXPLAIN ", "'{}'", sqlstore.PostgreSQL, func(t testing.TB) string { return pgtest.URL(t) }},
}

// allPeople are lines of plans that read all people, or what a tenant has.
var allPeople = regexp.MustCompile(`Seq Scan on (people|scim_resources)|^SCAN [tru]( |$)|^SEARCH t .*\(org=\?\)|` +
	`^SEARCH [ru] .*\(tenant=\?( AND type=\?)?\)|^Index Cond: \(\(?(tenant|org) = [^()]*\)?( AND \(type = 'User'[^()]*\)\))?$`)

// byKeyOrder is a walk through a whole index.
var byKeyOrder = regexp.MustCompile(`Index Scan using \w+ on people t .*\n *Filter`)

// readPlan gives the lines of the plan of a statement.
func readPlan(t *testing.T, db *sql.DB, explain string, call spy.Call) (lines []string) {
	t.Helper()
	rows, err := db.Query(explain+call.Text, call.Args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, _ := rows.Columns()
	for rows.Next() {
		line := make([]any, len(columns))
		for i := range line {
			line[i] = new(any)
		}
		if err := rows.Scan(line...); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(fmt.Sprint(*line[len(line)-1].(*any))), "->")))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return lines
}

// readsAll gives the plans of statements that read all people.
func readsAll(t *testing.T, db *sql.DB, explain string, calls []spy.Call) []string {
	t.Helper()
	return readsLines(t, db, explain, calls, allPeople)
}

// readsLines gives the plans of statements with lines that read too much.
func readsLines(t *testing.T, db *sql.DB, explain string, calls []spy.Call, much *regexp.Regexp) (all []string) {
	t.Helper()
	for _, call := range calls {
		if text := strings.TrimSpace(call.Text); !strings.HasPrefix(text, "SELECT") && !strings.HasPrefix(text, "INSERT") || strings.Contains(text, "pg_") {
			continue
		}
		lines := readPlan(t, db, explain, call)
		plan := strings.Join(lines, "\n")
		if slices.ContainsFunc(lines, much.MatchString) || byKeyOrder.MatchString(plan) {
			all = append(all, call.Text+"\n"+plan)
		}
	}
	return all
}

// flatGroups have users only, so that an index finds the groups of a user.
func flatGroups() *schema.ResourceType {
	groups := schema.GroupType()
	for i, a := range groups.Schema.Attributes {
		for j, sub := range a.SubAttributes {
			if a.Name == "members" && sub.ReferenceTypes != nil {
				groups.Schema.Attributes[i].SubAttributes[j].ReferenceTypes = []string{"User"}
			}
		}
	}
	return groups
}

// No request about one or a few of the application's rows reads all of them. The
// controls do.
func TestHostRowsAreFound(t *testing.T) {
	for _, e := range sources {
		t.Run(e.driver, func(t *testing.T) {
			db, seen := spy.Open(t, e.driver, e.source(t))
			a := &app{T: t, db: db, user: schema.UserType(), group: flatGroups()}
			key := map[sqlstore.Dialect]string{sqlstore.SQLite: "INTEGER PRIMARY KEY AUTOINCREMENT", sqlstore.PostgreSQL: "bigserial PRIMARY KEY"}[e.dialect]
			exec(t, db, `CREATE TABLE people (id `+key+`, org text NOT NULL, email text NOT NULL, UNIQUE (org, email));
				CREATE INDEX people_lower ON people (lower(email));`)
			a.mustOpen(e.dialect, sqlstore.Options{Types: []*schema.ResourceType{a.group},
				Tables: []sqlstore.Table{{Type: a.user, Name: "people", ID: "id", IDPrefix: "u", Tenant: "org", Existing: sqlstore.Adopt,
					Columns: map[string]sqlstore.Column{"userName": {Name: "email"}}}}})
			exec(t, db, strings.NewReplacer("{keys}", e.document).Replace(`
				INSERT INTO people (org, email) WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 40000) SELECT 'acme', 'p' || n || '@x.com' FROM c;
				INSERT INTO scim_resources (tenant, type, id, doc, keys, external_key, display, version, created, modified)
					SELECT 'acme', 'User', 'u' || id, '{}', {keys}, 'e' || id, email, 'v', 0, 0 FROM people WHERE id % 10 > 0;`))
			exec(t, db, "ANALYZE")
			g := a.mustGroup("Staff", "u7")
			add := func(id string) func() {
				return func() {
					if err := a.add(g.ID(), id); err != nil {
						t.Fatal(err)
					}
				}
			}
			found := func(f, want string) func() {
				return func() { a.finds(f, want) }
			}
			for _, tt := range []struct {
				what string
				do   func()
				all  bool
			}{
				{"a member with a row of the library's", add("u11"), false},
				{"a member without", add("u20"), false},
				{"the group", func() { a.is("the members", a.shownMembers(g.ID()), "u11 u20 u7") }, false},
				{"externalId", found(`externalId eq "e31"`, "u31"), false},
				{"externalId and more", found(`externalId eq "e31" and userName sw "p"`, "u31"), false},
				{"no externalId", found(`externalId eq "E31"`, ""), false},
				{"userName", found(`userName eq "P32@x.com"`, "u32"), false},
				{"groups", found(`groups.value eq "`+g.ID()+`"`, "u7 u11 u20"), false},
				{"the control", found(`userName co "p3333"`, "u3333 u33330 u33331 u33332 u33333 u33334 u33335 u33336 u33337 u33338 u33339"), true},
			} {
				seen.Calls()
				tt.do()
				if all := readsAll(t, db, e.explain, seen.Calls()); len(all) > 0 != tt.all {
					t.Errorf("%s: these read all people:\n%s", tt.what, strings.Join(all, "\n"))
				}
			}
		})
	}
}

// A page of a tenant's people joins the library's rows to those on the page, not
// to all, and the total counts the host's alone.
func TestHostPage(t *testing.T) {
	for _, e := range sources {
		for name, index := range map[string]string{"tenant and name": "", "tenant": "CREATE INDEX people_org ON people (org)"} {
			t.Run(e.driver+"/"+name, func(t *testing.T) {
				db, seen := spy.Open(t, e.driver, e.source(t))
				a := &app{T: t, db: db, user: schema.UserType()}
				key := map[sqlstore.Dialect]string{sqlstore.SQLite: "INTEGER PRIMARY KEY AUTOINCREMENT", sqlstore.PostgreSQL: "bigserial PRIMARY KEY"}[e.dialect]
				exec(t, db, `CREATE TABLE people (id `+key+`, org text NOT NULL, email text NOT NULL, hidden integer NOT NULL DEFAULT 0, UNIQUE (org, email)); CREATE INDEX people_lower ON people (lower(email)); `+index)
				a.mustOpen(e.dialect, sqlstore.Options{
					Tables: []sqlstore.Table{{Type: a.user, Name: "people", ID: "id", IDPrefix: "u", Tenant: "org", Existing: sqlstore.Adopt,
						Where: "hidden = 0", Columns: map[string]sqlstore.Column{"userName": {Name: "email"}}}}})
				exec(t, db, `INSERT INTO people (org, email, hidden) WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 3000)
					SELECT CASE WHEN n % 2 = 0 THEN 'acme' ELSE 'zeta' END, 'p' || n || '@x.com', CASE WHEN n % 5 = 0 THEN 1 ELSE 0 END FROM c`)
				for _, tt := range []struct {
					from, count int
					ids         string
				}{{1, 3, "u2 u4 u6"}, {4, 2, "u8 u12"}, {10, 1, "u24"}, {1199, 5, "u2996 u2998"}, {1201, 5, ""}, {1, 0, ""}} {
					seen.Calls()
					p, err := a.users.List(t.Context(), scim.Query{StartIndex: tt.from, Count: tt.count})
					if err != nil {
						t.Fatal(err)
					}
					var ids []string
					for _, r := range p.Resources {
						ids = append(ids, r.ID())
					}
					a.is(fmt.Sprintf("page from %d", tt.from), strings.Join(ids, " "), tt.ids)
					if p.Total != 1200 {
						t.Errorf("page from %d: the total is %d", tt.from, p.Total)
					}
					if e.dialect == sqlstore.SQLite {
						a.joinsLittle(seen.Calls())
					}
				}
			})
		}
	}
}

// joinsLittle fails if a statement joins the library's rows to more of SQLite's
// people than those whose keys it has found before.
func (a *app) joinsLittle(calls []spy.Call) {
	a.Helper()
	outer := regexp.MustCompile(`SEARCH t USING (INTEGER PRIMARY KEY|COVERING INDEX people_org) \((org=\? AND )?rowid=\?\)\n`)
	for _, call := range calls {
		plan := strings.Join(readPlan(a.T, a.db, "EXPLAIN QUERY PLAN ", call), "\n")
		if strings.Contains(plan, "SEARCH r ") && !outer.MatchString(plan) {
			a.Errorf("%s joins all:\n%s", call.Text, plan)
		}
	}
}
