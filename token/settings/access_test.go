package settings_test

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/scimkit/scimkit/token"
	"github.com/scimkit/scimkit/token/settings"
)

var errHost = errors.New("the database at 10.1.2.3 is away")

// bodies are what each route takes, with right values: without what the tests
// below are about, all of these would change something.
func bodies(rt settings.RouteInfo, seen string) (contentType, body string) {
	if strings.HasPrefix(rt.Path, "api/") {
		body = map[string]string{"api/status": `{"enabled":false}`, "api/tokens/{}/rotation": `{"overlap":0}`}[rt.Path]
		if rt.Method == "DELETE" {
			body = ""
		}
		return "application/json", body
	}
	return "application/x-www-form-urlencoded", map[string]string{
		"switch": "enabled=false", "tokens": "name=&access=full&days=0&seen=" + seen, "tokens/{}/rotate": "overlap=0&seen=" + seen,
	}[rt.Path]
}

// state is all that a request could change.
func (h *host) state() (s struct {
	Status token.Status
	Events []token.Event
}) {
	h.t.Helper()
	s.Status, s.Events = h.status(), h.events()
	return s
}

func (h *host) enable() {
	h.t.Helper()
	if err := h.tokens.SetEnabled(context.Background(), "acme", true, "test"); err != nil {
		h.t.Fatal(err)
	}
}

// TestEveryRouteIsGuarded: nobody, the wrong people, people who may only look,
// and other sites change nothing and see nothing.
func TestEveryRouteIsGuarded(t *testing.T) {
	h := newHost(t)
	h.enable()
	_, tok := h.generate("Okta")
	before := h.state()
	for _, rt := range settings.Routes() {
		path := strings.ReplaceAll(rt.Path, "{}", tok.ID)
		contentType, body := bodies(rt, "2")
		changes := rt.Method != "GET"
		for _, tt := range []struct {
			name    string
			headers []string
			refused bool
			status  int
			text    string
		}{
			{"nobody", []string{"Session", ""}, true, 401, "sign in"},
			{"no rights", []string{"Session", "acme:nobody"}, true, 403, "may not see"},
			{"the host fails", []string{"Session", "acme:broken"}, true, 500, "on our side"},
			{"may only look", []string{"Session", "acme:reader"}, rt.Write, 403, "may not change"},
			{"another site", []string{"Sec-Fetch-Site", "cross-site"}, changes, 403, "another site"},
			{"a sister site", []string{"Sec-Fetch-Site", "same-site"}, changes, 403, "another site"},
			{"another origin", []string{"Origin", "https://evil.example"}, changes, 403, "another site"},
			{"a sandbox", []string{"Origin", "null"}, changes, 403, "another site"},
		} {
			if !tt.refused {
				continue
			}
			a := h.send(rt.Method, path, body, append([]string{"Content-Type", contentType}, tt.headers...)...)
			if a.status != tt.status || !strings.Contains(a.body, tt.text) {
				t.Errorf("%s %s, %s: %d %s", rt.Method, rt.Path, tt.name, a.status, a.body)
			}
			for _, leak := range []string{tok.ID, "10.1.2.3", "acme"} {
				if tt.status != 403 && strings.Contains(strings.ReplaceAll(a.body, mount, ""), leak) {
					t.Errorf("%s %s, %s: %q is in %s", rt.Method, rt.Path, tt.name, leak, a.body)
				}
			}
		}
	}
	if d := cmp.Diff(before, h.state()); d != "" {
		t.Error(d)
	}
	if !strings.Contains(h.log.String(), errHost.Error()) {
		t.Error("the log does not tell why the host failed")
	}
}

// TestEveryRouteWorks is the control of the test above: the same requests, by
// those who may.
func TestEveryRouteWorks(t *testing.T) {
	for _, rt := range settings.Routes() {
		h := newHost(t)
		h.enable()
		_, tok := h.generate("Okta")
		seen := "2"
		if strings.Contains(rt.Path, "complet") || strings.Contains(rt.Path, "cancel") || rt.Method+rt.Path == "DELETEapi/tokens/{}/rotation" {
			if _, _, err := h.tokens.StartRotation(context.Background(), "acme", tok.ID, token.RotateOptions{Actor: "test"}); err != nil {
				t.Fatal(err)
			}
		}
		before := h.state()
		contentType, body := bodies(rt, seen)
		a := h.send(rt.Method, strings.ReplaceAll(rt.Path, "{}", tok.ID), body, "Content-Type", contentType, "Sec-Fetch-Site", "same-origin")
		if a.status >= 400 {
			t.Errorf("%s %s: %d %s", rt.Method, rt.Path, a.status, a.body)
		}
		if changed := cmp.Diff(before, h.state()) != ""; changed != (rt.Method != "GET") {
			t.Errorf("%s %s: changed %v", rt.Method, rt.Path, changed)
		}
	}
}

