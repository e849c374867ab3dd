package token

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
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

// errRefused is for a token that is not good. It looks like ErrOtherKind, so that
// finding out what to answer takes as long.
var errRefused = fmt.Errorf("token: refused: %w", scim.ErrUnauthorized)

// Authenticate finds the token of r (RFC 6750 section 2.1) and tells whether it
// may go on; the package comment has the rules. It implements
// [scim.Authenticator].
func (m *Manager) Authenticate(r *http.Request, tenant string) (scim.Principal, error) {
	return m.check(r, tenant, m.read(r))
}

// attempt is Authenticate that leaves at once if r has no token of this form.
func (m *Manager) attempt(r *http.Request, tenant string) (scim.Principal, error) {
	c := m.read(r)
	if !c.formed {
		return scim.Principal{}, ErrOtherKind
	}
	return m.check(r, tenant, c)
}

// decoy does for a request without a token what verifying an unknown one does,
// so that the time of the answer is the same.
func (m *Manager) decoy(r *http.Request, tenant string) error {
	_, err := m.check(r, tenant, m.nobody.decoy(r))
	return err
}

// credentials are what a request shows: a token, or if it has none of the right
// form, nobody's.
type credentials struct {
	formed     bool
	id, secret string
	text       string // names them in the cache
}

// read reads the credentials of r, with the same work for all requests.
func (m *Manager) read(r *http.Request) credentials {
	text, ok := scim.BearerToken(r)
	if !ok {
		text = m.nobody.text
		base62(text) // BearerToken looked at fewer characters
	}
	decoy := m.nobody.decoy(r)
	id, secret, formed := split(text)
	if !ok || !formed {
		return decoy
	}
	return credentials{formed: true, id: id, secret: secret, text: text}
}

// check verifies credentials and tells whether the tenant may go on.
func (m *Manager) check(r *http.Request, tenant string, c credentials) (scim.Principal, error) {
	v, err := m.verify(r.Context(), m.digest(tenant, &c), tenant, c.id, c.secret)
	switch {
	case err != nil:
		return scim.Principal{}, err
	case !c.formed:
		return scim.Principal{}, ErrOtherKind
	case !v.ok:
		return scim.Principal{}, errRefused
	}
	m.usage.saw(&v.seen, &v.token, m.now())
	p := scim.Principal{Tenant: v.token.Tenant, Subject: "token:" + v.token.ID, Permit: v.permit}
	return p, m.admit(&v.gate)
}

// nobody has what a decoy is made of: a token of the usual length that is in no
// store.
type nobody struct {
	text, id, secret string
	digest           [sha256.Size]byte
}

func newNobody(prefix string) nobody {
	id, secret := random(idLen), random(secretLen)
	text := prefix + "_" + id + "_" + secret
	return nobody{text: text + checksum(text), id: id, secret: secret}
}

// decoy is what stands for a request that has no token.
func (n *nobody) decoy(r *http.Request) credentials {
	c := credentials{id: n.id, secret: n.secret}
	if h := r.Header["Authorization"]; len(h) > 0 {
		c.text = h[0]
	}
	return c
}

// digest is salted, so that what the cache is asked for cannot be chosen. Of a
// text that is longer than any token it takes the beginning: it is refused,
// whatever else it holds. The work is the same for all.
func (m *Manager) digest(tenant string, c *credentials) digest {
	buf := make([]byte, 0, 256)
	buf = append(buf, m.salt[:]...)
	buf = binary.BigEndian.AppendUint32(buf, uint32(len(tenant)))
	buf = append(buf, tenant...)
	var text [1 + longest]byte // padded with zeros, which no token has
	if c.formed {
		text[0] = 1
	}
	copy(text[1:], c.text)
	return sha256.Sum256(append(buf, text[:]...))
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
		t = Token{ID: id, Tenant: tenant, KeyID: m.keys[0].id, Digest: m.nobody.digest[:], ExpiresAt: time.Unix(1, 0)}
	} else if err != nil {
		return nil, fmt.Errorf("token: look-up: %w", err)
	}
	key, err := m.keys.find(t.KeyID)
	if err != nil {
		return nil, fmt.Errorf("token: %s %w", t.ID, err)
	}
	m.macs.Add(1)
	sum, live := key.seal(t.Tenant, t.ID, secret), t.live(m.now())
	ok := hmac.Equal(sum, t.Digest)
	ok = known && ok && live && t.ID == id && (tenant == "" || t.Tenant == tenant)
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
	if wait := m.limit.take(g.tenant); wait > 0 {
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
