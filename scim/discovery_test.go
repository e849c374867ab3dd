package scim_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
)

// resources are the Resources of a list.
func (a answer) resources(t *testing.T) []map[string]any {
	t.Helper()
	var list struct{ Resources []map[string]any }
	if err := json.Unmarshal([]byte(a.Body), &list); err != nil {
		t.Fatal(err)
	}
	return list.Resources
}

// TestDiscoveryIsComplete cross-checks the three endpoints (RFC 7643 sections 5
// to 7, RFC 7644 section 4).
func TestDiscoveryIsComplete(t *testing.T) {
	s := newServer(t, func(c *scim.Config) {
		c.Endpoints = append(c.Endpoints, scim.Endpoint{Type: deviceType(), Handler: newMapHandler(deviceType())})
	})
	schemas := map[string]bool{}
	for _, name := range []string{"employeeNumber", "costCenter", "organization", "division", "department", "manager"} {
		if attribute(t, s, enterpriseURN, name) == nil { // RFC 7643 section 4.3
			t.Errorf("the enterprise extension has no %s", name)
		}
	}
	list := must(t, s, 200, "GET", "/Schemas", "")
	for _, r := range list.resources(t) {
		id := r["id"].(string)
		schemas[id] = true
		if strings.Contains(id, ":api:messages:") { // RFC 7644 section 3.1
			t.Errorf("/Schemas lists the message %s", id)
		}
		one := must(t, s, 200, "GET", "/Schemas/"+id, "")
		if diff := cmp.Diff(r, one.object(t)); diff != "" {
			t.Errorf("%s by itself (-list +one):\n%s", id, diff)
		}
		if one.Header.Get("Location") != one.text(t, "meta", "location") || one.text(t, "meta", "resourceType") != "Schema" || one.text(t, "name") == "" {
			t.Errorf("%s: meta %v", id, one.object(t)["meta"])
		}
	}
	var names []string
	for _, r := range must(t, s, 200, "GET", "/ResourceTypes", "").resources(t) {
		name := r["name"].(string)
		names = append(names, name)
		if r["id"] != name || !schemas[r["schema"].(string)] {
			t.Errorf("%v", r)
		}
		extensions, _ := r["schemaExtensions"].([]any)
		for _, e := range extensions {
			if !schemas[e.(map[string]any)["schema"].(string)] {
				t.Errorf("%s: no schema for %v", name, e)
			}
		}
		must(t, s, 200, "GET", "/ResourceTypes/"+name, "")
		created := must(t, s, 201, "POST", r["endpoint"].(string), `{"userName":"x","displayName":"x","label":"x"}`)
		if got := created.text(t, "meta", "resourceType"); got != name {
			t.Errorf("a resource at %s is a %s", r["endpoint"], got)
		}
		for _, uri := range created.object(t)["schemas"].([]any) {
			if !schemas[uri.(string)] {
				t.Errorf("no schema for %v", uri)
			}
		}
	}
	if !slices.Equal(names, []string{"User", "Group", "Device"}) { // in the order of Config: clients look for User first
		t.Errorf("resource types %v", names)
	}
	for _, urn := range []string{"ServiceProviderConfig", "ResourceType", "Schema"} {
		if !schemas["urn:ietf:params:scim:schemas:core:2.0:"+urn] {
			t.Errorf("no schema for %s", urn)
		}
	}
	if got := list.object(t); got["totalResults"] != float64(len(schemas)) || got["itemsPerPage"] != got["totalResults"] || got["startIndex"] != 1.0 {
		t.Errorf("%v of %d", got["totalResults"], len(schemas))
	}
}

// TestDiscoveryHasNoNulls, in names as in the RFC: administrators' portals read
// it (catalogue of identity providers, Q103).
func TestDiscoveryHasNoNulls(t *testing.T) {
	s := newServer(t, nil)
	for _, target := range []string{"/ServiceProviderConfig", "/ResourceTypes", "/ResourceTypes/Group", "/Schemas"} {
		if path := hollow(must(t, s, 200, "GET", target, "").object(t)); path != "" {
			t.Errorf("%s: nothing at %s", target, path)
		}
	}
	if body := must(t, s, 200, "GET", "/Schemas", "").Body; !strings.Contains(body, "User Account") {
		t.Error("the RFC's descriptions are gone")
	}
}

