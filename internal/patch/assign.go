package patch

import (
	"bytes"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/internal/quirk"
)

// assign gives the attribute id of the object parent a value, by add or
// replace (RFC 7644 sections 3.5.2.1 and 3.5.2.3).
func (a *applier) assign(parent document.Node, id model.ID, v document.Value, k kind) *Error {
	at := a.t.Attr(id)
	if up := a.t.Attr(at.Parent); a.opts.DropRefs && up.ResourceRef && up.Ref == id {
		if v.Kind() != document.Null {
			a.log.Note(quirk.ReferenceRebuilt)
		}
		return nil
	}
	switch {
	case at.Multi:
		return a.assignList(parent, at, v, k)
	case at.Kind == model.Complex:
		return a.assignComplex(parent, at, v, k)
	}
	n, err := a.tree.ParseValue(id, v, a.opts)
	if err != nil {
		return a.convert(err)
	}
	if n == document.NoNode {
		return a.unassign(parent, at)
	}
	return a.put(parent, n)
}

// put makes n a member of parent.
func (a *applier) put(parent, n document.Node) *Error {
	at := a.tree.Attr(n)
	if at.Mutability == model.Immutable {
		if old := a.tree.Child(parent, at.ID); old != document.NoNode && !a.same(old, n) {
			return a.immutable(at.ID)
		}
	}
	a.tree.Put(parent, n)
	if at.ID == a.t.Attr(at.Parent).Primary && a.tree.Kind(n) == document.True {
		a.primaries = append(a.primaries, parent)
	}
	return nil
}

func (a *applier) same(n, m document.Node) bool {
	text := bytes.Clone(a.text(n))
	return bytes.Equal(text, a.text(m))
}

// unassign takes the attribute at away from the object parent.
func (a *applier) unassign(parent document.Node, at *model.Attr) *Error {
	if at.Required {
		return a.required(at)
	}
	n := a.tree.Child(parent, at.ID)
	if n == document.NoNode {
		return nil
	}
	if at.Mutability == model.Immutable {
		return a.immutable(at.ID)
	}
	a.tree.Remove(parent, n)
	return nil
}

// assignComplex sets those sub-attributes of a single complex attribute that v
// has; others stay.
func (a *applier) assignComplex(parent document.Node, at *model.Attr, v document.Value, k kind) *Error {
	v = a.unwrap(v)
	bare := v.Kind() == document.String && at.ResourceRef && a.log.Try(quirk.ReferenceShape)
	if v.Kind() != document.Object && !bare {
		n, err := a.tree.ParseValue(at.ID, v, a.opts)
		if err != nil {
			return a.convert(err)
		}
		if n == document.NoNode {
			return a.unassign(parent, at)
		}
		return a.put(parent, n)
	}
	n := a.tree.Child(parent, at.ID)
	if n == document.NoNode {
		n = a.tree.NewObject(at.ID)
		a.tree.Put(parent, n)
	}
	had := at.ResourceRef && a.tree.Child(n, at.Value) != document.NoNode
	var err *Error
	if bare {
		err = a.assign(n, at.Value, v, k)
	} else {
		err = a.merge(n, v, k)
	}
	if err != nil {
		return err
	}
	if a.empty(n) || had && a.tree.Child(n, at.Value) == document.NoNode {
		// A reference without its value refers to nothing.
		return a.unassign(parent, at)
	}
	return nil
}

// unwrap takes the value out of an array that holds nothing else.
func (a *applier) unwrap(v document.Value) document.Value {
	if v.Kind() != document.Array {
		return v
	}
	it := v.Iter()
	first, ok := it.Next()
	if !ok || first.Kind() == document.Array {
		return v
	}
	if _, more := it.Next(); more || !a.log.Try(quirk.Unwrap) {
		return v
	}
	return first
}

// merge sets the sub-attributes of the object n that v has. What only the
// service provider writes is left out, as it is when a resource is created.
func (a *applier) merge(n document.Node, v document.Value, k kind) *Error {
	at := a.tree.Attr(n)
	var buf [64]byte
	it := v.Members()
	for key, m, ok := it.Next(); ok; key, m, ok = it.Next() {
		name := key.Bytes(buf[:])
		id := a.t.Sub(at.ID, name)
		var err *Error
		switch {
		case id == model.None:
			err = a.unknown(n, name, m)
		case a.t.Attr(id).Mutability == model.ReadOnly:
		case a.opts.DropRefs && at.ResourceRef && id == at.Ref && document.RefersTo(m, a.memberOf(at, v)):
		case a.opts.DropRefs && at.ResourceRef && id == at.Ref && a.memberOf(at, v).IsZero():
			err = a.refer(n, id, m, k)
		default:
			err = a.assign(n, id, m, k)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// refer sets the value of the reference n, which comes without, to what the URI
// ref names (RFC 7643 section 2.4).
func (a *applier) refer(n document.Node, id model.ID, ref document.Value, k kind) *Error {
	if target, ok := document.Target(ref); ok {
		return a.assign(n, a.tree.Attr(n).Value, target, k)
	}
	return a.assign(n, id, ref, k)
}

// memberOf is the value of the reference v.
func (a *applier) memberOf(at *model.Attr, v document.Value) document.Value {
	var buf [64]byte
	it := v.Members()
	for key, m, ok := it.Next(); ok; key, m, ok = it.Next() {
		if a.t.Sub(at.ID, key.Bytes(buf[:])) == at.Value {
			return m
		}
	}
	return document.Value{}
}

// unknown applies the policy for sub-attributes that the schema does not have.
func (a *applier) unknown(n document.Node, name []byte, v document.Value) *Error {
	switch a.opts.Unknown {
	case document.RejectUnknown:
		return a.fail(invalidSyntax, "%s has no sub-attribute %q", a.tree.Attr(n).Path, clip(string(name)))
	case document.KeepUnknown:
		return a.keep(n, string(name), v)
	}
	a.log.Note(quirk.UnknownAttribute)
	return nil
}
