package token

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestRotation: complete, cancel, one step, what is refused.
func TestRotation(t *testing.T) {
	ctx := t.Context()
	t.Run("complete", func(t *testing.T) {
		f := newFixture(t, Options{})
		old, tok := f.enabled("acme")
		s, made, err := f.StartRotation(ctx, "acme", tok.ID, RotateOptions{Actor: "jo", Overlap: week})
		ok(t, err)
		ok(t, f.CompleteRotation(ctx, "acme", made.ID, "jo"))
		f.want(401, old)
		f.want(200, s.Reveal())
		if err := f.CompleteRotation(ctx, "acme", tok.ID, "jo"); !errors.Is(err, ErrState) {
			t.Errorf("complete again: %v", err)
		}
	})
	t.Run("cancel", func(t *testing.T) {
		f := newFixture(t, Options{})
		old, tok := f.enabled("acme")
		s, _, err := f.StartRotation(ctx, "acme", tok.ID, RotateOptions{Actor: "jo"})
		ok(t, err)
		ok(t, f.CancelRotation(ctx, "acme", tok.ID, "jo"))
		f.want(200, old)
		f.want(401, s.Reveal())
		f.clock.advance(25 * time.Hour)
		f.want(200, old)
		if err := f.CancelRotation(ctx, "acme", tok.ID, "jo"); !errors.Is(err, ErrState) {
			t.Errorf("cancel again: %v", err)
		}
		_, _, err = f.StartRotation(ctx, "acme", tok.ID, RotateOptions{Actor: "jo"})
		ok(t, err)
	})
	t.Run("one step", func(t *testing.T) {
		f := newFixture(t, Options{MaxTokens: 1})
		old, tok := f.enabled("acme")
		s, made, err := f.Rotate(ctx, "acme", tok.ID, "jo")
		ok(t, err)
		f.want(401, old)
		f.want(200, s.Reveal())
		if made.Name != "Okta" || made.CreatedBy != "jo" || len(made.Scopes) != 2 {
			t.Errorf("%+v", made)
		}
		if _, _, err := f.Rotate(ctx, "acme", tok.ID, "jo"); !errors.Is(err, ErrState) {
			t.Errorf("a token that has ended: %v", err)
		}
		if _, _, err := f.StartRotation(ctx, "acme", made.ID, RotateOptions{Actor: "jo"}); !errors.Is(err, ErrLimit) {
			t.Errorf("no room: %v", err)
		}
		f.want(200, s.Reveal())
	})
	t.Run("refused", func(t *testing.T) {
		f := newFixture(t, Options{MaxTokens: 5, MaxOverlap: time.Hour})
		_, tok := f.enabled("acme")
		_, made, err := f.StartRotation(ctx, "acme", tok.ID, RotateOptions{Actor: "jo"})
		ok(t, err)
		if ends := made.CreatedAt.Add(time.Hour); true {
			status, _ := f.Status(ctx, "acme")
			if got := status.Tokens[1]; !got.RotationEnds.Equal(ends) || !got.Ends().Equal(ends) || got.State(f.clock.now()) != Rotating {
				t.Errorf("%+v", got)
			}
		}
		for _, id := range []string{tok.ID, made.ID} {
			if _, _, err := f.StartRotation(ctx, "acme", id, RotateOptions{Actor: "jo"}); !errors.Is(err, ErrState) {
				t.Errorf("within a rotation: %v", err)
			}
			if _, _, err := f.Rotate(ctx, "acme", id, "jo"); !errors.Is(err, ErrState) {
				t.Errorf("within a rotation: %v", err)
			}
		}
		for _, overlap := range []time.Duration{-1, time.Hour + 1} {
			if _, _, err := f.StartRotation(ctx, "acme", tok.ID, RotateOptions{Actor: "jo", Overlap: overlap}); !errors.Is(err, ErrInvalid) {
				t.Errorf("overlap %v: %v", overlap, err)
			}
		}
		if n := len(must(f.Events(ctx, "acme", 0, 0))); n != 3 {
			t.Errorf("%d events", n)
		}
	})
	t.Run("lifetime", func(t *testing.T) {
		f := newFixture(t, Options{MaxLifetime: 100 * time.Hour})
		ok(t, f.SetEnabled(ctx, "acme", true, "mira"))
		_, long, err := f.Generate(ctx, "acme", GenerateOptions{Actor: "mira"})
		ok(t, err)
		_, short, err := f.Generate(ctx, "acme", GenerateOptions{Actor: "mira", ExpiresIn: time.Hour})
		ok(t, err)
		f.clock.advance(time.Minute)
		_, next, err := f.Rotate(ctx, "acme", short.ID, "mira")
		ok(t, err)
		if got := next.ExpiresAt.Sub(next.CreatedAt); got != time.Hour || long.ExpiresAt.Sub(long.CreatedAt) != 100*time.Hour {
			t.Errorf("%v, %v", got, long.ExpiresAt)
		}
	})
}

