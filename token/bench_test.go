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

// TestVerifyCounts: what verifying costs does not grow with the tokens there
// are: one look-up and one HMAC, then none.
func TestVerifyCounts(t *testing.T) {
	for _, n := range []int{1, 2000} {
		m, store, requests := many(t, n, Options{CacheTTL: time.Minute})
		m.macs.Store(0)
		for range 3 {
			for _, r := range requests {
				if _, err := m.Authenticate(r, ""); err != nil {
					t.Fatal(err)
				}
			}
		}
		if finds, tenants, macs := store.finds.Load(), store.tenants.Load(), m.macs.Load(); finds != int64(n) || tenants != 0 || macs != int64(n) {
			t.Errorf("%d tokens: %d, %d look-ups, %d HMACs", n, finds, tenants, macs)
		}
		r := requests[n/2]
		if a := testing.AllocsPerRun(100, func() { m.Authenticate(r, "") }); a > 3 {
			t.Errorf("%d tokens: %v allocations", n, a)
		}
	}
}
