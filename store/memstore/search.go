package memstore

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/scim"
)

// List finds resources. The default order is that of creation.
func (h *table) List(ctx context.Context, q scim.Query) (scim.Page, error) {
	if err := ctx.Err(); err != nil {
		return scim.Page{}, err
	}
	h.tenant.mu.RLock()
	defer h.tenant.mu.RUnlock()
	from := max(q.StartIndex, 1) - 1
	if q.Filter == nil && q.Order == nil {
		p := scim.Page{Total: h.rows.n}
		n := max(0, min(q.Count, p.Total-from))
		h.load(&p, n, h.rows.from(from), h.all(q.Omit))
		return p, nil
	}
	s := h.search(q)
	hits, total, err := s.run(ctx, from)
	h.tenant.store.visits.Add(int64(s.visits))
	if err != nil {
		return scim.Page{}, err
	}
	if q.Order != nil {
		hits = sorted(q.Order, hits)
		hits = hits[min(from, total):]
		hits = hits[:min(max(q.Count, 0), len(hits))]
	}
	p := scim.Page{Total: total}
	h.load(&p, len(hits), func(yield func(*record) bool) {
		for i := range hits {
			if !yield(hits[i].rec) {
				return
			}
		}
	}, h.all(q.Omit))
	return p, nil
}

// load puts the first n records of all into p, in memory for the whole page.
func (h *table) load(p *scim.Page, n int, all func(func(*record) bool), show lists) {
	if n <= 0 {
		return
	}
	block := make([]scim.Resource, 0, n)
	p.Resources = make([]*scim.Resource, 0, n)
	all(func(rec *record) bool {
		block = append(block, h.resource(rec, show))
		p.Resources = append(p.Resources, &block[len(block)-1])
		return len(block) < n
	})
}

// A hit is a record that matches, with the document that it is sorted by.
type hit struct {
	rec *record
	doc *document.Doc
}

func (x *hit) Document() *document.Doc { return x.doc }

func sorted(o *filter.Order, hits []hit) []hit {
	order := make([]*hit, len(hits))
	for i := range hits {
		order[i] = &hits[i]
	}
	filter.Sort(o, order)
	out := make([]hit, len(hits))
	for i, x := range order {
		out[i] = *x
	}
	return out
}

// A search is a List that has to look at records.
type search struct {
	*table
	q      scim.Query
	visits int

	filter, order lists   // the lists that filter and order look at
	only          *record // the only element of the members that the filter is about
}

func (h *table) search(q scim.Query) search {
	s := search{table: h, q: q}
	look := func(list *model.Attr, bit lists) {
		if list == nil {
			return
		}
		if q.Filter != nil {
			n := mentions(q.Filter.Expr(), list.Name)
			if n > 0 {
				s.filter |= bit
			}
			if n == 1 && bit == members {
				s.only, _ = s.reference(list)
			}
		}
		if q.Order != nil && q.Order.Path().Name == list.Name {
			s.order |= bit
		}
	}
	look(h.members, members)
	look(h.groups, groups)
	return s
}

// mentions counts how often e names the attribute called name.
func mentions(e filter.Expr, name string) int {
	n := 0
	switch e := e.(type) {
	case *filter.And:
		for _, t := range e.Terms {
			n += mentions(t, name)
		}
	case *filter.Or:
		for _, t := range e.Terms {
			n += mentions(t, name)
		}
	case *filter.Not:
		n = mentions(e.X, name)
	case *filter.Compare:
		if e.Attr.Name == name {
			n = 1
		}
	case *filter.ValuePath:
		if e.Attr.Name == name {
			n = 1
		}
	}
	return n
}

