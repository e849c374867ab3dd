package scim_test

import (
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/scim"
)

// TestPlainRequests is the control: requests of the RFCs, one after the other,
// have no quirk, and a strict server takes them. Two of them have one, because
// the RFC says two things or leaves the answer open.
func TestPlainRequests(t *testing.T) {
	for _, tolerance := range []scim.Tolerance{scim.Tolerant(), scim.Strict()} {
		ids := []string{"1", "2", "3", babs, mandy, tourGuides}
		w := newQuirkWorld(t, &tolerance, func(c *scim.Config) {
			c.NewID = func() string { id := ids[0]; ids = ids[1:]; return id }
		})
		for _, r := range plainRequests(t) {
			a := send(t, w, r.method, r.target, r.body)
			if a.Status >= 300 {
				t.Errorf("%s %s: %d: %s\n%s", r.method, r.target, a.Status, a.Body, r.body)
			}
			want := r.quirks
			if want == "keep-on-put" && tolerance.PutKeeps == nil {
				want = ""
			}
			if got := strings.Join(w.told, " "); got != want {
				t.Errorf("%s %s has the quirks %q, want %q\n%s", r.method, r.target, got, want, r.body)
			}
			w.told = nil
		}
	}
}

const (
	babs       = "2819c223-7f76-453a-919d-413861904646"
	mandy      = "902c246b-6245-4190-8e05-00816be7344a"
	tourGuides = "e9e30dba-f08f-4109-8486-d5c6a331660a"
	babsRef    = `{"display":"Babs Jensen","$ref":"https://example.com/v2/Users/` + babs + `","value":"` + babs + `"}`
	mandyRef   = `{"display":"Mandy Pepperidge","$ref":"../Users/` + mandy + `","value":"` + mandy + `"}`
)

type plainRequest struct{ method, target, body, quirks string }

