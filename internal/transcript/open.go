package transcript

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
)

// Open gives the server that a transcript asks for. Its first lines may say
//
//	# config: strict     the letter of the RFCs
//	# base: URL          Config.BaseURL
//	# types: devices     a third resource type with immutable attributes
//	# users: 5           so many users, user1 … user5, are there already
//	# max-results: 2     Limits.MaxResults
//
// endpoints keeps resources of n types: User, Group and Device.
func Open(t *testing.T, s Script, endpoints func(n int) []scim.Endpoint) http.Handler {
	t.Helper()
	c, types, users := scim.Config{Authenticator: scim.StaticToken(Token)}, 2, 0
	var err error
	for key, value := range s.Config {
		switch key {
		case "config":
			c.Tolerance = new(scim.Strict())
		case "base":
			c.BaseURL = value
		case "types":
			types = 3
		case "users":
			users, err = strconv.Atoi(value)
		case "max-results":
			c.Limits.MaxResults, err = strconv.Atoi(value)
		default:
			t.Fatalf("the transcript has an unknown setting %q", key)
		}
		if err != nil {
			t.Fatalf("the setting %q of the transcript: %v", key, err)
		}
	}
	c.Endpoints = endpoints(types)
	server, err := scim.NewServer(c)
	if err != nil {
		t.Fatal(err)
	}
	for i := range users {
		addUser(t, server, fmt.Sprintf(`{"schemas":[%q],"userName":"user%d"}`, c.Endpoints[0].Type.Schema.ID, i+1))
	}
	return server
}

func addUser(t *testing.T, h http.Handler, body string) {
	t.Helper()
	r := httptest.NewRequest("POST", "/Users", strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+Token)
	r.Header.Set("Content-Type", "application/scim+json")
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, r); w.Code != 201 {
		t.Fatal(w.Body)
	}
	time.Sleep(2 * time.Millisecond) // ids have milliseconds and give the order
}

// Device has what the RFC's own types lack: attributes that are immutable, alone
// and inside of others, and one that is returned on request only.
func Device() *schema.ResourceType {
	return &schema.ResourceType{
		Name: "Device", Endpoint: "/Devices", Description: "A device",
		Schema: &schema.Schema{ID: "urn:example:schemas:Device", Name: "Device", Attributes: []schema.Attribute{
			{Name: "label", Required: true},
			{Name: "serial", Mutability: schema.Immutable, CaseExact: true},
			{Name: "state", Mutability: schema.ReadOnly},
			{Name: "pin", Mutability: schema.WriteOnly, Returned: schema.ReturnedNever},
			{Name: "notes", Returned: schema.ReturnedRequest},
			{Name: "vendor", Returned: schema.ReturnedAlways},
			{Name: "slots", Type: schema.Integer},
			{Name: "made", Type: schema.Complex, SubAttributes: []schema.Attribute{
				{Name: "by", Mutability: schema.Immutable},
				{Name: "year", Type: schema.Integer},
				{Name: "checked", Mutability: schema.ReadOnly},
			}},
			{Name: "owner", Type: schema.Complex, SubAttributes: []schema.Attribute{
				{Name: "value", CaseExact: true},
				{Name: "$ref", Type: schema.Reference, ReferenceTypes: []string{"User"}},
			}},
		}},
	}
}
