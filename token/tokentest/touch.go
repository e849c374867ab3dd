package tokentest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/scimkit/scimkit/token"
)

func touch(ctx context.Context, s token.Store) error {
	want, other := full("acme", id(1)), full("acme", id(2))
	if err := put(ctx, s, "acme", want, other); err != nil {
		return err
	}
	for _, at := range []time.Time{base, base.Add(time.Minute), base.Add(-time.Hour), base.Add(time.Hour)} {
		if err := s.Touch(ctx, want.ID, at); err != nil {
			return err
		}
		if at.After(want.LastUsedAt) {
			want.LastUsedAt = at
		}
		if err := holds(ctx, s, "acme", token.Settings{}, want, other); err != nil {
			return err
		}
	}
	return logged(ctx, s, "acme", 2)
}

func touchMinute(ctx context.Context, s token.Store) error {
	tok := bare("acme", id(1))
	if err := put(ctx, s, "acme", tok); err != nil {
		return err
	}
	const least = time.Microsecond
	for _, tt := range []struct{ at, want time.Duration }{
		{0, 0}, {least, 0}, {time.Minute - least, 0}, {time.Minute, time.Minute}, {2*time.Minute - least, time.Minute},
		{time.Minute - least, time.Minute}, {3*time.Minute + least, 3*time.Minute + least},
	} {
		if err := s.Touch(ctx, tok.ID, base.Add(tt.at)); err != nil {
			return err
		}
		tok.LastUsedAt = base.Add(tt.want)
		if err := holds(ctx, s, "acme", token.Settings{}, tok); err != nil {
			return fmt.Errorf("after Touch at +%v: %w", tt.at, err)
		}
	}
	return touchAtOnce(ctx, s, tok.ID, tok.LastUsedAt.Add(time.Hour))
}

// touchAtOnce touches a token from several sides within a minute. What one of
// them has written, nobody changes.
func touchAtOnce(ctx context.Context, s token.Store, id string, from time.Time) error {
	found := make([]time.Time, 8)
	err := each(len(found), func(i int) error {
		if err := s.Touch(ctx, id, from.Add(time.Duration(i)*time.Second)); err != nil {
			return err
		}
		t, _, err := s.Find(ctx, id)
		found[i] = t.LastUsedAt
		return err
	})
	if err != nil {
		return err
	}
	for _, at := range found {
		if at.Before(from) || !at.Equal(found[0]) {
			return fmt.Errorf("LastUsedAt after calls of Touch at the same time: %v", found)
		}
	}
	return nil
}

func lastUsed(ctx context.Context, s token.Store) error {
	tok := bare("acme", id(1))
	if err := put(ctx, s, "acme", tok); err != nil {
		return err
	}
	if err := s.Touch(ctx, tok.ID, base); err != nil {
		return err
	}
	for _, at := range []time.Time{{}, base.Add(-time.Hour), base.Add(time.Hour)} {
		err := s.Update(ctx, "acme", func(t *token.Tenant) ([]token.Event, error) {
			if !t.Tokens[0].LastUsedAt.Equal(base) {
				return nil, fmt.Errorf("edit got LastUsedAt %v, want %v", t.Tokens[0].LastUsedAt, base)
			}
			t.Tokens[0].LastUsedAt = at
			t.Tokens[0].Name += "x"
			return nil, nil
		})
		if err != nil {
			return err
		}
		tok.Name += "x"
		tok.LastUsedAt = base
		if err := holds(ctx, s, "acme", token.Settings{}, tok); err != nil {
			return err
		}
	}
	return nil
}

// touchAndUpdate touches a token while edit runs. A store that locks lets the
// touch wait, and edit does not wait for it for long.
func touchAndUpdate(ctx context.Context, s token.Store) error {
	tok := bare("acme", id(0))
	if err := put(ctx, s, "acme", tok); err != nil {
		return err
	}
	editing, touched := make(chan struct{}), make(chan error, 1)
	go func() {
		<-editing
		touched <- s.Touch(ctx, tok.ID, base)
	}()
	var once sync.Once
	var failed error
	err := s.Update(ctx, "acme", func(t *token.Tenant) ([]token.Event, error) {
		once.Do(func() {
			close(editing)
			select {
			case failed = <-touched:
				touched <- nil
			case <-time.After(50 * time.Millisecond):
			}
		})
		t.Tokens[0].Name = "new"
		return nil, nil
	})
	if err := errors.Join(err, failed, <-touched); err != nil {
		return err
	}
	tok.Name, tok.LastUsedAt = "new", base
	return holds(ctx, s, "acme", token.Settings{}, tok)
}
