package stores

import (
	"strings"
	"testing"

	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// keyedState is keyedPeople with what a client can change beside the name.
const keyedState = "CREATE TABLE people (id {id}, email text NOT NULL UNIQUE, k text UNIQUE, active boolean NOT NULL DEFAULT true);"

// withStates is withKeys with active in a column.
func withStates(t *testing.T, ddlText string, test func(a *app, open func() error)) {
	withTable(t, ddlText, column("active", sqlstore.Column{Name: "active"}), test)
}

// TestStaleKeyDeactivates: whoever has the key of a user, whom a client deactivates is
// inactive.
func TestStaleKeyDeactivates(t *testing.T) {
	for name, c := range map[string]struct{ written, k string }{
		"a new row without a key": {"UPDATE people SET email = 'c@x' WHERE id = 2; INSERT INTO people (email) VALUES ('b@x')", "b@x"},
		"a row of another name":   {"UPDATE people SET email = 'c@x' WHERE id = 2; UPDATE people SET email = 'b@x' WHERE id = 3", "b@x"},
		"two rows in turn":        {"UPDATE people SET email = 'y@x' WHERE id = 2; UPDATE people SET email = 'b@x' WHERE id = 3; UPDATE people SET email = 'd@x' WHERE id = 2", "b@x"},
		"a twin with the key":     {"UPDATE people SET email = 'B@x', k = NULL WHERE id = 3", ""},
	} {
		t.Run(name, func(t *testing.T) {
			withStates(t, keyedState, func(a *app, open func() error) {
				exec(a, a.db, "INSERT INTO people (email) VALUES ('a@x'), ('b@x')")
				if name != "a new row without a key" {
					exec(a, a.db, "INSERT INTO people (email) VALUES ('d@x')")
				}
				a.must(open(), "")
				exec(a, a.db, c.written)
				a.update("3", func(r *scim.Resource) error { return r.Set("active", false) })
				a.is("who is active", a.cell("SELECT count(*) FROM people WHERE NOT active AND id = 3"), "1")
				a.is("the key", a.cell("SELECT coalesce(k, '') FROM people WHERE id = 3"), c.k)
			})
		})
	}
}

// TestStaleKeyRefused: neither does it matter that the application does not take a key.
func TestStaleKeyRefused(t *testing.T) {
	withStates(t, strings.Replace(keyedState, "k text UNIQUE", "k text UNIQUE CHECK (k <> 'a@x')", 1), func(a *app, open func() error) {
		a.must(open(), "")
		exec(a, a.db, "INSERT INTO people (email) VALUES ('a@x')")
		a.update("1", func(r *scim.Resource) error { return r.Set("active", false) })
		a.is("who is active", a.cell("SELECT count(*) FROM people WHERE active"), "0")
	})
}

// TestStaleKeyAdopt: who has the name is adopted, in whatever order the rows come of which
// another has the key.
func TestStaleKeyAdopt(t *testing.T) {
	notNull := strings.Replace(keyedState, "k text", "k text NOT NULL", 1)
	for name, c := range map[string]struct{ table, rows string }{
		"without a key, before": {keyedState, "('b@x', NULL), ('c@x', 'b@x')"},
		"without a key, behind": {keyedState, "('c@x', 'b@x'), ('b@x', NULL)"},
		"with the key of none":  {notNull, "('c@x', 'b@x'), ('b@x', 'c@x')"},
	} {
		t.Run(name, func(t *testing.T) {
			withStates(t, c.table, func(a *app, open func() error) {
				a.must(open(), "")
				exec(a, a.db, "INSERT INTO people (email, k) VALUES "+c.rows)
				if c.table == notNull { // a change of either puts the keys of both right
					a.update("1", func(r *scim.Resource) error { return r.Set("active", false) })
				}
				r := a.parse(`{"userName":"b@X"}`)
				a.is("the rows", a.cell("SELECT count(*) FROM people"), "2")
				a.is("the keys", a.cell("SELECT count(*) FROM people WHERE k = lower(email)"), "2")
				a.finds(`userName eq "b@x"`, r.ID())
			})
		})
	}
}

// TestKeysSwapped: Open puts right rows that have each other's keys, and refuses those
// of one name.
func TestKeysSwapped(t *testing.T) {
	for _, k := range []string{"text UNIQUE", "text NOT NULL UNIQUE", "text UNIQUE {deferred}"} {
		t.Run(k, func(t *testing.T) {
			withKeys(t, "CREATE TABLE people (id {id}, email text NOT NULL, k "+k+");", func(a *app, open func() error) {
				exec(a, a.db, "INSERT INTO people (email, k) VALUES ('a@x', 'b@x'), ('b@x', 'c@x'), ('c@x', 'a@x')")
				a.must(open(), "")
				a.is("the keys", a.cell("SELECT count(*) FROM people WHERE k = email"), "3")
				exec(a, a.db, "UPDATE people SET email = 'A@x' WHERE id = 2")
				says(a.T, open(), "the row with the id 2", `"a@x"`, "(1 rows are so)")
			})
		})
	}
}

// TestKeysOfHidden: Open leaves names free that the application has let go of rows which
// clients do not see, and takes nobody's for one of them.
func TestKeysOfHidden(t *testing.T) {
	for name, change := range map[string]func(*sqlstore.Table){
		"Where":     func(m *sqlstore.Table) { m.Where = "t.gone IS NULL" },
		"DeletedAt": func(m *sqlstore.Table) { m.DeletedAt = "gone" },
	} {
		t.Run(name, func(t *testing.T) {
			index := "CREATE UNIQUE INDEX people_k ON people (k)"
			if name == "DeletedAt" {
				index += " WHERE gone IS NULL"
			}
			withTable(t, "CREATE TABLE people (id {id}, email text NOT NULL, k text, gone {time}); "+index, change, func(a *app, open func() error) {
				const gone = "'2026-01-01 00:00:00Z'"
				exec(a, a.db, "INSERT INTO people (email, k, gone) VALUES ('a@x', NULL, "+gone+"), ('A@x', NULL, "+gone+
					"), ('b@x', 'old', "+gone+"), ('b@x', NULL, NULL), ('c@x', 'c0', "+gone+"), ('B@x', 'c@x', "+gone+")")
				a.must(open(), "")
				a.is("the archive", a.cell("SELECT count(*) FROM people WHERE id < 3 AND k IS NULL"), "2")
				a.is("the other's name", a.cell("SELECT k FROM people WHERE id = 4"), "b@x")
				a.is("the key of one that has one", a.cell("SELECT k FROM people WHERE id = 5"), "c@x")
				r := a.parse(`{"userName":"a@x"}`)
				a.is("the new row", r.ID(), "7")
				// A request frees a key, and leaves the archive alone, too.
				exec(a, a.db, "UPDATE people SET email = 'd@x' WHERE id = 7")
				a.parse(`{"userName":"a@x"}`)
				a.is("the archive", a.cell("SELECT count(*) FROM people WHERE id < 3 AND k IS NULL"), "2")
				a.must(open(), "")
			})
		})
	}
}

// TestKeysWithoutID: rows that the application has given no id yet are left alone.
func TestKeysWithoutID(t *testing.T) {
	const table = "CREATE TABLE people (n {id}, id text UNIQUE, email text NOT NULL, k text UNIQUE, active boolean);"
	withStates(t, table, func(a *app, open func() error) {
		exec(a, a.db, "INSERT INTO people (id, email) VALUES (NULL, 'old@x'), ('p1', 'ann@x')")
		a.must(open(), "")
		a.finds(`userName eq "ann@x"`, "p1")
		exec(a, a.db, "UPDATE people SET k = 'bob@x' WHERE id IS NULL; UPDATE people SET email = 'bob@x' WHERE id = 'p1'")
		a.update("p1", func(r *scim.Resource) error { return r.Set("active", false) })
		a.is("the key that another row keeps", a.cell("SELECT k FROM people WHERE id IS NULL"), "bob@x")
	})
}
