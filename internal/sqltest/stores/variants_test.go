package stores

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
	"github.com/scimkit/scimkit/store/storetest"
)

// badMappings are what is wrong, and the names of attribute and column in the error.
var badMappings = []mappingTest{
	{"no such table", func(u, _ *sqlstore.Table) { u.Name = "people" }, []string{"User", "no table people"}},
	{"no name of a table", func(u, _ *sqlstore.Table) { u.Name = "users; DROP TABLE users" }, []string{"User", "no name of a table"}},
	{"no such column", func(u, _ *sqlstore.Table) { u.Columns["nickName"] = sqlstore.Column{Name: "nick"} }, []string{"nickName", "users has no column nick"}},
	{"a name that SQL here cannot have", func(u, _ *sqlstore.Table) { u.Columns["nickName"] = sqlstore.Column{Name: "Nick Name"} }, []string{"nickName", "Nick Name", "more than letters"}},
	{"no such attribute", func(u, _ *sqlstore.Table) { u.Columns["shoeSize"] = sqlstore.Column{Name: "plan"} }, []string{"shoeSize", "plan"}},
	{"no such id", func(u, _ *sqlstore.Table) { u.ID = "uid" }, []string{"User", "the id", "no column uid"}},
	{"an id that is not unique", func(u, _ *sqlstore.Table) { u.ID = "plan" }, []string{"User", "the id", "plan is not unique"}},
	{"no such tenant", func(u, _ *sqlstore.Table) { u.Tenant = "tenant" }, []string{"no column tenant"}},
	{"no such fixed column", func(u, _ *sqlstore.Table) { u.Fixed = map[string]any{"origin": "scim"} }, []string{"origin"}},
	{"types that do not fit", func(u, _ *sqlstore.Table) { u.Columns["active"] = sqlstore.Column{Name: "plan"} }, []string{"active", "plan", "boolean"}},
	{"a column for two types", func(u, _ *sqlstore.Table) {
		u.Columns["title"] = sqlstore.Column{Name: "disabled_at", Decode: keep}
	}, []string{"disabled_at", "title", "active"}},
	{"a complex attribute", func(u, _ *sqlstore.Table) { u.Columns["name"] = sqlstore.Column{Name: "last_name"} }, []string{"name", "complex"}},
	{"several values", func(u, _ *sqlstore.Table) { u.Columns["emails.value"] = sqlstore.Column{Name: "email"} }, []string{"emails.value", "several values"}},
	{"the id as an attribute", func(u, _ *sqlstore.Table) { u.Columns["id"] = sqlstore.Column{Name: "id"} }, []string{"attribute id"}},
	{"uniqueness", func(u, _ *sqlstore.Table) { u.Columns["userName"] = sqlstore.Column{Name: "last_name"} }, []string{"last_name has no unique index", "userName"}},
	{"a value that is missing", func(u, _ *sqlstore.Table) { delete(u.Columns, "name.familyName") }, []string{"last_name must have a value"}},
	{"braces", func(u, _ *sqlstore.Table) { u.Where = "t.plan = '{tenant}'" }, []string{"Where", "braces"}},
	{"no one to ask", func(u, _ *sqlstore.Table) { u.Existing = sqlstore.AskHost }, []string{"AskHost needs Ask"}},
	{"no table of members", func(_, g *sqlstore.Table) { g.Members = nil }, []string{"Group", "members", "Members"}},
	{"no such table of members", func(_, g *sqlstore.Table) { g.Members.Table = "memberships" }, []string{"members", "no table memberships"}},
	{"no such column of members", func(_, g *sqlstore.Table) { g.Members.Owner = "team" }, []string{"members", "no column team"}},
	{"no such list", func(u, _ *sqlstore.Table) { u.Lists["ims"] = sqlstore.List{Table: "user_ims"} }, []string{"ims", "no table user_ims"}},
	{"no such column of a list", func(u, _ *sqlstore.Table) {
		u.Lists["phoneNumbers"] = sqlstore.List{Table: "user_phones", Owner: "user_id", Columns: map[string]string{"value": "phone"}}
	}, []string{"phoneNumbers", "no column phone"}},
	{"two lists in one table", func(u, _ *sqlstore.Table) {
		u.Lists["ims"] = sqlstore.List{Table: "user_phones", Owner: "user_id", Order: "place", Columns: map[string]string{"value": "number"}}
	}, []string{"user_phones", "user_id", "phoneNumbers of users", "ims of users", "a table of its own"}},
	{"a list in a table of resources", func(u, _ *sqlstore.Table) {
		u.Lists["ims"] = sqlstore.List{Table: "teams", Owner: "id", Tenant: "org", Columns: map[string]string{"value": "name", "display": "name_key"}}
	}, []string{"teams", "ims of users", "a table of their own"}},
	{"a list of one value", func(u, _ *sqlstore.Table) { u.Lists["title"] = u.Lists["phoneNumbers"] }, []string{"title", "no list"}},
	{"members of a type that is not there", func(_, g *sqlstore.Table) { g.Members.Type = schema.UserType() }, []string{"members"}},
}

