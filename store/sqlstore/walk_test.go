package sqlstore

import (
	"strconv"
	"testing"
)

func at(i int) (s spot) {
	copy(s[:], strconv.Itoa(i))
	return s
}

// TestWalksAreBounded: what is remembered has a most, and who goes on walking
// keeps its place while others come and go.
func TestWalksAreBounded(t *testing.T) {
	var w walks
	for i := range 10 * mostPlaces {
		w.remember(at(i), bookmark{key: "k", total: i}, less)
		if n := len(w.young) + len(w.old); n > 2*mostPlaces {
			t.Fatalf("%d places", n)
		}
		if back := i - mostPlaces/2; back >= 0 {
			if b, ok := w.after(at(back)); !ok || b.total != back {
				t.Fatalf("place %d is forgotten", back)
			}
		}
	}
	if _, ok := w.after(at(0)); ok {
		t.Error("the first place is still there")
	}
}

// TestWalksMeet: of two walks the one that is less far decides where the page
// begins, and the larger total counts.
func TestWalksMeet(t *testing.T) {
	for _, keys := range [][2]any{{"u10", "u9"}, {int64(9), int64(10)}} {
		for _, first := range []int{0, 1} {
			var w walks
			w.remember(at(1), bookmark{key: keys[first], total: 5 + first}, less)
			w.remember(at(1), bookmark{key: keys[1-first], total: 6 - first}, less)
			if b, ok := w.after(at(1)); !ok || b.key != keys[0] || b.total != 6 {
				t.Errorf("%v, %d first: %v", keys, first, b)
			}
		}
	}
}
