package document

import (
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/internal/quirk"
)

// CheckSchemas checks the "schemas" of a request (RFC 7643 section 3): the
// core schema must be there, every URI must be of the resource type, and every
// extension that has data must be named. What is tolerated is noted in log.
// foreign tells whether a URI is the core schema of another resource type.
func (t *Tree) CheckSchemas(log *quirk.Log, foreign func(urn string) bool) error {
	var named idSet
	core, known := false, false
	for n := t.firstOf(t.Child(t.root, model.Schemas)); n != NoNode; n = t.Next(n) {
		urn := t.Leaf(n).Bytes(nil)
		switch id := t.container(urn); {
		case id == model.Root:
			core = true
		case id != model.None:
			named.add(id)
			known = true
		case foreign != nil && foreign(string(urn)):
			return invalid("schemas", "%s is the schema of another resource type than %s", quote(urn), t.T.Name)
		case !log.Try(quirk.UnknownSchema):
			return invalid("schemas", "%s is no schema of resource type %s", quote(urn), t.T.Name)
		}
	}
	if !core && (known || !log.Try(quirk.SchemasInferred)) {
		return invalid("schemas", "%s is missing", t.T.SchemaURN)
	}
	for _, e := range t.T.Extensions {
		if !t.has(e.ID) {
			continue
		}
		if unnamed := named.add(e.ID); unnamed && !log.Try(quirk.SchemasInferred) {
			return invalid("schemas", "%s is missing, though there are attributes of it", e.URN)
		}
	}
	return nil
}

// container is SchemaContainer without making a string.
func (t *Tree) container(urn []byte) model.ID {
	if isURN(urn, t.T.SchemaURN) {
		return model.Root
	}
	for i := range t.T.Extensions {
		if e := &t.T.Extensions[i]; isURN(urn, e.URN) {
			return e.ID
		}
	}
	return model.None
}

func isURN(text []byte, urn string) bool { return string(text) == urn || equalFold(text, urn) }

func (t *Tree) firstOf(n Node) Node {
	if n == NoNode {
		return NoNode
	}
	return t.First(n)
}

// Finish makes the tree a whole resource: "schemas" becomes the core schema
// and the extensions that have data, and what the schema demands of a whole
// resource is checked: required attributes and at most one primary. With log
// allowing TwoPrimaries the last primary stays.
func (t *Tree) Finish(log *quirk.Log) error { return t.FinishChange(log, nil) }

// FinishChange is Finish for what a PATCH has made of old. What old has already, or
// lacks, against the schema, as the rows of a host may, is no fault of who changes
// something else.
func (t *Tree) FinishChange(log *quirk.Log, old *Doc) error {
	t.setSchemas()
	if err := t.checkObject(t.root, log, old); err != nil {
		return err
	}
	return nil
}

// lacked tells whether old has no value for an attribute, though it has what the
// attribute is a part of.
func (t *Tree) lacked(id model.ID, old *Doc) bool {
	if old == nil {
		return false
	}
	if parent := t.T.Attrs[id].Parent; parent != model.Root {
		if _, ok := old.Get(parent); !ok {
			return false
		}
	}
	_, ok := old.Get(id)
	return !ok
}

// kept tells whether old has the list n as it is.
func (t *Tree) kept(n Node, old *Doc) bool {
	if old == nil {
		return false
	}
	v, ok := old.Get(t.nodes[n].id)
	return ok && string(v.Raw()) == string(t.Value(n).Raw())
}

// prune takes out objects and arrays without content.
func (t *Tree) prune(n Node) {
	prev := NoNode
	for c := t.First(n); c != NoNode; c = t.nodes[c].next {
		if !t.nodes[c].leaf() {
			if t.prune(c); t.First(c) == NoNode {
				t.link(n, prev, t.nodes[c].next)
				continue
			}
		}
		prev = c
	}
}

