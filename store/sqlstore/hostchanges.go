package sqlstore

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/scim"
)

// changes is what is written to columns so that the row of was, nil for a new one, is is.
func (o *host) changes(h *handler, was *record, is *document.Doc) (map[string]any, error) {
	all, err := o.unlike(h, was, is)
	if err != nil {
		return nil, err
	}
	columns := make(map[string]any)
	for _, x := range all {
		c, err := o.column(x.mappedColumn, x.value)
		if err != nil {
			return nil, fmt.Errorf("sqlstore: the column %s: %w", x.Name, err)
		}
		columns[x.Name] = c
		for _, other := range o.mapped {
			if other.Name == x.Name && other.Key != "" {
				columns[other.Key] = other.keyOf(x.value)
			}
		}
	}
	return columns, nil
}

// columnChange is a column and the value of the attribute that it gets.
type columnChange struct {
	*mappedColumn
	value any
}

// unlike finds the columns that do not hold what is in is.
func (o *host) unlike(h *handler, was *record, is *document.Doc) (all []columnChange, err error) {
	after := scim.ResourceOf(h.rt, is)
	var before *scim.Resource
	if was != nil {
		if before, err = o.ofColumns(h, was); err != nil {
			return nil, err
		}
	}
	done := make(map[string]bool)
	for _, m := range o.mapped {
		if m.Name == "" || done[m.Name] {
			continue
		}
		done[m.Name] = true
		if m, v := o.speaker(m, before, &after); o.writes(m, before, v) {
			all = append(all, columnChange{m, v})
		}
	}
	return all, nil
}

// speaker finds, of the attributes in the column of first, the one that says what
// is written, and what: the first that has a value, whichever has changed, so that
// the same resource always makes the same row. If none has, it is the first that
// had one.
func (o *host) speaker(first *mappedColumn, before, after *scim.Resource) (*mappedColumn, any) {
	for _, r := range []*scim.Resource{after, before} {
		for _, m := range o.mapped {
			if r == nil || m.Name != first.Name || m.attribute(r) == nil {
				continue
			}
			return m, m.attribute(after)
		}
	}
	return first, nil
}

// decides tells whether m is a truth value whose column always says yes or no, or
// what the host's code makes of none. It stays when a client removes it: that lets
// nobody in whom the application keeps out, and locks nobody out.
func (o *host) decides(m *mappedColumn) bool {
	c := m.declared
	return m.attr.Kind == model.Boolean && (m.info.notNull || c.SQL != "" || c.Encode != nil || c.Decode != nil)
}

// writes tells whether v, what becomes of the attribute of m, has to be written.
func (o *host) writes(m *mappedColumn, before *scim.Resource, v any) bool {
	switch {
	case before == nil:
		// What has no value gets what the database gives by itself.
		return v != nil || m.declared.Encode != nil || m.Key != "" || !m.info.hasDefault
	case v == nil && (m.attr.Mutability == model.WriteOnly || o.decides(m)): // a password that is not sent stays
		return false
	}
	return m.attribute(before) != v
}

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