func plainRequests(t *testing.T) []plainRequest {
	example := func(name string) string {
		data, err := os.ReadFile("../internal/document/testdata/rfc7643/" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	user, group := "/Users/"+babs, "/Groups/"+tourGuides
	all := []plainRequest{
		{method: "POST", target: "/Users", body: example("user-enterprise")}, // RFC 7643 section 8.3
		{method: "POST", target: "/Users", body: `{"schemas":["` + userURN + `"],"userName":"mpepperidge"}`},
		{method: "POST", target: "/Groups", body: example("group")}, // section 8.4
		{method: "GET", target: user + "?attributes=userName"},      // RFC 7644 section 3.9
		{method: "GET", target: user + "?excludedAttributes=groups"},
		{method: "GET", target: "/Groups?startIndex=1&count=10&sortBy=displayName&sortOrder=descending"},
		{method: "GET", target: "/ServiceProviderConfig"},
		{method: "GET", target: "/Schemas/" + userURN},
		// Section 3.5.2.
		{method: "PATCH", target: group, body: patchOf(`{"op":"add","path":"members","value":[` + babsRef + `]}`)},
		{method: "PATCH", target: user, body: patchOf(`{"op":"add","value":{"emails":[{"value":"babs@jensen.org","type":"home"}],"nickname":"Babs"}}`)},
		{method: "PATCH", target: group, body: patchOf(`{"op":"remove","path":"members[value eq \"` + babs + `\"]"}`)},
		{method: "PATCH", target: group, body: patchOf(`{"op":"remove","path":"members"}`)},
		{method: "PATCH", target: user, body: patchOf(`{"op":"remove","path":"emails[type eq \"work\" and value ew \"example.com\"]"}`)},
		{method: "PATCH", target: group, body: patchOf(`{"op":"replace","path":"members","value":[` + babsRef + `,` + mandyRef + `]}`)},
		{method: "PATCH", target: group, body: patchOf(`{"op":"remove","path":"members[value eq \"` + mandy + `\"]"},{"op":"add","path":"members","value":[` + mandyRef + `]}`)},
		{method: "PATCH", target: user, body: patchOf(`{"op":"replace","path":"addresses[type eq \"work\"]","value":{"type":"work","locality":"Hollywood"}}`)},
		{method: "PATCH", target: user, body: patchOf(`{"op":"replace","path":"addresses[type eq \"work\"].streetAddress","value":"1010 Broadway Ave"}`)},
		{method: "PATCH", target: user, body: patchOf(`{"op":"replace","value":{"emails":[{"value":"bjensen@example.com","type":"work","primary":true}],"nickname":"Babs"}}`)},
		{method: "PATCH", target: user, body: patchOf(`{"op":"add","path":"` + enterpriseURN + `:manager","value":{"value":"` + mandy + `","$ref":"../Users/` + mandy + `"}}`)},
		// Section 3.5.1: that "active" stays although the client leaves it out,
		// the RFC neither asks for nor forbids.
		{method: "PUT", target: user, body: `{"schemas":["` + userURN + `"],"id":"` + babs + `","userName":"bjensen","externalId":"bjensen",
			"name":{"formatted":"Ms. Barbara J Jensen III","familyName":"Jensen","givenName":"Barbara","middleName":"Jane"},
			"roles":[],"emails":[{"value":"bjensen@example.com"},{"value":"babs@jensen.org"}]}`, quirks: "keep-on-put"},
	}
	for _, filter := range plainFilters {
		r := plainRequest{method: "GET", target: "/Users?filter=" + url.QueryEscape(filter)}
		if strings.Contains(filter, "emails co") {
			r.quirks = "complex-as-value"
		}
		all = append(all, r)
	}
	return append(all, plainRequest{method: "DELETE", target: user})
}

// plainFilters are those of RFC 7644 section 3.4.2.2. "emails co" stands there
// against the section's own rule that a sub-attribute is to be named.
var plainFilters = []string{
	`userName eq "bjensen"`,
	`name.familyName co "O'Malley"`,
	`userName sw "J"`,
	`urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J"`,
	`title pr`,
	`meta.lastModified gt "2011-05-13T04:42:34Z"`,
	`meta.lastModified ge "2011-05-13T04:42:34Z"`,
	`meta.lastModified lt "2011-05-13T04:42:34Z"`,
	`meta.lastModified le "2011-05-13T04:42:34Z"`,
	`title pr and userType eq "Employee"`,
	`title pr or userType eq "Intern"`,
	`schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"`,
	`userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")`,
	`userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")`,
	`userType eq "Employee" and (emails.type eq "work")`,
	`userType eq "Employee" and emails[type eq "work" and value co "@example.com"]`,
	`emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]`,
}

// TestDiscoveryForClients has Q103 and Q104: no null in any answer, names of
// attributes in the RFC's spelling, users first, and the RFC's description of
// them.
func TestDiscoveryForClients(t *testing.T) {
	w := newQuirkWorld(t, nil, nil)
	for _, target := range []string{"/ServiceProviderConfig", "/ResourceTypes", "/ResourceTypes/User", "/Schemas", "/Schemas/" + groupURN} {
		if a := must(t, w, 200, "GET", target, ""); hasNull(a.object(t)) {
			t.Errorf("%s has a null: %s", target, a.Body)
		}
	}
	types := w.get(t, "/ResourceTypes")["Resources"].([]any)
	if got := types[0].(map[string]any)["endpoint"]; got != "/Users" {
		t.Errorf("the first endpoint is %v", got)
	}
	user := w.get(t, "/Schemas/"+userURN)
	if got := user["description"]; got != "User Account" {
		t.Errorf("the description of User is %v", got)
	}
	names := fmt.Sprint(user["attributes"])
	for _, name := range []string{"userName", "displayName", "phoneNumbers", "givenName", "x509Certificates"} {
		if !strings.Contains(names, "name:"+name+" ") {
			t.Errorf("there is no attribute %s", name)
		}
	}
}

func hasNull(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case []any:
		for _, e := range v {
			if hasNull(e) {
				return true
			}
		}
	case map[string]any:
		for _, e := range v {
			if hasNull(e) {
				return true
			}
		}
	}
	return false
}