// TestForeignTokens: the id of another tenant's token is as good as none.
func TestForeignTokens(t *testing.T) {
	h := newHost(t)
	_, tok, err := h.tokens.Generate(context.Background(), "other", token.GenerateOptions{Name: "Theirs", Actor: "test"})
	if err != nil {
		t.Fatal(err)
	}
	for _, rt := range settings.Routes() {
		if !strings.Contains(rt.Path, "{}") {
			continue
		}
		contentType, body := bodies(rt, "0")
		var got []answer
		for _, id := range []string{tok.ID, "AAAAAAAAAAAA"} {
			a := h.send(rt.Method, strings.ReplaceAll(rt.Path, "{}", id), body, "Content-Type", contentType)
			a.body = strings.ReplaceAll(a.body, id, "{}")
			a.header.Del("Date")
			got = append(got, a)
		}
		if d := cmp.Diff(got[0], got[1], cmp.AllowUnexported(answer{})); d != "" || got[0].status != 404 {
			t.Errorf("%s %s: %d %s", rt.Method, rt.Path, got[0].status, d)
		}
	}
	if events, err := h.tokens.Events(context.Background(), "other", 0, 10); err != nil || len(events) != 1 {
		t.Errorf("%v %v", events, err)
	}
}

func TestHeaders(t *testing.T) {
	h := newHost(t)
	for _, path := range []string{"", "api/status", "no/such/page", "assets/style.css", "assets/none", "tokens"} {
		a := h.send("GET", path, "")
		csp := a.header.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"} {
			if !strings.Contains(csp, want) {
				t.Errorf("%s: the policy has no %s: %s", path, want, csp)
			}
		}
		if strings.Contains(csp, "unsafe") || a.header.Get("X-Content-Type-Options") != "nosniff" || a.header.Get("Referrer-Policy") != "same-origin" || a.header.Get("X-Frame-Options") != "DENY" {
			t.Errorf("%s: %v", path, a.header)
		}
		if cache := a.header.Get("Cache-Control"); cache != "no-store" && path != "assets/style.css" {
			t.Errorf("%s: Cache-Control %q", path, cache)
		}
		for _, inline := range []string{"style=", "onclick", "<style", "<script>", "javascript:"} {
			if strings.Contains(a.body, inline) && !strings.HasPrefix(path, "assets/") {
				t.Errorf("%s has %s", path, inline)
			}
		}
	}
}

func TestNoSuchAddress(t *testing.T) {
	h := newHost(t)
	for _, tt := range []struct {
		method, path string
		status       int
		allow        string
	}{
		{"GET", "api", 404, ""},
		{"GET", "api/", 404, ""},
		{"GET", "api/tokens//rotation", 404, ""},
		{"GET", "tokens/a/b/rotate", 404, ""},
		{"GET", "/", 404, ""},
		{"PUT", "api/status", 405, "GET, PATCH"},
		{"GET", "api/tokens/x", 405, "DELETE"},
		{"DELETE", "", 405, "GET"},
		{"OPTIONS", "api/events", 405, "GET"},
		{"POST", "assets/style.css", 405, "GET"},
	} {
		// The path as it is: a client would clean it.
		a := h.raw(tt.method, mount+"/"+tt.path, "", "Session", "acme:admin")
		if tt.path == "/" || strings.Contains(tt.path, "//") {
			if a.status != 404 && a.status != 307 && a.status != 301 {
				t.Errorf("%s %s: %d", tt.method, tt.path, a.status)
			}
			continue
		}
		if a.status != tt.status || a.header.Get("Allow") != tt.allow {
			t.Errorf("%s %s: %d, Allow %q", tt.method, tt.path, a.status, a.header.Get("Allow"))
		}
	}
	for _, path := range []string{"tokens", "switch"} {
		if a := h.send("GET", path, ""); a.status != 303 || a.header.Get("Location") != "./" {
			t.Errorf("GET %s: %d %q", path, a.status, a.header.Get("Location"))
		}
	}
	if a := h.send("HEAD", "", ""); a.status != 200 || a.body != "" {
		t.Errorf("HEAD: %d %q", a.status, a.body)
	}
}

// TestNothingWithoutEntitlement: what would be of no use is refused.
func TestNothingWithoutEntitlement(t *testing.T) {
	h := newHost(t, func(_ *settings.Options, o *token.Options) {
		o.Entitled = func(context.Context, string) (bool, string, error) { return false, "sales@example.com", nil }
	})
	before := h.state()
	if a := h.form("switch", url.Values{"enabled": {"true"}}); a.status != 403 || !strings.Contains(a.body, "not part of your plan") {
		t.Errorf("switch: %d", a.status)
	}
	if a := h.form("tokens", generateForm("x", "0")); a.status != 403 {
		t.Errorf("generate: %d", a.status)
	}
	for _, path := range []string{"PATCH status", "POST tokens"} {
		method, path, _ := strings.Cut(path, " ")
		if a := h.api(method, path, map[string]string{"PATCH": `{"enabled":true}`}[method], nil); a.status != 403 || !strings.Contains(a.body, `"unentitled"`) {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	if d := cmp.Diff(before, h.state()); d != "" {
		t.Error(d)
	}
	page := h.send("GET", "", "").body
	if !strings.Contains(page, `href="mailto:sales@example.com"`) || strings.Contains(page, "<form") {
		t.Error("the page does not say whom to ask, or has forms")
	}
	if strings.Contains(page, "guide-okta") {
		t.Error("the page has steps that cannot be done")
	}
}
