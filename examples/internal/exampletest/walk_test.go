package exampletest_test

import (
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	_ "modernc.org/sqlite"
)

// A product is what a walk has to know of an example.
type product struct {
	name  string
	api   string   // that makes tokens, besides that of the settings; "" for none
	own   []string // pages and APIs, below the root of the server
	table string   // of users
	open  func(id string) string
	me    string
}

var products = []product{
	{
		name: "teams", api: "/api/v2/acme/tenant_info/scim_token",
		own:   []string{"/app/acme/", "/api/v2/acme/tenant_info", "/app/acme/me"},
		table: "people", open: func(id string) string { return "/app/acme/people/" + id + "/session" }, me: "/app/acme/me",
	},
	{
		name: "usersonly", own: []string{"/", "/me"},
		table: "users", open: func(id string) string { return "/users/" + id + "/session" }, me: "/me",
	},
}

// root is the server.
func (w *walk) root() string {
	u, err := url.Parse(w.values["base_url"])
	if err != nil {
		w.t.Fatal(err)
	}
	return u.Scheme + "://" + u.Host
}

// made sends a request that shows a token, once.
func (w *walk) made(path, body string) (text, id string) {
	w.t.Helper()
	resp, answer := w.ask("POST", path, body, w.admin, header("Content-Type", "application/json"))
	var got struct {
		Token string `json:"token"`
		ID    string `json:"token_id"`
	}
	if err := json.Unmarshal([]byte(answer), &got); err != nil || resp.StatusCode != 201 || strings.Count(answer, got.Token) != 1 || strings.Contains(fmt.Sprint(resp.Header), got.Token) {
		w.t.Fatalf("POST %s = %d %v %s", path, resp.StatusCode, resp.Header, answer)
	}
	return w.keepToken("a token of the API", got.Token), got.ID
}

// tokens generates and rotates in every way there is.
func (w *walk) tokens() {
	w.t.Helper()
	api := w.values["settings_url"] + "api/tokens"
	_, first := w.made(api, `{"name":"JSON"}`)
	_, second := w.made(api+"/"+first+"/rotation", `{"overlap":3600}`)
	w.must(204, "POST", api+"/"+first+"/rotation/complete", "", w.admin)
	_, third := w.made(api+"/"+second+"/rotation", `{"overlap":0}`)
	_, _ = w.made(api+"/"+third+"/rotation", ``)
	w.must(204, "DELETE", api+"/"+third+"/rotation", "", w.admin)
	w.must(204, "DELETE", api+"/"+third, "", w.admin)
	w.must(400, "POST", api, `{"scopes":[]}`, w.admin, header("Content-Type", "application/json"))
	w.form()
	if w.api != "" {
		for range 2 {
			_, _ = w.made(w.root()+w.api, "")
		}
	}
	w.bearer, _ = w.made(api, `{"name":"for the client"}`)
}

var (
	seenOf   = regexp.MustCompile(`name="seen" value="(\d+)"`)
	secretOf = regexp.MustCompile(`<code id="secret">([^<]+)</code>`)
)

// form sends that of the page, and again, as a reload does.
func (w *walk) form() {
	w.t.Helper()
	_, page := w.ask("GET", w.values["settings_url"], "", w.admin)
	seen := seenOf.FindStringSubmatch(page)
	if seen == nil {
		w.t.Fatal("no form on the settings page")
	}
	fields := url.Values{"name": {"form"}, "access": {"full"}, "days": {"0"}, "seen": {seen[1]}}.Encode()
	send := func() (*http.Response, string) {
		return w.ask("POST", w.values["settings_url"]+"tokens", fields, w.admin, header("Content-Type", "application/x-www-form-urlencoded"))
	}
	resp, shown := send()
	secret := secretOf.FindStringSubmatch(shown)
	if secret == nil || strings.Count(shown, secret[1]) != 1 {
		w.t.Fatalf("the form gives %d %s", resp.StatusCode, shown)
	}
	w.keepToken("a token of the form", secret[1])
	resp, again := send()
	fmt.Fprintln(w.answers, resp.Header, again)
}

