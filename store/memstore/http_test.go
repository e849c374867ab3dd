package memstore_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/memstore"
)

// A step is a request, and what comes of it. $name is an id that was saved.
type step struct {
	tenant, method, path, body string
	status                     int
	want                       []string // what the body has; "-" before what it has not
	save                       string   // the name for the id
}

var overHTTP = []step{
	{"a", "POST", "/Users", `{"userName":"anna","password":"s3cret-pw","active":true}`, 201, []string{`"userName":"anna"`, `-s3cret`}, "anna"},
	{"a", "POST", "/Users", `{"userName":"ＡＮＮＡ"}`, 409, []string{`"scimType":"uniqueness"`}, ""},
	{"a", "POST", "/Groups", `{"displayName":"g","members":[{"value":"$anna","display":"x"}]}`, 201, []string{
		`"members":[{"value":"$anna","type":"User","display":"anna","$ref":"https://example.com/scim/Users/$anna"}]`}, "g"},
	{"a", "POST", "/Groups", `{"displayName":"outer","members":[{"value":"$g"}]}`, 201, []string{`"type":"Group"`, `"$ref":"https://example.com/scim/Groups/$g"`}, "outer"},
	{"a", "POST", "/Groups", `{"displayName":"bad","members":[{"value":"nobody"}]}`, 400, []string{`"scimType":"invalidValue"`, "nobody"}, ""},
	{"a", "POST", "/Groups", `{"displayName":"G"}`, 409, []string{`"scimType":"uniqueness"`}, ""},
	{"a", "GET", "/Users/$anna", "", 200, []string{`"groups":[`, `"value":"$g"`, `"display":"g"`, `"type":"direct"`, `"value":"$outer"`, `"type":"indirect"`, `-s3cret`}, ""},
	{"a", "GET", `/Groups?filter=members.value%20eq%20%22$anna%22&excludedAttributes=members`, "", 200, []string{`"totalResults":1`, `"id":"$g"`, `-"members"`}, ""},

	{"b", "GET", "/Users/$anna", "", 404, nil, ""},
	{"b", "DELETE", "/Users/$anna", "", 404, nil, ""},
	{"b", "GET", `/Users?filter=userName%20eq%20%22anna%22`, "", 200, []string{`"totalResults":0`}, ""},
	{"b", "POST", "/Users", `{"userName":"anna"}`, 201, nil, "annaB"},
	{"b", "POST", "/Groups", `{"displayName":"g","members":[{"value":"$anna"}]}`, 400, []string{`"scimType":"invalidValue"`}, ""},

	{"a", "PATCH", "/Users/$anna", patch(`{"op":"replace","path":"active","value":false}`), 200, []string{`"active":false`}, ""},
	{"a", "GET", "/Users/$anna", "", 200, nil, ""},
	{"a", "PATCH", "/Groups/$outer", patch(`{"op":"add","path":"members","value":[{"value":"$anna"}]}`), 204, nil, ""},
	{"a", "PATCH", "/Groups/$outer", patch(`{"op":"remove","path":"members[value eq \"$g\"]"}`), 204, nil, ""},
	{"a", "GET", "/Groups/$outer", "", 200, []string{`"value":"$anna"`, `-"value":"$g"`}, ""},
	{"a", "PUT", "/Groups/$outer", `{"displayName":"outer","members":[{"value":"$g"},{"value":"$anna"}]}`, 200, []string{`"value":"$anna"`, `"value":"$g"`}, ""},

	{"a", "DELETE", "/Users/$anna", "", 204, nil, ""},
	{"a", "GET", "/Users/$anna", "", 404, nil, ""},
	{"a", "PUT", "/Users/$anna", `{"userName":"anna"}`, 404, nil, ""},
	{"a", "PATCH", "/Users/$anna", patch(`{"op":"replace","path":"active","value":true}`), 404, nil, ""},
	{"a", "DELETE", "/Users/$anna", "", 404, nil, ""},
	{"a", "GET", "/Users", "", 200, []string{`"totalResults":0`}, ""},
	{"a", "GET", "/Groups/$g", "", 200, []string{`-"members"`}, ""},
	{"a", "POST", "/Users", `{"userName":"anna"}`, 201, []string{`-$anna"`}, ""},
	{"b", "GET", "/Users/$annaB", "", 200, nil, ""},
}

// TestOverHTTP shows what clients see of members, groups, deletion and tenants.
func TestOverHTTP(t *testing.T) {
	users, groups := schema.UserType(), schema.GroupType()
	store := memstore.New(memstore.Options{})
	server, err := scim.NewServer(scim.Config{
		Endpoints: []scim.Endpoint{
			{Type: users, ForTenant: store.ForTenant(users)},
			{Type: groups, ForTenant: store.ForTenant(groups)},
		},
		Authenticator: byToken{},
		BaseURL:       "https://example.com/scim",
		Logger:        slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	saved := make(map[string]string)
	for _, s := range overHTTP {
		s.play(t, server, saved)
	}
}

var savedID = regexp.MustCompile(`\$(anna|annaB|g|outer)\b`)

// play sends the request and checks the answer.
func (s step) play(t *testing.T, server http.Handler, saved map[string]string) {
	t.Helper()
	fill := func(text string) string {
		return savedID.ReplaceAllStringFunc(text, func(name string) string { return saved[name[1:]] })
	}
	body := fill(s.body)
	if strings.HasPrefix(body, "{") && s.method != "PATCH" {
		kind := strings.Trim(strings.Split(s.path, "/")[1], "s")
		body = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:` + kind + `"],` + body[1:]
	}
	req := httptest.NewRequest(s.method, fill(s.path), strings.NewReader(body))
	req.Header.Set("Authorization", s.tenant)
	req.Header.Set("Content-Type", "application/scim+json")
	w := httptest.NewRecorder()
	server.ServeHTTP(w, req)
	got := w.Body.String()
	if w.Code != s.status {
		t.Fatalf("%s %s %s = %d %s, want %d", s.method, s.path, s.body, w.Code, got, s.status)
	}
	for _, want := range s.want {
		absent := strings.HasPrefix(want, "-")
		if want = fill(strings.TrimPrefix(want, "-")); strings.Contains(got, want) == absent {
			t.Errorf("%s %s = %s\nabout %s", s.method, s.path, got, want)
		}
	}
	if s.save != "" {
		saved[s.save] = regexp.MustCompile(`"id":"([^"]+)"`).FindStringSubmatch(got)[1]
	}
}

func patch(operation string) string {
	return `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[` + operation + `]}`
}

// byToken takes the token for the name of the tenant.
type byToken struct{}

func (byToken) Authenticate(r *http.Request, _ string) (scim.Principal, error) {
	return scim.Principal{Tenant: r.Header.Get("Authorization")}, nil
}
