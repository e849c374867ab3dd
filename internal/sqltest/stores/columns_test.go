package stores

import (
	"strconv"
	"testing"

	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// TestOneColumn: a column that is for two attributes keeps its value when a
// client sends one of them only, be it that a row is adopted or changed.
func TestOneColumn(t *testing.T) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			a := &app{T: t, db: e.open(t)}
			exec(t, a.db, hostTables[e.dialect])
			exec(t, a.db, `INSERT INTO users (org, email, email_key, first_name, last_name) VALUES ('acme', 'mira@example.com', 'mira@example.com', 'Mira', 'Holt')`)
			a.user, a.group = hostTypes()
			a.mustOpen(e.dialect, sqlstore.Options{Tables: hostMapping(a.user, a.group, sqlstore.Adopt)})
			r := a.parse(`{"userName":"MIRA@example.com"}`)
			a.update(r.ID(), func(r *scim.Resource) error { return r.Set("emails", nil) })
			a.is("the column", a.cell("SELECT email FROM users"), "MIRA@example.com")
			a.is("its key", a.cell("SELECT email_key FROM users"), "mira@example.com")
		})
	}
}

// TestNoText: a text that a column must have and nobody has given is not there
// for filters either.
func TestNoText(t *testing.T) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			a := &app{T: t, db: e.open(t)}
			exec(t, a.db, hostTables[e.dialect])
			exec(t, a.db, `INSERT INTO users (org, email, email_key, last_name) VALUES ('acme', 'mira@example.com', 'mira@example.com', '')`)
			a.user, a.group = hostTypes()
			a.mustOpen(e.dialect, sqlstore.Options{Tables: hostMapping(a.user, a.group, sqlstore.Adopt)})
			for text, want := range map[string]int{`name.familyName lt "x"`: 0, `not (name.familyName lt "x")`: 1, `name.familyName pr`: 0} {
				a.is("how many "+text+" finds", strconv.Itoa(a.total(text)), strconv.Itoa(want))
			}
		})
	}
}
