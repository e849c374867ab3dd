package document

import (
	"bytes"
	"slices"

	"github.com/scimkit/scimkit/internal/model"
)

// Append puts child at the end of parent, an array.
func (t *Tree) Append(parent, child Node) {
	if last := t.last(parent); last != NoNode {
		t.nodes[last].next = child
	} else {
		t.nodes[parent].a = uint32(child)
	}
	t.nodes[parent].b = uint32(child)
	t.nodes[child].next = NoNode
}

// Put makes child the member of parent for its attribute, in the place of one
// that is there.
func (t *Tree) Put(parent, child Node) {
	last := t.last(parent)
	if last == NoNode || t.compare(last, child) < 0 {
		t.Append(parent, child)
		return
	}
	prev := NoNode
	for c := t.First(parent); c != NoNode; c = t.nodes[c].next {
		if cmp := t.compare(c, child); cmp >= 0 {
			next := c
			if cmp == 0 {
				next = t.nodes[c].next
			}
			t.link(parent, prev, child)
			t.link(parent, child, next)
			return
		}
		prev = c
	}
}

// link makes b the child of parent that follows a. NoNode stands for the
// begin and the end.
func (t *Tree) link(parent, a, b Node) {
	if a == NoNode {
		t.nodes[parent].a = uint32(b)
	} else {
		t.nodes[a].next = b
	}
	if b == NoNode {
		t.nodes[parent].b = uint32(a)
	}
}

// compare tells in which order two members of an object stand: by their IDs,
// those that the schema does not have by their names. Equal ones exclude each
// other.
func (t *Tree) compare(a, b Node) int {
	x, y := &t.nodes[a], &t.nodes[b]
	if x.id != model.None || y.id != model.None {
		return int(x.id) - int(y.id)
	}
	return compareFold(t.name(x), t.name(y))
}

// name is the name of a member that the schema does not have, in quotes.
func (t *Tree) name(n *node) []byte {
	text := t.buf[n.a:n.b]
	return text[:skipString(text, 0)]
}

// order sorts the members of an object that were appended as they came. Of two
// for the same attribute the later one stays.
func (t *Tree) order(n Node) {
	t.list = slices.Grow(t.list[:0], t.Len(n))
	for c := t.First(n); c != NoNode; c = t.Next(c) {
		t.list = append(t.list, c)
	}
	slices.SortStableFunc(t.list, func(a, b Node) int { return t.compare(a, b) })
	prev := NoNode
	for i, c := range t.list {
		if i+1 < len(t.list) && t.compare(c, t.list[i+1]) == 0 {
			continue
		}
		t.link(n, prev, c)
		prev = c
	}
	t.link(n, prev, NoNode)
}

// Remove takes child out of parent.
func (t *Tree) Remove(parent, child Node) {
	prev := NoNode
	for c := t.First(parent); c != NoNode; c = t.nodes[c].next {
		if c == child {
			t.link(parent, prev, t.nodes[c].next)
			return
		}
		prev = c
	}
}

// Filter keeps the children of n for which keep is true, and tells how many
// went.
func (t *Tree) Filter(n Node, keep func(Node) bool) int {
	gone, prev := 0, NoNode
	for c := t.First(n); c != NoNode; c = t.nodes[c].next {
		if keep(c) {
			prev = c
			continue
		}
		gone++
		t.link(n, prev, t.nodes[c].next)
	}
	return gone
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
		if t.First(parent) != NoNode {
			return
		}
		n = parent
	}
}

// Equal tells whether a and b have the same canonical text, without writing it.
func (t *Tree) Equal(a, b Node) bool {
	x, y := &t.nodes[a], &t.nodes[b]
	if x.kind != y.kind {
		return false
	}
	if x.leaf() {
		return bytes.Equal(t.buf[x.a:x.b], t.buf[y.a:y.b])
	}
	c, d := t.solid(t.First(a)), t.solid(t.First(b))
	for c != NoNode && d != NoNode {
		if t.nodes[c].id != t.nodes[d].id || !t.Equal(c, d) {
			return false
		}
		c, d = t.solid(t.Next(c)), t.solid(t.Next(d))
	}
	return c == d
}

// solid gives the first of n and its siblings that is not empty.
func (t *Tree) solid(n Node) Node {
	for n != NoNode && t.empty(n) {
		n = t.Next(n)
	}
	return n
}
