package memstore

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestList compares a list with a slice.
func TestList(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var l list
	var want []*record
	check := func(step int) {
		t.Helper()
		if l.n != len(want) || !slices.Equal(slices.Collect(l.from(0)), want) {
			t.Fatalf("step %d: the list has %d records, want %d, or another order", step, l.n, len(want))
		}
		for _, offset := range []int{1, len(want) / 2, len(want) - 1, len(want), len(want) + 1} {
			from := max(0, min(offset, len(want)))
			if got := slices.Collect(l.from(max(offset, 0))); !slices.Equal(got, want[from:]) {
				t.Fatalf("step %d: from(%d) gives %d records, want %d", step, offset, len(got), len(want)-from)
			}
		}
		for i, b := range l.blocks {
			if len(b) == 0 || len(b) > blockSize {
				t.Fatalf("step %d: block %d has %d records", step, i, len(b))
			}
		}
	}
	for step := range 12000 {
		if grow := step%6000 < 3500; grow == (rnd.IntN(10) > 0) || len(want) == 0 {
			r := &record{seq: rnd.Uint64N(1 << 40)}
			if rnd.IntN(2) == 0 && len(want) > 0 {
				r.seq = want[len(want)-1].seq + 1
			}
			at, taken := slices.BinarySearchFunc(want, r.seq, func(x *record, seq uint64) int { return int(x.seq) - int(seq) })
			if taken {
				continue
			}
			want = slices.Insert(want, at, r)
			l.insert(r)
		} else {
			at := rnd.IntN(len(want))
			l.remove(want[at])
			want = slices.Delete(want, at, at+1)
		}
		if step%500 == 0 {
			check(step)
		}
	}
	for len(want) > 0 {
		l.remove(want[0])
		want = want[1:]
	}
	check(-1)
	if len(l.blocks) != 0 {
		t.Errorf("an empty list has %d blocks", len(l.blocks))
	}
}

// TestSet compares a set with a slice.
func TestSet(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	pool := make([]*record, 300)
	for i := range pool {
		pool[i] = new(record)
	}
	s := new(set)
	var want []*record
	for step := range 20000 {
		r := pool[rnd.IntN(len(pool))]
		if rnd.IntN(2) == 0 { // long and short in turn
			r = pool[rnd.IntN(1+step%len(pool))]
		}
		at := slices.Index(want, r)
		if s.has(r) != (at >= 0) {
			t.Fatalf("step %d: has = %t", step, at < 0)
		}
		switch shrink := step/4000%2 == 1; {
		case at < 0 && !shrink || at < 0 && rnd.IntN(4) == 0:
			s.add(r)
			want = append(want, r)
		case at >= 0 && shrink || at >= 0 && rnd.IntN(4) == 0:
			s.remove(r)
			want = slices.Delete(want, at, at+1)
		default:
			if at < 0 {
				s.remove(r) // does nothing
			}
		}
		if s.len() != len(want) || step%100 == 0 && !slices.Equal(slices.Collect(s.all()), want) {
			t.Fatalf("step %d: the set has %d records, want %d, or another order", step, s.len(), len(want))
		}
		if room := 2*s.len() + small + 2; len(s.list) > room {
			t.Fatalf("step %d: %d places for %d records", step, len(s.list), s.len())
		}
	}
	var empty *set
	if empty.len() != 0 || empty.has(pool[0]) || len(slices.Collect(empty.all())) != 0 {
		t.Error("a nil set is not empty")
	}
}

// TestIndex compares an index with a map.
func TestIndex(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	var x index
	want := make(map[uint64][]*record)
	for step := range 5000 {
		hash := rnd.Uint64N(20)
		if all := want[hash]; len(all) > 0 && rnd.IntN(2) == 0 {
			at := rnd.IntN(len(all))
			x.remove(hash, all[at])
			want[hash] = slices.Delete(all, at, at+1)
		} else {
			r := &record{seq: uint64(step)}
			x.add(hash, r)
			want[hash] = append(all, r)
		}
		got := slices.SortedFunc(x.all(hash), func(a, b *record) int { return int(a.seq) - int(b.seq) })
		if !slices.Equal(got, want[hash]) || x.len(hash) != len(got) {
			t.Fatalf("step %d: the index has %d records (len %d), want %d", step, len(got), x.len(hash), len(want[hash]))
		}
	}
}
