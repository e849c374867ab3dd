package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/scim"
)

// filter binds a filter.
func (k *kind) filter(s string) *filter.Filter {
	e, err := filter.Parse(s)
	k.must(err, "filter %s", s)
	f, err := filter.Bind(e, k.rt)
	k.must(err, "filter %s", s)
	return f
}

// equals is the filter path eq value.
func (k *kind) equals(path, value string) *filter.Filter {
	return k.filter(path + " eq " + quote(value))
}

// quote writes a JSON string.
func quote(s string) string { return filter.Value{Kind: filter.String, Text: s}.String() }

// refused tells whether the handler does not want to answer, and may.
func (k *kind) refused(err error) bool {
	var e *scim.Error
	return k.host.MayRefuse && errors.As(err, &e) && (e.Status == 400 || e.Status == 501)
}

// queries are a few lists of the same resources.
func (k *kind) queries(all []*scim.Resource) []scim.Query {
	order, err := filter.NewOrder(k.rt, text, true)
	k.must(err, "sortBy %s", text)
	return []scim.Query{
		{},
		{Filter: k.filter(text + " pr")},
		{Order: order},
		{Filter: k.filter("not (id eq " + quote(all[3].ID()) + ")")},
	}
}

// corpusWithText stores n resources, a third of which have no text.
func (k *kind) corpusWithText(n int) []*scim.Resource {
	all := make([]*scim.Resource, n)
	for i := range all {
		all[i] = k.resource(k.generate(0.3))
		v := ""
		if i%3 > 0 {
			v = fmt.Sprintf("text-%d", k.rand.IntN(1000000))
		}
		k.must(all[i].Set(text, v), "setting %s", text)
		k.must(k.h.Create(k.ctx, all[i]), "Create")
	}
	return all
}

func listPages(k *kind) {
	all := k.corpusWithText(23)
	for _, q := range k.queries(all) {
		if _, err := k.h.List(k.ctx, scim.Query{Filter: q.Filter, Order: q.Order, StartIndex: 1}); k.refused(err) {
			continue
		}
		want := ids(k.all(q))
		var match []string
		for _, r := range all {
			if q.Match(r) {
				match = append(match, r.ID())
			}
		}
		k.sameIDs(want, match, "List with "+describe(q))
		for _, size := range []int{1, 2, 7, len(want), len(want) + 1} {
			k.walk(q, size, want)
		}
	}
}

// walk ends the check if pages of size do not make up want.
func (k *kind) walk(q scim.Query, size int, want []string) {
	var got []string
	q.Count = size
	for q.StartIndex = 1; q.StartIndex <= len(want); q.StartIndex += size {
		p := k.list(q)
		if p.Total != len(want) {
			k.failf("List with %s has the total %d, want %d", describe(q), p.Total, len(want))
		}
		if n := min(size, len(want)-q.StartIndex+1); len(p.Resources) != n {
			k.failf("List with %s gives %d resources, want %d", describe(q), len(p.Resources), n)
		}
		got = append(got, ids(p.Resources)...)
	}
	k.sameOrder(got, want, fmt.Sprintf("pages of %d of a list with %s", size, describe(scim.Query{Filter: q.Filter, Order: q.Order})))
}

func listCount(k *kind) {
	all := k.corpusWithText(6)
	for _, q := range k.queries(all) {
		if _, err := k.h.List(k.ctx, scim.Query{Filter: q.Filter, Order: q.Order, StartIndex: 1}); k.refused(err) {
			continue
		}
		total := len(k.all(q))
		for _, count := range []int{0, 1, total, 1000} {
			q.Count = count
			p := k.list(q)
			if p.Total != total || len(p.Resources) != min(count, total) {
				k.failf("List with %s gives %d resources and the total %d, want %d and %d", describe(q), len(p.Resources), p.Total, min(count, total), total)
			}
		}
	}
}

