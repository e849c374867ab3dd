package stores

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// typed is a mapping of userName, and of one attribute more, onto a table whose
// column is of some type.
func typed(a *app, e sqlstore.Dialect, path, typ string) (ddl string, table sqlstore.Table) {
	ddl = "CREATE TABLE people (id " + map[sqlstore.Dialect]string{sqlstore.SQLite: "INTEGER PRIMARY KEY AUTOINCREMENT", sqlstore.PostgreSQL: "bigserial PRIMARY KEY"}[e] +
		", email text NOT NULL UNIQUE, c " + typ + "); CREATE INDEX people_email ON people (lower(email))"
	return ddl, sqlstore.Table{Type: a.user, Name: "people", ID: "id", Existing: sqlstore.Adopt,
		Columns: map[string]sqlstore.Column{"userName": {Name: "email"}, path: {Name: "c"}}}
}

// TestNumbersAsTruth: a boolean in a column with numbers is stored, read and found.
func TestNumbersAsTruth(t *testing.T) {
	for _, e := range engines {
		for typ, absent := range map[string]string{"integer": "", "smallint NOT NULL": "0", "numeric": ""} {
			t.Run(e.name+"/"+typ, func(t *testing.T) {
				a := &app{T: t, db: e.open(t), user: schema.UserType()}
				ddl, table := typed(a, e.dialect, "active", typ)
				if err := openApp(t, e.dialect, a, ddl, table); err != nil {
					t.Fatal(err)
				}
				ids := make(map[any]string)
				for _, v := range []any{true, false, nil} {
					r := a.new("x")
					r.Set("userName", fmt.Sprint("x", v))
					r.Set("active", v)
					if err := a.users.Create(t.Context(), r); err != nil {
						t.Fatalf("%v: %v", v, err)
					}
					ids[v] = r.ID()
					want := map[any]string{true: "1", false: "0", nil: absent}[v]
					a.is("the column", a.cell("SELECT c FROM people WHERE id = "+r.ID()), want)
					a.is("the attribute", fmt.Sprint(a.get(r.ID()).Has("active"), a.get(r.ID()).Bool("active")), fmt.Sprint(want != "", v == true))
				}
				a.is("what is active", strings.Join(a.find("active eq true"), " "), ids[true])
				if got := strings.Join(a.find("active eq false"), " "); !strings.HasPrefix(got, ids[false]) {
					t.Errorf("what is not active is %q", got)
				}
			})
		}
	}
}

// TestSecondsAsTimes: a time in a column with integers is one in seconds.
func TestSecondsAsTimes(t *testing.T) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			a := &app{T: t, db: e.open(t), user: schema.UserType()}
			ddl, table := typed(a, e.dialect, "meta.created", "bigint")
			if err := openApp(t, e.dialect, a, ddl, table); err != nil {
				t.Fatal(err)
			}
			r, err := a.create("ann@example.com")
			if err != nil {
				t.Fatal(err)
			}
			exec(t, a.db, "UPDATE people SET c = 1600000000")
			a.is("the time", a.get(r.ID()).Meta().Created.Format(time.RFC3339), "2020-09-13T12:26:40Z")
			a.is("what is younger than 2020", strings.Join(a.find(`meta.created gt "2020-01-01T00:00:00Z"`), " "), r.ID())
			a.is("what is older", strings.Join(a.find(`meta.created lt "2020-01-01T00:00:00Z"`), " "), "")
		})
	}
}

// TestTypesThatDoNotFit: what a column of PostgreSQL cannot compare is refused when the
// store is opened.
func TestTypesThatDoNotFit(t *testing.T) {
	postgres := engines[1]
	for _, test := range []struct {
		path, typ string
		fits      bool
	}{
		{"title", "text", true}, {"title", "varchar(8)", true}, {"title", "char(8)", true}, {"title", "label", true},
		{"title", "uuid", false}, {"title", "mood", false}, {"title", "json", false}, {"title", "jsonb", false},
		{"title", "inet", false}, {"title", "text[]", false}, {"title", "bytea", false}, {"title", "int", false}, {"title", "interval", false},
		{"active", "boolean", true}, {"active", "text", false}, {"active", "date", false}, {"active", "real", true},
		{"rate", "integer", false}, {"rate", "numeric(10,2)", true}, {"rate", "double precision", true},
		{"meta.created", "timestamp(3)", true}, {"meta.created", "text", false}, {"meta.created", "time", false},
	} {
		a := &app{T: t, db: postgres.open(t), user: schema.UserType()}
		a.user.Schema.Attributes = append(a.user.Schema.Attributes, schema.Attribute{Name: "rate", Type: schema.Decimal})
		exec(t, a.db, "CREATE TYPE mood AS ENUM ('glad'); CREATE DOMAIN label AS varchar(8)")
		ddl, table := typed(a, postgres.dialect, test.path, test.typ)
		err := openApp(t, postgres.dialect, a, ddl, table)
		if test.fits {
			if err != nil {
				t.Errorf("%s in %s: %v", test.path, test.typ, err)
			} else if _, err = a.create("ann@example.com"); err != nil {
				t.Errorf("%s in %s: %v", test.path, test.typ, err)
			}
			continue
		}
		for _, part := range []string{test.path, "column c", "SQL, Decode and Encode can convert"} {
			if err == nil || !strings.Contains(err.Error(), part) {
				t.Errorf("%s in %s: %v, want %q", test.path, test.typ, err, part)
			}
		}
	}
}

