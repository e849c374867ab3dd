package settings_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/scimkit/scimkit/token"
	"github.com/scimkit/scimkit/token/settings"
)

type tokenAnswer struct {
	Token     string    `json:"token"`
	ID        string    `json:"token_id"`
	Name      string    `json:"name"`
	Scopes    []string  `json:"scopes"`
	State     string    `json:"state"`
	CreatedBy string    `json:"created_by"`
	ExpiresAt time.Time `json:"expires_at"`
}

// TestAPI walks through every action of the API.
func TestAPI(t *testing.T) {
	h := newHost(t)
	var status struct {
		Enabled, Entitled bool
		State             string
		BaseURL           string `json:"base_url"`
		Tokens            []tokenAnswer
		LastUsedAt        time.Time `json:"last_used_at"`
	}
	h.api("GET", "status", "", &status)
	if status.Enabled || !status.Entitled || status.State != "off" || !strings.HasSuffix(status.BaseURL, "/scim/v2/acme") || status.Tokens == nil {
		t.Errorf("%+v", status)
	}
	if a := h.api("PATCH", "status", `{"enabled":true}`, &status); a.status != 200 || !status.Enabled || status.State != "no_token" {
		t.Errorf("%d %+v", a.status, status)
	}

	var first, second tokenAnswer
	a := h.api("POST", "tokens", `{"name":"Okta","scopes":["User:read"],"expires_in":3600}`, &first)
	if a.status != 201 || a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d %v", a.status, a.header)
	}
	want := tokenAnswer{Token: first.Token, ID: first.ID, Name: "Okta", Scopes: []string{"User:read"}, State: "active", CreatedBy: "admin@acme.example", ExpiresAt: h.clock().Add(time.Hour)}
	if d := cmp.Diff(want, first); d != "" || h.scim("acme", first.Token, "/Users") != 200 {
		t.Error(d)
	}
	if id, ok := token.Parse(first.Token); !ok || id != first.ID {
		t.Errorf("token %q, id %q", first.Token, first.ID)
	}

	if a := h.api("POST", "tokens/"+first.ID+"/rotation", "", &second); a.status != 201 || second.ExpiresAt != first.ExpiresAt {
		t.Errorf("%d %+v", a.status, second)
	}
	if a := h.api("DELETE", "tokens/"+first.ID+"/rotation", "", nil); a.status != 204 || h.scim("acme", second.Token, "/Users") != 401 {
		t.Errorf("cancel: %d", a.status)
	}
	h.api("POST", "tokens/"+first.ID+"/rotation", `{"overlap":7200}`, &second)
	if a := h.api("POST", "tokens/"+second.ID+"/rotation/complete", "", nil); a.status != 204 || h.scim("acme", first.Token, "/Users") != 401 {
		t.Errorf("complete: %d", a.status)
	}
	h.api("POST", "tokens/"+second.ID+"/rotation", `{"overlap":0}`, &first)
	if h.scim("acme", second.Token, "/Users") != 401 || h.scim("acme", first.Token, "/Users") != 200 {
		t.Error("rotation without overlap")
	}
	if a := h.api("DELETE", "tokens/"+first.ID, "", nil); a.status != 204 || h.scim("acme", first.Token, "/Users") != 401 {
		t.Errorf("revoke: %d", a.status)
	}
	h.api("GET", "status", "", &status)
	if len(status.Tokens) != 4 || status.Tokens[0].State != "revoked" || status.LastUsedAt.IsZero() {
		t.Errorf("%+v", status)
	}
}

func TestAPILists(t *testing.T) {
	h := newHost(t)
	h.enable()
	secret, tok := h.generate("Okta")
	h.scim("acme", secret, "/Users?filter=userName%20eq%20%22mira%22")
	h.scim("acme", secret, "/Users/none")
	h.scim("acme", "wrong", "/Users")
	var got struct {
		Requests []struct {
			Method, Path, Client, Detail string
			Status                       int
			Authenticated                bool
			Subject                      string
			Quirks                       []string
		}
	}
	a := h.api("GET", "requests?limit=2", "", &got)
	if len(got.Requests) != 2 || got.Requests[0].Status != 401 || got.Requests[0].Authenticated || got.Requests[1].Subject != "token:"+tok.ID ||
		got.Requests[1].Path != "/scim/v2/acme/Users/none" || got.Requests[1].Client != "Okta" || got.Requests[1].Detail == "" {
		t.Errorf("%+v", got)
	}
	if a := h.api("GET", "requests", "", &got); len(got.Requests) != 3 || strings.Contains(a.body, "mira") || strings.Contains(a.body, secret) {
		t.Error(a.body)
	}
	var log struct {
		Events []struct {
			Seq           int64
			Action, Actor string
		}
	}
	if a = h.api("GET", "events?limit=1", "", &log); len(log.Events) != 1 || log.Events[0].Action != "token.generated" {
		t.Error(a.body)
	}
	if a = h.api("GET", "events?before=2", "", &log); len(log.Events) != 1 || log.Events[0].Action != "scim.enabled" || log.Events[0].Actor != "test" {
		t.Error(a.body)
	}
}

