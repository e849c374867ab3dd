package token

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestCache: what is kept, for how long, and how much of it.
func TestCache(t *testing.T) {
	f := newFixture(t, Options{})
	good, tok := f.enabled("acme")
	looks := func(want int64, what string) {
		t.Helper()
		if got := f.store.finds.Swap(0); got != want {
			t.Errorf("%s: %d look-ups, want %d", what, got, want)
		}
	}
	for range 10 {
		f.want(200, good)
	}
	looks(1, "granted")
	f.clock.advance(5*time.Second - 1)
	f.want(200, good)
	looks(0, "within the TTL")
	f.clock.advance(1)
	f.want(200, good)
	looks(1, "after the TTL")
	ok(t, f.SetPaused(t.Context(), "other", true, "mira"))
	f.want(200, good)
	looks(0, "after a change of another tenant")
	ok(t, f.Revoke(t.Context(), "acme", tok.ID, "mira"))
	f.want(401, good)
	looks(1, "after a revocation")

	for range cacheBound*2 + 100 {
		f.status(mintText("scim"), "acme")
	}
	if n := len(f.found.kept[refused].young) + len(f.found.kept[refused].old); n > 2*cacheBound {
		t.Errorf("%d refusals are kept", n)
	}
	if n := len(f.found.flights); n != 0 {
		t.Errorf("%d look-ups under way", n)
	}
}

// TestFloodKeepsGranted: refusals do not push out what was granted.
func TestFloodKeepsGranted(t *testing.T) {
	f := newFixture(t, Options{CacheTTL: time.Minute})
	good, _ := f.enabled("acme")
	f.want(200, good)
	for range 3 * cacheBound {
		f.status(mintText("scim"), "acme")
	}
	f.store.finds.Store(0)
	f.want(200, good)
	if n := f.store.finds.Load(); n != 0 {
		t.Errorf("%d look-ups", n)
	}
}

// TestOneLookUp: requests at the same time wait for one look-up, also if the
// first of them goes away; a panic in it does not leave the others waiting.
func TestOneLookUp(t *testing.T) {
	f := newFixture(t, Options{})
	good, _ := f.enabled("acme")
	f.store.wait = make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { f.Authenticate(bearer(good).WithContext(ctx), "acme") })
	for f.store.finds.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	for range 20 {
		wg.Go(func() {
			if got := f.status(good, "acme"); got != 200 {
				t.Errorf("%d", got)
			}
		})
	}
	wg.Go(func() { // one that waits may leave, too
		if got := statusOf(f.Authenticate(bearer(good).WithContext(ctx), "acme")); got != 503 && got != 200 {
			t.Errorf("%d", got)
		}
	})
	cancel()
	time.Sleep(20 * time.Millisecond)
	close(f.store.wait)
	wg.Wait()
	if n := f.store.finds.Load(); n != 1 {
		t.Errorf("%d look-ups", n)
	}
}

func TestLookUpPanics(t *testing.T) {
	c := cache[int, int]{ttl: time.Minute}
	began, goOn := make(chan bool), make(chan bool)
	go func() {
		defer func() { recover() }()
		c.fill(t.Context(), 1, time.Now, func() (int, int, error) {
			close(began)
			<-goOn
			panic("store")
		})
	}()
	<-began
	done := make(chan error)
	go func() {
		_, err := c.fill(t.Context(), 1, time.Now, func() (int, int, error) { return 2, granted, nil })
		done <- err
	}()
	time.Sleep(10 * time.Millisecond)
	close(goOn)
	if err := <-done; err != nil && err != errLookFailed {
		t.Error(err)
	}
	if v, err := c.fill(t.Context(), 1, time.Now, func() (int, int, error) { return 3, granted, nil }); err != nil || v < 2 {
		t.Errorf("%d, %v", v, err)
	}
}

// TestRevokedDuringLookUp: a look-up that began before a revocation is not kept,
// and nobody who comes after it waits for it.
func TestRevokedDuringLookUp(t *testing.T) {
	f := newFixture(t, Options{CacheTTL: time.Minute})
	good, tok := f.enabled("acme")
	read, goOn := make(chan bool), make(chan bool)
	slow := &slowFind{Store: f.store.Store, read: read, goOn: goOn}
	f.Manager.store = slow
	early := make(chan int)
	go func() { early <- f.status(good, "acme") }()
	<-read // it has read the token as it was
	ok(t, f.Revoke(t.Context(), "acme", tok.ID, "mira"))
	f.want(401, good)
	close(goOn)
	<-early // began before, may be either
	f.want(401, good)
}

// slowFind holds back the answer of the first Find.
type slowFind struct {
	Store
	held       atomic.Bool
	read, goOn chan bool
}

func (s *slowFind) Find(ctx context.Context, id string) (Token, Settings, error) {
	t, set, err := s.Store.Find(ctx, id)
	if !s.held.Swap(true) {
		close(s.read)
		<-s.goOn
	}
	return t, set, err
}

// TestOtherManager is R13 with two Managers on one store: whoever revokes sees
// it at once, the other within the TTL.
func TestOtherManager(t *testing.T) {
	for _, ttl := range []time.Duration{-1, time.Second, 5 * time.Second, time.Minute} {
		store, clock := &counting{Store: NewMemoryStore()}, newClock()
		a := newFixtureOn(t, store, clock, Options{CacheTTL: ttl})
		b := newFixtureOn(t, store, clock, Options{CacheTTL: ttl})
		good, tok := a.enabled("acme")
		a.want(200, good)
		b.want(200, good)
		ok(t, a.SetEnabled(t.Context(), "acme", false, "mira"))
		a.want(403, good)
		clock.advance(max(ttl, 0))
		b.want(403, good)
		ok(t, a.SetEnabled(t.Context(), "acme", true, "mira"))
		clock.advance(max(ttl, 0))
		b.want(200, good)
		ok(t, a.Revoke(t.Context(), "acme", tok.ID, "mira"))
		a.want(401, good)
		if ttl > 0 {
			clock.advance(ttl - 1)
			b.want(200, good) // shows that the cache is there
			clock.advance(1)
		}
		b.want(401, good)
	}
}

// TestTellsAfterForgetting: whoever hears of a revocation finds it in effect.
func TestTellsAfterForgetting(t *testing.T) {
	var f *fixture
	var good string
	f = newFixture(t, Options{OnEvent: func(_ context.Context, e Event) {
		if e.Action == "token.revoked" {
			f.want(401, good)
		}
	}})
	text, tok := f.enabled("acme")
	good = text
	f.want(200, good)
	ok(t, f.Revoke(t.Context(), "acme", tok.ID, "mira"))
}
