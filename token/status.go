package token

import (
	"context"
	"slices"
	"time"
)

// A Status is what a tenant's administrator sees.
type Status struct {
	Settings
	Entitled bool
	Ask      string // whom to ask, where Entitled is false

	// Tokens are the newest first, with those that ended lately, and
	// without their digests.
	Tokens []Token

	LastUsedAt time.Time // of all tokens; the zero time if none was used
}

// Status tells how a tenant stands.
func (m *Manager) Status(ctx context.Context, tenant string) (Status, error) {
	t, err := m.store.Tenant(ctx, tenant)
	if err != nil {
		return Status{}, err
	}
	s := Status{Settings: t.Settings}
	if s.Entitled, s.Ask, err = m.entitled(ctx, tenant); err != nil {
		return Status{}, err
	}
	for _, tok := range slices.Backward(t.Tokens) {
		tok = tok.sealed()
		if at := m.usage.last(tok.ID); at.After(tok.LastUsedAt) {
			tok.LastUsedAt = at
		}
		if tok.LastUsedAt.After(s.LastUsedAt) {
			s.LastUsedAt = tok.LastUsedAt
		}
		s.Tokens = append(s.Tokens, tok)
	}
	return s, nil
}

// Events gives a tenant's log, the newest first: at most limit events, 100 if 0,
// with a Seq below before, or the last ones if before is 0.
func (m *Manager) Events(ctx context.Context, tenant string, before int64, limit int) ([]Event, error) {
	if limit <= 0 {
		limit = 100
	}
	return m.store.Events(ctx, tenant, before, min(limit, 1000))
}
