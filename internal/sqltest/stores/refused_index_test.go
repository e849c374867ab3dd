package stores

import (
	"maps"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/internal/sqltest/spy"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// lookedUp is a table with all columns of TestRefusedIndexes; {email} is a type.
const lookedUp = `CREATE TABLE people (id {id}, org text NOT NULL DEFAULT 'acme', email {email} NOT NULL, "Key" text NOT NULL, external_id text, plan text DEFAULT 'free', gone {time});
	CREATE INDEX people_org ON people (org);`

// manyPeople are lines of plans that read all people of a tenant, or all on a plan.
var manyPeople = regexp.MustCompile(`Seq Scan on people|^SCAN t( |$)|^SEARCH t .*\((org|plan)=\?\)|^Index Cond: \(+(org|plan) = [^()]*\)+$`)

var statement = regexp.MustCompile(`CREATE (UNIQUE )?INDEX [^\n]*`)

type indexTest struct {
	name, email, indexes string
	tenant, deleted      bool
	columns              map[string]sqlstore.Column // beside userName, or instead
	where, want          string
	lite                 bool // want is SQLite's alone
}

var indexTests = []indexTest{
	{"UNIQUE", "text", "UNIQUE (email)", false, false, nil, "", "CREATE INDEX people_email_lower ON people (lower(email))", false},
	{"UNIQUE with a tenant", "text", "UNIQUE (org, email)", true, false, nil, "", "CREATE INDEX people_email_lower ON people (org, lower(email))", false},
	{"UNIQUE with a length", "varchar(80)", "UNIQUE (email)", false, false, nil, "", "CREATE INDEX people_email_lower ON people (lower(email))", false},
	{"UNIQUE but for deleted rows", "text", "UNIQUE (org, email) WHERE gone IS NULL", true, true, nil, "", "CREATE INDEX people_email_lower ON people (org, lower(email)) WHERE gone IS NULL", false},
	{"nothing", "text", "", true, true, nil, "", "CREATE UNIQUE INDEX people_email_lower ON people (org, lower(email)) WHERE gone IS NULL", false},
	{"a key without", "text", "", true, false, map[string]sqlstore.Column{"userName": {Name: "email", Key: "Key"}}, "", `CREATE UNIQUE INDEX "people_Key" ON people (org, "Key")`, false},
	{"a key behind another column", "text", `UNIQUE (org, "Key") WHERE plan = 'free'; (external_id, "Key")`, true, false, map[string]sqlstore.Column{"userName": {Name: "email", Key: "Key"}}, "",
		`CREATE UNIQUE INDEX "people_Key" ON people (org, "Key")`, false},
	{"another function", "text", "UNIQUE (email); (upper(email))", false, false, nil, "", "CREATE INDEX people_email_lower ON people (lower(email))", false},
	{"behind another column", "text", "UNIQUE (email); (external_id, lower(email))", false, false, nil, "", "CREATE INDEX people_email_lower ON people (lower(email))", false},
	{"of some rows", "text", "UNIQUE (email); (lower(email)) WHERE plan = 'free'", false, false, nil, "", "CREATE INDEX people_email_lower ON people (lower(email))", false},
	{"externalId", "text", "UNIQUE (lower(email)); (external_id) WHERE plan = 'free'", true, false, map[string]sqlstore.Column{"externalId": {Name: "external_id"}}, "",
		"CREATE INDEX people_external_id ON people (org, external_id)", false},
	{"of what is trimmed", "text", "UNIQUE (email); (lower(trim(email)))", false, false, nil, "", "CREATE INDEX people_email_lower ON people (lower(email))", false},
	{"of rows with a value", "text", "UNIQUE (org, email); UNIQUE (org, external_id) WHERE external_id IS NOT NULL; (lower(email)) WHERE plan IS NOT NULL", true, false,
		map[string]sqlstore.Column{"externalId": {Name: "external_id"}}, "", "CREATE INDEX people_email_lower ON people (org, lower(email))", false},

	{"of rows with an address", "text", "UNIQUE (email); (lower(email)) WHERE email IS NOT NULL", false, false, nil, "", "CREATE INDEX people_email_lower ON people (lower(email))", true},

	{"UNIQUE of rows with an address", "text", "UNIQUE (org, lower(email)) WHERE email IS NOT NULL", true, false, nil, "", "CREATE INDEX people_email_lower ON people (org, lower(email))", true},
	{"nothing, for some rows", "text", "", true, true, nil, "t.plan = 'free'", "CREATE UNIQUE INDEX people_email_lower ON people (org, lower(email)) WHERE plan = 'free' AND gone IS NULL", false},

	{"a column that is the same in all", "text", "UNIQUE (org, plan, lower(email))", true, false, nil, "t.plan = 'free'", "", false},
	{"of all rows that are resources", "text", "UNIQUE (email); (lower(email)) WHERE plan = 'free'", false, false, nil, "t.plan = 'free'", "", false},
	{"lower", "text", "UNIQUE (lower(email))", false, false, nil, "", "", false},
	{"lower, and a tenant", "text", "UNIQUE (lower(email), org)", true, false, nil, "", "", false},
	{"a tenant, and lower", "varchar(80)", "UNIQUE (org, lower(email))", true, false, nil, "", "", false},
	{"one that is there", "text", "UNIQUE (org, lower(email)); UNIQUE (org, external_id) WHERE external_id IS NOT NULL", true, false, map[string]sqlstore.Column{"externalId": {Name: "external_id"}}, "", "", false},
	{"a key", "text", `UNIQUE (org, "Key")`, true, false, map[string]sqlstore.Column{"userName": {Name: "email", Key: "Key"}}, "", "", false},
}

// TestRefusedIndexes: a mapping is refused if there is no index by which what clients
// look up is found. The one that the error asks for is enough, and with those that
// are accepted, no look-up reads all rows. What is refused would: the control.
func TestRefusedIndexes(t *testing.T) {
	for _, e := range sources {
		for _, tt := range indexTests {
			t.Run(e.driver+"/"+tt.name, func(t *testing.T) {
				db, seen := spy.Open(t, e.driver, e.source(t))
				a := &app{T: t, db: db, user: schema.UserType()}
				exec(t, db, ddl(e.dialect, tt.ddl()))
				if tt.lite && e.dialect != sqlstore.SQLite {
					tt.want = ""
				}
				a.looksUp(e.dialect, e.explain, seen, tt.table(a.user), tt.want)
			})
		}
	}
}

// ddl makes the table with its indexes.
func (tt indexTest) ddl() string {
	text := strings.ReplaceAll(lookedUp, "{email}", tt.email)
	for i, on := range strings.Split(tt.indexes, "; ") {
		on, unique := strings.CutPrefix(on, "UNIQUE ")
		if on != "" {
			text += " CREATE " + map[bool]string{true: "UNIQUE "}[unique] + "INDEX people_" + strconv.Itoa(i) + " ON people " + on + ";"
		}
	}
	return text
}

// table is the mapping of users.
func (tt indexTest) table(users *schema.ResourceType) sqlstore.Table {
	table := peopleOf(users)
	maps.Copy(table.Columns, tt.columns)
	table.Where, table.Fixed = tt.where, map[string]any{"plan": "free"}
	if tt.columns["userName"].Key == "" {
		table.Fixed["Key"] = ""
	}
	if tt.tenant {
		table.Tenant = "org"
	}
	if tt.deleted {
		table.DeletedAt = "gone"
	}
	return table
}

// looksUp opens a store that is refused for want of an index, want, and once more with
// it, and looks people up.
func (a *app) looksUp(d sqlstore.Dialect, explain string, seen *spy.Spy, table sqlstore.Table, want string) {
	a.Helper()
	o := sqlstore.Options{Tables: []sqlstore.Table{table}}
	_, err := a.open(d, o)
	if err == nil && want != "" || err != nil && statement.FindString(err.Error()) != want {
		a.Fatalf("%v\nwant %s", err, want)
	}
	exec(a, a.db, `INSERT INTO people (email, "Key", external_id) WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 20000)
		SELECT 'p' || n || '@x.com', 'p' || n || '@x.com', 'e' || n FROM c; ANALYZE`)
	if want != "" {
		exec(a, a.db, want+"; ANALYZE")
		a.mustOpen(d, o)
	}
	look := func() []string {
		seen.Calls()
		a.is("who is found", strings.Join(a.find(`userName eq "P32@x.com"`), " "), "32")
		if _, ok := table.Columns["externalId"]; ok {
			a.is("who is found by externalId", strings.Join(a.find(`externalId eq "e33"`), " "), "33")
		}
		_, err := a.create("p34@x.com")
		if err == nil {
			_, err = a.create("new@x.com")
		}
		if err != nil {
			a.Error(err)
		}
		return readsLines(a.T, a.db, explain, seen.Calls(), manyPeople)
	}
	if all := look(); len(all) > 0 {
		a.Errorf("these read all people:\n%s", strings.Join(all, "\n"))
	}
	if want != "" {
		exec(a, a.db, "DROP INDEX "+strings.Fields(strings.NewReplacer("CREATE ", "", "UNIQUE ", "").Replace(want))[1])
		exec(a, a.db, "DELETE FROM people WHERE email IN ('p34@x.com', 'new@x.com')")
		if len(look()) == 0 {
			a.Error("without the index, nothing reads all people")
		}
	}
}