func listBeyond(k *kind) {
	if p := k.list(scim.Query{Count: 10}); p.Total != 0 || len(p.Resources) != 0 {
		k.failf("List of an empty store gives %d resources and the total %d", len(p.Resources), p.Total)
	}
	all := k.corpusWithText(6)
	for _, q := range k.queries(all) {
		if _, err := k.h.List(k.ctx, scim.Query{Filter: q.Filter, Order: q.Order, StartIndex: 1}); k.refused(err) {
			continue
		}
		total := len(k.all(q))
		for _, start := range []int{total + 1, total + 2, 1000000} {
			q.StartIndex, q.Count = start, 10
			if p := k.list(q); p.Total != total || len(p.Resources) != 0 {
				k.failf("List with %s gives %d resources and the total %d, want 0 and %d", describe(q), len(p.Resources), p.Total, total)
			}
		}
	}
}

// finds ends the check if path eq value does not find want.
func (k *kind) finds(path, value string, want ...string) {
	q := scim.Query{Filter: k.equals(path, value)}
	k.sameIDs(ids(k.all(q)), want, "List with "+describe(q))
	q = scim.Query{Filter: k.filter("id pr and " + path + " eq " + quote(value)), StartIndex: 1, Count: 10}
	p, err := k.h.List(k.ctx, q)
	if !k.refused(err) {
		k.must(err, "List with %s", describe(q))
		k.sameIDs(ids(p.Resources), want, "List with "+describe(q))
	}
}

func listID(k *kind) {
	for _, r := range k.corpus(5) {
		id := r.ID()
		k.finds("id", id, id)
		k.finds("id", id+"x")
		if upper := strings.ToUpper(id); upper != id {
			k.finds("id", upper)
		}
	}
	for _, p := range k.kinds {
		if p != k {
			k.finds("id", p.create().ID())
		}
	}
}

func listUnique(k *kind) {
	k.corpus(3)
	values := k.spellings()
	r := k.createWith(values[1])
	near := k.createWith("x" + values[0])
	for _, v := range values {
		k.finds(k.unique.Path, v, r.ID())
		k.finds(k.unique.Path, "x"+v, near.ID())
		k.finds(k.unique.Path, v+"x")
	}
}

func listExternalID(k *kind) {
	values := []string{"Ext-a", "ext-a", "EXT-A", "ext_a", "ext%a", "ext-a ", "1", "01", "zoë", "ZOË", `q"uo\te`}
	want := make(map[string]string)
	for _, v := range values {
		r := k.resource(k.generate(0.3))
		k.must(r.Set(text, v), "setting %s", text)
		k.must(k.h.Create(k.ctx, r), "Create with %s %q", text, v)
		want[v] = r.ID()
	}
	for v, id := range want {
		k.finds(text, v, id)
	}
	k.finds(text, "eXt-a")
	k.finds(text, "ext")
}

func listFilter(k *kind) {
	k.corpus(40)
	all := k.all(scim.Query{})
	g := newFilters(k, all)
	for range 200 {
		q := scim.Query{Filter: k.filter(g.expression(2)), StartIndex: 1, Count: len(all)}
		p, err := k.h.List(k.ctx, q)
		if k.refused(err) {
			continue
		}
		k.must(err, "List with %s", describe(q))
		want := q.Select(slices.Values(all))
		k.sameIDs(ids(p.Resources), ids(want.Resources), "List with "+describe(q))
		if p.Total != want.Total {
			k.failf("List with %s has the total %d, want %d", describe(q), p.Total, want.Total)
		}
	}
}

func listOrder(k *kind) {
	k.corpus(30)
	all := k.all(scim.Query{})
	g := newFilters(k, all)
	for i, a := range g.leaves {
		order, err := filter.NewOrder(k.rt, a.Path, i%2 == 0)
		k.must(err, "sortBy %s", a.Path)
		q := scim.Query{Order: order, StartIndex: 1, Count: len(all)}
		if i%3 == 0 {
			q.Filter = k.filter(g.expression(1))
		}
		if i%4 == 0 {
			q.StartIndex, q.Count = 5, 10
		}
		p, err := k.h.List(k.ctx, q)
		if k.refused(err) {
			continue
		}
		k.must(err, "List with %s", describe(q))
		k.sameOrder(ids(p.Resources), ids(q.Select(slices.Values(all)).Resources), "List with "+describe(q))
	}
}

// literal writes s as a literal of a filter for an attribute that is not a
// string.
func literal(s string) string {
	if _, err := strconv.ParseFloat(s, 64); err == nil || s == "true" || s == "false" {
		return s
	}
	return quote(s)
}
