package scim_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
)

// TestRefusedPrincipal: when a Principal that comes with an error counts, and
// that nothing of the host but OnRequest sees the request.
func TestRefusedPrincipal(t *testing.T) {
	acme := scim.Principal{Tenant: "acme", Subject: "token:1"}
	unauthorized, forbidden := scim.ErrUnauthorized.Detail, scim.ErrForbidden.Detail
	slow := &scim.Error{Status: 429, Detail: "Slowly.", RetryAfter: 30}
	for _, tt := range []struct {
		name      string
		principal scim.Principal
		err       error
		want      string // Status, Authenticated, Tenant, Subject, Detail
		other     string // the same for a URL without a tenant, "" if it is equal
	}{
		{"rate limit", acme, slow, "429 true acme token:1 Slowly.", ""},
		{"forbidden", acme, scim.ErrForbidden, "403 true acme token:1 " + forbidden, ""},
		{"wrapped", acme, fmt.Errorf("off: %w", scim.ErrForbidden), "403 true acme token:1 " + forbidden, ""},
		{"a store that is down", acme, errors.New("down"), "503 true acme token:1 " + scim.ErrUnavailable.Detail, ""},
		{"no principal", scim.Principal{}, slow, "429 false acme  Slowly.", "429 false   Slowly."},
		{"no name", scim.Principal{Permit: func(string, scim.Operation) bool { return true }}, slow, "429 false acme  Slowly.", "429 false   Slowly."},
		{"tenant alone", scim.Principal{Tenant: "acme"}, slow, "429 true acme  Slowly.", ""},
		{"subject alone", scim.Principal{Subject: "token:1"}, slow, "429 false acme  Slowly.", "429 true  token:1 Slowly."},
		{"unauthorized", acme, scim.ErrUnauthorized, "401 false acme  " + unauthorized, "401 false   " + unauthorized},
		{"unauthorized, wrapped", acme, fmt.Errorf("no: %w", scim.ErrUnauthorized), "401 false acme  " + unauthorized, "401 false   " + unauthorized},
		{"of another tenant", scim.Principal{Tenant: "globex", Subject: "token:2"}, slow, "401 false acme  " + unauthorized, "429 true globex token:2 Slowly."},
		{"of another tenant, unauthorized", scim.Principal{Tenant: "globex"}, &scim.Error{Status: 401, Detail: "Own."}, "401 false acme  Own.", "401 false   Own."},
	} {
		for base, target := range map[string]string{"https://example.com/v2/{tenant}": "/acme/Users", "https://example.com/v2": "/Users"} {
			got, seen := "", 0
			h := newServer(t, func(c *scim.Config) {
				c.BaseURL, c.Logger = base, slog.New(slog.DiscardHandler)
				c.Endpoints = []scim.Endpoint{{Type: schema.UserType(), ForTenant: func(context.Context, string) (scim.ResourceHandler, error) {
					seen++
					return nil, scim.ErrNotFound
				}}}
				c.TenantTolerance = func(context.Context, string) *scim.Tolerance { seen++; return nil }
				c.Authenticator = scim.AuthenticatorFunc(func(*http.Request, string) (scim.Principal, error) { return tt.principal, tt.err })
				c.OnRequest = func(_ context.Context, i scim.RequestInfo) {
					got = fmt.Sprint(i.Status, " ", i.Authenticated, " ", i.Tenant, " ", i.Subject, " ", i.Detail)
				}
			})
			want := tt.want
			if target == "/Users" && tt.other != "" {
				want = tt.other
			}
			send(t, h, "GET", target, "")
			if d := cmp.Diff(want, got); d != "" || seen != 0 {
				t.Errorf("%s, %s: the host was asked %d times\n%s", tt.name, target, seen, d)
			}
		}
	}
}
