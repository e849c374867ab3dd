package token

import (
	"context"
	"fmt"
	"time"
)

const defaultOverlap = 24 * time.Hour

// StartRotation gives the token called id a successor with the same name,
// scopes and lifetime. Both work until the overlap is over, or until
// CompleteRotation, CancelRotation or Revoke. ErrLimit says that there is no room for a
// second token, ErrState that the token has ended or is part of a rotation,
// ErrNotEntitled that the tenant gets no new secrets.
func (m *Manager) StartRotation(ctx context.Context, tenant, id string, o RotateOptions) (Secret, Token, error) {
	overlap := o.Overlap
	if overlap == 0 {
		overlap = min(defaultOverlap, m.options.MaxOverlap)
	}
	if overlap < 0 || overlap > m.options.MaxOverlap {
		return Secret{}, Token{}, fmt.Errorf("%w: the overlap is not between 0 and %v", ErrInvalid, m.options.MaxOverlap)
	}
	return m.succeed(ctx, tenant, id, o.Actor, "token.rotation.started", func(old *Token, made Token, by string, now time.Time) {
		old.ReplacedBy, old.RotationEnds = made.ID, now.Add(overlap)
	})
}

// Rotate gives the token called id a successor and ends it in the same moment.
// The errors are those of StartRotation.
func (m *Manager) Rotate(ctx context.Context, tenant, id, actor string) (Secret, Token, error) {
	return m.succeed(ctx, tenant, id, actor, "token.rotated", func(old *Token, made Token, by string, now time.Time) {
		old.ReplacedBy, old.RevokedAt, old.RevokedBy = made.ID, now, by
	})
}

// succeed makes the successor of a token, after replace has said what becomes
// of the old one.
func (m *Manager) succeed(ctx context.Context, tenant, id, actor, action string, replace func(old *Token, made Token, by string, now time.Time)) (Secret, Token, error) {
	secret, made, err := m.mintFor(ctx, tenant)
	if err != nil {
		return Secret{}, Token{}, err
	}
	err = m.change(ctx, tenant, actor, func(t *Tenant, by string, now time.Time) ([]Event, error) {
		old := t.token(id)
		switch {
		case old == nil:
			return nil, ErrNotFound
		case !old.live(now):
			return nil, fmt.Errorf("%w: the token has ended", ErrState)
		case t.rotation(id, now) != nil:
			return nil, fmt.Errorf("%w: a rotation is under way; complete or cancel it", ErrState)
		}
		made.Name, made.Scopes = old.Name, old.Scopes
		var lifetime time.Duration
		if !old.ExpiresAt.IsZero() {
			lifetime = old.ExpiresAt.Sub(old.CreatedAt)
		}
		replace(old, made, by, now)
		return []Event{{Action: action, Token: id, Successor: made.ID}}, m.issue(t, &made, by, lifetime, now)
	})
	if err != nil {
		return Secret{}, Token{}, err
	}
	return secret, made.sealed(), nil
}

// rotation finds the old token of the rotation of which the token called id is a
// part, if one is under way.
func (t *Tenant) rotation(id string, now time.Time) *Token {
	for i := range t.Tokens {
		if old := &t.Tokens[i]; old.State(now) == Rotating && (old.ID == id || old.ReplacedBy == id) {
			return old
		}
	}
	return nil
}

// goOn makes the old token of a rotation one that is not being rotated.
func (t *Token) goOn() { t.ReplacedBy, t.RotationEnds = "", time.Time{} }

// endRotation is what the two ends of a rotation have in common.
func (m *Manager) endRotation(ctx context.Context, tenant, id, actor, action string, end func(old, successor *Token, by string, now time.Time) error) error {
	return m.change(ctx, tenant, actor, func(t *Tenant, by string, now time.Time) ([]Event, error) {
		if t.token(id) == nil {
			return nil, ErrNotFound
		}
		old := t.rotation(id, now)
		if old == nil {
			return nil, fmt.Errorf("%w: the token is not being rotated", ErrState)
		}
		e := Event{Action: action, Token: old.ID, Successor: old.ReplacedBy}
		return []Event{e}, end(old, t.token(old.ReplacedBy), by, now)
	})
}

// CompleteRotation ends the old token of a rotation. id is that of either token.
// ErrState says that there is no such rotation, or that the successor has ended,
// so that no token would be left.
func (m *Manager) CompleteRotation(ctx context.Context, tenant, id, actor string) error {
	return m.endRotation(ctx, tenant, id, actor, "token.rotation.completed", func(old, successor *Token, by string, now time.Time) error {
		if successor == nil || !successor.live(now) {
			return fmt.Errorf("%w: the successor has ended", ErrState)
		}
		old.RevokedAt, old.RevokedBy = now, by
		return nil
	})
}

// CancelRotation revokes the successor, and the old token goes on as before. id
// is that of either token.
func (m *Manager) CancelRotation(ctx context.Context, tenant, id, actor string) error {
	return m.endRotation(ctx, tenant, id, actor, "token.rotation.cancelled", func(old, successor *Token, by string, now time.Time) error {
		if successor != nil && successor.live(now) {
			successor.RevokedAt, successor.RevokedBy = now, by
		}
		old.goOn()
		return nil
	})
}
