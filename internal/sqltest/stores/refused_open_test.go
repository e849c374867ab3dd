package stores

import (
	"slices"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// ddl writes types in the SQL of a database: {id}, a number that it makes, and {time}.
func ddl(d sqlstore.Dialect, text string) string {
	if d == sqlstore.SQLite {
		return strings.NewReplacer("{id}", "INTEGER PRIMARY KEY AUTOINCREMENT", "{time}", "DATETIME", "{deferred}", "").Replace(text)
	}
	return strings.NewReplacer("{id}", "bigserial PRIMARY KEY", "{time}", "timestamptz", "{deferred}", "DEFERRABLE INITIALLY DEFERRED").Replace(text)
}

// peopleOf is a mapping of userName onto the table people.
func peopleOf(t *schema.ResourceType) sqlstore.Table {
	return sqlstore.Table{Type: t, Name: "people", ID: "id", Existing: sqlstore.Adopt, Columns: map[string]sqlstore.Column{"userName": {Name: "email"}}}
}

const peopleRow = "CREATE TABLE people (id {id}, email text NOT NULL UNIQUE"

// peopleByName is the index by which people are looked up.
const peopleByName = "; CREATE INDEX people_email ON people (lower(email))"

// A rowTest is a table people, what a mapping of it has beside userName, and what
// the error has to say, "" for none.
type rowTest struct {
	name, ddl string
	change    func(m *sqlstore.Table)
	only      string // the database, if not both
	want      string
}

// column puts an attribute into a column.
func column(path string, c sqlstore.Column) func(*sqlstore.Table) {
	return func(m *sqlstore.Table) { m.Columns[path] = c }
}

// stateColumn has active as one of several states.
var stateColumn = sqlstore.Column{Name: "state", SQL: "t.state = 'on'", Encode: func(v any) (any, error) {
	if v == false {
		return "off", nil
	}
	return "on", nil
}}

// where limits the rows.
func where(sql string) func(*sqlstore.Table) {
	return func(m *sqlstore.Table) { m.Where = sql }
}

func keep(v any) (any, error) { return v, nil }

// Where and DeletedAt.
var refusedConditions = []rowTest{
	{"Where with a typo", peopleRow + ", kind text)", func(m *sqlstore.Table) { m.Where = "t.kindd = 'human'" }, "", "Where: "},
	{"Where that is ambiguous", peopleRow + ", type text)", func(m *sqlstore.Table) { m.Where = "type = 'human'" }, "", "Where: "},
	{"Where that is no expression", peopleRow + ", kind text)", func(m *sqlstore.Table) { m.Where = "t.kind = 'human'; DROP TABLE people" }, "", "Where: "},
	{"Where with a comment", peopleRow + ", kind text)", func(m *sqlstore.Table) { m.Where = "t.kind = 'human' -- not pets" }, "", "Where: "},
	{"Where with parentheses", peopleRow + ", kind text)", func(m *sqlstore.Table) { m.Where = "t.kind = 'human') OR (1 = 1" }, "", "parentheses do not match"},
	{"Where with an alias of the library's", peopleRow + ")", func(m *sqlstore.Table) { m.Where = "EXISTS (SELECT 1 FROM people U WHERE U.id = t.id)" }, "", "the library calls a table U"},
	{"Where with t again", peopleRow + ")", func(m *sqlstore.Table) { m.Where = "t.id IN (SELECT max(t.id) FROM people t)" }, "", "nothing else may be called so"},
	{"Where with a parameter by its number", peopleRow + ")", where("t.email <> ?1"), "SQLite", "parameters are not possible"},
	{"Where with a parameter", peopleRow + ")", where("t.email <> ?"), "SQLite", "parameters are not possible"},
	{"Where with a parameter by its name", peopleRow + ")", where("t.email <> :x"), "SQLite", "parameters are not possible"},
	{"Where with another parameter by its name", peopleRow + ")", where("t.email <> @x"), "SQLite", "parameters are not possible"},
	{"Where with a parameter of PostgreSQL's", peopleRow + ")", where("t.email <> $1"), "", "parameters are not possible"},
	{"SQL with a parameter", peopleRow + ", title text)", column("title", sqlstore.Column{Name: "title", SQL: "coalesce(t.title,$1)"}), "", "parameters are not possible"},
	{"Where with parameters in texts and names", peopleRow + ", \"a$1\" text)", where("t.a$1 <> '?1 $1 :x @x'"), "", ""},
	{"Where with operators and types", peopleRow + ", data jsonb)", where("t.data ? 'x' AND t.data @> 'null'::jsonb AND (ARRAY[1, 2])[1:2] <> ARRAY[3]"), "PostgreSQL", ""},
	{"Where with all that in texts", peopleRow + ", kind text)", func(m *sqlstore.Table) { m.Where = "t.kind <> 'u.id; -- (t'" }, "", ""},
	{"Where that keeps everybody active", peopleRow + ", off {time}, kind text)", func(m *sqlstore.Table) {
		m.Columns["active"], m.Where = sqlstore.Until("off"), "t.kind = 'human' AND t.off IS NULL"
	}, "", "asks for the column off, of active"},
	{"Where that keeps some active", peopleRow + ", off {time}, kind text)", func(m *sqlstore.Table) {
		m.Columns["active"], m.Where = sqlstore.Until("off"), "(t.off IS NULL OR t.kind = 'human')"
	}, "", "asks for the column off, of active"},
	{"Where with a flag of active's", peopleRow + ", enabled boolean NOT NULL)", func(m *sqlstore.Table) {
		m.Columns["active"], m.Where = sqlstore.Column{Name: "enabled"}, "t.enabled"
	}, "", "asks for the column enabled, of active"},
	{"Where with a state that is not active's", peopleRow + ", state text, kind text)", func(m *sqlstore.Table) {
		m.Columns["active"], m.Where = stateColumn, "t.kind IS NOT NULL AND t.state <> 'deleted'"
	}, "", ""},
	{"Where with a state of active's", peopleRow + ", state text)", func(m *sqlstore.Table) {
		m.Columns["active"], m.Where = stateColumn, "t.state IN ('on', 'new')"
	}, "", "asks for the column state, of active"},
	{"Where with a column of another table that is called as active's", peopleRow + ", org text, state text); CREATE TABLE orgs (id text, state text)", func(m *sqlstore.Table) {
		m.Columns["active"], m.Where = stateColumn, "t.org IN (SELECT id FROM orgs WHERE state = 'live')"
	}, "", ""},
	{"Where with a state of active's, and what nobody knows", peopleRow + ", state text, kind text)", func(m *sqlstore.Table) {
		m.Columns["active"], m.Where = stateColumn, "NOT (t.state = 'off' OR t.kind = 'pet')"
	}, "", "asks for the column state, of active"},
	{"Where beside names of more than letters", peopleRow + `, state text, "2fa_enabled" text, "e-mail" text, "a ""b""" text, "{v}" text)`, func(m *sqlstore.Table) {
		m.Columns["active"], m.Where = stateColumn, "t.state <> 'deleted'"
	}, "", ""},
	{"IDPrefix with braces", peopleRow + ")", func(m *sqlstore.Table) { m.IDPrefix = "{u}" }, "", `IDPrefix "{u}": braces`},
	{"IDPrefix with other signs", peopleRow + ")", func(m *sqlstore.Table) { m.IDPrefix = "it's?$1%s:" }, "", ""},
	{"DeletedAt that is a boolean", "CREATE TABLE people (id {id}, email text NOT NULL, gone boolean)", func(m *sqlstore.Table) { m.DeletedAt = "gone" }, "", "DeletedAt: "},
	{"DeletedAt that cannot be NULL", "CREATE TABLE people (id {id}, email text NOT NULL, gone {time} NOT NULL)", func(m *sqlstore.Table) { m.DeletedAt = "gone" }, "", "DeletedAt: "},
	{"DeletedAt that is active's", "CREATE TABLE people (id {id}, email text NOT NULL, gone {time}); CREATE UNIQUE INDEX people_email ON people (email) WHERE gone IS NULL", func(m *sqlstore.Table) { m.DeletedAt, m.Columns["active"] = "gone", sqlstore.Until("gone") }, "", "for active, is DeletedAt"},
}

// Columns, Fixed and Tenant.
var refusedColumns = []rowTest{
	{"control", peopleRow + ", title text)", column("title", sqlstore.Column{Name: "title"}), "", ""},
	{"SQL with a typo", peopleRow + ")", column("title", sqlstore.Column{Name: "email", SQL: "t.jobb"}), "", "the attribute title, column email: "},
	{"SQL of another type", peopleRow + ", n bigint)", column("active", sqlstore.Column{Name: "n", SQL: "t.email", Encode: keep}), "PostgreSQL", "active"},
	{"a generated column", peopleRow + ", t2 text GENERATED ALWAYS AS (lower(email)) STORED)", column("title", sqlstore.Column{Name: "t2"}), "", "computes the column t2"},
	{"a generated key", peopleRow + ", k text GENERATED ALWAYS AS (lower(email)) STORED UNIQUE)", column("userName", sqlstore.Column{Name: "email", Key: "k"}), "", "computes the column k"},
	{"a generated tenant", peopleRow + ", org text GENERATED ALWAYS AS (lower(email)) STORED)", func(m *sqlstore.Table) { m.Tenant = "org" }, "", "computes the column org"},
	{"Until for a boolean", peopleRow + ", off boolean)", column("active", sqlstore.Until("off")), "", "Until is for a column with a time"},
	{"Until for what cannot be NULL", peopleRow + ", off {time} NOT NULL)", column("active", sqlstore.Until("off")), "", "Until has it NULL"},
	{"the id as an attribute", "CREATE TABLE people (id text PRIMARY KEY, email text NOT NULL UNIQUE)", column("externalId", sqlstore.Column{Name: "id"}), "", "for externalId, is the id"},
	{"the tenant as an attribute", peopleRow + ", org text NOT NULL)", func(m *sqlstore.Table) { m.Tenant, m.Columns["userType"] = "org", sqlstore.Column{Name: "org"} }, "", "for userType, is the tenant"},
	{"a key in its column", peopleRow + ")", column("userName", sqlstore.Column{Name: "email", Key: "email"}), "", "is for the key of userName"},
	{"Fixed of another type", peopleRow + ", n bigint)", func(m *sqlstore.Table) { m.Fixed = map[string]any{"n": "many"} }, "PostgreSQL", "Fixed, column n"},
	{"a password as it is sent", peopleRow + ", pw text)", column("password", sqlstore.Column{Name: "pw"}), "", "Encode must make a hash"},
	{"SQL alone for what clients write", peopleRow + ", off {time})", column("active", sqlstore.Column{SQL: "t.off IS NULL"}), "", "make it readOnly in the schema"},
	{"a unique attribute that is decoded", peopleRow + ")", column("userName", sqlstore.Column{Name: "email", Decode: keep}), "", "SQL or Key is needed"},
}

// The id.
var refusedIDs = []rowTest{
	{"an id that the database does not make", "CREATE TABLE people (id bigint NOT NULL PRIMARY KEY, email text NOT NULL UNIQUE)", nil, "", "the database does not make"},
	{"an id of two columns", "CREATE TABLE people (id INTEGER, org text, email text NOT NULL UNIQUE, PRIMARY KEY (id, org))", func(m *sqlstore.Table) { m.Tenant = "org" }, "", "the database does not make"},
	{"an id that is given again", "CREATE TABLE people (id INTEGER PRIMARY KEY, email text NOT NULL UNIQUE)", nil, "SQLite", "AUTOINCREMENT"},
	{"an id that is given again, with a comment", "CREATE TABLE people (id INTEGER PRIMARY KEY DEFAULT 'AUTOINCREMENT', email text NOT NULL UNIQUE)", nil, "SQLite", "AUTOINCREMENT"},
	{"an id that is short", "CREATE TABLE people (id varchar(20) PRIMARY KEY, email text NOT NULL UNIQUE)", nil, "", "too short for the ids"},
	{"an id that is long enough", "CREATE TABLE people (id varchar(36) PRIMARY KEY, email text NOT NULL UNIQUE)", nil, "", ""},
	{"an id of bytes", "CREATE TABLE people (id BLOB PRIMARY KEY, email text NOT NULL UNIQUE)", nil, "SQLite", "of type BLOB"},
	{"an id of bytes", "CREATE TABLE people (id bytea PRIMARY KEY, email text NOT NULL UNIQUE)", nil, "PostgreSQL", "of type bytea"},
}

// kinds is people with a column of some type and a unique index.
func kinds(typ, index string) string {
	enum := ""
	if typ == "user_kind" {
		enum = "CREATE TYPE user_kind AS ENUM ('human', 'pet'); "
	}
	return enum + "CREATE TABLE people (id {id}, email text NOT NULL, kind " + typ + "); CREATE UNIQUE INDEX people_x ON people " + index
}

// What keeps userName unique, and where the table is.
var refusedIndexes = []rowTest{
	{"an index over two columns in one", "CREATE TABLE people (id {id}, email text NOT NULL, plan text); CREATE UNIQUE INDEX people_x ON people ((email || plan))", nil, "", "has no unique index"},
	{"an index over one", "CREATE TABLE people (id {id}, email text NOT NULL, plan text); CREATE UNIQUE INDEX people_x ON people (lower(trim(email)))", nil, "", ""},
	{"an index over nothing of it", "CREATE TABLE people (id {id}, email text NOT NULL, plan text); CREATE UNIQUE INDEX people_x ON people (coalesce(plan, 'email'))", nil, "", "has no unique index"},
	{"an index that includes more", "CREATE TABLE people (id {id}, email text NOT NULL, plan text); CREATE UNIQUE INDEX people_x ON people (email) INCLUDE (plan)", nil, "PostgreSQL", ""},
	{"an index of an enumeration's rows", kinds("user_kind", "(lower(email)) WHERE kind = 'human'"), where("t.kind = 'human'"), "PostgreSQL", ""},
	{"an index of a letter's rows", kinds("char(1)", "(lower(email)) WHERE kind = 'h'"), where("t.kind = 'h'"), "PostgreSQL", ""},
	{"an index of a text's rows", kinds("varchar(9)", "(lower(email)) WHERE kind = 'a ::b and c'"), where("t.kind = 'a ::b and c'"), "", ""},
	{"an index of a number's rows", kinds("bigint", "(lower(email)) WHERE kind = -1 AND kind <> 2"), where("t.kind = -1 AND t.kind <> 2"), "", ""},
	{"an index of other rows", kinds("user_kind", "(lower(email)) WHERE kind = 'pet'"), where("t.kind = 'human'"), "PostgreSQL", "CREATE UNIQUE INDEX people_email_lower ON people (lower(email)) WHERE kind = 'human'"},
	{"an index of fewer rows", kinds("text", "(lower(email)) WHERE kind = 't.x' AND id > 7"), where("t.kind = 't.x' AND t.id % 2 = 1"), "", "ON people (lower(email)) WHERE kind = 't.x'"},
	{"an index with a column that Where fixes", kinds("user_kind", "(kind, lower(email))"), where("t.kind = 'human'"), "PostgreSQL", ""},
	{"an index with a column that Where limits", kinds("int", "(kind, lower(email))"), where("t.kind > 1"), "", "has no unique index"},
	{"an index that deleted rows are in", "CREATE TABLE people (id {id}, email text NOT NULL, kind int, gone {time}); CREATE UNIQUE INDEX people_x ON people (kind, lower(email)); CREATE UNIQUE INDEX people_y ON people (lower(email)) WHERE gone IS NULL",
		func(m *sqlstore.Table) { m.Where, m.DeletedAt = "t.kind = 1", "gone" }, "", "covers deleted rows"},
	{"a schema of SQLite's", peopleRow + ")", func(m *sqlstore.Table) { m.Name = "main.people" }, "SQLite", ""},
	{"a table that is not on every connection", peopleRow + ")", func(m *sqlstore.Table) { m.Name = "more.people" }, "SQLite", "SQLite has no schemas"},
	{"a view", "CREATE TABLE them (id {id}, email text NOT NULL UNIQUE); CREATE VIEW people AS SELECT id, email FROM them", nil, "", "is not unique"},
}

// TestRefusedRows: a mapping that would fail later, or do something else than what
// is meant, is refused when the store is opened.
func TestRefusedRows(t *testing.T) {
	for _, e := range engines {
		for _, tt := range slices.Concat(refusedConditions, refusedBrackets, refusedColumns, refusedIDs, refusedIndexes) {
			if tt.only != "" && tt.only != e.name {
				continue
			}
			t.Run(e.name+"/"+tt.name, func(t *testing.T) {
				a := &app{T: t, db: e.open(t), user: schema.UserType()}
				exec(t, a.db, ddl(e.dialect, tt.ddl))
				if tt.name != "a view" {
					exec(t, a.db, "CREATE INDEX people_lower ON people (lower(email))")
				}
				table := peopleOf(a.user)
				if tt.change != nil {
					tt.change(&table)
				}
				a.opens(e.dialect, tt.want, table)
			})
		}
	}
}

// opens checks that a store opens, or does not, with an error that says what is
// wanted.
func (a *app) opens(d sqlstore.Dialect, want string, tables ...sqlstore.Table) {
	a.Helper()
	_, err := openStore(a, a.db, d, sqlstore.Options{Tables: tables})
	says(a, err, wrong(want)...)
}

// TestRefusedIndex: an index that was not finished keeps nothing unique.
func TestRefusedIndex(t *testing.T) {
	a := &app{T: t, db: engines[1].open(t), user: schema.UserType()}
	exec(t, a.db, "CREATE TABLE people (id bigserial PRIMARY KEY, email text NOT NULL); INSERT INTO people (email) VALUES ('a'), ('a')")
	if _, err := a.db.Exec("CREATE UNIQUE INDEX CONCURRENTLY people_email ON people (email)"); err == nil {
		t.Fatal("the index was made")
	}
	a.opens(sqlstore.PostgreSQL, "has no unique index", peopleOf(a.user))
}

// TestRefusedPrivileges: what the database does not let the library do is said when
// the store is opened.
func TestRefusedPrivileges(t *testing.T) {
	for _, tt := range []struct{ people, phones, want string }{
		{"SELECT", "ALL", "to create resources"},
		{"SELECT, INSERT", "ALL", "permission denied for table people"},
		{"SELECT, INSERT, UPDATE", "ALL", "to delete resources"},
		{"SELECT, INSERT, DELETE, UPDATE (email)", "ALL", ""},
		{"SELECT, INSERT, DELETE, UPDATE", "ALL", ""},
		{"ALL", "INSERT, UPDATE, DELETE", "permission denied for table phones"},
		{"ALL", "SELECT, INSERT, UPDATE", "to delete resources: ERROR: permission denied for table phones"},
		{"ALL", "SELECT, UPDATE, DELETE", "to change phoneNumbers: ERROR: permission denied for table phones"},
		{"ALL", "SELECT, INSERT, DELETE", "to change phoneNumbers: ERROR: permission denied for table phones"},
		{"ALL", "SELECT, INSERT, DELETE, UPDATE (number)", "to change phoneNumbers: ERROR: permission denied for table phones"},
		{"ALL", "SELECT, INSERT, DELETE, UPDATE (number, place)", ""},
	} {
		t.Run(tt.people+", "+tt.phones, func(t *testing.T) {
			a := &app{T: t, db: engines[1].open(t), user: schema.UserType()}
			a.db.SetMaxOpenConns(1)
			exec(t, a.db, "CREATE TABLE people (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE); CREATE INDEX people_email ON people (lower(email));"+
				"CREATE TABLE phones (person bigint NOT NULL, number text, place int); CREATE INDEX phones_person ON phones (person);"+
				"CREATE ROLE app; GRANT ALL ON SCHEMA public TO app; GRANT USAGE ON SEQUENCE people_id_seq TO app; GRANT "+
				tt.people+" ON people TO app; GRANT "+tt.phones+" ON phones TO app; SET ROLE app")
			defer exec(t, a.db, "RESET ROLE; DROP OWNED BY app; DROP ROLE app")
			table := peopleOf(a.user)
			table.Lists = map[string]sqlstore.List{"phoneNumbers": {Table: "phones", Owner: "person", Order: "place", Columns: map[string]string{"value": "number"}}}
			a.opens(sqlstore.PostgreSQL, tt.want, table)
		})
	}
}

// TestRefusedTables: the same for tables of lists and members.
func TestRefusedTables(t *testing.T) {
	const members = " CREATE TABLE team_members (team_id bigint NOT NULL, user_id bigint NOT NULL, PRIMARY KEY (team_id, user_id));"
	phones := func(change func(l *sqlstore.List)) func(u, g *sqlstore.Table) {
		return func(u, _ *sqlstore.Table) {
			l := sqlstore.List{Table: "phones", Owner: "user_id", Columns: map[string]string{"value": "n"}}
			change(&l)
			u.Lists = map[string]sqlstore.List{"phoneNumbers": l}
		}
	}
	none := func(*sqlstore.List) {}
	tenants := func(u, g string) func(u, g *sqlstore.Table) {
		return func(users, groups *sqlstore.Table) { users.Tenant, groups.Tenant = u, g }
	}
	tests := []struct {
		name, ddl, replace, by string
		change                 func(u, g *sqlstore.Table)
		want                   string
	}{
		{"control", "CREATE TABLE phones (user_id bigint NOT NULL, n text, o int)", "", "", phones(func(l *sqlstore.List) { l.Order = "o" }), ""},
		{"a list with a tenant", "CREATE TABLE phones (user_id bigint, n text, org text)", "", "", phones(func(l *sqlstore.List) { l.Tenant = "org" }), "the table phones has a tenant, and users has none"},
		{"a list with more", "CREATE TABLE phones (user_id bigint, n text, kind text NOT NULL)", "", "", phones(none), "kind must have a value"},
		{"a list with more and a default", "CREATE TABLE phones (user_id bigint, n text, kind text NOT NULL DEFAULT 'x')", "", "", phones(none), ""},
		{"a list with an order of another type", "CREATE TABLE phones (user_id bigint, n text, o {time})", "", "", phones(func(l *sqlstore.List) { l.Order = "o" }), "the column o of the table phones"},
		{"a list with an owner of another type", "CREATE TABLE phones (user_id text, n text)", "", "", phones(none), "the column user_id of the table phones"},
		{"a list with a column twice", "CREATE TABLE phones (user_id bigint, n text)", "", "", phones(func(l *sqlstore.List) { l.Columns["type"] = "n" }), "n of the table phones is named twice"},
		{"a list with a generated column", "CREATE TABLE phones (user_id bigint, m text, n text GENERATED ALWAYS AS (lower(m)) STORED)", "", "", phones(none), "computes the column n"},
		{"members with more", "", "PRIMARY KEY", "role text NOT NULL, PRIMARY KEY", nil, "role must have a value"},
		{"members with more and a default", "", "PRIMARY KEY", "role text NOT NULL DEFAULT 'x', PRIMARY KEY", nil, ""},
		{"members with an owner of another type", "", "team_id bigint", "team_id text", nil, "the column team_id of the table team_members"},
		{"members of another type", "", "user_id bigint", "user_id text", nil, "the column user_id of the table team_members"},
		{"one column for both", "", "", "", func(_, g *sqlstore.Table) { g.Members.Member = "team_id" }, "team_id of the table team_members is named twice"},
		{"users with a tenant", "", "", "", tenants("org", ""), "both need one"},
		{"groups with a tenant", "", "", "", tenants("", "org"), "both need one"},
		{"tenants that differ", "", "", "", tenants("org", "num"), "the tenant is"},
	}
	for _, e := range engines {
		for _, tt := range tests {
			t.Run(e.name+"/"+tt.name, func(t *testing.T) {
				a := &app{T: t, db: e.open(t), user: schema.UserType(), group: schema.GroupType()}
				more := tt.ddl
				exec(t, a.db, ddl(e.dialect, "CREATE TABLE users (id {id}, org text, email text NOT NULL UNIQUE); CREATE INDEX users_email ON users (lower(email)); CREATE TABLE teams (id {id}, org text, num bigint, name text NOT NULL UNIQUE); CREATE INDEX teams_name ON teams (lower(name));"+
					strings.Replace(members, tt.replace, tt.by, 1)+more))
				u := sqlstore.Table{Type: a.user, Name: "users", ID: "id", Columns: map[string]sqlstore.Column{"userName": {Name: "email"}}}
				g := sqlstore.Table{Type: a.group, Name: "teams", ID: "id", Columns: map[string]sqlstore.Column{"displayName": {Name: "name"}},
					Members: &sqlstore.Members{Table: "team_members", Owner: "team_id", Member: "user_id", Type: a.user}}
				if tt.change != nil {
					tt.change(&u, &g)
				}
				a.opens(e.dialect, tt.want, u, g)
			})
		}
	}
}

// TestHiddenByWhere: what Where would leave out is not made, and the client is told
// that it is no resource of the service.
func TestHiddenByWhere(t *testing.T) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			a := &app{T: t, db: e.open(t), user: schema.UserType()}
			table := peopleOf(a.user)
			table.Where, table.Columns["userType"] = "t.kind = 'human'", sqlstore.Column{Name: "kind"}
			if err := openApp(t, e.dialect, a, ddl(e.dialect, "CREATE TABLE people (id {id}, email text NOT NULL UNIQUE, kind text); CREATE INDEX people_email ON people (lower(email))"), table); err != nil {
				t.Fatal(err)
			}
			const refusal = "The service does not keep such a User."
			_, err := a.create("rex@example.com")
			a.refusal("creating a dog", err, 400, refusal)
			a.is("how many there are", a.cell("SELECT count(*) FROM people"), "0")
			r := a.parse(`{"userName":"ann@example.com","userType":"human"}`)
			_, err = a.users.Update(t.Context(), r.ID(), func(r *scim.Resource) error { return r.Set("userType", "dog") })
			a.refusal("becoming a dog", err, 400, refusal)
			a.is("what is stored", a.cell("SELECT kind FROM people"), "human")
		})
	}
}

// TestNoTenants: a table without a tenant is not shared by many.
func TestNoTenants(t *testing.T) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			a := &app{T: t, db: e.open(t), user: schema.UserType(), group: schema.GroupType()}
			exec(t, a.db, ddl(e.dialect, "CREATE TABLE people (id {id}, email text NOT NULL UNIQUE); CREATE INDEX people_email ON people (lower(email)); INSERT INTO people (email) VALUES ('ann@example.com')"))
			s := a.mustOpen(e.dialect, sqlstore.Options{Tables: []sqlstore.Table{peopleOf(a.user)}, Types: []*schema.ResourceType{a.group}})
			s.ForTenant(a.group)
			a.is("the name", a.get("1").String("userName"), "ann@example.com")
			defer func() {
				if text, _ := recover().(string); !strings.Contains(text, "the table people of User has no Tenant") {
					t.Errorf("the panic is %q", text)
				}
			}()
			s.ForTenant(a.user)
		})
	}
}
