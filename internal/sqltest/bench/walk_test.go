package bench

import (
	"fmt"
	"testing"
)

// walk compares the pages of a walk by startIndex. The first page of a walk with
// a filter is not among them: it counts.
func (r *rig) walk(b *testing.B, users int, text string) {
	h := r.Store.Handler(r.users)
	q := r.query(b, text)
	at := func(start int) side {
		return func() error {
			q := q
			q.StartIndex = start
			page, err := h.List(b.Context(), q)
			if err == nil && (len(page.Resources) != q.Count || page.Total != users) {
				err = fmt.Errorf("%d users of %d", len(page.Resources), page.Total)
			}
			return err
		}
	}
	last := 1
	for ; last+3*q.Count <= users+1; last += q.Count { // not to the end, which is forgotten
		once(b, at(last))
	}
	once(b, at(last))
	once(b, at(1))
	names, sides := []string{"first page", "second", "last"}, []side{at(1), at(1 + q.Count), at(last)}
	if text != "" {
		names, sides = names[1:], sides[1:]
	}
	compare(b, names, sides)
}
