package scim_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
)

// TestNewServerRefuses: a Config that cannot work is refused, with a message
// that says where it is wrong.
func TestNewServerRefuses(t *testing.T) {
	users := schema.UserType()
	type endpoints = []scim.Endpoint
	for _, tt := range []struct {
		name   string
		change func(*scim.Config)
		want   string
	}{
		{"no authenticator", func(c *scim.Config) { c.Authenticator = nil }, "Authenticator is missing"},
		{"no endpoint", func(c *scim.Config) { c.Endpoints = nil }, "Endpoints are missing"},
		{"no type", func(c *scim.Config) { c.Endpoints[1].Type = nil }, "Endpoints[1]: Type is missing"},
		{"no handler", func(c *scim.Config) { c.Endpoints[0].Handler = nil }, "Endpoints[0] (User): exactly one of Handler and ForTenant"},
		{"two handlers", func(c *scim.Config) {
			c.Endpoints[0].ForTenant = func(context.Context, string) (scim.ResourceHandler, error) { return nil, nil }
		}, "exactly one of Handler and ForTenant"},
		{"an invalid type", func(c *scim.Config) {
			c.Endpoints[0].Type = &schema.ResourceType{Name: "User", Endpoint: "/Users", Schema: schema.User().Only("userName", "colour")}
		}, "colour"},
		{"a reserved endpoint", func(c *scim.Config) {
			c.Endpoints[0].Type = &schema.ResourceType{Name: "User", Endpoint: "/Schemas", Schema: schema.User()}
		}, "/Schemas"},
		{"two types of one name", func(c *scim.Config) {
			c.Endpoints[1].Type = &schema.ResourceType{Name: "User", Endpoint: "/People", Schema: schema.User()}
		}, "Endpoints[1]: there are two resource types called User"},
		{"two types at one endpoint", func(c *scim.Config) {
			c.Endpoints[1].Type = &schema.ResourceType{Name: "Person", Endpoint: "/Users", Schema: schema.User()}
		}, "Endpoints[1]: there are two resource types at /Users"},
		{"two schemas of one URN", func(c *scim.Config) {
			c.Endpoints[1].Type = &schema.ResourceType{Name: "Person", Endpoint: "/People", Schema: schema.User().Only("userName")}
		}, "the resource types User and Person have two different schemas called " + userURN},
		{"a relative base", func(c *scim.Config) { c.BaseURL = "/scim/v2" }, `BaseURL "/scim/v2"`},
		{"a base without host", func(c *scim.Config) { c.BaseURL = "https:///v2" }, "BaseURL"},
		{"a base with query", func(c *scim.Config) { c.BaseURL = "https://example.com/v2?x=1" }, "BaseURL"},
		{"a base with another scheme", func(c *scim.Config) { c.BaseURL = "ftp://example.com" }, "BaseURL"},
		{"a base with a password", func(c *scim.Config) { c.BaseURL = "https://a:b@example.com" }, "BaseURL"},
		{"a tenant in the host", func(c *scim.Config) { c.BaseURL = "https://{tenant}.example.com" }, "{tenant}"},
		{"two tenants", func(c *scim.Config) { c.BaseURL = "https://example.com/{tenant}/{tenant}" }, "{tenant}"},
		{"half a segment", func(c *scim.Config) { c.BaseURL = "https://example.com/t-{tenant}/v2" }, "{tenant}"},
		{"no proxy", func(c *scim.Config) { c.TrustedProxies = []netip.Prefix{{}} }, "TrustedProxies[0]"},
		{"a scheme of no type", func(c *scim.Config) {
			c.AuthenticationSchemes = []scim.AuthenticationScheme{{Type: "magic", Name: "x", Description: "x"}}
		}, `AuthenticationSchemes[0]: the type "magic"`},
		{"a scheme of no name", func(c *scim.Config) {
			c.AuthenticationSchemes = []scim.AuthenticationScheme{{Type: "oauth2", Description: "x"}}
		}, "AuthenticationSchemes[0]: Name and Description"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := scim.Config{
				Endpoints:     endpoints{{Type: users, Handler: newMapHandler(users)}, {Type: schema.GroupType(), Handler: newMapHandler(users)}},
				Authenticator: scim.StaticToken("secret"),
			}
			tt.change(&c)
			s, err := scim.NewServer(c)
			if err == nil || s != nil || !strings.HasPrefix(err.Error(), "scim: invalid Config: ") || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want %q", err, tt.want)
			}
		})
	}
	_, err := scim.NewServer(scim.Config{BaseURL: "x"})
	for _, part := range []string{"Authenticator", "Endpoints", "BaseURL"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%v does not tell of %s", err, part)
		}
	}
}

// TestSharedSchema: two resource types may have one schema, as long as it is
// the same.
func TestSharedSchema(t *testing.T) {
	people := &schema.ResourceType{Name: "Person", Endpoint: "/People", Schema: schema.User()}
	s := newServer(t, func(c *scim.Config) {
		c.Endpoints = append(c.Endpoints, scim.Endpoint{Type: people, Handler: newMapHandler(people)})
	})
	if got := must(t, s, 201, "POST", "/People", `{"userName":"x"}`).text(t, "meta", "resourceType"); got != "Person" {
		t.Error(got)
	}
}

