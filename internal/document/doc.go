// Package document reads JSON resources and keeps them.
//
// Reading is one strict pass that resolves every name to an attribute of the
// resource type, checks every value and refuses what encoding/json lets
// through: duplicate names (also up to letter case), invalid UTF-8, lone
// surrogates, U+0000, trailing data. The result is a Tree, which can be
// changed, and from it a Doc, which can not: canonical bytes that a response
// can hold as they are.
//
// Canonical means: names in the spelling of the schema and in the order of the
// attribute table, no white space, no null, no empty array or object, no
// escape that JSON does not ask for. Equal resources have equal bytes, as far
// as the schema knows them: numbers, and what is inside an attribute that the
// schema does not have, keep the form in which they came.
package document

import "github.com/scimkit/scimkit/internal/model"

// A Doc is an immutable resource in canonical form. Its text leaves out
// meta.location, which depends on the request.
type Doc struct {
	t    *model.Type
	buf  []byte
	segs []Seg
	refs []Seg
}

// Seg is one member of the resource: an attribute or an extension's object.
// An attribute that the schema does not have, kept by policy, has the ID
// model.None.
type Seg struct {
	ID         model.ID
	Key        uint32 // where `"name":` begins
	Start, End uint32 // the value
}

// Type is the resource type.
func (d *Doc) Type() *model.Type { return d.t }

// Bytes is the canonical text. It must not be changed.
func (d *Doc) Bytes() []byte { return d.buf }

// Segs are the members, in the order of their IDs. They must not be changed.
func (d *Doc) Segs() []Seg { return d.segs }

// Refs are the references of model.Type.SingleRefs that have no $ref, in the
// order of the text: Key is the place of the closing brace, where the response
// has the $ref, Start and End are the id, a string. They must not be changed.
func (d *Doc) Refs() []Seg { return d.refs }

// newDoc makes a Doc with room for n segments, and for its references behind
// them.
func newDoc(t *model.Type, n int) *Doc {
	return &Doc{t: t, segs: make([]Seg, 0, n+len(t.SingleRefs))}
}

// finish notes the references, when the text is there.
func (d *Doc) finish() *Doc {
	n := len(d.segs)
	d.refs = d.segs[n:n]
	for _, s := range d.segs {
		d.link(s)
	}
	return d
}

func (d *Doc) link(s Seg) {
	for _, id := range d.t.SingleRefs {
		a := &d.t.Attrs[id]
		if s.ID != id && s.ID != a.Parent {
			continue
		}
		ref := Value{d.buf[s.Start:s.End:s.End]}
		if s.ID != id {
			ref, _ = ref.Member(a)
		}
		value, ok := ref.Member(&d.t.Attrs[a.Value])
		if _, done := ref.Member(&d.t.Attrs[a.Ref]); !ok || done || value.Kind() != String {
			continue
		}
		// The memory of both ends with that of s.
		start := s.End - uint32(cap(value.raw))
		d.refs = append(d.refs, Seg{
			ID: id, Key: s.End - uint32(cap(ref.raw)) + uint32(len(ref.raw)) - 1,
			Start: start, End: start + uint32(len(value.raw)),
		})
	}
}

// Slice is the value of segment s.
func (d *Doc) Slice(s Seg) Value { return Value{d.buf[s.Start:s.End:s.End]} }

// Get gives the value of an attribute: one of the core schema or of an
// extension, an extension's object, or a sub-attribute of a single-valued
// complex attribute. The sub-attributes of multi-valued attributes are reached
// by walking the elements.
func (d *Doc) Get(id model.ID) (Value, bool) {
	if int(id) >= len(d.t.Attrs) {
		return Value{}, false
	}
	a := &d.t.Attrs[id]
	if a.Parent == model.Root {
		for _, s := range d.segs {
			if s.ID == id {
				return d.Slice(s), true
			}
		}
		return Value{}, false
	}
	parent, ok := d.Get(a.Parent)
	if !ok {
		return Value{}, false
	}
	return parent.Member(a)
}