// TestTypesOfLists: the same for the columns of a list.
func TestTypesOfLists(t *testing.T) {
	postgres := engines[1]
	for typ, want := range map[string]string{"kind uuid": "column kind", "main text": "column main", "main int": ""} {
		t.Run(typ, func(t *testing.T) {
			db := postgres.open(t)
			name, _, _ := strings.Cut(typ, " ")
			exec(t, db, hostTables[postgres.dialect]+" ALTER TABLE user_phones DROP COLUMN "+name+"; ALTER TABLE user_phones ADD COLUMN "+typ)
			a := &app{T: t, db: db}
			a.user, a.group = hostTypes()
			err := openApp(t, postgres.dialect, a, "", hostMapping(a.user, a.group, sqlstore.Refuse)[0])
			if want != "" {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%v, want %q", err, want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			r := a.new("ann@example.com")
			r.Set("phoneNumbers", []any{map[string]any{"value": "1"}, map[string]any{"value": "2", "primary": true}})
			if err := a.users.Create(t.Context(), r); err != nil {
				t.Fatal(err)
			}
			a.is("what is found", strings.Join(a.find(`phoneNumbers[primary eq true and value eq "2"]`), " "), r.ID())
			a.is("what is not", strings.Join(a.find(`phoneNumbers[primary eq true and value eq "1"]`), " "), "")
		})
	}
}

// TestAffinity: SQLite makes numbers of texts in columns of many types, 7 of 007. None
// of them is for texts, for ids, or for tenants, who would be one.
func TestAffinity(t *testing.T) {
	lite := engines[0]
	phones := func(owner, value string) func(m *sqlstore.Table) {
		return func(m *sqlstore.Table) {
			m.Lists = map[string]sqlstore.List{"phoneNumbers": {Table: "phones", Owner: owner, Columns: map[string]string{"value": value}}}
		}
	}
	uses := map[string]func(m *sqlstore.Table){
		"the attribute title, column c": column("title", sqlstore.Column{Name: "c"}),
		"the tenant":                    func(m *sqlstore.Table) { m.Tenant = "c" },
		"the id":                        func(m *sqlstore.Table) { m.ID = "c" },
		"the column c with the key":     column("userName", sqlstore.Column{Name: "email", Key: "c"}),
		"c of the table phones":         phones("c", "n"),
		"the sub-attribute value":       phones("user_id", "c"),
	}
	for typ, keeps := range map[string]bool{
		"": true, "TEXT": true, "VARCHAR(80)": true, "NATIVE CHARACTER(70)": true, "CLOB": true,
		"STRING": false, "GUID": false, "JSON": false, "TIME": false, "ANY": false, "MONEY": false, "NUMERIC": false, "REAL": false, "DATE": false, "BOOLEAN": false,
	} {
		for use, change := range uses {
			t.Run(typ+"/"+use, func(t *testing.T) {
				a := &app{T: t, db: lite.open(t), user: schema.UserType()}
				exec(t, a.db, "CREATE TABLE people (id TEXT PRIMARY KEY DEFAULT 'x', email TEXT NOT NULL UNIQUE, c "+typ+" NOT NULL UNIQUE DEFAULT 'x'); CREATE TABLE phones (user_id TEXT, n TEXT, c "+typ+");"+
					"CREATE INDEX people_email ON people (lower(email)); CREATE INDEX people_c ON people (c, lower(email))")
				table := peopleOf(a.user)
				change(&table)
				if keeps {
					use = ""
				}
				a.opens(lite.dialect, use, table)
			})
		}
	}
}

// TestTimeThatGoes: in a column that must have a time, nothing stands for none: a client
// that removes it is told, and what the application has put there for none is none.
func TestTimeThatGoes(t *testing.T) {
	for _, e := range engines {
		for _, typ := range []string{"{time} NOT NULL DEFAULT '2020-01-01 00:00:00'", "bigint NOT NULL DEFAULT 1577836800"} {
			t.Run(e.name+"/"+typ, func(t *testing.T) {
				a := &app{T: t, db: e.open(t), user: schema.UserType()}
				a.user.Schema.Attributes = append(a.user.Schema.Attributes, schema.Attribute{Name: "since", Type: schema.DateTime})
				text, table := typed(a, e.dialect, "since", ddl(e.dialect, typ))
				if err := openApp(t, e.dialect, a, text, table); err != nil {
					t.Fatal(err)
				}
				r := a.parse(`{"userName":"ann@example.com"}`)
				a.finds(`since eq "2020-01-01T00:00:00Z"`, r.ID())
				_, err := a.users.Update(t.Context(), r.ID(), func(r *scim.Resource) error { return r.Set("since", nil) })
				a.refusal("removing it", err, 400, "The value of since is missing.")
				a.finds(`since pr`, r.ID())
				if e.dialect == sqlstore.SQLite && typ[0] == '{' {
					exec(t, a.db, "UPDATE people SET c = ''")
					a.is("what clients see", fmt.Sprint(a.get(r.ID()).Has("since")), "false")
					a.finds(`since pr`, "")
					a.finds(`not (since pr) and since eq null`, r.ID())
				}
			})
		}
	}
}
