package tokentest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/scimkit/scimkit/token"
)

func isNotFound(err error) bool { return errors.Is(err, token.ErrNotFound) }

func unknown(ctx context.Context, s token.Store) error {
	return errors.Join(
		absent(ctx, s, id(1), ""),
		holds(ctx, s, "acme", token.Settings{}),
		logged(ctx, s, "acme", 0),
		s.Touch(ctx, id(1), base),
		absent(ctx, s, id(1)),
	)
}

func roundTrip(ctx context.Context, s token.Store) error {
	empty := bare("acme", id(2))
	empty.Scopes = nil
	far := bare("acme", id(3))
	far.ExpiresAt = time.Date(2126, 1, 1, 0, 0, 0, 1000, time.UTC)
	if err := put(ctx, s, "acme", full("acme", id(1)), empty, far); err != nil {
		return err
	}
	for _, settings := range []token.Settings{{Enabled: true}, {Paused: true}, {Enabled: true, Paused: true}, {}} {
		err := s.Update(ctx, "acme", func(t *token.Tenant) ([]token.Event, error) {
			t.Settings = settings
			return nil, nil
		})
		if err != nil {
			return err
		}
		if err := holds(ctx, s, "acme", settings, full("acme", id(1)), empty, far); err != nil {
			return err
		}
	}
	return nil
}

func letterCase(ctx context.Context, s token.Store) error {
	if err := put(ctx, s, "acme", bare("acme", "AbCdEfGhIjKl")); err != nil {
		return err
	}
	if err := absent(ctx, s, "abcdefghijkl", "ABCDEFGHIJKL", "AbCdEfGhIjKl ", "AbCdEfGhIjK", "AbCdEfGhIjK_"); err != nil {
		return err
	}
	if err := put(ctx, s, "acme", bare("acme", "aBcDeFgHiJkL")); err != nil {
		return fmt.Errorf("an id that differs in letter case only: %w", err)
	}
	return holds(ctx, s, "acme", token.Settings{}, bare("acme", "AbCdEfGhIjKl"), bare("acme", "aBcDeFgHiJkL"))
}

func order(ctx context.Context, s token.Store) error {
	var want []token.Token
	for _, n := range []int{5, 3, 9, 1, 7} {
		t := bare("acme", id(n))
		t.CreatedAt = base.Add(-time.Duration(n) * time.Second) // a clock may go back
		if err := put(ctx, s, "acme", t); err != nil {
			return err
		}
		want = append(want, t)
	}
	return holds(ctx, s, "acme", token.Settings{}, want...)
}

func edit(ctx context.Context, s token.Store) error {
	if err := put(ctx, s, "acme", full("acme", id(1)), full("acme", id(2)), full("acme", id(3))); err != nil {
		return err
	}
	changed := bare("acme", id(2))
	changed.Name = "new"
	err := s.Update(ctx, "acme", func(t *token.Tenant) ([]token.Event, error) {
		if len(t.Tokens) != 3 {
			return nil, fmt.Errorf("edit got %d tokens, want 3", len(t.Tokens))
		}
		t.Paused = true
		t.Tokens = []token.Token{changed, t.Tokens[2], bare("acme", id(4))}
		return nil, nil
	})
	if err != nil {
		return err
	}
	return errors.Join(
		holds(ctx, s, "acme", token.Settings{Paused: true}, changed, full("acme", id(3)), bare("acme", id(4))),
		absent(ctx, s, id(1)),
		put(ctx, s, "other", bare("other", id(1))), // the id is free again
	)
}

// spoil is an edit that changes everything.
func spoil(t *token.Tenant) []token.Event {
	t.Enabled = true
	for i := range t.Tokens {
		t.Tokens[i].Name = "spoilt"
	}
	t.Tokens = append(t.Tokens[:1], bare("acme", id(9)))
	return []token.Event{{Time: base, Actor: "mira", Action: "scim.enabled"}}
}

// unspoilt checks that nothing of it was stored.
func unspoilt(ctx context.Context, s token.Store) error {
	return errors.Join(
		holds(ctx, s, "acme", token.Settings{}, bare("acme", id(1)), bare("acme", id(2))),
		absent(ctx, s, id(9)),
		logged(ctx, s, "acme", 2),
	)
}

func editFails(ctx context.Context, s token.Store) error {
	if err := put(ctx, s, "acme", bare("acme", id(1)), bare("acme", id(2))); err != nil {
		return err
	}
	failure := errors.New("edit failed")
	err := s.Update(ctx, "acme", func(t *token.Tenant) ([]token.Event, error) { return spoil(t), failure })
	if !errors.Is(err, failure) {
		return fmt.Errorf("the result of Update is %v, want the error of edit", err)
	}
	return unspoilt(ctx, s)
}

func editPanics(ctx context.Context, s token.Store) error {
	if err := put(ctx, s, "acme", bare("acme", id(1)), bare("acme", id(2))); err != nil {
		return err
	}
	func() {
		defer func() { recover() }() // a store may also make an error of it
		s.Update(ctx, "acme", func(t *token.Tenant) ([]token.Event, error) {
			spoil(t)
			panic("edit")
		})
	}()
	if err := unspoilt(ctx, s); err != nil {
		return err
	}
	return put(ctx, s, "acme", bare("acme", id(3)))
}

func contextOver(ctx context.Context, s token.Store) error {
	if err := put(ctx, s, "acme", bare("acme", id(1)), bare("acme", id(2))); err != nil {
		return err
	}
	over, cancel := context.WithCancel(ctx)
	cancel()
	if err := s.Update(over, "acme", func(t *token.Tenant) ([]token.Event, error) { return spoil(t), nil }); err == nil {
		return errors.New("an Update with a context that is over gave no error")
	}
	return unspoilt(ctx, s)
}

func foreignID(ctx context.Context, s token.Store) error {
	mine, yours := full("acme", id(1)), full("evil", id(1))
	yours.Digest, yours.Name = []byte{6, 6, 6}, "evil"
	if err := put(ctx, s, "acme", mine); err != nil {
		return err
	}
	if err := put(ctx, s, "evil", bare("evil", id(2)), yours); err == nil {
		return errors.New("a token with the id of another tenant's gave no error")
	}
	return errors.Join(
		holds(ctx, s, "acme", token.Settings{}, mine),
		holds(ctx, s, "evil", token.Settings{}),
		absent(ctx, s, id(2)),
		logged(ctx, s, "evil", 0),
	)
}

func doubleID(ctx context.Context, s token.Store) error {
	if err := put(ctx, s, "acme", bare("acme", id(1))); err != nil {
		return err
	}
	if err := put(ctx, s, "acme", bare("acme", id(1))); err == nil {
		return errors.New("an id that the tenant has already gave no error")
	}
	if err := put(ctx, s, "acme", bare("acme", id(2)), bare("acme", id(2))); err == nil {
		return errors.New("two new tokens with one id gave no error")
	}
	return errors.Join(holds(ctx, s, "acme", token.Settings{}, bare("acme", id(1))), logged(ctx, s, "acme", 1))
}

func tenants(ctx context.Context, s token.Store) error {
	names := []string{"acme", "Acme", "acme ", " acme", "", "acme'; --", "acme%", "acme_", "ácme", "a\u0301cme"}
	for i, name := range names {
		if err := put(ctx, s, name, bare(name, id(i))); err != nil {
			return fmt.Errorf("tenant %q: %w", name, err)
		}
	}
	for i, name := range names {
		err := errors.Join(holds(ctx, s, name, token.Settings{}, bare(name, id(i))), logged(ctx, s, name, 1))
		if err != nil {
			return err
		}
	}
	return nil
}
