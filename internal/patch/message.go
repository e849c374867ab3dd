package patch

import (
	"fmt"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/internal/quirk"
)

// reader reads a message into a Request.
type reader struct {
	*Request
	log     *quirk.Log
	index   int    // of the operation being read
	path    string // its path
	kind    kind
	filters int // keys with filters so far
}

// Parse reads a PATCH message (RFC 7644 section 3.5.2) for resources of type
// t. An error is a *Error.
func Parse(body []byte, t *model.Type, o Options) (*Request, error) {
	o.Limits = o.Limits.withDefaults()
	root, err := document.Scan(body, o.Values.Limits)
	if err != nil {
		return nil, convert(noOperation, "", err)
	}
	p := reader{Request: &Request{t: t, opts: o, ops: make([]op, 0, 6)}, log: o.Values.Log, index: noOperation}
	if err := p.message(root); err != nil {
		return nil, err
	}
	return p.Request, nil
}

func (p *reader) fail(scimType, format string, args ...any) *Error {
	return &Error{scimType, p.index, clip(p.path), fmt.Sprintf(format, args...)}
}

// fields picks the members called names out of an object. Others are ignored,
// for clients send "id" and "name"; strange tells whether there are any.
func (p *reader) fields(v document.Value, names ...string) (found [3]document.Value, strange bool) {
	var buf [32]byte
	it := v.Members()
members:
	for k, m, ok := it.Next(); ok; k, m, ok = it.Next() {
		key := k.Bytes(buf[:])
		for i, name := range names {
			if string(key) == name || model.EqualFold(string(key), name) && p.log.Try(quirk.PatchKeys) {
				found[i] = m
				continue members
			}
		}
		strange = true
	}
	return found, strange
}

// message reads the envelope.
func (p *reader) message(root document.Value) *Error {
	if root.Kind() != document.Object {
		return p.fail(invalidSyntax, "the body is not a JSON object")
	}
	f, strange := p.fields(root, "schemas", "Operations")
	schemas, operations := f[0], f[1]
	if operations.IsZero() {
		if done, err := p.otherForms(root, schemas); done {
			return err
		}
		return p.fail(invalidSyntax, `the member "Operations" is missing`)
	}
	if strange {
		p.log.Note(quirk.PatchKeys)
	}
	if err := p.schemas(schemas); err != nil {
		return err
	}
	if operations.Kind() != document.Array {
		return p.fail(invalidSyntax, `"Operations" is not an array`)
	}
	return p.operations(operations)
}

func (p *reader) operations(list document.Value) *Error {
	it := list.Iter()
	n := 0
	for v, ok := it.Next(); ok; v, ok = it.Next() {
		if n == p.opts.Limits.Operations {
			p.index, p.path = noOperation, ""
			return p.fail(invalidValue, "there are more operations than the limit of %d", n)
		}
		p.index = n
		if err := p.operation(v); err != nil {
			return err
		}
		n++
	}
	if n == 0 && !p.log.Try(quirk.PatchEmpty) {
		return p.fail(invalidSyntax, `"Operations" is empty`)
	}
	return nil
}

// schemas checks that the message says what it is.
func (p *reader) schemas(v document.Value) *Error {
	if v.IsZero() || v.Kind() == document.Null {
		return p.noSchemas(`the member "schemas" is missing`)
	}
	if v.Kind() != document.Array {
		return p.fail(invalidSyntax, `"schemas" is not an array`)
	}
	it := v.Iter()
	first, ok := it.Next()
	if !ok {
		return p.noSchemas(`"schemas" is empty`)
	}
	for s := first; ok; s, ok = it.Next() {
		if s.Kind() == document.String && model.EqualFold(s.String(), Schema) {
			return nil
		}
	}
	return p.fail(invalidSyntax, `"schemas" does not have %s`, Schema)
}

func (p *reader) noSchemas(detail string) *Error {
	if p.log.Try(quirk.PatchNoSchemas) {
		return nil
	}
	return p.fail(invalidSyntax, "%s; it is to have %s", detail, Schema)
}

// otherForms reads messages without Operations, where they are tolerated.
func (p *reader) otherForms(root, schemas document.Value) (done bool, err *Error) {
	if list := List(p.t); list != model.None && has(schemas, scim11) && p.log.Try(quirk.Scim11Members) {
		return true, p.partial(root, list)
	}
	if !lookup(root, "op").IsZero() && p.log.Try(quirk.PatchBare) {
		p.index = 0
		return true, p.operation(root)
	}
	return false, nil
}

// scim11 is the schema of SCIM 1.1, whose PATCH sends a partial resource.
const scim11 = "urn:scim:schemas:core:1.0"

func has(schemas document.Value, urn string) bool {
	it := schemas.Iter()
	for s, ok := it.Next(); ok; s, ok = it.Next() {
		if s.Kind() == document.String && model.EqualFold(s.String(), urn) {
			return true
		}
	}
	return false
}

// partial reads a partial resource of SCIM 1.1: a member of list with
// "operation":"delete" goes, others come; what else is there is replaced.
func (p *reader) partial(root document.Value, list model.ID) *Error {
	p.index = 0
	var buf [64]byte
	it := root.Members()
	for k, m, ok := it.Next(); ok; k, m, ok = it.Next() {
		name := k.Bytes(buf[:])
		id := p.t.Sub(model.Root, name)
		p.kind, p.path = replace, string(name)
		if id == model.Schemas {
			continue
		}
		if id == list {
			if err := p.partialList(list, m); err != nil {
				return err
			}
			continue
		}
		if err := p.member(model.Root, name, m); err != nil {
			return err
		}
	}
	return nil
}

func (p *reader) partialList(list model.ID, v document.Value) *Error {
	it := v.Iter()
	for e, ok := it.Next(); ok; e, ok = it.Next() {
		t := target{attr: list, sub: model.None}
		if word := lookup(e, "operation"); word.Kind() != document.String || word.String() != "delete" {
			p.note(op{kind: add, target: t, value: e})
			continue
		}
		id := lookup(e, "value")
		if id.Kind() != document.String {
			return p.fail(invalidValue, "an element to delete needs a value")
		}
		t.elements = true
		p.note(op{kind: remove, target: t, ids: []string{id.String()}})
	}
	return nil
}

// lookup finds a member by its exact name.
func lookup(v document.Value, name string) document.Value {
	it := v.Members()
	for k, m, ok := it.Next(); ok; k, m, ok = it.Next() {
		if k.String() == name {
			return m
		}
	}
	return document.Value{}
}
