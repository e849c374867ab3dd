package patch

import (
	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/internal/quirk"
)

// elements applies an operation to elements of a multi-valued attribute: those
// that the path's filter selects, or all of them.
func (a *applier) elements(o *op) *Error {
	list := a.tree.Get(o.attr)
	if o.ids != nil {
		return a.removeByID(list, o.ids)
	}
	hits, err := a.hits(o, list)
	if err != nil {
		return err
	}
	switch {
	case len(hits) == 0 && o.kind == remove:
		a.log.Note(quirk.RemoveNoMatch)
		return nil
	case len(hits) == 0:
		return a.create(o, list)
	case o.sub == model.None && (o.kind == remove || o.kind == replace && unassigns(o.value)):
		return a.removeHits(o, list, hits)
	case o.sub == model.None && unassigns(o.value):
		return nil
	}
	if err := a.copied(o, len(hits)); err != nil {
		return err
	}
	for _, e := range hits {
		if err := a.element(o, list, e); err != nil {
			return err
		}
	}
	return a.tidy(o, list, hits)
}

func unassigns(v document.Value) bool { return v.Kind() == document.Null || emptyArray(v) }

// hits are the elements of list that the operation means.
func (a *applier) hits(o *op, list document.Node) ([]document.Node, *Error) {
	if list == document.NoNode {
		return nil, nil
	}
	if err := a.walked(list); err != nil {
		return nil, err
	}
	hits := a.hitBuf[:0]
	for e := a.tree.First(list); e != document.NoNode; e = a.tree.Next(e) {
		if o.filter != nil {
			text := a.text(e)
			if err := a.compared(o, len(text)); err != nil {
				return nil, err
			}
			if !o.filter.MatchValue(document.Trusted(text)) {
				continue
			}
		}
		hits = append(hits, e)
	}
	return hits, nil
}

// element applies an operation to one element.
func (a *applier) element(o *op, list, e document.Node) *Error {
	switch {
	case o.sub != model.None && o.kind == remove:
		return a.unassign(e, a.t.Attr(o.sub))
	case o.sub != model.None:
		return a.assign(e, o.sub, o.value, o.kind)
	}
	return a.into(list, e, o.value, o.kind)
}

// into merges a value into the element e, as the complex rule of RFC 7644
// section 3.5.2.3 has it; an element of a simple attribute gives way to it.
func (a *applier) into(list, e document.Node, v document.Value, k kind) *Error {
	at := a.tree.Attr(e)
	v = a.unwrap(v)
	switch {
	case at.Kind == model.Complex && v.Kind() == document.Object:
		return a.merge(e, v, k)
	case at.Kind == model.Complex && v.Kind() == document.String && at.Value != model.None && a.log.Try(quirk.Wrap):
		return a.assign(e, at.Value, v, k)
	}
	n, err := a.tree.ParseElement(at.ID, v, a.opts)
	if err != nil {
		return a.convert(err)
	}
	if n != document.NoNode && list != document.NoNode {
		if err := a.walked(list); err != nil {
			return err
		}
		a.swap(list, e, n)
	}
	return nil
}

// swap puts n into the place of the element e.
func (a *applier) swap(list, e, n document.Node) {
	next := a.tree.First(list)
	for a.tree.Filter(list, func(document.Node) bool { return false }); next != document.NoNode; {
		c := next
		next = a.tree.Next(c)
		if c == e {
			c = n
		}
		a.tree.Append(list, c)
	}
}

// tidy takes out elements that an empty string left with no more than type and
// primary, and elements that have become the same as others.
func (a *applier) tidy(o *op, list document.Node, hits []document.Node) *Error {
	if o.kind != remove && a.log.Allows(quirk.EmptyString) {
		a.filterHits(list, hits, func(e document.Node) bool { return !a.nothingLeft(e) })
	}
	at := a.t.Attr(o.attr)
	if o.sub == model.None || o.sub == at.Value || o.sub == at.TypeSub {
		a.tree.Dedupe(list)
	}
	return a.emptied(o.attr)
}

// nothingLeft tells whether an element says nothing but type and primary.
func (a *applier) nothingLeft(e document.Node) bool {
	at := a.tree.Attr(e)
	if at.Kind != model.Complex {
		return false
	}
	for c := a.tree.First(e); c != document.NoNode; c = a.tree.Next(c) {
		if id := a.tree.ID(c); id != at.TypeSub && id != at.Primary {
			return false
		}
	}
	return true
}

// filterHits keeps those of hits for which keep is true, and all others.
func (a *applier) filterHits(list document.Node, hits []document.Node, keep func(document.Node) bool) {
	i := 0
	a.tree.Filter(list, func(e document.Node) bool {
		if i == len(hits) || e != hits[i] {
			return true
		}
		i++
		return keep(e)
	})
}

// create makes the element that a filter describes where it selects none
// (quirk CreateOnAbsent). Membership is never a side effect: references are not
// created.
func (a *applier) create(o *op, list document.Node) *Error {
	at := a.t.Attr(o.attr)
	missing := a.fail(noTarget, "no element of %s is selected", at.Path)
	if o.filter == nil || at.Kind != model.Complex || at.ResourceRef || !a.log.Allows(quirk.CreateOnAbsent) {
		return missing
	}
	e := a.tree.NewObject(at.ID)
	if ok, err := a.describe(e, o.filter.Expr()); !ok || err != nil {
		return orElse(err, missing)
	}
	a.log.Try(quirk.CreateOnAbsent)
	if o.sub == model.None && unassigns(o.value) {
		return nil
	}
	if err := a.element(o, document.NoNode, e); err != nil {
		return err
	}
	if o.sub != model.None && a.tree.Child(e, o.sub) == document.NoNode {
		return nil // to unassign what is not there changes nothing
	}
	if list == document.NoNode {
		list = a.tree.NewArray(at.ID)
		a.tree.Put(a.tree.Make(at.ID), list)
	}
	a.tree.Append(list, e)
	a.primaries = a.primaries[:0]
	a.notePrimary(e)
	a.tree.Dedupe(list)
	return a.sizeOf(list)
}

func orElse(err, other *Error) *Error {
	if err != nil {
		return err
	}
	return other
}

// describe gives the element e what a filter asks for; it fails for anything
// but eq joined by and.
func (a *applier) describe(e document.Node, x filter.Expr) (bool, *Error) {
	switch x := x.(type) {
	case *filter.And:
		for _, term := range x.Terms {
			if ok, err := a.describe(e, term); !ok || err != nil {
				return ok, err
			}
		}
		return true, nil
	case *filter.Compare:
		if x.Op != filter.Eq || x.Attr.Sub != "" || x.Attr.URN != "" {
			return false, nil
		}
		id := a.t.SubString(a.tree.ID(e), x.Attr.Name)
		if id == model.None || a.t.Attr(id).Mutability == model.ReadOnly || a.tree.Child(e, id) != document.NoNode {
			return false, nil
		}
		if x.Value.Kind == filter.Null {
			return true, nil
		}
		return true, a.assign(e, id, document.Trusted([]byte(x.Value.String())), add)
	}
	return false, nil
}