// hollow finds a null or something empty in a JSON value.
func hollow(v any) string {
	switch v := v.(type) {
	case nil:
		return "."
	case string:
		if v == "" {
			return "."
		}
	case map[string]any:
		for name, e := range v {
			if path := hollow(e); path != "" {
				return "." + name + path
			}
		}
	case []any:
		for i, e := range v {
			if path := hollow(e); path != "" {
				return fmt.Sprintf("[%d]%s", i, path)
			}
		}
	}
	return ""
}

// attribute finds the definition of an attribute in a Schema resource.
func attribute(t *testing.T, s http.Handler, urn, name string) map[string]any {
	t.Helper()
	list, _ := must(t, s, 200, "GET", "/Schemas/"+urn, "").object(t)["attributes"].([]any)
	for _, a := range list {
		if m := a.(map[string]any); m["name"] == name {
			return m
		}
	}
	return nil
}

// TestDiscoveryIsTrue: what is shown is what is served.
func TestDiscoveryIsTrue(t *testing.T) {
	users, groups := schema.UserType(), schema.GroupType()
	users.Schema = schema.User().Only("userName", "name.familyName", "title")
	users.Extensions = nil
	users.Schema.Attributes[slices.IndexFunc(users.Schema.Attributes, func(a schema.Attribute) bool { return a.Name == "title" })].Required = true
	groups.Schema = schema.Group() // the RFC's: displayName need not be unique
	s := newServer(t, func(c *scim.Config) {
		c.Endpoints = []scim.Endpoint{{Type: users, Handler: newMapHandler(users)}, {Type: groups, Handler: newMapHandler(groups)}}
		c.Limits.MaxResults = 7
	})
	if got := attribute(t, s, userURN, "emails"); got != nil {
		t.Errorf("emails is shown: %v", got)
	}
	if got := attribute(t, s, userURN, "name")["subAttributes"].([]any); len(got) != 1 {
		t.Errorf("name has %v", got)
	}
	if attribute(t, s, userURN, "title")["required"] != true || attribute(t, s, userURN, "userName")["uniqueness"] != "server" {
		t.Error("required, uniqueness")
	}
	if got := attribute(t, s, groupURN, "displayName")["uniqueness"]; got != "none" {
		t.Errorf("displayName is unique: %v", got)
	}
	if got := attribute(t, newServer(t, nil), groupURN, "displayName")["uniqueness"]; got != "server" {
		t.Errorf("by default, displayName is unique: %v", got)
	}
	must(t, s, 404, "GET", "/Schemas/"+enterpriseURN, "")
	if got := must(t, s, 200, "GET", "/ResourceTypes/User", "").object(t)["schemaExtensions"]; got != nil {
		t.Errorf("extensions %v", got)
	}
	if diff := send(t, s, "POST", "/Users", `{"userName":"x"}`).isError(t, 400, "invalidValue"); diff != "" {
		t.Errorf("title is required: %s", diff)
	}
	if a := must(t, s, 201, "POST", "/Users", `{"userName":"x","title":"y","emails":[{"value":"a@example.com"}],"name":{"givenName":"B"}}`); strings.Contains(a.Body, "emails") || strings.Contains(a.Body, "name\"") && strings.Contains(a.Body, "givenName") {
		t.Errorf("more than the schema has: %s", a.Body)
	}
	if diff := send(t, s, "GET", "/Users?filter=emails.value+pr", "").isError(t, 400, "invalidFilter"); diff != "" {
		t.Error(diff)
	}

	config := must(t, s, 200, "GET", "/ServiceProviderConfig", "").object(t)
	for name, want := range map[string]any{
		"patch": map[string]any{"supported": true}, "sort": map[string]any{"supported": true},
		"etag": map[string]any{"supported": true}, "changePassword": map[string]any{"supported": false},
		"filter": map[string]any{"supported": true, "maxResults": 7.0},
		"bulk":   map[string]any{"supported": false, "maxOperations": 0.0, "maxPayloadSize": 0.0},
	} {
		if diff := cmp.Diff(want, config[name]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	for _, name := range []string{"pagination", "securityEvents"} { // RFC 9865 and 9967 are not served
		if config[name] != nil {
			t.Errorf("%s: %v", name, config[name])
		}
	}
	scheme := config["authenticationSchemes"].([]any)[0].(map[string]any)
	for _, name := range []string{"type", "name", "description"} {
		if scheme[name] == "" || scheme[name] == nil {
			t.Errorf("authenticationSchemes: no %s", name)
		}
	}
}

// TestDiscoveryRequests: parameters are ignored but for a filter (RFC 7644
// section 4), URNs compare in any letter case, nothing can be written, tags
// save the transfer.
func TestDiscoveryRequests(t *testing.T) {
	s := newServer(t, nil)
	schemas := must(t, s, 200, "GET", "/Schemas", "")
	for _, query := range []string{"?count=1", "?startIndex=5", "?sortBy=id&sortOrder=x", "?attributes=id", "?count=abc", "?attributes=a&excludedAttributes=b", "?foo"} {
		if a := must(t, s, 200, "GET", "/Schemas"+query, ""); a.Body != schemas.Body {
			t.Errorf("%s makes a difference", query)
		}
	}
	for _, target := range []string{"/Schemas", "/Schemas/" + userURN, "/ResourceTypes", "/ResourceTypes/User", "/ServiceProviderConfig"} {
		if diff := send(t, s, "GET", target+"?filter=id+pr", "").isError(t, 403, ""); diff != "" {
			t.Errorf("%s: %s", target, diff)
		}
		for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
			a := send(t, s, method, target, "{}")
			if diff := a.isError(t, 405, ""); diff != "" || a.Header.Get("Allow") != "GET, HEAD" {
				t.Errorf("%s %s: %s, Allow %s", method, target, diff, a.Header.Get("Allow"))
			}
		}
		tag := must(t, s, 200, "GET", target, "").Header.Get("ETag")
		if a := send(t, s, "GET", target, "", "If-None-Match", tag); a.Status != 304 || a.Body != "" || tag == "" {
			t.Errorf("%s: tag %s: %d", target, tag, a.Status)
		}
		must(t, s, 200, "GET", target, "", "If-None-Match", `W/"other"`)
		if a := must(t, s, 200, "HEAD", target, ""); a.Body != "" {
			t.Errorf("HEAD %s has a body", target)
		}
		must(t, s, 401, "GET", target, "", "Authorization", "")
	}
	for _, urn := range []string{userURN, strings.ToUpper(userURN), strings.ReplaceAll(userURN, ":", "%3A"), strings.ReplaceAll(userURN, ":", "%3a")} {
		if got := must(t, s, 200, "GET", "/Schemas/"+urn, "").text(t, "id"); got != userURN {
			t.Errorf("%s gives %s", urn, got)
		}
	}
	for _, target := range []string{"/Schemas/urn:example:none", "/ResourceTypes/user", "/ResourceTypes/None"} {
		if diff := send(t, s, "GET", target, "").isError(t, 404, ""); diff != "" {
			t.Errorf("%s: %s", target, diff)
		}
	}
}

// TestPublicDiscovery: the three endpoints, and nothing else, need no
// credentials if Config says so (RFC 7643 section 5); wrong ones are wrong.
func TestPublicDiscovery(t *testing.T) {
	s := newServer(t, func(c *scim.Config) { c.PublicDiscovery = true })
	for target, want := range map[string]int{
		"/ServiceProviderConfig": 200, "/ResourceTypes": 200, "/ResourceTypes/User": 200, "/Schemas": 200, "/Schemas/" + userURN: 200,
		"/Users": 401, "/Groups/1": 401, "/Bulk": 401, "/Me": 401, "/": 401, "/nothing": 401,
	} {
		if a := send(t, s, "GET", target, "", "Authorization", ""); a.Status != want {
			t.Errorf("%s: %d, want %d", target, a.Status, want)
		}
		must(t, s, 401, "GET", target, "", "Authorization", "Bearer wrong")
	}
}

// TestDiscoveryByBase: each base URL has its own locations, however many there
// are.
func TestDiscoveryByBase(t *testing.T) {
	s := newServer(t, func(c *scim.Config) { c.BaseURL = "" })
	for i := range 270 { // more than are kept
		mount := fmt.Sprintf("/m%d", i%260)
		if got, want := must(t, s, 200, "GET", mount+"/ResourceTypes/User", "").text(t, "meta", "location"), "http://example.com/v2"+mount+"/ResourceTypes/User"; got != want {
			t.Fatalf("%s, want %s", got, want)
		}
	}
}
