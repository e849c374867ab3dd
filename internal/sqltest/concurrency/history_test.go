package concurrency

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/scimkit/scimkit/internal/sqltest/rig"
)

// A span is the time from before a request was sent until after its answer came:
// it was done at some moment in it.
type span struct{ from, to time.Duration }

// ever is before all requests.
var ever = span{-1, -1}

// before tells whether s was over when o began.
func (s span) before(o span) bool { return s.to < o.from }

// A register has one value at a time, "" at first: whether a resource is there
// or gone (state of id), the content of a user (content of id), whether a user
// is in a group (member id of group).
type register struct{ what, id, group string }

func state(id string) register         { return register{"state", id, ""} }
func content(id string) register       { return register{"content", id, ""} }
func member(id, group string) register { return register{"member", id, group} }

// Values of registers.
const (
	there = "there"
	gone  = "gone"
)

// A write gave a register a value.
type write struct {
	span
	value string
}

// A put gave a group its members.
type put struct {
	span
	users []string
}

// A history is what clients did: the requests that were acknowledged.
type history struct {
	mu     sync.Mutex
	begin  time.Time
	writes map[register][]write
	puts   map[string][]put // by group
}

func newHistory() *history {
	return &history{begin: time.Now(), writes: make(map[register][]write), puts: make(map[string][]put)}
}

// do sends a request and, if it was acknowledged, notes what note writes.
func (h *history) do(send func() rig.Answer, note func(a rig.Answer, s span)) (rig.Answer, span) {
	s := span{from: time.Since(h.begin)}
	a := send()
	s.to = time.Since(h.begin)
	if a.OK() {
		h.mu.Lock()
		defer h.mu.Unlock()
		note(a, s)
	}
	return a, s
}

// write notes a write. The history is locked.
func (h *history) write(r register, s span, value string) {
	h.writes[r] = append(h.writes[r], write{s, value})
}

// all are the writes of a register, also those by requests about other things.
func (h *history) all(r register) []write {
	all := append([]write{{ever, ""}}, h.writes[r]...)
	end := func(id string) {
		for _, w := range h.writes[state(id)] {
			if w.value == gone {
				all = append(all, write{w.span, ""})
			}
		}
	}
	switch r.what {
	case "content":
		end(r.id)
	case "member":
		end(r.id)
		end(r.group)
		for _, p := range h.puts[r.group] {
			w := write{p.span, ""}
			if slices.Contains(p.users, r.id) {
				w.value = there
			}
			all = append(all, w)
		}
	}
	return all
}

// complaints compares the final values, "" where a register has none, with the
// history: a final value was written by a request after which no other, for
// certain, wrote another value.
func (h *history) complaints(final map[register]string) (wrong []string) {
	registers := make(map[register]bool)
	for r := range h.writes {
		registers[r] = true
	}
	for r := range final {
		registers[r] = true
	}
	for r := range registers {
		value, all := final[r], h.all(r)
		possible := func(w write) bool { return w.value == value && !overwritten(w, all) }
		if !slices.ContainsFunc(all, possible) {
			wrong = append(wrong, fmt.Sprintf("%v is %q after %v", r, value, all))
		}
	}
	return wrong
}

// overwritten tells whether another value was written after w for certain.
func overwritten(w write, all []write) bool {
	return slices.ContainsFunc(all, func(o write) bool { return o.value != w.value && w.before(o.span) })
}

// during tells whether a request in the span s could meet value.
func (h *history) during(r register, value string, s span) bool {
	all := h.all(r)
	return slices.ContainsFunc(all, func(w write) bool {
		return w.value == value && !s.before(w.span) && !slices.ContainsFunc(all, func(o write) bool {
			return o.value != value && w.before(o.span) && o.before(s)
		})
	})
}
