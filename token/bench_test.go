package token

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

// many is a Manager with n live tokens, a hundred for each tenant, and requests
// that bear them.
func many(tb testing.TB, n int, o Options) (*Manager, *counting, []*http.Request) {
	store := &counting{Store: NewMemoryStore()}
	o.MaxTokens = 100
	m, err := New(store, o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { m.Close(tb.Context()) })
	var requests []*http.Request
	for i := range n {
		tenant := fmt.Sprint("t", i/100)
		if i%100 == 0 {
			must(0, m.SetEnabled(tb.Context(), tenant, true, "mira"))
		}
		s, _, err := m.Generate(tb.Context(), tenant, GenerateOptions{Actor: "mira"})
		if err != nil {
			tb.Fatal(err)
		}
		requests = append(requests, bearer(s.Reveal()))
	}
	return m, store, requests
}

// BenchmarkVerify: known is from the cache, cold from a memory store, refused is
// a token that there is not. One token is verified, of as many as there are; in
// turn, all are, which is a matter of the processor's caches.
func BenchmarkVerify(b *testing.B) {
	for _, n := range []int{1, 10_000} {
		for _, bb := range []struct {
			name string
			ttl  time.Duration
		}{{"known", time.Minute}, {"cold", -1}} {
			m, _, requests := many(b, n, Options{CacheTTL: bb.ttl})
			for _, r := range requests {
				if _, err := m.Authenticate(r, ""); err != nil {
					b.Fatal(err)
				}
			}
			run := func(name string, requests []*http.Request) {
				b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
					b.ReportAllocs()
					i := 0
					for b.Loop() {
						if _, err := m.Authenticate(requests[i%len(requests)], ""); err != nil {
							b.Fatal(err)
						}
						i++
					}
				})
			}
			run(bb.name, requests[n/2:n/2+1])
			if n > 1 {
				run(bb.name+", in turn", requests)
			}
		}
	}
	b.Run("refused", func(b *testing.B) {
		m, _, _ := many(b, 1, Options{CacheTTL: -1})
		r := bearer(mintText("scim"))
		for b.Loop() {
			m.Authenticate(r, "t0")
		}
	})
}

// TestVerifyCounts: verifying costs the same for one live token and for 10,000:
// look-ups, HMACs and allocations are counted, from the store and from the cache.
func TestVerifyCounts(t *testing.T) {
	type cost struct {
		finds, tenants, macs int64
		allocs               float64
	}
	for name, tt := range map[string]struct {
		ttl  time.Duration
		want cost // of a call; the allocations are at most these
	}{
		"cold":   {-1, cost{1, 0, 1, 24}},
		"cached": {time.Minute, cost{0, 0, 0, 3}},
	} {
		costs := map[int]cost{}
		for _, n := range []int{1, 10_000} {
			m, store, requests := many(t, n, Options{CacheTTL: tt.ttl})
			verify := func(r *http.Request) {
				if _, err := m.Authenticate(r, ""); err != nil {
					t.Fatal(err)
				}
			}
			for _, r := range requests {
				verify(r) // those that are kept are known from here on
			}
			for _, i := range []int{0, n / 2, n - 1} {
				allocs := testing.AllocsPerRun(100, func() { verify(requests[i]) })
				finds, tenants, macs := store.finds.Load(), store.tenants.Load(), m.macs.Load()
				verify(requests[i])
				got := cost{store.finds.Load() - finds, store.tenants.Load() - tenants, m.macs.Load() - macs, allocs}
				if first, seen := costs[n]; seen && got != first {
					t.Errorf("%s, %d tokens: token %d costs %+v, the first %+v", name, n, i, got, first)
				}
				costs[n] = got
				if got.allocs > tt.want.allocs {
					t.Errorf("%s, %d tokens: %v allocations", name, n, got.allocs)
				}
				if got.allocs = tt.want.allocs; got != tt.want {
					t.Errorf("%s, %d tokens: %+v, want %+v", name, n, got, tt.want)
				}
			}
		}
		if costs[1] != costs[10_000] {
			t.Errorf("%s: one token costs %+v, 10,000 cost %+v", name, costs[1], costs[10_000])
		}
	}
}

// TestVerifyOnce: all of 10,000 tokens are looked up once while they are kept.
func TestVerifyOnce(t *testing.T) {
	m, store, requests := many(t, 10_000, Options{CacheTTL: time.Minute})
	m.macs.Store(0)
	for range 3 {
		for _, r := range requests {
			if _, err := m.Authenticate(r, ""); err != nil {
				t.Fatal(err)
			}
		}
	}
	if finds, macs := store.finds.Load(), m.macs.Load(); finds != 10_000 || macs != 10_000 {
		t.Errorf("%d look-ups, %d HMACs", finds, macs)
	}
}
