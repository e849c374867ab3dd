package document

import (
	"bytes"
	"fmt"

	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/internal/quirk"
)

// UnknownPolicy says what becomes of attributes that the schema does not have.
type UnknownPolicy uint8

// The policies.
const (
	IgnoreUnknown UnknownPolicy = iota // left out, counted
	RejectUnknown                      // refused with invalidSyntax
	KeepUnknown                        // kept as they are
)

// Options say how a document is read.
type Options struct {
	Limits  Limits
	Log     *quirk.Log // what is tolerated, and note of it
	Unknown UnknownPolicy

	// Trusted reads what a store or the host made: readOnly attributes are
	// kept. Otherwise they are checked for syntax and left out (RFC 7644
	// sections 3.3 and 3.5.1).
	Trusted bool
	// DropRefs leaves out $ref of references to SCIM resources, which the
	// response computes.
	DropRefs bool
}

// Parse reads a resource into t, which must be empty.
func (t *Tree) Parse(body []byte, o *Options) error {
	p := parser{t: t, o: o}
	start := len(t.buf)
	t.buf = append(t.buf, body...)
	p.src, p.pos, p.limits = t.buf, start, o.Limits
	if p.peek() != '{' {
		return p.unexpected("a JSON object")
	}
	if err := p.object(t.root); err != nil {
		return err
	}
	if err := p.end(); err != nil {
		return err
	}
	return nil
}

// ParseValue reads the value of attribute id: for a multi-valued attribute the
// whole list. The node is NoNode if the value means unassigned (RFC 7643
// section 2.5).
func (t *Tree) ParseValue(id model.ID, v Value, o *Options) (Node, error) {
	p := t.parser(v, o)
	n, err := p.value(id)
	if err != nil {
		return NoNode, err
	}
	return n, nil
}

// ParseElement reads one element of the multi-valued attribute id.
func (t *Tree) ParseElement(id model.ID, v Value, o *Options) (Node, error) {
	p := t.parser(v, o)
	n, err := p.single(id)
	if err != nil {
		return NoNode, err
	}
	return n, nil
}

// ParseExtension reads the members of an extension's object, or of a partial
// resource at the root, into parent.
func (t *Tree) ParseExtension(parent Node, v Value, o *Options) error {
	p := t.parser(v, o)
	if p.peek() != '{' {
		return invalid(t.Attr(parent).Path, "a JSON object is expected, not %s", kindName(v.Kind()))
	}
	if err := p.object(parent); err != nil {
		return err
	}
	return nil
}

func (t *Tree) parser(v Value, o *Options) *parser {
	start := len(t.buf)
	t.buf = append(t.buf, v.Raw()...)
	p := &parser{t: t, o: o}
	p.src, p.pos, p.limits = t.buf, start, o.Limits
	return p
}

// parser reads a document into a tree. Its text is the end of the tree's
// buffer; leaves that are canonical already stay where they are.
type parser struct {
	scanner
	t *Tree
	o *Options
	// cleared: an empty string was taken for "unassigned" (quirk EmptyString)
	// since the innermost element began.
	cleared bool
}

// object reads the members of an object into n.
func (p *parser) object(n Node) *Error {
	if err := p.open(); err != nil {
		return err
	}
	var unknown nameSet
	var keyBuf [64]byte
	parent := p.t.nodes[n].id
	seen := idSet{}
	for first := true; ; first = false {
		more, err := p.more('}', first)
		if err != nil || !more {
			return err
		}
		name, err := p.key(keyBuf[:])
		if err != nil {
			return err
		}
		id := p.t.T.Sub(parent, name)
		if id == model.None {
			if !unknown.add(bytes.Clone(name)) {
				return p.fail("the name %q is there twice", name)
			}
			if err := p.unknownMember(n, name); err != nil {
				return err
			}
			continue
		}
		if !seen.add(id) {
			return &Error{InvalidSyntax, p.t.T.Attrs[id].Path, "the attribute is there twice (letter case does not count)"}
		}
		if err := p.member(n, id); err != nil {
			return err
		}
	}
}

// idSet finds duplicate attributes in one object.
type idSet struct {
	words [4]uint64
	more  map[model.ID]struct{}
}

func (s *idSet) add(id model.ID) bool {
	if id < 256 {
		w, b := id/64, uint64(1)<<(id%64)
		if s.words[w]&b != 0 {
			return false
		}
		s.words[w] |= b
		return true
	}
	if _, ok := s.more[id]; ok {
		return false
	}
	if s.more == nil {
		s.more = make(map[model.ID]struct{})
	}
	s.more[id] = struct{}{}
	return true
}

