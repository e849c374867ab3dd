package scim_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/scim"
)

// waitingHandler asks for the context's channel, as drivers of databases do.
type waitingHandler struct{ scim.ResourceHandler }

func (h waitingHandler) Create(ctx context.Context, r *scim.Resource) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	default:
		return h.ResourceHandler.Create(ctx, r)
	}
}

// TestOnQuirkContext checks that OnQuirk may still use the request's context:
// to write to a store, and to know the client.
func TestOnQuirkContext(t *testing.T) {
	called := 0
	s := newServer(t, func(c *scim.Config) {
		c.Endpoints = c.Endpoints[:1]
		c.Endpoints[0].Handler = waitingHandler{c.Endpoints[0].Handler}
		c.OnQuirk = func(ctx context.Context, q scim.Quirk) {
			called++
			select {
			case <-ctx.Done():
				t.Errorf("%s: the context is over: %v", q, ctx.Err())
			default:
			}
			if p, ok := scim.PrincipalFrom(ctx); !ok || p.Subject != "token" {
				t.Errorf("%s: principal %v, %v", q, p, ok)
			}
		}
	})
	must(t, s, 201, "POST", "/Users", `{"userName":"x","shoeSize":42}`)
	if called != 2 {
		t.Errorf("OnQuirk was called %d times, want 2", called)
	}
}

// TestToleranceByTenant checks that what one tenant may do changes nothing for
// another, although the server remembers what names mean.
func TestToleranceByTenant(t *testing.T) {
	for _, tt := range []struct {
		name, word string
		off        func(*scim.Tolerance)
	}{
		{"department", "Orbit", func(t *scim.Tolerance) { t.ShortNames = false }},
		{"emails%5Btype+eq+%22work%22%5D", "m@example.test", func(t *scim.Tolerance) { t.BracketProjection = false }},
	} {
		strict := scim.Tolerant()
		tt.off(&strict)
		w := newQuirkWorld(t, nil, func(c *scim.Config) {
			c.Authenticator = scim.AuthenticatorFunc(func(r *http.Request, _ string) (scim.Principal, error) {
				return scim.Principal{Tenant: r.Header.Get("X-Tenant")}, nil
			})
			c.TenantTolerance = func(_ context.Context, tenant string) *scim.Tolerance {
				if tenant == "strict" {
					return &strict
				}
				return nil
			}
		})
		must(t, w, 200, "PATCH", "/Users/1", patchOf(`{"op":"add","value":{"emails":[{"value":"m@example.test"}],"`+enterpriseURN+`":{"department":"Orbit"}}}`))
		for _, tenant := range []string{"tolerant", "strict", "tolerant", "strict"} {
			a := must(t, w, 200, "GET", "/Users/1?attributes="+tt.name, "", "X-Tenant", tenant)
			if got, want := strings.Contains(a.Body, tt.word), tenant == "tolerant"; got != want {
				t.Errorf("%s gets %s: %v, want %v", tenant, tt.word, got, want)
			}
		}
	}
}
