package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/scimkit/scimkit/examples/internal/host"
	"github.com/scimkit/scimkit/token"
)

const info = "/api/v2/acme/tenant_info"

// users asks for users with a token and gives the status.
func (s *server) users(token string) int {
	s.t.Helper()
	return s.do(bearer(token), "GET", "/scim/v2/acme/Users", "").StatusCode
}

// TestToken: POST makes a token that works, and then another in its place.
func TestToken(t *testing.T) {
	s := start(t, nil)
	before := s.do(s.as("acme"), "GET", info, "").object(t)
	if before["scim_enabled"] != true || before["scim_token_active"] != false || before["scim_token_last_used_at"] != nil || len(before["scim_tokens"].([]any)) != 0 {
		t.Errorf("tenant_info at the start: %v", before)
	}
	var last string
	for range 4 {
		got := s.do(s.as("acme"), "POST", info+"/scim_token", "{}")
		made := got.object(t)
		token, _ := made["token"].(string)
		if got.StatusCode != http.StatusCreated || !strings.HasPrefix(token, "teams_") || got.Header.Get("Cache-Control") != "no-store" {
			t.Fatalf("POST scim_token = %d %s", got.StatusCode, got.body)
		}
		if id, _ := made["token_id"].(string); id == "" || !strings.Contains(token, id) {
			t.Errorf("token_id %q of the token %s", id, token)
		}
		if _, err := time.Parse(time.RFC3339, made["created_at"].(string)); err != nil || made["expires_at"] != nil || len(made) != 4 {
			t.Errorf("%v: %s", err, got.body)
		}
		if s.users(token) != 200 || last != "" && s.users(last) != 401 {
			t.Errorf("the new token gives %d, the one before %d", s.users(token), s.users(last))
		}
		last = token
	}
	after := s.do(s.as("acme"), "GET", info, "")
	m := after.object(t)
	tokens := m["scim_tokens"].([]any)
	if m["scim_token_active"] != true || m["scim_token_last_used_at"] == nil || len(tokens) != 4 {
		t.Errorf("tenant_info: %s", after.body)
	}
	newest := tokens[0].(map[string]any)
	if newest["state"] != "active" || newest["created_by"] != s.admins["acme"].Name || !strings.HasSuffix(last, newest["last_four"].(string)) {
		t.Errorf("the newest token is %v", newest)
	}
	if secret := last[len(last)-40:]; strings.Contains(after.body, secret) {
		t.Error("tenant_info has the secret of a token")
	}
	if tokens[1].(map[string]any)["state"] != "revoked" {
		t.Errorf("the token before is %v", tokens[1])
	}
}

// TestEnabled: switched off, SCIM says so; the token stays.
func TestEnabled(t *testing.T) {
	s := start(t, nil)
	token := s.newToken("acme")
	for _, on := range []bool{false, false, true} {
		body, status := `{"scim_enabled": false}`, http.StatusForbidden
		if on {
			body, status = ` { "scim_enabled" : true } `, http.StatusOK
		}
		got := s.do(s.as("acme"), "PATCH", info, body)
		if m := got.object(t); got.StatusCode != 200 || m["scim_enabled"] != on || m["scim_token_active"] != on {
			t.Errorf("PATCH %s = %d %s", body, got.StatusCode, got.body)
		}
		answer := s.do(bearer(token), "GET", "/scim/v2/acme/Users", "")
		if answer.StatusCode != status || answer.Header.Get("Content-Type") != "application/scim+json" {
			t.Errorf("after %s: %d %s", body, answer.StatusCode, answer.body)
		}
	}
}

