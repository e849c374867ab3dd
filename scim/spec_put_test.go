package scim_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
)

// TestPutVectors runs the cases of put.json (RFC 7644 section 3.5.1). Where the
// file has prose only, build has the resource and the request.
func TestPutVectors(t *testing.T) {
	var file struct {
		Cases []struct {
			Name        string
			Before, Put json.RawMessage
			Expect      string
		}
	}
	readSpec(t, "put", &file)
	type putCase struct {
		typ         *schema.ResourceType // users if nil
		before, put string               // if the file has none
		target      string               // /Users/u1 if empty
		match       string               // If-Match
		status      int
		scimType    string
		want        string // the whole resource but for schemas and meta
	}
	const (
		userA  = `{"id":"u1","userName":"a"}`
		device = `{"id":"u1","label":"Printer","serial":"A-1","made":{"by":"ACME","year":2020}}`
	)
	build := map[string]putCase{
		"readOnly values ignored":      {status: 200, want: `{"id":"u1","userName":"b"}`},
		"omitted readWrite attribute":  {status: 200, want: `{"id":"u1","userName":"a"}`},
		"null and [] clear":            {status: 200, want: `{"id":"u1","userName":"a"}`},
		"immutable unchanged":          {typ: deviceType(), before: device, put: `{"label":"Copier","serial":"A-1","made":{"by":"ACME","year":2021}}`, status: 200, want: `{"id":"u1","label":"Copier","serial":"A-1","made":{"by":"ACME","year":2021}}`},
		"immutable changed":            {typ: deviceType(), before: device, put: `{"label":"Copier","serial":"A-2"}`, status: 400, scimType: "mutability"},
		"immutable unset then set":     {typ: deviceType(), before: `{"id":"u1","label":"Printer"}`, put: `{"label":"Printer","serial":"A-1"}`, status: 200, want: `{"id":"u1","label":"Printer","serial":"A-1"}`},
		"immutable omitted":            {typ: deviceType(), before: device, put: `{"label":"Copier","made":{"year":2021}}`, status: 200, want: `{"id":"u1","label":"Copier","serial":"A-1","made":{"by":"ACME","year":2021}}`},
		"required missing":             {before: userA, status: 400, scimType: "invalidValue"},
		"writeOnly omitted (password)": {before: `{"id":"u1","userName":"a","password":"stored"}`, put: `{"userName":"b"}`, status: 200, want: `{"id":"u1","userName":"b"}`},
		"unknown id":                   {before: userA, put: `{"userName":"b"}`, target: "/Users/u9", status: 404},
		"duplicate userName":           {before: userA, put: `{"userName":"TAKEN"}`, status: 409, scimType: "uniqueness"},
		"stale If-Match":               {before: userA, put: `{"userName":"b"}`, match: `W/"stale"`, status: 412},
	}
	for _, c := range file.Cases {
		t.Run(c.Name, func(t *testing.T) {
			tt, ok := build[c.Name]
			if !ok {
				t.Fatalf("no request for: %s", c.Expect)
			}
			if tt.typ == nil {
				tt.typ, tt.target = plainUsers(), first(tt.target, "/Users/u1")
			}
			tt.before, tt.put = first(string(c.Before), tt.before), first(string(c.Put), tt.put)
			s := newStored(t, tt.typ, tt.before, `{"id":"u2","userName":"taken","label":"x"}`)
			a := send(t, s, "PUT", first(tt.target, "/Devices/u1"), tt.put, "If-Match", tt.match)
			if tt.status != 200 {
				if diff := a.isError(t, tt.status, tt.scimType); diff != "" {
					t.Error(diff)
				}
				return
			}
			got := a.object(t)
			delete(got, "schemas")
			delete(got, "meta")
			if diff := cmp.Diff(object(t, tt.want), got); diff != "" || a.Status != 200 {
				t.Errorf("%d (-want +got):\n%s", a.Status, diff)
			}
		})
	}
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// TestPutKeepsPassword: a handler that keeps resources whole still has the
// password after a PUT without one; one that keeps a hash is told of none.
func TestPutKeepsPassword(t *testing.T) {
	users := schema.UserType()
	h := newResourceMap()
	s := newServer(t, func(c *scim.Config) { c.Endpoints = []scim.Endpoint{{Type: users, Handler: h}} })
	id := newUser(t, s, `"userName":"a","password":"secret"`)
	must(t, s, 200, "PUT", "/Users/"+id, `{"schemas":["`+userURN+`"],"userName":"b"}`)
	if got := h.all[id].String("password"); got != "secret" {
		t.Errorf("password %q", got)
	}
	must(t, s, 200, "PUT", "/Users/"+id, `{"schemas":["`+userURN+`"],"userName":"b","password":"other"}`)
	if got := h.all[id].String("password"); got != "other" {
		t.Errorf("password %q", got)
	}
}
