package document

import "github.com/scimkit/scimkit/internal/model"

// AppendNode writes the canonical text of n. Empty objects and arrays inside
// it are left out.
func (t *Tree) AppendNode(dst []byte, n Node) []byte {
	switch nd := &t.nodes[n]; nd.kind {
	case Object:
		return t.appendObject(dst, n)
	case Array:
		return t.appendArray(dst, n)
	default:
		return append(dst, t.buf[nd.a:nd.b]...)
	}
}

func (t *Tree) appendArray(dst []byte, n Node) []byte {
	dst = append(dst, '[')
	first := true
	for c := t.First(n); c != NoNode; c = t.nodes[c].next {
		if t.empty(c) {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = t.AppendNode(dst, c)
	}
	return append(dst, ']')
}

func (t *Tree) appendObject(dst []byte, n Node) []byte {
	dst = append(dst, '{')
	first := true
	for c := t.First(n); c != NoNode; c = t.nodes[c].next {
		if t.empty(c) {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = t.appendMember(dst, c)
	}
	return append(dst, '}')
}

// appendMember writes `"name":value`.
func (t *Tree) appendMember(dst []byte, c Node) []byte {
	if id := t.nodes[c].id; id != model.None {
		dst = append(dst, t.T.Attrs[id].Key...)
	}
	return t.AppendNode(dst, c)
}

// empty tells whether n is an object or array without content.
func (t *Tree) empty(n Node) bool {
	if t.nodes[n].leaf() {
		return false
	}
	for c := t.First(n); c != NoNode; c = t.nodes[c].next {
		if !t.empty(c) {
			return false
		}
	}
	return true
}

// Doc makes the immutable form of the tree, in memory of its own.
func (t *Tree) Doc() *Doc {
	d := &Doc{t: t.T, segs: make([]Seg, 0, t.Len(t.root))}
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
	d.buf = append(make([]byte, 0, len(text)-base), text[base:]...)
	t.buf = text[:base]
	return d
}

// keyLen is the length of `"name":` of a member.
func (t *Tree) keyLen(c Node) uint32 {
	nd := &t.nodes[c]
	if nd.id == model.None {
		return uint32(len(t.name(nd))) + 1
	}
	return uint32(len(t.T.Attrs[nd.id].Key))
}
