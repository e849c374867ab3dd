package main

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/scimkit/scimkit/examples/internal/exampletest"
	"github.com/scimkit/scimkit/examples/internal/host"
)

// TestDeactivation: every way to deactivate a user ends the sessions, and no
// other change does.
func TestDeactivation(t *testing.T) {
	s := start(t, nil)
	for _, tt := range []struct {
		name, method, body string
		ends               bool
	}{
		{"PATCH", "PATCH", `{"Operations":[{"op":"replace","value":{"active":false}}]}`, true},
		{"PATCH as Entra ID", "PATCH", `{"Operations":[{"op":"Replace","path":"active","value":"False"}]}`, true},
		{"PUT", "PUT", `{"userName":"a@example.com","active":false}`, true},
		{"DELETE", "DELETE", ``, true},
		{"PATCH of the title", "PATCH", `{"Operations":[{"op":"replace","path":"title","value":"A"}]}`, false},
		{"PATCH that takes active away", "PATCH", `{"Operations":[{"op":"remove","path":"active"}]}`, false},
	} {
		id := s.create(`{"userName":"a@example.com","active":true}`)
		path := "/users/" + id + "/session"
		opened := s.do("POST", path, "")
		if opened.StatusCode != http.StatusSeeOther || opened.Header.Get("Location") != "/me" || len(opened.Cookies()) != 1 {
			t.Fatalf("sign-in = %d %v", opened.StatusCode, opened.Header)
		}
		me := func() int {
			return s.do("GET", "/me", "", func(r *http.Request) { r.Header.Del("Authorization"); r.AddCookie(opened.Cookies()[0]) }).StatusCode
		}
		if got := me(); got != 200 {
			t.Errorf("signed in, /me = %d", got)
		}
		got := s.do(tt.method, scimPath+"/Users/"+id, tt.body)
		session, again := 200, http.StatusSeeOther
		if tt.ends {
			session, again = 403, 404
		}
		if got.StatusCode >= 300 || me() != session {
			t.Errorf("%s: %d %s; then /me = %d, want %d", tt.name, got.StatusCode, got.body, me(), session)
		}
		if got := s.do("POST", path, "").StatusCode; got != again {
			t.Errorf("%s: sign-in afterwards = %d, want %d", tt.name, got, again)
		}
		s.do("DELETE", scimPath+"/Users/"+id, "")
	}
}

// TestSignOut: who signs out is signed out, and nobody else.
func TestSignOut(t *testing.T) {
	s := start(t, nil)
	id := s.create(`{"userName":"a@example.com"}`)
	var sessions [2]*http.Cookie
	for i := range sessions {
		sessions[i] = s.do("POST", "/users/"+id+"/session", "").Cookies()[0]
	}
	as := func(c *http.Cookie) func(*http.Request) {
		return func(r *http.Request) { r.Header.Del("Authorization"); r.AddCookie(c) }
	}
	out := s.do("POST", "/me/sign-out", "", as(sessions[0]))
	if out.StatusCode != http.StatusSeeOther || out.Header.Get("Location") != "/me" || out.Cookies()[0].MaxAge >= 0 {
		t.Errorf("sign-out = %d %v", out.StatusCode, out.Header)
	}
	for i, want := range []int{403, 200} {
		if got := s.do("GET", "/me", "", as(sessions[i])); got.StatusCode != want {
			t.Errorf("session %d: %d, want %d", i, got.StatusCode, want)
		}
	}
}

