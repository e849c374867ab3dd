package token

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// synced is a fixture in a bubble of testing/synctest, with its clock.
func synced(t *testing.T, o Options) *fixture {
	o.Now = time.Now
	o.Logger = slog.New(slog.DiscardHandler)
	return newFixture(t, o)
}

func (f *fixture) stored(tenant string) time.Time {
	t := must(f.store.Store.Tenant(context.Background(), tenant))
	return t.Tokens[len(t.Tokens)-1].LastUsedAt
}

func TestLastUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := synced(t, Options{})
		good, tok := f.enabled("acme")
		began := time.Now()
		for range 100 {
			f.want(200, good)
		}
		if at := must(f.Status(t.Context(), "acme")).LastUsedAt; !at.Equal(began) {
			t.Errorf("status: %v", at)
		}
		synctest.Wait()
		if at := f.stored("acme"); !at.Equal(began) || f.store.touches.Load() != 1 {
			t.Errorf("the first use: %v, %d writes", at, f.store.touches.Load())
		}
		// For ten minutes, four times a second.
		var last time.Time
		for range 2400 {
			time.Sleep(250 * time.Millisecond)
			last = time.Now()
			f.want(200, good)
		}
		synctest.Wait()
		if n := f.store.touches.Load(); n < 10 || n > 11 {
			t.Errorf("%d writes in ten minutes", n)
		}
		if at := must(f.Status(t.Context(), "acme")).LastUsedAt; last.Sub(at) > time.Second {
			t.Errorf("status: %v, want %v", at, last)
		}
		if at := f.stored("acme"); last.Sub(at) > usageInterval {
			t.Errorf("stored: %v, more than a minute before %v", at, last)
		}
		f.want(401, tok.ID)
		writes := f.store.touches.Load()
		time.Sleep(time.Hour)
		if n := f.store.touches.Load(); n != writes {
			t.Errorf("%d writes without a use", n-writes)
		}
	})
}

// TestLastUsedForgets: a process does not remember all tokens that it ever saw.
func TestLastUsedForgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := synced(t, Options{})
		for i := range 5000 {
			f.usage.saw(new(seen), &Token{ID: fmt.Sprint(i)}, time.Now())
			time.Sleep(100 * time.Millisecond)
		}
		if n := len(f.usage.uses); n > 2100 || len(f.usage.due) > 0 {
			t.Errorf("%d uses, %d that are due", n, len(f.usage.due))
		}
	})
}

// TestLastUsedOfRefused: a token that has proved itself was used, whatever
// became of the request; one that has not was not.
func TestLastUsedOfRefused(t *testing.T) {
	ctx := context.Background()
	for name, tt := range map[string]struct {
		prepare func(f *fixture, tok Token)
		status  int
		used    bool
	}{
		"switched off": {func(f *fixture, _ Token) { ok(f.t, f.SetEnabled(ctx, "acme", false, "mira")) }, 403, true},
		"paused":       {func(f *fixture, _ Token) { ok(f.t, f.SetPaused(ctx, "acme", true, "mira")) }, 503, true},
		"too many": {func(f *fixture, _ Token) {
			for f.limit.take("acme") == 0 {
			}
		}, 429, true},
		"revoked": {func(f *fixture, tok Token) { ok(f.t, f.Revoke(ctx, "acme", tok.ID, "mira")) }, 401, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := synced(t, Options{Rate: 25, CacheTTL: -1})
				good, tok := f.enabled("acme")
				tt.prepare(f, tok)
				f.want(tt.status, good)
				synctest.Wait()
				if at := f.stored("acme"); at.IsZero() == tt.used {
					t.Errorf("last used at %v", at)
				}
			})
		})
	}
}

// TestLastUsedNeverDelays: a store that hangs or fails when it is written to does
// not touch requests; what it did not take comes again.
func TestLastUsedNeverDelays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := &hangingTouch{Store: NewMemoryStore()}
		m, err := New(hang, Options{Logger: slog.New(slog.DiscardHandler)})
		ok(t, err)
		f := &fixture{Manager: m, t: t, clock: newClock()}
		good, _ := f.enabled("acme")
		began := time.Now()
		for range 5 {
			f.want(200, good)
			time.Sleep(time.Second)
		}
		if time.Since(began) != 5*time.Second || hang.calls.Load() != 1 {
			t.Errorf("%v, %d writes", time.Since(began), hang.calls.Load())
		}
		hang.fine.Store(true)
		time.Sleep(3 * time.Minute) // the write that hangs ends after one
		at := must(hang.Tenant(t.Context(), "acme")).Tokens[0].LastUsedAt
		if !at.Equal(began.Add(4*time.Second)) || hang.calls.Load() != 2 {
			t.Errorf("%v, %d writes", at, hang.calls.Load())
		}
		ok(t, m.Close(t.Context()))
	})
}

