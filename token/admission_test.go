package token_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/token"
	"github.com/scimkit/scimkit/token/requestlog"
)

// admission is a server whose clients have right credentials, and an entry in
// the log of requests for each of them.
type admission struct {
	*service
	t        *testing.T
	log      *requestlog.Memory
	entitled bool
	asked    int // how often the host was asked for a tenant's resources
	send     func() *httptest.ResponseRecorder
	subject  string
}

// credentials are the ways in which a request may prove itself. Each gives the
// Authenticator, the headers to send and the principal's subject.
var credentials = map[string]func(a *admission) (scim.Authenticator, http.Header, string){
	"manager": func(a *admission) (scim.Authenticator, http.Header, string) {
		text, subject := a.mint()
		return a.Manager, http.Header{"Authorization": {"Bearer " + text}}, subject
	},
	"chain, basic": func(a *admission) (scim.Authenticator, http.Header, string) {
		text, subject := a.mint()
		key := base64.StdEncoding.EncodeToString([]byte("scim:" + text))
		return token.Chain(a.Manager, token.Basic(a.Manager)), http.Header{"Authorization": {"Basic " + key}}, subject
	},
	"chain, key": func(a *admission) (scim.Authenticator, http.Header, string) {
		text, subject := a.mint()
		return token.Chain(a.Manager, token.HeaderKey("X-Api-Key", a.Manager)), http.Header{"X-Api-Key": {text}}, subject
	},
	"guard": func(a *admission) (scim.Authenticator, http.Header, string) {
		return a.Guard(a.other()), http.Header{"Authorization": {"Bearer a.b.c"}}, "other:1"
	},
	"chain, guard": func(a *admission) (scim.Authenticator, http.Header, string) {
		return token.Chain(a.Manager, a.Guard(token.HeaderKey("X-Other", a.other()))), http.Header{"X-Other": {"a.b.c"}}, "other:1"
	},
	"guard of a manager": func(a *admission) (scim.Authenticator, http.Header, string) {
		text, subject := a.mint()
		return a.Guard(a.Manager), http.Header{"Authorization": {"Bearer " + text}}, subject
	},
}

func (a *admission) mint() (text, subject string) {
	s, tok, err := a.Generate(a.t.Context(), "acme", token.GenerateOptions{Actor: "mira"})
	if err != nil {
		a.t.Fatal(err)
	}
	return s.Reveal(), "token:" + tok.ID
}

// other is an Authenticator with credentials of its own.
func (*admission) other() scim.Authenticator {
	return scim.AuthenticatorFunc(func(r *http.Request, _ string) (scim.Principal, error) {
		if text, _ := scim.BearerToken(r); text != "a.b.c" {
			return scim.Principal{}, token.ErrOtherKind
		}
		return scim.Principal{Tenant: "acme", Subject: "other:1"}, nil
	})
}

func newAdmission(t *testing.T, way string) *admission {
	t.Helper()
	a := &admission{t: t, log: requestlog.NewMemory(requestlog.Options{PerTenant: 60}), entitled: true}
	var auth scim.AuthenticatorFunc = func(*http.Request, string) (scim.Principal, error) { panic("too early") }
	now := time.Now() // the rate limit's clock stands still
	a.service = newService(t, token.NewMemoryStore(), token.Options{Rate: 25, Burst: 25, CacheTTL: -1, Now: func() time.Time { return now },
		Entitled: func(context.Context, string) (bool, string, error) { return a.entitled, "sales@acme.example", nil }},
		func(c *scim.Config) {
			c.Authenticator = scim.AuthenticatorFunc(func(r *http.Request, tenant string) (scim.Principal, error) { return auth(r, tenant) })
			c.OnRequest, c.Logger = requestlog.Hook(a.log), slog.New(slog.DiscardHandler)
			for i := range c.Endpoints {
				next := c.Endpoints[i].ForTenant
				c.Endpoints[i].ForTenant = func(ctx context.Context, tenant string) (scim.ResourceHandler, error) {
					a.asked++
					return next(ctx, tenant)
				}
			}
		})
	if err := a.SetEnabled(t.Context(), "acme", true, "mira"); err != nil {
		t.Fatal(err)
	}
	real, header, subject := credentials[way](a)
	auth, a.subject = real.Authenticate, subject
	a.send = func() *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", "/scim/v2/acme/Users", nil)
		r.Header = header.Clone()
		w := httptest.NewRecorder()
		a.server.ServeHTTP(w, r)
		return w
	}
	return a
}

// stranger sends a request with credentials that nobody has.
func (a *admission) stranger(i int) {
	r := httptest.NewRequest("GET", "/scim/v2/acme/Users", nil)
	r.Header.Set("Authorization", fmt.Sprint("Bearer guess", i))
	w := httptest.NewRecorder()
	a.server.ServeHTTP(w, r)
	if w.Code != 401 {
		a.t.Errorf("a stranger: %d", w.Code)
	}
}

// TestRefusedAfterGoodCredentials: a request that proved itself and was refused
// for another reason is the tenant's own in the log of requests, where no
// stranger pushes it out; and nothing of the host has seen it.
func TestRefusedAfterGoodCredentials(t *testing.T) {
	for way := range credentials {
		for name, tt := range map[string]struct {
			change func(a *admission) error
			status int
		}{
			"off":          {func(a *admission) error { return a.SetEnabled(t.Context(), "acme", false, "mira") }, 403},
			"not entitled": {func(a *admission) error { a.entitled = false; return nil }, 403},
			"paused":       {func(a *admission) error { return a.SetPaused(t.Context(), "acme", true, "mira") }, 503},
			"rate": {func(a *admission) error {
				for range 25 {
					a.send()
				}
				return nil
			}, 429},
		} {
			t.Run(way+"/"+name, func(t *testing.T) {
				a := newAdmission(t, way)
				if err := tt.change(a); err != nil {
					t.Fatal(err)
				}
				a.asked = 0
				if w := a.send(); w.Code != tt.status || a.asked != 0 {
					t.Errorf("%d %s, the host was asked %d times", w.Code, w.Body, a.asked)
				}
				for i := range 200 {
					a.stranger(i)
				}
				recent, err := a.log.Recent(t.Context(), "acme", 1000)
				if err != nil {
					t.Fatal(err)
				}
				i := slices.IndexFunc(recent, func(e requestlog.Entry) bool { return e.Status == tt.status })
				if i < 0 || !recent[i].Authenticated || recent[i].Tenant != "acme" || recent[i].Subject != a.subject || recent[i].Detail == "" {
					t.Errorf("the request is not there or not the tenant's own: %+v", recent)
				}
				if n := slices.IndexFunc(recent, func(e requestlog.Entry) bool { return e.Status == 401 && e.Authenticated }); n >= 0 {
					t.Errorf("a stranger counts as the tenant: %+v", recent[n])
				}
			})
		}
	}
}
