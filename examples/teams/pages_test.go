package main

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/examples/internal/host"
	"github.com/scimkit/scimkit/scim"
)

// cookieOf gives the session that an answer opened.
func cookieOf(t *testing.T, r *reply) *http.Cookie {
	t.Helper()
	for _, c := range r.Cookies() {
		if c.Name == cookieName && c.Value != "" && c.HttpOnly && c.SameSite == http.SameSiteLaxMode && c.Path == "/app/acme/" {
			return c
		}
	}
	t.Fatalf("no cookie of a session: %d %v", r.StatusCode, r.Header)
	return nil
}

// TestPages: what a client sends shows, and a person can be signed in.
func TestPages(t *testing.T) {
	s := start(t, nil)
	if got := s.do(s.as("acme"), "GET", "/app/acme/", ""); got.StatusCode != 200 || !strings.Contains(got.body, "Nobody yet") {
		t.Errorf("an empty tenant: %d %s", got.StatusCode, got.body)
	}
	b := s.settle("acme")
	page := s.do(s.as("acme"), "GET", "/app/acme/", "").body
	for _, want := range []string{b.email, ">Ada</td>", "Team acme", ">active</span>", `data-label="Sessions">1<`, settingsPath("acme"), `People <span class="count">1</span>`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q:\n%s", want, page)
		}
	}
	opened := s.do(s.as("acme"), "POST", "/app/acme/people/"+b.person+"/session", "")
	cookie := cookieOf(t, opened)
	if opened.Header.Get("Location") != "/app/acme/me" {
		t.Errorf("sign-in leads to %s", opened.Header.Get("Location"))
	}
	me := func(path string) *reply {
		return s.do(func(r *http.Request) { r.AddCookie(cookie) }, "GET", path, "")
	}
	if got := me("/app/acme/me"); got.StatusCode != 200 || !strings.Contains(got.body, b.email) {
		t.Errorf("signed in: %d %s", got.StatusCode, got.body)
	}
	out := s.do(func(r *http.Request) { r.AddCookie(cookie) }, "POST", "/app/acme/me/sign-out", "")
	if out.StatusCode != http.StatusSeeOther || out.Header.Get("Location") != "/app/acme/me" {
		t.Errorf("sign-out = %d, to %s", out.StatusCode, out.Header.Get("Location"))
	}
	if got := me("/app/acme/me"); got.StatusCode != 403 || strings.Contains(got.body, b.email) {
		t.Errorf("signed out: %d %s", got.StatusCode, got.body)
	}
	for _, path := range []string{"/style.css", "/app/acme/"} {
		if got := s.do(s.as("acme"), "GET", path, ""); got.StatusCode != 200 || !strings.HasPrefix(got.Header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("GET %s = %d %v", path, got.StatusCode, got.Header)
		}
	}
}

// TestProblems: what cannot be served is said on a page of the product.
func TestProblems(t *testing.T) {
	s := start(t, nil)
	for _, tt := range []struct {
		auth         func(*http.Request)
		method, path string
		status       int
		why          string
	}{
		{s.as("acme"), "POST", "/app/acme/people/nobody/session", 404, "There is no active person"},
		{s.as("acme"), "POST", "/app/acme/people/%00%ff/session", 404, "There is no active person"},
		{s.as("globex"), "GET", "/app/acme/", 401, "The name and the password"},
		{nil, "GET", "/app/%ff%00/", 401, "The name and the password"},
	} {
		got := s.do(tt.auth, tt.method, tt.path, "")
		if got.StatusCode != tt.status || !strings.Contains(got.body, "<p>"+tt.why) || !strings.HasPrefix(got.Header.Get("Content-Type"), "text/html") {
			t.Errorf("%s %s = %d %s", tt.method, tt.path, got.StatusCode, got.body)
		}
	}
}

// TestNames: what clients send is text on pages, never markup.
func TestNames(t *testing.T) {
	s := start(t, nil)
	s.create(s.newToken("acme"), "/scim/v2/acme/Users", `{"userName":"a@acme.example","nickName":"<script>alert(1)</script>","photos":[{"value":"javascript:alert(1)"}]}`)
	if page := s.do(s.as("acme"), "GET", "/app/acme/", "").body; strings.Contains(page, "<script") || strings.Contains(page, "javascript:") {
		t.Error(page)
	}
}

