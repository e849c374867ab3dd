package scim_test

import (
	"context"
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
		{"no endpoint", func(c *scim.Config) { c.Endpoints = nil }, "no Endpoints"},
		{"no type", func(c *scim.Config) { c.Endpoints[1].Type = nil }, "Endpoints[1]: a Type is missing"},
		{"no handler", func(c *scim.Config) { c.Endpoints[0].Handler = nil }, "Endpoints[0]: User needs exactly one of Handler and ForTenant"},
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
		}, "AuthenticationSchemes[0]: it needs Name and Description"},
		{"two primary schemes", func(c *scim.Config) {
			a := scim.AuthenticationScheme{Type: "oauth2", Name: "x", Description: "x", Primary: true}
			c.AuthenticationSchemes = []scim.AuthenticationScheme{a, a}
		}, "2 AuthenticationSchemes are primary"},
		{"a nil authenticator", func(c *scim.Config) { c.Authenticator = scim.AuthenticatorFunc(nil) }, "Authenticator is a nil scim.AuthenticatorFunc"},
		{"a nil handler", func(c *scim.Config) { c.Endpoints[0].Handler = (*mapHandler)(nil) }, "the Handler of User is a nil *scim_test.mapHandler"},
		{"endpoints that differ in case", func(c *scim.Config) {
			c.Endpoints[1].Type = &schema.ResourceType{Name: "Person", Endpoint: "/users", Schema: schema.User()}
		}, "the endpoints /Users and /users differ in letter case only"},
		{"PatchResponse", func(c *scim.Config) { c.Endpoints[0].PatchResponse = 3 }, "PatchResponse 3"},
		{"Unknown", func(c *scim.Config) { c.Tolerance = &scim.Tolerance{Unknown: 3} }, "Tolerance.Unknown 3"},
		{"PutKeeps", func(c *scim.Config) { c.Tolerance = &scim.Tolerance{PutKeeps: []string{"name", "actve"}} }, `PutKeeps: no resource type has an attribute "actve"`},
		{"a tenant for nobody", func(c *scim.Config) { c.BaseURL = "https://example.com/{tenant}" }, "no endpoint has ForTenant"},
		{"a token without tenant", func(c *scim.Config) {
			c.Endpoints[0] = scim.Endpoint{Type: users, ForTenant: only("acme", newMapHandler(users))}
		}, "StaticToken has no tenant"},
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
		{name: "BaseURL with odd tenant", base: "https://api.example/{tenant}/v2", tenant: "A.b_c-1", url: "http://inside/A%2Eb_c-1/v2/Users", want: "https://api.example/A.b_c-1/v2/Users/1"},
		{name: "BaseURL with tenant and StripPrefix", base: "https://api.example/{tenant}/v2", strip: "/acme/v2", tenant: "acme", url: "http://inside/acme/v2/Users", want: "https://api.example/acme/v2/Users/1"},
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
				if tt.tenant != "" {
					c.Endpoints[0] = scim.Endpoint{Type: users, ForTenant: only(tt.tenant, newMapHandler(users))}
				}
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
