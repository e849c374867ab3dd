package stores

import (
	"errors"
	"slices"
	"strconv"
	"testing"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/scim"
)

var (
	filterOps  = []string{"eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "pr"}
	filterText = []string{"userName", "displayName", "nickName", "title", "externalId", "name.givenName", "emails.value", "emails.type", "phoneNumbers.value",
		"phoneNumbers.type", "locale", "addresses.locality", "addresses.country", "addresses.type", "roles.value", "roles.display", "name.familyName", "id",
		enterprise + ":department", enterprise + ":manager.value", enterprise + ":costCenter"}
	filterSubs = map[string][]string{"emails": {"value", "type"}, "phoneNumbers": {"value", "type", "primary"}, "addresses": {"locality", "country", "type"}, "roles": {"value", "display"}}
	sortedBy   = []string{"userName", "displayName", "nickName", "title", "active", "externalId", "name.givenName", "phoneNumbers.value", "phoneNumbers", "meta.created",
		"locale", "id", enterprise + ":department", "phoneNumbers.type", "name.familyName"}
)

func (d dice) compare(path string) string {
	op := d.of(filterOps...)
	switch {
	case op == "pr":
		return path + " pr"
	case d.IntN(30) == 0 && (op == "eq" || op == "ne"):
		return path + " " + op + " null"
	}
	return path + " " + op + " " + strconv.Quote(d.of(d.text(), d.text(), "a0", "NO1"))
}

func (d dice) flag(path string) string {
	return path + " " + d.of("eq true", "eq false", "ne true", "ne false", "pr")
}

// leaf is a filter without another one in it.
func (d dice) leaf() string {
	list := d.of("emails", "phoneNumbers", "addresses", "roles")
	switch d.IntN(12) {
	case 0:
		return d.flag("active")
	case 1:
		return "meta.created " + d.of("eq", "ne", "gt", "ge", "lt", "le") + ` "` + d.of("2020-01-01T00:00:00Z", "2021-01-01T01:00:00+01:00", "2021-01-01T00:00:00.5Z") + `"`
	case 2:
		return d.of("emails", "phoneNumbers", "addresses", "roles", "name", "meta", "groups", enterprise+":manager", "schemas", "meta.created") + " pr"
	case 3, 4:
		return list + "[" + d.inner(filterSubs[list]) + "]"
	case 5:
		return d.of("emails", "addresses") + `[type eq "` + d.of("work", "home", "a") + `" and ` + d.inner([]string{"type"}) + "]"
	case 6:
		return d.flag("phoneNumbers.primary")
	case 7:
		return `schemas eq "` + d.of("urn:ietf:params:scim:schemas:core:2.0:User", enterprise, "x") + `"`
	}
	return d.compare(d.of(filterText...))
}

// inner is a filter on an element.
func (d dice) inner(subs []string) string {
	sub := d.of(subs...)
	one := d.compare(sub)
	switch sub {
	case "primary":
		one = d.flag(sub)
	case "type":
		one = sub + " " + d.of("eq", "ne") + ` "` + d.of("work", "home", "a") + `"`
	}
	switch d.IntN(5) {
	case 0:
		return one + " and " + d.inner(subs)
	case 1:
		return one + " or " + d.inner(subs)
	case 2:
		return "not (" + d.inner(subs) + ")"
	}
	return one
}

func (d dice) filter(depth int) string {
	switch n := d.IntN(8); {
	case depth == 0 || n > 3:
		return d.leaf()
	case n == 0:
		return "not (" + d.filter(depth-1) + ")"
	case n == 1:
		return "(" + d.filter(depth-1) + " and " + d.filter(depth-1) + ")"
	}
	return "(" + d.filter(depth-1) + " or " + d.filter(depth-1) + ")"
}

func idsOf(all []*scim.Resource) (ids []string) {
	for _, r := range all {
		ids = append(ids, r.ID())
	}
	return ids
}

// differs tells whether a query finds others, or in another order, than it finds among
// all. What the service does not answer counts as no difference.
func (a *app) differs(q scim.Query, all []*scim.Resource) bool {
	a.Helper()
	q.StartIndex, q.Count = 1, 100
	want := q.Select(slices.Values(all))
	got, err := a.users.List(a.Context(), q)
	var e *scim.Error
	if errors.As(err, &e) && e.Type == "invalidFilter" {
		return false
	}
	if err != nil {
		a.Fatal(err)
	}
	is, should := idsOf(got.Resources), idsOf(want.Resources)
	if q.Order == nil { // that of the keys, and of the ids
		slices.Sort(is)
		slices.Sort(should)
	}
	return got.Total != want.Total || !slices.Equal(is, should)
}

// filtersThatDiffer gives the random filters that find others.
func (a *app) filtersThatDiffer(d dice, n int, all []*scim.Resource) (differ []string) {
	a.Helper()
	for range n {
		text := d.filter(2)
		e, err := filter.Parse(text)
		if err != nil {
			a.Fatal(err)
		}
		f, err := filter.Bind(e, a.user)
		if err == nil && a.differs(scim.Query{Filter: f}, all) {
			differ = append(differ, text)
		}
	}
	return differ
}

// all is what a list without a filter gives.
func (a *app) all() []*scim.Resource {
	a.Helper()
	p, err := a.users.List(a.Context(), scim.Query{StartIndex: 1, Count: 100})
	if err != nil {
		a.Fatal(err)
	}
	return p.Resources
}

// TestRandomFilters: filters and orders over random rows find what they find in memory,
// and others if the rows have changed.
func TestRandomFilters(t *testing.T) {
	withRandomRows(t, 2, 12, func(a *app, d dice) {
		all := a.all()
		for _, text := range a.filtersThatDiffer(d, 200, all) {
			a.Errorf("%s finds others than in memory", text)
		}
		for _, path := range sortedBy {
			for _, descending := range []bool{false, true} {
				by, err := filter.NewOrder(a.user, path, descending)
				if err != nil {
					a.Fatal(err)
				}
				if a.differs(scim.Query{Order: by}, all) {
					a.Errorf("sorted by %s, descending %v: another order than in memory", path, descending)
				}
			}
		}
		if a.Failed() {
			for _, r := range all {
				a.Logf("%s", r.Document().Bytes())
			}
		}
		exec(a.T, a.db, "UPDATE people SET label = 'changed', town = 'changed', wmail = NULL, disabled_at = NULL")
		if len(a.filtersThatDiffer(d, 200, all)) == 0 {
			a.Error("nothing differs when the rows have changed")
		}
	})
}
