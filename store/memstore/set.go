package memstore

import "iter"

// A set holds records in the order in which they were added. Adding, removing
// and asking cost the same whatever its size. A nil set is empty.
type set struct {
	list  []*record       // nil where one was removed
	gaps  int             // how many were
	place map[*record]int // where each stands, in a set that is not small
}

const small = 16

func (s *set) len() int {
	if s == nil {
		return 0
	}
	return len(s.list) - s.gaps
}

func (s *set) find(r *record) (int, bool) {
	if s == nil {
		return 0, false
	}
	if s.place != nil {
		i, ok := s.place[r]
		return i, ok
	}
	for i, x := range s.list {
		if x == r {
			return i, true
		}
	}
	return 0, false
}

func (s *set) has(r *record) bool {
	_, ok := s.find(r)
	return ok
}

// add appends r, which must not be in the set.
func (s *set) add(r *record) {
	s.list = append(s.list, r)
	switch {
	case s.place != nil:
		s.place[r] = len(s.list) - 1
	case len(s.list) > small:
		s.pack()
	}
}

func (s *set) remove(r *record) {
	i, ok := s.find(r)
	if !ok {
		return
	}
	s.list[i] = nil
	s.gaps++
	delete(s.place, r)
	if s.gaps > len(s.list)/2 {
		s.pack()
	}
}

// pack closes the gaps. It runs so seldom that it costs a removal nothing.
func (s *set) pack() {
	packed := make([]*record, 0, s.len()+s.len()/4)
	for r := range s.all() {
		packed = append(packed, r)
	}
	s.list, s.gaps, s.place = packed, 0, nil
	if len(packed) <= small {
		return
	}
	s.place = make(map[*record]int, len(packed))
	for i, r := range packed {
		s.place[r] = i
	}
}

func (s *set) all() iter.Seq[*record] {
	return func(yield func(*record) bool) {
		if s == nil {
			return
		}
		for _, r := range s.list {
			if r != nil && !yield(r) {
				return
			}
		}
	}
}
