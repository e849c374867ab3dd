package scim_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/memstore"
)

// newStoreServer is newServer over memstore: references are resolved.
func newStoreServer(t *testing.T) *scim.Server {
	return newServer(t, func(c *scim.Config) {
		store := memstore.New(memstore.Options{})
		for i := range c.Endpoints {
			c.Endpoints[i].Handler = store.Handler(c.Endpoints[i].Type)
		}
	})
}

// TestValuesComeBackAsSent: what RFC 7643 lets a service provider change,
// reject or ignore is stored and returned as the client sent it (sections 2.3.1,
// 4.1.2 and 7): clients compare, and would write it again.
func TestValuesComeBackAsSent(t *testing.T) {
	s := newServer(t, nil)
	for i, members := range []string{
		`"emails":[{"value":"Mira@EXAMPLE.test","type":"WORK"}]`,                // neither type nor domain
		`"emails":[{"value":"mira@example.test","type":"boat"}]`,                // no canonical value
		`"emails":[{"value":"mira@example.test","display":"Mira <m@x.test>"}]`,  // display is the client's
		`"phoneNumbers":[{"value":"tel:+1-201-555-0123"},{"value":"201 5550"}]`, // canonical form or not
		`"ims":[{"value":" Mira ","type":"xmpp"}]`,                              // white space
		`"addresses":[{"country":"United States","type":"work"}]`,               // no ISO 3166-1 code
		`"locale":"en_US"`, // an underscore
		`"timezone":"Europe/Paris"`,
		`"photos":[{"value":"https://photos.example.test/mira.jpg","type":"photo"}]`,
	} {
		id := newUser(t, s, `"userName":"mira`+strconv.Itoa(i)+`",`+members)
		if got := must(t, s, 200, "GET", "/Users/"+id, "").Body; !strings.Contains(got, members) {
			t.Errorf("sent %s, got %s", members, got)
		}
	}
	id := newUser(t, s, `"userName":"BJensen"`)
	if got := must(t, s, 200, "GET", "/Users/"+id, "").text(t, "userName"); got != "BJensen" {
		t.Errorf("userName came back as %q", got)
	}
}

// TestReferencesLead: the $ref of a member, of a group and of a manager is below
// the service root and leads to the resource (RFC 7643 section 2.3.7); a member
// that is nobody is refused, a manager that is nobody is not.
func TestReferencesLead(t *testing.T) {
	s := newStoreServer(t)
	boss := newUser(t, s, `"userName":"boss"`)
	id := newUser(t, s, `"userName":"mira","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":{"value":"`+boss+`"}}`)
	group := must(t, s, 201, "POST", "/Groups", `{"schemas":["`+groupURN+`"],"displayName":"Amber","members":[{"value":"`+id+`"}]}`)
	const root = "https://example.com/v2"
	for _, body := range []string{group.Body, must(t, s, 200, "GET", "/Users/"+id, "").Body} {
		refs := strings.Split(body, `"$ref":"`)[1:]
		if len(refs) == 0 {
			t.Errorf("no $ref in %s", body)
		}
		for _, ref := range refs {
			ref = ref[:strings.IndexByte(ref, '"')]
			path, ok := strings.CutPrefix(ref, root)
			if !ok {
				t.Errorf("$ref %s is not below %s", ref, root)
				continue
			}
			if got := must(t, s, 200, "GET", path, "").text(t, "meta", "location"); got != ref {
				t.Errorf("$ref %s leads to %s", ref, got)
			}
		}
	}
	nobody := `{"schemas":["` + groupURN + `"],"displayName":"Cobalt","members":[{"value":"nobody"}]}`
	if msg := send(t, s, "POST", "/Groups", nobody).isError(t, 400, "invalidValue"); msg != "" {
		t.Error(msg)
	}
	newUser(t, s, `"userName":"ida","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":{"value":"nobody"}}`)
}

// TestDefaultIsFiltered: active, which the server sets where the client does
// not, is what a filter sees (RFC 7644 section 3.4.2.2).
func TestDefaultIsFiltered(t *testing.T) {
	s := newServer(t, nil)
	newUser(t, s, `"userName":"said","active":false`)
	silent := newUser(t, s, `"userName":"silent"`)
	list := must(t, s, 200, "GET", "/Users?filter=active+eq+true", "")
	if list.object(t)["totalResults"] != 1.0 || !strings.Contains(list.Body, silent) {
		t.Errorf("active eq true: %s", list.Body)
	}
}

