package stores

import (
	"strings"
	"testing"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// TestValuesThatDoNotFit: a value that the database does not take is the client's
// error, with the name of the attribute where that can be told.
func TestValuesThatDoNotFit(t *testing.T) {
	const cannot = " is not one that the service can store."
	const long = "Maximilian-Alexander"
	tests := []struct {
		name, lite, postgres string // the column c, "" for no test
		path, value          string
		converted            bool // by SQL and Encode: "none" is nil
		detail               string
	}{
		{"too long", "", "varchar(8)", "title", long, false, "The value of title is too long."},
		{"CHECK", "text CHECK (length(c) < 5)", "text CHECK (length(c) < 5)", "title", long, false, "The value of title" + cannot},
		{"CHECK with a name", "text CONSTRAINT people_c_ok CHECK (c <> 'Maximilian-Alexander')", "text CONSTRAINT people_c_ok CHECK (c <> 'Maximilian-Alexander')", "title", long, false, "The value of title" + cannot},
		{"CHECK of two", "text, CONSTRAINT same CHECK (c <> email)", "text, CONSTRAINT same CHECK (c <> email)", "title", "ann@example.com", false, "A value" + cannot},
		{"NOT NULL", "text NOT NULL", "text NOT NULL", "nickName", "none", true, "The value of nickName is missing."},
		{"of another type", "bigint CHECK (typeof(c) = 'integer')", "", "title", "many", true, "The value of title" + cannot},
		{"no number", "", "bigint", "title", "many", true, "A value" + cannot},
	}
	for _, e := range engines {
		for _, test := range tests {
			typ := map[sqlstore.Dialect]string{sqlstore.SQLite: test.lite, sqlstore.PostgreSQL: test.postgres}[e.dialect]
			if typ == "" {
				continue
			}
			t.Run(e.name+"/"+test.name, func(t *testing.T) {
				a := &app{T: t, db: e.open(t), user: schema.UserType()}
				ddl, table := typed(a, e.dialect, test.path, typ)
				if test.converted {
					table.Columns[test.path] = sqlstore.Column{Name: "c", SQL: "CAST(t.c AS text)", Encode: func(v any) (any, error) {
						if v == "none" {
							return nil, nil
						}
						return v, nil
					}}
				}
				if err := openApp(t, e.dialect, a, ddl, table); err != nil {
					t.Fatal(err)
				}
				r := a.new("ann@example.com")
				r.Set(test.path, test.value)
				a.refusal("creating it", a.users.Create(t.Context(), r), 400, test.detail)
				a.is("how many rows there are", a.cell("SELECT count(*) FROM people"), "0")
			})
		}
	}
}

// TestListValuesThatDoNotFit: the same for values of a list.
func TestListValuesThatDoNotFit(t *testing.T) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			a := &app{T: t, db: e.open(t)}
			a.user, a.group = hostTypes()
			ddl := strings.NewReplacer("kind text", "kind varchar(4) CHECK (kind <> 'fax')", "kind TEXT", "kind TEXT CHECK (kind <> 'fax')").Replace(hostTables[e.dialect])
			if err := openApp(t, e.dialect, a, ddl, hostMapping(a.user, a.group, sqlstore.Refuse)[0]); err != nil {
				t.Fatal(err)
			}
			for kind, detail := range map[string]string{"fax": "The value of phoneNumbers.type is not one that the service can store.", "pager": "The value of phoneNumbers.type is too long.", "work": ""} {
				if kind == "pager" && e.dialect == sqlstore.SQLite {
					continue
				}
				r := a.new(kind + "@example.com")
				r.Set("phoneNumbers", []any{map[string]any{"value": "1", "type": kind}})
				if err := a.users.Create(t.Context(), r); detail != "" {
					a.refusal(kind, err, 400, detail)
				} else if err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// TestReferred: a row that the application refers to stays, whenever the database
// checks that, and the connection is good for the next one.
func TestReferred(t *testing.T) {
	for _, e := range engines {
		for _, when := range []string{"", "DEFERRABLE INITIALLY DEFERRED"} {
			t.Run(e.name+"/"+when, func(t *testing.T) {
				a := &app{T: t, db: e.open(t)}
				a.user, a.group = hostTypes()
				ddl := hostTables[e.dialect] + " CREATE TABLE orders (user_id bigint NOT NULL REFERENCES users (id) " + when + ")"
				if err := openApp(t, e.dialect, a, ddl, hostMapping(a.user, a.group, sqlstore.Refuse)[0]); err != nil {
					t.Fatal(err)
				}
				r, err := a.create("ann@example.com")
				if err != nil {
					t.Fatal(err)
				}
				exec(t, a.db, "INSERT INTO orders VALUES (1)")
				remove := func() error { return a.users.Delete(t.Context(), r.ID(), func(*scim.Resource) error { return nil }) }
				a.refusal("deleting it", remove(), 409, "The application still refers to the User.")
				a.is("the name", a.get(r.ID()).String("userName"), "ann@example.com")
				exec(t, a.db, "DELETE FROM orders")
				if err := remove(); err != nil {
					t.Error(err)
				}
			})
		}
	}
}
