package scim_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
)

// What must be in no log, and the password in no answer either.
const (
	passwordCanary = "Pa55-canary-0f1e"
	queryCanary    = "query-canary-7b"
	bodyCanary     = "body-canary-c3"
)

// TestSecretsStayInside sends passwords, filters and tokens by every way, well
// and badly, and looks for them in answers and logs, which are kept at the
// level of debugging.
func TestSecretsStayInside(t *testing.T) {
	ten := newTenancy(t)
	strict := scim.Strict()
	servers := []*scim.Server{ten.server(t, scim.Config{}), ten.server(t, scim.Config{ChangePassword: true}), ten.server(t, scim.Config{Tolerance: &strict})}
	typ := schema.UserType()
	broken, err := scim.NewServer(scim.Config{
		Endpoints:     []scim.Endpoint{{Type: typ, Handler: failing(func() error { return fmt.Errorf("the store is down") })}},
		Authenticator: scim.StaticToken("token-acme"), Logger: ten.log.logger(),
	})
	if err != nil {
		t.Fatal(err)
	}
	panicking, err := scim.NewServer(scim.Config{
		Endpoints:     []scim.Endpoint{{Type: typ, Handler: failing(func() error { panic("the store is gone") })}},
		Authenticator: scim.StaticToken("token-acme"), Logger: ten.log.logger(),
	})
	if err != nil {
		t.Fatal(err)
	}
	servers = append(servers, broken, panicking)

	user := "/Users/" + aliceID
	pw := `"password":"` + passwordCanary + `"`
	q := "?filter=" + queryCanary + "%20eq%20%22" + queryCanary + "%22&x=" + queryCanary
	var requests []assignment
	for _, attributes := range []string{"", "?attributes=password", "?attributes=userName,password,PASSWORD", "?attributes=urn:ietf:params:scim:schemas:core:2.0:User:password", "?excludedAttributes=userName"} {
		requests = append(requests,
			assignment{"POST", "/Users" + attributes, userBody("secret@acme", pw, `"nickName":"`+bodyCanary+`"`)},
			assignment{"PUT", user + attributes, userBody("alice@acme", pw)},
			assignment{"PATCH", user + attributes, patchBody(`{"op":"replace","path":"password","value":"` + passwordCanary + `"}`)},
			assignment{"PATCH", user + attributes, patchBody(`{"op":"add","value":{` + pw + `}}`)},
			assignment{"GET", user + attributes, ""},
			assignment{"GET", "/Users" + attributes, ""},
		)
	}
	requests = append(requests,
		// Wrong in many ways.
		assignment{"POST", "/Users", userBody("", pw)},
		assignment{"POST", "/Users", userBody("x", pw, pw)},
		assignment{"POST", "/Users", userBody("x", `"password":["`+passwordCanary+`","`+passwordCanary+`"]`)},
		assignment{"POST", "/Users", userBody("x", `"password":{"value":"`+passwordCanary+`"}`)},
		assignment{"POST", "/Users", userBody("x", `"active":"`+passwordCanary+`"`)},
		assignment{"POST", "/Users", `{` + pw},
		assignment{"POST", "/Users", `"` + passwordCanary + `"`},
		assignment{"POST", "/Users", passwordCanary},
		assignment{"PATCH", user, patchBody(`{"op":"` + passwordCanary + `","path":"password","value":"` + passwordCanary + `"}`)},
		assignment{"PATCH", user, patchBody(`{"op":"replace","path":"password","value":{"a":"` + passwordCanary + `"}}`)},
		assignment{"PATCH", user, patchBody(`{"op":"replace","path":"password.value","value":"` + passwordCanary + `"}`)},
		assignment{"PATCH", user, patchBody(`{"op":"remove","path":"password","value":"` + passwordCanary + `"}`)},
		assignment{"PATCH", "/Users/none", patchBody(`{"op":"replace","path":"password","value":"` + passwordCanary + `"}`)},
		// Whoever may filter by a password can find it out.
		assignment{"GET", "/Users?filter=password%20eq%20%22" + passwordCanary + "%22", ""},
		assignment{"GET", "/Users?filter=password%20sw%20%22P%22", ""},
		assignment{"GET", "/Users?filter=password%20pr", ""},
		assignment{"GET", "/Users?sortBy=password", ""},
		assignment{"GET", "/Users" + q, ""},
		assignment{"GET", user + q, ""},
		assignment{"POST", "/Users" + q, userBody("x")},
		assignment{"DELETE", "/Users/none" + q, ""},
		assignment{"BREW", "/" + queryCanary + q, ""},
	)
	for _, s := range servers {
		for _, rq := range requests {
			for _, authorization := range []string{"Bearer token-acme", "Bearer token-acmes-neighbour", "Basic dG9rZW4tYWNtZTpzZWNyZXQ=", "token-acme"} {
				a := ask(s, rq.method, rq.path, rq.body, "Authorization", authorization)
				if f := a.fault(rq.method); f != "" {
					t.Errorf("%s %s: %s", rq.method, rq.path, f)
				}
				// A value that is no password by its place may be quoted.
				if quoted := strings.Contains(rq.path, "filter=password"); strings.Contains(string(a.body)+fmt.Sprint(a.header), passwordCanary) && !quoted {
					t.Errorf("%s %s %s: the password is in the answer: %s", rq.method, rq.path, rq.body, a.body)
				}
				if strings.Contains(rq.path, "filter=password") && a.status == 200 {
					t.Errorf("%s: %d %s", rq.path, a.status, a.body)
				}
				if strings.Contains(string(a.body), "token-acme") {
					t.Errorf("%s %s: the token is in the answer: %s", rq.method, rq.path, a.body)
				}
			}
		}
	}
	for row, data := range ten.rows() {
		if strings.Contains(data, passwordCanary) {
			t.Errorf("%s keeps the password: %s", row, data)
		}
	}
	log := ten.log.String()
	if !strings.Contains(log, "level=DEBUG") || !strings.Contains(log, "level=ERROR") {
		t.Fatalf("the log is not complete: %.300s", log)
	}
	for _, secret := range []string{passwordCanary, queryCanary, bodyCanary, "token-acme", "dG9rZW4", "Authorization", "Bearer", "alice@acme"} {
		if i := strings.Index(log, secret); i >= 0 {
			t.Errorf("%q is in the log: %s", secret, log[max(0, i-200):i+len(secret)])
		}
	}
}

