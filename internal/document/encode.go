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
func (t *Tree) Doc() *Doc { return t.doc(nil) }

// DocWith is Doc with another meta.
func (t *Tree) DocWith(m Meta) *Doc { return t.doc(&m) }

func (t *Tree) doc(meta *Meta) *Doc {
	d := newDoc(t.T, t.Len(t.root)+1)
	// The text is written behind the tree's own, which it does not become.
	base := len(t.buf)
	text := append(t.buf, '{')
	c := t.First(t.root)
	for ; c != NoNode && (meta == nil || t.nodes[c].id < t.T.Meta); c = t.Next(c) {
		text = t.docMember(d, text, base, c)
	}
	if meta != nil {
		text = d.begin(text, t.T.Meta, base)
		key := t.T.Attrs[t.T.Meta].Key
		text = d.end(AppendMeta(append(text, key...), t.T, *meta), len(key), base)
		if c != NoNode && t.nodes[c].id == t.T.Meta {
			c = t.Next(c)
		}
	}
	for ; c != NoNode; c = t.Next(c) {
		text = t.docMember(d, text, base, c)
	}
	text = append(text, '}')
	d.buf = slices.Clip(slices.Clone(text[base:]))
	t.buf = text[:base]
	return d.finish()
}

func (t *Tree) docMember(d *Doc, text []byte, base int, c Node) []byte {
	if t.empty(c) {
		return text
	}
	text = d.begin(text, t.nodes[c].id, base)
	return d.end(t.appendMember(text, c), t.keyLen(c), base)
}

// begin begins a segment in text, which is that of d from base on.
func (d *Doc) begin(text []byte, id model.ID, base int) []byte {
	if len(d.segs) > 0 {
		text = append(text, ',')
	}
	d.segs = append(d.segs, Seg{ID: id, Key: uint32(len(text) - base)})
	return text
}

// end ends it. Its key has the length key.
func (d *Doc) end(text []byte, key, base int) []byte {
	s := &d.segs[len(d.segs)-1]
	s.Start, s.End = s.Key+uint32(key), uint32(len(text)-base)
	return text
}

// keyLen is the length of `"name":` of a member.
func (t *Tree) keyLen(c Node) int {
	nd := &t.nodes[c]
	if nd.id == model.None {
		return len(t.name(nd)) + 1
	}
	return len(t.T.Attrs[nd.id].Key)
}
