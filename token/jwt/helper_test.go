package jwt

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/token"
)

// issuer is an authorization server.
type issuer struct {
	*httptest.Server
	t    *testing.T
	name string
	keys map[string]crypto.Signer

	mu      sync.Mutex
	serve   http.HandlerFunc // nil serves the keys
	fetches int
}

func newKeys(t *testing.T) map[string]crypto.Signer {
	t.Helper()
	ec, err1 := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	rs, err2 := rsa.GenerateKey(rand.Reader, 2048)
	_, ed, err3 := ed25519.GenerateKey(rand.Reader)
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	return map[string]crypto.Signer{"ec": ec, "rs": rs, "ed": ed}
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	iss := &issuer{t: t, name: "https://login.example.com", keys: newKeys(t)}
	iss.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		iss.mu.Lock()
		iss.fetches++
		serve := iss.serve
		iss.mu.Unlock()
		if serve == nil {
			serve = func(w http.ResponseWriter, _ *http.Request) { json.NewEncoder(w).Encode(iss.set()) }
		}
		serve(w, r)
	}))
	iss.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	t.Cleanup(iss.Close)
	return iss
}

// set is the key set that it shows.
func (iss *issuer) set() jose.JSONWebKeySet {
	iss.mu.Lock()
	defer iss.mu.Unlock()
	var set jose.JSONWebKeySet
	for id, k := range iss.keys {
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: k.Public(), KeyID: id, Use: "sig"})
	}
	return set
}

// answers makes it answer otherwise.
func (iss *issuer) answers(h http.HandlerFunc) {
	iss.mu.Lock()
	defer iss.mu.Unlock()
	iss.serve = h
}

func (iss *issuer) count() int {
	iss.mu.Lock()
	defer iss.mu.Unlock()
	return iss.fetches
}

var now = time.Date(2026, 5, 1, 9, 0, 0, 0, time.UTC)

// claims are those of a token that is right, with changes; nil takes one out.
func (iss *issuer) claims(changes map[string]any) map[string]any {
	c := map[string]any{
		"iss": iss.name, "aud": "https://api.example.com/scim", "client_id": "okta-acme", "sub": "okta-acme",
		"scope": "openid scim", "iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(time.Hour).Unix(), "jti": "1",
	}
	for k, v := range changes {
		if c[k] = v; v == nil {
			delete(c, k)
		}
	}
	return c
}

// sign makes a token with go-jose.
func sign(t *testing.T, alg jose.SignatureAlgorithm, key any, kid string, header map[string]any, claims any) string {
	t.Helper()
	opts := &jose.SignerOptions{}
	opts.WithType("at+jwt")
	for k, v := range header {
		opts.WithHeader(jose.HeaderKey(k), v)
	}
	if kid != "" {
		key = jose.JSONWebKey{Key: key, KeyID: kid}
	}
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, opts)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := s.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// good is a token that is right.
func (iss *issuer) good(changes map[string]any) string {
	return sign(iss.t, jose.ES256, iss.keys["ec"], "ec", nil, iss.claims(changes))
}

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// fixture is an Authenticator for one issuer, with a clock.
type fixture struct {
	*Authenticator
	t   *testing.T
	iss *issuer
	mu  sync.Mutex
	at  time.Time
}

func newFixture(t *testing.T, change func(*Config)) *fixture {
	t.Helper()
	f := &fixture{t: t, iss: newIssuer(t), at: now}
	c := Config{
		Issuers:  []Issuer{{f.iss.name, f.iss.URL + "/jwks.json"}},
		Audience: "https://api.example.com/scim",
		Tenant: func(_ context.Context, issuer, client string) (string, error) {
			switch {
			case client == "down":
				return "", errors.New("database is down")
			case issuer == f.iss.name && client == "okta-acme":
				return "acme", nil
			case issuer == f.iss.name && client == "okta-other":
				return "other", nil
			}
			return "", token.ErrNotFound
		},
		Client: f.iss.Client(),
		Now: func() time.Time {
			f.mu.Lock()
			defer f.mu.Unlock()
			return f.at
		},
		Logger: slog.New(slog.DiscardHandler),
	}
	if change != nil {
		change(&c)
	}
	var err error
	if f.Authenticator, err = New(c); err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *fixture) advance(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.at = f.at.Add(d)
}

func request(text string) *http.Request {
	r := httptest.NewRequest("GET", "/Users", nil)
	if text != "" {
		r.Header.Set("Authorization", "Bearer "+text)
	}
	return r
}

// status tells what the answer to a token would be.
func (f *fixture) status(text string) int {
	f.t.Helper()
	return statusOf(f.Authenticate(request(text), "acme"))
}

func statusOf(_ scim.Principal, err error) int {
	var e *scim.Error
	switch {
	case err == nil:
		return 200
	case errors.As(err, &e):
		return e.Status
	}
	return 503
}