func (s *server) sessions(person string) (n int) {
	s.t.Helper()
	err := s.db.Read(s.t.Context(), func(tx *host.Tx) error {
		return tx.QueryRow(`SELECT count(*) FROM sessions WHERE person_id = $1`, person).Scan(&n)
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

// TestDeactivation: every way to deactivate a person ends the sessions, and no
// other change does.
func TestDeactivation(t *testing.T) {
	s := start(t, nil)
	token := s.newToken("acme")
	for _, tt := range []struct {
		name, method, body string
		ends               bool
	}{
		{"PATCH", "PATCH", `{"Operations":[{"op":"replace","value":{"active":false}}]}`, true},
		{"PATCH as Entra ID", "PATCH", `{"Operations":[{"op":"Replace","path":"active","value":"False"}]}`, true},
		{"PUT", "PUT", `{"userName":"a@acme.example","active":false}`, true},
		{"DELETE", "DELETE", ``, true},
		{"PATCH of the name", "PATCH", `{"Operations":[{"op":"replace","path":"nickName","value":"A"}]}`, false},
		{"PUT without active", "PUT", `{"userName":"a@acme.example"}`, false},
		{"PATCH that takes active away", "PATCH", `{"Operations":[{"op":"remove","path":"active"}]}`, false},
	} {
		id := s.create(token, "/scim/v2/acme/Users", `{"userName":"a@acme.example","active":true}`)
		other := s.create(token, "/scim/v2/acme/Users", `{"userName":"b@acme.example"}`)
		for _, p := range []string{id, id, other} {
			if _, err := s.signIn(t.Context(), "acme", p); err != nil {
				t.Fatal(err)
			}
		}
		want := 2
		if tt.ends {
			want = 0
		}
		got := s.do(bearer(token), tt.method, "/scim/v2/acme/Users/"+id, tt.body)
		if got.StatusCode >= 300 || s.sessions(id) != want || s.sessions(other) != 1 {
			t.Errorf("%s: %d %s; then there are %d sessions, want %d, and %d of another", tt.name, got.StatusCode, got.body, s.sessions(id), want, s.sessions(other))
		}
		if _, err := s.signIn(t.Context(), "acme", id); errors.Is(err, scim.ErrNotFound) != tt.ends {
			t.Errorf("%s: sign-in afterwards: %v", tt.name, err)
		}
		s.do(bearer(token), "DELETE", "/scim/v2/acme/Users/"+id, "")
		s.do(bearer(token), "DELETE", "/scim/v2/acme/Users/"+other, "")
	}
}

// TestDeactivationIsOne: if the sessions cannot be ended, the person stays active.
func TestDeactivationIsOne(t *testing.T) {
	s := start(t, nil)
	token := s.newToken("acme")
	id := s.create(token, "/scim/v2/acme/Users", `{"userName":"a@acme.example"}`)
	if _, err := s.signIn(t.Context(), "acme", id); err != nil {
		t.Fatal(err)
	}
	err := s.db.Write(t.Context(), func(tx *host.Tx) error {
		_, err := tx.Exec(`DROP TABLE sessions`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	got := s.do(bearer(token), "PATCH", "/scim/v2/acme/Users/"+id, `{"Operations":[{"op":"replace","value":{"active":false}}]}`)
	if got.StatusCode != 500 || strings.Contains(got.body, "sessions") {
		t.Errorf("PATCH = %d %s", got.StatusCode, got.body)
	}
	if got := s.do(bearer(token), "GET", "/scim/v2/acme/Users/"+id, "").object(t); got["active"] != true {
		t.Errorf("the person is %v", got)
	}
}

// TestSettings: the settings page works where it is mounted, for the
// administrators of its tenant, and shows what clients have sent.
func TestSettings(t *testing.T) {
	s := start(t, nil)
	s.settle("acme")
	page := s.do(s.as("acme"), "GET", settingsPath("acme"), "")
	for _, want := range []string{"Acme", s.baseURL("acme"), "POST /Users<", "POST /Groups<"} {
		if page.StatusCode != 200 || !strings.Contains(page.body, want) {
			t.Errorf("the page (%d) has no %q:\n%s", page.StatusCode, want, page.body)
		}
	}
	// This is what the product's documentation tells administrators to look for.
	for _, want := range []string{`<span id="switch-label">Enable SCIM Token</span>`, `<summary><span class="button">Generate Token</span></summary>`, `">Generate Token</button>`} {
		if !strings.Contains(page.body, want) {
			t.Errorf("the page has no %q:\n%s", want, page.body)
		}
	}
	off := s.do(func(r *http.Request) {
		s.as("acme")(r)
		r.Header.Set("Content-Type", "application/json")
	}, "PATCH", settingsPath("acme")+"api/status", `{"enabled": false}`)
	if m := s.do(s.as("acme"), "GET", info, "").object(t); off.StatusCode != 200 || m["scim_enabled"] != false {
		t.Errorf("switching off on the page: %d %s; then tenant_info is %v", off.StatusCode, off.body, m)
	}
	for name, auth := range map[string]func(*http.Request){"nobody": nil, "another tenant's administrator": s.as("globex")} {
		if got := s.do(auth, "GET", settingsPath("acme"), ""); got.StatusCode != 401 {
			t.Errorf("%s: %d", name, got.StatusCode)
		}
	}
}
