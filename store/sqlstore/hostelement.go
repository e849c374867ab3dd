package sqlstore

import (
	"strconv"
	"time"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/filter/sqlfilter"
	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/scim"
)

// An element of a list may have some of its sub-attributes in columns: that of
// emails[type eq "work"].value is the first with this type. The rest of it, and
// the other elements, are in the document, so that all stand where they stood.

// element finds the element that m is about.
func (m *mappedColumn) element(d *document.Doc) (e document.Value, ok bool) {
	list, _ := d.Get(m.attr.Parent)
	it := list.Iter()
	for e, ok := it.Next(); ok; e, ok = it.Next() {
		if m.only.MatchValue(e) {
			return e, true
		}
	}
	return e, false
}

// replace is d with what change makes of the element that m is about; nil removes
// it.
func (m *mappedColumn) replace(d *document.Doc, change func(e document.Value) []byte) *document.Doc {
	list, _ := d.Get(m.attr.Parent)
	dst, done := []byte{'['}, false
	it := list.Iter()
	for e, ok := it.Next(); ok; e, ok = it.Next() {
		raw := e.Raw()
		if !done && m.only.MatchValue(e) {
			raw, done = change(e), true
		}
		if raw != nil {
			dst = append(append(dst, raw...), ',')
		}
	}
	return d.With(m.attr.Parent, closeList(dst))
}

// with is the element e with another value of the sub-attribute of m, nil for
// none.
func (m *mappedColumn) with(t *model.Type, e document.Value, value []byte) []byte {
	parent := t.Attr(m.attr.Parent)
	dst := []byte{'{'}
	for id := parent.ID + 1; id < parent.End; id = t.Attr(id).End {
		raw := value
		if id != m.attr.ID {
			v, _ := e.Member(t.Attr(id))
			raw = v.Raw()
		}
		if len(raw) > 0 {
			dst = append(append(append(dst, t.Attr(id).Key...), raw...), ',')
		}
	}
	if len(dst) == 1 {
		return nil
	}
	dst[len(dst)-1] = '}'
	return dst
}

// setElement puts v, nil for none, into the element of r that m is about. An
// element of which nothing is left but what the brackets say goes.
func (m *mappedColumn) setElement(r *scim.Resource, v any) error {
	d := r.Document()
	if _, ok := m.element(d); !ok {
		if v == nil {
			return nil
		}
		return r.Set(m.path, v)
	}
	raw := rawOf(v)
	d = m.replace(d, func(e document.Value) []byte {
		if raw == nil && !m.more(d.Type(), e) {
			return nil
		}
		return m.with(d.Type(), e, raw)
	})
	*r = scim.ResourceOf(r.Type(), d)
	return nil
}

// more tells whether e has sub-attributes beside that of m and those that the
// brackets are about.
func (m *mappedColumn) more(t *model.Type, e document.Value) bool {
	parent := t.Attr(m.attr.Parent)
	for id := parent.ID + 1; id < parent.End; id = t.Attr(id).End {
		if _, ok := e.Member(t.Attr(id)); ok && id != m.attr.ID && !mentions(m.only.Expr(), t.Attr(id).Name) {
			return true
		}
	}
	return false
}

// mentions tells whether a filter on elements asks for a sub-attribute.
func mentions(e filter.Expr, name string) bool {
	switch e := e.(type) {
	case *filter.Compare:
		return e.Attr.Name == name || e.Attr.Sub == name
	case *filter.And:
		for _, term := range e.Terms {
			if mentions(term, name) {
				return true
			}
		}
	}
	return false
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

// beyond tells whether a filter asks a list, of which an element has columns, for
// what these do not have, or only Decode knows: SQL does not put the two halves of
// the element together.
func (o *host) beyond(e filter.Expr) error {
	switch e := e.(type) {
	case *filter.And:
		return o.beyondAny(e.Terms)
	case *filter.Or:
		return o.beyondAny(e.Terms)
	case *filter.Not:
		return o.beyond(e.X)
	case *filter.Compare:
		if e.Attr.Sub != "" {
			return o.beyondSub(e.Attr.Name, e.Attr.Sub)
		}
	case *filter.ValuePath:
		for _, sub := range subsOf(e.Filter) {
			if err := o.beyondSub(e.Attr.Name, sub); err != nil {
				return err
			}
		}
	}
	return nil
}

func (o *host) beyondAny(terms []filter.Expr) error {
	for _, term := range terms {
		if err := o.beyond(term); err != nil {
			return err
		}
	}
	return nil
}

// subsOf names what the filter of a value path asks for.
func subsOf(e filter.Expr) (names []string) {
	switch e := e.(type) {
	case *filter.Compare:
		return []string{e.Attr.Name}
	case *filter.Not:
		return subsOf(e.X)
	case *filter.And:
		for _, term := range e.Terms {
			names = append(names, subsOf(term)...)
		}
	case *filter.Or:
		for _, term := range e.Terms {
			names = append(names, subsOf(term)...)
		}
	}
	return names
}

func (o *host) beyondSub(list, sub string) error {
	partly := false
	for _, m := range o.mapped {
		if m.only == nil || o.layout.model.Attr(m.attr.Parent).Name != list {
			continue
		}
		partly = true
		if m.attr.Name == sub && m.opaque() {
			break
		}
		if m.attr.Name == sub || mentions(m.only.Expr(), sub) {
			return nil
		}
	}
	if !partly {
		return nil
	}
	return &sqlfilter.UnsupportedError{Attr: list + "." + sub, Msg: "this service provider does not filter by the sub-attribute"}
}
