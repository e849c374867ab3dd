package main

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// belongings are what a tenant has that another might ask for. Those of nobody
// have the same form, and nobody has them.
type belongings struct {
	tenant, token, cookie     string
	person, email, externalID string
	team, teamName            string
}

// settle gives a tenant a token, a person with a session, and a team.
func (s *server) settle(tenant string) belongings {
	s.t.Helper()
	b := belongings{tenant: tenant, token: s.newToken(tenant), email: "ada@" + tenant + ".example", externalID: "ext-" + tenant, teamName: "Team " + tenant}
	base := "/scim/v2/" + tenant
	b.person = s.create(b.token, base+"/Users", fmt.Sprintf(
		`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":%q,"externalId":%q,"nickName":"Ada"}`, b.email, b.externalID))
	b.team = s.create(b.token, base+"/Groups", fmt.Sprintf(
		`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":%q,"externalId":%q,"members":[{"value":%q}]}`, b.teamName, b.externalID, b.person))
	var err error
	if b.cookie, err = s.signIn(s.t.Context(), tenant, b.person); err != nil {
		s.t.Fatal(err)
	}
	return b
}

// nobody has other ids and names than b, of the same form and length.
func (b belongings) nobody() belongings {
	other := func(s string) string {
		return strings.Map(func(r rune) rune {
			switch {
			case '0' <= r && r <= '8':
				return r + 1
			case r == '9':
				return '0'
			}
			return r
		}, s)
	}
	return belongings{
		tenant: "nobody", token: unknownToken, cookie: strings.Repeat("A", len(b.cookie)),
		person: other(b.person), email: "ada@nobody.example", externalID: "ext-nobody", team: other(b.team), teamName: "Team nobody",
	}
}

// unknownToken has the right form and checksum, and is nobody's.
var unknownToken string

// probe is a request about what is another's.
type probe struct {
	auth               func(*http.Request)
	method, path, body string
}

// asAcme are requests with the credentials of acme about what x has.
func (s *server) asAcme(acme, x belongings) []probe {
	client, q := bearer(acme.token), url.QueryEscape
	var all []probe
	add := func(method, path, body string) { all = append(all, probe{client, method, path, body}) }
	base := "/scim/v2/acme"
	for _, id := range []string{x.person, x.team} {
		for _, endpoint := range []string{"/Users/", "/Groups/"} {
			path := base + endpoint + id
			add("GET", path, "")
			add("GET", path+"?excludedAttributes=members", "")
			add("PUT", path, `{"schemas":[],"userName":"x@acme.example","displayName":"x"}`)
			add("PATCH", path, `{"Operations":[{"op":"replace","value":{"externalId":"taken"}}]}`)
			add("PATCH", path, fmt.Sprintf(`{"Operations":[{"op":"add","path":"members","value":[{"value":%q}]}]}`, acme.person))
			add("DELETE", path, "")
		}
		for _, f := range []string{`id eq %q`, `members.value eq %q`, `members[value eq %q]`, `members eq %q`, `id eq %q or displayName co "zzz"`} {
			add("GET", base+"/Groups?filter="+q(fmt.Sprintf(f, id)), "")
		}
		add("GET", base+"/Users?filter="+q(fmt.Sprintf(`id eq %q`, id)), "")
		add("POST", base+"/Groups", fmt.Sprintf(`{"displayName":"New","members":[{"value":%q}]}`, id))
		for _, op := range []string{"add", "replace", "remove"} {
			add("PATCH", base+"/Groups/"+acme.team, fmt.Sprintf(`{"Operations":[{"op":%q,"path":"members","value":[{"value":%q}]}]}`, op, id))
		}
		add("PATCH", base+"/Groups/"+acme.team, fmt.Sprintf(`{"Operations":[{"op":"remove","path":"members[value eq \"%s\"]"}]}`, id))
		add("PUT", base+"/Groups/"+acme.team, fmt.Sprintf(`{"displayName":%q,"members":[{"value":%q}]}`, acme.teamName, id))
	}
	for _, f := range []string{
		`userName eq "` + x.email + `"`, `userName sw "` + x.email[:6] + `"`, `emails.value eq "` + x.email + `"`, `emails co "` + x.email[4:] + `"`,
		`emails[type eq "work" and value eq "` + x.email + `"]`, `externalId eq "` + x.externalID + `"`, `not (userName ne "` + x.email + `")`,
	} {
		add("GET", base+"/Users?filter="+q(f), "")
	}
	for _, f := range []string{`displayName eq "` + x.teamName + `"`, `externalId eq "` + x.externalID + `"`, `displayName ew "` + x.teamName[5:] + `"`} {
		add("GET", base+"/Groups?filter="+q(f), "")
	}
	for _, p := range s.urls(x.tenant, x.person, x.team) {
		p.auth = client
		all = append(all, p)
		p.auth = s.as("acme")
		all = append(all, p)
		p.auth = func(r *http.Request) { r.AddCookie(&http.Cookie{Name: cookieName, Value: acme.cookie}) }
		all = append(all, p)
	}
	for _, p := range s.urls("acme", x.person, x.team) {
		p.auth = bearer(x.token)
		all = append(all, p)
		p.auth = func(r *http.Request) { r.AddCookie(&http.Cookie{Name: cookieName, Value: x.cookie}) }
		all = append(all, p)
	}
	all = append(all, probe{s.as("acme"), "POST", "/app/acme/people/" + x.person + "/session", ""})
	return all
}

