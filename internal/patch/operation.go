package patch

import (
	"bytes"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/internal/quirk"
)

// operation reads one operation.
func (p *reader) operation(v document.Value) *Error {
	p.path = ""
	if v.Kind() != document.Object {
		return p.fail(invalidSyntax, "an operation is not a JSON object")
	}
	f, strange := p.fields(v, "op", "path", "value")
	if strange {
		p.log.Note(quirk.PatchKeys)
	}
	if err := p.readKind(f[0]); err != nil {
		return err
	}
	if err := p.readPath(f[1]); err != nil {
		return err
	}
	value := f[2]
	switch {
	case p.path == "" && p.kind == remove:
		return p.fail(noTarget, `"remove" needs a path (RFC 7644 section 3.5.2.2)`)
	case value.IsZero() && p.kind != remove:
		return p.fail(invalidValue, "%q needs a value", kindNames[p.kind])
	case p.path == "":
		return p.object(model.Root, value)
	}
	t, err := p.resolve(p.path)
	if err != nil {
		return err
	}
	return p.targeted(t, value)
}

func (p *reader) readKind(v document.Value) *Error {
	if v.IsZero() {
		return p.fail(invalidSyntax, `the operation has no "op"`)
	}
	if v.Kind() == document.String {
		var buf [8]byte
		word := v.Bytes(buf[:])
		for k := add; k <= remove; k++ {
			if string(word) == kindNames[k] || model.EqualFold(string(word), kindNames[k]) && p.log.Try(quirk.OpCase) {
				p.kind = k
				return nil
			}
		}
	}
	return p.fail(invalidSyntax, `"op" is to be "add", "remove" or "replace"`)
}

func (p *reader) readPath(v document.Value) *Error {
	switch v.Kind() {
	case document.Invalid, document.Null:
		return nil
	case document.String:
		var buf [128]byte
		p.path = string(v.Bytes(buf[:]))
		return nil
	}
	return p.fail(invalidPath, `"path" is not a string`)
}

// targeted notes an operation that has a path.
func (p *reader) targeted(t target, v document.Value) *Error {
	v = p.unnest(t, v)
	a := p.t.Attr(t.attr)
	switch {
	case t.attr == model.Schemas:
		return p.grow(v)
	case t.attr == model.Root || a.Extension:
		return p.container(a, v)
	}
	if err := p.writable(t); err != nil {
		return err
	}
	o := op{kind: p.kind, target: t, value: v}
	if p.kind == remove {
		return p.removal(o, a)
	}
	p.note(o)
	return nil
}

func (p *reader) note(o op) {
	o.index, o.name = p.index, p.path
	p.ops = append(p.ops, o)
}

// container reads an operation on the URI of a schema: its members are the
// targets.
func (p *reader) container(a *model.Attr, v document.Value) *Error {
	switch {
	case p.kind == remove:
		return p.removeContainer(a)
	case v.Kind() == document.Object:
		return p.object(a.ID, v)
	case v.Kind() == document.Null && a.Extension:
		if p.kind == add {
			return nil
		}
		return p.removeContainer(a)
	}
	return p.fail(invalidPath, "the path is the URI of a schema: the value is to be an object with attributes of it")
}

func (p *reader) removeContainer(a *model.Attr) *Error {
	if a.ID == model.Root {
		return p.fail(mutability, "the core schema cannot be removed")
	}
	if a.Required {
		return p.fail(mutability, "the resource type requires this extension: it cannot be removed")
	}
	p.note(op{kind: remove, target: target{attr: a.ID, sub: model.None}})
	return nil
}

// writable refuses paths to what only the service provider writes.
func (p *reader) writable(t target) *Error {
	id := t.attr
	if t.sub != model.None {
		id = t.sub
	}
	for ; id != model.Root; id = p.t.Attr(id).Parent {
		if a := p.t.Attr(id); a.Mutability == model.ReadOnly {
			return p.fail(mutability, "the attribute %s is readOnly", a.Path)
		}
	}
	return nil
}

// removal notes a remove operation. With a value it means different things to
// different people: the letter of the RFC empties the list, though clients mean
// the values that they list.
func (p *reader) removal(o op, a *model.Attr) *Error {
	if last := o.last(p.t); last.Required && (!o.elements || o.sub != model.None) && !p.lists(o, a) {
		return p.fail(mutability, "the attribute %s is required: it cannot be removed", last.Path)
	}
	if o.filter != nil && o.sub == model.None && a.ResourceRef {
		o.ids = valuesOf(o.filter.Expr(), nil)
	}
	if !p.lists(o, a) {
		p.note(o)
		return nil
	}
	switch {
	case o.value.Kind() == document.Null:
		if p.log.Try(quirk.RemoveNull) {
			p.note(o)
			return nil
		}
	case emptyArray(o.value):
		if p.log.Try(quirk.RemoveNull) {
			return nil
		}
	case p.log.Try(quirk.RemoveValues):
		o.kind = removeListed
		p.note(o)
		return nil
	}
	return p.fail(invalidValue, `"remove" takes no value; select the elements in the path: %s[value eq "…"]`, a.Path)
}

// lists tells whether a remove operation comes with a value that would list
// elements.
func (p *reader) lists(o op, a *model.Attr) bool {
	return !o.value.IsZero() && a.Multi && !o.elements
}

func (t target) last(typ *model.Type) *model.Attr {
	if t.sub != model.None {
		return typ.Attr(t.sub)
	}
	return typ.Attr(t.attr)
}

func emptyArray(v document.Value) bool {
	if v.Kind() != document.Array {
		return false
	}
	it := v.Iter()
	_, ok := it.Next()
	return !ok
}

// unnest takes {"members":[…]} under the path members for the list.
func (p *reader) unnest(t target, v document.Value) document.Value {
	it := v.Members()
	k, m, ok := it.Next()
	if !ok {
		return v
	}
	if _, _, more := it.Next(); more {
		return v
	}
	a := t.last(p.t)
	var buf [64]byte
	name := k.Bytes(buf[:])
	if a.ID == model.Root || !bytes.EqualFold(name, []byte(a.Name)) ||
		a.Kind == model.Complex && p.t.Sub(a.ID, name) != model.None || !p.log.Try(quirk.NestedValue) {
		return v
	}
	return m
}
