package settings_test

import (
	"context"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/scimkit/scimkit/token"
	"github.com/scimkit/scimkit/token/settings"
)

func generateForm(name, seen string) url.Values {
	return url.Values{"name": {name}, "access": {"full"}, "days": {"0"}, "seen": {seen}}
}

var (
	secretOf = regexp.MustCompile(`<code id="secret">([^<]+)</code>`)
	seenOf   = regexp.MustCompile(`name="seen" value="(\d+)"`)
)

// seen is the number in the forms of a page.
func (h *host) seen(path string) string {
	h.t.Helper()
	m := seenOf.FindStringSubmatch(h.send("GET", path, "").body)
	if m == nil {
		h.t.Fatalf("%q has no form that makes a secret", path)
	}
	return m[1]
}

// secret is that on a page.
func (h *host) secret(a answer) string {
	h.t.Helper()
	m := secretOf.FindStringSubmatch(a.body)
	if a.status != 200 || m == nil {
		h.t.Fatalf("%d, no secret in %s", a.status, a.body)
	}
	return m[1]
}

// TestForms walks through every action of the page, without JavaScript.
func TestForms(t *testing.T) {
	h := newHost(t)
	done := func(a answer, location, text string) {
		t.Helper()
		if a.status != 303 || a.header.Get("Location") != location {
			t.Fatalf("%d %q %s", a.status, a.header.Get("Location"), a.body)
		}
		if page := h.send("GET", "?done", "").body; !strings.Contains(page, text) {
			t.Errorf("the page does not say %q", text)
		}
	}
	done(h.form("switch", url.Values{"enabled": {"true"}}), "./?done", "SCIM was switched on")

	first := h.secret(h.form("tokens", generateForm("Okta", h.seen(""))))
	old := h.status().Tokens[0]
	if d := cmp.Diff(token.Token{Tenant: "acme", Name: "Okta", Scopes: token.Scopes{"*:read", "*:write"}, CreatedBy: "admin@acme.example"}, old,
		cmp.FilterPath(func(p cmp.Path) bool {
			return strings.Contains("ID LastFour CreatedAt", strings.TrimPrefix(p.Last().String(), "."))
		}, cmp.Ignore())); d != "" {
		t.Error(d)
	}
	if h.scim("acme", first, "/Users") != 200 {
		t.Error("the token does not work")
	}

	rotate := "tokens/" + old.ID + "/rotate"
	second := h.secret(h.form(rotate, url.Values{"overlap": {"72"}, "seen": {h.seen(rotate)}}))
	if ends := h.status().Tokens[1].RotationEnds; !ends.Equal(h.clock().Add(72 * time.Hour)) {
		t.Errorf("the overlap ends %v", ends)
	}
	if h.scim("acme", first, "/Users") != 200 || h.scim("acme", second, "/Users") != 200 {
		t.Error("not both work in the overlap")
	}
	done(h.form("tokens/"+old.ID+"/cancel", nil), "./../../?done", "was cancelled")
	third := h.secret(h.form(rotate, url.Values{"overlap": {"24"}, "seen": {h.seen(rotate)}}))
	done(h.form("tokens/"+old.ID+"/complete", nil), "./../../?done", "was completed")
	if h.scim("acme", first, "/Users") != 401 || h.scim("acme", second, "/Users") != 401 || h.scim("acme", third, "/Users") != 200 {
		t.Error("the rotation is not complete")
	}

	last := h.status().Tokens[0]
	rotate = "tokens/" + last.ID + "/rotate"
	fourth := h.secret(h.form(rotate, url.Values{"overlap": {"0"}, "seen": {h.seen(rotate)}}))
	if h.scim("acme", third, "/Users") != 401 || h.scim("acme", fourth, "/Users") != 200 {
		t.Error("a rotation without overlap leaves the old token alive")
	}
	done(h.form("tokens/"+h.status().Tokens[0].ID+"/revoke", nil), "./../../?done", "was revoked")
	if h.scim("acme", fourth, "/Users") != 401 {
		t.Error("the token was not revoked")
	}
	done(h.form("switch", url.Values{"enabled": {"false"}}), "./?done", "SCIM was switched off")
}