// urls are all that a tenant has.
func (s *server) urls(tenant, person, team string) (all []probe) {
	for _, path := range []string{
		"", "/", "/Users", "/Users/" + person, "/Groups", "/Groups/" + team, "/Schemas", "/ResourceTypes", "/ServiceProviderConfig", "/Me", "/Bulk", "/Nothing", "/Users/a/b",
	} {
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
			all = append(all, probe{method: method, path: "/scim/v2/" + tenant + path})
		}
	}
	api, app := "/api/v2/"+tenant, "/app/"+tenant
	return append(all,
		probe{method: "GET", path: api + "/tenant_info"},
		probe{method: "PATCH", path: api + "/tenant_info", body: `{"scim_enabled": false}`},
		probe{method: "POST", path: api + "/tenant_info/scim_token"},
		probe{method: "GET", path: app + "/"},
		probe{method: "GET", path: app},
		probe{method: "GET", path: app + "/me"},
		probe{method: "POST", path: app + "/me/sign-out"},
		probe{method: "POST", path: app + "/people/" + person + "/session"},
		probe{method: "GET", path: settingsPath(tenant)},
		probe{method: "POST", path: settingsPath(tenant)},
	)
}

var changing = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}|20\d\d-\d\d-\d\dT[0-9:.]+Z|W/\\?"[^"\\]+\\?"`)

// shape is an answer without what two equal requests get different.
func shape(r *reply, x belongings) string {
	text := fmt.Sprint(r.StatusCode, "\n")
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		if name != "Date" {
			text += name + ": " + strings.Join(r.Header[name], "|") + "\n"
		}
	}
	text += r.body
	for _, s := range []string{x.tenant, x.person, x.team} {
		text = strings.ReplaceAll(text, s, "X")
	}
	return changing.ReplaceAllString(text, "…")
}

// TestTenantsApart: whatever one tenant asks of what another has, it gets what it
// would get if nobody had it.
func TestTenantsApart(t *testing.T) {
	s := start(t, nil)
	s.plan("globex", true)
	unknownToken = start(t, nil).newToken("acme") // of another installation
	acme, globex := s.settle("acme"), s.settle("globex")
	nobody := globex.nobody()
	before := s.everything(globex)
	theirs, nobodys := s.asAcme(acme, globex), s.asAcme(acme, nobody)
	for i, p := range theirs {
		q := nobodys[i]
		got, want := shape(s.do(p.auth, p.method, p.path, p.body), globex), shape(s.do(q.auth, q.method, q.path, q.body), nobody)
		if got != want {
			t.Errorf("%s %s %s\ngives\n%s\nand where nobody has it\n%s", p.method, p.path, p.body, got, want)
		}
	}
	if after := s.everything(globex); after != before {
		t.Errorf("globex was\n%s\nand is\n%s", before, after)
	}
	if len(theirs) < 300 {
		t.Errorf("only %d requests", len(theirs))
	}
}

// TestUniqueApart: what is taken at one tenant is free at another.
func TestUniqueApart(t *testing.T) {
	s := start(t, nil)
	s.plan("globex", true)
	acme, globex := s.settle("acme"), s.settle("globex")
	for _, b := range []struct {
		of, in belongings
		status int
	}{{globex, acme, 201}, {acme, globex, 201}, {acme, acme, 409}} {
		for path, body := range map[string]string{
			"/Users":  fmt.Sprintf(`{"userName":%q}`, b.of.email),
			"/Groups": fmt.Sprintf(`{"displayName":%q}`, b.of.teamName),
		} {
			if got := s.do(bearer(b.in.token), "POST", "/scim/v2/"+b.in.tenant+path, body); got.StatusCode != b.status {
				t.Errorf("%s at %s: %d %s, want %d", body, b.in.tenant, got.StatusCode, got.body, b.status)
			}
		}
	}
}

// everything is what a tenant sees of itself.
func (s *server) everything(b belongings) (text string) {
	for _, path := range []string{"/Users", "/Groups", "/Users/" + b.person, "/Groups/" + b.team} {
		text += s.do(bearer(b.token), "GET", "/scim/v2/"+b.tenant+path, "").body + "\n"
	}
	return text + s.do(s.as(b.tenant), "GET", "/app/"+b.tenant+"/", "").body +
		fmt.Sprint(s.do(s.as(b.tenant), "GET", "/api/v2/"+b.tenant+"/tenant_info", "").object(s.t)["scim_enabled"])
}
