package document

import (
	"bytes"

	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/internal/quirk"
)

// value reads the value of attribute id, a whole list if it is multi-valued.
func (p *parser) value(a *model.Attr) (Node, *Error) {
	if !a.Multi {
		return p.single(a)
	}
	switch c := p.peek(); {
	case c == 'n':
		return NoNode, p.any()
	case c == '[':
		return p.array(a)
	case c != '{' && c != '"' || !p.o.Log.Try(quirk.Wrap):
		return NoNode, p.mismatch(a, "the attribute is multi-valued: an array")
	}
	elem, err := p.single(a)
	if err != nil || elem == NoNode {
		return NoNode, err
	}
	arr := p.t.NewArray(a.ID)
	p.t.Append(arr, elem)
	return arr, nil
}

// mismatch says that the next value is not what attribute a wants.
func (p *parser) mismatch(a *model.Attr, want string) *Error {
	if p.pos >= len(p.src) {
		return p.unexpected("a value")
	}
	return invalid(a.Path, "%s is expected, not %s", want, kindName(kindOf(p.src[p.pos])))
}

// array reads the elements of a multi-valued attribute.
func (p *parser) array(a *model.Attr) (Node, *Error) {
	mark := len(p.t.nodes)
	arr := p.t.NewArray(a.ID)
	if err := p.elements(a, arr); err != nil {
		return NoNode, err
	}
	if p.t.First(arr) == NoNode {
		p.t.nodes = p.t.nodes[:mark]
		return NoNode, nil
	}
	p.t.Dedupe(arr)
	return arr, nil
}

func (p *parser) elements(a *model.Attr, arr Node) *Error {
	if err := p.count(); err != nil {
		return err
	}
	if err := p.open(); err != nil {
		return err
	}
	most := p.limits.Elements
	if a.ResourceRef {
		most = p.limits.Members
	}
	for n := 1; ; n++ {
		more, err := p.more(']', n == 1)
		if err != nil || !more {
			return err
		}
		if most > 0 && n > most {
			return invalid(a.Path, "the list is longer than the limit of %d elements", most)
		}
		elem, err := p.single(a)
		if err != nil {
			return err
		}
		if elem != NoNode {
			p.t.Append(arr, elem)
		}
	}
}

// single reads one value of attribute id: the value of a single-valued
// attribute, or one element.
func (p *parser) single(a *model.Attr) (Node, *Error) {
	switch c := p.peek(); {
	case c == 'n':
		return NoNode, p.any()
	case c == '[':
		return p.unwrap(a)
	case a.Kind != model.Complex:
		return p.simple(a)
	case c == '{':
		return p.complex(a)
	}
	return p.shorthand(a)
}

// unwrap reads an array where one value is expected: one element stands for
// itself (quirk Unwrap), none for unassigned.
func (p *parser) unwrap(a *model.Attr) (Node, *Error) {
	if a.Multi || !p.o.Log.Try(quirk.Unwrap) {
		return NoNode, invalid(a.Path, "one value is expected, not an array")
	}
	if err := p.count(); err != nil {
		return NoNode, err
	}
	if err := p.open(); err != nil {
		return NoNode, err
	}
	n := NoNode
	for first := true; ; first = false {
		more, err := p.more(']', first)
		if err != nil {
			return NoNode, err
		}
		if !more {
			return n, nil
		}
		if !first {
			return NoNode, invalid(a.Path, "the attribute has one value, not several")
		}
		if p.peek() == '[' {
			return NoNode, invalid(a.Path, "one value is expected, not an array of arrays")
		}
		if n, err = p.single(a); err != nil {
			return NoNode, err
		}
	}
}

// complex reads the object of a complex attribute, or of an extension.
func (p *parser) complex(a *model.Attr) (Node, *Error) {
	if err := p.count(); err != nil {
		return NoNode, err
	}
	outer, mark := p.cleared, len(p.t.nodes)
	p.cleared = false
	start := p.pos
	n := p.t.NewObject(a.ID)
	if err := p.object(n); err != nil {
		return NoNode, err
	}
	if p.ref != nil {
		if p.t.Child(n, a.Value) == NoNode {
			p.follow(a, n, p.src[start:p.pos])
		}
		if v := p.t.Child(n, a.Value); v == NoNode || !RefersTo(Value{p.ref}, p.t.Leaf(v)) {
			p.o.Log.Note(quirk.ReferenceRebuilt)
		} else {
			p.typed(a, n)
		}
		p.ref = nil
	}
	cleared := p.cleared
	p.cleared = outer
	if p.t.First(n) == NoNode || cleared && a.Multi && p.t.NothingLeft(n) {
		p.t.nodes = p.t.nodes[:mark]
		return NoNode, nil
	}
	return n, nil
}

// RefersTo tells whether ref is a URI whose last segment is id: it says the
// same as the value beside it. URIs that differ in base or version name the
// same resource (RFC 7643 section 2.4).
func RefersTo(ref, id Value) bool {
	if ref.Kind() != String || id.Kind() != String {
		return false
	}
	last := ref.raw[1 : len(ref.raw)-1]
	last = last[bytes.LastIndexByte(last, '/')+1:]
	return string(last) == string(id.raw[1:len(id.raw)-1])
}

// NothingLeft tells whether an element has only type and primary left.
func (t *Tree) NothingLeft(n Node) bool {
	a := t.Attr(n)
	for c := t.First(n); c != NoNode; c = t.Next(c) {
		if id := t.ID(c); id != a.TypeSub && id != a.Primary {
			return false
		}
	}
	return true
}

// shorthand reads a string where an object is expected: a bare id stands for a
// reference (quirk ReferenceShape), in a list for an element's value (Wrap).
func (p *parser) shorthand(a *model.Attr) (Node, *Error) {
	q := quirk.Wrap
	if !a.Multi {
		q = quirk.ReferenceShape
	}
	if p.peek() != '"' || a.Value == model.None || !a.Multi && !a.ResourceRef || !p.o.Log.Try(q) {
		return NoNode, p.mismatch(a, "an object")
	}
	v, err := p.simple(&p.t.T.Attrs[a.Value])
	if err != nil || v == NoNode {
		return NoNode, err
	}
	n := p.t.NewObject(a.ID)
	p.t.Append(n, v)
	return n, nil
}
