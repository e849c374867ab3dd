package stores

import (
	"database/sql"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/filter"
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

func (a *app) new(userName string) *scim.Resource {
	a.Helper()
	r, err := scim.NewResource(a.user, &scim.User{UserName: userName, Name: scim.Name{FamilyName: "New"}, Active: new(true),
		Emails: []scim.MultiValue{{Type: "work", Value: userName}}})
	if err != nil {
		a.Fatal(err)
	}
	return r
}

func (a *app) create(userName string) (*scim.Resource, error) {
	a.Helper()
	r := a.new(userName)
	return r, a.users.Create(a.Context(), r)
}

func (a *app) get(id string) *scim.Resource {
	a.Helper()
	r, err := a.users.Get(a.Context(), id, scim.GetOptions{})
	if err != nil {
		a.Fatal(err)
	}
	return r
}

// bind parses a filter on resources of a type.
func bind(t testing.TB, rt *schema.ResourceType, text string) *filter.Filter {
	t.Helper()
	e, err := filter.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	f, err := filter.Bind(e, rt)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func (a *app) bound(f string) *filter.Filter {
	a.Helper()
	return bind(a, a.user, f)
}

func (a *app) find(f string) []string {
	a.Helper()
	p, err := a.users.List(a.Context(), scim.Query{Filter: a.bound(f), StartIndex: 1, Count: 100})
	if err != nil {
		a.Fatal(err)
	}
	var ids []string
	for _, r := range p.Resources {
		ids = append(ids, r.ID())
	}
	return ids
}

// cell reads one value of the application's tables as text.
func (a *app) cell(query string) string {
	a.Helper()
	var s sql.NullString
	if err := a.db.QueryRow("SELECT CAST((" + query + ") AS text)").Scan(&s); err != nil {
		a.Fatal(err)
	}
	return s.String
}

func (a *app) is(what, got, want string) {
	a.Helper()
	if got != want {
		a.Errorf("%s is %q, want %q", what, got, want)
	}
}

func (a *app) fails(what string, err, want error) {
	a.Helper()
	if !errors.Is(err, want) {
		a.Errorf("%s: error is %v, want %v", what, err, want)
	}
}

// says fails the test if the text of err lacks a part that is wanted, or if there is
// an error and none is wanted.
func says(t testing.TB, err error, want ...string) {
	t.Helper()
	if want == nil && err != nil {
		t.Errorf("the error is %v, want none", err)
	}
	for _, part := range want {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("the error is %v, want %q in it", err, part)
		}
	}
}

// wrong is what says wants for one part, "" for no error.
func wrong(part string) []string {
	if part == "" {
		return nil
	}
	return []string{part}
}

// A mappingTest is a change to a mapping, and what the error has to say of it, nil
// if there is none.
type mappingTest struct {
	name   string
	change func(users, groups *sqlstore.Table)
	want   []string
}

// testMappings opens stores with changed mappings on one database.
func testMappings(t *testing.T, db *sql.DB, d sqlstore.Dialect, tests []mappingTest, mapping func() []sqlstore.Table) {
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tables := mapping()
			tt.change(&tables[0], &tables[1])
			_, err := openStore(t, db, d, sqlstore.Options{Tables: tables})
			says(t, err, tt.want...)
		})
	}
}
