package concurrency

import (
	"fmt"
	"maps"
	"slices"
	"testing"
)

// verify compares what is stored with the history.
func (w *world) verify(t *testing.T) (wrong []string) {
	t.Helper()
	final := w.final(t)
	wrong = append(w.strange, w.complaints(final)...)
	if w.app != nil {
		wrong = append(wrong, w.lostPlans(t, final)...)
	}
	for _, r := range w.refused {
		if r.registers[0].what == "name" {
			r.registers = states(w.named[r.registers[0].id]...)
		}
		if !slices.ContainsFunc(r.registers, func(x register) bool { return w.during(x, r.value, r.span) }) {
			wrong = append(wrong, fmt.Sprintf("no reason for %s", r.text))
		}
	}
	for name, ids := range w.named {
		for i, id := range ids {
			for _, other := range ids[:i] {
				if w.overlap(id, other) {
					wrong = append(wrong, "two resources were called "+name+" at one time")
				}
			}
			if n := slices.DeleteFunc(slices.Clone(w.writes[state(id)]), func(x write) bool { return x.value == there }); len(n) > 1 {
				wrong = append(wrong, fmt.Sprintf("%s was deleted %d times", id, len(n)))
			}
		}
	}
	t.Logf("%d resources, %d refusals", len(slices.Concat(slices.Collect(maps.Values(w.named))...)), len(w.refused))
	return wrong
}

// overlap tells whether two resources were there at one time for certain.
func (w *world) overlap(a, b string) bool {
	life := func(id string) span {
		s := span{0, 1 << 62}
		for _, x := range w.writes[state(id)] {
			if x.value == there {
				s.from = x.to
			} else {
				s.to = x.from
			}
		}
		return s
	}
	x, y := life(a), life(b)
	return x.from < y.to && y.from < x.to && x.from < x.to && y.from < y.to
}

// final are the values that are stored.
func (w *world) final(t *testing.T) map[register]string {
	t.Helper()
	final := make(map[register]string)
	for _, ids := range w.named {
		for _, id := range ids {
			final[state(id)] = gone
		}
	}
	users, err := w.nodes[0].All("/Users")
	if err != nil {
		t.Fatal(err)
	}
	groups, err := w.nodes[0].All("/Groups")
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range users {
		final[state(u.ID)], final[content(u.ID)] = there, u.DisplayName
	}
	for _, g := range groups {
		final[state(g.ID)] = there
		for _, id := range g.MemberIDs() {
			final[member(id, g.ID)] = there
		}
	}
	return final
}
