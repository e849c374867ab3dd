package tokentest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/scimkit/scimkit/token"
)

func events(ctx context.Context, s token.Store) error {
	var want []token.Event
	for i := range 5 {
		for _, tenant := range []string{"acme", "other"} {
			pair := []token.Event{
				{Time: base.Add(time.Duration(-i) * time.Minute), Tenant: tenant, Actor: "Mira 'x' ü", Action: "token.rotation.started", Token: id(i), TokenName: "Okta", Successor: id(i + 1)},
				{Time: base, Tenant: tenant, Actor: "jo", Action: "scim.paused"},
			}
			for j, e := range pair {
				if e.Seq = int64(2*i + j + 1); tenant == "acme" {
					want = append(want, e)
				}
			}
			if err := s.Update(ctx, tenant, func(*token.Tenant) ([]token.Event, error) { return pair, nil }); err != nil {
				return err
			}
			for j := range pair {
				if n := int64(2*i + j + 1); pair[j].Seq != n {
					return fmt.Errorf("tenant %s: in the slice that edit returned, event %d has the number %d", tenant, n, pair[j].Seq)
				}
			}
		}
	}
	slices.Reverse(want)
	for _, tt := range []struct {
		before   int64
		limit    int
		from, to int
	}{{0, 100, 0, 10}, {0, 3, 0, 3}, {8, 3, 3, 6}, {8, 100, 3, 10}, {1, 5, 10, 10}, {11, 10, 0, 10}, {1000, 1, 0, 1}} {
		got, err := s.Events(ctx, "acme", tt.before, tt.limit)
		if err != nil {
			return err
		}
		if len(got) != tt.to-tt.from {
			return fmt.Errorf("Events(before %d, limit %d): %d events, want %d", tt.before, tt.limit, len(got), tt.to-tt.from)
		}
		for i, e := range got {
			if err := sameEvent(e, want[tt.from+i]); err != nil {
				return fmt.Errorf("Events(before %d, limit %d): %w", tt.before, tt.limit, err)
			}
		}
	}
	return nil
}

func eventsOfFailure(ctx context.Context, s token.Store) error {
	for i := range 3 {
		s.Update(ctx, "acme", func(t *token.Tenant) ([]token.Event, error) { return spoil2(t), errors.New("edit failed") })
		if err := put(ctx, s, "acme", bare("acme", id(i))); err != nil {
			return err
		}
	}
	return logged(ctx, s, "acme", 3)
}

func spoil2(t *token.Tenant) []token.Event {
	t.Tokens = append(t.Tokens, bare("acme", id(99)))
	return []token.Event{{Time: base, Actor: "mira", Action: "token.generated"}}
}

func memory(ctx context.Context, s token.Store) error {
	want, given := full("acme", id(1)), full("acme", id(1))
	var kept *token.Tenant
	log := []token.Event{{Time: base, Actor: "mira", Action: "scim.enabled"}}
	err := s.Update(ctx, "acme", func(t *token.Tenant) ([]token.Event, error) {
		t.Tokens = append(t.Tokens, given)
		kept = t
		return log, nil
	})
	if err != nil {
		return err
	}
	spoilToken := func(t *token.Token) {
		t.Digest[0], t.Scopes[0], t.Name = 0xff, "*:write", "spoilt"
	}
	spoilToken(&given)
	spoilToken(&kept.Tokens[0])
	log[0].Actor = "spoilt"
	if err := holds(ctx, s, "acme", token.Settings{}, want); err != nil {
		return fmt.Errorf("after changing what Update was given: %w", err)
	}
	t, err := s.Tenant(ctx, "acme")
	if err != nil {
		return err
	}
	spoilToken(&t.Tokens[0])
	found, _, err := s.Find(ctx, id(1))
	if err != nil {
		return err
	}
	spoilToken(&found)
	got, err := s.Events(ctx, "acme", 0, 10)
	if err != nil || len(got) != 1 || got[0].Actor != "mira" {
		return fmt.Errorf("events %+v, %v", got, err)
	}
	got[0].Actor = "spoilt"
	if got, err = s.Events(ctx, "acme", 0, 10); err != nil || len(got) != 1 || got[0].Actor != "mira" {
		return fmt.Errorf("events, again, %+v, %v", got, err)
	}
	if err := holds(ctx, s, "acme", token.Settings{}, want); err != nil {
		return fmt.Errorf("after changing what Find and Tenant gave: %w", err)
	}
	return nil
}

// each runs f n times at the same time.
func each(n int, f func(i int) error) error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { errs[i] = f(i) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

func parallel(ctx context.Context, s token.Store) error {
	const writers, rounds = 8, 6
	err := each(writers, func(w int) error {
		for r := range rounds {
			if err := put(ctx, s, "acme", bare("acme", id(w*rounds+r))); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	t, err := s.Tenant(ctx, "acme")
	if err != nil {
		return err
	}
	if len(t.Tokens) != writers*rounds {
		return fmt.Errorf("%d tokens after %d updates that each added one", len(t.Tokens), writers*rounds)
	}
	return logged(ctx, s, "acme", writers*rounds)
}

func rotations(ctx context.Context, s token.Store) error {
	m, err := token.New(s, token.Options{MaxTokens: 2})
	if err != nil {
		return err
	}
	defer m.Close(ctx)
	_, first, err := m.Generate(ctx, "acme", token.GenerateOptions{Actor: "mira"})
	if err != nil {
		return err
	}
	var begun sync.Map
	err = each(50, func(i int) error {
		_, made, err := m.StartRotation(ctx, "acme", first.ID, token.RotateOptions{Actor: "mira"})
		if err == nil {
			begun.Store(made.ID, true)
		} else if !errors.Is(err, token.ErrLimit) && !errors.Is(err, token.ErrState) {
			return err
		}
		return nil
	})
	if err != nil {
		return err
	}
	status, err := m.Status(ctx, "acme")
	if err != nil {
		return err
	}
	n := 0
	begun.Range(func(any, any) bool { n++; return true })
	if len(status.Tokens) != 2 || n != 1 {
		return fmt.Errorf("%d rotations began, %d tokens; want 1 and 2", n, len(status.Tokens))
	}
	if _, ok := begun.Load(status.Tokens[0].ID); !ok {
		return errors.New("the successor is not the one that was given out")
	}
	return logged(ctx, s, "acme", 2)
}
