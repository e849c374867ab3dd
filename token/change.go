package token

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// GenerateOptions say what a new token is.
type GenerateOptions struct {
	Name      string        // for people; ValidName has the rule
	Scopes    Scopes        // nil is everything: ReadAll and WriteAll
	ExpiresIn time.Duration // 0 is Options.MaxLifetime, or never
	Actor     string        // who asks for it; needed. See [Event]
}

// RotateOptions say how a rotation goes.
type RotateOptions struct {
	Overlap time.Duration // for how long both tokens work; 24 hours, or Options.MaxOverlap if that is less, if 0
	Actor   string        // who asks for it; needed. See [Event]
}

// errSame ends a change that would change nothing.
var errSame = errors.New("token: nothing to change")

// change edits a tenant and logs what was done by whom; edit gets the actor as it
// is stored. Whatever comes of it, this Manager does not go on with what it knew
// before.
func (m *Manager) change(ctx context.Context, tenant, actor string, edit func(t *Tenant, by string, now time.Time) ([]Event, error)) error {
	switch {
	case len(tenant) > 255 || !printable(tenant):
		return fmt.Errorf("%w: the tenant is longer than 255 bytes or not printable", ErrInvalid)
	case actor == "":
		return fmt.Errorf("%w: the actor is missing", ErrInvalid)
	}
	actor = cleanActor(actor)
	var events []Event
	defer m.forget(tenant)
	err := m.store.Update(ctx, tenant, func(t *Tenant) ([]Event, error) {
		now := m.now()
		var err error
		if events, err = edit(t, actor, now); err != nil {
			return nil, err
		}
		t.prune(now)
		for i := range events {
			e := &events[i]
			e.Time, e.Tenant, e.Actor = now, tenant, actor
			if tok := t.token(e.Token); tok != nil {
				e.TokenName = tok.Name
			}
		}
		return events, nil
	})
	if errors.Is(err, errSame) {
		return nil
	}
	if err != nil {
		return err
	}
	m.forget(tenant) // before anyone is told
	if m.options.OnEvent != nil {
		for _, e := range events {
			m.options.OnEvent(ctx, e)
		}
	}
	return nil
}

// mint makes a token that is in no store yet.
func (m *Manager) mint(tenant string) (Secret, Token) {
	key := m.keys[0]
	id, secret := random(idLen), random(secretLen)
	text := m.options.Prefix + "_" + id + "_" + secret
	text += checksum(text)
	m.macs.Add(1)
	return Secret{&text}, Token{ID: id, Tenant: tenant, KeyID: key.id, Digest: key.seal(tenant, id, secret), LastFour: text[len(text)-4:]}
}

// issue adds the token made to t, for a lifetime, or fails if there would be too
// many.
func (m *Manager) issue(t *Tenant, made *Token, actor string, lifetime time.Duration, now time.Time) error {
	if t.live(now) >= m.options.MaxTokens {
		return fmt.Errorf("%w: %d", ErrLimit, m.options.MaxTokens)
	}
	longest := m.options.MaxLifetime
	if lifetime == 0 || longest > 0 && lifetime > longest {
		lifetime = longest
	}
	made.CreatedAt, made.CreatedBy, made.ExpiresAt = now, actor, time.Time{}
	if lifetime > 0 {
		made.ExpiresAt = now.Add(lifetime)
	}
	t.Tokens = append(t.Tokens, made.clone())
	return nil
}

// mintFor makes a token that is in no store yet, if the tenant may have one.
func (m *Manager) mintFor(ctx context.Context, tenant string) (Secret, Token, error) {
	ok, _, err := m.entitled(ctx, tenant)
	if err == nil && !ok {
		err = ErrNotEntitled
	}
	if err != nil {
		return Secret{}, Token{}, err
	}
	secret, made := m.mint(tenant)
	return secret, made, nil
}

// Generate makes a token. The Secret is there this once. ErrLimit says that the
// tenant has as many as it may have, ErrNotEntitled that it may have none.
func (m *Manager) Generate(ctx context.Context, tenant string, o GenerateOptions) (Secret, Token, error) {
	if o.Scopes == nil {
		o.Scopes = Scopes{ReadAll, WriteAll}
	}
	err := o.Scopes.check()
	longest := m.options.MaxLifetime
	switch {
	case err != nil:
	case !ValidName(o.Name):
		err = fmt.Errorf("%w: the name is longer than %d characters or not printable", ErrInvalid, maxName)
	case o.ExpiresIn < 0 || longest > 0 && o.ExpiresIn > longest:
		err = fmt.Errorf("%w: the lifetime is negative or longer than %v", ErrInvalid, longest)
	}
	if err != nil {
		return Secret{}, Token{}, err
	}
	secret, made, err := m.mintFor(ctx, tenant)
	if err != nil {
		return Secret{}, Token{}, err
	}
	made.Name, made.Scopes = o.Name, o.Scopes
	err = m.change(ctx, tenant, o.Actor, func(t *Tenant, by string, now time.Time) ([]Event, error) {
		return []Event{{Action: "token.generated", Token: made.ID}}, m.issue(t, &made, by, o.ExpiresIn, now)
	})
	if err != nil {
		return Secret{}, Token{}, err
	}
	return secret, made.sealed(), nil
}

// Revoke ends a token at once and for good. A token that has ended is left as it
// is. A rotation under way ends with either of its tokens: when the successor is
// revoked, it is cancelled, and the old token goes on as before; when the old
// one is revoked, it is completed. The event that tells so comes before that of
// the revocation.
func (m *Manager) Revoke(ctx context.Context, tenant, id, actor string) error {
	return m.change(ctx, tenant, actor, func(t *Tenant, by string, now time.Time) ([]Event, error) {
		tok := t.token(id)
		switch {
		case tok == nil:
			return nil, ErrNotFound
		case !tok.live(now):
			return nil, errSame
		}
		var events []Event
		if old := t.rotation(id, now); old != nil {
			e := Event{Action: "token.rotation.completed", Token: old.ID, Successor: old.ReplacedBy}
			if next := t.token(old.ReplacedBy); id != old.ID || next == nil || !next.live(now) {
				e.Action = "token.rotation.cancelled"
				old.goOn()
			}
			events = append(events, e)
		}
		tok.RevokedAt, tok.RevokedBy = now, by
		return append(events, Event{Action: "token.revoked", Token: id}), nil
	})
}

// SetEnabled switches SCIM on or off for a tenant. At first it is off. Its tokens
// stay as they are; its clients get 403 while it is off.
func (m *Manager) SetEnabled(ctx context.Context, tenant string, on bool, actor string) error {
	return m.flip(ctx, tenant, actor, on, "scim.enabled", "scim.disabled", func(s *Settings) *bool { return &s.Enabled })
}

// SetPaused pauses a tenant or lets it go on. Its clients get 503 and are told
// to come back, which costs them nothing but time.
func (m *Manager) SetPaused(ctx context.Context, tenant string, on bool, actor string) error {
	return m.flip(ctx, tenant, actor, on, "scim.paused", "scim.resumed", func(s *Settings) *bool { return &s.Paused })
}

func (m *Manager) flip(ctx context.Context, tenant, actor string, on bool, yes, no string, field func(*Settings) *bool) error {
	return m.change(ctx, tenant, actor, func(t *Tenant, _ string, _ time.Time) ([]Event, error) {
		f := field(&t.Settings)
		if *f == on {
			return nil, errSame
		}
		*f = on
		if on {
			return []Event{{Action: yes}}, nil
		}
		return []Event{{Action: no}}, nil
	})
}