// TestNoOracle: unknown tokens, tokens of other tenants and malformed ones get
// the same answer, and so do ids that are not there and ids of others.
func TestNoOracle(t *testing.T) {
	ten := newTenancy(t)
	only := "0190a5e8-4a35-7c22-8b5e-0d5a4a5b6cff"
	seed(t, ten.stores["globex"]["User"], ten.users, fmt.Sprintf(`{"id":%q,"userName":"only@globex"}`, only))
	s := ten.server(t, scim.Config{BaseURL: "https://scim.example/{tenant}"})
	var first reply
	for i, token := range []string{"", "Bearer", "Bearer ", "Bearer nonsense", "Bearer token-globex", "Bearer token-none", "bearer", "Basic x", "Bearer a b", "Bearer\ttoken-acme",
		"Bearer token-acme, Bearer token-acme", "Bearer undefined", "Bearer null", "Bearer token-acme\x00", "Bearer " + strings.Repeat("x", 64<<10), "token-acme"} {
		for _, path := range []string{"/acme/Users", "/acme/Users/" + aliceID, "/acme/Users/none", "/acme/Schemas", "/acme/none"} {
			a := ask(s, "GET", path, "", "Authorization", token)
			if i == 0 && first.body == nil {
				first = a
			}
			if a.status != 401 || string(a.body) != string(first.body) || fmt.Sprint(a.header) != fmt.Sprint(first.header) {
				t.Errorf("%.40q at %s: %d %s %v", token, path, a.status, a.body, a.header)
			}
		}
	}
	r := ask(s, "GET", "/acme/Users/none", "")
	for _, id := range []string{only, strings.ToUpper(aliceID), "x", strings.Repeat("x", 500), aliceID + "x", "bulkId:x"} {
		for _, rq := range []assignment{{"GET", "", ""}, {"DELETE", "", ""}, {"PUT", "", userBody("x")}, {"PATCH", "", patchBody(`{"op":"add","path":"title","value":"x"}`)}} {
			a := ask(s, rq.method, "/acme/Users/"+id, rq.body)
			if a.status != 404 || string(a.body) != string(r.body) || fmt.Sprint(a.header) != fmt.Sprint(r.header) {
				t.Errorf("%s %.60s: %d %s, want %s", rq.method, id, a.status, a.body, r.body)
			}
		}
	}
	// A conflict says of whom it is with nothing.
	a := ask(s, "POST", "/acme/Users", userBody("bob@acme"))
	wantError(t, a, 409, "uniqueness")
	if strings.Contains(string(a.body), bobID) || strings.Contains(string(a.body), "Bob") || a.header.Get("Location") != "" {
		t.Errorf("the conflict tells of the other: %s", a.body)
	}
	if a := ask(s, "POST", "/acme/Users", userBody("only@globex")); a.status != 201 {
		t.Errorf("a name that another tenant has: %d %s", a.status, a.body)
	}
}

// TestTwoAuthorizationHeaders: which of the two counts is not left to chance.
func TestTwoAuthorizationHeaders(t *testing.T) {
	ten := newTenancy(t)
	s := ten.server(t, scim.Config{})
	for _, values := range [][]string{{"Bearer token-acme", "Bearer token-globex"}, {"Bearer token-acme", "Bearer token-acme"}, {"", "Bearer token-acme"}} {
		r, err := http.NewRequest("GET", "/Users", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header["Authorization"] = values
		wantError(t, serve(s, r), 401, "")
	}
}
