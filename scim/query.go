package scim

import (
	"iter"
	"slices"
	"strings"

	"github.com/scimkit/scimkit/filter"
)

// A Query asks a handler for a part of its resources (RFC 7644 section 3.4.2).
// It is checked: the filter is bound to the resource type, StartIndex is at
// least 1 and Count from 0 to Limits.MaxResults.
type Query struct {
	Filter     *filter.Filter // nil matches every resource
	Order      *filter.Order  // nil is any order that stays the same from page to page
	StartIndex int            // 1 is the first match
	Count      int            // how many at most; 0 asks for the total only

	// Omit names attributes that the answer does not hold, so that the page's
	// resources may leave them out: the members of groups. Who leaves them
	// out keeps meta.version (see [GetOptions]). Filter and Order may look
	// at them all the same.
	Omit []string
}

// A Page is a part of the resources that match a Query.
type Page struct {
	Total     int         // how many match, whatever the page holds
	Resources []*Resource // at most Query.Count
}

// Match tells whether r is in the result of q.
func (q Query) Match(r *Resource) bool { return q.Filter == nil || q.Filter.Match(r) }

// Select answers q from resources in memory: it matches, orders and cuts out
// the page. It looks at every resource once, which is right for hosts with few
// and wrong for hosts with many: those answer an equality filter from an index
// (see [filter.Filter.Equals]).
func (q Query) Select(all iter.Seq[*Resource]) Page {
	var found []*Resource
	for r := range all {
		if q.Match(r) {
			found = append(found, r)
		}
	}
	if q.Order != nil {
		filter.Sort(q.Order, found)
	} else {
		slices.SortStableFunc(found, func(a, b *Resource) int { return strings.Compare(a.ID(), b.ID()) })
	}
	return q.Cut(found)
}

// Cut takes the page that q asks for out of all matches in order.
func (q Query) Cut(found []*Resource) Page {
	p := Page{Total: len(found)}
	from := min(max(q.StartIndex, 1)-1, len(found))
	n := min(max(q.Count, 0), len(found)-from)
	p.Resources = found[from : from+n]
	return p
}
