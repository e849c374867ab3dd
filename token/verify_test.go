package token

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scimkit/scimkit/scim"
)

// TestRows: what is in the store authenticates nothing, and rows that were
// moved or made by hand neither.
func TestRows(t *testing.T) {
	f := newFixture(t, Options{CacheTTL: -1, Keys: []Key{NewKey("k2", make([]byte, 32)), NewKey("k1", []byte(strings.Repeat("k", 32)))}})
	ctx := t.Context()
	good, tok := f.enabled("acme")
	stored := must(f.store.Tenant(ctx, "acme")).Tokens[0]
	f.want(200, good)
	f.want(401, stored.ID, string(stored.Digest), fmt.Sprintf("%x", stored.Digest), "scim_"+stored.ID+"_"+fmt.Sprintf("%x", stored.Digest)[:49])

	replace := func(change func(*Token)) {
		ok(t, f.store.Update(ctx, "acme", func(t *Tenant) ([]Event, error) {
			t.Tokens[0] = stored.clone()
			change(&t.Tokens[0])
			return nil, nil
		}))
	}
	_, secret, _ := split(good)
	for name, change := range map[string]func(*Token){
		"no digest":        func(t *Token) { t.Digest = nil },
		"digest, cut":      func(t *Token) { t.Digest = t.Digest[:16] },
		"digest, zero":     func(t *Token) { t.Digest = make([]byte, 32) },
		"another key":      func(t *Token) { t.KeyID = "k1" },
		"sealed with none": func(t *Token) { t.Digest = Key{}.seal("acme", tok.ID, secret) },
		"another id":       func(t *Token) { t.Digest = f.keys[0].seal("acme", tok.ID[1:]+"x", secret) },
		"another tenant":   func(t *Token) { t.Digest = f.keys[0].seal("other", tok.ID, secret) },
	} {
		replace(change)
		if got := f.status(good, "acme"); got != 401 {
			t.Errorf("%s: %d", name, got)
		}
	}
	for _, id := range []string{"", "k3"} { // a key that is not there says nothing of the token
		replace(func(t *Token) { t.KeyID, t.Digest = id, Key{}.seal("acme", tok.ID, secret) })
		if got := f.status(good, "acme"); got != 503 {
			t.Errorf("key %q: %d", id, got)
		}
	}
	// The row in another tenant.
	replace(func(*Token) {})
	f.want(200, good)
	ok(t, f.store.Update(ctx, "acme", func(t *Tenant) ([]Event, error) { t.Tokens = nil; return nil, nil }))
	ok(t, f.store.Update(ctx, "evil", func(t *Tenant) ([]Event, error) {
		t.Enabled, t.Tokens = true, []Token{stored}
		return nil, nil
	}))
	for _, tenant := range []string{"acme", "evil", ""} {
		if got := f.status(good, tenant); got != 401 {
			t.Errorf("moved to another tenant, as %q: %d", tenant, got)
		}
	}
}

// TestKeyring: old keys verify, the first seals.
func TestKeyring(t *testing.T) {
	store, clock := &counting{Store: NewMemoryStore()}, newClock()
	k1, k2 := NewKey("1", []byte(strings.Repeat("a", 32))), NewKey("2", []byte(strings.Repeat("b", 32)))
	with := func(keys ...Key) *fixture { return newFixtureOn(t, store, clock, Options{Keys: keys, MaxTokens: 9}) }
	none, tok0 := with().enabled("acme")
	one, tok1 := with(k1, Key{}).enabled("acme")
	two, tok2 := with(k2, k1, Key{}).enabled("acme")
	if tok0.KeyID != "" || tok1.KeyID != "1" || tok2.KeyID != "2" {
		t.Errorf("%q %q %q", tok0.KeyID, tok1.KeyID, tok2.KeyID)
	}
	with(k2, k1, Key{}).want(200, none, one, two)
	f := with(k2, k1)
	f.want(200, one, two)
	f.want(503, none)
	f = with(k2)
	f.want(503, none, one)
	f.want(200, two)
	with(NewKey("2", []byte(strings.Repeat("c", 32)))).want(401, two)
}

// TestTenantInURL: a token is of its tenant; without one in the URL it names it.
func TestTenantInURL(t *testing.T) {
	f := newFixture(t, Options{})
	good, _ := f.enabled("acme")
	single, _ := f.enabled("")
	for _, tt := range []struct {
		text, tenant, want string
		status             int
	}{{good, "acme", "acme", 200}, {good, "", "acme", 200}, {good, "Acme", "", 401}, {good, "other", "", 401}, {single, "", "", 200}, {single, "acme", "", 401}} {
		p, err := f.Authenticate(bearer(tt.text), tt.tenant)
		if got := statusOf(p, err); got != tt.status || p.Tenant != tt.want {
			t.Errorf("tenant %q: %d, principal of %q", tt.tenant, got, p.Tenant)
		}
	}
}

