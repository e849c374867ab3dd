package sqlstore

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"time"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/scim"
)

// A bracket is an element of a list that has some of its sub-attributes in columns:
// that of emails[type eq "work"].value is the first with this type. The rest of it, and
// the other elements, are in the document, so that all stand where they stood. All its
// columns are put into it at once: while one of them is NULL, another may not be.
type bracket struct {
	*filter.Filter
	name    string // emails[type eq "work"], of all spellings the first
	list    *model.Attr
	says    map[model.ID]string // the comparison keys of what the filter says
	columns []*mappedColumn
}

// bracket finds or makes the element of list that e selects.
func (o *host) bracket(list *model.Attr, e filter.Expr) (*bracket, error) {
	t := o.layout.model
	if !list.Multi || list.Kind != model.Complex {
		return nil, fmt.Errorf("%s has no elements with sub-attributes, which brackets could select", list.Path)
	}
	f, err := filter.BindIn(e, t, list.ID, nil)
	if err != nil {
		return nil, err
	}
	b := &bracket{Filter: f, name: list.Path + "[" + f.String() + "]", list: list, says: make(map[model.ID]string)}
	if !b.reads(t, f.Expr()) {
		return nil, errors.New("the brackets of a column say what its element always has: eq, joined by and")
	}
	for _, other := range o.brackets {
		if other.list == list && maps.Equal(other.says, b.says) {
			return other, nil
		}
	}
	return b, nil
}

// reads notes what e says of an element. ok is false if that is more than what it has.
func (b *bracket) reads(t *model.Type, e filter.Expr) (ok bool) {
	switch e := e.(type) {
	case *filter.And:
		for _, term := range e.Terms {
			if !b.reads(t, term) {
				return false
			}
		}
		return true
	case *filter.Compare:
		id, err := filter.Resolve(e.Attr, t, b.list.ID, nil)
		if err != nil || e.Op != filter.Eq || e.Value.Kind == filter.Null {
			return false
		}
		b.says[id], ok = filter.LiteralKey(t.Attr(id), e.Value.Text)
	}
	return ok
}

// overlaps tells whether one element may be that of b and of other.
func (b *bracket) overlaps(other *bracket) bool {
	for id, key := range b.says {
		if said, ok := other.says[id]; ok && said != key {
			return false
		}
	}
	return b.list == other.list
}

// column is the column of a sub-attribute, nil if it has none.
func (b *bracket) column(id model.ID) *mappedColumn {
	for _, m := range b.columns {
		if m.attr.ID == id {
			return m
		}
	}
	return nil
}

// element finds the element in d, and its place in the list.
func (b *bracket) element(d *document.Doc) (e document.Value, place int) {
	list, _ := d.Get(b.list.ID)
	it := list.Iter()
	for e, ok := it.Next(); ok; e, ok = it.Next() {
		if b.MatchValue(e) {
			return e, place
		}
		place++
	}
	return document.Value{}, -1
}

// replace is d with raw in place of the element, if there is one; nil removes it.
func (b *bracket) replace(d *document.Doc, raw []byte) *document.Doc {
	_, place := b.element(d)
	if place < 0 {
		return d
	}
	return rewrite(d, b.list.ID, func(i int, was []byte) []byte {
		if i == place {
			return raw
		}
		return was
	})
}

// rewrite is d with what change makes of the elements of a list; nil removes one.
func rewrite(d *document.Doc, list model.ID, change func(i int, raw []byte) []byte) *document.Doc {
	v, _ := d.Get(list)
	dst, i := []byte{'['}, 0
	it := v.Iter()
	for e, ok := it.Next(); ok; e, ok = it.Next() {
		if raw := change(i, e.Raw()); raw != nil {
			dst = append(append(dst, raw...), ',')
		}
		i++
	}
	return d.With(list, closeList(dst))
}