// TestRevokeWithinRotation: revoking either token ends the rotation, and what is
// left can be rotated again.
func TestRevokeWithinRotation(t *testing.T) {
	for _, tt := range []struct {
		name          string
		successor     bool // is revoked, or else the old one
		after         time.Duration
		old, new      int // statuses afterwards, and two days later
		event, second string
		rotates       bool // what is left may be rotated
	}{
		{"the successor", true, 0, 200, 401, "token.rotation.cancelled old new", "token.revoked new ", true},
		{"the old one", false, 0, 401, 200, "token.rotation.completed old new", "token.revoked old ", true},
		{"the successor, after the overlap", true, 25 * time.Hour, 401, 401, "token.rotation.started old new", "token.revoked new ", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ctx := t.Context()
			var told []Event
			f := newFixture(t, Options{CacheTTL: time.Minute, OnEvent: func(_ context.Context, e Event) { told = append(told, e) }})
			old, tok := f.enabled("acme")
			s, made, err := f.StartRotation(ctx, "acme", tok.ID, RotateOptions{Actor: "jo"})
			ok(t, err)
			f.want(200, old, s.Reveal()) // and both are in the cache
			f.clock.advance(tt.after)
			id, left := tok.ID, made.ID
			if tt.successor {
				id, left = made.ID, tok.ID
			}
			ok(t, f.Revoke(ctx, "acme", id, "jo"))
			ok(t, f.Revoke(ctx, "acme", id, "jo")) // nothing more
			name := strings.NewReplacer(tok.ID, "old", made.ID, "new").Replace
			show := func(e Event) string { return name(fmt.Sprint(e.Action, " ", e.Token, " ", e.Successor)) }
			log := must(f.Events(ctx, "acme", 0, 2)) // the newest first
			if show(log[1]) != tt.event || show(log[0]) != tt.second || log[0].Actor != "jo" || log[0].TokenName != "Okta" || log[0].Seq != log[1].Seq+1 {
				t.Errorf("%+v", log)
			}
			if n := len(told); told[n-1] != log[0] || told[n-2] != log[1] {
				t.Errorf("told %+v", told)
			}
			for _, end := range []func(context.Context, string, string, string) error{f.CompleteRotation, f.CancelRotation} {
				for _, id := range []string{tok.ID, made.ID} {
					if err := end(ctx, "acme", id, "jo"); !errors.Is(err, ErrState) {
						t.Errorf("ended again: %v", err)
					}
				}
			}
			for range 2 {
				f.want(tt.old, old)
				f.want(tt.new, s.Reveal())
				f.clock.advance(48 * time.Hour)
			}
			if _, _, err := f.StartRotation(ctx, "acme", left, RotateOptions{Actor: "jo"}); tt.rotates != (err == nil) {
				t.Errorf("rotate what is left: %v", err)
			}
		})
	}
}

// TestSuccessorThatEnded: a row that says that a rotation is under way to a
// token that has ended, which no Manager writes, can be cancelled and ended but
// not completed.
func TestSuccessorThatEnded(t *testing.T) {
	for name, spoil := range map[string]func(t *Tenant){
		"revoked": func(t *Tenant) { t.Tokens[1].RevokedAt = t.Tokens[1].CreatedAt },
		"expired": func(t *Tenant) { t.Tokens[1].ExpiresAt = t.Tokens[1].CreatedAt },
		"gone":    func(t *Tenant) { t.Tokens = t.Tokens[:1] },
	} {
		for _, revoke := range []bool{false, true} {
			ctx := t.Context()
			f := newFixture(t, Options{})
			old, tok := f.enabled("acme")
			_, _, err := f.StartRotation(ctx, "acme", tok.ID, RotateOptions{Actor: "jo"})
			ok(t, err)
			ok(t, f.store.Update(ctx, "acme", func(t *Tenant) ([]Event, error) { spoil(t); return nil, nil }))
			if err := f.CompleteRotation(ctx, "acme", tok.ID, "jo"); !errors.Is(err, ErrState) {
				t.Errorf("%s: complete: %v", name, err)
			}
			f.want(200, old)
			status, action := 200, "token.rotation.cancelled"
			if revoke {
				ok(t, f.Revoke(ctx, "acme", tok.ID, "jo"))
				status = 401
			} else {
				ok(t, f.CancelRotation(ctx, "acme", tok.ID, "jo"))
			}
			f.clock.advance(48 * time.Hour)
			f.want(status, old)
			log := must(f.Events(ctx, "acme", 0, 2))
			if !revoke && log[0].Action != action || revoke && log[1].Action != action {
				t.Errorf("%s: %+v", name, log)
			}
		}
	}
}

