package patch

import (
	"bytes"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/internal/quirk"
)

// do applies one operation.
func (a *applier) do(o *op) *Error {
	a.op, a.primaries = o, a.primaries[:0]
	if err := a.goOn(); err != nil {
		return err
	}
	frozen, before := a.freeze(o)
	if err := a.spend(len(before) / walk); err != nil {
		return err
	}
	if err := a.dispatch(o); err != nil {
		return err
	}
	if len(a.primaries) > 0 {
		if err := a.onePrimary(a.tree.Get(o.attr)); err != nil {
			return err
		}
	}
	if frozen != model.None {
		n := a.tree.Get(frozen)
		if n == document.NoNode || !bytes.Equal(a.text(n), before) {
			return a.immutable(frozen)
		}
	}
	return nil
}

func (a *applier) dispatch(o *op) *Error {
	switch {
	case o.kind == keep:
		return a.keep(a.object(o.attr), o.name, o.value)
	case o.kind == unchanged:
		return a.unchanged(o)
	case o.kind == removeListed:
		return a.removeListed(o)
	case o.elements:
		return a.elements(o)
	case o.kind == remove:
		return a.remove(o.attr)
	}
	if err := a.assign(a.tree.Make(o.attr), o.attr, o.value, o.kind); err != nil {
		return err
	}
	return a.emptied(o.attr)
}

// freeze finds what must not change under operation o because it is immutable
// and has a value (RFC 7643 section 7), and remembers its text. Sub-attributes
// below the target are guarded where they are set.
func (a *applier) freeze(o *op) (model.ID, []byte) {
	frozen := model.None
	for id := o.attr; id != model.Root; id = a.t.Attr(id).Parent {
		if a.t.Attr(id).Mutability == model.Immutable {
			frozen = id
		}
	}
	if frozen == model.None {
		return model.None, nil
	}
	n := a.tree.Get(frozen)
	if n == document.NoNode || a.empty(n) {
		return model.None, nil
	}
	return frozen, bytes.Clone(a.text(n))
}

func (a *applier) immutable(id model.ID) *Error {
	return a.fail(mutability, "the attribute %s is immutable and has a value already", a.t.Attr(id).Path)
}

// text is the canonical text of n, valid until the next call.
func (a *applier) text(n document.Node) []byte {
	a.scratch = a.tree.AppendNode(a.scratch[:0], n)
	return a.scratch
}

// empty tells whether n is an object or array without members.
func (a *applier) empty(n document.Node) bool {
	k := a.tree.Kind(n)
	return (k == document.Object || k == document.Array) && a.tree.First(n) == document.NoNode
}

// object is the object of the resource or of an extension.
func (a *applier) object(id model.ID) document.Node {
	n := a.tree.Get(id)
	if n == document.NoNode {
		n = a.tree.NewObject(id)
		a.tree.Put(a.tree.Root(), n)
	}
	return n
}

// emptied finds a required attribute that operation o has left without a
// value, above the one that it names (RFC 7644 section 3.5.2.2).
func (a *applier) emptied(id model.ID) *Error {
	for id != model.Root {
		at := a.t.Attr(id)
		if n := a.tree.Get(id); n != document.NoNode && !a.empty(n) {
			return nil
		}
		if at.Required {
			return a.required(at)
		}
		if n := a.tree.Get(id); n != document.NoNode {
			a.tree.Unset(id)
		}
		id = at.Parent
	}
	return nil
}

func (a *applier) required(at *model.Attr) *Error {
	return a.fail(mutability, "the attribute %s is required: it cannot be removed", at.Path)
}

// onePrimary makes the element that the operation made primary the only one of
// its list (RFC 7644 section 3.5.2).
func (a *applier) onePrimary(list document.Node) *Error {
	if list == document.NoNode || a.tree.Kind(list) != document.Array {
		return nil
	}
	at := a.tree.Attr(list)
	winner := a.primaries[len(a.primaries)-1]
	if len(a.primaries) > 1 && !a.log.Try(quirk.TwoPrimaries) {
		return a.fail(invalidValue, "only one value of %s may be primary", at.Path)
	}
	for e := a.tree.First(list); e != document.NoNode; e = a.tree.Next(e) {
		if e != winner && a.tree.IsPrimary(e) {
			a.tree.Put(e, a.tree.NewBool(at.Primary, false))
		}
	}
	return nil
}

// unchanged refuses a readOnly attribute in a value unless it says what is so
// already.
func (a *applier) unchanged(o *op) *Error {
	opts := *a.opts
	opts.Trusted = true
	at := a.t.Attr(o.attr)
	n, err := a.tree.ParseValue(o.attr, o.value, &opts)
	if err != nil {
		return a.convert(err)
	}
	old := a.tree.Get(o.attr)
	same := n == document.NoNode && old == document.NoNode
	if n != document.NoNode && old != document.NoNode {
		want := bytes.Clone(a.text(n))
		same = bytes.Equal(want, a.text(old))
	}
	if !same {
		return a.fail(mutability, "the attribute %s is readOnly", at.Path)
	}
	return nil
}

// keep stores an attribute that the schema does not have in the object n, in
// the place of one of the same name.
func (a *applier) keep(n document.Node, name string, v document.Value) *Error {
	if a.kept++; a.opts.Limits.Elements > 0 && a.kept > a.opts.Limits.Elements {
		return a.fail(invalidValue, "there are more attributes outside the schema than the limit of %d", a.opts.Limits.Elements)
	}
	key := append(document.AppendString(nil, name), ':')
	a.tree.Filter(n, func(c document.Node) bool {
		if a.tree.ID(c) != model.None {
			return true
		}
		text := a.tree.Leaf(c).Raw()
		return len(text) < len(key) || !model.EqualFold(string(text[:len(key)]), string(key))
	})
	member := append([]byte{'{'}, key...)
	member = append(append(member, v.Raw()...), '}')
	if err := a.tree.ParseExtension(n, document.Trusted(member), a.opts); err != nil {
		return a.convert(err)
	}
	return nil
}
