package scim_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
)

const (
	userURN       = "urn:ietf:params:scim:schemas:core:2.0:User"
	groupURN      = "urn:ietf:params:scim:schemas:core:2.0:Group"
	enterpriseURN = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	patchURN      = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
	errorURN      = "urn:ietf:params:scim:api:messages:2.0:Error"
	listURN       = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
)

// newServer serves users and groups from maps; change adapts the Config.
func newServer(t *testing.T, change func(*scim.Config)) *scim.Server {
	t.Helper()
	users, groups := schema.UserType(), schema.GroupType()
	c := scim.Config{
		Endpoints: []scim.Endpoint{
			{Type: users, Handler: newMapHandler(users)},
			{Type: groups, Handler: newMapHandler(groups)},
		},
		Authenticator: scim.StaticToken("secret"),
		BaseURL:       "https://example.com/v2",
	}
	if change != nil {
		change(&c)
	}
	s, err := scim.NewServer(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// answer is what a server answered.
type answer struct {
	Status int
	Header http.Header
	Body   string
}

// send sends a request below /v2. header holds names and values in turn; those
// that are not given are what clients send.
func send(t *testing.T, h http.Handler, method, target, body string, header ...string) answer {
	t.Helper()
	r := httptest.NewRequest(method, "/v2"+target, strings.NewReader(body))
	r.Host = "example.com"
	r.Header.Set("Authorization", "Bearer secret")
	if body != "" {
		r.Header.Set("Content-Type", "application/scim+json")
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Del(header[i])
		if header[i+1] != "" {
			r.Header.Set(header[i], header[i+1])
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return answer{w.Code, w.Header(), w.Body.String()}
}

// must is send that ends the test if the status is another one.
func must(t *testing.T, h http.Handler, status int, method, target, body string, header ...string) answer {
	t.Helper()
	a := send(t, h, method, target, body, header...)
	if a.Status != status {
		t.Fatalf("%s %s: %d, want %d: %s", method, target, a.Status, status, a.Body)
	}
	return a
}

// object is the body as a map.
func (a answer) object(t *testing.T) map[string]any {
	t.Helper()
	return object(t, a.Body)
}

// text gives the string at a path of names.
func (a answer) text(t *testing.T, path ...string) string {
	t.Helper()
	var v any = a.object(t)
	for _, name := range path {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	s, _ := v.(string)
	return s
}

// isError tells what is wrong with an answer that should be an error of this
// kind (RFC 7644 section 3.12), "" if nothing.
func (a answer) isError(t *testing.T, status int, scimType string) string {
	t.Helper()
	want := map[string]any{"schemas": []any{errorURN}, "status": strconv.Itoa(status)}
	var got map[string]any
	if json.Unmarshal([]byte(a.Body), &got) != nil || a.Header.Get("Content-Type") != "application/scim+json" {
		return "no SCIM error: " + a.Body
	}
	if detail, _ := got["detail"].(string); detail == "" || a.Status != status {
		return fmt.Sprintf("%d: %s", a.Status, a.Body)
	}
	delete(got, "detail")
	if scimType != "" {
		want["scimType"] = scimType
	}
	return cmp.Diff(want, got)
}

// object parses a JSON object.
func object(t *testing.T, text string) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return m
}

// jsonOf writes v as JSON.
func jsonOf(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// patchOf is a PATCH message with these operations.
func patchOf(operations string) string {
	return `{"schemas":["` + patchURN + `"],"Operations":[` + operations + `]}`
}

// newUser makes a user and gives its id.
func newUser(t *testing.T, h http.Handler, members string) string {
	t.Helper()
	return must(t, h, 201, "POST", "/Users", `{"schemas":["`+userURN+`"],`+members+`}`).text(t, "id")
}
