package concurrency

import (
	"testing"
	"time"
)

func at(from, to int) span { return span{time.Duration(from), time.Duration(to)} }

// TestHistory: what a history allows and what it does not.
func TestHistory(t *testing.T) {
	x := member("ann", "all")
	for _, tt := range []struct {
		name  string
		note  func(h *history)
		final string
		ok    bool
	}{
		{"nothing", func(h *history) {}, "", true},
		{"nobody wrote it", func(h *history) {}, there, false},
		{"added", func(h *history) { h.write(x, at(1, 2), there) }, there, true},
		{"an add is lost", func(h *history) { h.write(x, at(1, 2), there) }, "", false},
		{"added, then removed", func(h *history) { h.write(x, at(1, 2), there); h.write(x, at(3, 4), "") }, "", true},
		{"a remove is lost", func(h *history) { h.write(x, at(1, 2), there); h.write(x, at(3, 4), "") }, there, false},
		{"at once, one way", func(h *history) { h.write(x, at(1, 3), there); h.write(x, at(2, 4), "") }, there, true},
		{"at once, the other way", func(h *history) { h.write(x, at(1, 3), there); h.write(x, at(2, 4), "") }, "", true},
		{"a PUT without", func(h *history) { h.write(x, at(1, 2), there); h.puts["all"] = []put{{at(3, 4), nil}} }, "", true},
		{"a PUT without is lost", func(h *history) { h.write(x, at(1, 2), there); h.puts["all"] = []put{{at(3, 4), nil}} }, there, false},
		{"a PUT with", func(h *history) { h.puts["all"] = []put{{at(3, 4), []string{"ann"}}} }, there, true},
		{"a PUT with is lost", func(h *history) { h.puts["all"] = []put{{at(3, 4), []string{"ann"}}} }, "", false},
		{"deleted", func(h *history) { h.write(x, at(1, 2), there); h.write(state("ann"), at(3, 4), gone) }, "", true},
		{"deleted, and a member", func(h *history) { h.write(x, at(1, 2), there); h.write(state("ann"), at(3, 4), gone) }, there, false},
	} {
		h := newHistory()
		tt.note(h)
		final := map[register]string{x: tt.final}
		for _, w := range h.writes[state("ann")] {
			final[state("ann")] = w.value
		}
		if wrong := h.complaints(final); (len(wrong) == 0) != tt.ok {
			t.Errorf("%s: %q", tt.name, wrong)
		}
	}
}

// TestHistoryDuring: which refusals have a reason.
func TestHistoryDuring(t *testing.T) {
	h := newHistory()
	h.write(state("ann"), at(2, 4), there)
	h.write(state("ann"), at(6, 8), gone)
	for _, tt := range []struct {
		value    string
		from, to int
		want     bool
	}{
		{there, 0, 1, false}, {there, 1, 3, true}, {there, 5, 5, true}, {there, 7, 9, true}, {there, 9, 10, false},
		{gone, 0, 5, false}, {gone, 5, 7, true}, {gone, 9, 10, true}, {"", 0, 1, true}, {"", 3, 5, true}, {"", 5, 9, false},
	} {
		if got := h.during(state("ann"), tt.value, at(tt.from, tt.to)); got != tt.want {
			t.Errorf("%q from %d to %d: %t", tt.value, tt.from, tt.to, got)
		}
	}
}
