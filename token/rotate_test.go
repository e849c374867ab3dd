package token

import (
	"errors"
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
	t.Run("cancel after the successor was revoked", func(t *testing.T) {
		f := newFixture(t, Options{})
		old, tok := f.enabled("acme")
		_, made, err := f.StartRotation(ctx, "acme", tok.ID, RotateOptions{Actor: "jo"})
		ok(t, err)
		ok(t, f.Revoke(ctx, "acme", made.ID, "jo"))
		if err := f.CompleteRotation(ctx, "acme", tok.ID, "jo"); !errors.Is(err, ErrState) {
			t.Errorf("complete without a successor: %v", err)
		}
		ok(t, f.CancelRotation(ctx, "acme", made.ID, "jo"))
		f.clock.advance(48 * time.Hour)
		f.want(200, old)
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
