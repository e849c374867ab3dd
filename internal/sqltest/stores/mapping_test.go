package stores

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
	"github.com/scimkit/scimkit/store/storetest"
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
			s, err := sqlstore.Open(t.Context(), a.db, e.dialect, sqlstore.Options{Relaxed: true, Tables: tables})
			if err != nil {
				t.Fatal(err)
			}
			a.users, _ = s.ForTenant(a.user)(t.Context(), "acme")
			a.groups, _ = s.ForTenant(a.group)(t.Context(), "acme")
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

func (a *app) bound(f string) *filter.Filter {
	a.Helper()
	e, err := filter.Parse(f)
	if err != nil {
		a.Fatal(err)
	}
	bound, err := filter.Bind(e, a.user)
	if err != nil {
		a.Fatal(err)
	}
	return bound
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

func TestAdopt(t *testing.T) {
	withApp(t, existing(sqlstore.Adopt), func(a *app) {
		a.is("the filter's result", strings.Join(a.find(`userName eq "ANN@example.com"`), " "), "u1")
		before := a.get("u1")
		a.is("the family name", before.String("name.familyName"), "Lee")
		a.is("the groups", before.String("groups.value"), "t1")
		r, err := a.create("ann@EXAMPLE.com")
		if err != nil {
			t.Fatal(err)
		}
		a.is("the adopted id", r.ID(), "u1")
		a.is("the stored e-mail", a.cell("SELECT email FROM users WHERE id = 1"), "ann@EXAMPLE.com")
		a.is("the plan", a.cell("SELECT plan FROM users WHERE id = 1"), "gold")
		a.is("the groups after", a.get("u1").String("groups.value"), "t1")
		a.is("what the client did not send", a.cell("SELECT first_name FROM users WHERE id = 1"), "Ann")
		_, err = a.create("Ann@example.com")
		a.fails("creating it again", err, scim.ErrConflict)
		g, _ := scim.NewResource(a.group, &scim.Group{DisplayName: "STAFF", Members: []scim.Reference{{Value: "u1"}}})
		if err := a.groups.Create(t.Context(), g); err != nil {
			t.Fatal(err)
		}
		a.is("the adopted group", g.ID(), "t1")
		a.is("the members of the adopted group", a.cell("SELECT count(*) FROM team_members WHERE team_id = 1"), "1")
		a.is("the member", a.cell("SELECT user_id FROM team_members WHERE team_id = 1"), "1")
		// A row is adopted by changing it, too.
		_, err = a.users.Update(a.Context(), "u2", func(r *scim.Resource) error {
			return errors.Join(r.Set("externalId", "x-2"), r.Set("active", false))
		})
		if err != nil {
			t.Fatal(err)
		}
		a.is("the external id", a.get("u2").String("externalId"), "x-2")
		if a.cell("SELECT disabled_at FROM users WHERE id = 2") == "" {
			a.Error("disabled_at is not set")
		}
		a.is("the other tenant's row", a.cell("SELECT last_name FROM users WHERE id = 3"), "Other")
		_, err = a.users.Get(a.Context(), "u3", scim.GetOptions{})
		a.fails("the other tenant's row", err, scim.ErrNotFound)
	})
}

func TestRefuse(t *testing.T) {
	withApp(t, existing(sqlstore.Refuse), func(a *app) {
		a.is("the filter's result", strings.Join(a.find(`userName sw "a" or userName pr`), " "), "")
		_, err := a.users.Get(a.Context(), "u1", scim.GetOptions{})
		a.fails("an existing row", err, scim.ErrNotFound)
		_, err = a.users.Update(a.Context(), "u1", func(*scim.Resource) error { return nil })
		a.fails("changing an existing row", err, scim.ErrNotFound)
		a.fails("deleting an existing row", a.users.Delete(a.Context(), "u1", func(*scim.Resource) error { return nil }), scim.ErrNotFound)
		_, err = a.create("ANN@example.com")
		a.fails("creating a row that is there", err, scim.ErrConflict)
		a.is("the row", a.cell("SELECT email FROM users WHERE id = 1"), "Ann@example.com")
		r, err := a.create("new@example.com")
		if err != nil {
			t.Fatal(err)
		}
		a.is("what is found", strings.Join(a.find(`userName pr`), " "), r.ID())
		g, _ := scim.NewResource(a.group, &scim.Group{DisplayName: "Own", Members: []scim.Reference{{Value: "u1"}}})
		var unknown *scim.UnknownMembersError
		if err := a.groups.Create(a.Context(), g); !errors.As(err, &unknown) {
			a.Errorf("a member that no client sees: error is %v", err)
		}
	})
}

func TestAsk(t *testing.T) {
	no := &scim.Error{Status: 403, Detail: "Not this one."}
	asked := ""
	ask := func(tables []sqlstore.Table) {
		existing(sqlstore.AskHost)(tables)
		for i := range tables {
			tables[i].Ask = func(_ context.Context, existing, wanted *scim.Resource) error {
				asked = existing.String("userName") + " " + wanted.String("userName")
				if existing.ID() == "u1" {
					return no
				}
				return nil
			}
		}
	}
	withApp(t, ask, func(a *app) {
		_, err := a.create("ANN@example.com")
		a.fails("the row that the host refuses", err, no)
		a.is("the question", asked, "Ann@example.com ANN@example.com")
		a.is("the row", a.cell("SELECT email FROM users WHERE id = 1"), "Ann@example.com")
		r, err := a.create("Bob@example.com")
		if err != nil {
			t.Fatal(err)
		}
		a.is("the adopted id", r.ID(), "u2")
	})
}

// Of many who adopt a row at once one does.
func TestAdoptRace(t *testing.T) {
	withApp(t, existing(sqlstore.Adopt), func(a *app) {
		var wg sync.WaitGroup
		var mu sync.Mutex
		created := 0
		for range 16 {
			wg.Go(func() {
				r := a.new("ann@example.com")
				err := a.users.Create(context.Background(), r)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					created++
				} else if !errors.Is(err, scim.ErrConflict) {
					a.Error(err)
				}
			})
		}
		wg.Wait()
		if created != 1 {
			a.Errorf("%d created it", created)
		}
	})
}

