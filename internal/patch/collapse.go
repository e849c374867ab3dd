package patch

import (
	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
)

// collapse applies the operations on a list that r changes many times in one
// pass over the list, so that the cost is their number and the list's length
// and not the product. It gives the operations that remain.
func (r *Request) collapse(t *document.Tree) []op {
	list := r.busyList()
	if list == model.None {
		return r.ops
	}
	s := newSplitter(r, list, t)
	rest, ok := s.run(r)
	if !ok {
		return r.ops
	}
	s.apply()
	return rest.ops
}

func (r *Request) busyList() model.ID {
	const many = 16
	if len(r.ops) < many {
		return model.None
	}
	list, n := List(r.t), 0
	for i := range r.ops {
		if r.ops[i].attr == list {
			n++
		}
	}
	if n < many {
		return model.None
	}
	return list
}

// apply does to the list what the operations would have done one by one.
func (s *splitter) apply() {
	old := s.tree.Get(s.list.ID)
	if s.replace && old != document.NoNode {
		s.tree.Unset(s.list.ID)
	}
	list := s.tree.Get(s.list.ID)
	if list == document.NoNode {
		list = s.tree.NewArray(s.list.ID)
		s.tree.Put(s.tree.Root(), list)
	}
	there := make(map[string]struct{})
	s.tree.Filter(list, func(e document.Node) bool {
		value := s.text(e, s.list.Value)
		if i, ok := s.last[value]; ok && s.changes[i].state != added {
			return false
		}
		there[value] = struct{}{}
		return true
	})
	for _, c := range s.changes {
		_, contained := there[c.Value]
		if c.state == moved || c.state == added && !contained {
			s.tree.Append(list, c.node)
		}
	}
	switch {
	case s.empty(list):
		s.tree.Unset(s.list.ID)
	case s.replace && old != document.NoNode:
		s.tree.Put(s.tree.Root(), s.tree.KeepMembers(old, list))
	}
}