// with is the element e with other values, nil for none.
func (b *bracket) with(t *model.Type, e document.Value, values map[model.ID]any) []byte {
	dst := []byte{'{'}
	for id := b.list.ID + 1; id < b.list.End; id = t.Attr(id).End {
		v, _ := e.Member(t.Attr(id))
		raw := v.Raw()
		if value, ok := values[id]; ok {
			raw = rawOf(value)
		}
		if len(raw) > 0 {
			dst = append(append(append(dst, t.Attr(id).Key...), raw...), ',')
		}
	}
	return closeObject(dst)
}

// bare tells whether e has no more than what the brackets say.
func (b *bracket) bare(t *model.Type, e document.Value) bool {
	for id := b.list.ID + 1; id < b.list.End; id = t.Attr(id).End {
		_, said := b.says[id]
		if _, ok := e.Member(t.Attr(id)); ok && !said {
			return false
		}
	}
	return true
}

// put gives the element values of columns, nil for none. One that has no more than
// what the brackets say then goes.
func (b *bracket) put(r *scim.Resource, values map[model.ID]any) error {
	if _, place := b.element(r.Document()); place < 0 {
		if n, err := b.add(r, values); err != nil || n < 2 {
			return err
		}
	}
	d := r.Document()
	e, _ := b.element(d)
	raw := b.with(d.Type(), e, values)
	if b.bare(d.Type(), document.Trusted(raw)) {
		raw = nil
	}
	*r = scim.ResourceOf(r.Type(), b.replace(d, raw))
	return nil
}

// add makes the element with the first of values, if there is any, and tells how many
// there are.
func (b *bracket) add(r *scim.Resource, values map[model.ID]any) (n int, err error) {
	for _, m := range b.columns {
		v := values[m.attr.ID]
		if v == nil {
			continue
		}
		if n++; n == 1 {
			err = r.Set(m.path, v)
		}
	}
	return n, err
}

// without is d with nothing in the element that has a column. Its place is kept.
func (b *bracket) without(d *document.Doc) *document.Doc {
	e, place := b.element(d)
	if place < 0 {
		return d
	}
	none := make(map[model.ID]any)
	for _, m := range b.columns {
		none[m.attr.ID] = nil
	}
	return b.replace(d, b.with(d.Type(), e, none))
}

// mark is a member of the keys of a resource whose element has more than columns, and is
// there whatever these hold.
func (b *bracket) mark() string {
	hash := sha256.Sum256([]byte(b.name))
	return "element:" + hex.EncodeToString(hash[:8])
}

// withoutLast is d without the element if that is the last one, and bare: it would come
// back at the same place.
func (b *bracket) withoutLast(d *document.Doc) *document.Doc {
	e, place := b.element(d)
	list, _ := d.Get(b.list.ID)
	if place < 0 || place+1 < len(elements([]document.Value{list})) || !b.bare(d.Type(), e) {
		return d
	}
	return b.replace(d, nil)
}

// rawOf is a value as JSON, nil for none.
func rawOf(v any) []byte {
	switch v := v.(type) {
	case string:
		return document.AppendString(nil, v)
	case bool:
		return strconv.AppendBool(nil, v)
	case int64:
		return strconv.AppendInt(nil, v, 10)
	case float64:
		return strconv.AppendFloat(nil, v, 'g', -1, 64)
	case time.Time:
		return document.AppendString(nil, v.UTC().Format(time.RFC3339Nano))
	}
	return nil
}

// only refuses a column of an element whose value would not be certain: where the
// brackets say what it is, or those of others may say so of the same element.
func (o *host) only(m *mappedColumn) error {
	if _, said := m.only.says[m.attr.ID]; said {
		return errors.New("the brackets say what it always is, and a column may have something else")
	}
	for _, b := range o.brackets {
		if b == m.only || !b.overlaps(m.only) {
			continue
		}
		if other := b.column(m.attr.ID); other != nil && other.source() != m.source() {
			return fmt.Errorf("the element may be that of %s, too, which is in the column %s: one value would be in two columns", other.path, other.source())
		}
		_, said := b.says[m.attr.ID]
		for id := range m.only.says {
			said = said || b.column(id) != nil
		}
		if said {
			return fmt.Errorf("which element that of %s is would depend on what is in a column", b.name)
		}
	}
	return nil
}