// TestBadBodies: clear errors, and nothing is changed.
func TestBadBodies(t *testing.T) {
	h := newHost(t)
	h.enable()
	_, tok := h.generate("Okta")
	before := h.state()
	rotation := "tokens/" + tok.ID + "/rotation"
	for _, tt := range []struct {
		method, path, body string
		status             int
		code, field        string
	}{
		{"PATCH", "status", ``, 400, "body", "enabled"},
		{"PATCH", "status", `{}`, 400, "body", "enabled"},
		{"PATCH", "status", `{"enabled":null}`, 400, "body", "enabled"},
		{"PATCH", "status", `{"enabled":"false"}`, 400, "body", "enabled"},
		{"PATCH", "status", `{"enabled":0}`, 400, "body", "enabled"},
		{"PATCH", "status", `{"Enabled":false}`, 400, "body", "Enabled"},
		{"PATCH", "status", `{"enabled":true,"enabled":false}`, 400, "body", "enabled"},
		{"PATCH", "status", `{"enabled":false,"paused":true}`, 400, "body", "paused"},
		{"PATCH", "status", `{"enabled":false}}`, 400, "body", ""},
		{"PATCH", "status", `{"enabled":false} {}`, 400, "body", ""},
		{"PATCH", "status", `{"enabled":false`, 400, "body", ""},
		{"PATCH", "status", `[{"enabled":false}]`, 400, "body", ""},
		{"PATCH", "status", `{"enabled":false,}`, 400, "body", ""},
		{"PATCH", "status", "{\"enabled\":false,\"\xff\":1}", 400, "body", ""},
		{"PATCH", "status", `{"enabled":false,"` + strings.Repeat("x", 20000) + `":1}`, 413, "form", ""},
		{"POST", "tokens", `{"name":1}`, 400, "body", "name"},
		{"POST", "tokens", `{"name":"` + strings.Repeat("x", 101) + `"}`, 400, "name", "name"},
		{"POST", "tokens", `{"name":"a\u0000b"}`, 400, "name", "name"},
		{"POST", "tokens", `{"name":"\ud800"}`, 400, "body", "name"},
		{"POST", "tokens", `{"name":"a\udc00\ud800b"}`, 400, "body", "name"},
		{"POST", "tokens", `{"name":"\ud83d\ud83d\ude00"}`, 400, "body", "name"},
		{"POST", "tokens", `{"name":"\\\ud800"}`, 400, "body", "name"},
		{"POST", "tokens", `{"scopes":["\ud800"]}`, 400, "body", "scopes"},
		{"POST", "tokens", `{"\ud800":1}`, 400, "body", "�"},
		{"POST", "tokens", `{"scopes":"*:read"}`, 400, "body", "scopes"},
		{"POST", "tokens", `{"expires_in":0}`, 400, "body", "expires_in"},
		{"POST", "tokens", `{"expires_in":-5}`, 400, "body", "expires_in"},
		{"POST", "tokens", `{"expires_in":1.5}`, 400, "body", "expires_in"},
		{"POST", "tokens", `{"expires_in":9223372036854775807}`, 400, "body", "expires_in"},
		{"POST", "tokens", `{"tenant":"other"}`, 400, "body", "tenant"},
		{"POST", "tokens", `{"actor":"root"}`, 400, "body", "actor"},
		{"POST", rotation, `{"overlap":-1}`, 400, "body", "overlap"},
		{"POST", rotation, `{"overlap":604801}`, 400, "invalid", ""},
		{"POST", rotation, `{"overlap_seconds":1}`, 400, "body", "overlap_seconds"},
		{"POST", rotation + "/complete", `{"x":1}`, 400, "body", "x"},
		{"POST", rotation + "/complete", ``, 409, "state", ""},
		{"DELETE", rotation, ``, 409, "state", ""},
		{"DELETE", rotation, `{"overlap":1}`, 400, "body", "overlap"},
		{"DELETE", "tokens/" + tok.ID, `{"after":60}`, 400, "body", "after"},
		{"DELETE", "tokens/AAAAAAAAAAAA", ``, 404, "not_found", ""},
		{"GET", "events?before=x", ``, 400, "body", "before"},
		{"GET", "events?limit=0", ``, 400, "body", "limit"},
		{"GET", "events?limit=1&limit=2", ``, 400, "body", "limit"},
		{"GET", "requests?before=1", ``, 400, "body", "before"},
		{"GET", "requests?tenant=other", ``, 400, "body", "tenant"},
		{"GET", "requests?%zz", ``, 400, "body", ""},
	} {
		var got struct {
			Error struct{ Code, Field, Message string }
		}
		a := h.api(tt.method, tt.path, tt.body, &got)
		if a.status != tt.status || got.Error.Code != tt.code || got.Error.Field != tt.field || got.Error.Message == "" {
			t.Errorf("%s %s %.60s: %d %s", tt.method, tt.path, tt.body, a.status, a.body)
		}
		if a.header.Get("Content-Type") != "application/json" || len(a.body) > 500 {
			t.Errorf("%s %s %.60s: %v, %d bytes", tt.method, tt.path, tt.body, a.header, len(a.body))
		}
	}
	for _, contentType := range []string{"", "text/plain", "application/x-www-form-urlencoded", "application/jsonx"} {
		if a := h.api("PATCH", "status", `{"enabled":false}`, nil, "Content-Type", contentType); a.status != http.StatusUnsupportedMediaType {
			t.Errorf("Content-Type %q: %d", contentType, a.status)
		}
	}
	if d := cmp.Diff(before, h.state()); d != "" {
		t.Error(d)
	}
}

