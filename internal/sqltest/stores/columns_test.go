package stores

import (
	"testing"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// TestOneColumn: a column that is for two attributes keeps its value when a
// client sends one of them only, be it that a row is adopted or changed.
func TestOneColumn(t *testing.T) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			db := e.open(t)
			exec(t, db, hostTables[e.dialect])
			exec(t, db, `INSERT INTO users (org, email, email_key, first_name, last_name) VALUES ('a', 'mira@example.com', 'mira@example.com', 'Mira', 'Holt')`)
			users, groups := hostTypes()
			s, err := sqlstore.Open(t.Context(), db, e.dialect, sqlstore.Options{Relaxed: true, Tables: hostMapping(users, groups, sqlstore.Adopt)})
			if err != nil {
				t.Fatal(err)
			}
			h, err := s.ForTenant(users)(t.Context(), "a")
			if err != nil {
				t.Fatal(err)
			}
			r, err := scim.NewResource(users, struct {
				Name string `scim:"userName"`
			}{"MIRA@example.com"})
			if err == nil {
				err = h.Create(t.Context(), r)
			}
			if err != nil {
				t.Fatal(err)
			}
			if _, err := h.Update(t.Context(), r.ID(), func(r *scim.Resource) error { return r.Set("emails", nil) }); err != nil {
				t.Fatal(err)
			}
			var email, key string
			if err := db.QueryRow(`SELECT email, email_key FROM users`).Scan(&email, &key); err != nil {
				t.Fatal(err)
			}
			if email != "MIRA@example.com" || key != "mira@example.com" {
				t.Errorf("the column has %q, and its key %q", email, key)
			}
		})
	}
}

// TestNoText: a text that a column must have and nobody has given is not there
// for filters either.
func TestNoText(t *testing.T) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			db := e.open(t)
			exec(t, db, hostTables[e.dialect])
			exec(t, db, `INSERT INTO users (org, email, email_key, last_name) VALUES ('a', 'mira@example.com', 'mira@example.com', '')`)
			users, groups := hostTypes()
			s, err := sqlstore.Open(t.Context(), db, e.dialect, sqlstore.Options{Relaxed: true, Tables: hostMapping(users, groups, sqlstore.Adopt)})
			if err != nil {
				t.Fatal(err)
			}
			h, err := s.ForTenant(users)(t.Context(), "a")
			if err != nil {
				t.Fatal(err)
			}
			for text, want := range map[string]int{`name.familyName lt "x"`: 0, `not (name.familyName lt "x")`: 1, `name.familyName pr`: 0} {
				expr, err := filter.Parse(text)
				if err != nil {
					t.Fatal(err)
				}
				f, err := filter.Bind(expr, users)
				if err != nil {
					t.Fatal(err)
				}
				page, err := h.List(t.Context(), scim.Query{Filter: f, StartIndex: 1, Count: 10})
				if err != nil || page.Total != want {
					t.Errorf("%s finds %d, want %d: %v", text, page.Total, want, err)
				}
			}
		})
	}
}
