package stores

import (
	"database/sql"
	"slices"
	"testing"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// app is an application with rows of its own and SCIM over them.
type app struct {
	*testing.T
	db            *sql.DB
	users, groups scim.ResourceHandler
	user, group   *schema.ResourceType
}

const seeded = `
INSERT INTO users (org, email, email_key, first_name, last_name, plan) VALUES
	('acme', 'Ann@example.com', 'ann@example.com', 'Ann', 'Lee', 'gold'), ('acme', 'bob@example.com', 'bob@example.com', NULL, 'Ray', 'free'),
	('zeta', 'Ann@example.com', 'ann@example.com', 'Ann', 'Other', 'gold');
INSERT INTO teams (org, name, name_key) VALUES ('acme', 'Staff', 'staff'), ('zeta', 'Staff', 'staff');
INSERT INTO team_members (team_id, user_id) VALUES (1, 1), (1, 2), (2, 3);`

// withApp runs a test on each database, with the rows of seeded.
func withApp(t *testing.T, change func(tables []sqlstore.Table), test func(a *app)) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			a := &app{T: t, db: e.open(t)}
			exec(t, a.db, hostTables[e.dialect])
			exec(t, a.db, seeded)
			a.user, a.group = hostTypes()
			tables := hostMapping(a.user, a.group, sqlstore.Refuse)
			change(tables)
			a.mustOpen(e.dialect, sqlstore.Options{Tables: tables})
			test(a)
		})
	}
}

func existing(policy sqlstore.Existing) func([]sqlstore.Table) {
	return func(tables []sqlstore.Table) {
		for i := range tables {
			tables[i].Existing = policy
		}
	}
}

// openStore opens a store. It takes databases of SQLite that keep nothing when the
// machine stops, as those of tests do.
func openStore(t testing.TB, db *sql.DB, d sqlstore.Dialect, o sqlstore.Options) (*sqlstore.Store, error) {
	t.Helper()
	o.Relaxed = true
	return sqlstore.Open(t.Context(), db, d, o)
}

// mustOpen is openStore for a store that opens.
func mustOpen(t testing.TB, db *sql.DB, d sqlstore.Dialect, o sqlstore.Options) *sqlstore.Store {
	t.Helper()
	s, err := openStore(t, db, d, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// open opens a store on the application's database. If its tables have a tenant, the
// handlers are those of acme.
func (a *app) open(d sqlstore.Dialect, o sqlstore.Options) (*sqlstore.Store, error) {
	a.Helper()
	s, err := openStore(a, a.db, d, o)
	if err != nil {
		return nil, err
	}
	handler := s.Handler
	if len(o.Tables) > 0 && o.Tables[0].Tenant != "" {
		handler = func(rt *schema.ResourceType) scim.ResourceHandler {
			h, err := s.ForTenant(rt)(a.Context(), "acme")
			if err != nil {
				a.Fatal(err)
			}
			return h
		}
	}
	types := slices.Clone(o.Types)
	for _, t := range o.Tables {
		types = append(types, t.Type)
	}
	if slices.Contains(types, a.user) {
		a.users = handler(a.user)
	}
	if slices.Contains(types, a.group) {
		a.groups = handler(a.group)
	}
	return s, nil
}

// mustOpen is open for a store that opens.
func (a *app) mustOpen(d sqlstore.Dialect, o sqlstore.Options) *sqlstore.Store {
	a.Helper()
	s, err := a.open(d, o)
	if err != nil {
		a.Fatal(err)
	}
	return s
}
