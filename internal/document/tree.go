package document

import (
	"math"
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
	T      *model.Type
	buf    []byte
	nodes  []node
	root   Node
	values []byte // text that Value made
	list   []Node // scratch of order
	reader parser
}

// node is one value. The children of an object stand in the order of their
// IDs; those of an array have the array's ID. A member that the schema does
// not have is a leaf with the ID model.None and the text `"name":value`.
type node struct {
	a, b uint32 // where the text of a leaf begins and ends; otherwise the first and last child
	next Node
	id   model.ID
	kind Kind
}

const none = math.MaxUint32 // NoNode in a and b

func (n *node) leaf() bool { return n.kind < Object }

// NewTree gives an empty resource.
func NewTree(t *model.Type) *Tree {
	tr := &Tree{T: t}
	tr.root = tr.NewObject(model.Root)
	return tr
}

// Reset empties the tree for another resource and keeps its memory. Values of
// the tree are no longer valid.
func (t *Tree) Reset(typ *model.Type) {
	t.T, t.buf, t.values, t.nodes = typ, t.buf[:0], t.values[:0], t.nodes[:0]
	t.root = t.NewObject(model.Root)
}

// Size is how much memory the tree holds, in bytes and about.
func (t *Tree) Size() int {
	const perNode = 16 + 4 // and its place in list
	return cap(t.buf) + cap(t.values) + perNode*cap(t.nodes)
}

// Root is the resource itself.
func (t *Tree) Root() Node { return t.root }

// ID is the attribute of n, model.None for a member that the schema does not
// have.
func (t *Tree) ID(n Node) model.ID { return t.nodes[n].id }

// Attr is the attribute of n, which must have one.
func (t *Tree) Attr(n Node) *model.Attr { return &t.T.Attrs[t.nodes[n].id] }

// Kind is the kind of n.
func (t *Tree) Kind(n Node) Kind { return t.nodes[n].kind }

// First is the first child of n.
func (t *Tree) First(n Node) Node {
	if nd := &t.nodes[n]; !nd.leaf() {
		return Node(nd.a)
	}
	return NoNode
}

// Next is the sibling behind n.
func (t *Tree) Next(n Node) Node { return t.nodes[n].next }

// last is the last child of n, an object or array.
func (t *Tree) last(n Node) Node { return Node(t.nodes[n].b) }

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
	for c := t.First(n); c != NoNode; c = t.nodes[c].next {
		if t.nodes[c].id == id {
			return c
		}
	}
	return NoNode
}

// Leaf is the value of a leaf. It is valid until Reset.
func (t *Tree) Leaf(n Node) Value {
	nd := &t.nodes[n]
	text := t.buf[nd.a:nd.b:nd.b]
	if nd.id == model.None {
		text = text[colon(text, skipString(text, 0)):]
	}
	return Value{text}
}

// Value is the canonical text of n. It is valid until Reset.
func (t *Tree) Value(n Node) Value {
	if t.nodes[n].leaf() {
		return t.Leaf(n)
	}
	// A chunk that is full is left to those who still look at it.
	const chunk = 64 << 10
	if len(t.values) >= chunk {
		t.values = make([]byte, 0, chunk)
	}
	start := len(t.values)
	t.values = t.AppendNode(t.values, n)
	return Value{t.values[start:len(t.values):len(t.values)]}
}

func (t *Tree) add(n node) Node {
	if len(t.nodes) == cap(t.nodes) {
		t.grow()
	}
	n.next = NoNode
	t.nodes = append(t.nodes, n)
	return Node(len(t.nodes) - 1)
}

func (t *Tree) grow() { t.nodes = slices.Grow(t.nodes, max(64, len(t.nodes))) }

// addLeaf makes a leaf of what stands in the buffer from start to end.
func (t *Tree) addLeaf(id model.ID, kind Kind, start, end int) Node {
	if end > math.MaxInt32 {
		panic("document: a resource of more than 2 GiB")
	}
	return t.add(node{id: id, kind: kind, a: uint32(start), b: uint32(end)})
}

// NewObject makes an empty object for attribute id.
func (t *Tree) NewObject(id model.ID) Node {
	return t.add(node{id: id, kind: Object, a: none, b: none})
}

// NewArray makes an empty array for attribute id.
func (t *Tree) NewArray(id model.ID) Node {
	return t.add(node{id: id, kind: Array, a: none, b: none})
}

// NewLeaf makes a leaf of canonical text, which is copied.
func (t *Tree) NewLeaf(id model.ID, text []byte) Node {
	start := len(t.buf)
	t.buf = append(t.buf, text...)
	return t.addLeaf(id, kindOf(text[0]), start, len(t.buf))
}

// NewString makes a string leaf.
func (t *Tree) NewString(id model.ID, s string) Node {
	start := len(t.buf)
	t.buf = AppendString(t.buf, s)
	return t.addLeaf(id, String, start, len(t.buf))
}

// NewBool makes a boolean leaf.
func (t *Tree) NewBool(id model.ID, b bool) Node {
	if b {
		return t.NewLeaf(id, []byte("true"))
	}
	return t.NewLeaf(id, []byte("false"))
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
