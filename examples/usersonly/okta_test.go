package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/examples/internal/exampletest"
)

// okta sends r as Okta's SCIM client does.
func okta(r *http.Request) {
	r.Header.Set("Accept", "application/scim+json")
	r.Header.Set("Accept-Charset", "utf-8")
	r.Header.Set("Content-Type", "application/scim+json; charset=utf-8")
	r.Header.Set("User-Agent", "Okta SCIM Client 1.0.0")
}

// TestOktaConnector is what Okta's "Test Connector Configuration" asks, with the
// actions on that this product supports: import of new users and of profile
// updates, push of new users and of profile updates. HTTP Header is the way to
// authenticate, userName the unique identifier.
func TestOktaConnector(t *testing.T) {
	s := start(t, nil)
	wrong := exampletest.Bearer(s.key + "x")
	if got := s.do("GET", scimPath+"/Users?startIndex=1&count=2", "", okta, wrong); got.StatusCode != 401 || got.object(t)["status"] != "401" {
		t.Errorf("a wrong key: %d %s", got.StatusCode, got.body)
	}
	for _, step := range []struct {
		says, path string
		total      any
	}{
		{"which features there are", "/ServiceProviderConfig", nil},
		{"import: the credentials are right", "/Users?startIndex=1&count=2", 0.0},
		{"import: a page", "/Users?startIndex=1&count=100", 0.0},
		{"push: nobody is matched", "/Users?filter=" + url.QueryEscape(`userName eq "nobody@example.com"`) + "&startIndex=1&count=100", 0.0},
	} {
		got := s.do("GET", scimPath+step.path, "", okta)
		if got.StatusCode != 200 || got.object(t)["totalResults"] != step.total || got.Header.Get("Content-Type") != "application/scim+json" {
			t.Errorf("%s: %d %s", step.says, got.StatusCode, got.body)
		}
	}
	if config := s.do("GET", scimPath+"/ServiceProviderConfig", "", okta).object(t); config["changePassword"].(map[string]any)["supported"] != false {
		t.Error("password sync is off, and ServiceProviderConfig has it")
	}
	// Groups are not supported, which must be an answer and no accident.
	for _, method := range []string{"GET", "POST"} {
		got := s.do(method, scimPath+"/Groups?startIndex=1&count=100", "{}", okta)
		m := got.object(t)
		if got.StatusCode != 404 || m["status"] != "404" || m["schemas"].([]any)[0] != "urn:ietf:params:scim:api:messages:2.0:Error" {
			t.Errorf("%s /Groups = %d %s", method, got.StatusCode, got.body)
		}
	}
}

// TestNoGroups: discovery does not speak of groups.
func TestNoGroups(t *testing.T) {
	s := start(t, nil)
	s.create(`{"userName":"ada@example.com"}`)
	for _, path := range []string{"/ServiceProviderConfig", "/ResourceTypes", "/Schemas", "/Users"} {
		if got := s.do("GET", scimPath+path, ""); got.StatusCode != 200 || strings.Contains(strings.ToLower(got.body), "group") {
			t.Errorf("GET %s = %d %s", path, got.StatusCode, got.body)
		}
	}
	for _, path := range []string{"/Schemas/urn:ietf:params:scim:schemas:core:2.0:Group", "/ResourceTypes/Group", "/Groups/1"} {
		if got := s.do("GET", scimPath+path, ""); got.StatusCode != 404 {
			t.Errorf("GET %s = %d", path, got.StatusCode)
		}
	}
}

// TestOktaProvisions: what the product has is imported, and what Okta has comes
// and goes as it says.
func TestOktaProvisions(t *testing.T) {
	s := start(t, nil)
	for i := range 5 {
		form := url.Values{"email": {fmt.Sprintf("own%d@example.com", i)}, "name": {fmt.Sprintf("Own %d", i)}}
		got := s.do("POST", "/users", form.Encode(), func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") })
		if got.StatusCode != http.StatusSeeOther {
			t.Fatalf("adding a user = %d %s", got.StatusCode, got.body)
		}
	}
	var imported []string
	for len(imported) < 5 {
		got := s.do("GET", fmt.Sprintf("%s/Users?startIndex=%d&count=2", scimPath, len(imported)+1), "", okta)
		var page struct {
			TotalResults int
			Resources    []struct{ UserName, DisplayName string }
		}
		if err := json.Unmarshal([]byte(got.body), &page); err != nil || page.TotalResults != 5 || len(page.Resources) == 0 {
			t.Fatalf("import: %v %d %s", err, got.StatusCode, got.body)
		}
		for _, u := range page.Resources {
			imported = append(imported, u.UserName)
		}
	}
	slices.Sort(imported)
	if len(slices.Compact(imported)) != 5 {
		t.Errorf("imported %q", imported)
	}

	id := s.create(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"mira@example.com","name":{"givenName":"Mira","familyName":"Holt"},
		"emails":[{"primary":true,"value":"mira@example.com","type":"work"}],"displayName":"Mira Holt","locale":"en-US","externalId":"00u1","groups":[],"password":"x7Kq20pz","active":true}`)
	path := scimPath + "/Users/" + id
	updated := s.do("PUT", path, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"`+id+`","userName":"mira@example.com","name":{"givenName":"Mira","familyName":"Stone"},"title":"Lead","externalId":"00u1","active":true}`, okta)
	if m := updated.object(t); updated.StatusCode != 200 || m["name"].(map[string]any)["familyName"] != "Stone" || m["title"] != "Lead" || strings.Contains(updated.body, "password") {
		t.Errorf("profile update: %d %s", updated.StatusCode, updated.body)
	}
	off := s.do("PATCH", path, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","value":{"active":false}}]}`, okta)
	if off.StatusCode != 200 || off.object(t)["active"] != false {
		t.Errorf("deactivation: %d %s", off.StatusCode, off.body)
	}
	page := s.do("GET", "/", "").body
	for _, want := range []string{"mira@example.com|Lead|deactivated", "own0@example.com||active added here"} {
		if !strings.Contains(cells(page), want) {
			t.Errorf("the page has no %q:\n%s", want, page)
		}
	}
}

// cells are the texts of a table, with | between them.
func cells(page string) string {
	page = strings.ReplaceAll(page, "</td>\n", "|")
	return regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, "")
}