// TestBadBodies: what is wrong changes nothing.
func TestBadBodies(t *testing.T) {
	s := start(t, nil)
	token := s.newToken("acme")
	for _, body := range []string{
		``, `{}`, `null`, `true`, `[]`, `{"scim_enabled": null}`, `{"scim_enabled": "false"}`, `{"scim_enabled": 0}`, `{"scim_enabled": false`,
		`{"scim_enabled": false}}`, `{"scim_enabled": false} {}`, `{"scim_enabled": false, "scim_enabled": false}`, `{"SCIM_ENABLED": false}`,
		`{"scim_enabled": false, "title": "x"}`, `{"scim_enabled": {"scim_enabled": false}}`, `{"scim_enabled": [false]}`, `{"title": "x"}`,
		`{"scim_enabled": false, "x": "` + strings.Repeat("x", 2000) + `"}`,
	} {
		got := s.do(s.as("acme"), "PATCH", info, body)
		if got.StatusCode != http.StatusBadRequest || got.object(t)["error"] == "" {
			t.Errorf("PATCH %.60s = %d %s", body, got.StatusCode, got.body)
		}
	}
	for _, body := range []string{`null`, `[]`, `{`, `{"name": "x"}`, `{} {}`, `{"scopes": ["*:read"]}`, `x`} {
		if got := s.do(s.as("acme"), "POST", info+"/scim_token", body); got.StatusCode != http.StatusBadRequest {
			t.Errorf("POST scim_token %s = %d %s", body, got.StatusCode, got.body)
		}
	}
	if s.users(token) != 200 {
		t.Error("a bad body has changed something")
	}
}

// TestOtherPaths: what the API does not have is said in JSON, too.
func TestOtherPaths(t *testing.T) {
	s := start(t, nil)
	for _, tt := range []struct {
		method, path string
		status       int
		allow        string
	}{
		{"DELETE", info, 405, "GET, PATCH"},
		{"PUT", info, 405, "GET, PATCH"},
		{"GET", info + "/scim_token", 405, "POST"},
		{"DELETE", info + "/scim_token", 405, "POST"},
		{"GET", info + "/", 404, ""},
		{"GET", "/api/v2/acme", 404, ""},
		{"POST", "/api/v1/acme/tenant_info", 404, ""},
		{"GET", "/api/", 404, ""},
	} {
		got := s.do(s.as("acme"), tt.method, tt.path, "")
		if got.StatusCode != tt.status || got.Header.Get("Allow") != tt.allow || got.Header.Get("Content-Type") != "application/json" || got.object(t)["error"] == "" {
			t.Errorf("%s %s = %d %v %s", tt.method, tt.path, got.StatusCode, got.Header, got.body)
		}
	}
	if got := s.do(s.as("acme"), "HEAD", info, ""); got.StatusCode != 200 {
		t.Errorf("HEAD = %d", got.StatusCode)
	}
}

// TestNotEntitled: who does not have SCIM in the plan is told whom to ask, by
// the API and, if there is a token from better times, by SCIM.
func TestNotEntitled(t *testing.T) {
	s := start(t, nil)
	for _, r := range []struct{ method, path, body string }{
		{"POST", "/api/v2/globex/tenant_info/scim_token", ""},
		{"PATCH", "/api/v2/globex/tenant_info", `{"scim_enabled": true}`},
	} {
		got := s.do(s.as("globex"), r.method, r.path, r.body)
		if got.StatusCode != http.StatusForbidden || !strings.Contains(got.body, sales) {
			t.Errorf("%s %s = %d %s", r.method, r.path, got.StatusCode, got.body)
		}
	}
	m := s.do(s.as("globex"), "GET", "/api/v2/globex/tenant_info", "").object(t)
	if m["scim_entitled"] != false || m["scim_enabled"] != false || m["scim_token_active"] != false {
		t.Errorf("tenant_info: %v", m)
	}
	if got := s.do(s.as("globex"), "PATCH", "/api/v2/globex/tenant_info", `{"scim_enabled": false}`); got.StatusCode != 200 {
		t.Errorf("switching off what is off = %d %s", got.StatusCode, got.body)
	}
	if got := s.do(nil, "GET", "/scim/v2/globex/Users", ""); got.StatusCode != 401 {
		t.Errorf("SCIM without a token = %d", got.StatusCode)
	}

	s.plan("globex", true)
	token := s.newToken("globex")
	active := func() any {
		return s.do(s.as("globex"), "GET", "/api/v2/globex/tenant_info", "").object(t)["scim_token_active"]
	}
	if got := active(); got != true {
		t.Errorf("entitled, scim_token_active is %v", got)
	}
	s.plan("globex", false)
	if got := active(); got != false {
		t.Errorf("no longer entitled, scim_token_active is %v", got)
	}
	got := s.do(bearer(token), "GET", "/scim/v2/globex/Users", "")
	if got.StatusCode != http.StatusForbidden || !strings.Contains(got.body, sales) || got.Header.Get("Content-Type") != "application/scim+json" {
		t.Errorf("SCIM with the token of a tenant that is not entitled = %d %s", got.StatusCode, got.body)
	}
}