// TestBadMappings: what is wrong is said when the store is opened.
func TestBadMappings(t *testing.T) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			db := e.open(t)
			exec(t, db, hostTables[e.dialect])
			exec(t, db, `ALTER TABLE users ADD COLUMN "Nick Name" text`)
			testMappings(t, db, e.dialect, badMappings, func() []sqlstore.Table {
				return hostMapping(schema.UserType(), schema.GroupType(), sqlstore.Refuse)
			})
		})
	}
}

// variantTables have ids that the application makes, soft deletion and columns
// that need conversion.
var variantTables = map[sqlstore.Dialect]string{
	sqlstore.SQLite: `
CREATE TABLE accounts (
	uid TEXT NOT NULL PRIMARY KEY, login TEXT NOT NULL, state INTEGER NOT NULL, seats INTEGER, source TEXT NOT NULL, gone TEXT, internal BOOLEAN NOT NULL DEFAULT 0);
CREATE UNIQUE INDEX accounts_login ON accounts (lower(login)) WHERE gone IS NULL;`,
	sqlstore.PostgreSQL: `
CREATE TABLE accounts (
	uid uuid PRIMARY KEY, login text NOT NULL, state int NOT NULL, seats int, source text NOT NULL, gone timestamptz, internal boolean NOT NULL DEFAULT false);
CREATE UNIQUE INDEX accounts_login ON accounts (lower(login)) WHERE gone IS NULL;
CREATE UNIQUE INDEX accounts_login_all ON accounts (login, uid);`,
}

func variant(t *schema.ResourceType, d sqlstore.Dialect) sqlstore.Table {
	return sqlstore.Table{
		Type: t, Name: "accounts", ID: "uid", DeletedAt: "gone", Where: "NOT t.internal", Existing: sqlstore.Adopt,
		Fixed: map[string]any{"source": "scim"},
		Columns: map[string]sqlstore.Column{
			"userName": {Name: "login"},
			"active": {Name: "state", SQL: "t.state = 7",
				Encode: func(v any) (any, error) { return map[any]int{true: 7, false: 3, nil: 7}[v], nil }},
			"displayName": {SQL: "'* ' || t.login"},
			"title": {Name: "seats", SQL: "CAST(t.seats AS text)",
				Encode: func(v any) (any, error) {
					text, ok := v.(string)
					if !ok {
						return nil, nil
					}
					n, err := strconv.Atoi(text)
					if err != nil {
						return nil, &scim.Error{Status: 400, Type: "invalidValue", Detail: "title: a number is expected."}
					}
					return n, nil
				}},
		},
	}
}

// readOnly is t with an attribute that clients do not write.
func readOnly(t *schema.ResourceType, name string) *schema.ResourceType {
	for i, a := range t.Schema.Attributes {
		if a.Name == name {
			t.Schema.Attributes[i].Mutability = schema.ReadOnly
		}
	}
	return t
}

func TestVariants(t *testing.T) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			a := &app{T: t, db: e.open(t), user: readOnly(schema.UserType(), "displayName")}
			exec(t, a.db, variantTables[e.dialect])
			a.mustOpen(e.dialect, sqlstore.Options{Tables: []sqlstore.Table{variant(a.user, e.dialect)}})
			r := a.new("dora@example.com")
			r.SetID("0199a7c0-0000-7000-8000-000000000001")
			r.Set("title", "12")
			if err := a.users.Create(t.Context(), r); err != nil {
				t.Fatal(err)
			}
			a.is("the id", r.ID(), "0199a7c0-0000-7000-8000-000000000001")
			a.is("the computed name", r.String("displayName"), "* dora@example.com")
			a.is("source", a.cell("SELECT source FROM accounts"), "scim")
			a.is("seats", a.cell("SELECT seats FROM accounts"), "12")
			a.is("what is found", strings.Join(a.find(`displayName eq "* DORA@example.com" and active eq true and title eq "12"`), " "), r.ID())
			_, err := a.users.Update(t.Context(), r.ID(), func(r *scim.Resource) error { return r.Set("title", "many") })
			if se := new(scim.Error); !asError(err, &se) || se.Status != 400 {
				t.Errorf("a value that does not convert: %v", err)
			}
			if _, err = a.users.Update(t.Context(), r.ID(), func(r *scim.Resource) error { return r.Set("active", false) }); err != nil {
				t.Fatal(err)
			}
			a.is("state", a.cell("SELECT state FROM accounts"), "3")
			_, err = a.users.Get(t.Context(), "no-uuid", scim.GetOptions{})
			a.fails("an id that cannot be", err, scim.ErrNotFound)
			if err := a.users.Delete(t.Context(), r.ID(), func(*scim.Resource) error { return nil }); err != nil {
				t.Fatal(err)
			}
			if a.cell("SELECT gone FROM accounts") == "" {
				t.Error("the row has no time of deletion")
			}
			_, err = a.users.Get(t.Context(), r.ID(), scim.GetOptions{})
			a.fails("a deleted row", err, scim.ErrNotFound)
			exec(t, a.db, "UPDATE accounts SET gone = NULL, internal = (1 = 1)")
			_, err = a.users.Get(t.Context(), r.ID(), scim.GetOptions{})
			a.fails("a row that Where leaves out", err, scim.ErrNotFound)
		})
	}
}