// setSchemas makes "schemas" the core schema and the extensions that have data.
func (t *Tree) setSchemas() {
	if t.hasSchemas() {
		return
	}
	list := t.NewArray(model.Schemas)
	t.Append(list, t.NewString(model.Schemas, t.T.SchemaURN))
	for _, e := range t.T.Extensions {
		if t.has(e.ID) {
			t.Append(list, t.NewString(model.Schemas, e.URN))
		}
	}
	t.Put(t.root, list)
}

// hasSchemas tells whether "schemas" is already what setSchemas makes.
func (t *Tree) hasSchemas() bool {
	n := t.firstOf(t.Child(t.root, model.Schemas))
	if n == NoNode || string(t.Leaf(n).Bytes(nil)) != t.T.SchemaURN {
		return false
	}
	for i := range t.T.Extensions {
		e := &t.T.Extensions[i]
		if !t.has(e.ID) {
			continue
		}
		if n = t.Next(n); n == NoNode || string(t.Leaf(n).Bytes(nil)) != e.URN {
			return false
		}
	}
	return t.Next(n) == NoNode
}

// has tells whether the resource has a value for the top-level attribute id.
func (t *Tree) has(id model.ID) bool {
	n := t.Child(t.root, id)
	return n != NoNode && !t.empty(n)
}

// checkObject checks the members of an object, which stand in the order of
// their IDs, as do those that it must have.
func (t *Tree) checkObject(n Node, log *quirk.Log, old *Doc) *Error {
	must := t.Attr(n).Must
	for c := t.First(n); c != NoNode; c = t.Next(c) {
		if t.empty(c) {
			continue
		}
		id := t.nodes[c].id
		for len(must) > 0 && must[0] < id && t.lacked(must[0], old) {
			must = must[1:]
		}
		if len(must) > 0 && must[0] < id {
			break
		}
		if len(must) > 0 && must[0] == id {
			must = must[1:]
		}
		if err := t.checkValue(c, log, old); err != nil {
			return err
		}
	}
	for len(must) > 0 && t.lacked(must[0], old) {
		must = must[1:]
	}
	if len(must) == 0 {
		return nil
	}
	a := &t.T.Attrs[must[0]]
	if a.Extension {
		return invalid(a.Path, "the resource type requires this extension")
	}
	return invalid(a.Path, "the attribute is required")
}

func (t *Tree) checkValue(n Node, log *quirk.Log, old *Doc) *Error {
	switch t.nodes[n].kind {
	case Object:
		return t.checkObject(n, log, old)
	case Array:
		return t.checkList(n, log, old)
	}
	return nil
}

func (t *Tree) checkList(n Node, log *quirk.Log, old *Doc) *Error {
	a := t.Attr(n)
	if a.Kind != model.Complex {
		return nil
	}
	primary := NoNode
	for e := t.First(n); e != NoNode; e = t.Next(e) {
		if t.empty(e) {
			continue
		}
		err := t.checkObject(e, log, nil)
		isPrimary := t.IsPrimary(e)
		switch second := isPrimary && primary != NoNode; {
		case err == nil && !second:
		case t.kept(n, old):
			return nil
		case err != nil:
			return err
		case !log.Try(quirk.TwoPrimaries):
			return invalid(a.Path, "only one value may be primary")
		default:
			old = nil // the list is not compared again
			t.Put(primary, t.NewBool(a.Primary, false))
		}
		if isPrimary {
			primary = e
		}
	}
	return nil
}

// IsPrimary tells whether the element e says "primary":true.
func (t *Tree) IsPrimary(e Node) bool {
	a := t.Attr(e)
	if a.Primary == model.None {
		return false
	}
	p := t.Child(e, a.Primary)
	return p != NoNode && t.nodes[p].kind == True
}

// Settle makes a trusted tree canonical: empty values go, "schemas" becomes the
// core schema and the extensions that have data.
func (t *Tree) Settle() {
	t.prune(t.root)
	t.setSchemas()
}
