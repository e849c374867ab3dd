package scim_test

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/memstore"
)

// newMemory serves users and groups from memstore.
func newMemory(t *testing.T) *scim.Server {
	t.Helper()
	store, users, groups := memstore.New(memstore.Options{}), schema.UserType(), schema.GroupType()
	return newServer(t, func(c *scim.Config) {
		c.Endpoints = []scim.Endpoint{{Type: users, Handler: store.Handler(users)}, {Type: groups, Handler: store.Handler(groups)}}
	})
}

// TestUserAttributes: what a client may say in attributes of User that have a
// syntax or a meaning of their own (RFC 7643 section 4.1), and what comes back.
func TestUserAttributes(t *testing.T) {
	var full struct{ X509Certificates []struct{ Value string } }
	data, err := os.ReadFile("testdata/spec/user-full.json")
	if err != nil || json.Unmarshal(data, &full) != nil {
		t.Fatal(err)
	}
	cert := full.X509Certificates[0].Value
	s := newMemory(t)
	for i, tt := range []struct {
		member string
		status int
		want   string // in the answer; the member itself if empty
	}{
		{`"profileUrl":"https://example.com/x"`, 201, ""},
		{`"profileUrl":"not a URL"`, 400, "profileUrl"},
		{`"preferredLanguage":"en-US, fr;q=0.8"`, 201, ""},
		{`"locale":"en-US"`, 201, ""},
		{`"locale":"en_US"`, 201, ""},
		{`"locale":"en US"`, 400, "locale"},
		{`"timezone":"America/Los_Angeles"`, 201, ""},
		{`"active":false`, 201, ""},
		{`"active":null`, 201, `"active":true`},
		{`"active":"on"`, 400, "active"},
		{`"emails":[{"value":"Mira@EXAMPLE.com"}]`, 201, ""}, // as it was sent: clients compare
		{`"emails":[{"value":"notAnAddress"}]`, 201, ""},
		{`"phoneNumbers":[{"value":"tel:+1-201-555-0123"}]`, 201, ""},
		{`"phoneNumbers":[{"value":"(201) 555 0123"}]`, 201, ""},
		{`"photos":[{"value":"https://photos.example.com/F","type":"photo"}]`, 201, ""},
		{`"photos":[{"value":"no URL"}]`, 400, "photos.value"},
		{`"addresses":[{"country":"US"}]`, 201, ""},
		{`"addresses":[{"country":"United States"}]`, 201, ""}, // what directories hold
		{`"x509Certificates":[{"value":"` + cert + `"}]`, 201, ""},
		{`"x509Certificates":[{"value":"` + cert + cert + `"}]`, 400, "x509Certificates.value"},
		{`"x509Certificates":[{"value":"` + cert[:100] + `"}]`, 400, "x509Certificates.value"},
		{`"x509Certificates":[{"value":"AAEC"}]`, 400, "x509Certificates.value"},
		{`"x509Certificates":[{"value":"_-8_"}]`, 400, "x509Certificates.value"},
		{`"name":{"givenName":"Barbara","familyName":"Jensen"}`, 201, `"name":{"familyName":"Jensen","givenName":"Barbara"}`},
		{`"name":{"formatted":"Ms. Barbara J Jensen III"}`, 201, ""},
		{`"displayName":"Babs Jensen"`, 201, ""},
	} {
		a := send(t, s, "POST", "/Users", fmt.Sprintf(`{"schemas":[%q],"userName":"user%d",%s}`, userURN, i, tt.member))
		if a.Status != tt.status || !strings.Contains(a.Body, first(tt.want, tt.member)) {
			t.Errorf("%.80s: %d: %s", tt.member, a.Status, a.Body)
		}
		if tt.status == 400 {
			if diff := a.isError(t, 400, "invalidValue"); diff != "" {
				t.Errorf("%.80s: %s", tt.member, diff)
			}
		}
	}
}

// TestSyntaxIsCheckedOnChange: what a host has from before the check does not
// keep a user from being switched off.
func TestSyntaxIsCheckedOnChange(t *testing.T) {
	old := `{"id":"u1","userName":" odd ","locale":"en US","x509Certificates":[{"value":"AAEC"}]}`
	for _, tt := range []struct {
		method, body string
		status       int
	}{
		{"PATCH", patchOf(`{"op":"replace","path":"active","value":false}`), 200},
		{"PATCH", patchOf(`{"op":"replace","path":"userName","value":" even "}`), 400},
		{"PATCH", patchOf(`{"op":"replace","path":"userName","value":"fine"}`), 200},
		{"PATCH", patchOf(`{"op":"add","path":"x509Certificates","value":[{"value":"AAED"}]}`), 400},
		{"PUT", `{"userName":" odd ","locale":"en US","title":"x"}`, 200},
		{"PUT", `{"userName":" odd ","locale":"en UK"}`, 400},
	} {
		a := send(t, newStored(t, schema.UserType(), old), tt.method, "/Users/u1", tt.body)
		if a.Status != tt.status {
			t.Errorf("%s %s: %d, want %d: %s", tt.method, tt.body, a.Status, tt.status, a.Body)
		}
	}
}

