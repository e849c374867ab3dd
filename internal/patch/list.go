package patch

import (
	"bytes"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
)

// assignList adds values to a multi-valued attribute or replaces them all.
func (a *applier) assignList(parent document.Node, at *model.Attr, v document.Value, k kind) *Error {
	fresh, err := a.readList(at, v)
	if err != nil {
		return err
	}
	old := a.tree.Child(parent, at.ID)
	switch {
	case k == add && fresh == document.NoNode:
		return nil
	case fresh == document.NoNode:
		return a.unassign(parent, at)
	case k == add && old != document.NoNode:
		return a.union(old, fresh)
	case at.ResourceRef && old != document.NoNode:
		if err := a.walked(old); err != nil {
			return err
		}
		fresh = a.tree.KeepMembers(old, fresh)
	}
	for e := a.tree.First(fresh); e != document.NoNode; e = a.tree.Next(e) {
		a.notePrimary(e)
	}
	return a.put(parent, fresh)
}

// readList reads the value of a multi-valued attribute: an array, or one value
// (RFC 7644 section 3.5.2.1: "a new value is added"). It gives NoNode if there
// is no value in it.
func (a *applier) readList(at *model.Attr, v document.Value) (document.Node, *Error) {
	var list document.Node
	var err error
	if k := v.Kind(); k == document.Array || k == document.Null {
		list, err = a.tree.ParseValue(at.ID, v, a.opts)
	} else {
		var e document.Node
		list = document.NoNode
		if e, err = a.tree.ParseElement(at.ID, v, a.opts); err == nil && e != document.NoNode {
			list = a.tree.NewArray(at.ID)
			a.tree.Append(list, e)
		}
	}
	if err != nil {
		return document.NoNode, a.convert(err)
	}
	if at.ResourceRef {
		return list, a.identified(at, list, v)
	}
	return list, nil
}

// identified refuses references that refer to nothing: they would be lost
// without a word.
func (a *applier) identified(at *model.Attr, list document.Node, v document.Value) *Error {
	read := 0
	if list != document.NoNode {
		for e := a.tree.First(list); e != document.NoNode; e = a.tree.Next(e) {
			if n := a.tree.Child(e, at.Value); n == document.NoNode || len(a.tree.Leaf(n).Raw()) <= len(`""`) {
				return a.unidentified(at)
			}
			read++
		}
	}
	if v.Kind() == document.Object && read == 0 {
		return a.hasValue(at, v)
	}
	given := 0
	it := v.Iter()
	for _, ok := it.Next(); ok; _, ok = it.Next() {
		given++
	}
	if given == read {
		return nil
	}
	it = v.Iter()
	for e, ok := it.Next(); ok; e, ok = it.Next() {
		if err := a.hasValue(at, e); err != nil {
			return err
		}
	}
	return nil
}

// hasValue refuses an element without the member "value".
func (a *applier) hasValue(at *model.Attr, e document.Value) *Error {
	if e.Kind() != document.Object {
		return nil
	}
	var buf [32]byte
	it := e.Members()
	for k, _, ok := it.Next(); ok; k, _, ok = it.Next() {
		if a.t.Sub(at.ID, k.Bytes(buf[:])) == at.Value {
			return nil
		}
	}
	return a.unidentified(at)
}

func (a *applier) unidentified(at *model.Attr) *Error {
	return a.fail(invalidValue, "each element of %s needs a value: the id of a resource", at.Path)
}

func (a *applier) notePrimary(e document.Node) {
	if a.tree.Kind(e) == document.Object && a.tree.IsPrimary(e) {
		a.primaries = append(a.primaries, e)
	}
}

// union appends those elements of fresh that list does not contain (RFC 7644
// section 3.5.2.1).
func (a *applier) union(list, fresh document.Node) *Error {
	at := a.tree.Attr(list)
	if err := a.walked(list); err != nil {
		return err
	}
	find := a.finder(list)
	for e := a.tree.First(fresh); e != document.NoNode; {
		next := a.tree.Next(e)
		if old := find(e); old == document.NoNode {
			a.tree.Append(list, e)
			a.notePrimary(e)
		} else if err := a.update(at, old, e); err != nil {
			return err
		}
		e = next
	}
	return a.sizeOf(list)
}

// sizeOf refuses a list that has grown over the limit. Lists of references may
// have any length; how many come at once, the reader limits.
func (a *applier) sizeOf(list document.Node) *Error {
	at := a.tree.Attr(list)
	if max := a.opts.Limits.Elements; max > 0 && !at.ResourceRef && a.tree.Len(list) > max {
		return a.fail(invalidValue, "%s would have more elements than the limit of %d", at.Path, max)
	}
	return nil
}

// finder gives a function that finds the element of list that is the same as
// another: by value for references, by value and type for others, by all of it
// where there is no value (RFC 7643 section 2.4).
func (a *applier) finder(list document.Node) func(document.Node) document.Node {
	const few = 16
	if n := a.tree.Len(list); n > few {
		index := make(map[string]document.Node, n)
		for e := a.tree.First(list); e != document.NoNode; e = a.tree.Next(e) {
			key := a.key(e)
			index[string(key)] = e
			a.work += int64(len(key)) / unit // the next spend looks at it
		}
		return func(e document.Node) document.Node {
			if n, ok := index[string(a.key(e))]; ok {
				return n
			}
			return document.NoNode
		}
	}
	last := a.tree.First(list)
	for n := last; n != document.NoNode; n = a.tree.Next(n) {
		last = n
	}
	var key []byte
	return func(e document.Node) document.Node {
		key = append(key[:0], a.key(e)...)
		for n := a.tree.First(list); n != document.NoNode; n = a.tree.Next(n) {
			if bytes.Equal(a.key(n), key) {
				return n
			}
			if n == last {
				break // what follows is new, and its elements differ
			}
		}
		return document.NoNode
	}
}

// key is what makes an element the same as another, valid until the next call.
func (a *applier) key(e document.Node) []byte {
	at := a.tree.Attr(e)
	if at.Kind != model.Complex || at.Value == model.None {
		return a.text(e)
	}
	v := a.tree.Child(e, at.Value)
	if v == document.NoNode {
		return a.text(e)
	}
	a.scratch = append(a.scratch[:0], a.tree.Leaf(v).Raw()...)
	if at.ResourceRef || at.TypeSub == model.None {
		return a.scratch
	}
	if t := a.tree.Child(e, at.TypeSub); t != document.NoNode {
		a.scratch = append(a.scratch, a.tree.Leaf(t).Raw()...)
	}
	return a.scratch
}

// update gives the element old the other sub-attributes of e, which is the
// same element. References stay: what else they say, the provider computes.
func (a *applier) update(at *model.Attr, old, e document.Node) *Error {
	if at.Kind != model.Complex || at.ResourceRef {
		return nil
	}
	for c := a.tree.First(e); c != document.NoNode; {
		next := a.tree.Next(c)
		if a.tree.ID(c) != model.None {
			if err := a.put(old, c); err != nil {
				return err
			}
		}
		c = next
	}
	return nil
}