// TestRotationWithinSuccessor: whatever lifetimes and overlaps there are, a
// successor works for as long as its rotation is under way, also where the
// longest lifetime has become shorter since the old token was made.
func TestRotationWithinSuccessor(t *testing.T) {
	const hour = time.Hour
	for _, lifetime := range []time.Duration{0, hour, 30 * hour, 400 * hour} {
		for _, longest := range []time.Duration{0, hour, 48 * hour, 300 * hour} {
			for _, overlap := range []time.Duration{0, hour / 2, hour, 24 * hour, week} {
				ctx, store, clock := t.Context(), &counting{Store: NewMemoryStore()}, newClock()
				_, tok, err := newFixtureOn(t, store, clock, Options{}).Generate(ctx, "acme", GenerateOptions{ExpiresIn: lifetime, Actor: "mira"})
				ok(t, err)
				clock.advance(hour / 4)
				f := newFixtureOn(t, store, clock, Options{MaxLifetime: longest})
				_, made, err := f.StartRotation(ctx, "acme", tok.ID, RotateOptions{Overlap: overlap, Actor: "mira"})
				if tooLong := longest > 0 && overlap > longest; errors.Is(err, ErrInvalid) != tooLong {
					t.Errorf("lifetimes %v and %v, overlap %v: %v", lifetime, longest, overlap, err)
				}
				if err != nil {
					continue
				}
				old := must(store.Tenant(ctx, "acme")).Tokens[0]
				if !made.ExpiresAt.IsZero() && (old.Ends().IsZero() || made.ExpiresAt.Before(old.Ends())) {
					t.Errorf("lifetimes %v and %v, overlap %v: the rotation ends at %v, the successor at %v", lifetime, longest, overlap, old.Ends(), made.ExpiresAt)
				}
			}
		}
	}
}

// TestLimitUnderLoad: 50 callers at a time never get one token too many.
func TestLimitUnderLoad(t *testing.T) {
	f := newFixture(t, Options{MaxTokens: 2})
	_, first := f.enabled("acme")
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			var err error
			switch i % 3 {
			case 0:
				_, _, err = f.Generate(t.Context(), "acme", GenerateOptions{Actor: "mira"})
			case 1:
				_, _, err = f.StartRotation(t.Context(), "acme", first.ID, RotateOptions{Actor: "mira"})
			case 2:
				_, _, err = f.Rotate(t.Context(), "acme", first.ID, "mira")
			}
			if err != nil && !errors.Is(err, ErrLimit) && !errors.Is(err, ErrState) {
				t.Error(err)
			}
			if tenant := must(f.store.Tenant(t.Context(), "acme")); tenant.live(f.clock.now()) > 2 {
				t.Errorf("%d live tokens", tenant.live(f.clock.now()))
			}
		})
	}
	wg.Wait()
}

// TestEndedTokensAreForgotten: a tenant that rotates for years stays small.
func TestEndedTokensAreForgotten(t *testing.T) {
	f := newFixture(t, Options{})
	_, tok := f.enabled("acme")
	var first string
	for i := range 40 {
		if i == 0 {
			first = tok.ID
		}
		f.clock.advance(time.Minute)
		_, next, err := f.Rotate(t.Context(), "acme", tok.ID, "mira")
		ok(t, err)
		tok = next
	}
	status := must(f.Status(t.Context(), "acme"))
	if n := len(status.Tokens); n != keepEnded+1 || status.Tokens[0].ID != tok.ID {
		t.Errorf("%d tokens", n)
	}
	if _, _, err := f.store.Find(t.Context(), first); !errors.Is(err, ErrNotFound) {
		t.Errorf("the first token: %v", err)
	}
	if n := len(must(f.Events(t.Context(), "acme", 0, 0))); n != 42 {
		t.Errorf("%d events", n)
	}
}