// TestSyntaxWithoutSchema: a kept attribute that the schema does not have is
// not taken for one that it lacks.
func TestSyntaxWithoutSchema(t *testing.T) {
	s := newServer(t, func(c *scim.Config) {
		tolerance := scim.Tolerant()
		tolerance.Unknown = scim.KeepUnknown
		c.Tolerance = &tolerance
	})
	a := must(t, s, 201, "POST", "/Groups", `{"displayName":"x","favouriteColour":" green "}`)
	must(t, s, 204, "PATCH", "/Groups/"+a.text(t, "id"), patchOf(`{"op":"add","value":{"favouriteSong":" none "}}`))
	b := must(t, s, 200, "PUT", "/Groups/"+a.text(t, "id"), `{"displayName":"x","favouriteFood":" any "}`)
	if !strings.Contains(b.Body, " any ") {
		t.Errorf("%s", b.Body)
	}
}

// TestPassword: no answer has it, nor can it be asked for (RFC 7643 sections
// 4.1.1 and 9.2).
func TestPassword(t *testing.T) {
	h := newMapHandler(schema.UserType())
	s := newServer(t, func(c *scim.Config) { c.Endpoints = []scim.Endpoint{{Type: h.typ, Handler: h}} })
	id := newUser(t, s, `"userName":"x","password":"t1meMa$heen"`)
	for _, x := range []struct{ method, target, body string }{
		{"POST", "/Users", `{"userName":"y","password":"t1meMa$heen"}`},
		{"GET", "/Users/" + id, ""},
		{"GET", "/Users/" + id + "?attributes=password", ""},
		{"GET", "/Users?attributes=password", ""},
		{"GET", "/Users?excludedAttributes=id", ""},
		{"PUT", "/Users/" + id, `{"userName":"x","password":"t1meMa$heen"}`},
		{"PUT", "/Users/" + id + "?attributes=password", `{"userName":"x","password":"t1meMa$heen"}`},
		{"PATCH", "/Users/" + id, patchOf(`{"op":"replace","value":{"password":"t1meMa$heen"}}`)},
		{"PATCH", "/Users/" + id, patchOf(`{"op":"replace","path":"password","value":["t1meMa$heen","t1meMa$heen"]}`)},
		{"GET", "/Users?filter=password+eq+%22t1meMa$heen%22", ""},
		{"GET", "/Users?sortBy=password", ""},
	} {
		a := send(t, s, x.method, x.target, x.body)
		if strings.Contains(a.Body, "t1me") || strings.Contains(a.Body, `"password":`) {
			t.Errorf("%s %s: %s", x.method, x.target, a.Body)
		}
	}
	for id, stored := range h.all { // what JSON gives to stores
		if strings.Contains(string(stored), "t1me") {
			t.Errorf("%s is stored as %s", id, stored)
		}
	}
	if diff := send(t, s, "GET", "/Users?filter=password+eq+%22x%22", "").isError(t, 400, "invalidFilter"); diff != "" {
		t.Error(diff)
	}
}

// TestIDs: ids are the server's, UUIDs of version 7, never twice, never with
// the word that Bulk needs; they are case exact (RFC 7643 section 3.1).
func TestIDs(t *testing.T) {
	uuid := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	s := newMemory(t)
	seen := map[string]bool{}
	for i := range 200 {
		endpoint := []string{"/Users", "/Groups"}[i%2]
		body := fmt.Sprintf(`{"id":"mine","userName":"u%d","displayName":"d%d","externalId":"E"}`, i, i)
		id := must(t, s, 201, "POST", endpoint, body).text(t, "id")
		if seen[id] || !uuid.MatchString(id) {
			t.Fatalf("id %q", id)
		}
		seen[id] = true
		if i < 2 {
			must(t, s, 200, "GET", endpoint+"/"+id, "")
			must(t, s, 404, "GET", endpoint+"/"+strings.ToUpper(id), "")
			if got := must(t, s, 200, "GET", endpoint+"?filter=id+eq+%22"+strings.ToUpper(id)+"%22", "").object(t)["totalResults"]; got != 0.0 {
				t.Errorf("an id in capitals finds %v", got)
			}
		}
	}
	if a := must(t, s, 201, "POST", "/Users", `{"userName":"none"}`); strings.Contains(a.Body, "externalId") {
		t.Errorf("an externalId that no client gave: %s", a.Body)
	}
	if n := must(t, s, 200, "GET", "/Users?count=0&filter=externalId+eq+%22E%22", "").object(t)["totalResults"]; n != 100.0 {
		t.Errorf("%v users have the externalId", n)
	}
	if n := must(t, s, 200, "GET", "/Users?count=0&filter=externalId+eq+%22e%22", "").object(t)["totalResults"]; n != 0.0 {
		t.Errorf("%v users have the externalId in another case", n)
	}
}

