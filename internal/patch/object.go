package patch

import (
	"strings"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/internal/quirk"
)

// object reads a value whose members are attributes of the resource or of an
// extension: the value of an operation without a path.
func (p *reader) object(container model.ID, v document.Value) *Error {
	if v.Kind() != document.Object {
		return p.fail(invalidValue, "without a path, the value is to be an object with attributes of the resource")
	}
	outer := p.path
	var buf [64]byte
	it := v.Members()
	for k, m, ok := it.Next(); ok; k, m, ok = it.Next() {
		name := k.Bytes(buf[:])
		p.path = string(name)
		if err := p.member(container, name, m); err != nil {
			return err
		}
	}
	p.path = outer
	return nil
}

// member reads one member of such a value.
func (p *reader) member(container model.ID, name []byte, v document.Value) *Error {
	id := p.t.Sub(container, name)
	if id == model.None {
		if container == model.Root && strings.ContainsAny(p.path, ".[:") && p.log.Allows(quirk.PathKeys) {
			return p.pathKey(v)
		}
		return p.unknown(container, v)
	}
	a := p.t.Attr(id)
	switch {
	case id == model.Schemas:
		return p.grow(v)
	case a.Extension:
		return p.extension(a, v)
	case a.Mutability == model.ReadOnly:
		return p.readOnly(a, v)
	}
	p.note(op{kind: p.kind, target: target{attr: id, sub: model.None}, value: v})
	return nil
}

func (p *reader) extension(a *model.Attr, v document.Value) *Error {
	if k := v.Kind(); k != document.Object && k != document.Null {
		return p.fail(invalidValue, "an object with attributes of the extension is expected")
	}
	return p.container(a, v)
}

// pathKey reads a member whose name is a path, as Microsoft Entra ID sends
// them.
func (p *reader) pathKey(v document.Value) *Error {
	if strings.IndexByte(p.path, '[') >= 0 {
		if p.filters++; p.filters > p.opts.Limits.Operations {
			return p.fail(invalidValue, "there are more paths with filters than the limit of %d operations", p.opts.Limits.Operations)
		}
	}
	t, err := p.find(p.path)
	if err == errUnknown {
		return p.unknown(model.Root, v)
	}
	if err != nil {
		return err
	}
	p.log.Try(quirk.PathKeys)
	if p.writable(t) != nil && !t.elements {
		return p.readOnly(p.t.Attr(t.attr), v)
	}
	return p.targeted(t, v)
}

// unknown applies the policy for attributes that the schema does not have.
func (p *reader) unknown(container model.ID, v document.Value) *Error {
	switch p.opts.Values.Unknown {
	case document.RejectUnknown:
		return p.fail(invalidSyntax, "the schema has no such attribute")
	case document.KeepUnknown:
		p.note(op{kind: keep, target: target{attr: container, sub: model.None}, value: v})
	default:
		p.log.Note(quirk.UnknownAttribute)
	}
	return nil
}

// readOnly deals with a readOnly attribute among those of a value. meta is
// ignored whatever it says (RFC 7643 section 3.1); others are dropped with the
// quirk, and must be what they are without it.
func (p *reader) readOnly(a *model.Attr, v document.Value) *Error {
	if p.t.Is(a.ID, p.t.Meta) {
		p.log.Note(quirk.ReadOnlyInPatch)
		return nil
	}
	if !p.log.Try(quirk.ReadOnlyInPatch) {
		p.note(op{kind: unchanged, target: target{attr: a.ID, sub: model.None}, value: v})
	}
	return nil
}

// grow reads a value for "schemas". The attribute follows from the data, so
// known URIs change nothing; that it loses one, only removing the data does.
func (p *reader) grow(v document.Value) *Error {
	switch {
	case p.kind == remove, p.kind == replace && (v.Kind() == document.Null || emptyArray(v)):
		return p.fail(mutability, "the attribute schemas is required: it cannot be removed")
	case v.Kind() == document.Null:
		return nil
	}
	core := false
	check := func(s document.Value) *Error {
		urn := s.String()
		id := p.t.SchemaContainer(urn)
		core = core || id == model.Root
		if s.Kind() == document.String && (id != model.None || p.log.Try(quirk.UnknownSchema)) {
			return nil
		}
		return p.fail(invalidValue, "%q is no schema of resource type %s", clip(urn), p.t.Name)
	}
	if v.Kind() != document.Array {
		if err := check(v); err != nil {
			return err
		}
	}
	it := v.Iter()
	for s, ok := it.Next(); ok; s, ok = it.Next() {
		if err := check(s); err != nil {
			return err
		}
	}
	if p.kind == replace && !core && !p.log.Try(quirk.ReadOnlyInPatch) {
		return p.fail(invalidValue, "schemas must keep %s", p.t.SchemaURN)
	}
	return nil
}
