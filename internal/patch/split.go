package patch

import (
	"slices"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
)

// A Member is one reference of a list.
type Member struct{ Value, Type, Display string }

// A Delta is what a request does to one list of references. No value is in
// both Add and Remove.
type Delta struct {
	Replace bool     // the list becomes Add
	Add     []Member // in the order in which they come to stand in the list
	Remove  []string
}

// List finds the attribute of t that a Delta can change: a multi-valued
// reference to resources that clients may write, such as the members of a
// group. None if there is none.
func List(t *model.Type) model.ID {
	for i := range t.Attrs {
		if a := &t.Attrs[i]; a.ResourceRef && a.Multi && a.Parent == model.Root &&
			a.Mutability == model.ReadWrite && !a.Required {
			return a.ID
		}
	}
	return model.None
}

// Split takes the operations on list, which List has found, out of r. The
// delta is nil if there are none; rest is what remains, to be applied to a
// resource loaded without the list. It fails, with ok false, where an operation
// depends on what the list holds, or is wrong: then r needs the whole resource.
// The cost is that of the request.
func (r *Request) Split(list model.ID) (d *Delta, rest *Request, ok bool) {
	s := newSplitter(r, list, nil)
	if s == nil {
		return nil, r, true
	}
	if rest, ok = s.run(r); !ok {
		return nil, nil, false
	}
	d = &Delta{Replace: s.replace}
	for _, c := range s.changes {
		switch c.state {
		case added, moved:
			d.Add = append(d.Add, c.Member)
		case removed:
			d.Remove = append(d.Remove, c.Value)
		}
	}
	return d, rest, true
}

// splitter collapses operations on a list into what they come to.
type splitter struct {
	*applier
	own     bool // the tree is for reading values only
	list    *model.Attr
	replace bool
	changes []change
	last    map[string]int // value -> its last change
}

type change struct {
	Member
	node  document.Node
	state state
}

type state uint8

const (
	void  state = iota // a later operation made it so
	added              // unless it is there
	moved              // removed and added again
	removed
)

// newSplitter gives nil if r does not touch the list. Without a tree, the
// splitter uses one of its own.
func newSplitter(r *Request, list model.ID, t *document.Tree) *splitter {
	if list == model.None || !slices.ContainsFunc(r.ops, func(o op) bool { return o.attr == list }) {
		return nil
	}
	s := &splitter{list: r.t.Attr(list), last: make(map[string]int), own: t == nil}
	if s.own {
		t = document.NewTree(r.t)
	}
	s.applier = newApplier(r, t)
	return s
}

func (s *splitter) run(r *Request) (rest *Request, ok bool) {
	rest = &Request{t: r.t, opts: r.opts}
	for i := range r.ops {
		o := &r.ops[i]
		if o.attr != s.list.ID {
			rest.ops = append(rest.ops, *o)
		} else if !s.take(o) {
			return nil, false
		}
	}
	return rest, true
}

// take notes one operation; false if it is no delta.
func (s *splitter) take(o *op) bool {
	s.op = o
	switch {
	case o.ids != nil:
		for _, id := range o.ids {
			s.remove(id)
		}
		return true
	case o.elements:
		return false
	case o.kind == remove:
		s.clear()
		return true
	}
	fresh, err := s.readList(s.list, o.value)
	if err != nil {
		return false
	}
	if o.kind == replace {
		s.clear()
	}
	if fresh != document.NoNode {
		for e := s.tree.First(fresh); e != document.NoNode; e = s.tree.Next(e) {
			if o.kind == removeListed {
				s.remove(s.text(e, s.list.Value))
			} else {
				s.add(e)
			}
		}
	}
	if s.own {
		s.tree.Reset(s.t)
	}
	return true
}

func (s *splitter) text(e document.Node, id model.ID) string {
	if id == model.None {
		return ""
	}
	if n := s.tree.Child(e, id); n != document.NoNode {
		return s.tree.Leaf(n).String()
	}
	return ""
}

func (s *splitter) clear() {
	s.replace = true
	s.changes = s.changes[:0]
	clear(s.last)
}

func (s *splitter) add(e document.Node) {
	m := Member{s.text(e, s.list.Value), s.text(e, s.list.TypeSub), s.text(e, s.list.Display)}
	how := added
	if i, ok := s.last[m.Value]; ok {
		if s.changes[i].state != removed {
			return // already contained
		}
		s.changes[i].state, how = void, moved
	}
	s.last[m.Value] = len(s.changes)
	s.changes = append(s.changes, change{m, e, how})
}

func (s *splitter) remove(value string) {
	if i, ok := s.last[value]; ok {
		if s.changes[i].state == removed {
			return
		}
		s.changes[i].state = void
		delete(s.last, value)
	}
	if s.replace {
		return // what is not listed is not there
	}
	s.last[value] = len(s.changes)
	s.changes = append(s.changes, change{Member{Value: value}, document.NoNode, removed})
}