// TestOtherSites: a page of another site that an administrator looks at can
// change nothing.
func TestOtherSites(t *testing.T) {
	s := start(t, nil)
	foreign := func(r *http.Request) {
		s.as("acme")(r)
		r.Header.Set("Sec-Fetch-Site", "cross-site")
	}
	for _, path := range []string{info + "/scim_token", settingsPath("acme") + "api/tokens"} {
		if got := s.do(foreign, "POST", path, ""); got.StatusCode != http.StatusForbidden || got.object(t)["error"] == nil {
			t.Errorf("POST %s = %d %s", path, got.StatusCode, got.body)
		}
	}
	for _, path := range []string{"/app/acme/people/x/session", settingsPath("acme") + "switch"} {
		if got := s.do(foreign, "POST", path, ""); got.StatusCode != http.StatusForbidden || !strings.Contains(got.body, "came from another site") {
			t.Errorf("POST %s = %d %s", path, got.StatusCode, got.body)
		}
	}
	if m := s.do(s.as("acme"), "GET", info, "").object(t); len(m["scim_tokens"].([]any)) != 0 {
		t.Error("there is a token")
	}
}

// TestFixedToken: the token of the flag -token obeys the switches, and is of its
// tenant alone.
func TestFixedToken(t *testing.T) {
	s := start(t, func(c *config) { c.FixedToken = "for-a-test-suite" })
	if got := s.users("for-a-test-suite"); got != 200 {
		t.Errorf("the fixed token gives %d", got)
	}
	if got := s.users(s.newToken("acme")); got != 200 {
		t.Errorf("a generated token beside it gives %d", got)
	}
	if got := s.users("for-a-test-suit"); got != 401 {
		t.Errorf("another token gives %d", got)
	}
	if got := s.do(bearer("for-a-test-suite"), "GET", "/scim/v2/globex/Users", ""); got.StatusCode != 401 {
		t.Errorf("the fixed token at another tenant gives %d", got.StatusCode)
	}
	s.do(s.as("acme"), "PATCH", info, `{"scim_enabled": false}`)
	if got := s.users("for-a-test-suite"); got != 403 {
		t.Errorf("the fixed token, switched off, gives %d", got)
	}
}

// TestTokenLeavesNarrowOnes: the API replaces the token that may do everything,
// not a newer one that was made for less.
func TestTokenLeavesNarrowOnes(t *testing.T) {
	s := start(t, nil)
	whole := s.newToken("acme")
	narrow, _, err := s.app.tokens.Generate(t.Context(), "acme", token.GenerateOptions{Name: "reader", Scopes: token.Scopes{token.ReadAll}, Actor: "test"})
	if err != nil {
		t.Fatal(err)
	}
	next := s.newToken("acme")
	if s.users(whole) != 401 || s.users(narrow.Reveal()) != 200 || s.users(next) != 200 {
		t.Errorf("replaced %d, narrow %d, new %d", s.users(whole), s.users(narrow.Reveal()), s.users(next))
	}
}

// TestTokenLeavesPrintedOnes: the API replaces what it or a person has made, also
// when a start has made another one since, and leaves those of starts alone.
func TestTokenLeavesPrintedOnes(t *testing.T) {
	s := start(t, nil)
	printed := func() string {
		text, err := host.PrintedToken(t.Context(), s.tokens, "acme", s.FixedToken, s.Log)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	first := printed()
	made := s.newToken("acme")
	second := printed()
	next := s.newToken("acme")
	if s.users(first) != 200 || s.users(second) != 200 || s.users(made) != 401 || s.users(next) != 200 {
		t.Errorf("printed %d and %d, replaced %d, new %d", s.users(first), s.users(second), s.users(made), s.users(next))
	}
}
