package token

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
)

// refusals are requests that get 401, one of each class.
type refusals struct {
	*fixture
	server http.Handler
	auth   map[string][]string // class -> Authorization
}

var classes = []string{"missing", "malformed", "unknown", "wrong secret", "expired", "revoked", "rotated", "foreign", "two headers", "another scheme"}

func newRefusals(t *testing.T, o Options) *refusals {
	o.MaxTokens = 10
	r := &refusals{fixture: newFixture(t, o), auth: map[string][]string{}}
	r.enabled("acme")
	ctx := t.Context()
	gen := func(o GenerateOptions) (string, Token) {
		o.Actor = "mira"
		s, tok, err := r.Generate(ctx, "acme", o)
		ok(t, err)
		return s.Reveal(), tok
	}
	bearer := func(s string) []string { return []string{"Bearer " + s} }
	good, _ := gen(GenerateOptions{})
	expired, _ := gen(GenerateOptions{ExpiresIn: time.Minute})
	revoked, tok := gen(GenerateOptions{})
	ok(t, r.Revoke(ctx, "acme", tok.ID, "mira"))
	rotated, tok := gen(GenerateOptions{})
	_, _, err := r.StartRotation(ctx, "acme", tok.ID, RotateOptions{Overlap: time.Minute, Actor: "mira"})
	ok(t, err)
	foreign, _ := r.enabled("other")
	wrong := good[:len(good)-10] + "0000" + good[len(good)-6:]
	wrong = wrong[:len(wrong)-6] + checksum(wrong[:len(wrong)-6])
	r.clock.advance(2 * time.Minute)

	r.auth["missing"] = nil
	r.auth["malformed"] = bearer(good[:len(good)-1])
	r.auth["unknown"] = bearer(mintText("scim"))
	r.auth["wrong secret"] = bearer(wrong)
	r.auth["expired"] = bearer(expired)
	r.auth["revoked"] = bearer(revoked)
	r.auth["rotated"] = bearer(rotated)
	r.auth["foreign"] = bearer(foreign)
	r.auth["two headers"] = []string{"Bearer " + good, "Bearer " + good}
	r.auth["another scheme"] = []string{"Digest " + good}
	r.server = serve(t, r.Manager, nil)
	return r
}

// serve is a server whose resources nobody asks for here.
func serve(t *testing.T, a scim.Authenticator, change func(*scim.Config)) *scim.Server {
	t.Helper()
	c := scim.Config{
		Endpoints: []scim.Endpoint{{Type: schema.UserType(), ForTenant: func(context.Context, string) (scim.ResourceHandler, error) {
			return nil, scim.ErrNotFound
		}}},
		Authenticator: a, BaseURL: "https://example.com/{tenant}",
		Logger: slog.New(slog.DiscardHandler),
	}
	if change != nil {
		change(&c)
	}
	s, err := scim.NewServer(c)
	ok(t, err)
	return s
}

func (r *refusals) send(class string) *httptest.ResponseRecorder {
	req := httptest.NewRequest("GET", "/acme/Users", nil)
	if a := r.auth[class]; a != nil {
		req.Header["Authorization"] = a
	}
	w := httptest.NewRecorder()
	r.server.ServeHTTP(w, req)
	return w
}

// TestRefusalsAreAlike is S9: body, headers and work of a 401 say nothing of why.
// Work is counted, because a clock on a busy machine proves nothing: look-ups
// and HMACs, the first time, from the cache, and when that has forgotten.
func TestRefusalsAreAlike(t *testing.T) {
	for _, ttl := range []time.Duration{0, -1, time.Minute} {
		r := newRefusals(t, Options{CacheTTL: ttl})
		var first string
		for _, class := range classes {
			var got strings.Builder
			for round := range 4 {
				if round == 2 {
					r.clock.advance(time.Second)
				}
				finds, macs := r.store.finds.Load(), r.macs.Load()
				w := r.send(class)
				fmt.Fprintf(&got, "%d %v %s: %d look-ups, %d HMACs\n", w.Code, w.Header(), w.Body, r.store.finds.Load()-finds, r.macs.Load()-macs)
				if w.Code != 401 || w.Header().Get("WWW-Authenticate") != `Bearer realm="scim"` {
					t.Errorf("%s: %d %v", class, w.Code, w.Header())
				}
			}
			if first == "" {
				first = got.String()
				if want := map[time.Duration]int{0: 2, -1: 4, time.Minute: 2}[ttl]; strings.Count(first, ": 1 look-ups") != want {
					t.Errorf("TTL %v: refusals are not kept for a second:\n%s", ttl, first)
				}
				if !strings.Contains(first, ": 1 look-ups, 1 HMACs") {
					t.Error(first)
				}
			}
			if got.String() != first {
				t.Errorf("TTL %v: %s:\n%s\n%s:\n%s", ttl, classes[0], first, class, &got)
			}
		}
		// The tenant itself may be unknown.
		finds := r.store.finds.Load()
		if _, err := r.Authenticate(bearer(mintText("scim")), "nobody"); statusOf(scim.Principal{}, err) != 401 || r.store.finds.Load() != finds+1 {
			t.Errorf("unknown tenant: %v", err)
		}
	}
}

// TestStoreDown: a store that fails is 503 and never 401, whatever the token.
func TestStoreDown(t *testing.T) {
	r := newRefusals(t, Options{})
	good, _ := r.enabled("fine")
	r.store.set(errors.New("connection refused to 10.0.0.7 as scim_user"))
	for _, class := range append(slices.Clone(classes), "good") {
		r.auth["good"] = []string{"Bearer " + good}
		w := r.send(class)
		if w.Code != 503 || w.Header().Get("Retry-After") == "" || strings.Contains(w.Body.String(), "10.0.0.7") {
			t.Errorf("%s: %d %v %s", class, w.Code, w.Header(), w.Body)
		}
	}
	r.store.set(nil)
	if got := r.status(good, "fine"); got != 200 {
		t.Errorf("after the outage: %d", got)
	}
	r.store.set(errors.New("again"))
	r.clock.advance(5*time.Second - 1)
	if got := r.status(good, "fine"); got != 200 {
		t.Errorf("from the cache: %d", got)
	}
	r.clock.advance(1)
	if got := r.status(good, "fine"); got != 503 {
		t.Errorf("after the TTL: %d", got)
	}
}

// TestDecoysAreApart: a token that was sent in a wrong way is not refused when it
// is sent in the right one.
func TestDecoysAreApart(t *testing.T) {
	f := newFixture(t, Options{})
	good, _ := f.enabled("acme")
	for _, h := range []string{good, "Bearer" + good, "\n" + good, "Basic " + good} {
		r := bearer("")
		r.Header["Authorization"] = []string{h}
		if got := statusOf(f.Authenticate(r, "acme")); got != 401 {
			t.Errorf("%d", got)
		}
		f.want(200, good)
	}
}