// TestBadForms: clear errors on the page, and nothing is changed.
func TestBadForms(t *testing.T) {
	h := newHost(t)
	h.enable()
	_, tok := h.generate("Okta")
	seen := h.seen("")
	with := func(name string, values ...string) url.Values {
		f := generateForm("Name <b>", seen)
		f[name] = values
		return f
	}
	before := h.state()
	for _, tt := range []struct {
		name, path string
		fields     url.Values
		status     int
		text       string
	}{
		{"no fields", "switch", nil, 400, "not complete"},
		{"no boolean", "switch", url.Values{"enabled": {"maybe"}}, 400, "not complete"},
		{"a field too many", "switch", url.Values{"enabled": {"false"}, "tenant": {"other"}}, 400, "not complete"},
		{"twice", "switch", url.Values{"enabled": {"false", "true"}}, 400, "not complete"},
		{"long name", "tokens", with("name", strings.Repeat("ö", 101)), 400, "up to 100 characters"},
		{"control character", "tokens", with("name", "a\x00b"), 400, "control characters"},
		{"no UTF-8", "tokens", with("name", "\xff"), 400, "not complete"},
		{"no access", "tokens", with("access", "all"), 400, "what the token may do"},
		{"no operation", "tokens", with("access", "custom"), 400, "at least one operation"},
		{"lifetime", "tokens", with("days", "7"), 400, "one of the lifetimes"},
		{"negative lifetime", "tokens", with("days", "-1"), 400, "one of the lifetimes"},
		{"no number seen", "tokens", with("seen", "x"), 400, "not complete"},
		{"seen nothing", "tokens", with("seen", "0"), 409, "after this page had been loaded"},
		{"actor", "tokens", with("actor", "root"), 400, "not complete"},
		{"overlap", "tokens/" + tok.ID + "/rotate", url.Values{"overlap": {"5"}, "seen": {seen}}, 400, "one of the times"},
		{"old page", "tokens/" + tok.ID + "/rotate", url.Values{"overlap": {"1"}, "seen": {"0"}}, 409, "after this page had been loaded"},
		{"no rotation", "tokens/" + tok.ID + "/complete", nil, 409, "no longer possible"},
		{"no rotation", "tokens/" + tok.ID + "/cancel", nil, 409, "no longer possible"},
		{"a field too many", "tokens/" + tok.ID + "/revoke", url.Values{"x": {""}}, 400, "not complete"},
		{"no such token", "tokens/AAAAAAAAAAAA/revoke", nil, 404, "no such token"},
		{"long body", "switch", url.Values{"enabled": {strings.Repeat("x", 20000)}}, 413, "not complete"},
	} {
		a := h.form(tt.path, tt.fields)
		if a.status != tt.status || !strings.Contains(a.body, tt.text) || !strings.Contains(a.body, `role="alert"`) || !strings.Contains(a.body, "Nothing was changed") {
			t.Errorf("%s %s: %d %s", tt.path, tt.name, a.status, a.body)
		}
		if tt.path == "tokens" && tt.fields.Get("name") == "Name <b>" && !strings.Contains(a.body, `value="Name &lt;b&gt;"`) && tt.name != "actor" {
			t.Errorf("%s: what was entered is gone", tt.name)
		}
	}
	for _, contentType := range []string{"", "text/plain", "multipart/form-data; boundary=x", "application/json"} {
		if a := h.form("switch", url.Values{"enabled": {"false"}}, "Content-Type", contentType); a.status != 415 {
			t.Errorf("Content-Type %q: %d", contentType, a.status)
		}
	}
	if d := cmp.Diff(before, h.state()); d != "" {
		t.Error(d)
	}
}

func TestChosenScopes(t *testing.T) {
	h := newHost(t)
	f := generateForm("", "0")
	f["access"], f["scope"], f["days"] = []string{"custom"}, []string{"User:read", "User:update", "Group:delete"}, []string{"30"}
	h.secret(h.form("tokens", f))
	tok := h.status().Tokens[0]
	if d := cmp.Diff(token.Scopes{"User:read", "User:replace", "User:modify", "Group:delete"}, tok.Scopes); d != "" {
		t.Error(d)
	}
	if !tok.ExpiresAt.Equal(h.clock().Add(30 * 24 * time.Hour)) {
		t.Errorf("expires %v", tok.ExpiresAt)
	}
	f["scope"], f["seen"] = []string{"Device:read"}, []string{"1"}
	if a := h.form("tokens", f); a.status != 400 {
		t.Errorf("a type that is not there: %d", a.status)
	}
}

