package memstore_test

import (
	"fmt"
	"testing"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/scim"
)

// TestGrowthOfLookups: an equality filter on what clients match by costs the
// matches, whatever the number of resources.
func TestGrowthOfLookups(t *testing.T) {
	f := newFixture(t)
	const n = 3000
	for i := range n {
		f.create(f.user, f.users, fmt.Sprintf("id-%d", i), fmt.Sprintf(
			`{"userName":"User%d@example.com","externalId":"Ext-%d","displayName":"Name %d","emails":[{"value":"m%d@example.com","type":"work"},{"value":"M%d@example.com","type":"home"}]}`, i, i, i%1000, i, i))
	}
	for i := range 100 {
		f.newGroup(fmt.Sprintf("g-%d", i), fmt.Sprintf("id-%d", i), fmt.Sprintf("id-%d", i+1))
	}
	for _, tt := range []struct {
		groups bool
		filter string
		want   string
		visits int64
	}{
		{false, `id eq "id-77"`, "id-77", 1},
		{false, `id eq "g-77"`, "", 0},
		{false, `id eq "none"`, "", 0},
		{false, `userName eq "uSER77@EXAMPLE.com"`, "id-77", 1},
		{false, `userName eq "none"`, "", 0},
		{false, `externalId eq "Ext-77"`, "id-77", 1},
		{false, `externalId eq "ext-77"`, "", 0},
		{false, `displayName eq "name 77"`, "id-77 id-1077 id-2077", 3},
		{false, `emails.value eq "M77@example.com"`, "id-77", 1},
		{false, `emails[type eq "work" and value eq "m77@example.com"]`, "id-77", 1},
		{false, `displayName eq "name 77" and active eq true`, "", 3},
		{false, `active eq true and displayName eq "name 77" and userName eq "user77@example.com"`, "", 1},
		{false, `userName eq "user77@example.com" or userName eq "user78@example.com"`, "id-77 id-78", n},
		{false, `userName co "user77@"`, "id-77", n},
		{false, `groups.value eq "g-7"`, "id-7 id-8", 3}, // and the group itself
		{true, `members.value eq "id-7"`, "g-6 g-7", 2},
		{true, `members[value eq "id-7" and type eq "User"]`, "g-6 g-7", 2},
		{true, `displayName eq "the G-7"`, "g-7", 1},
		{true, `displayName eq "the G-7" and members.value eq "id-8"`, "g-7", 1},
		{true, `members.value eq "none"`, "", 0},
	} {
		h, rt := f.user, f.users
		if tt.groups {
			h, rt = f.group, f.groups
		}
		got, visits := f.list(h, rt, tt.filter)
		if got != tt.want || visits > tt.visits {
			t.Errorf("%s finds %q in %d visits, want %q in at most %d", tt.filter, got, visits, tt.want, tt.visits)
		}
	}
}

// TestGrowthOfMembers: what a change of one member, a look-up by member and a
// group without its members allocate does not depend on the group's size.
func TestGrowthOfMembers(t *testing.T) {
	costs := func(size int) map[string]float64 {
		f := newFixture(t)
		var members []string
		for i := range size + 1 {
			members = append(members, f.newUser(fmt.Sprintf("u%d", i)))
		}
		f.newGroup("g", members[:size]...)
		last := members[size]
		u := f.group.(scim.ListUpdater)
		change := func(d scim.ListDelta) {
			d.Attribute = "members"
			if _, err := u.UpdateList(t.Context(), "g", d, func(*scim.Resource, bool) error { return nil }); err != nil {
				t.Fatal(err)
			}
		}
		e, err := filter.Parse(`members.value eq "u0"`)
		if err != nil {
			t.Fatal(err)
		}
		bound, err := filter.Bind(e, f.groups)
		if err != nil {
			t.Fatal(err)
		}
		omit := []string{"members"}
		return map[string]float64{
			"add and remove": testing.AllocsPerRun(20, func() {
				change(scim.ListDelta{Add: []scim.Member{{Value: last}}})
				change(scim.ListDelta{Remove: []string{last}})
			}),
			"look-up": testing.AllocsPerRun(20, func() {
				if p, err := f.group.List(t.Context(), scim.Query{Filter: bound, StartIndex: 1, Count: 1, Omit: omit}); err != nil || p.Total != 1 {
					t.Fatal(p, err)
				}
			}),
			"get": testing.AllocsPerRun(20, func() {
				if r, err := f.group.Get(t.Context(), "g", scim.GetOptions{Omit: omit}); err != nil || r.Has("members") {
					t.Fatal(r, err)
				}
			}),
			"list": testing.AllocsPerRun(20, func() {
				if p, err := f.group.List(t.Context(), scim.Query{StartIndex: 1, Count: 1, Omit: omit}); err != nil || p.Resources[0].Has("members") {
					t.Fatal(p, err)
				}
			}),
		}
	}
	small, large := costs(100), costs(5000)
	for what, n := range small {
		if large[what] > n+1 {
			t.Errorf("%s allocates %.0f times for a group of 5,000, %.0f times for one of 100", what, large[what], n)
		}
	}
}

// TestAllocations keeps the common reads cheap.
func TestAllocations(t *testing.T) {
	f := newFixture(t)
	for i := range 200 {
		f.create(f.user, f.users, fmt.Sprintf("id-%d", i), string(userJSON(i)))
	}
	e, err := filter.Parse(`userName eq "person.number000077@contoso.example.com"`)
	if err != nil {
		t.Fatal(err)
	}
	bound, err := filter.Bind(e, f.users)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		what string
		most float64
		do   func() error
	}{
		{"Get", 1, func() error { _, err := f.user.Get(t.Context(), "id-77", scim.GetOptions{}); return err }},
		{"List of 100", 3, func() error {
			_, err := f.user.List(t.Context(), scim.Query{StartIndex: 50, Count: 100})
			return err
		}},
		{"userName eq", 16, func() error {
			_, err := f.user.List(t.Context(), scim.Query{Filter: bound, StartIndex: 1, Count: 100})
			return err
		}},
	} {
		if got := testing.AllocsPerRun(50, func() {
			if err := tt.do(); err != nil {
				t.Fatal(err)
			}
		}); got > tt.most {
			t.Errorf("%s allocates %.0f times, want at most %.0f", tt.what, got, tt.most)
		}
	}
}
