package scim_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
)

const barbara = `{
	"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
	"id": "u1", "externalId": "E1", "userName": "bjensen", "active": true, "password": "secret",
	"name": {"familyName": "Jensen", "givenName": "Barbara"},
	"emails": [
		{"value": "home@example.com", "type": "home"},
		{"value": "work@example.com", "type": "work", "primary": true}
	],
	"photos": [{"value": "https://example.com/1"}, {"value": "https://example.com/2"}],
	"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
		"department": "Tours", "manager": {"value": "u2", "displayName": "Boss"}
	},
	"meta": {"resourceType": "User", "created": "2010-01-23T04:56:22Z", "lastModified": "2011-05-13T04:42:34.123456Z", "version": "W/\"v1\""}
}`

func parse(t *testing.T, rt *schema.ResourceType, text string) *scim.Resource {
	t.Helper()
	r, err := scim.ParseResource(rt, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestResourceString(t *testing.T) {
	r := parse(t, schema.UserType(), barbara)
	for _, tt := range []struct{ path, want string }{
		{"id", "u1"},
		{"userName", "bjensen"},
		{"USERNAME", "bjensen"},
		{"name.givenName", "Barbara"},
		{"Name.GIVENNAME", "Barbara"},
		{"urn:ietf:params:scim:schemas:core:2.0:User:userName", "bjensen"},
		{"URN:ietf:params:scim:schemas:core:2.0:user:name.familyName", "Jensen"},
		{enterpriseURN + ":department", "Tours"},
		{enterpriseURN + ":manager.value", "u2"},
		{"emails.value", "work@example.com"}, // the primary one
		{"emails.type", "work"},
		{"photos.value", "https://example.com/1"}, // none is primary: the first
		{`emails[type eq "home"].value`, "home@example.com"},
		{`emails[type eq "HOME" and value co "@"].value`, "home@example.com"},
		{`emails[type eq "other"].value`, ""},
		{`emails[type eq "home"].display`, ""},
		{"active", "true"},
		{"meta.version", `W/"v1"`},
		{"meta.resourceType", "User"},
		{"nickName", ""},
		{"department", ""}, // an extension's attribute has its URN
		{"favouriteColour", ""},
		{"emails[", ""},
		{"", ""},
	} {
		if got := r.String(tt.path); got != tt.want {
			t.Errorf("String(%q) = %q, want %q", tt.path, got, tt.want)
		}
		if got := r.Has(tt.path); got != (tt.want != "") {
			t.Errorf("Has(%q) = %v", tt.path, got)
		}
	}
}

func TestResourceTyped(t *testing.T) {
	r := parse(t, deviceType(), `{"id":"1","label":"Printer","slots":3,"made":{"year":2020},"meta":{"created":"2010-01-23T04:56:22Z"}}`)
	if got := r.Int("slots") + r.Int("made.year"); got != 2023 {
		t.Errorf("Int gives %d", got)
	}
	if r.Int("label") != 0 || r.Int("state") != 0 || r.Bool("label") || !r.Time("label").IsZero() {
		t.Error("a value of another type, or none, is not the zero value")
	}
	if got, want := r.Time("meta.created"), time.Date(2010, 1, 23, 4, 56, 22, 0, time.UTC); !got.Equal(want) {
		t.Errorf("Time gives %v, want %v", got, want)
	}
	u := parse(t, schema.UserType(), barbara)
	if !u.Bool("active") || u.Bool("userName") || !u.Bool("emails.primary") || u.Bool(`emails[type eq "home"].primary`) {
		t.Error("Bool")
	}
	if got, want := u.Meta(), (scim.Meta{
		Created: time.Date(2010, 1, 23, 4, 56, 22, 0, time.UTC), LastModified: time.Date(2011, 5, 13, 4, 42, 34, 123456000, time.UTC), Version: "v1",
	}); got != want {
		t.Errorf("Meta gives %v, want %v", got, want)
	}
	if got := u.Type().Name + u.ID(); got != "Useru1" {
		t.Error(got)
	}
}

func TestResourceValues(t *testing.T) {
	r := parse(t, schema.UserType(), barbara)
	for _, tt := range []struct{ path, sub, want string }{
		{"emails", "value", "home@example.com work@example.com"},
		{"EMAILS", "VALUE", "home@example.com work@example.com"},
		{`emails[type eq "work"]`, "value", "work@example.com"},
		{`emails[value ew ".org"]`, "value", ""},
		{"emails", "display", " "},
		{"emails", "favouriteColour", " "},
		{"name", "familyName", "Jensen"},
		{"userName", "", "bjensen"},
		{"schemas", "", userURN + " " + enterpriseURN},
		{"roles", "value", ""},
		{"favouriteColour", "value", ""},
	} {
		var got []string
		for _, v := range r.Values(tt.path) {
			got = append(got, v.String(tt.sub))
			if v.Has(tt.sub) != (v.String(tt.sub) != "") {
				t.Errorf("Has(%q) of %s", tt.sub, tt.path)
			}
		}
		if joined := strings.Join(got, " "); joined != tt.want {
			t.Errorf("Values(%q) %q = %q, want %q", tt.path, tt.sub, joined, tt.want)
		}
	}
	if !r.Values("emails")[1].Bool("primary") || r.Values("emails")[0].Bool("primary") {
		t.Error("Bool of an element")
	}
	if v := (scim.Value{}); v.String("") != "" || v.Has("x") || v.Bool("x") {
		t.Error("the zero Value has something")
	}
}

func TestResourceSet(t *testing.T) {
	yes := true
	for _, tt := range []struct {
		path  string
		value any
		want  string // the members that changed, null for those that went
	}{
		{"userName", "barbara", `{"userName":"barbara"}`},
		{"USERNAME", "barbara", `{"userName":"barbara"}`},
		{"title", "Guide", `{"title":"Guide"}`},
		{"active", false, `{"active":false}`},
		{"active", &yes, `{}`},
		{"active", nil, `{"active":null}`},
		{"name.givenName", "Babs", `{"name":{"familyName":"Jensen","givenName":"Babs"}}`},
		{"name.givenName", "", `{"name":{"familyName":"Jensen"}}`},
		{"name", nil, `{"name":null}`},
		{"name", map[string]any{"familyName": "Jones"}, `{"name":{"familyName":"Jones"}}`},
		{"name", scim.Name{GivenName: "B"}, `{"name":{"givenName":"B"}}`},
		{"emails", []string{"a@example.com"}, `{"emails":[{"value":"a@example.com"}]}`},
		{"emails", []string{}, `{"emails":null}`},
		{"emails", []scim.MultiValue{{Value: "a@example.com", Primary: true}}, `{"emails":[{"value":"a@example.com","primary":true}]}`},
		{"emails", json.RawMessage(`[{"value":"a@example.com"}]`), `{"emails":[{"value":"a@example.com"}]}`},
		{`emails[type eq "home"].value`, "h@example.com", `{"emails":[{"value":"h@example.com","type":"home"},{"value":"work@example.com","type":"work","primary":true}]}`},
		{`emails[type eq "home"]`, nil, `{"emails":[{"value":"work@example.com","type":"work","primary":true}]}`},
		{`emails[type eq "home"].value`, "", `{"emails":[{"value":"work@example.com","type":"work","primary":true}]}`},
		{"emails.display", "Work", `{"emails":[{"value":"home@example.com","type":"home"},{"value":"work@example.com","display":"Work","type":"work","primary":true}]}`},
		{`phoneNumbers[type eq "mobile"].value`, "+1", `{"phoneNumbers":[{"value":"+1","type":"mobile"}]}`},
		{`phoneNumbers[type eq "mobile"].value`, nil, `{}`},
		{`addresses[type eq "work" and primary eq true].locality`, "Hollywood", `{"addresses":[{"locality":"Hollywood","type":"work","primary":true}]}`},
		{enterpriseURN + ":department", "Cars", `{"` + enterpriseURN + `":{"department":"Cars","manager":{"value":"u2","displayName":"Boss"}}}`},
		{enterpriseURN, nil, `{"` + enterpriseURN + `":null,"schemas":["` + userURN + `"]}`},
		{"groups", []scim.Reference{{Value: "g1", Type: "direct"}}, `{"groups":[{"value":"g1","type":"direct"}]}`}, // the host may
		{"id", "u9", `{"id":"u9"}`},
		{"meta.created", time.Date(2020, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600)), `{"meta":{"resourceType":"User","created":"2020-01-02T02:04:05.000000Z","lastModified":"2011-05-13T04:42:34.123456Z","version":"W/\"v1\""}}`},
	} {
		r := parse(t, schema.UserType(), barbara)
		if err := r.Set(tt.path, tt.value); err != nil {
			t.Errorf("Set(%q, %v): %v", tt.path, tt.value, err)
			continue
		}
		if diff := cmp.Diff(object(t, tt.want), changes(t, barbara, r)); diff != "" {
			t.Errorf("Set(%q, %v) (-want +got):\n%s", tt.path, tt.value, diff)
		}
	}
}

// changes are the members of r that differ from before; those that went are
// null. Password is left out.
func changes(t *testing.T, before string, r *scim.Resource) map[string]any {
	t.Helper()
	old, now := object(t, before), object(t, string(r.JSON()))
	delete(old, "password")
	for name := range old {
		if _, ok := now[name]; !ok {
			now[name] = nil
		} else if cmp.Equal(old[name], now[name]) {
			delete(now, name)
		}
	}
	return now
}

func TestResourceSetErrors(t *testing.T) {
	for _, tt := range []struct {
		path  string
		value any
		want  string // in the error
	}{
		{"favouriteColour", "green", `no attribute "favouriteColour"`},
		{"name.colour", "green", `no attribute "name.colour"`},
		{"emails[type eq", "x", "emails[type eq"},
		{`emails[type eq "work"].colour`, "x", `no sub-attribute "colour"`},
		{`emails[type ne "work" or value eq "y"].display`, "x", ""}, // selects the home address
		{`photos[type ne "x" and value eq "y"].display`, "x", "does not say what a new element holds"},
		{"active", "perhaps", "active"},
		{"active", 5, "active"},
		{"userName", 5, "userName"},
		{"userName", []string{"a"}, "userName"},
		{"emails", "a@example.com", "emails"},
		{"name", "Barbara", "name"},
		{"name", map[string]any{"familyName": 5}, "familyName"},
		{"title", json.RawMessage(`{"broken`), "title"},
		{"title", make(chan int), "title"},
	} {
		r := parse(t, schema.UserType(), barbara)
		before := string(r.JSON())
		err := r.Set(tt.path, tt.value)
		if tt.want == "" {
			if err != nil {
				t.Errorf("Set(%q): %v", tt.path, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "scim: ") {
			t.Errorf("Set(%q, %v): error %v, want one with %q", tt.path, tt.value, err, tt.want)
		}
		if string(r.JSON()) != before {
			t.Errorf("Set(%q) failed and changed the resource", tt.path)
		}
	}
}

func TestResourceMeta(t *testing.T) {
	r := parse(t, schema.UserType(), `{"userName":"x"}`)
	r.SetID("a/b\"c")
	r.SetMeta(scim.Meta{Created: time.Unix(1, 123456789), Version: "v2"})
	if got := r.Meta(); r.ID() != "a/b\"c" || got.Version != "v2" || !got.Created.Equal(time.Unix(1, 123456000)) || !got.LastModified.IsZero() {
		t.Errorf("%q %v", r.ID(), got)
	}
	r.SetMeta(scim.Meta{})
	if got := r.Meta(); got != (scim.Meta{}) {
		t.Errorf("%v", got)
	}
}

// TestResourceClone: nothing that is done to one of two clones shows in the
// other, nor in what JSON gave.
func TestResourceClone(t *testing.T) {
	a := parse(t, schema.UserType(), barbara)
	before := string(a.JSON())
	b := a.Clone()
	b.SetID("other")
	b.SetMeta(scim.Meta{Version: "other"})
	if err := b.Set("emails", nil); err != nil {
		t.Fatal(err)
	}
	if err := b.Encode(scim.User{UserName: "other"}); err != nil {
		t.Fatal(err)
	}
	clear(a.JSON())
	if string(a.JSON()) != before || b.ID() == a.ID() {
		t.Errorf("a changed with its clone: %s", a.JSON())
	}
}

// TestResourceJSON: what JSON gives comes back through ParseResource; a
// password and the location are not in it, attributes without a schema are.
func TestResourceJSON(t *testing.T) {
	r := parse(t, schema.UserType(), strings.Replace(barbara, `"meta": {`, `"favouriteColour": "green", "meta": {"location": "https://elsewhere", `, 1))
	text := string(r.JSON())
	for _, not := range []string{"password", "secret", "location"} {
		if strings.Contains(text, not) {
			t.Errorf("JSON has %s: %s", not, text)
		}
	}
	if !strings.Contains(text, `"favouriteColour":"green"`) || r.String("password") != "secret" {
		t.Errorf("something is lost: %s", text)
	}
	again := parse(t, schema.UserType(), text)
	if got := string(again.JSON()); got != text {
		t.Errorf("round trip:\n%s\n%s", text, got)
	}
	if marshalled := jsonOf(t, r); marshalled != text {
		t.Errorf("json.Marshal gives %s", marshalled)
	}
}

func TestParseResourceErrors(t *testing.T) {
	for _, text := range []string{``, `[]`, `{"userName":5}`, `{"userName":"a","USERNAME":"b"}`, `{"userName":"x"`} {
		if r, err := scim.ParseResource(schema.UserType(), []byte(text)); err == nil || r != nil {
			t.Errorf("%s: %v, %v", text, r, err)
		}
	}
}
