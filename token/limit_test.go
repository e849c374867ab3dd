package token

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scimkit/scimkit/scim"
)

func TestRate(t *testing.T) {
	f := newFixture(t, Options{Rate: 25})
	good, _ := f.enabled("acme")
	other, _ := f.enabled("other")
	for range 1000 { // a stranger uses up nothing
		f.status(mintText("scim"), "acme")
		f.status(other, "acme")
	}
	for range 50 {
		f.want(200, good)
	}
	_, err := f.Authenticate(bearer(good), "acme")
	var e *scim.Error
	if !errors.As(err, &e) || e.Status != 429 || e.RetryAfter != 1 {
		t.Errorf("%+v", err)
	}
	w := httptest.NewRecorder()
	r := bearer(good)
	r.URL.Path, r.RequestURI = "/acme/Users", "/acme/Users"
	serve(t, f.Manager, nil).ServeHTTP(w, r)
	if w.Code != 429 || w.Header().Get("Retry-After") != "1" || w.Header().Get("Content-Type") != "application/scim+json" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if got := f.status(other, "other"); got != 200 {
		t.Errorf("the other tenant: %d", got)
	}
	// 25 a second go through for ever.
	for range 500 {
		f.clock.advance(40 * time.Millisecond)
		f.want(200, good)
		if f.status(good, "acme") != 429 {
			t.Fatal("more than 25 a second")
		}
	}
}

func TestRateWaits(t *testing.T) {
	c := newClock()
	l := newLimiter(25, 25, c.now)
	for range 25 {
		if l.take("acme") != 0 {
			t.Fatal("refused")
		}
	}
	for i := range 3 {
		if got := l.take("acme"); got != 1 { // what is refused uses up nothing
			t.Errorf("refused %d: wait %d", i, got)
		}
	}
	c.advance(40 * time.Millisecond)
	if l.take("acme") != 0 {
		t.Error("refused after a 25th of a second")
	}
	c.advance(-time.Hour) // a clock that is set back
	if got := l.take("acme"); got != 1 {
		t.Errorf("an hour earlier: wait %d", got)
	}
}

// TestRateParallel: of requests at the same time as many go on as of those one
// after the other. Whenever the clock is read, a millisecond has passed.
func TestRateParallel(t *testing.T) {
	const each = 4000
	for _, workers := range []int{1, 2, 64} {
		c := newClock()
		var l *limiter
		l = newLimiter(25, 25, func() time.Time {
			if l.mu.TryLock() {
				l.mu.Unlock()
				t.Error("the clock is read where time can go back")
			}
			runtime.Gosched()
			return time.Unix(0, c.ns.Add(int64(time.Millisecond)))
		})
		var allowed, longest atomic.Int64
		var wg sync.WaitGroup
		for range workers {
			wg.Go(func() {
				for range each {
					wait := int64(l.take("acme"))
					if wait == 0 {
						allowed.Add(1)
					}
					for was := longest.Load(); wait > was && !longest.CompareAndSwap(was, wait); was = longest.Load() {
					}
				}
			})
		}
		wg.Wait()
		if want := int64(25 + each*workers/40); allowed.Load() < want-1 || allowed.Load() > want {
			t.Errorf("%d at a time: %d were allowed, want %d", workers, allowed.Load(), want)
		}
		if longest.Load() != 1 {
			t.Errorf("%d at a time: told to wait for %d s", workers, longest.Load())
		}
	}
}

// TestRateForgets: the buckets of tenants that are gone are dropped.
func TestRateForgets(t *testing.T) {
	c := newClock()
	l := newLimiter(25, 25, c.now)
	for i := range 20_000 {
		c.advance(time.Millisecond)
		l.take(fmt.Sprint(i))
	}
	if n := len(l.buckets); n > 2100 {
		t.Errorf("%d buckets", n)
	}
}