func TestEntitled(t *testing.T) {
	var calls int
	entitled, ask, failure := true, "sales@example.com", error(nil)
	f := newFixture(t, Options{Entitled: func(_ context.Context, tenant string) (bool, string, error) {
		calls++
		return entitled, ask, failure
	}})
	good, _ := f.enabled("acme")
	entitled = false
	detail := func() string {
		_, err := f.Authenticate(bearer(good), "acme")
		var e *scim.Error
		errors.As(err, &e)
		if e == nil {
			return fmt.Sprint(err)
		}
		return fmt.Sprint(e.Status, " ", e.Detail)
	}
	if got := detail(); got != "403 SCIM provisioning is not part of your plan. Ask sales@example.com." {
		t.Error(got)
	}
	s := must(f.Status(t.Context(), "acme"))
	if s.Entitled || s.Ask != ask || !s.Enabled {
		t.Errorf("%+v", s)
	}
	calls = 0
	detail()
	if f.status(mintText("scim"), "acme") != 401 || calls != 0 {
		t.Errorf("asked %d times", calls)
	}
	f.clock.advance(5 * time.Second)
	ask = ""
	if got := detail(); got != "403 SCIM provisioning is not part of your plan." {
		t.Error(got)
	}
	f.clock.advance(5 * time.Second)
	failure = errors.New("billing is down")
	f.want(503, good)
	f.clock.advance(5 * time.Second)
	failure, entitled = nil, true
	f.want(200, good)
}

// TestNoSecretsWithoutEntitlement: neither a new token nor a successor, and
// nothing has changed; what takes secrets away goes on.
func TestNoSecretsWithoutEntitlement(t *testing.T) {
	ctx, entitled, failure := t.Context(), true, error(nil)
	f := newFixture(t, Options{MaxTokens: 9, CacheTTL: -1, Entitled: func(context.Context, string) (bool, string, error) { return entitled, "", failure }})
	good, tok := f.enabled("acme")
	_, rotating, err := f.Generate(ctx, "acme", GenerateOptions{Actor: "mira"})
	ok(t, err)
	_, next, err := f.StartRotation(ctx, "acme", rotating.ID, RotateOptions{Actor: "mira"})
	ok(t, err)
	before := fmt.Sprint(must(f.store.Tenant(ctx, "acme")), must(f.Events(ctx, "acme", 0, 0)))
	down := errors.New("billing is down")
	for _, tt := range []struct {
		entitled bool
		failure  error
		want     error
	}{{false, nil, ErrNotEntitled}, {false, down, down}} {
		entitled, failure = tt.entitled, tt.failure
		for name, mint := range map[string]func() (Secret, Token, error){
			"generate": func() (Secret, Token, error) { return f.Generate(ctx, "acme", GenerateOptions{Actor: "mira"}) },
			"start": func() (Secret, Token, error) {
				return f.StartRotation(ctx, "acme", tok.ID, RotateOptions{Actor: "mira"})
			},
			"rotate": func() (Secret, Token, error) { return f.Rotate(ctx, "acme", tok.ID, "mira") },
		} {
			if s, made, err := mint(); !errors.Is(err, tt.want) || s.Reveal() != "" || made.ID != "" {
				t.Errorf("%s: %v, %q", name, err, s.Reveal())
			}
		}
	}
	if after := fmt.Sprint(must(f.store.Tenant(ctx, "acme")), must(f.Events(ctx, "acme", 0, 0))); after != before {
		t.Errorf("before %s\nafter %s", before, after)
	}
	failure = nil
	ok(t, f.CancelRotation(ctx, "acme", rotating.ID, "mira"))
	ok(t, f.Revoke(ctx, "acme", rotating.ID, "mira"))
	if err := f.Revoke(ctx, "acme", next.ID, "mira"); err != nil {
		t.Error(err)
	}
	f.want(403, good)
	entitled = true
	f.want(200, good)
	_, _, err = f.Rotate(ctx, "acme", tok.ID, "mira")
	ok(t, err)
}

func TestPausedSaysWhen(t *testing.T) {
	f := newFixture(t, Options{})
	good, _ := f.enabled("acme")
	ok(t, f.SetPaused(t.Context(), "acme", true, "mira"))
	w := httptest.NewRecorder()
	r := bearer(good)
	r.URL.Path, r.RequestURI = "/acme/Users", "/acme/Users"
	serve(t, f.Manager, nil).ServeHTTP(w, r)
	if w.Code != 503 || w.Header().Get("Retry-After") != "60" || !strings.Contains(w.Body.String(), "paused") {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
}

// sloppy finds ids in any letter case, and says that it failed to store what it
// did store.
type sloppy struct {
	Store
	id   string
	fail atomic.Bool
}

func (s *sloppy) Find(ctx context.Context, id string) (Token, Settings, error) {
	if strings.EqualFold(id, s.id) {
		id = s.id
	}
	return s.Store.Find(ctx, id)
}

func (s *sloppy) Update(ctx context.Context, tenant string, edit func(*Tenant) ([]Event, error)) error {
	err := s.Store.Update(ctx, tenant, edit)
	if s.fail.Load() {
		return errors.New("connection lost at COMMIT")
	}
	return err
}

func TestSloppyStore(t *testing.T) {
	store := &sloppy{Store: NewMemoryStore()}
	m, err := New(store, Options{CacheTTL: time.Minute})
	ok(t, err)
	f := &fixture{Manager: m, t: t, clock: newClock()}
	good, tok := f.enabled("acme")
	store.id = tok.ID
	f.want(200, good)
	for _, id := range []string{strings.ToLower(tok.ID), strings.ToUpper(tok.ID)} {
		if other := strings.Replace(good[:len(good)-crcLen], tok.ID, id, 1); id != tok.ID {
			f.want(401, other+checksum(other))
		}
	}
	// An outcome that is not known: this Manager looks again.
	store.fail.Store(true)
	if m.Revoke(t.Context(), "acme", tok.ID, "mira") == nil {
		t.Error("no error")
	}
	f.want(401, good)
}