// clients send what is right and what is wrong, with the right credentials, with
// almost right ones, and with credentials where they do not belong.
func (w *walk) clients() {
	w.t.Helper()
	scim, pw := w.values["base_url"], w.keep("a user's password", "Pw-"+rand.Text())
	user := func(name, more string) string {
		return `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"` + name + `",` + more + `"password":"` + pw + `"}`
	}
	resp, made := w.ask("POST", scim+"/Users", user("mira@example.com", ""), header("Authorization", "Bearer "+w.bearer))
	var got struct{ ID string }
	if err := json.Unmarshal([]byte(made), &got); err != nil || resp.StatusCode != 201 {
		w.t.Fatalf("POST /Users = %d %s", resp.StatusCode, made)
	}
	w.user = got.ID
	fmt.Fprintln(w.answers, resp.Header, made)
	patch := func(op string) string {
		return `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[` + op + `]}`
	}
	for _, auth := range w.credentials() {
		for _, r := range []struct{ method, path, body string }{
			{"GET", "/Users", ""}, {"GET", "/Users/" + w.user, ""}, {"GET", "/ServiceProviderConfig", ""},
			{"GET", "/Users/" + w.bearer, ""}, {"GET", "/" + w.bearer, ""}, {"GET", "/Users?token=" + w.bearer, ""},
			{"GET", "/Users?filter=" + url.QueryEscape(`userName eq "`+w.bearer+`"`), ""},
			{"GET", "/Users?filter=" + url.QueryEscape(`password eq "`+pw+`"`), ""},
			{"GET", "/Users?filter=" + url.QueryEscape(`userName eq "`+pw), ""},
			{"POST", "/Users", user("mira@example.com", "")}, // there is one
			{"POST", "/Users", user("no address", "")},
			{"POST", "/Users", user("jo@example.com", `"active":"`+pw+`",`)},
			{"POST", "/Users", user("jo@example.com", `"name":"`+pw+`",`)},
			{"POST", "/Users", strings.TrimSuffix(user("jo@example.com", ""), `"}`)},
			{"POST", "/Users", strings.Replace(user("jo@example.com", ""), `"`+pw+`"`, `["`+pw+`"]`, 1)},
			{"PUT", "/Users/" + w.user, user("mira@example.com", `"active":true,`)},
			{"PATCH", "/Users/" + w.user, patch(`{"op":"replace","path":"password","value":"` + pw + `"}`)},
			{"PATCH", "/Users/" + w.user, patch(`{"op":"replace","value":{"password":"` + pw + `"}}`)},
			{"PATCH", "/Users/" + w.user, patch(`{"op":"replace","path":"active","value":"` + pw + `"}`)},
			{"PATCH", "/Users/" + w.user, patch(`{"op":"replace","path":"userName","value":{"password":"` + pw + `"}}`)},
			{"PATCH", "/Users/" + w.user, patch(`{"op":"replace","value":{"urn:x:` + pw + `":"` + pw + `"}}`)},
			{"PATCH", "/Users/" + w.user, patch(`{"op":"` + pw + `","path":"` + pw + `","value":"` + pw + `"}`)},
		} {
			w.says(r.method, scim+r.path, r.body, auth, header("Content-Type", "application/scim+json"), header("User-Agent", "Okta SCIM Client 1.0.0"))
		}
	}
}

// credentials are some, and some that are refused.
func (w *walk) credentials() []func(*http.Request) {
	return []func(*http.Request){
		header("Authorization", "Bearer "+w.bearer),
		header("Authorization", "Bearer "+w.bearer[:len(w.bearer)-1]),
		header("Authorization", "Bearer "+w.bearer+"x"),
		header("Authorization", "Bearer x"+w.bearer),
		header("Authorization", "Bearer  "+w.bearer+" "+w.bearer),
		header("Authorization", "Token "+w.bearer),
		func(r *http.Request) { r.SetBasicAuth("x", w.bearer) },
		header("Authorization", w.values["admin_password"]),
		w.admin,
		header("X-Api-Key", w.bearer),
		header("Cookie", "session="+w.bearer),
	}
}

// sessions signs in twice, and out once.
func (w *walk) sessions() {
	w.t.Helper()
	var cookies []*http.Cookie
	for range 2 {
		resp, body := w.ask("POST", w.root()+w.open(w.user), "", w.admin)
		if resp.StatusCode != 303 || len(resp.Cookies()) != 1 {
			w.t.Fatalf("sign-in: %d %s", resp.StatusCode, body)
		}
		cookies = append(cookies, resp.Cookies()...)
		w.keep(fmt.Sprint("session ", len(cookies)), resp.Cookies()[0].Value)
	}
	as := func(i int) func(*http.Request) { return func(r *http.Request) { r.AddCookie(cookies[i]) } }
	w.must(200, "GET", w.root()+w.me, "", as(0))
	w.must(303, "POST", w.root()+w.me+"/sign-out", "", as(1))
	w.must(403, "GET", w.root()+w.me, "", as(1))
}

// failures makes the database refuse to work, so that there is something to log.
func (w *walk) failures() {
	w.t.Helper()
	db, err := sql.Open("sqlite", "file:"+w.db+"?_pragma=busy_timeout(10000)")
	if err != nil {
		w.t.Fatal(err)
	}
	defer db.Close()
	refuse := func(table string, do func()) {
		w.t.Helper()
		if _, err := db.Exec(`CREATE TRIGGER stuck BEFORE INSERT ON ` + table + ` BEGIN SELECT raise(ABORT, 'stuck'); END`); err != nil {
			w.t.Fatal(err)
		}
		do()
		if _, err := db.Exec(`DROP TRIGGER stuck`); err != nil {
			w.t.Fatal(err)
		}
	}
	refuse(w.table, func() {
		pw := w.keep("the password of a user who was not stored", "Pw-"+rand.Text())
		w.must(500, "POST", w.values["base_url"]+"/Users", `{"userName":"ida@example.com","password":"`+pw+`"}`, header("Authorization", "Bearer "+w.bearer))
	})
	refuse("sessions", func() { w.must(500, "POST", w.root()+w.open(w.user), "", w.admin) })
	refuse("scim_token_events", func() { w.must(500, "POST", w.values["settings_url"]+"api/tokens", "", w.admin) })
}

// pages looks at everything there is to look at.
func (w *walk) pages() {
	w.t.Helper()
	settings := w.values["settings_url"]
	for _, path := range []string{"", "?done", "api/status", "api/requests", "api/events"} {
		w.must(200, "GET", settings+path, "", w.admin)
	}
	for _, id := range w.ids {
		for _, action := range []string{"rotate", "revoke", "complete", "cancel"} {
			w.says("GET", settings+"tokens/"+id+"/"+action, "", w.admin)
		}
	}
	for _, path := range w.own {
		w.says("GET", w.root()+path, "", w.admin)
	}
	w.must(200, "GET", w.values["base_url"]+"/Users", "", header("Authorization", "Bearer "+w.bearer))
	w.must(401, "GET", settings, "")
}