// member reads the value of attribute id into the object n.
func (p *parser) member(n Node, id model.ID) *Error {
	a := &p.t.T.Attrs[id]
	if a.Mutability == model.ReadOnly && !p.o.Trusted || id == p.t.T.MetaLocation {
		return p.any()
	}
	if p.o.DropRefs && a.Name == "$ref" && p.t.T.Attrs[a.Parent].ResourceRef {
		if p.peek() != 'n' {
			p.o.Log.Note(quirk.ReferenceRebuilt)
		}
		return p.any()
	}
	child, err := p.value(id)
	if err != nil || child == NoNode {
		return err
	}
	p.t.Put(n, child)
	return nil
}

// unknownMember deals with a member that the schema does not have.
func (p *parser) unknownMember(n Node, name []byte) *Error {
	switch p.o.Unknown {
	case RejectUnknown:
		return &Error{InvalidSyntax, "", fmt.Sprintf("the schema has no attribute %s", quote(name, p.t.Attr(n).Path))}
	case IgnoreUnknown:
		p.o.Log.Note(quirk.UnknownAttribute)
		return p.any()
	}
	start := p.pos
	if err := p.any(); err != nil {
		return err
	}
	v := Value{trim(p.src[start:p.pos])}
	if v.Kind() == Null {
		return nil
	}
	p.o.Log.Note(quirk.UnknownAttribute)
	at := len(p.t.buf)
	p.t.buf = AppendString(p.t.buf, name)
	p.t.buf = append(p.t.buf, ':')
	p.t.buf = appendCanonical(p.t.buf, v)
	p.t.Put(n, p.t.add(node{id: model.None, kind: String, start: uint32(at), end: uint32(len(p.t.buf))}))
	return nil
}

func quote(name []byte, parent string) string {
	const most = 100
	if len(name) > most {
		name = append(name[:most:most], "…"...)
	}
	if parent == "" {
		return fmt.Sprintf("%q", name)
	}
	return fmt.Sprintf("%q in %s", name, parent)
}

// value reads the value of attribute id, a whole list if it is multi-valued.
func (p *parser) value(id model.ID) (Node, *Error) {
	a := &p.t.T.Attrs[id]
	if p.peek() == 'n' {
		return NoNode, p.any()
	}
	if !a.Multi {
		return p.single(id)
	}
	if p.peek() == '[' {
		return p.list(id)
	}
	if c := p.peek(); c != '{' && c != '"' || !p.o.Log.Try(quirk.Wrap) {
		return NoNode, invalid(a.Path, "the attribute is multi-valued: an array is expected, not %s", kindName(kindOf(p.peek())))
	}
	elem, err := p.single(id)
	if err != nil || elem == NoNode {
		return NoNode, err
	}
	arr := p.t.NewArray(id)
	p.t.Append(arr, elem)
	return arr, nil
}

// list reads the elements of a multi-valued attribute.
func (p *parser) list(id model.ID) (Node, *Error) {
	a := &p.t.T.Attrs[id]
	if err := p.open(); err != nil {
		return NoNode, err
	}
	max := p.limits.Elements
	if a.ResourceRef {
		max = p.limits.Members
	}
	arr, n := p.t.NewArray(id), 0
	for first := true; ; first = false {
		more, err := p.more(']', first)
		if err != nil {
			return NoNode, err
		}
		if !more {
			break
		}
		if n++; max > 0 && n > max {
			return NoNode, invalid(a.Path, "the list is longer than the limit of %d elements", max)
		}
		elem, err := p.single(id)
		if err != nil {
			return NoNode, err
		}
		if elem != NoNode {
			p.t.Append(arr, elem)
		}
	}
	if p.t.nodes[arr].child == NoNode {
		return NoNode, nil
	}
	p.t.Dedupe(arr)
	return arr, nil
}

// single reads one value of attribute id: the value of a single-valued
// attribute, or one element.
func (p *parser) single(id model.ID) (Node, *Error) {
	a := &p.t.T.Attrs[id]
	switch p.peek() {
	case 'n':
		return NoNode, p.any()
	case '[':
		return p.unwrap(id)
	}
	if a.Kind == model.Complex {
		return p.complex(id)
	}
	if err := p.count(); err != nil {
		return NoNode, err
	}
	return p.simple(a)
}

// unwrap reads an array where one value is expected: one element stands for
// itself (quirk Unwrap), none for unassigned.
func (p *parser) unwrap(id model.ID) (Node, *Error) {
	a := &p.t.T.Attrs[id]
	if a.Multi || !p.o.Log.Allows(quirk.Unwrap) {
		return NoNode, invalid(a.Path, "one value is expected, not an array")
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
		if !first || p.peek() == '[' {
			return NoNode, invalid(a.Path, "the attribute has one value, not several")
		}
		p.o.Log.Try(quirk.Unwrap)
		if n, err = p.single(id); err != nil {
			return NoNode, err
		}
	}
}

