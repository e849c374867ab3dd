package document

import (
	"math"
	"slices"

	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/internal/quirk"
)

// UnknownPolicy says what becomes of attributes that the schema does not have.
type UnknownPolicy uint8

// The policies.
const (
	IgnoreUnknown UnknownPolicy = iota // left out, counted
	RejectUnknown                      // refused with invalidSyntax
	KeepUnknown                        // kept as they are, but for null, [] and {}
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
	// TypeOf names the resource type at an endpoint, "" for none: a reference
	// with a $ref and no type gets it. Nil asks nobody.
	TypeOf func(endpoint []byte) string
}

// Parse reads a resource into t, which must be empty. After an error the tree
// is good for Reset only.
func (t *Tree) Parse(body []byte, o *Options) error {
	p, err := t.parser(body, o)
	if err != nil {
		return err
	}
	if p.peek() != '{' {
		return p.unexpected("a JSON object")
	}
	if err := p.count(); err != nil {
		return err
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
	return t.parse(v, o, func(p *parser) (Node, *Error) { return p.value(&t.T.Attrs[id]) })
}

// ParseElement reads one element of the multi-valued attribute id.
func (t *Tree) ParseElement(id model.ID, v Value, o *Options) (Node, error) {
	return t.parse(v, o, func(p *parser) (Node, *Error) { return p.single(&t.T.Attrs[id]) })
}

// ParseExtension reads the members of an extension's object, or of a partial
// resource at the root, into parent. They take the place of members that are
// there.
func (t *Tree) ParseExtension(parent Node, v Value, o *Options) error {
	_, err := t.parse(v, o, func(p *parser) (Node, *Error) {
		if p.peek() != '{' {
			return NoNode, invalid(t.Attr(parent).Path, "a JSON object is expected, not %s", kindName(v.Kind()))
		}
		return NoNode, p.object(parent)
	})
	return err
}

// parse reads v, which may be text of t itself.
func (t *Tree) parse(v Value, o *Options, read func(*parser) (Node, *Error)) (Node, error) {
	p, err := t.parser(v.Raw(), o)
	if err != nil {
		return NoNode, err
	}
	n, err := read(p)
	if err != nil {
		return NoNode, err
	}
	return n, nil
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
	ref     []byte // the $ref of the object being read, which DropRefs leaves out
}

func (t *Tree) parser(text []byte, o *Options) (*parser, *Error) {
	start := len(t.buf)
	if len(text) > math.MaxInt32-start {
		return nil, overLimit("", "the length of the document", math.MaxInt32)
	}
	if cap(t.buf)-start < len(text) {
		// Room for the document, what it has of unknown attributes, and its
		// canonical form behind them.
		parts := 2
		if o.Unknown == KeepUnknown {
			parts = 3
		}
		t.buf = slices.Grow(t.buf, parts*len(text)+256)
	}
	t.buf = append(t.buf, text...)
	if room := len(text) / 16; cap(t.nodes)-len(t.nodes) < room {
		t.nodes = slices.Grow(t.nodes, room)
	}
	p := &t.reader
	p.begin(t.buf, start, o.Limits)
	p.t, p.o, p.cleared, p.ref = t, o, false, nil
	return p, nil
}

// object reads the members of an object into n.
func (p *parser) object(n Node) *Error {
	if err := p.open(); err != nil {
		return err
	}
	m := members{parent: p.t.nodes[n].id, unknown: p.newNames()}
	m.next, m.mixed = m.parent+1, p.t.First(n) != NoNode
	for first := true; ; first = false {
		more, err := p.more('}', first)
		if err != nil {
			return err
		}
		if !more {
			p.closeNames(&m.unknown)
			if m.mixed {
				p.t.order(n)
			}
			return nil
		}
		name, escaped, err := p.key()
		if err != nil {
			return err
		}
		id, err := p.resolve(&m, name, escaped)
		if err != nil {
			return err
		}
		if id == model.None {
			err = p.unknownMember(n, name)
		} else {
			err = p.member(n, id)
		}
		if err != nil {
			return err
		}
	}
}

// members is what object has seen.
type members struct {
	parent, next model.ID // next: the attribute that is likely to follow
	mixed        bool     // the members are not in the order of the schema
	seen         idSet
	unknown      nameSet
}

// resolve finds the attribute called name and checks that it is there once.
func (p *parser) resolve(m *members, name []byte, escaped bool) (model.ID, *Error) {
	t := p.t.T
	id := m.find(t, name)
	if id != model.None {
		if !m.seen.add(id) {
			return id, p.twice(name)
		}
		if id < m.next {
			m.mixed = true
		}
		m.next = t.Attrs[id].End
		return id, nil
	}
	m.mixed = true
	if !p.addName(&m.unknown, name, escaped) {
		return id, p.twice(name)
	}
	if twin := t.Sub(m.parent, p.fold(name)); twin != model.None && !m.seen.add(twin) {
		return id, p.twice(name)
	}
	return id, nil
}

// find looks at the attributes that follow the last one first: documents that
// this package wrote, and many others, are in the order of the schema.
func (m *members) find(t *model.Type, name []byte) model.ID {
	next, end := m.next, t.Attrs[m.parent].End
	for range 4 {
		if next >= end {
			break
		}
		a := &t.Attrs[next]
		if a.Name == string(name) {
			return next
		}
		next = a.End
	}
	return t.Sub(m.parent, name)
}

// idSet finds duplicate attributes in one object.
type idSet struct {
	words [4]uint64
	more  map[model.ID]struct{}
}

// add tells whether id is new.
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
	t := p.t.T
	a := &t.Attrs[id]
	if a.Mutability == model.ReadOnly && !p.o.Trusted || id == t.MetaLocation {
		return p.any()
	}
	if p.o.DropRefs && t.Attrs[a.Parent].Ref == id && t.Attrs[a.Parent].ResourceRef {
		if p.peek() == 'n' {
			return p.any()
		}
		start := p.pos
		err := p.any()
		p.ref = p.src[start:p.pos]
		return err
	}
	child, err := p.value(a)
	if err != nil || child == NoNode {
		return err
	}
	p.t.Append(n, child)
	return nil
}
