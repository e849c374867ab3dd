package tokentest

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/scimkit/scimkit/token"
)

// sameToken tells how two tokens differ.
func sameToken(got, want token.Token) error {
	for _, f := range []struct {
		name      string
		got, want time.Time
	}{
		{"CreatedAt", got.CreatedAt, want.CreatedAt}, {"ExpiresAt", got.ExpiresAt, want.ExpiresAt},
		{"RevokedAt", got.RevokedAt, want.RevokedAt}, {"RotationEnds", got.RotationEnds, want.RotationEnds},
		{"LastUsedAt", got.LastUsedAt, want.LastUsedAt},
	} {
		if !f.got.Equal(f.want) || f.got.IsZero() != f.want.IsZero() {
			return fmt.Errorf("token %s: %s is %v, want %v", want.ID, f.name, f.got, f.want)
		}
	}
	for _, f := range []struct {
		name      string
		got, want string
	}{
		{"ID", got.ID, want.ID}, {"Tenant", got.Tenant, want.Tenant}, {"Name", got.Name, want.Name},
		{"LastFour", got.LastFour, want.LastFour}, {"KeyID", got.KeyID, want.KeyID}, {"CreatedBy", got.CreatedBy, want.CreatedBy},
		{"RevokedBy", got.RevokedBy, want.RevokedBy}, {"ReplacedBy", got.ReplacedBy, want.ReplacedBy},
	} {
		if f.got != f.want {
			return fmt.Errorf("token %s: %s is %q, want %q", want.ID, f.name, f.got, f.want)
		}
	}
	switch {
	case !slices.Equal(got.Scopes, want.Scopes):
		return fmt.Errorf("token %s: Scopes are %q, want %q", want.ID, got.Scopes, want.Scopes)
	case !bytes.Equal(got.Digest, want.Digest):
		return fmt.Errorf("token %s: Digest is %x, want %x", want.ID, got.Digest, want.Digest)
	case got.ExpiryNotice != want.ExpiryNotice:
		return fmt.Errorf("token %s: ExpiryNotice is %d, want %d", want.ID, got.ExpiryNotice, want.ExpiryNotice)
	}
	return nil
}

func sameEvent(got, want token.Event) error {
	if !got.Time.Equal(want.Time) {
		return fmt.Errorf("event %d: Time is %v, want %v", want.Seq, got.Time, want.Time)
	}
	if got.Time = want.Time; got != want {
		return fmt.Errorf("event is %+v, want %+v", got, want)
	}
	return nil
}

// holds checks all that a tenant has, through Tenant and through Find.
func holds(ctx context.Context, s token.Store, tenant string, settings token.Settings, want ...token.Token) error {
	t, err := s.Tenant(ctx, tenant)
	if err != nil {
		return fmt.Errorf("Tenant(%q): %w", tenant, err)
	}
	if t.Settings != settings {
		return fmt.Errorf("Tenant(%q): settings are %+v, want %+v", tenant, t.Settings, settings)
	}
	if len(t.Tokens) != len(want) {
		return fmt.Errorf("Tenant(%q): %d tokens, want %d", tenant, len(t.Tokens), len(want))
	}
	for i, w := range want {
		if err := sameToken(t.Tokens[i], w); err != nil {
			return fmt.Errorf("Tenant(%q), token %d: %w", tenant, i, err)
		}
		got, set, err := s.Find(ctx, w.ID)
		if err != nil {
			return fmt.Errorf("Find(%q): %w", w.ID, err)
		}
		if err := sameToken(got, w); err != nil {
			return fmt.Errorf("Find(%q): %w", w.ID, err)
		}
		if set != settings {
			return fmt.Errorf("Find(%q): settings are %+v, want %+v", w.ID, set, settings)
		}
	}
	return nil
}

// absent checks that there is no such token.
func absent(ctx context.Context, s token.Store, ids ...string) error {
	for _, id := range ids {
		if t, _, err := s.Find(ctx, id); !isNotFound(err) {
			return fmt.Errorf("Find(%q): %+v, %v; want ErrNotFound", id, t, err)
		}
	}
	return nil
}

// logged checks how many events a tenant has.
func logged(ctx context.Context, s token.Store, tenant string, want int) error {
	events, err := s.Events(ctx, tenant, 0, 1000)
	if err != nil {
		return fmt.Errorf("Events(%q): %w", tenant, err)
	}
	if len(events) != want {
		return fmt.Errorf("Events(%q): %d events, want %d", tenant, len(events), want)
	}
	for i, e := range events {
		if n := int64(want - i); e.Seq != n {
			return fmt.Errorf("Events(%q): event %d has the number %d, want %d", tenant, i, e.Seq, n)
		}
	}
	return nil
}