// TestDeactivationIsOne: if the sessions cannot be ended, the user stays active.
func TestDeactivationIsOne(t *testing.T) {
	s := start(t, nil)
	id := s.create(`{"userName":"a@example.com"}`)
	s.do("POST", "/users/"+id+"/session", "")
	err := s.db.Write(t.Context(), func(tx *host.Tx) error {
		_, err := tx.Exec(`DROP TABLE sessions`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	got := s.do("PATCH", scimPath+"/Users/"+id, `{"Operations":[{"op":"replace","value":{"active":false}}]}`)
	if got.StatusCode != 500 || strings.Contains(got.body, "sessions") {
		t.Errorf("PATCH = %d %s", got.StatusCode, got.body)
	}
	if got := s.do("GET", scimPath+"/Users/"+id, "").object(t); got["active"] != true {
		t.Errorf("the user is %v", got)
	}
}

// TestAdminsOnly: pages and the settings are for administrators, and take
// nothing from other sites.
func TestAdminsOnly(t *testing.T) {
	s := start(t, nil)
	id := s.create(`{"userName":"a@example.com","displayName":"<script>alert(1)</script>"}`)
	for _, p := range []struct{ method, path string }{
		{"GET", "/"}, {"POST", "/users"}, {"POST", "/users/" + id + "/session"}, {"GET", settingsPath}, {"POST", settingsPath},
	} {
		for name, change := range map[string]func(*http.Request){
			"nobody":      func(r *http.Request) { r.Header.Del("Authorization") },
			"a wrong one": func(r *http.Request) { r.SetBasicAuth(adminName, s.password+"x") },
			"a client":    exampletest.Bearer(s.key),
		} {
			if got := s.do(p.method, p.path, "", change); got.StatusCode != 401 || got.Header.Get("WWW-Authenticate") == "" {
				t.Errorf("%s %s by %s = %d", p.method, p.path, name, got.StatusCode)
			}
		}
		if p.method == "POST" {
			got := s.do(p.method, p.path, "", func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") })
			if got.StatusCode != 403 {
				t.Errorf("%s %s from another site = %d", p.method, p.path, got.StatusCode)
			}
		}
	}
	page := s.do("GET", "/", "")
	if page.StatusCode != 200 || strings.Contains(page.body, "<script") || !strings.HasPrefix(page.Header.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("GET / = %d %s", page.StatusCode, page.body)
	}
	if got := s.do("GET", "/style.css", ""); got.StatusCode != 200 || !strings.HasPrefix(got.Header.Get("Content-Type"), "text/css") {
		t.Errorf("GET /style.css = %d %v", got.StatusCode, got.Header)
	}
}

// TestAddUser: bad input to the form is refused with a reason, adds nobody and
// leaves what was entered.
func TestAddUser(t *testing.T) {
	s := start(t, nil)
	s.create(`{"userName":"a@example.com"}`)
	add := func(body, contentType string) *reply {
		return s.do("POST", "/users", body, func(r *http.Request) { r.Header.Set("Content-Type", contentType) })
	}
	const form = "application/x-www-form-urlencoded"
	for _, tt := range []struct {
		email, name string
		status      int
		why         string
	}{
		{"", "", 400, "An e-mail address is needed"},
		{"x", "<b>Ida</b>", 400, "An e-mail address is needed"},
		{"b@example.com\x00", "", 400, "An e-mail address is needed"},
		{"b@example.com", strings.Repeat("ü", 101), 400, "A name has up to 100 characters"},
		{"b@example.com", "a\xffb", 400, "A name has up to 100 characters"},
		{"b@example.com", "a\x00b", 400, "A name has up to 100 characters"},
		{"b@example.com", "a\nb", 400, "A name has up to 100 characters"},
		{"A@example.com", "Ida", 409, "There is a user with this e-mail address"},
	} {
		got := add(url.Values{"email": {tt.email}, "name": {tt.name}}.Encode(), form)
		if got.StatusCode != tt.status || !strings.Contains(got.body, `<p class="note" role="alert" id="problem">`+tt.why) || !strings.HasPrefix(got.Header.Get("Content-Type"), "text/html") {
			t.Errorf("%q, %.30q: %d %s", tt.email, tt.name, got.StatusCode, got.body)
		}
		if !strings.Contains(got.body, `value="`+html.EscapeString(tt.name)+`"`) && utf8.ValidString(tt.name) && !strings.Contains(tt.name, "\x00") {
			t.Errorf("%q, %.30q is not left: %s", tt.email, tt.name, got.body)
		}
	}
	for body, contentType := range map[string]string{
		`{"email":"b@example.com"}`:     "application/json",
		"email=b@example.com":           "text/plain",
		"email=%zz":                     form,
		strings.Repeat("x=y&", 100_000): form,
	} {
		if got := add(body, contentType); got.StatusCode != 400 {
			t.Errorf("%.40s as %s: %d", body, contentType, got.StatusCode)
		}
	}
	if got := s.do("GET", scimPath+"/Users", "").object(t); got["totalResults"] != 1.0 {
		t.Errorf("then there are %v", got)
	}
	if got := add(url.Values{"email": {"b@example.com"}, "name": {strings.Repeat("ü", 100)}}.Encode(), form); got.StatusCode != 303 {
		t.Errorf("a long name: %d %s", got.StatusCode, got.body)
	}
}

// TestProblems: what cannot be served is said on a page of the product.
func TestProblems(t *testing.T) {
	s := start(t, nil)
	id := s.create(`{"userName":"a@example.com"}`)
	write := func(statement string) {
		t.Helper()
		err := s.db.Write(t.Context(), func(tx *host.Tx) error { _, err := tx.Exec(statement); return err })
		if err != nil {
			t.Fatal(err)
		}
	}
	look := func(method, path string, status int, why string) {
		t.Helper()
		got := s.do(method, path, "")
		if got.StatusCode != status || !strings.Contains(got.body, "<p>"+why) || !strings.HasPrefix(got.Header.Get("Content-Type"), "text/html") {
			t.Errorf("%s %s = %d %s", method, path, got.StatusCode, got.body)
		}
	}
	look("POST", "/users/no-such-user/session", 404, "There is no active user")
	look("POST", "/users/%00%ff/session", 404, "There is no active user")
	write(`DROP TABLE sessions`)
	look("POST", "/users/"+id+"/session", 500, "The request could not be served.</p>")
}

// TestSettings: the security settings work where they are mounted, show what
// clients have sent, and know that there are no groups.
func TestSettings(t *testing.T) {
	s := start(t, nil)
	s.create(`{"userName":"a@example.com"}`)
	page := s.do("GET", settingsPath, "")
	for _, want := range []string{s.baseURL(), "POST /Users<"} {
		if page.StatusCode != 200 || !strings.Contains(page.body, want) {
			t.Errorf("the page (%d) has no %q:\n%s", page.StatusCode, want, page.body)
		}
	}
	if !strings.Contains(page.body, "leave <strong>Push Groups</strong> off") {
		t.Error("the steps for Okta do not say that there are no groups")
	}
	// Its tokens are SCIM keys, except where an identity provider's page is quoted.
	for _, want := range []string{">Generate a SCIM key<", ">Generate SCIM key</button>", ">SCIM keys</h2>", "paste your SCIM key behind <strong>Bearer</strong>", "As <strong>Secret token</strong> paste your SCIM key"} {
		if !strings.Contains(page.body, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	text := regexp.MustCompile(`(?s)<(strong|code)[^>]*>.*?</(strong|code)>|<[^>]*>`).ReplaceAllString(page.body, "")
	if i := strings.Index(strings.ToLower(text), "token"); i >= 0 {
		t.Errorf("the page speaks of tokens: …%s…", text[max(i-100, 0):min(i+100, len(text))])
	}
	off := s.do("PATCH", settingsPath+"api/status", `{"enabled": false}`, func(r *http.Request) { r.Header.Set("Content-Type", "application/json") })
	if got := s.do("GET", scimPath+"/Users", ""); off.StatusCode != 200 || got.StatusCode != 403 {
		t.Errorf("switching off on the page: %d %s; then SCIM gives %d", off.StatusCode, off.body, got.StatusCode)
	}
}
