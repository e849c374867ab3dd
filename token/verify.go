package token

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/scimkit/scimkit/scim"
)

// lookTime is how long a look-up may take. It is not ended with the request
// that began it, because others may wait for it.
const lookTime = 10 * time.Second

// digest names a pair of tenant in the URL and credentials.
type digest [sha256.Size]byte

// verdict is what verification found, for as long as it is believed.
type verdict struct {
	ok     bool
	token  Token
	permit func(string, scim.Operation) bool
	gate   gate
	seen   seen
}

// gate is what a tenant's switches say.
type gate struct {
	tenant   string
	settings Settings
	entitled bool
	ask      string
}

// Authenticate finds the token of r (RFC 6750 section 2.1) and tells whether it
// may go on; the package comment has the rules. It implements
// [scim.Authenticator].
func (m *Manager) Authenticate(r *http.Request, tenant string) (scim.Principal, error) {
	p, err := m.attempt(r, tenant)
	if err == ErrOtherKind {
		err = m.decoy(r, tenant)
	}
	return p, err
}

// attempt is Authenticate that leaves at once if r has no token of this form.
func (m *Manager) attempt(r *http.Request, tenant string) (scim.Principal, error) {
	text, _ := scim.BearerToken(r)
	id, secret, ok := split(text)
	if !ok {
		return scim.Principal{}, ErrOtherKind
	}
	v, err := m.verify(r.Context(), m.digest(tenant, text), tenant, id, secret)
	if err != nil {
		return scim.Principal{}, err
	}
	if !v.ok {
		return scim.Principal{}, scim.ErrUnauthorized
	}
	m.usage.saw(&v.seen, &v.token, m.now())
	p := scim.Principal{Tenant: v.token.Tenant, Subject: "token:" + v.token.ID, Permit: v.permit}
	return p, m.admit(&v.gate)
}

// decoy does for a request without a token what verifying an unknown one does,
// so that the time of the answer is the same: a look-up of an id that no token
// has, and an HMAC.
func (m *Manager) decoy(r *http.Request, tenant string) error {
	text := "\n" + strings.Join(r.Header["Authorization"], "\n") // no token begins like this
	d := m.digest(tenant, text[:min(len(text), 100)])
	id := make([]byte, idLen)
	for i := range id {
		id[i] = alphabet[d[i]%62]
	}
	if _, err := m.verify(r.Context(), d, tenant, string(id), ""); err != nil {
		return err
	}
	return ErrOtherKind
}

// digest is salted, so that what the cache is asked for cannot be chosen.
func (m *Manager) digest(tenant, credentials string) digest {
	buf := make([]byte, 0, 256)
	buf = append(buf, m.salt[:]...)
	buf = binary.BigEndian.AppendUint32(buf, uint32(len(tenant)))
	buf = append(buf, tenant...)
	return sha256.Sum256(append(buf, credentials...))
}

// verify gives the verdict on credentials, from the cache or from the store.
// Whatever is wrong with them, the work is the same.
func (m *Manager) verify(ctx context.Context, d digest, tenant, id, secret string) (*verdict, error) {
	now := m.options.Now()
	if v, ok := m.found.get(d, now); ok && (!v.ok || v.token.live(now)) {
		return v, nil
	}
	return m.found.fill(ctx, d, m.options.Now, func() (*verdict, int, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookTime)
		defer cancel()
		v, err := m.look(ctx, tenant, id, secret)
		if err != nil || !v.ok {
			return v, refused, err
		}
		v.gate.entitled, v.gate.ask, err = m.entitled(ctx, v.token.Tenant)
		return v, granted, err
	})
}

// look reads the token and checks all that a 401 is for.
func (m *Manager) look(ctx context.Context, tenant, id, secret string) (*verdict, error) {
	t, settings, err := m.store.Find(ctx, id)
	known := err == nil
	if errors.Is(err, ErrNotFound) {
		t = Token{ID: id, Tenant: tenant, KeyID: m.keys[0].id, Digest: make([]byte, sha256.Size)}
	} else if err != nil {
		return nil, fmt.Errorf("token: look-up: %w", err)
	}
	key, err := m.keys.find(t.KeyID)
	if err != nil {
		return nil, fmt.Errorf("token: %s %w", t.ID, err)
	}
	m.macs.Add(1)
	sum := key.seal(t.Tenant, t.ID, secret)
	ok := hmac.Equal(sum, t.Digest)
	ok = known && ok && t.ID == id && (tenant == "" || t.Tenant == tenant) && t.live(m.now())
	if !ok {
		return &verdict{}, nil
	}
	v := &verdict{ok: true, token: t, permit: t.Scopes.Permit}
	v.gate = gate{tenant: t.Tenant, settings: settings}
	return v, nil
}

func (m *Manager) entitled(ctx context.Context, tenant string) (ok bool, ask string, err error) {
	if m.options.Entitled == nil {
		return true, "", nil
	}
	if ok, ask, err = m.options.Entitled(ctx, tenant); err != nil {
		return false, "", fmt.Errorf("token: Entitled: %w", err)
	}
	return ok, ask, nil
}

// pauseRetry is when a client that was paused is told to come back, in seconds.
const pauseRetry = 60

// admit applies the rate limit and the switches of a tenant to a request that
// has proved to be of it.
func (m *Manager) admit(g *gate) error {
	if wait := m.limit.take(g.tenant, m.options.Now()); wait > 0 {
		return &scim.Error{Status: http.StatusTooManyRequests, RetryAfter: wait,
			Detail: fmt.Sprintf("There are more than %v requests a second.", m.options.Rate)}
	}
	switch {
	case !g.entitled && g.ask != "":
		return &scim.Error{Status: http.StatusForbidden, Detail: fmt.Sprintf("SCIM provisioning is not part of your plan. Ask %s.", g.ask), Challenge: challenge}
	case !g.entitled:
		return &scim.Error{Status: http.StatusForbidden, Detail: "SCIM provisioning is not part of your plan.", Challenge: challenge}
	case !g.settings.Enabled:
		return &scim.Error{Status: http.StatusForbidden, Detail: "SCIM provisioning is switched off. An administrator can switch it on in the settings.", Challenge: challenge}
	case g.settings.Paused:
		return &scim.Error{Status: http.StatusServiceUnavailable, RetryAfter: pauseRetry, Detail: "SCIM provisioning is paused. It will go on by itself."}
	}
	return nil
}

// gate reads the switches of a tenant.
func (m *Manager) gate(ctx context.Context, tenant string) (*gate, error) {
	if g, ok := m.tenants.get(tenant, m.options.Now()); ok {
		return g, nil
	}
	return m.tenants.fill(ctx, tenant, m.options.Now, func() (*gate, int, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookTime)
		defer cancel()
		t, err := m.store.Tenant(ctx, tenant)
		if err != nil {
			return nil, granted, fmt.Errorf("token: look-up: %w", err)
		}
		g := &gate{tenant: tenant, settings: t.Settings}
		g.entitled, g.ask, err = m.entitled(ctx, tenant)
		return g, granted, err
	})
}

// forget makes a change of a tenant take effect in this Manager.
func (m *Manager) forget(tenant string) {
	m.found.forget(func(v *verdict) bool { return v.token.Tenant == tenant })
	m.tenants.forget(func(g *gate) bool { return g.tenant == tenant })
}

// challenge is the WWW-Authenticate header of a 403 that has nothing to do with
// scopes (RFC 6750 section 3).
const challenge = `Bearer realm="scim"`
