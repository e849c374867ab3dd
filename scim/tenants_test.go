package scim_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
)

// TestTenants: two tenants of one server share nothing (RFC 7644 section 6).
func TestTenants(t *testing.T) {
	users, groups := schema.UserType(), schema.GroupType()
	handlers := map[string]map[string]scim.ResourceHandler{}
	for _, tenant := range []string{"acme", "globex"} {
		handlers[tenant] = map[string]scim.ResourceHandler{"User": newMapHandler(users), "Group": newMapHandler(groups)}
	}
	forTenant := func(name string) func(context.Context, string) (scim.ResourceHandler, error) {
		return func(ctx context.Context, tenant string) (scim.ResourceHandler, error) {
			if p, ok := scim.PrincipalFrom(ctx); !ok || p.Tenant != tenant || p.Subject != "token" {
				return nil, errors.New("no principal")
			}
			if tenant == "broken" {
				return nil, nil
			}
			if h, ok := handlers[tenant][name]; ok {
				return h, nil
			}
			return nil, scim.ErrNotFound
		}
	}
	s := newServer(t, func(c *scim.Config) {
		c.Endpoints = []scim.Endpoint{{Type: users, ForTenant: forTenant("User")}, {Type: groups, ForTenant: forTenant("Group")}}
		c.BaseURL = "https://example.com/v2/{tenant}"
		c.Logger = slog.New(slog.DiscardHandler)
		c.Authenticator = scim.AuthenticatorFunc(func(r *http.Request, tenant string) (scim.Principal, error) {
			token, ok := scim.BearerToken(r)
			if !ok {
				return scim.Principal{}, scim.ErrUnauthorized
			}
			return scim.Principal{Tenant: token, Subject: "token"}, nil
		})
	})
	as := func(tenant string) []string { return []string{"Authorization", "Bearer " + tenant} }

	a := must(t, s, 201, "POST", "/acme/Users", `{"userName":"x","externalId":"E"}`, as("acme")...)
	id := a.text(t, "id")
	if want := "https://example.com/v2/acme/Users/" + id; a.Header.Get("Location") != want {
		t.Errorf("Location %s, want %s", a.Header.Get("Location"), want)
	}
	must(t, s, 201, "POST", "/globex/Users", `{"userName":"x","externalId":"E"}`, as("globex")...) // the same name and externalId
	must(t, s, 404, "GET", "/globex/Users/"+id, "", as("globex")...)
	must(t, s, 404, "DELETE", "/globex/Users/"+id, "", as("globex")...)
	must(t, s, 200, "GET", "/acme/Users/"+id, "", as("acme")...)
	list := must(t, s, 200, "GET", "/globex/Users?filter=externalId+eq+%22E%22", "", as("globex")...)
	if list.object(t)["totalResults"] != 1.0 || strings.Contains(list.Body, id) {
		t.Errorf("globex sees %s", list.Body)
	}
	for _, tt := range []struct {
		tenant, target string
		status         int
	}{
		{"globex", "/acme/Users", 401}, // credentials of another tenant are no credentials
		{"globex", "/acme/Schemas", 401},
		{"globex", "/acme/Nothing", 401},
		{"acme", "/acme/Nothing", 404}, // the tenant is where BaseURL has it, not before what is unknown
		{"acme", "/acme/Nothing/at/all", 404},
		{"nobody", "/nobody/Users", 404},
		{"broken", "/broken/Users", 500},
	} {
		if diff := send(t, s, "GET", tt.target, "", as(tt.tenant)...).isError(t, tt.status, ""); diff != "" {
			t.Errorf("%s at %s: %s", tt.tenant, tt.target, diff)
		}
	}
}

// only gives h to one tenant.
func only(tenant string, h scim.ResourceHandler) func(context.Context, string) (scim.ResourceHandler, error) {
	return func(_ context.Context, t string) (scim.ResourceHandler, error) {
		if t != tenant {
			return nil, scim.ErrNotFound
		}
		return h, nil
	}
}

// TestNoTenant: a principal without a tenant reaches no store, and a path that
// should name a tenant and does not is not served for that of the token.
func TestNoTenant(t *testing.T) {
	users := schema.UserType()
	h := newMapHandler(users)
	var log logBook
	make := func(base, tenant string) http.Handler {
		return newServer(t, func(c *scim.Config) {
			c.BaseURL, c.Logger = base, log.logger()
			c.Endpoints = []scim.Endpoint{{Type: users, ForTenant: only(tenant, h)}}
			c.Authenticator = scim.AuthenticatorFunc(func(r *http.Request, _ string) (scim.Principal, error) {
				if _, ok := scim.BearerToken(r); !ok {
					return scim.Principal{}, scim.ErrUnauthorized
				}
				return scim.Principal{Tenant: tenant}, nil
			})
		})
	}
	if diff := send(t, make("", ""), "POST", "/Users", `{"userName":"x"}`).isError(t, 500, ""); diff != "" || len(h.all) > 0 {
		t.Errorf("without a tenant: %s, %v", diff, h.all)
	}
	if !strings.Contains(log.String(), "no tenant") {
		t.Error("the log does not tell: " + log.String())
	}
	for _, tt := range []struct {
		base, strip, target string
		status              int
	}{
		{"https://example.com/v2/{tenant}", "", "/acme/Users", 200},
		{"https://example.com/v2/{tenant}", "/v2/acme", "/acme/Users", 200},
		{"https://example.com/v2/{tenant}", "/v2", "/acme/Users", 200},
		{"https://example.com/v2/{tenant}", "/v2/globex", "/globex/Users", 401},
		{"https://example.com/v2/{tenant}", "", "/Users", 401}, // v2 is no tenant of the token
		{"https://example.com/v2/{tenant}", "/v2", "/Users", 401},
		{"https://example.com/v2/{tenant}/x", "", "/Users", 404},
		{"https://example.com/v2/{tenant}/x", "/v2", "/Users", 404},
		{"https://example.com/v2/{tenant}/x", "/v2/acme", "/acme/x/Users", 200},
		{"https://example.com/v2/{tenant}", "", "/a%20b/Users", 404},
		{"https://example.com/v2/{tenant}", "", "/.acme/Users", 404},
		{"https://example.com/v2/{tenant}", "", "/" + strings.Repeat("a", 64) + "/Users", 404},
		{"https://example.com/v2/{tenant}", "", "/" + strings.Repeat("a", 63) + "/Users", 401},
	} {
		s := http.StripPrefix(tt.strip, make(tt.base, "acme"))
		if a := send(t, s, "GET", tt.target, ""); a.Status != tt.status {
			t.Errorf("%s of %s behind %q: %d, want %d", tt.target, tt.base, tt.strip, a.Status, tt.status)
		}
		if a := send(t, s, "GET", tt.target, "", "Authorization", ""); a.Status != 401 {
			t.Errorf("%s of %s without a token: %d", tt.target, tt.base, a.Status)
		}
	}
}

