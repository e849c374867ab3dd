package token_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/token"
)

// routes are all that the server answers, and the answers to the methods below,
// in their order: with all scopes, with User:read alone, and with none. Without
// a token every one is 401. Bodies are empty, so that a write that is permitted
// is 400.
var routes = []struct{ path, all, narrow, none string }{
	{"/Users", "200 200 400 405 405 405 405", "200 200 403 405 405 405 405", "403 403 403 405 405 405 405"},
	{"/Users/unknown", "404 404 405 400 400 404 405", "404 404 405 403 403 403 405", "403 403 405 403 403 403 405"},
	{"/Users/.search", "501 501 501 501 501 501 501", "501 501 501 501 501 501 501", "501 501 501 501 501 501 501"},
	{"/Groups", "200 200 400 405 405 405 405", "403 403 403 405 405 405 405", "403 403 403 405 405 405 405"},
	{"/Groups/unknown", "404 404 405 400 400 404 405", "403 403 405 403 403 403 405", "403 403 405 403 403 403 405"},
	{"/Groups/.search", "501 501 501 501 501 501 501", "501 501 501 501 501 501 501", "501 501 501 501 501 501 501"},
	{"/Bulk", "501 501 501 501 501 501 501", "501 501 501 501 501 501 501", "501 501 501 501 501 501 501"},
	{"/Me", "501 501 501 501 501 501 501", "501 501 501 501 501 501 501", "501 501 501 501 501 501 501"},
	{"/.search", "501 501 501 501 501 501 501", "501 501 501 501 501 501 501", "501 501 501 501 501 501 501"},
	{"/ServiceProviderConfig", "200 200 405 405 405 405 405", "200 200 405 405 405 405 405", "200 200 405 405 405 405 405"},
	{"/ResourceTypes", "200 200 405 405 405 405 405", "200 200 405 405 405 405 405", "200 200 405 405 405 405 405"},
	{"/ResourceTypes/User", "200 200 405 405 405 405 405", "200 200 405 405 405 405 405", "200 200 405 405 405 405 405"},
	{"/Schemas", "200 200 405 405 405 405 405", "200 200 405 405 405 405 405", "200 200 405 405 405 405 405"},
	{"/Schemas/urn:ietf:params:scim:schemas:core:2.0:User", "200 200 405 405 405 405 405", "200 200 405 405 405 405 405", "200 200 405 405 405 405 405"},
	{"", "501 501 501 501 501 501 501", "501 501 501 501 501 501 501", "501 501 501 501 501 501 501"},
	{"/nothing", "404 404 404 404 404 404 404", "404 404 404 404 404 404 404", "404 404 404 404 404 404 404"},
}

var methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

// TestAuthMatrix is the part of S12 about routes: each one with each method,
// without a token, with narrow ones, and with all scopes.
func TestAuthMatrix(t *testing.T) {
	s := newService(t, token.NewMemoryStore(), token.Options{MaxTokens: 3}, nil)
	all, narrow := s.generate("acme"), s.generate("acme", "User:read")
	secret, _, err := s.Generate(t.Context(), "acme", token.GenerateOptions{Scopes: token.Scopes{}, Actor: "mira"})
	if err != nil {
		t.Fatal(err)
	}
	for _, rt := range routes {
		for _, tt := range []struct{ name, bearer, want string }{
			{"all scopes", all, rt.all}, {"User:read", narrow, rt.narrow}, {"no scope", secret.Reveal(), rt.none},
			{"no token", "", strings.TrimSpace(strings.Repeat("401 ", len(methods)))},
			{"unknown token", all[1:], strings.TrimSpace(strings.Repeat("401 ", len(methods)))},
		} {
			var got []string
			for _, method := range methods {
				got = append(got, fmt.Sprint(s.send(method, "/acme"+rt.path, "", tt.bearer).Code))
			}
			if got := strings.Join(got, " "); got != tt.want {
				t.Errorf("%s with %s: %s, want %s", rt.path, tt.name, got, tt.want)
			}
		}
	}
}

// TestMatrixHasAllRoutes: a route that package scim learns has its row.
func TestMatrixHasAllRoutes(t *testing.T) {
	source, err := os.ReadFile("../scim/route.go")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]bool{}
	for _, rt := range routes {
		rows[rt.path] = true
	}
	table := regexp.MustCompile(`(?s)var fixedPaths = .*?\n}`).Find(source)
	names := regexp.MustCompile(`"([^"]+)":`).FindAllSubmatch(table, -1)
	if len(names) < 6 {
		t.Errorf("%d routes in the source", len(names))
	}
	for _, name := range names {
		if !rows["/"+string(name[1])] {
			t.Errorf("/%s is not in the matrix", name[1])
		}
	}
}
