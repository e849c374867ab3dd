package stores

import (
	"fmt"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// withKeys runs a test on each database, with a mapping of userName that has a Key.
func withKeys(t *testing.T, ddlText string, test func(a *app, open func() error)) {
	withTable(t, ddlText, func(*sqlstore.Table) {}, test)
}

// withTable is withKeys with a change of the mapping.
func withTable(t *testing.T, ddlText string, change func(*sqlstore.Table), test func(a *app, open func() error)) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			a := &app{T: t, db: e.open(t), user: schema.UserType()}
			exec(t, a.db, ddl(e.dialect, ddlText))
			table := peopleOf(a.user)
			table.Columns["userName"] = sqlstore.Column{Name: "email", Key: "k"}
			if strings.Contains(ddlText, "org") {
				table.Tenant = "org"
			}
			change(&table)
			test(a, func() error { return a.again(e.dialect, sqlstore.Options{Tables: []sqlstore.Table{table}}) })
		})
	}
}

const keyedPeople = "CREATE TABLE people (id {id}, email text NOT NULL, k text UNIQUE);"

// TestKeysComeAtOpen: rows that have no key get one, and those with that of another
// text the right one, however many they are and in whatever order.
func TestKeysComeAtOpen(t *testing.T) {
	withKeys(t, keyedPeople, func(a *app, open func() error) {
		var rows []string
		for i := range 1100 {
			rows = append(rows, fmt.Sprintf("('P%d@x', NULL)", i))
		}
		// The key that the first one waits for is still that of the second.
		exec(a, a.db, "INSERT INTO people (email, k) VALUES ('b@x', 'a@x'), ('c@x', 'b@x'), ('Straße@x', 'straße@x'), ('ＡＢＣ@x', 'ａｂｃ@x'), "+strings.Join(rows, ", "))
		a.must(open(), "")
		for name, want := range map[string]string{"B@x": "1", "c@X": "2", "STRASSE@x": "3", "abc@x": "4", "p1099@x": "1104", "a@x": ""} {
			a.finds(`userName eq "`+name+`"`, want)
		}
		a.is("the keys", a.cell("SELECT count(*) FROM people WHERE k IS NOT NULL"), "1104")
	})
}

// TestKeysOfTenants: the same where ids are unique within a tenant only.
func TestKeysOfTenants(t *testing.T) {
	const table = "CREATE TABLE people (org text, id text NOT NULL, email text NOT NULL, k text, PRIMARY KEY (org, id), UNIQUE (org, k));"
	withKeys(t, table, func(a *app, open func() error) {
		for _, org := range []string{"acme", "zeta"} {
			var rows []string
			for i := range 700 {
				rows = append(rows, fmt.Sprintf("('%s', '%d', 'P%d@x', 'old%d')", org, i, i, i))
			}
			exec(a, a.db, "INSERT INTO people (org, id, email, k) VALUES "+strings.Join(rows, ", "))
		}
		a.must(open(), "")
		a.finds(`userName eq "p699@x"`, "699")
		a.is("the keys", a.cell("SELECT count(*) FROM people WHERE k = lower(email)"), "1400")
	})
}

// TestKeysOfTwo: two rows with one name are an error that says which.
func TestKeysOfTwo(t *testing.T) {
	withKeys(t, keyedPeople, func(a *app, open func() error) {
		exec(a, a.db, "INSERT INTO people (email) VALUES ('ann@x'), ('bob@x'), ('Ann@x')")
		says(a.T, open(), "column k", "attribute userName", "the row with the id 3", `"ann@x"`)
		exec(a, a.db, "DELETE FROM people WHERE id = 1")
		a.must(open(), "")
		a.finds(`userName eq "ann@x"`, "3")
	})
}

// TestRowWithoutKey: nobody gets a second account because the application has written
// no key.
func TestRowWithoutKey(t *testing.T) {
	withKeys(t, keyedPeople, func(a *app, open func() error) {
		a.must(open(), "")
		exec(a, a.db, "INSERT INTO people (email) VALUES ('Ann@x')")
		bob := a.parse(`{"userName":"bob@x"}`)
		_, err := a.users.Update(a.Context(), bob.ID(), func(r *scim.Resource) error { return r.Set("userName", "ann@x") })
		a.fails("the name of the application's", err, scim.ErrConflict)
		r := a.parse(`{"userName":"ann@X","title":"Boss"}`)
		a.is("who has been adopted", r.ID(), "1")
		a.is("the key", a.cell("SELECT k FROM people WHERE id = 1"), "ann@x")
	})
}

// TestStaleKey: who has another name by now is not found by the former one, which
// others can have.
func TestStaleKey(t *testing.T) {
	const renamed = "UPDATE people SET email = 'ann.married@x' WHERE k = 'ann@x'"
	for name, next := range map[string]func(a *app, ann, bob string){
		"a change": func(a *app, ann, _ string) {
			a.update(ann, func(r *scim.Resource) error { return r.Set("title", "x") })
		},
		"another one": func(a *app, _, _ string) { a.parse(`{"userName":"ann@x"}`) },
		"another one's name": func(a *app, _, bob string) {
			a.update(bob, func(r *scim.Resource) error { return r.Set("userName", "ann@x") })
		},
	} {
		t.Run(name, func(t *testing.T) {
			withKeys(t, keyedPeople, func(a *app, open func() error) {
				a.must(open(), "")
				ann, bob := a.parse(`{"userName":"ann@x"}`), a.parse(`{"userName":"bob@x"}`)
				exec(a, a.db, renamed)
				a.finds(`userName eq "ann@x"`, "")
				if n := a.total(`userName eq "ANN@x" and userName pr`); n != 0 {
					a.Errorf("%d have the former name", n)
				}
				next(a, ann.ID(), bob.ID())
				a.finds(`userName eq "ann.married@x"`, ann.ID())
				if found := a.find(`userName eq "ann@x"`); len(found) > 0 && found[0] == ann.ID() {
					a.Error("she is found by her former name")
				}
			})
		})
	}
}