// TestImmutable: an attribute that is immutable is set by POST, by PUT and by
// PATCH where it has no value, and not changed afterwards (RFC 7643 section 7).
func TestImmutable(t *testing.T) {
	boxes := &schema.ResourceType{Name: "Box", Endpoint: "/Boxes", Schema: &schema.Schema{
		ID: "urn:example:box", Name: "Box", Attributes: []schema.Attribute{{Name: "name"}, {Name: "serial", Mutability: schema.Immutable}}}}
	s := newServer(t, func(c *scim.Config) {
		c.Endpoints = []scim.Endpoint{{Type: boxes, Handler: newMapHandler(boxes)}}
	})
	body := func(serial string) string {
		return `{"schemas":["urn:example:box"],"name":"n","serial":` + serial + `}`
	}
	id := must(t, s, 201, "POST", "/Boxes", body(`"1"`)).text(t, "id")
	for _, a := range []answer{
		send(t, s, "PUT", "/Boxes/"+id, body(`"2"`)),
		send(t, s, "PATCH", "/Boxes/"+id, patchOf(`{"op":"replace","path":"serial","value":"2"}`)),
	} {
		if msg := a.isError(t, 400, "mutability"); msg != "" {
			t.Error(msg)
		}
	}
	must(t, s, 200, "PUT", "/Boxes/"+id, body(`"1"`))
	for _, set := range []struct{ method, body string }{
		{"PUT", body(`"3"`)},
		{"PATCH", patchOf(`{"op":"add","path":"serial","value":"3"}`)},
	} {
		id := must(t, s, 201, "POST", "/Boxes", body(`null`)).text(t, "id")
		if got := must(t, s, 200, set.method, "/Boxes/"+id, set.body).text(t, "serial"); got != "3" {
			t.Errorf("%s: serial is %q", set.method, got)
		}
	}
}

// TestTenantURLs: where the URL names the tenant, meta.location and every $ref
// name it, too (RFC 7644 section 6).
func TestTenantURLs(t *testing.T) {
	store := memstore.New(memstore.Options{})
	s := newServer(t, func(c *scim.Config) {
		c.BaseURL = "https://example.com/v2/{tenant}"
		for i := range c.Endpoints {
			c.Endpoints[i].Handler, c.Endpoints[i].ForTenant = nil, store.ForTenant(c.Endpoints[i].Type)
		}
		c.Authenticator = scim.AuthenticatorFunc(func(_ *http.Request, tenant string) (scim.Principal, error) {
			return scim.Principal{Tenant: tenant}, nil
		})
	})
	user := must(t, s, 201, "POST", "/acme/Users", `{"schemas":["`+userURN+`"],"userName":"mira"}`).text(t, "id")
	must(t, s, 201, "POST", "/other/Users", `{"schemas":["`+userURN+`"],"userName":"mira"}`)
	group := must(t, s, 201, "POST", "/acme/Groups", `{"schemas":["`+groupURN+`"],"displayName":"Amber","members":[{"value":"`+user+`"}]}`)
	var got struct {
		Meta    struct{ Location string }
		Members []struct {
			Ref string `json:"$ref"`
		}
	}
	if err := json.Unmarshal([]byte(group.Body), &got); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(got.Meta.Location, "https://example.com/v2/acme/Groups/") || group.Header.Get("Location") != got.Meta.Location {
		t.Errorf("location %s, header %s", got.Meta.Location, group.Header.Get("Location"))
	}
	if len(got.Members) != 1 || got.Members[0].Ref != "https://example.com/v2/acme/Users/"+user {
		t.Errorf("members %v", got.Members)
	}
}

// TestPatchRefusedByTheStore: PATCH of nobody is 404, and one that takes a name
// which another user has is 409 and changes nothing (RFC 7644 sections 3.5.2
// and 3.12).
func TestPatchRefusedByTheStore(t *testing.T) {
	s := newStoreServer(t)
	newUser(t, s, `"userName":"ida"`)
	id := newUser(t, s, `"userName":"mira","title":"Guide"`)
	before := must(t, s, 200, "GET", "/Users/"+id, "").Body
	taken := patchOf(`{"op":"replace","path":"title","value":"Chief"},{"op":"replace","path":"userName","value":"IDA"}`)
	if msg := send(t, s, "PATCH", "/Users/"+id, taken).isError(t, 409, "uniqueness"); msg != "" {
		t.Error(msg)
	}
	if after := must(t, s, 200, "GET", "/Users/"+id, "").Body; after != before {
		t.Errorf("before %s, after %s", before, after)
	}
	if msg := send(t, s, "PATCH", "/Users/nobody", taken).isError(t, 404, ""); msg != "" {
		t.Error(msg)
	}
}
