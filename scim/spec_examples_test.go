package scim_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
)

// exchange is a request and an answer that the RFC prints.
type exchange struct {
	Request struct {
		Method, Path string
		Headers      map[string]string
		Body         json.RawMessage
	}
	Response struct {
		Status  int
		Headers map[string]string
		Body    map[string]any
	}
	Then []exchange
}

// TestRFCExamples replays the requests that RFC 7644 prints against the state
// that they presume, and expects its answers.
func TestRFCExamples(t *testing.T) {
	const id = "2819c223-7f76-453a-919d-413861904646"
	const meta = `"meta":{"created":"2011-08-01T18:29:49.793Z","lastModified":"2011-08-01T18:29:49.793Z","version":"W/\"%s\""}`
	user := func(id, name, version string) string {
		return fmt.Sprintf(`{"id":%q,"userName":%q,`+meta+`}`, id, name, version)
	}
	for _, tt := range []struct {
		file   string
		stored []string
	}{
		{"create-user", nil},
		{"create-user-etag", nil},
		{"get-user", []string{"as in the answer"}},
		{"put-user", []string{fmt.Sprintf(`{"id":%q,"userName":"bjensen","roles":[{"value":"guide"}],`+meta+`}`, id, "a330bc54f0671c9")}},
		{"delete-user", []string{user(id, "bjensen", "c310cd84f0281b7")}},
		{"list-users-attributes", []string{user(id, "bjensen", "1"), user("c75ad752-64ae-4823-840d-ffa80929976c", "jsmith", "1")}},
		{"list-empty", []string{user(id, "bjensen", "1")}},
		{"conditional-get", []string{user(id, "bjensen", "e180ee84f0671b1")}},
		{"partial-get", []string{user(id, "bjensen", "a330bc54f0671c9")}},
	} {
		t.Run(tt.file, func(t *testing.T) {
			var x exchange
			readSpec(t, tt.file, &x)
			if tt.file == "get-user" {
				tt.stored[0] = jsonOf(t, x.Response.Body)
			}
			h := newResourceMap()
			users := plainUsers()
			for _, text := range tt.stored {
				r, err := scim.ParseResource(users, []byte(text))
				if err != nil {
					t.Fatal(err)
				}
				h.all[r.ID()] = r
			}
			s := newServer(t, func(c *scim.Config) {
				c.Endpoints = []scim.Endpoint{{Type: users, Handler: h}}
				c.NewID = func() string { return id }
			})
			for _, x := range append([]exchange{x}, x.Then...) {
				x.play(t, s)
			}
		})
	}
}

