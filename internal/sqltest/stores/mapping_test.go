package stores

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

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
		g := a.mustGroup("STAFF", "u1")
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
		var unknown *scim.UnknownMembersError
		if _, err := a.createGroup("Own", "u1"); !errors.As(err, &unknown) {
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
				a := &app{T: t, db: e.open(t)}
				exec(t, a.db, hostTables[e.dialect])
				a.user, a.group = hostTypes()
				s := a.mustOpen(e.dialect, sqlstore.Options{
					Tables: hostMapping(a.user, a.group, policy)[:1], Types: []*schema.ResourceType{a.group}})
				exec(t, a.db, `INSERT INTO users (org, email, email_key, last_name) VALUES ('acme', 'ann@example.com', 'ann@example.com', 'Lee')`)
				g, err := a.createGroup("Staff", "u1")
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
				contract(t, s, a.user, a.group)
			})
		}
	}
}