// complex reads the object of a complex attribute, or of an extension.
func (p *parser) complex(id model.ID) (Node, *Error) {
	a := &p.t.T.Attrs[id]
	if p.peek() != '{' {
		return p.notObject(a)
	}
	if err := p.count(); err != nil {
		return NoNode, err
	}
	outer := p.cleared
	p.cleared = false
	n := p.t.NewObject(id)
	if err := p.object(n); err != nil {
		return NoNode, err
	}
	cleared := p.cleared
	p.cleared = outer
	if p.t.nodes[n].child == NoNode || cleared && a.Multi && p.t.nothingLeft(n) {
		return NoNode, nil
	}
	return n, nil
}

// nothingLeft tells whether an element has only type and primary left.
func (t *Tree) nothingLeft(n Node) bool {
	a := t.Attr(n)
	for c := t.First(n); c != NoNode; c = t.Next(c) {
		if id := t.ID(c); id != a.TypeSub && id != a.Primary {
			return false
		}
	}
	return true
}

// notObject reads a simple value where an object is expected: a bare id stands
// for a reference, a bare string for an element's value.
func (p *parser) notObject(a *model.Attr) (Node, *Error) {
	refuse := invalid(a.Path, "an object is expected, not %s", kindName(kindOf(p.peek())))
	if p.peek() != '"' || a.Value == model.None {
		return NoNode, refuse
	}
	q := quirk.Wrap
	if !a.Multi {
		if !a.ResourceRef {
			return NoNode, refuse
		}
		q = quirk.ReferenceShape
	}
	if !p.o.Log.Try(q) {
		return NoNode, refuse
	}
	if err := p.count(); err != nil {
		return NoNode, err
	}
	v, err := p.simple(&p.t.T.Attrs[a.Value])
	if err != nil || v == NoNode {
		return NoNode, err
	}
	n := p.t.NewObject(a.ID)
	p.t.Append(n, v)
	return n, nil
}

// Dedupe drops elements of a list that repeat the value and type of an earlier
// one (RFC 7643 section 2.4).
func (t *Tree) Dedupe(arr Node) {
	first := t.First(arr)
	if first == NoNode || t.Next(first) == NoNode {
		return
	}
	a := t.Attr(arr)
	if a.Kind == model.Complex && a.Value == model.None {
		return
	}
	n := t.Len(arr)
	if n <= 8 {
		t.dedupeFew(arr, a)
		return
	}
	seen := make(map[string]struct{}, n)
	var buf []byte
	t.Filter(arr, func(e Node) bool {
		buf = append(append(append(buf[:0], t.key1(e, a)...), 0), t.key2(e, a)...)
		if len(buf) == 1 {
			return true
		}
		if _, ok := seen[string(buf)]; ok {
			return false
		}
		seen[string(buf)] = struct{}{}
		return true
	})
}

func (t *Tree) dedupeFew(arr Node, a *model.Attr) {
	t.Filter(arr, func(e Node) bool {
		v, typ := t.key1(e, a), t.key2(e, a)
		if len(v) == 0 {
			return true
		}
		for o := t.First(arr); o != e; o = t.Next(o) {
			if string(t.key1(o, a)) == string(v) && string(t.key2(o, a)) == string(typ) {
				return false
			}
		}
		return true
	})
}

// key1 and key2 are what makes an element the same as another: its value and
// its type. For references the value alone does.
func (t *Tree) key1(e Node, a *model.Attr) []byte {
	if a.Kind != model.Complex {
		return t.Leaf(e).Raw()
	}
	return t.leafOf(e, a.Value)
}

func (t *Tree) key2(e Node, a *model.Attr) []byte {
	if a.Kind != model.Complex || a.ResourceRef || a.TypeSub == model.None {
		return nil
	}
	return t.leafOf(e, a.TypeSub)
}

func (t *Tree) leafOf(e Node, id model.ID) []byte {
	if c := t.Child(e, id); c != NoNode {
		return t.Leaf(c).Raw()
	}
	return nil
}

func kindName(k Kind) string {
	switch k {
	case Null:
		return "null"
	case True, False:
		return "a boolean"
	case Number:
		return "a number"
	case String:
		return "a string"
	case Object:
		return "an object"
	case Array:
		return "an array"
	}
	return "nothing"
}

// appendCanonical writes checked JSON of unknown shape without white space and
// needless escapes.
func appendCanonical(dst []byte, v Value) []byte {
	switch v.Kind() {
	case String:
		return AppendString(dst, v.Bytes(nil))
	case Array:
		dst = append(dst, '[')
		it := v.Iter()
		for e, ok := it.Next(); ok; e, ok = it.Next() {
			if dst[len(dst)-1] != '[' {
				dst = append(dst, ',')
			}
			dst = appendCanonical(dst, e)
		}
		return append(dst, ']')
	case Object:
		dst = append(dst, '{')
		it := v.Members()
		for k, m, ok := it.Next(); ok; k, m, ok = it.Next() {
			if dst[len(dst)-1] != '{' {
				dst = append(dst, ',')
			}
			dst = append(appendCanonical(dst, k), ':')
			dst = appendCanonical(dst, m)
		}
		return append(dst, '}')
	}
	return append(dst, v.Raw()...)
}
