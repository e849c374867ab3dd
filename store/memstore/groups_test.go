package memstore_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
)

// groupsOf gives a user's groups as value/display/type.
func (f *fixture) groupsOf(id string) string {
	var all []string
	for _, v := range f.get(f.user, id).Values("groups") {
		all = append(all, v.String("value")+"/"+v.String("display")+"/"+v.String("type"))
	}
	return strings.Join(all, " ")
}

func (f *fixture) add(group string, members ...string) error {
	d := scim.ListDelta{Attribute: "members"}
	for _, m := range members {
		d.Add = append(d.Add, scim.Member{Value: m})
	}
	_, err := f.group.(scim.ListUpdater).UpdateList(f.Context(), group, d, func(*scim.Resource, bool) error { return nil })
	return err
}

func TestMembersAreRendered(t *testing.T) {
	f := newFixture(t)
	f.newUser("anna")
	f.create(f.user, f.users, "bob", `{"userName":"bob@example.com","displayName":"Bob \"B\" Ö"}`)
	f.newGroup("inner")
	r := f.create(f.group, f.groups, "outer", `{"displayName":"Outer","members":[
		{"value":"bob","type":"Group","display":"wrong"},{"value":"inner"},{"value":"anna","type":"User"},{"value":"bob"}]}`)
	const want = `"members":[{"value":"bob","type":"User","display":"Bob \"B\" Ö"},{"value":"inner","type":"Group","display":"The inner"},{"value":"anna","type":"User","display":"anna"}]`
	for when, r := range map[string]*scim.Resource{"Create": r, "Get": f.get(f.group, "outer")} {
		if got := string(r.Document().Bytes()); !strings.Contains(got, want) {
			t.Errorf("after %s:\n got %s\nwant %s", when, got, want)
		}
	}

	cars, fleets := carType(), fleetType()
	car, fleet := f.store.Handler(cars), f.store.Handler(fleets)
	f.create(car, cars, "c1", `{"plate":"A1"}`)
	f.create(fleet, fleets, "f1", `{"cars":[{"value":"c1"}]}`)
	if got := string(f.get(fleet, "f1").Document().Bytes()); !strings.Contains(got, `"cars":[{"value":"c1"}]`) {
		t.Errorf("a list without type, of resources without a name: %s", got)
	}
	if got := f.get(f.user, "anna").Values("groups"); len(got) != 1 {
		t.Errorf("anna is in %d groups", len(got))
	}
	fr, err := scim.ParseResource(fleets, []byte(`{"cars":[{"value":"anna"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	var unknown *scim.UnknownMembersError
	if err := fleet.Create(t.Context(), fr); !errors.As(err, &unknown) || unknown.Attribute != "cars" || !slices.Equal(unknown.IDs, []string{"anna"}) {
		t.Errorf("a user in a list of cars: %v", err)
	}
}

func TestNestedGroups(t *testing.T) {
	f := newFixture(t)
	f.newUser("anna")
	f.newUser("bob")
	f.newGroup("inner", "anna")
	f.newGroup("middle", "inner", "bob")
	f.newGroup("outer", "middle")
	f.newGroup("other", "anna")
	check := func(want string) {
		t.Helper()
		if got := f.groupsOf("anna"); got != want {
			t.Errorf("anna's groups are %s\nwant %s", got, want)
		}
	}
	check("inner/The inner/direct other/The other/direct middle/The middle/indirect outer/The outer/indirect")

	if err := f.add("outer", "anna"); err != nil {
		t.Fatal(err)
	}
	check("inner/The inner/direct other/The other/direct outer/The outer/direct middle/The middle/indirect")

	// A cycle is no loop.
	if err := f.add("inner", "outer"); err != nil {
		t.Fatal(err)
	}
	check("inner/The inner/direct other/The other/direct outer/The outer/direct middle/The middle/indirect")
	if got, _ := f.list(f.user, f.users, `groups.value eq "middle"`); got != "anna bob" {
		t.Errorf("groups.value eq middle finds %q", got)
	}
	if got, _ := f.list(f.user, f.users, `groups[value eq "middle" and type eq "direct"]`); got != "bob" {
		t.Errorf("groups[value eq middle and type eq direct] finds %q", got)
	}
	if got, _ := f.list(f.user, f.users, `groups.display co "other" or groups.display eq "nothing"`); got != "anna" {
		t.Errorf("groups.display co other finds %q", got)
	}

	if err := f.group.Delete(t.Context(), "middle", func(*scim.Resource) error { return nil }); err != nil {
		t.Fatal(err)
	}
	check("inner/The inner/direct other/The other/direct outer/The outer/direct")
}

func TestGroupInItself(t *testing.T) {
	f := newFixture(t)
	f.newGroup("g")
	before := f.get(f.group, "g").JSON()
	refused := func(what string, err error) {
		t.Helper()
		var e *scim.Error
		if !errors.As(err, &e) || e.Status != 400 || e.Type != "invalidValue" {
			t.Errorf("%s: error %v, want 400 invalidValue", what, err)
		}
		if after := f.get(f.group, "g").JSON(); string(after) != string(before) {
			t.Errorf("%s: the group is now %s", what, after)
		}
	}
	refused("UpdateList", f.add("g", "g"))
	_, err := f.group.Update(t.Context(), "g", func(r *scim.Resource) error {
		return r.Set("members", []scim.Member{{Value: "g"}})
	})
	refused("Update", err)
	r, err := scim.ParseResource(f.groups, []byte(`{"displayName":"new","members":[{"value":"new"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	r.SetID("new")
	refused("Create", f.group.Create(t.Context(), r))
}

// TestDeletedMember: the groups of a deleted resource get a new version, others
// do not.
func TestDeletedMember(t *testing.T) {
	f := newFixture(t)
	f.newUser("anna")
	f.newUser("bob")
	f.newGroup("both", "anna", "bob")
	f.newGroup("bobs", "bob")
	both, bobs := f.get(f.group, "both").Meta(), f.get(f.group, "bobs").Meta()
	if err := f.user.Delete(t.Context(), "anna", func(*scim.Resource) error { return nil }); err != nil {
		t.Fatal(err)
	}
	m := f.get(f.group, "both").Meta()
	if m.Version == both.Version || !m.LastModified.After(both.LastModified) || m.Created != both.Created {
		t.Errorf("meta of the group of a deleted user is %+v, before %+v", m, both)
	}
	if m := f.get(f.group, "bobs").Meta(); m != bobs {
		t.Errorf("meta of another group is %+v, before %+v", m, bobs)
	}
}

// TestPreconditionFirst: If-Match is looked at before the members are.
func TestPreconditionFirst(t *testing.T) {
	f := newFixture(t)
	f.newGroup("g")
	stale := errors.New("stale")
	d := scim.ListDelta{Attribute: "members", Add: []scim.Member{{Value: "unknown"}}}
	_, err := f.group.(scim.ListUpdater).UpdateList(t.Context(), "g", d, func(*scim.Resource, bool) error { return stale })
	if !errors.Is(err, stale) {
		t.Errorf("UpdateList = %v, want the edit's error", err)
	}
	if _, err := f.user.(scim.ListUpdater).UpdateList(t.Context(), "g", d, nil); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("UpdateList of a type without members = %v", err)
	}
}

// TestMembersFilters compares filters on members with the reference.
func TestMembersFilters(t *testing.T) {
	f := newFixture(t)
	for i := range 6 {
		f.newUser(fmt.Sprintf("u%d", i))
	}
	f.newGroup("a", "u0", "u1", "u2")
	f.newGroup("b", "u1", "a")
	f.newGroup("c", "u2", "u3", "b")
	f.newGroup("d")
	all, err := f.group.List(t.Context(), scim.Query{StartIndex: 1, Count: 10})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		`members.value eq "u1"`, `members eq "u1"`, `members[value eq "u1"]`, `members.value eq "U1"`, `members.value eq "none"`,
		`members[value eq "a" and type eq "Group"]`, `members[value eq "a" and type eq "User"]`, `members[value eq "u2" and display eq "U2"]`,
		`members.value eq "u1" and members.value eq "u2"`, `members.value eq "u1" and not (members.value eq "u0")`,
		`members.value eq "u1" and displayName eq "the B"`, `displayName eq "The b" and members.value eq "u3"`,
		`members.value eq "u1" or members.value eq "u3"`, `not (members.value eq "u1")`, `members pr`, `not (members pr)`,
		`members.value co "u"`, `members.type eq "group"`, `members.display sw "The"`, `members.value ne "u1"`, `id eq "a" and members.value eq "u3"`,
		`members.$ref eq "https://example.com/Users/u1"`,
	} {
		e, err := filter.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		bound, err := filter.Bind(e, f.groups)
		if err != nil {
			t.Fatal(err)
		}
		q := scim.Query{Filter: bound, StartIndex: 1, Count: 10}
		var want []string
		for _, r := range q.Select(slices.Values(all.Resources)).Resources {
			want = append(want, r.ID())
		}
		if got, _ := f.list(f.group, f.groups, text); got != strings.Join(want, " ") {
			t.Errorf("%s finds %q, want %q", text, got, want)
		}
	}
}

func TestSortByMembers(t *testing.T) {
	f := newFixture(t)
	for _, name := range []string{"z", "a", "m"} {
		f.newUser(name)
	}
	f.newGroup("g1", "z")
	f.newGroup("g2", "m")
	f.newGroup("g3", "a")
	order, err := filter.NewOrder(f.groups, "members.value", false)
	if err != nil {
		t.Fatal(err)
	}
	p, err := f.group.List(t.Context(), scim.Query{Order: order, StartIndex: 2, Count: 5, Omit: []string{"members"}})
	if err != nil || len(p.Resources) != 2 || p.Total != 3 || p.Resources[0].ID() != "g2" || p.Resources[1].ID() != "g1" || p.Resources[0].Has("members") {
		t.Errorf("List = %v, %v", p, err)
	}
}

// TestOtherLists: only the groups that the schema allows show in a list that
// clients read, a resource not even in a cycle, and a member added twice is one.
func TestOtherLists(t *testing.T) {
	f := newFixture(t)
	list := func(name string, m schema.Mutability, refs ...string) schema.Attribute {
		return schema.Attribute{Name: name, Type: schema.Complex, MultiValued: true, Mutability: m, SubAttributes: []schema.Attribute{
			{Name: "value", CaseExact: true, Mutability: m}, {Name: "type", Mutability: m},
			{Name: "$ref", Type: schema.Reference, ReferenceTypes: refs, Mutability: m}}}
	}
	node := &schema.ResourceType{Name: "Node", Endpoint: "/Nodes", Schema: &schema.Schema{ID: "urn:example:Node", Attributes: []schema.Attribute{
		list("children", schema.ReadWrite, "Node", "User"), list("parents", schema.ReadOnly, "Node")}}}
	h := f.store.Handler(node)
	f.newUser("anna")
	f.create(h, node, "a", `{}`)
	f.create(h, node, "b", `{"children":[{"value":"a"},{"value":"anna"}]}`)
	f.create(h, node, "c", `{"children":[{"value":"b"}]}`)
	if got := f.groupsOf("anna"); got != "" {
		t.Errorf("a user's groups are %s; they are nodes", got)
	}
	d := scim.ListDelta{Attribute: "Children", Add: []scim.Member{{Value: "b"}, {Value: "b"}}}
	changes := 0
	if _, err := h.(scim.ListUpdater).UpdateList(t.Context(), "a", d, func(_ *scim.Resource, changed bool) error {
		if changed {
			changes++
		}
		return nil
	}); err != nil || changes != 1 {
		t.Fatalf("UpdateList: %v, %d changes", err, changes)
	}
	got := string(f.get(h, "a").Document().Bytes())
	const want = `"children":[{"value":"b","type":"Node"}],"parents":[{"value":"b","type":"direct"},{"value":"c","type":"indirect"}],`
	if !strings.Contains(got, want) {
		t.Errorf("got %s\nwant %s", got, want)
	}
}