// What the application changes by itself is what clients see.
func TestHostChanges(t *testing.T) {
	withApp(t, existing(sqlstore.Refuse), func(a *app) {
		r, err := a.create("carl@example.com")
		if err != nil {
			t.Fatal(err)
		}
		id := strings.TrimPrefix(r.ID(), "u")
		before := a.get(r.ID()).Meta().Version
		exec(a, a.db, "UPDATE users SET last_name = 'Changed', email = 'Carla@example.com', email_key = 'carla@example.com' WHERE id = "+id)
		after := a.get(r.ID())
		a.is("the name", after.String("name.familyName"), "Changed")
		a.is("the work address", after.String(`emails[type eq "work"].value`), "Carla@example.com")
		a.is("what is found", strings.Join(a.find(`emails.value eq "carla@example.com"`), " "), r.ID())
		if after.Meta().Version == before {
			a.Error("the version has not changed")
		}
		if _, err := a.create("carl@example.com"); err != nil {
			a.Errorf("a name that the application has freed: %v", err)
		}
		_, err = a.create("CARLA@example.com")
		a.fails("a name that the application has given", err, scim.ErrConflict)
		exec(a, a.db, "DELETE FROM users WHERE id = "+id)
		_, err = a.users.Get(a.Context(), r.ID(), scim.GetOptions{})
		a.fails("a row that went", err, scim.ErrNotFound)
		again, err := a.create("carla@example.com")
		if err != nil {
			t.Fatalf("a name whose row went: %v", err)
		}
		if again.ID() == r.ID() {
			a.Error("the id is used again")
		}
	})
}

func asError(err error, target **scim.Error) bool { return errors.As(err, target) }

// An application that has people and no groups keeps its people; groups are in
// the library's tables, and people that no client has made can be members.
func TestGroupsBesideHostUsers(t *testing.T) {
	t.Parallel()
	for _, e := range engines {
		for name, policy := range map[string]sqlstore.Existing{"Refuse": sqlstore.Refuse, "Adopt": sqlstore.Adopt} {
			t.Run(e.name+"/"+name, func(t *testing.T) {
				db := e.open(t)
				exec(t, db, hostTables[e.dialect])
				users, groups := hostTypes()
				s, err := sqlstore.Open(t.Context(), db, e.dialect, sqlstore.Options{Relaxed: true,
					Tables: hostMapping(users, groups, policy)[:1], Types: []*schema.ResourceType{groups}})
				if err != nil {
					t.Fatal(err)
				}
				exec(t, db, `INSERT INTO users (org, email, email_key, last_name) VALUES ('acme', 'ann@example.com', 'ann@example.com', 'Lee')`)
				a := &app{T: t, db: db, user: users, group: groups}
				a.users, _ = s.ForTenant(users)(t.Context(), "acme")
				a.groups, _ = s.ForTenant(groups)(t.Context(), "acme")
				g, _ := scim.NewResource(groups, &scim.Group{DisplayName: "Staff", Members: []scim.Reference{{Value: "u1"}}})
				err = a.groups.Create(t.Context(), g)
				var unknown *scim.UnknownMembersError
				if policy == sqlstore.Refuse {
					if !errors.As(err, &unknown) {
						t.Errorf("a member that no client sees: %v", err)
					}
				} else {
					if err != nil {
						t.Fatal(err)
					}
					a.is("the groups of the member", a.get("u1").String("groups.display"), "Staff")
					a.is("what is found by group", strings.Join(a.find(`groups.value eq "`+g.ID()+`"`), " "), "u1")
					a.is("the name of the member", a.get("u1").String("userName"), "ann@example.com")
				}
				open := twoTenants(s, users, groups)
				storetest.Run(t, func(t *testing.T) storetest.Host {
					h := open(t)
					h.MayRefuse, h.Adjust = true, adjust
					return h
				})
			})
		}
	}
}