// TestScopes: a scope of a type that the server does not have would permit
// nothing, and whoever asked for it would not know why.
func TestScopes(t *testing.T) {
	h := newHost(t, func(o *settings.Options, to *token.Options) {
		o.Types, to.MaxTokens = []string{"User", "Device"}, 20
	})
	var got struct {
		Scopes []string
		Error  struct{ Code, Field, Message string }
	}
	for _, tt := range []struct{ scopes, names string }{
		{`[]`, "empty"},
		{`["Group:read"]`, `"Group:read"`},
		{`["User:read","Group:read"]`, `"Group:read"`},
		{`["user:read"]`, `"user:read"`},
		{`["everything"]`, `"everything"`},
		{`["*"]`, `"*"`},
		{`["*:*"]`, `"*:*"`},
		{`["User:"]`, `"User:"`},
		{`[":read"]`, `":read"`},
		{`["User:Read"]`, `"User:Read"`},
		{`["User:read:write"]`, `"User:read:write"`},
		{`[" User:read"]`, `" User:read"`},
		{`[""]`, `""`},
		{`[null]`, `""`},
		{`["` + strings.Repeat("x", 5000) + `:read"]`, `xx"`},
		{`["\u0000:read"]`, `"\x00:read"`},
	} {
		before := h.state()
		a := h.api("POST", "tokens", `{"scopes":`+tt.scopes+`}`, &got)
		if a.status != 400 || got.Error.Code != "body" || got.Error.Field != "scopes" || len(a.body) > 500 {
			t.Errorf("%.60s: %d %s", tt.scopes, a.status, a.body)
		}
		for _, want := range []string{tt.names, "User, Device or *", "read, write, create, replace, modify, delete"} {
			if !strings.Contains(got.Error.Message, want) {
				t.Errorf("%.60s: no %s in %s", tt.scopes, want, got.Error.Message)
			}
		}
		if d := cmp.Diff(before, h.state()); d != "" {
			t.Error(d)
		}
	}
	for _, scopes := range []string{`["User:read"]`, `["Device:write"]`, `["*:read"]`, `["User:create","User:replace","Device:modify","Device:delete"]`} {
		if a := h.api("POST", "tokens", `{"scopes":`+scopes+`}`, &got); a.status != 201 || strings.Join(got.Scopes, `","`) != strings.Trim(scopes, `[]"`) {
			t.Errorf("%s: %d %s", scopes, a.status, a.body)
		}
	}
}

// TestLimit: the Manager's own limits are clear errors too.
func TestLimit(t *testing.T) {
	h := newHost(t)
	h.generate("1")
	h.generate("2")
	before := h.state()
	if a := h.api("POST", "tokens", "", nil); a.status != 409 || !strings.Contains(a.body, `"limit"`) {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := h.form("tokens", generateForm("", "2")); a.status != 409 || !strings.Contains(a.body, "Revoke one first") {
		t.Errorf("%d %s", a.status, a.body)
	}
	if d := cmp.Diff(before, h.state()); d != "" {
		t.Error(d)
	}
}
