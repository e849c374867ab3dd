package scim_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
)

// readSpec reads a file of examples and vectors made from the RFCs.
func readSpec(t *testing.T, name string, v any) {
	t.Helper()
	data, err := os.ReadFile("testdata/spec/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, v); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// plainUsers is the RFC's User without active: the RFC's examples have none,
// and the server gives a new user one.
func plainUsers() *schema.ResourceType {
	users := schema.UserType()
	users.Schema = schema.User().Without("active")
	return users
}

// newStored serves one type from resources that are there already. A new
// resource gets the id u1, or u2 where there are others.
func newStored(t *testing.T, rt *schema.ResourceType, stored ...string) *scim.Server {
	t.Helper()
	h := newResourceMap()
	for _, text := range stored {
		r, err := scim.ParseResource(rt, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		h.all[r.ID()] = r
	}
	return newServer(t, func(c *scim.Config) {
		c.Endpoints = []scim.Endpoint{{Type: rt, Handler: h}}
		c.NewID = func() string { return fmt.Sprint("u", min(len(h.all), 1)+1) }
	})
}

// withoutVolatile takes out of a resource what the vectors do not have: the
// times and the version.
func withoutVolatile(m map[string]any) map[string]any {
	if meta, ok := m["meta"].(map[string]any); ok {
		delete(meta, "created")
		delete(meta, "lastModified")
		delete(meta, "version")
		if len(meta) == 0 {
			delete(m, "meta")
		}
	}
	return m
}

// TestProjectionVectors runs every projection on every operation that answers
// with a resource (RFC 7644 section 3.9).
func TestProjectionVectors(t *testing.T) {
	var file struct {
		Resource json.RawMessage
		Cases    []struct {
			Query  string
			Expect map[string]any
		}
	}
	readSpec(t, "projection", &file)
	noChange := patchOf(`{"op":"replace","path":"externalId","value":"E1"}`)
	for _, op := range []struct{ method, target, body string }{
		{"GET", "/Users/u1", ""},
		{"GET", "/Users", ""},
		{"POST", "/Users", string(file.Resource)},
		{"PUT", "/Users/u1", string(file.Resource)},
		{"PATCH", "/Users/u1", noChange},
	} {
		for _, tt := range file.Cases {
			t.Run(op.method+op.target+"?"+tt.Query, func(t *testing.T) {
				stored := []string{string(file.Resource)}
				if op.method == "POST" {
					stored = nil
				}
				a := send(t, newStored(t, plainUsers(), stored...), op.method, op.target+"?"+strings.ReplaceAll(tt.Query, " ", "%20"), op.body)
				if tt.Expect == nil {
					if diff := a.isError(t, 400, "invalidValue"); diff != "" {
						t.Error(diff)
					}
					return
				}
				got := a.object(t)
				if list, ok := got["Resources"].([]any); ok {
					got = list[0].(map[string]any)
				}
				if diff := cmp.Diff(tt.Expect, withoutVolatile(got)); diff != "" {
					t.Errorf("%d (-want +got):\n%s", a.Status, diff)
				}
			})
		}
	}
}

// TestReturnedRequest: an attribute that is returned on request is in the answer
// to a request that names it or has written it (RFC 7643 section 7).
func TestReturnedRequest(t *testing.T) {
	const device = `{"schemas":["urn:example:schemas:Device"],"id":"u1","label":"Printer","notes":"second floor"}`
	const plain = `{"schemas":["urn:example:schemas:Device"],"label":"Copier"}`
	for _, tt := range []struct {
		method, target, body string
		want                 bool
	}{
		{"GET", "/Devices/u1", "", false},
		{"GET", "/Devices/u1?attributes=notes", "", true},
		{"GET", "/Devices", "", false},
		{"GET", "/Devices?attributes=notes", "", true},
		{"POST", "/Devices", device, true},
		{"POST", "/Devices", plain, false},
		{"POST", "/Devices?attributes=label", device, false},
		{"POST", "/Devices?excludedAttributes=label", device, true},
		{"POST", "/Devices?excludedAttributes=notes", device, false},
		{"PUT", "/Devices/u1", device, true},
		{"PUT", "/Devices/u1", plain, false},
		{"PATCH", "/Devices/u1", patchOf(`{"op":"replace","path":"notes","value":"third floor"}`), true},
		{"PATCH", "/Devices/u1", patchOf(`{"op":"add","value":{"notes":"third floor"}}`), true},
		{"PATCH", "/Devices/u1", patchOf(`{"op":"replace","path":"label","value":"Copier"}`), false},
	} {
		a := send(t, newStored(t, deviceType(), device), tt.method, tt.target, tt.body)
		if got := strings.Contains(a.Body, `"notes":`); got != tt.want || a.Status >= 300 {
			t.Errorf("%s %s %s: notes returned %v, want %v: %s", tt.method, tt.target, tt.body, got, tt.want, a.Body)
		}
	}
}

// TestSortVectors sorts over HTTP (RFC 7644 section 3.4.2.3). An id "…" stands
// for any others.
func TestSortVectors(t *testing.T) {
	var file struct {
		Dataset []json.RawMessage
		Sort    []struct {
			SortBy, SortOrder string
			Order             []string
		}
	}
	readSpec(t, "sort", &file)
	var stored []string
	for _, r := range file.Dataset {
		stored = append(stored, string(r))
	}
	s := newStored(t, schema.UserType(), stored...)
	for _, tt := range file.Sort {
		t.Run(tt.SortBy+" "+tt.SortOrder, func(t *testing.T) {
			body := must(t, s, 200, "GET", "/Users?sortBy="+tt.SortBy+"&sortOrder="+tt.SortOrder, "").Body
			var list struct{ Resources []struct{ ID string } }
			if err := json.Unmarshal([]byte(body), &list); err != nil || len(list.Resources) != len(stored) {
				t.Fatalf("%v: %s", err, body)
			}
			for i, id := range tt.Order {
				if tt.Order[0] == "…" {
					i = len(stored) - len(tt.Order) + i
				}
				if id != "…" && list.Resources[i].ID != id {
					t.Errorf("place %d has %s, want %s", i, list.Resources[i].ID, id)
				}
			}
		})
	}
}

// TestTable9 has a request for each scimType of RFC 7644 table 9 that this
// server gives by itself. tooMany and sensitive are the host's to give.
func TestTable9(t *testing.T) {
	const user = `{"schemas":["` + userURN + `"],"id":"u1","userName":"bjensen","emails":[{"value":"a@example.com","type":"work"}]}`
	for _, tt := range []struct {
		scimType             string
		status               int
		method, target, body string
	}{
		{"invalidFilter", 400, "GET", "/Users?filter=userName+eq+", ""},
		{"invalidFilter", 400, "PATCH", "/Users/u1", patchOf(`{"op":"remove","path":"emails[colour eq \"x\"]"}`)},
		{"uniqueness", 409, "POST", "/Users", `{"schemas":["` + userURN + `"],"userName":"BJENSEN"}`},
		{"mutability", 400, "PATCH", "/Users/u1", patchOf(`{"op":"replace","path":"meta.created","value":"1999-01-01T00:00:00Z"}`)},
		{"invalidSyntax", 400, "POST", "/Users", `{"userName":`},
		{"invalidSyntax", 400, "PATCH", "/Users/u1", `{"schemas":["` + patchURN + `"],"Operations":{}}`},
		{"invalidPath", 400, "PATCH", "/Users/u1", patchOf(`{"op":"replace","path":"emails[","value":"x"}`)},
		{"noTarget", 400, "PATCH", "/Users/u1", patchOf(`{"op":"remove"}`)},
		{"noTarget", 400, "PATCH", "/Users/u1", patchOf(`{"op":"replace","path":"emails[value eq \"z\" or type eq \"y\"].display","value":"x"}`)},
		{"invalidValue", 400, "PUT", "/Users/u1", `{"schemas":["` + userURN + `"],"displayName":"x"}`},
		{"invalidVers", 400, "GET", "/v1/Users", ""},
	} {
		a := send(t, newStored(t, schema.UserType(), user), tt.method, tt.target, tt.body)
		if diff := a.isError(t, tt.status, tt.scimType); diff != "" {
			t.Errorf("%s %s %s: %s", tt.method, tt.target, tt.body, diff)
		}
	}
}

// TestParametersOfOneResource: what makes sense for lists only is ignored (RFC
// 7644 section 3.4.2.1 allows it), and an id may end in ".scim".
func TestParametersOfOneResource(t *testing.T) {
	s := newStored(t, schema.UserType(), `{"id":"u1","userName":"x"}`, `{"id":"u2.scim","userName":"y"}`)
	plain := must(t, s, 200, "GET", "/Users/u1", "").Body
	for _, query := range []string{"filter=userName+eq+%22y%22", "count=0", "startIndex=7&sortBy=userName", "foo=bar", "foo"} {
		if got := must(t, s, 200, "GET", "/Users/u1?"+query, "").Body; got != plain {
			t.Errorf("%s: %s", query, got)
		}
	}
	must(t, s, 200, "GET", "/Users/u2.scim", "")
	must(t, s, 404, "GET", "/Users/u1.scim", "")
}

// TestErrorVectors provokes every error of errors.json and compares everything
// but the detail, which is prose.
func TestErrorVectors(t *testing.T) {
	var file struct {
		Errors []struct {
			HTTP   int
			Body   struct{ ScimType string }
			Source string
		}
	}
	readSpec(t, "errors", &file)
	const user = `{"schemas":["` + userURN + `"],"id":"u1","userName":"bjensen","meta":{"version":"W/\"1\""}}`
	told := func(e *scim.Error) func(*testing.T) answer {
		return func(t *testing.T) answer {
			s := newServer(t, func(c *scim.Config) { c.Endpoints[0].Handler.(*mapHandler).fail = e })
			return send(t, s, "GET", "/Users", "")
		}
	}
	request := func(method, target, body string, header ...string) func(*testing.T) answer {
		return func(t *testing.T) answer {
			return send(t, newStored(t, schema.UserType(), user), method, target, body, header...)
		}
	}
	provoke := []func(*testing.T) answer{
		request("GET", "/Users/2819c223-7f76-453a-919d-413861904646", ""),
		request("PATCH", "/Users/u1", patchOf(`{"op":"replace","path":"id","value":"u2"}`)),
		told(&scim.Error{Status: 403, Type: "sensitive", Detail: "A filter with name is confidential."}),
		request("POST", "/Users", `{"userName":"`+strings.Repeat("x", 1<<20)+`"}`),
		request("POST", "/Users", `{"schemas":["`+userURN+`"],"userName":"BJensen"}`),
		request("GET", "/Users?filter=userName+regex+%22x%22", ""),
		request("PATCH", "/Users/u1", patchOf(`{"op":"remove"}`)),
		request("PUT", "/Users/u1", user, "If-Match", `W/"0"`),
		request("POST", "/Bulk", `{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[]}`),
		told(&scim.Error{Status: 400, Type: "expiredCursor", Detail: "The cursor has expired."}),
	}
	if len(provoke) != len(file.Errors) {
		t.Fatalf("%d errors, %d are provoked", len(file.Errors), len(provoke))
	}
	for i, e := range file.Errors {
		t.Run(fmt.Sprintf("%d %s %s", e.HTTP, e.Body.ScimType, e.Source), func(t *testing.T) {
			if diff := provoke[i](t).isError(t, e.HTTP, e.Body.ScimType); diff != "" {
				t.Error(diff)
			}
		})
	}
}
