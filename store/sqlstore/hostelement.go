package sqlstore

import (
	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/filter/sqlfilter"
	"github.com/scimkit/scimkit/internal/model"
)

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
	for _, b := range o.brackets {
		if b.list.Name == list && !b.knows(o.layout.model, sub) {
			return &sqlfilter.UnsupportedError{Attr: list + "." + sub, Msg: "this service provider does not filter by the sub-attribute"}
		}
	}
	return nil
}

// knows tells whether SQL has a sub-attribute of the element.
func (b *bracket) knows(t *model.Type, sub string) bool {
	id := t.SubString(b.list.ID, sub)
	if m := b.column(id); m != nil {
		return !m.opaque()
	}
	_, said := b.says[id]
	return said
}

// unsorted tells whether an order is by a list of which an element has columns: which
// element comes first, or is the primary one, is beside them.
func (o *host) unsorted(by *filter.Order) error {
	for _, b := range o.brackets {
		if b.list.Name == by.Path().Name {
			return &sqlfilter.UnsupportedError{Attr: by.Path().String(), Msg: "this service provider does not sort by the attribute"}
		}
	}
	return nil
}