// run finds the records that match: how many, and which are of the page or,
// where they are to be sorted, all.
func (s *search) run(ctx context.Context, from int) (hits []hit, total int, err error) {
	probe := new(hit)
	look := func(rec *record) bool {
		if s.visits++; s.visits%256 == 0 && ctx.Err() != nil {
			return false
		}
		if s.q.Filter != nil {
			probe.rec, probe.doc = rec, s.matchDoc(rec)
			if !s.q.Filter.Match(probe) {
				return true
			}
		}
		if total++; s.q.Order != nil {
			hits = append(hits, hit{rec, s.view(rec, s.order)})
		} else if total > from && len(hits) < s.q.Count {
			hits = append(hits, hit{rec: rec})
		}
		return true
	}
	if candidates, ok := s.candidates(); ok {
		for _, rec := range candidates {
			if !look(rec) {
				break
			}
		}
	} else {
		s.rows.from(0)(look)
	}
	return hits, total, ctx.Err()
}

// matchDoc is what the filter looks at. Where the filter is about one member
// of a group, that is all it gets to see of the members: a look-up of a user's
// groups does not depend on how large these are.
func (s *search) matchDoc(rec *record) *document.Doc {
	if s.only == nil {
		return s.view(rec, s.filter)
	}
	d := s.view(rec, s.filter&^members)
	if !rec.members.has(s.only) {
		return d
	}
	return d.With(s.members.ID, closeList(s.appendReference([]byte{'['}, s.members, s.only, s.only.table.label)))
}

// candidates gives the records that the filter can match, in the order of
// creation, if an index knows them.
func (s *search) candidates() ([]*record, bool) {
	if s.q.Filter == nil {
		return nil, false
	}
	found, known := s.smallest()
	if !known {
		return nil, false
	}
	found = slices.DeleteFunc(found, func(rec *record) bool { return rec.table != s.table })
	if len(found) > 1 {
		slices.SortFunc(found, func(a, b *record) int { return cmp.Compare(a.seq, b.seq) })
	}
	return found, true
}

// smallest asks the index that knows the fewest candidates.
func (s *search) smallest() ([]*record, bool) {
	if id, ok := s.q.Filter.Equals("id"); ok && isASCII(id) {
		return s.tenant.ids.collect(s.tenant.hashID(id)), true
	}
	least := -1
	var best *index // none: in groups
	var hash uint64
	for i, a := range s.indexed {
		if text, ok := s.q.Filter.Equals(a.Path); ok {
			h := s.tenant.hash(a, text)
			if n := s.indexes[i].len(h); least < 0 || n < least {
				least, best, hash = n, &s.indexes[i], h
			}
		}
	}
	if rec, ok := s.reference(s.members); ok {
		if n := rec.containers().len(); least < 0 || n < least {
			return slices.Collect(rec.containers().all()), true
		}
	}
	if best != nil {
		return best.collect(hash), true
	}
	if rec, ok := s.reference(s.layout.groups); ok {
		return below(rec), true
	}
	return nil, false
}

// isASCII tells whether s has one form only, so that equal means identical.
func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

// reference gives the record, perhaps none, that the filter looks for in one
// of the lists.
func (s *search) reference(list *model.Attr) (*record, bool) {
	if list == nil || !s.model.Attr(list.Value).CaseExact {
		return nil, false
	}
	id, ok := s.q.Filter.Equals(s.model.Attr(list.Value).Path)
	if !ok || !isASCII(id) {
		return nil, false
	}
	return s.tenant.find(id), true
}

// containers are the records whose lists name rec, which may be nil.
func (rec *record) containers() *set {
	if rec == nil {
		return nil
	}
	return rec.groups
}

// below gives the records that rec contains, also through others. Cycles end
// where they began.
func below(rec *record) []*record {
	if rec == nil {
		return nil
	}
	seen := map[*record]struct{}{rec: {}}
	found := []*record{rec}
	for i := 0; i < len(found); i++ {
		for m := range found[i].members.all() {
			if _, ok := seen[m]; !ok {
				seen[m] = struct{}{}
				found = append(found, m)
			}
		}
	}
	return found
}