type hangingTouch struct {
	Store
	calls atomic.Int64
	fine  atomic.Bool
}

func (s *hangingTouch) Touch(ctx context.Context, id string, at time.Time) error {
	s.calls.Add(1)
	if !s.fine.Load() {
		<-ctx.Done()
		return ctx.Err()
	}
	return s.Store.Touch(ctx, id, at)
}

func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := synced(t, Options{})
		good, _ := f.enabled("acme")
		f.store.set(errors.New("not now"))
		f.usage.saw(new(seen), &must(f.store.Store.Tenant(t.Context(), "acme")).Tokens[0], time.Now())
		used := time.Now()
		synctest.Wait()
		time.Sleep(20 * time.Second)
		f.store.set(nil)
		if at := f.stored("acme"); !at.IsZero() {
			t.Fatalf("written: %v", at)
		}
		ok(t, f.Close(t.Context()))
		if at := f.stored("acme"); !at.Equal(used) {
			t.Errorf("%v, want %v", at, used)
		}
		time.Sleep(2 * time.Minute)
		f.want(200, good) // still verifies
		ok(t, f.Close(t.Context()))
		time.Sleep(time.Hour)
		if at := f.stored("acme"); !at.Equal(used) {
			t.Errorf("written after Close: %v", at)
		}
	})
}

func TestCloseFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := synced(t, Options{})
		good, _ := f.enabled("acme")
		f.want(200, good)
		failure := errors.New("disk full")
		f.store.set(failure)
		if err := f.Close(t.Context()); !errors.Is(err, failure) {
			t.Errorf("%v", err)
		}
	})
}

// TestLastUsedParallel is for the race detector.
func TestLastUsedParallel(t *testing.T) {
	f := newFixture(t, Options{Now: time.Now})
	var texts []string
	for i := range 5 {
		text, _ := f.enabled(fmt.Sprint("t", i))
		texts = append(texts, text)
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 200 {
				f.Authenticate(bearer(texts[(i+j)%5]), "")
				if j%50 == 0 {
					f.SetPaused(t.Context(), "t1", j%100 == 0, "mira")
					f.Status(t.Context(), "t2")
				}
			}
		})
	}
	wg.Wait()
	ok(t, f.Close(t.Context()))
	for i := range 5 {
		if f.stored(fmt.Sprint("t", i)).IsZero() {
			t.Errorf("tenant %d has no use", i)
		}
	}
}

// TestExpiryNotices: one event each 30, 7 and 1 days before the end, whatever the
// number of processes.
func TestExpiryNotices(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := synced(t, Options{})
		b := newFixtureOn(t, a.store, newClock(), Options{Now: time.Now})
		ok(t, a.SetEnabled(t.Context(), "acme", true, "mira"))
		gen := func(days int) string {
			s, _, err := a.Generate(t.Context(), "acme", GenerateOptions{Name: fmt.Sprint(days), ExpiresIn: time.Duration(days) * 24 * time.Hour, Actor: "mira"})
			ok(t, err)
			return s.Reveal()
		}
		long, short := gen(60), gen(7)
		var days []string
		for day := range 60 {
			a.status(long, "acme")
			b.status(long, "acme")
			b.status(short, "acme")
			synctest.Wait()
			for _, e := range must(a.Events(t.Context(), "acme", 0, 0)) {
				if e.Action == "token.expiring" && e.Actor == "system" && time.Since(e.Time) < time.Hour {
					days = append(days, fmt.Sprint(e.TokenName, " on day ", day))
				}
			}
			time.Sleep(24 * time.Hour)
		}
		if got := fmt.Sprint(days); got != "[7 on day 6 60 on day 30 60 on day 53 60 on day 59]" {
			t.Error(got)
		}
	})
}