// TestTenantOfTheMux: the pattern of the host's own mux may name the tenant.
func TestTenantOfTheMux(t *testing.T) {
	users := schema.UserType()
	var asked []string
	s := newServer(t, func(c *scim.Config) {
		c.BaseURL = ""
		c.Endpoints = []scim.Endpoint{{Type: users, Handler: newMapHandler(users)}}
		c.Authenticator = scim.AuthenticatorFunc(func(_ *http.Request, tenant string) (scim.Principal, error) {
			asked = append(asked, tenant)
			return scim.Principal{Tenant: "acme"}, nil
		})
	})
	mux := http.NewServeMux()
	mux.Handle("/v2/t/{tenant}/", s)
	a := must(t, mux, 201, "POST", "/t/acme/Users", `{"userName":"x"}`)
	if got, want := a.Header.Get("Location"), "http://example.com/v2/t/acme/Users/"+a.text(t, "id"); got != want {
		t.Errorf("Location %s, want %s", got, want)
	}
	must(t, mux, 401, "GET", "/t/globex/Users", "")
	if strings.Join(asked, " ") != "acme globex" {
		t.Errorf("the authenticator was asked for %q", asked)
	}
}

// TestPermit: what a principal may not do is 403, and the handler is not asked.
func TestPermit(t *testing.T) {
	var asked []string
	s := newServer(t, func(c *scim.Config) {
		c.Authenticator = scim.AuthenticatorFunc(func(*http.Request, string) (scim.Principal, error) {
			return scim.Principal{Permit: func(resourceType string, op scim.Operation) bool {
				asked = append(asked, resourceType+" "+op.String())
				return resourceType == "User" && op == scim.OpRead
			}}, nil
		})
	})
	for _, tt := range []struct {
		method, target, op string
		status             int
	}{
		{"GET", "/Users", "User read", 200},
		{"HEAD", "/Users", "User read", 200},
		{"GET", "/Users/1", "User read", 404},
		{"GET", "/Groups", "Group read", 403},
		{"POST", "/Users", "User create", 403},
		{"PUT", "/Users/1", "User replace", 403},
		{"PATCH", "/Users/1", "User modify", 403},
		{"DELETE", "/Users/1", "User delete", 403},
		{"GET", "/Schemas", "", 200},
		{"DELETE", "/Users", "", 405},
	} {
		asked = nil
		a := send(t, s, tt.method, tt.target, "not JSON")
		if a.Status != tt.status || strings.Join(asked, ", ") != tt.op {
			t.Errorf("%s %s: %d, asked %q, want %d, %q: %s", tt.method, tt.target, a.Status, asked, tt.status, tt.op, a.Body)
		}
		if a.Status == 403 {
			if diff := a.isError(t, 403, ""); diff != "" {
				t.Error(diff)
			}
		}
	}
}

// TestAuthenticator: which of its errors is which answer.
func TestAuthenticator(t *testing.T) {
	for _, tt := range []struct {
		err    error
		status int
		header string
		value  string
	}{
		{scim.ErrUnauthorized, 401, "WWW-Authenticate", `Bearer realm="scim"`},
		{errors.Join(errors.New("no such token"), scim.ErrUnauthorized), 401, "WWW-Authenticate", `Bearer realm="scim"`},
		{scim.ErrForbidden, 403, "", ""},
		{&scim.Error{Status: 429, Detail: "Too many requests.", RetryAfter: 30}, 429, "Retry-After", "30"},
		{errors.New("the token store is down"), 503, "Retry-After", "5"},
	} {
		s := newServer(t, func(c *scim.Config) {
			c.Logger = slog.New(slog.DiscardHandler)
			c.Challenge = `Bearer realm="scim"`
			c.Authenticator = scim.AuthenticatorFunc(func(*http.Request, string) (scim.Principal, error) { return scim.Principal{}, tt.err })
		})
		for _, target := range []string{"/Users", "/Schemas", "/Nothing"} {
			a := send(t, s, "GET", target, "")
			if diff := a.isError(t, tt.status, ""); diff != "" || a.Header.Get(tt.header) != tt.value {
				t.Errorf("%v: %s %v", tt.err, diff, a.Header)
			}
			if strings.Contains(a.Body, "store") || strings.Contains(a.Body, "no such token") {
				t.Errorf("%v reaches the client: %s", tt.err, a.Body)
			}
		}
	}
}
