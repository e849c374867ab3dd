package document

import (
	"slices"

	"github.com/scimkit/scimkit/internal/model"
)

// AppendNode writes the canonical text of n. Empty objects and arrays inside
// it are left out.
func (t *Tree) AppendNode(dst []byte, n Node) []byte {
	nd := &t.nodes[n]
	if nd.leaf() {
		return append(dst, t.buf[nd.a:nd.b]...)
	}
	opening, closing := byte('{'), byte('}')
	if nd.kind == Array {
		opening, closing = '[', ']'
	}
	dst = append(dst, opening)
	first := true
	for c := t.First(n); c != NoNode; c = t.nodes[c].next {
		if t.empty(c) {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		if nd.kind == Array {
			dst = t.AppendNode(dst, c)
		} else {
			dst = t.appendMember(dst, c)
		}
	}
	return append(dst, closing)
}

// appendMember writes `"name":value`.
func (t *Tree) appendMember(dst []byte, c Node) []byte {
	nd := &t.nodes[c]
	if nd.id != model.None {
		dst = append(dst, t.T.Attrs[nd.id].Key...)
	}
	if nd.leaf() {
		return append(dst, t.buf[nd.a:nd.b]...)
	}
	return t.AppendNode(dst, c)
}

// empty tells whether n is an object or array without content.
func (t *Tree) empty(n Node) bool { return !t.nodes[n].leaf() && t.hollow(n) }

func (t *Tree) hollow(n Node) bool {
	for c := t.First(n); c != NoNode; c = t.nodes[c].next {
		if !t.empty(c) {
			return false
		}
	}
	return true
}

// Doc makes the immutable form of the tree, in memory of its own.
func (t *Tree) Doc() *Doc {
	d := newDoc(t.T, t.Len(t.root))
	// The text is written behind the tree's own, which it does not become.
	base := len(t.buf)
	text := append(t.buf, '{')
	for c := t.First(t.root); c != NoNode; c = t.Next(c) {
		if t.empty(c) {
			continue
		}
		if len(d.segs) > 0 {
			text = append(text, ',')
		}
		s := Seg{ID: t.nodes[c].id, Key: uint32(len(text) - base)}
		text = t.appendMember(text, c)
		s.End = uint32(len(text) - base)
		s.Start = s.Key + t.keyLen(c)
		d.segs = append(d.segs, s)
	}
	text = append(text, '}')
	d.buf = slices.Clip(slices.Clone(text[base:]))
	t.buf = text[:base]
	return d.finish()
}

// keyLen is the length of `"name":` of a member.
func (t *Tree) keyLen(c Node) uint32 {
	nd := &t.nodes[c]
	if nd.id == model.None {
		return uint32(len(t.name(nd))) + 1
	}
	return uint32(len(t.T.Attrs[nd.id].Key))
}
