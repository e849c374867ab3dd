package jwt

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/scimkit/scimkit/scim"
)

const (
	refreshAfter = time.Hour        // keys are fetched again
	dropAfter    = 24 * time.Hour   // keys that cannot be fetched again are given up
	unknownAfter = time.Minute      // between two fetches for keys that are not there
	retryAfter   = 10 * time.Second // between two fetches without any keys
	fetchTime    = 10 * time.Second
	maxSet       = 1 << 20
	maxKeys      = 100
)

// keySet holds the keys of an issuer.
type keySet struct {
	url    string
	client *http.Client
	now    func() time.Time
	log    *slog.Logger

	mu      sync.Mutex
	keys    []key     // nil if there are none
	fetched time.Time // when keys were fetched
	tried   time.Time // when that was last tried
	failed  bool      // at that time
	flight  chan struct{}
}

// key is a public key for one algorithm.
type key struct {
	id     string
	alg    string
	public any
}

// errNoKeys becomes 503.
var errNoKeys = errors.New("jwt: the keys of the issuer are not there")

// find gives the keys called id for an algorithm; those without a name are for
// tokens that name none. It fetches keys if need be. A key that is not there is no
// error where they were fetched for this call: then there is no such key.
func (s *keySet) find(ctx context.Context, id, alg string) ([]key, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if now.Sub(s.fetched) > dropAfter {
		s.keys = nil
	}
	if found := s.match(id, alg); found != nil {
		if now.Sub(s.fetched) > refreshAfter && now.Sub(s.tried) > unknownAfter && s.flight == nil {
			s.begin(ctx)
		}
		return found, nil
	}
	pause := unknownAfter
	if s.keys == nil {
		pause = retryAfter
	}
	fresh := s.flight == nil && (s.tried.IsZero() || now.Sub(s.tried) > pause)
	if fresh {
		s.begin(ctx)
	}
	if s.flight != nil {
		if err := s.wait(ctx); err != nil {
			return nil, err
		}
	}
	found := s.match(id, alg)
	switch {
	case found != nil:
	case s.failed || s.keys == nil:
		return nil, errNoKeys // a key may be new, and is not known to be wrong
	case !fresh && id != "" && !s.has(id):
		return nil, s.later()
	}
	return found, nil
}

// has tells whether there is a key called id, for whatever algorithm.
func (s *keySet) has(id string) bool {
	return slices.ContainsFunc(s.keys, func(k key) bool { return k.id == id })
}

// later says when keys may be fetched again.
func (s *keySet) later() error {
	rest := s.tried.Add(unknownAfter).Sub(s.now())
	return &scim.Error{Status: http.StatusServiceUnavailable, RetryAfter: int(max(rest, 0)/time.Second) + 1,
		Detail: "The key of the token is not known yet. Please try again later."}
}

// begin begins to fetch the keys. It does not end with the request.
func (s *keySet) begin(ctx context.Context) {
	s.flight = make(chan struct{})
	go s.fetch(context.WithoutCancel(ctx))
}

// wait waits for the fetch under way. s.mu is held before and after it.
func (s *keySet) wait(ctx context.Context) error {
	flight := s.flight
	s.mu.Unlock()
	defer s.mu.Lock()
	select {
	case <-flight:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// match finds keys. A token without a key id is for the only key of its
// algorithm.
func (s *keySet) match(id, alg string) []key {
	var found []key
	for _, k := range s.keys {
		if k.alg == alg && (k.id == id || id == "") {
			found = append(found, k)
		}
	}
	if id == "" && len(found) > 1 {
		return nil
	}
	return found
}

// fetch gets the keys and ends the flight.
func (s *keySet) fetch(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	keys, err := s.get(ctx)
	if err != nil {
		s.log.LogAttrs(ctx, slog.LevelError, "jwt: keys were not fetched", slog.String("url", s.url), slog.Any("error", err))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tried, s.failed = s.now(), err != nil
	if err == nil {
		s.keys, s.fetched = keys, s.tried
	}
	close(s.flight)
	s.flight = nil
}

// get fetches and reads the keys. A panic of the host's transport is an error
// like others.
func (s *keySet) get(ctx context.Context) (keys []key, err error) {
	defer func() {
		if p := recover(); p != nil {
			keys, err = nil, fmt.Errorf("panic: %.200v", p)
		}
	}()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/jwk-set+json, application/json")
	resp, err := s.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d", resp.StatusCode)
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxSet+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxSet {
		return nil, fmt.Errorf("the key set is larger than %d bytes", maxSet)
	}
	return parseKeys(data)
}

// parseKeys reads a JSON Web Key Set (RFC 7517 section 5): keys that are not
// understood are passed over, and so are those that are not for verifying.
func parseKeys(data []byte) ([]key, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(data, &set); err != nil {
		return nil, errors.New("the key set is no JSON object")
	}
	var keys []key
	for _, raw := range set.Keys[:min(len(set.Keys), maxKeys)] {
		var k jose.JSONWebKey
		if k.UnmarshalJSON(raw) != nil || !k.Valid() || k.Use != "" && k.Use != "sig" {
			continue
		}
		if alg := algorithm(k.Key); alg != "" && (k.Algorithm == "" || k.Algorithm == alg) {
			keys = append(keys, key{k.KeyID, alg, k.Key})
		}
	}
	if keys == nil {
		return nil, errors.New("the key set has no key that can be used")
	}
	return keys, nil
}

// algorithm is the one that a key is for, "" if it is for none: symmetric and
// private keys are for none, whatever they say of themselves.
func algorithm(public any) string {
	switch k := public.(type) {
	case *rsa.PublicKey:
		if n := k.N.BitLen(); n >= 2048 && n <= 8192 {
			return string(jose.RS256)
		}
	case *ecdsa.PublicKey:
		if k.Curve == elliptic.P256() {
			return string(jose.ES256)
		}
	case ed25519.PublicKey:
		return string(jose.EdDSA)
	}
	return ""
}