// TestFormsOfferWhatIsAllowed: nothing that the Manager would refuse.
func TestFormsOfferWhatIsAllowed(t *testing.T) {
	h := newHost(t, func(_ *settings.Options, o *token.Options) {
		o.MaxLifetime, o.MaxOverlap = 60*24*time.Hour, 24*time.Hour
	})
	values := func(path, name string) []string {
		var all []string
		for _, m := range regexp.MustCompile(name+`[^>]* value="(\d+)"`).FindAllStringSubmatch(h.send("GET", path, "").body, -1) {
			all = append(all, m[1])
		}
		return all
	}
	if d := cmp.Diff([]string{"0", "30"}, values("", "<option")); d != "" {
		t.Error(d)
	}
	if body := h.send("GET", "", "").body; strings.Contains(body, ">Never</option>") || !strings.Contains(body, "longest time that is allowed") {
		t.Error("the form promises a token that never expires")
	}
	h.secret(h.form("tokens", generateForm("", "0")))
	rotate := "tokens/" + h.status().Tokens[0].ID + "/rotate"
	if d := cmp.Diff([]string{"0", "1", "24"}, values(rotate, `name="overlap"`)); d != "" {
		t.Error(d)
	}
	h.generate("the second of two")
	if d := cmp.Diff([]string{"0"}, values(rotate, `name="overlap"`)); d != "" {
		t.Error(d)
	}
	if body := h.send("GET", "", "").body; !strings.Contains(body, "are in use (2)") || strings.Contains(body, `action="./tokens"`) {
		t.Error("there is a form for a third token")
	}
}

// TestFormIsSentTwice: a reload of the page with the secret, and a double click.
func TestFormIsSentTwice(t *testing.T) {
	h := newHost(t)
	seen := h.seen("")
	h.secret(h.form("tokens", generateForm("Okta", seen)))
	a := h.form("tokens", generateForm("Okta", seen))
	if a.status != 409 || secretOf.MatchString(a.body) || len(h.status().Tokens) != 1 {
		t.Errorf("%d, %d tokens", a.status, len(h.status().Tokens))
	}
	// Switching SCIM on in another tab does not matter.
	seen = h.seen("")
	h.enable()
	if err := h.tokens.Revoke(context.Background(), "acme", h.status().Tokens[0].ID, "test"); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	status := map[int]int{}
	for range 8 {
		wg.Go(func() {
			a := h.form("tokens", generateForm("Okta", seen))
			mu.Lock()
			defer mu.Unlock()
			status[a.status]++
		})
	}
	wg.Wait()
	if d := cmp.Diff(map[int]int{200: 1, 409: 7}, status); d != "" {
		t.Error(d)
	}
}

// TestDoneTellsTheTruth: the address alone says nothing.
func TestDoneTellsTheTruth(t *testing.T) {
	h := newHost(t)
	notice := func(session string) bool {
		return strings.Contains(h.send("GET", "?done", "", "Session", session).body, `id="notice"`)
	}
	if notice("acme:admin") {
		t.Error("a notice where nothing was done")
	}
	h.form("switch", url.Values{"enabled": {"true"}})
	if !notice("acme:admin") || notice("acme:reader") {
		t.Error("not only who did it is told that it was done")
	}
	h.sleep(2 * time.Minute)
	if notice("acme:admin") {
		t.Error("a notice of what was done long ago")
	}
}

// TestStoreFails: nothing of why is on the page.
func TestStoreFails(t *testing.T) {
	h := newHost(t)
	h.store.fail(errHost)
	for _, a := range []answer{h.send("GET", "", ""), h.form("switch", url.Values{"enabled": {"true"}}), h.send("GET", "api/status", "")} {
		if a.status != 500 || strings.Contains(a.body, "10.1.2.3") || strings.Contains(a.body, "Nothing was changed") {
			t.Errorf("%d %s", a.status, a.body)
		}
	}
	if strings.Count(h.log.String(), errHost.Error()) != 3 {
		t.Error(h.log.String())
	}
}
