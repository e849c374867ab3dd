package document

import (
	"slices"

	"github.com/scimkit/scimkit/internal/model"
)

// A Node is one value of a Tree. NoNode is none.
type Node int32

// NoNode says that there is no such node.
const NoNode Node = -1

// A Tree is a resource that can be changed. Its nodes hold no pointers; text
// is kept in one buffer, to which changes only append.
type Tree struct {
	T     *model.Type
	buf   []byte
	nodes []node
	root  Node
}

// node is one value. The children of an object stand in the order of their
// IDs; those of an array have the array's ID.
type node struct {
	start, end  uint32 // text of a leaf, in canonical form; `"name":value` for an unknown attribute
	child, next Node
	last        Node // last child
	id          model.ID
	kind        Kind
}

// NewTree gives an empty resource.
func NewTree(t *model.Type) *Tree {
	tr := &Tree{T: t}
	tr.root = tr.NewObject(model.Root)
	return tr
}

// Reset empties the tree for another resource and keeps its memory.
func (t *Tree) Reset(typ *model.Type) {
	t.T, t.buf, t.nodes = typ, t.buf[:0], t.nodes[:0]
	t.root = t.NewObject(model.Root)
}

// Root is the resource itself.
func (t *Tree) Root() Node { return t.root }

// ID is the attribute of n.
func (t *Tree) ID(n Node) model.ID { return t.nodes[n].id }

// Attr is the attribute of n.
func (t *Tree) Attr(n Node) *model.Attr { return &t.T.Attrs[t.nodes[n].id] }

// Kind is the kind of n.
func (t *Tree) Kind(n Node) Kind { return t.nodes[n].kind }

// First is the first child of n.
func (t *Tree) First(n Node) Node { return t.nodes[n].child }

// Next is the sibling behind n.
func (t *Tree) Next(n Node) Node { return t.nodes[n].next }

// Len counts the children of n.
func (t *Tree) Len(n Node) int {
	count := 0
	for c := t.First(n); c != NoNode; c = t.Next(c) {
		count++
	}
	return count
}

// Child is the member of object n for attribute id.
func (t *Tree) Child(n Node, id model.ID) Node {
	for c := t.nodes[n].child; c != NoNode; c = t.nodes[c].next {
		if t.nodes[c].id == id {
			return c
		}
	}
	return NoNode
}

// Leaf is the value of a leaf.
func (t *Tree) Leaf(n Node) Value {
	return Value{t.buf[t.nodes[n].start:t.nodes[n].end]}
}

// Value is the canonical text of n. It is valid until the next change.
func (t *Tree) Value(n Node) Value {
	if k := t.nodes[n].kind; k != Object && k != Array {
		return t.Leaf(n)
	}
	start := len(t.buf)
	t.buf = t.AppendNode(t.buf, n)
	v := Value{t.buf[start:]}
	return v
}

func (t *Tree) add(n node) Node {
	n.child, n.next, n.last = NoNode, NoNode, NoNode
	t.nodes = append(t.nodes, n)
	return Node(len(t.nodes) - 1)
}

// NewObject makes an empty object for attribute id.
func (t *Tree) NewObject(id model.ID) Node { return t.add(node{id: id, kind: Object}) }

// NewArray makes an empty array for attribute id.
func (t *Tree) NewArray(id model.ID) Node { return t.add(node{id: id, kind: Array}) }

// NewLeaf makes a leaf of canonical text, which is copied.
func (t *Tree) NewLeaf(id model.ID, text []byte) Node {
	start := len(t.buf)
	t.buf = append(t.buf, text...)
	return t.add(node{id: id, kind: kindOf(text[0]), start: uint32(start), end: uint32(len(t.buf))})
}

// NewString makes a string leaf.
func (t *Tree) NewString(id model.ID, s string) Node {
	start := len(t.buf)
	t.buf = AppendString(t.buf, s)
	return t.add(node{id: id, kind: String, start: uint32(start), end: uint32(len(t.buf))})
}

// NewBool makes a boolean leaf.
func (t *Tree) NewBool(id model.ID, b bool) Node {
	if b {
		return t.NewLeaf(id, []byte("true"))
	}
	return t.NewLeaf(id, []byte("false"))
}

// Append puts child at the end of parent, an array.
func (t *Tree) Append(parent, child Node) {
	p := &t.nodes[parent]
	if p.last == NoNode {
		p.child = child
	} else {
		t.nodes[p.last].next = child
	}
	p.last = child
	t.nodes[child].next = NoNode
}

// Put makes child the member of parent for its attribute, in the place of one
// that is there.
func (t *Tree) Put(parent, child Node) {
	id := t.nodes[child].id
	p := &t.nodes[parent]
	if p.last == NoNode || t.nodes[p.last].id < id || id == model.None {
		t.Append(parent, child)
		return
	}
	prev := NoNode
	for c := p.child; c != NoNode; c = t.nodes[c].next {
		if t.nodes[c].id >= id {
			next := c
			if t.nodes[c].id == id {
				next = t.nodes[c].next
			}
			t.link(parent, prev, child, next)
			return
		}
		prev = c
	}
}

