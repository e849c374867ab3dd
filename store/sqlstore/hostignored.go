package sqlstore

import (
	"bytes"
	"slices"

	"github.com/scimkit/scimkit/internal/document"
)

// ignores tells whether is differs from was in what is stored nowhere: of two attributes
// in one column, only one can have what a client sends. The row stays as it is then, and
// so does its version.
func (o *host) ignores(h *handler, was, is *record) bool {
	meta := h.model.Meta
	if is.doc.Without(meta).Equal(was.doc.Without(meta)) {
		return false
	}
	columns, err := o.unlike(h, was, is.sent)
	return err == nil && len(columns) == 0 && !was.host.moves && o.sameLists(was.host, is.doc) &&
		bytes.Equal(o.besideColumns(h, was.doc), o.besideColumns(h, is.doc))
}

// besideColumns is what of d is kept beside columns. An element of which nothing is,
// and which would come back at the same place, is not.
func (o *host) besideColumns(h *handler, d *document.Doc) []byte {
	d = o.remainder(h, d)
	for _, b := range slices.Backward(o.brackets) {
		d = b.withoutLast(d)
	}
	return d.Bytes()
}

// sameLists tells whether the tables of lists have the elements of is already.
func (o *host) sameLists(was *hostRow, is *document.Doc) bool {
	for i, c := range o.child {
		list, _ := is.Get(c.attr.ID)
		if before, _ := was.whole.Get(c.attr.ID); string(before.Raw()) == string(list.Raw()) {
			continue
		}
		rows, all := c.parse(was.lists[i]), c.elements(list)
		if len(c.match(rows, all)) > 0 {
			return false
		}
		put(all, rows)
		if slices.ContainsFunc(all, func(e *childElement) bool { return !c.unchanged(e) }) {
			return false
		}
	}
	return true
}

// unchanged tells whether an element has a row that is as it should be.
func (c *childList) unchanged(e *childElement) bool {
	return e.row != nil && cellsKey(e.cells) == cellsKey(e.row.cells) && (c.Order == "" || e.place == e.row.place)
}
