package document

import (
	"hash/maphash"
	"math/bits"

	"github.com/scimkit/scimkit/internal/model"
)

// Dedupe drops elements of a list that repeat the value and type of an earlier
// one (RFC 7643 section 2.4); elements without a value stay.
func (t *Tree) Dedupe(arr Node) {
	a := t.Attr(arr)
	if a.Kind == model.Complex && a.Value == model.None {
		return
	}
	// Few elements are compared one by one, many through a hash table.
	const few = 8
	n := t.Len(arr)
	switch {
	case n < 2:
	case n <= few:
		t.Filter(arr, func(e Node) bool {
			for o := t.First(arr); o != e; o = t.Next(o) {
				if t.same(a, o, e) {
					return false
				}
			}
			return true
		})
	default:
		seen := elements{t: t, a: a, seed: maphash.MakeSeed(), slots: make([]Node, 1<<bits.Len(uint(2*n)))}
		t.Filter(arr, seen.add)
	}
}

// same tells whether the elements x and y of attribute a have the same value
// and type.
func (t *Tree) same(a *model.Attr, x, y Node) bool {
	v := t.key(a, x)
	return len(v) > 0 && string(v) == string(t.key(a, y)) && string(t.kindOf(a, x)) == string(t.kindOf(a, y))
}

// key is the value of an element of attribute a.
func (t *Tree) key(a *model.Attr, e Node) []byte {
	if a.Kind != model.Complex {
		return t.Leaf(e).Raw()
	}
	return t.leafOf(e, a.Value)
}

// kindOf is the type of an element. It does not count for references.
func (t *Tree) kindOf(a *model.Attr, e Node) []byte {
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

// elements is a hash table of elements with open addressing.
type elements struct {
	t     *Tree
	a     *model.Attr
	seed  maphash.Seed
	slots []Node // 0, the root of the tree, is free
}

// add tells whether e is new.
func (s *elements) add(e Node) bool {
	v := s.t.key(s.a, e)
	if len(v) == 0 {
		return true
	}
	mask := uint64(len(s.slots) - 1)
	i := (maphash.Bytes(s.seed, v) + 3*maphash.Bytes(s.seed, s.t.kindOf(s.a, e))) & mask
	for ; s.slots[i] != 0; i = (i + 1) & mask {
		if s.t.same(s.a, s.slots[i], e) {
			return false
		}
	}
	s.slots[i] = e
	return true
}
