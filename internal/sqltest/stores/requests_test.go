package stores

import (
	"database/sql"
	"slices"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
)

// new is a user with what the tables of the tests must have.
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

// parse creates the user of a body.
func (a *app) parse(body string) *scim.Resource {
	a.Helper()
	r, err := scim.ParseResource(a.user, []byte(body))
	if err != nil {
		a.Fatal(err)
	}
	if err := a.users.Create(a.Context(), r); err != nil {
		a.Fatal(err)
	}
	return r
}

func (a *app) get(id string) *scim.Resource {
	a.Helper()
	r, err := a.users.Get(a.Context(), id, scim.GetOptions{})
	if err != nil {
		a.Fatal(err)
	}
	return r
}

func (a *app) update(id string, edit func(r *scim.Resource) error) {
	a.Helper()
	if _, err := a.users.Update(a.Context(), id, edit); err != nil {
		a.Fatal(err)
	}
}

func (a *app) delete(id string) {
	a.Helper()
	if err := a.users.Delete(a.Context(), id, func(*scim.Resource) error { return nil }); err != nil {
		a.Fatal(err)
	}
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

// find gives the ids of the users that a filter finds.
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

// total is how many users a filter finds.
func (a *app) total(f string) int {
	a.Helper()
	p, err := a.users.List(a.Context(), scim.Query{Filter: a.bound(f), StartIndex: 1, Count: 1})
	if err != nil {
		a.Fatal(err)
	}
	return p.Total
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

// createGroup creates a group with members.
func (a *app) createGroup(name string, members ...string) (*scim.Resource, error) {
	a.Helper()
	refs := make([]scim.Reference, len(members))
	for i, id := range members {
		refs[i].Value = id
	}
	g, err := scim.NewResource(a.group, &scim.Group{DisplayName: name, Members: refs})
	if err != nil {
		a.Fatal(err)
	}
	return g, a.groups.Create(a.Context(), g)
}

// mustGroup is createGroup for a group that is created.
func (a *app) mustGroup(name string, members ...string) *scim.Resource {
	a.Helper()
	g, err := a.createGroup(name, members...)
	if err != nil {
		a.Fatal(err)
	}
	return g
}

// changeMembers changes the members of a group by d.
func (a *app) changeMembers(group string, d scim.ListDelta) error {
	d.Attribute = "members"
	_, err := a.groups.(scim.ListUpdater).UpdateList(a.Context(), group, d, func(*scim.Resource, bool) error { return nil })
	return err
}

// add puts a user into a group.
func (a *app) add(group, id string) error {
	return a.changeMembers(group, scim.ListDelta{Add: []scim.Member{{Value: id}}})
}

func (a *app) findGroups(text string) []*scim.Resource {
	a.Helper()
	f := bind(a, a.group, text)
	p, err := a.groups.List(a.Context(), scim.Query{Filter: f, StartIndex: 1, Count: 10})
	if err != nil {
		a.Fatal(err)
	}
	return p.Resources
}

// shownMembers are the ids of those of a group.
func (a *app) shownMembers(id string) string {
	a.Helper()
	g, err := a.groups.Get(a.Context(), id, scim.GetOptions{})
	if err != nil {
		a.Fatal(err)
	}
	var shown scim.Group
	if err := g.Decode(&shown); err != nil {
		a.Fatal(err)
	}
	var ids []string
	for _, m := range shown.Members {
		ids = append(ids, m.Value)
	}
	slices.Sort(ids)
	return strings.Join(ids, " ")
}

// members are those of a group, as they are shown and as filters find them.
func (a *app) members(id string) string {
	a.Helper()
	ids := strings.Fields(a.shownMembers(id))
	for _, f := range []string{`members pr`, `members[value pr and type eq "User"]`} {
		if got := len(a.findGroups(f)) == 1; got != (len(ids) > 0) {
			a.Errorf("%s found the group: %v, its members are %v", f, got, ids)
		}
	}
	for _, m := range ids {
		if len(a.findGroups(`members.value eq "`+m+`"`)) != 1 {
			a.Errorf("the group is not found by its member %s", m)
		}
	}
	return strings.Join(ids, " ")
}
