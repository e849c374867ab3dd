package scim

import (
	"fmt"
	"sync"
	"testing"
)

// TestFlights: the counters are right under load, cost no memory for tenants
// at rest, and a request costs no allocation.
func TestFlights(t *testing.T) {
	f := newFlights()
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 2000 {
				c := f.take(fmt.Sprint("tenant-", (i*7+g)%1000), 1000)
				if c == nil {
					t.Error("refused")
					return
				}
				c.end()
			}
		})
	}
	wg.Wait()
	for i := range 100_000 {
		f.take(fmt.Sprint("other-", i), 1).end()
	}
	kept := 0
	for i := range f.shards {
		for name, c := range f.shards[i].m {
			kept++
			if c.n != 0 {
				t.Errorf("%s: %d", name, c.n)
			}
		}
	}
	if kept > len(f.shards)*restingTenants {
		t.Errorf("%d counters are kept", kept)
	}
	busy := f.take("busy", 2)
	f.take("busy", 2)
	for i := range 10_000 { // nobody sweeps what counts
		f.take(fmt.Sprint("more-", i), 1).end()
	}
	if f.take("busy", 2) != nil || f.take("idle", 2) == nil {
		t.Error("a limit of 2 is not kept, or kept for another tenant")
	}
	busy.end()
	if f.take("busy", 2) == nil {
		t.Error("what has ended still counts")
	}
	if n := testing.AllocsPerRun(1000, func() { f.take("acme", 64).end() }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkFlights(b *testing.B) {
	f := newFlights()
	for b.Loop() {
		f.take("acme", 64).end()
	}
}
