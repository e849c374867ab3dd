package storetest

import (
	"context"
	"slices"
	"strings"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/scim"
)

func (h *small) List(_ context.Context, q scim.Query) (scim.Page, error) {
	h.db.mu.Lock()
	defer h.db.mu.Unlock()
	all := h.all()
	switch h.db.fault {
	case "filters without the tenant":
		if q.Filter != nil {
			all = nil
			for _, sp := range h.db.tenants {
				all = append(all, (&small{h.db, sp, h.rt}).all()...)
			}
		}
	case "has no stable order":
		if q.Order == nil && len(all) > 0 {
			h.sp.taken["turn"] = !h.sp.taken["turn"]
			if h.sp.taken["turn"] {
				slices.Reverse(all)
			}
			p := q.Select(slices.Values(all))
			return h.cut(q, all, p.Total), nil
		}
	case "filters the page, not the list":
		f := q.Filter
		q.Filter = nil
		p := q.Select(slices.Values(all))
		p.Resources = slices.DeleteFunc(p.Resources, func(r *scim.Resource) bool { return f != nil && !f.Match(r) })
		return p, nil
	case "sorts the page, not the list":
		o := q.Order
		q.Order = nil
		p := q.Select(slices.Values(all))
		if o != nil {
			filter.Sort(o, p.Resources)
		}
		return p, nil
	}
	h.narrow(&q, &all)
	p := q.Select(slices.Values(all))
	return h.spoilPage(q, p), nil
}

// cut gives a page of what matches, in the order in which it stands.
func (h *small) cut(q scim.Query, all []*scim.Resource, total int) scim.Page {
	all = slices.DeleteFunc(slices.Clone(all), func(r *scim.Resource) bool { return !q.Match(r) })
	p := q.Cut(all)
	p.Total = total
	return p
}

// narrow answers filters and orders wrongly.
func (h *small) narrow(q *scim.Query, all *[]*scim.Resource) {
	keep := func(match func(*scim.Resource) bool) {
		*all = slices.DeleteFunc(*all, func(r *scim.Resource) bool { return !match(r) })
		q.Filter = nil
	}
	if q.Filter != nil {
		switch h.db.fault {
		case "gives everything where a filter is not eq":
			if c, ok := q.Filter.Expr().(*filter.Compare); !ok || c.Op != filter.Eq {
				q.Filter = nil
			}
		case "takes ne for not eq null":
			if c, ok := q.Filter.Expr().(*filter.Compare); ok && c.Op == filter.Ne {
				keep(func(r *scim.Resource) bool { return r.Has(c.Attr.String()) && q.Filter.Match(r) })
			}
		case "finds ids without regard to case":
			if v, ok := q.Filter.Equals("id"); ok {
				keep(func(r *scim.Resource) bool { return strings.EqualFold(r.ID(), v) })
			}
		case "finds userName as it is spelled":
			if v, ok := q.Filter.Equals("userName"); ok {
				keep(func(r *scim.Resource) bool { return r.String("userName") == v })
			}
		case "finds externalId without regard to case":
			if v, ok := q.Filter.Equals("externalId"); ok {
				keep(func(r *scim.Resource) bool { return strings.EqualFold(r.String("externalId"), v) })
			}
		case "finds externalId by its beginning":
			if v, ok := q.Filter.Equals("externalId"); ok {
				keep(func(r *scim.Resource) bool { return strings.HasPrefix(r.String("externalId"), v) })
			}
		case "does not look into members":
			if _, ok := q.Filter.Equals("members.value"); ok {
				keep(func(*scim.Resource) bool { return false })
			}
		}
	}
	if q.Order != nil {
		switch path := q.Order.Path().String(); h.db.fault {
		case "sorts ascending only":
			q.Order, _ = filter.NewOrder(h.rt, path, false)
		case "sorts what is missing first":
			slices.SortStableFunc(*all, func(a, b *scim.Resource) int { return strings.Compare(a.String(path), b.String(path)) })
			q.Order = nil
		case "does not sort":
			q.Order = nil
		}
	}
}

// spoilPage counts wrongly.
func (h *small) spoilPage(q scim.Query, p scim.Page) scim.Page {
	switch h.db.fault {
	case "gives the number on the page as the total":
		p.Total = len(p.Resources)
	case "counts pages from zero":
		if q.StartIndex > 1 {
			q.StartIndex++
			return q.Select(slices.Values(h.all()))
		}
	case "takes count 0 for no limit":
		if q.Count == 0 {
			q.Count = 1000
			p = q.Select(slices.Values(h.all()))
		}
	case "has no total on an empty page":
		if len(p.Resources) == 0 {
			p.Total = 0
		}
	case "gives the last page behind the end":
		if len(p.Resources) == 0 && p.Total > 0 && q.Count > 0 {
			q.StartIndex = p.Total
			p = q.Select(slices.Values(h.all()))
		}
	}
	return p
}