// A table without a tenant keeps to the contract, too.
func TestHostOfOneTenant(t *testing.T) {
	t.Parallel()
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			storetest.Run(t, func(t *testing.T) storetest.Host {
				db := e.open(t)
				exec(t, db, tenantTables(e.dialect))
				users, groups := hostTypes()
				s := mustOpen(t, db, e.dialect, sqlstore.Options{Tables: inSchema(hostMapping(users, groups, sqlstore.Adopt), "")})
				return storetest.Host{MayRefuse: true, Adjust: adjust,
					Endpoints: []scim.Endpoint{{Type: users, Handler: s.Handler(users)}, {Type: groups, Handler: s.Handler(groups)}}}
			})
		})
	}
}

// A tenant that the column cannot have is no tenant, and never that of number 0.
func TestTenantsOfNumbers(t *testing.T) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			db := e.open(t)
			exec(t, db, strings.NewReplacer("org TEXT", "org INTEGER", "org text", "org bigint").Replace(hostTables[e.dialect]))
			exec(t, db, "INSERT INTO users (org, email, email_key, last_name) VALUES (0, 'a@example.com', 'a@example.com', 'A'), (7, 'b@example.com', 'b@example.com', 'B')")
			users, groups := hostTypes()
			s := mustOpen(t, db, e.dialect, sqlstore.Options{Tables: hostMapping(users, groups, sqlstore.Adopt)})
			for tenant, want := range map[string]int{"0": 1, "7": 1, "8": 0, "acme": -1, "": -1, "07": -1, "99999999999999999999": -1} {
				got := -1
				if h, err := s.ForTenant(users)(t.Context(), tenant); err == nil {
					p, err := h.List(t.Context(), scim.Query{StartIndex: 1, Count: 10})
					if err != nil {
						t.Fatal(err)
					}
					got = p.Total
				}
				if got != want {
					t.Errorf("the tenant %q has %d users, want %d", tenant, got, want)
				}
			}
			if p, err := s.Handler(users).List(t.Context(), scim.Query{StartIndex: 1, Count: 10}); err != nil || p.Total != 0 {
				t.Errorf("no tenant: %d users, %v", p.Total, err)
			}
		})
	}
}

// What SQL cannot express is refused, or, if the host says so, done in memory as
// long as it is not about too many.
func TestScan(t *testing.T) {
	for _, e := range engines {
		for _, scan := range []int{0, 2, 1} {
			t.Run(e.name+"/"+strconv.Itoa(scan), func(t *testing.T) {
				a := &app{T: t, db: e.open(t)}
				exec(t, a.db, hostTables[e.dialect])
				exec(t, a.db, seeded)
				exec(t, a.db, "INSERT INTO users (org, email, email_key, last_name) VALUES ('acme', 'c@example.com', 'c@example.com', 'C')")
				a.user, a.group = hostTypes()
				a.mustOpen(e.dialect, sqlstore.Options{Scan: scan, Tables: hostMapping(a.user, a.group, sqlstore.Adopt)})
				f := a.bound(`meta.version pr and userName co "@" and not (name.familyName eq "Ray")`)
				p, err := a.users.List(t.Context(), scim.Query{Filter: f, StartIndex: 2, Count: 10})
				var refusal *scim.Error
				errors.As(err, &refusal)
				switch {
				case scan == 0 && (refusal == nil || refusal.Type != "invalidFilter"):
					t.Errorf("without Scan: %v", err)
				case scan == 1 && (refusal == nil || refusal.Type != "tooMany"):
					t.Errorf("with too many: %v", err)
				case scan == 2 && (err != nil || p.Total != 2 || len(p.Resources) != 1):
					t.Errorf("%d of %d, %v", len(p.Resources), p.Total, err)
				}
			})
		}
	}
}