// TestCommonAttributes: their characteristics are those of RFC 7643 section
// 3.1, whatever a schema says that lists them.
func TestCommonAttributes(t *testing.T) {
	lists := &schema.ResourceType{Name: "Thing", Endpoint: "/Things", Schema: &schema.Schema{ID: "urn:example:Thing", Name: "Thing", Attributes: []schema.Attribute{
		{Name: "id", Mutability: schema.ReadWrite, Returned: schema.ReturnedRequest},
		{Name: "externalId", Required: true},
		{Name: "meta", Type: schema.Complex, SubAttributes: []schema.Attribute{{Name: "created", Type: schema.String}}},
		{Name: "label"},
	}}}
	h := newMapHandler(lists)
	s := newServer(t, func(c *scim.Config) { c.Endpoints = []scim.Endpoint{{Type: lists, Handler: h}} })
	a := must(t, s, 201, "POST", "/Things", `{"schemas":["urn:example:Thing"],"id":"mine","label":"x","meta":{"created":"1999-01-01T00:00:00Z","version":"W/\"1\"","resourceType":"Car"}}`)
	id := a.text(t, "id")
	if id == "mine" || id == "" || a.text(t, "meta", "resourceType") != "Thing" || strings.Contains(a.Body, "1999") {
		t.Errorf("%s", a.Body)
	}
	if loc := a.text(t, "meta", "location"); loc != a.Header.Get("Location") || loc != a.Header.Get("Content-Location") {
		t.Errorf("location %s, headers %v", loc, a.Header)
	}
	if tag := a.text(t, "meta", "version"); tag != a.Header.Get("ETag") || !strings.HasPrefix(tag, `W/"`) {
		t.Errorf("version %s, ETag %s", tag, a.Header.Get("ETag"))
	}
	for _, sub := range []string{"created", "lastModified", "location", "version", "resourceType"} {
		got := must(t, s, 200, "GET", "/Things/"+id+"?excludedAttributes=meta."+sub, "")
		if strings.Contains(got.Body, `"`+sub+`"`) || !strings.Contains(got.Body, `"meta":`) {
			t.Errorf("without meta.%s: %s", sub, got.Body)
		}
		got = must(t, s, 200, "GET", "/Things/"+id+"?attributes=meta."+sub, "")
		if len(got.object(t)["meta"].(map[string]any)) != 1 || got.text(t, "meta", sub) == "" {
			t.Errorf("only meta.%s: %s", sub, got.Body)
		}
	}
	if shown := must(t, s, 200, "GET", "/Schemas/urn:example:Thing", "").Body; strings.Contains(shown, `"name":"id"`) || strings.Contains(shown, `"name":"meta"`) {
		t.Errorf("/Schemas shows common attributes: %s", shown)
	}
}

// TestGroupAttributes has what RFC 7643 section 4.2 says beyond the schema.
func TestGroupAttributes(t *testing.T) {
	s := newMemory(t)
	user := newUser(t, s, `"userName":"x","displayName":"Babs"`)
	inner := must(t, s, 201, "POST", "/Groups", `{"displayName":"inner","members":[{"value":"`+user+`"}]}`)
	member := inner.object(t)["members"].([]any)[0].(map[string]any)
	if member["type"] != "User" || member["$ref"] != "https://example.com/v2/Users/"+user || member["display"] != "Babs" {
		t.Errorf("member %v", member)
	}
	outer := must(t, s, 201, "POST", "/Groups", `{"displayName":"outer","members":[{"value":"`+inner.text(t, "id")+`","type":"Group"}]}`)
	types := map[any]any{}
	for _, g := range must(t, s, 200, "GET", "/Users/"+user, "").object(t)["groups"].([]any) {
		m := g.(map[string]any)
		types[m["display"]] = m["type"]
		if m["$ref"] != "https://example.com/v2/Groups/"+m["value"].(string) {
			t.Errorf("$ref %v", m)
		}
	}
	if len(types) != 2 || types["inner"] != "direct" || types["outer"] != "indirect" {
		t.Errorf("groups %v", types)
	}
	// A cycle of groups is nobody's end.
	must(t, s, 204, "PATCH", "/Groups/"+inner.text(t, "id"), patchOf(`{"op":"add","path":"members","value":[{"value":"`+outer.text(t, "id")+`"}]}`))
	must(t, s, 200, "GET", "/Users/"+user, "")
	for _, tt := range []struct{ body, scimType string }{
		{`{"members":[]}`, "invalidValue"},
		{`{"displayName":"","members":[]}`, "invalidValue"},
		{`{"displayName":"x","members":[{"display":"nobody"}]}`, "invalidValue"},
	} {
		if diff := send(t, s, "POST", "/Groups", tt.body).isError(t, 400, tt.scimType); diff != "" {
			t.Errorf("%s: %s", tt.body, diff)
		}
	}
	// The RFC's Group may have one name twice, the default may not.
	groups := schema.GroupType()
	groups.Schema = schema.Group()
	store := memstore.New(memstore.Options{})
	plain := newServer(t, func(c *scim.Config) { c.Endpoints = []scim.Endpoint{{Type: groups, Handler: store.Handler(groups)}} })
	for range 2 {
		must(t, plain, 201, "POST", "/Groups", `{"displayName":"same"}`)
	}
}
