package document

import (
	"slices"

	"github.com/scimkit/scimkit/internal/model"
)

// Load reads d into t, which must be empty. The text of a Doc has been checked
// and is canonical, so that nothing is checked here and names stand in the
// order of the schema.
func (t *Tree) Load(d *Doc) {
	start := len(t.buf)
	if cap(t.buf)-start < len(d.buf) {
		t.buf = slices.Grow(t.buf, 2*len(d.buf)+256) // with room for changes and the new text
	}
	t.buf = append(t.buf, d.buf...)
	t.loadObject(t.root, start)
}

// load reads the value of attribute id that begins at p, and gives the place
// behind it.
func (t *Tree) load(id model.ID, p int) (Node, int) {
	switch c := t.buf[p]; c {
	case '{':
		n := t.NewObject(id)
		return n, t.loadObject(n, p)
	case '[':
		n := t.NewArray(id)
		return n, t.loadArray(n, p)
	default:
		end := skip(t.buf, p)
		return t.addLeaf(id, kindOf(c), p, end), end
	}
}

func (t *Tree) loadArray(n Node, p int) int {
	id := t.nodes[n].id
	for p++; t.buf[p] != ']'; {
		if t.buf[p] == ',' {
			p++
		}
		var e Node
		e, p = t.load(id, p)
		t.Append(n, e)
	}
	return p + 1
}

func (t *Tree) loadObject(n Node, p int) int {
	next := t.nodes[n].id + 1
	end := t.T.Attrs[t.nodes[n].id].End
	for p++; t.buf[p] != '}'; {
		if t.buf[p] == ',' {
			p++
		}
		var c Node
		id := named(t.T, t.buf[p:], next, end)
		if id == model.None {
			start := p
			p = skip(t.buf, colon(t.buf, skipString(t.buf, p)))
			c = t.addLeaf(id, String, start, p)
		} else {
			c, p = t.load(id, p+len(t.T.Attrs[id].Key))
			next = t.T.Attrs[id].End
		}
		t.Append(n, c)
	}
	return p + 1
}

// named gives the first attribute, of those from next to end that are siblings,
// whose name text begins with.
func named(t *model.Type, text []byte, next, end model.ID) model.ID {
	for id := next; id < end; id = t.Attrs[id].End {
		if key := t.Attrs[id].Key; len(text) > len(key) && string(text[:len(key)]) == key {
			return id
		}
	}
	return model.None
}