// link puts child between prev and next.
func (t *Tree) link(parent, prev, child, next Node) {
	if prev == NoNode {
		t.nodes[parent].child = child
	} else {
		t.nodes[prev].next = child
	}
	t.nodes[child].next = next
	if next == NoNode {
		t.nodes[parent].last = child
	}
}

// Remove takes child out of parent.
func (t *Tree) Remove(parent, child Node) {
	prev := NoNode
	for c := t.nodes[parent].child; c != NoNode; c = t.nodes[c].next {
		if c == child {
			next := t.nodes[c].next
			if prev == NoNode {
				t.nodes[parent].child = next
			} else {
				t.nodes[prev].next = next
			}
			if next == NoNode {
				t.nodes[parent].last = prev
			}
			return
		}
		prev = c
	}
}

// Filter keeps the children of n for which keep is true, and tells how many
// went.
func (t *Tree) Filter(n Node, keep func(Node) bool) int {
	gone, prev := 0, NoNode
	for c := t.nodes[n].child; c != NoNode; c = t.nodes[c].next {
		if keep(c) {
			prev = c
			continue
		}
		gone++
		if prev == NoNode {
			t.nodes[n].child = t.nodes[c].next
		} else {
			t.nodes[prev].next = t.nodes[c].next
		}
	}
	t.nodes[n].last = prev
	return gone
}

// Get finds the node of a top-level attribute, an extension attribute or a
// sub-attribute of a single-valued complex attribute.
func (t *Tree) Get(id model.ID) Node {
	if id == model.Root {
		return t.root
	}
	parent := t.Get(t.T.Attrs[id].Parent)
	if parent == NoNode || t.nodes[parent].kind != Object {
		return NoNode
	}
	return t.Child(parent, id)
}

// Make is Get that creates the objects on the way to id's parent and gives
// that parent.
func (t *Tree) Make(id model.ID) (parent Node) {
	a := &t.T.Attrs[id]
	if a.Parent == model.Root {
		return t.root
	}
	up := t.Make(a.Parent)
	if n := t.Child(up, a.Parent); n != NoNode {
		return n
	}
	n := t.NewObject(a.Parent)
	t.Put(up, n)
	return n
}

// Unset removes the attribute id and the objects that it leaves empty.
func (t *Tree) Unset(id model.ID) {
	n := t.Get(id)
	for n != NoNode && n != t.root {
		parent := t.Get(t.T.Attrs[t.nodes[n].id].Parent)
		t.Remove(parent, n)
		if t.nodes[parent].child != NoNode {
			return
		}
		n = parent
	}
}

// AppendNode writes the canonical text of n. Empty objects and arrays inside
// it are left out.
func (t *Tree) AppendNode(dst []byte, n Node) []byte {
	nd := &t.nodes[n]
	switch nd.kind {
	case Object:
		return t.appendObject(dst, n)
	case Array:
		dst = append(dst, '[')
		for c := nd.child; c != NoNode; c = t.nodes[c].next {
			if t.empty(c) {
				continue
			}
			if dst[len(dst)-1] != '[' {
				dst = append(dst, ',')
			}
			dst = t.AppendNode(dst, c)
		}
		return append(dst, ']')
	}
	return append(dst, t.buf[nd.start:nd.end]...)
}

func (t *Tree) appendObject(dst []byte, n Node) []byte {
	dst = append(dst, '{')
	first := true
	for c := t.nodes[n].child; c != NoNode; c = t.nodes[c].next {
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

func (t *Tree) appendMember(dst []byte, c Node) []byte {
	id := t.nodes[c].id
	if id == model.None {
		return append(dst, t.buf[t.nodes[c].start:t.nodes[c].end]...)
	}
	dst = append(dst, t.T.Attrs[id].Key...)
	return t.AppendNode(dst, c)
}

// empty tells whether n is an object or array without content.
func (t *Tree) empty(n Node) bool {
	if k := t.nodes[n].kind; k != Object && k != Array {
		return false
	}
	for c := t.nodes[n].child; c != NoNode; c = t.nodes[c].next {
		if !t.empty(c) {
			return false
		}
	}
	return true
}

// Doc makes the immutable form of the tree, in memory of its own.
func (t *Tree) Doc() *Doc {
	d := &Doc{t: t.T}
	n := 0
	for c := t.First(t.root); c != NoNode; c = t.Next(c) {
		n++
	}
	d.segs = make([]Seg, 0, n)
	scratch := append(t.buf, '{')
	base := len(t.buf)
	for c := t.First(t.root); c != NoNode; c = t.Next(c) {
		if t.empty(c) {
			continue
		}
		if len(d.segs) > 0 {
			scratch = append(scratch, ',')
		}
		key := len(scratch) - base
		scratch = t.appendMember(scratch, c)
		d.segs = append(d.segs, seg(t, c, scratch[base:], key))
	}
	scratch = append(scratch, '}')
	d.buf = slices.Clone(scratch[base:])
	t.buf = scratch[:base]
	return d
}

func seg(t *Tree, c Node, buf []byte, key int) Seg {
	s := Seg{ID: t.nodes[c].id, Key: uint32(key), End: uint32(len(buf))}
	if s.ID == model.None {
		s.Start = uint32(colon(buf, skipString(buf, key)))
	} else {
		s.Start = s.Key + uint32(len(t.T.Attrs[s.ID].Key))
	}
	return s
}
