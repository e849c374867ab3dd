package requestlog

import (
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/memstore"
)

// TestDetails: what is no value stays, so that people see what is wrong and where.
func TestDetails(t *testing.T) {
	for detail, want := range map[string]string{
		"Operations[1], displayName: there is no such attribute":                      "Operations[1], displayName: there is no such attribute",
		"Operations[12], emails[value eq 1].x: there is no such attribute":            "Operations[12], emails[…].x: there is no such attribute",
		"Operations[0], emails[value eq a].x: at byte 16: \"a\" is no value":          "Operations[0], emails[…]: at byte 16: \"…\" is no value",
		"Operations[0], emails[value eq a] or b: at byte 19: more":                    "Operations[0], emails[…]: at byte 19: more",
		"Operations[0], emails[value eq a: at byte 1: b: at byte 6: it is not closed": "Operations[0], emails[…]: at byte 6: it is not closed",
		"sortBy: emails[value eq a":                                                   "sortBy: emails[…]",
		"[a] and [b], or":                                                             "[…], or",
	} {
		if got := unquoted("invalidPath", detail); got != want {
			t.Errorf("%s\n got %s\nwant %s", detail, got, want)
		}
	}
	if got := unquoted("", "a[b]"); got != "a[b]" {
		t.Errorf("without a scimType: %s", got)
	}
}

// TestValuesOfFilters: a value that a client sends in a place where none may stand,
// with and without quotes, is in no entry, though the answer names it.
func TestValuesOfFilters(t *testing.T) {
	const secret = "hunter2sekret"
	m := NewMemory(Options{})
	users := schema.UserType()
	server, err := scim.NewServer(scim.Config{
		Endpoints:     []scim.Endpoint{{Type: users, Handler: memstore.New(memstore.Options{}).Handler(users)}},
		Authenticator: scim.StaticToken("x"), BaseURL: "https://scim.example", OnRequest: Hook(m), Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	send := func(method, path, body string) string {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer x")
		w := httptest.NewRecorder()
		server.ServeHTTP(w, r)
		answer, _ := io.ReadAll(w.Body)
		return fmt.Sprint(w.Code, " ", string(answer), w.Header().Get("Location"))
	}
	id := send("POST", "/Users", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"mira"}`)
	id = id[strings.LastIndexByte(id, '/')+1:]
	named := 0
	for _, text := range []string{
		secret, `"` + secret, `'` + secret + `'`, `"a" ` + secret, `"a]" ` + secret, `a] and value eq ` + secret, `"\\"" ` + secret,
	} {
		filter := "emails[value eq " + text
		for _, answer := range []string{
			send("PATCH", "/Users/"+id, fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":%q,"value":1}]}`, filter+"].x")),
			send("PATCH", "/Users/"+id, fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":%q,"value":1}]}`, filter)),
			send("PATCH", "/Users/"+id, fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","value":{%q:1}}]}`, filter+"].x")),
			send("GET", "/Users?filter="+url.QueryEscape(filter+"]"), ""),
			send("GET", "/Users?filter="+url.QueryEscape("userName eq "+text), ""),
			send("GET", "/Users?sortBy="+url.QueryEscape(filter+"]"), ""),
			send("GET", "/Users?attributes="+url.QueryEscape(filter+"]"), ""),
			send("GET", "/Users?startIndex="+url.QueryEscape(text), ""),
		} {
			if strings.Contains(answer, secret) {
				named++
			}
		}
	}
	for _, e := range recent(t, m, "", 100) {
		if strings.Contains(fmt.Sprint(e), "hunter2") {
			t.Errorf("%+v", e)
		}
	}
	if named == 0 {
		t.Error("no answer names the value: this test shows nothing")
	}
}
