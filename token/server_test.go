package token_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/memstore"
	"github.com/scimkit/scimkit/token"
)

// service is a whole server over memory.
type service struct {
	*token.Manager
	t      *testing.T
	server *scim.Server
}

func newService(t *testing.T, store token.Store, o token.Options, change func(*scim.Config)) *service {
	t.Helper()
	m, err := token.New(store, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close(context.Background()) })
	users, groups := schema.UserType(), schema.GroupType()
	resources := memstore.New(memstore.Options{})
	c := scim.Config{
		Endpoints: []scim.Endpoint{
			{Type: users, ForTenant: resources.ForTenant(users)},
			{Type: groups, ForTenant: resources.ForTenant(groups)},
		},
		Authenticator: m,
		BaseURL:       "https://example.com/scim/v2/{tenant}",
		Logger:        slog.New(slog.DiscardHandler),
	}
	if change != nil {
		change(&c)
	}
	server, err := scim.NewServer(c)
	if err != nil {
		t.Fatal(err)
	}
	return &service{m, t, server}
}

// generate makes a token for a tenant that is switched on.
func (s *service) generate(tenant string, scopes ...token.Scope) string {
	s.t.Helper()
	if err := s.SetEnabled(s.t.Context(), tenant, true, "mira"); err != nil {
		s.t.Fatal(err)
	}
	secret, _, err := s.Generate(s.t.Context(), tenant, token.GenerateOptions{Scopes: scopes, Actor: "mira"})
	if err != nil {
		s.t.Fatal(err)
	}
	return secret.Reveal()
}

func (s *service) send(method, path, body, bearer string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "/scim/v2"+path, strings.NewReader(body))
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/scim+json")
	}
	w := httptest.NewRecorder()
	s.server.ServeHTTP(w, r)
	return w
}

const (
	mira     = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"mira"}`
	amber    = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Amber"}`
	rename   = `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"externalId","value":"x"}]}`
	discover = "discovery"
)

// TestScopesOfOperations is the part of S12 about scopes: each scope and each
// operation of every route.
func TestScopesOfOperations(t *testing.T) {
	for _, tt := range []struct {
		scopes token.Scopes
		may    string // of the operations below
	}{
		{token.Scopes{}, ""},
		{token.Scopes{token.ReadAll}, "list users, read user, list groups, read group"},
		{token.Scopes{token.ReadAll, token.WriteAll}, "list users, read user, create user, replace user, modify user, delete user, list groups, read group, create group, replace group, modify group, delete group"},
		{token.Scopes{"User:read", "User:write"}, "list users, read user, create user, replace user, modify user, delete user"},
		{token.Scopes{"User:create", "Group:modify"}, "create user, modify group"},
		{token.Scopes{"Group:delete", "User:replace"}, "delete group, replace user"},
	} {
		s := newService(t, token.NewMemoryStore(), token.Options{MaxTokens: 2}, nil)
		all := s.generate("acme")
		limited := s.generate("acme", tt.scopes...)
		if len(tt.scopes) == 0 { // Generate takes no scopes for all
			secret, _, err := s.Generate(t.Context(), "none", token.GenerateOptions{Scopes: token.Scopes{}, Actor: "mira"})
			if err != nil || s.SetEnabled(t.Context(), "none", true, "mira") != nil {
				t.Fatal(err)
			}
			limited = secret.Reveal()
		}
		tenant := "/acme"
		if len(tt.scopes) == 0 {
			tenant = "/none"
			all = s.generate("none")
		}
		id := func(path, body string) string {
			var v struct{ ID string }
			w := s.send("POST", tenant+path, body, all)
			if json.Unmarshal(w.Body.Bytes(), &v) != nil || v.ID == "" {
				t.Fatal(w.Body)
			}
			return path + "/" + v.ID
		}
		user, group := id("/Users", mira), id("/Groups", amber)
		may := map[string]bool{}
		for _, name := range strings.Split(tt.may, ", ") {
			may[name] = true
		}
		for _, op := range []struct{ name, method, path, body string }{
			{"list users", "GET", "/Users", ""}, {"list users", "GET", "/Users?filter=userName+eq+%22x%22", ""}, {"list users", "HEAD", "/Users", ""},
			{"list groups", "GET", "/Groups", ""},
			{"read user", "GET", user, ""}, {"read user", "HEAD", user, ""}, {"read group", "GET", group, ""},
			{"create user", "POST", "/Users", strings.ReplaceAll(mira, "mira", "jo")}, {"create group", "POST", "/Groups", strings.ReplaceAll(amber, "Amber", "Blue")},
			{"replace user", "PUT", user, mira}, {"replace group", "PUT", group, amber},
			{"modify user", "PATCH", user, rename}, {"modify group", "PATCH", group, rename},
			{"delete user", "DELETE", user, ""}, {"delete group", "DELETE", group, ""},
			{discover, "GET", "/ServiceProviderConfig", ""}, {discover, "GET", "/ResourceTypes", ""}, {discover, "GET", "/Schemas/urn:ietf:params:scim:schemas:core:2.0:User", ""},
		} {
			w := s.send(op.method, tenant+op.path, op.body, limited)
			want := may[op.name] || op.name == discover
			if ok := w.Code < 300; ok != want || !ok && (w.Code != 403 || w.Header().Get("WWW-Authenticate") != `Bearer realm="scim", error="insufficient_scope"`) {
				t.Errorf("%v: %s %s: %d %v", tt.scopes, op.method, op.path, w.Code, w.Header())
			}
			if w := s.send(op.method, tenant+op.path, op.body, ""); w.Code != 401 {
				t.Errorf("%s %s without a token: %d", op.method, op.path, w.Code)
			}
		}
	}
}

// TestHeaders: what a request may carry and still be refused.
func TestHeaders(t *testing.T) {
	s := newService(t, token.NewMemoryStore(), token.Options{}, nil)
	good := s.generate("acme")
	empty := newService(t, token.NewMemoryStore(), token.Options{}, nil)
	var first string
	for _, h := range [][]string{
		{}, {""}, {"Bearer"}, {"Bearer "}, {"Bearer  "}, {"Bearer\t" + good}, {"bearer undefined"}, {"Bearer null"}, {"Bearer " + good, "Bearer " + good},
		{"Bearer " + good + ",Bearer " + good}, {"Bearer " + good + "\x00"}, {"Bearer " + good + " x"}, {"Bearer " + strings.Repeat("a", 64<<10)}, {"Basic " + good}, {good},
		{"Bearer " + strings.ToLower(good)}, {"Bearer " + strings.ToUpper(good)}, {"Bearer " + good + "\n"}, {"\u00a0Bearer " + good}, {"Bearer\u00a0" + good},
	} {
		for _, service := range []*service{s, empty} {
			r := httptest.NewRequest("GET", "/scim/v2/acme/Users", nil)
			r.Header = http.Header{"Authorization": h}
			w := httptest.NewRecorder()
			service.server.ServeHTTP(w, r)
			if first == "" {
				first = w.Body.String()
			}
			if w.Code != 401 || w.Body.String() != first {
				t.Errorf("%.60q: %d %s", h, w.Code, w.Body)
			}
		}
	}
	if w := s.send("GET", "/acme/Users", "", good); w.Code != 200 {
		t.Errorf("%d", w.Code)
	}
}