// play sends the request and compares the answer with the RFC's, but for times
// and versions that the server makes.
func (x exchange) play(t *testing.T, s *scim.Server) {
	t.Helper()
	var header []string
	for name, value := range x.Request.Headers {
		header = append(header, name, value)
	}
	a := send(t, s, x.Request.Method, x.Request.Path, string(x.Request.Body), header...)
	if a.Status != x.Response.Status {
		t.Fatalf("%s %s: %d, want %d: %s", x.Request.Method, x.Request.Path, a.Status, x.Response.Status, a.Body)
	}
	for name, want := range x.Response.Headers {
		got := a.Header.Get(name)
		if name == "ETag" && x.Request.Method != "GET" {
			want = a.text(t, "meta", "version")
		}
		if got != want || want == "" {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if x.Response.Body == nil {
		if a.Status < 400 && a.Body != "" {
			t.Errorf("a body: %s", a.Body)
		}
		return
	}
	got := withoutVolatile(a.object(t))
	want := withoutVolatile(x.Response.Body)
	for _, m := range []map[string]any{got, want} {
		delete(m, "detail")
		if list, ok := m["Resources"].([]any); m["schemas"] != nil && (ok && len(list) == 0 || m["startIndex"] != nil) {
			// The RFC leaves out what is sent always here.
			delete(m, "startIndex")
			delete(m, "itemsPerPage")
			if len(list) == 0 {
				delete(m, "Resources")
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s %s (-want +got):\n%s", x.Request.Method, x.Request.Path, diff)
	}
}

// TestRFCPageExample is figure 3 of RFC 7644 section 3.4.2.4: 10 of 100.
func TestRFCPageExample(t *testing.T) {
	var x exchange
	readSpec(t, "list-page", &x)
	var stored []string
	for i := range 100 {
		stored = append(stored, fmt.Sprintf(`{"id":"%03d","userName":"user%d"}`, i, i))
	}
	got := must(t, newStored(t, schema.UserType(), stored...), 200, "GET", x.Request.Path, "").object(t)
	if list := got["Resources"].([]any); len(list) != 10 {
		t.Errorf("%d resources", len(list))
	}
	delete(got, "Resources")
	delete(x.Response.Body, "Resources")
	if diff := cmp.Diff(x.Response.Body, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestRFCDiscoveryExamples: a server that is configured as the RFC's is
// described as the RFC describes it (RFC 7643 section 8, RFC 7644 section 4).
func TestRFCDiscoveryExamples(t *testing.T) {
	users := schema.UserType()
	users.Extensions[0].Required = true
	var config map[string]any
	readSpec(t, "service-provider-config", &config)
	s := newServer(t, func(c *scim.Config) {
		c.Endpoints[0] = scim.Endpoint{Type: users, Handler: newMapHandler(users)}
		c.DocumentationURI = "http://example.com/help/scim.html"
		c.ChangePassword = true
		c.Limits.MaxResults = 200
		c.AuthenticationSchemes = []scim.AuthenticationScheme{
			{Type: "oauthbearertoken", Name: "OAuth Bearer Token", Description: "Authentication scheme using the OAuth Bearer Token Standard",
				SpecURI: "http://www.rfc-editor.org/info/rfc6750", DocumentationURI: "http://example.com/help/oauth.html", Primary: true},
			{Type: "httpbasic", Name: "HTTP Basic", Description: "Authentication scheme using the HTTP Basic Standard",
				SpecURI: "http://www.rfc-editor.org/info/rfc2617", DocumentationURI: "http://example.com/help/httpBasic.html"},
		}
	})
	config["bulk"] = map[string]any{"supported": false, "maxOperations": 0.0, "maxPayloadSize": 0.0} // there is none
	got := must(t, s, 200, "GET", "/ServiceProviderConfig", "").object(t)
	if diff := cmp.Diff(withoutVolatile(config), got); diff != "" {
		t.Errorf("ServiceProviderConfig (-want +got):\n%s", diff)
	}

	var types []map[string]any
	readSpec(t, "resource-types", &types)
	for _, want := range types {
		got := must(t, s, 200, "GET", "/ResourceTypes/"+want["id"].(string), "").object(t)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("ResourceType (-want +got):\n%s", diff)
		}
	}
	var list exchange
	readSpec(t, "resource-types-list", &list)
	if diff := cmp.Diff(list.Response.Body, must(t, s, 200, "GET", "/ResourceTypes", "").object(t)); diff != "" {
		t.Errorf("ResourceTypes (-want +got):\n%s", diff)
	}
}

// TestRFCResources: the full resources of RFC 7643 section 8 are taken, and
// come back but for what is the server's.
func TestRFCResources(t *testing.T) {
	for _, tt := range []struct {
		file, endpoint string
		servers        []string // readOnly and secret members
	}{
		{"user-minimal", "/Users", nil},
		{"user-full", "/Users", []string{"groups", "password"}},
		{"user-enterprise", "/Users", []string{"groups", "password"}},
		{"group", "/Groups", nil},
	} {
		t.Run(tt.file, func(t *testing.T) {
			var want map[string]any
			readSpec(t, tt.file, &want)
			s := newServer(t, func(c *scim.Config) { c.NewID = func() string { return want["id"].(string) } })
			got := must(t, s, 201, "POST", tt.endpoint, jsonOf(t, want)).object(t)
			again := must(t, s, 200, "GET", tt.endpoint+"/"+want["id"].(string), "").object(t)
			if diff := cmp.Diff(got, again); diff != "" {
				t.Errorf("GET gives another (-POST +GET):\n%s", diff)
			}
			if want["active"] == nil {
				delete(got, "active")
			}
			for _, name := range tt.servers {
				delete(want, name)
			}
			if e, ok := want[enterpriseURN].(map[string]any); ok {
				m := e["manager"].(map[string]any)
				delete(m, "displayName")
				m["$ref"] = "https://example.com/v2/Users/" + m["value"].(string)
			}
			if members, ok := want["members"].([]any); ok {
				for _, m := range members { // the RFC's members have no type but in $ref
					m := m.(map[string]any)
					m["type"], m["$ref"] = "User", "https://example.com/v2/Users/"+m["value"].(string)
				}
			}
			if diff := cmp.Diff(withoutVolatile(want), withoutVolatile(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
