package token

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// TestLastUsedOfProcesses: all processes together write once a minute, however
// long they may believe what they have read.
func TestLastUsedOfProcesses(t *testing.T) {
	for _, ttl := range []time.Duration{-1, 5 * time.Second, time.Minute} {
		for _, n := range []int{1, 2, 4, 8} {
			t.Run(fmt.Sprintf("%d, %v", n, ttl), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { lastUsedOf(t, n, ttl) })
			})
		}
	}
}

// lastUsedOf has n processes verify one token in turn, for ten minutes.
func lastUsedOf(t *testing.T, n int, ttl time.Duration) {
	var all []*fixture
	store := &counting{Store: NewMemoryStore()}
	for range n {
		all = append(all, newFixtureOn(t, store, newClock(), Options{Now: time.Now, CacheTTL: ttl}))
	}
	good, _ := all[0].enabled("acme")
	writes, stored := 0, time.Time{}
	for i := range 6000 {
		all[i%n].want(200, good)
		time.Sleep(100 * time.Millisecond)
		at := all[0].stored("acme")
		if !at.Equal(stored) {
			writes, stored = writes+1, at
		}
		if late := time.Since(at); late > usageInterval+max(ttl, 0)+2*time.Second {
			t.Fatalf("what is stored is %v old", late)
		}
	}
	if writes < 5 || writes > 10 || ttl <= 5*time.Second && writes < 9 {
		t.Errorf("%d writes in ten minutes", writes)
	}
	// Each one learns from the store what the others wrote.
	if calls := int(store.touches.Load()); calls > 11*n {
		t.Errorf("%d calls of Touch", calls)
	}
}

// TestLastUsedLearns: who has read lately that another process wrote does not
// write.
func TestLastUsedLearns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := synced(t, Options{})
		b := newFixtureOn(t, a.store, newClock(), Options{Now: time.Now})
		good, _ := a.enabled("acme")
		for range 10 { // minutes; b comes 20 seconds after a
			a.want(200, good)
			time.Sleep(20 * time.Second)
			b.want(200, good)
			time.Sleep(40 * time.Second)
		}
		if n := a.store.touches.Load(); n != 10 {
			t.Errorf("%d calls of Touch", n)
		}
	})
}