// TestLocation: URLs in answers are absolute, from BaseURL or from the request
// (RFC 7643 section 3.1, RFC 7644 section 1.3).
func TestLocation(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	type header = map[string]string
	forged := header{"X-Forwarded-Proto": "https", "X-Forwarded-Host": "forged.example"}
	for _, tt := range []struct {
		name    string
		base    string
		proxies []netip.Prefix
		strip   string
		url     string
		remote  string
		header  header
		tenant  string
		want    string
	}{
		{name: "root", url: "http://a.example/Users", want: "http://a.example/Users/1"},
		{name: "port", url: "http://a.example:8080/Users", want: "http://a.example:8080/Users/1"},
		{name: "TLS", url: "https://a.example/Users", want: "https://a.example/Users/1"},
		{name: "mounted", url: "http://a.example/api/scim/v2/Users", want: "http://a.example/api/scim/v2/Users/1"},
		{name: "mounted, escaped", url: "http://a.example/caf%C3%A9/a%20b/Users", want: "http://a.example/caf%C3%A9/a%20b/Users/1"},
		{name: "StripPrefix", strip: "/scim/v2", url: "http://a.example/scim/v2/Users", want: "http://a.example/scim/v2/Users/1"},
		{name: "StripPrefix and slashes", strip: "/scim/v2", url: "http://a.example/scim/v2//Users/", want: "http://a.example/scim/v2/Users/1"},
		{name: "query", url: "http://a.example/scim/Users?x=/Users", want: "http://a.example/scim/Users/1"},
		{name: "BaseURL", base: "https://api.example/v2", url: "http://inside:80/v2/Users", want: "https://api.example/v2/Users/1"},
		{name: "BaseURL with slash", base: "https://api.example/v2/", url: "http://inside/v2/Users", want: "https://api.example/v2/Users/1"},
		{name: "BaseURL elsewhere", base: "https://api.example/v2", url: "http://inside/other/Users", want: "https://api.example/v2/Users/1"},
		{name: "BaseURL with tenant", base: "https://api.example/{tenant}/v2", tenant: "acme", url: "http://inside/acme/v2/Users", want: "https://api.example/acme/v2/Users/1"},
		{name: "BaseURL with odd tenant", base: "https://api.example/{tenant}/v2", tenant: "a b&c", url: "http://inside/a%20b&c/v2/Users", want: "https://api.example/a%20b&c/v2/Users/1"},
		{name: "forged", url: "http://a.example/Users", header: forged, remote: "192.0.2.1:1", want: "http://a.example/Users/1"},
		{name: "forged past a proxy", proxies: proxies, url: "http://a.example/Users", header: forged, remote: "192.0.2.1:1", want: "http://a.example/Users/1"},
		{name: "forwarded", proxies: proxies, url: "http://inside/Users", header: header{"X-Forwarded-Proto": "https", "X-Forwarded-Host": "a.example:8443"}, remote: "10.1.2.3:1", want: "https://a.example:8443/Users/1"},
		{name: "forwarded by IPv4 in IPv6", proxies: proxies, url: "http://inside/Users", header: header{"X-Forwarded-Host": "a.example"}, remote: "[::ffff:10.1.2.3]:1", want: "http://a.example/Users/1"},
		{name: "forwarded nonsense", proxies: proxies, url: "http://a.example/Users", header: header{"X-Forwarded-Proto": "javascript", "X-Forwarded-Host": "evil.example/x?"}, remote: "10.1.2.3:1", want: "http://a.example/Users/1"},
		{name: "forwarded, but BaseURL", base: "https://api.example/v2", proxies: proxies, url: "http://a.example/v2/Users", header: forged, remote: "10.1.2.3:1", want: "https://api.example/v2/Users/1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			users := schema.UserType()
			s := newServer(t, func(c *scim.Config) {
				c.Endpoints = []scim.Endpoint{{Type: users, Handler: newMapHandler(users)}}
				c.BaseURL, c.TrustedProxies = tt.base, tt.proxies
				c.NewID = func() string { return "1" }
				c.Authenticator = scim.AuthenticatorFunc(func(*http.Request, string) (scim.Principal, error) {
					return scim.Principal{Tenant: tt.tenant}, nil
				})
			})
			r := httptest.NewRequest("POST", tt.url, strings.NewReader(`{"userName":"x"}`))
			r.RequestURI = r.URL.RequestURI() // what a server sees
			r.RemoteAddr = first(tt.remote, r.RemoteAddr)
			for name, value := range tt.header {
				r.Header.Set(name, value)
			}
			w := httptest.NewRecorder()
			http.StripPrefix(tt.strip, s).ServeHTTP(w, r)
			a := answer{w.Code, w.Header(), w.Body.String()}
			if a.Status != 201 || a.Header.Get("Location") != tt.want || a.text(t, "meta", "location") != tt.want {
				t.Errorf("%d %s, want %s: %s", a.Status, a.Header.Get("Location"), tt.want, a.Body)
			}
		})
	}
}

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
		{"nobody", "/nobody/Users", 404},
		{"broken", "/broken/Users", 500},
	} {
		if diff := send(t, s, "GET", tt.target, "", as(tt.tenant)...).isError(t, tt.status, ""); diff != "" {
			t.Errorf("%s at %s: %s", tt.tenant, tt.target, diff)
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
