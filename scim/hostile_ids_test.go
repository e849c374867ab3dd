package scim_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/scim"
)

// bothStores runs a test with the simplest handler and with memstore.
func bothStores(t *testing.T, test func(t *testing.T, newTenancy func() *tenancy)) {
	for name, open := range stores() {
		t.Run(name, func(t *testing.T) {
			test(t, func() *tenancy {
				ten := newTenancyIn(t, open())
				ten.computes = name == "memstore"
				return ten
			})
		})
	}
}

// strangeIDs are values that made other services take one account for another:
// numbers that are ids of the database (CVE-2025-41115), names of roles, ids
// of resources that are there.
var strangeIDs = []string{"0", "1", "-1", "1e0", "0x1", "1.0", "01", "admin", "root", "null", "true", "me", "Me",
	aliceID, bobID, groupID, "ext-alice", strings.ToUpper(bobID), "../Users/" + bobID, "' or '1'='1", "%2e%2e", "*", " ", "ſ"}

// TestExternalIDIsNoID is the first half of S4: an externalId that looks like
// an id never selects, replaces or becomes one.
func TestExternalIDIsNoID(t *testing.T) { bothStores(t, testExternalIDIsNoID) }

func testExternalIDIsNoID(t *testing.T, newTenancy func() *tenancy) {
	for i, ext := range strangeIDs {
		t.Run(ext, func(t *testing.T) {
			ten := newTenancy()
			s := ten.server(t, scim.Config{})
			before := ten.rows()
			a := ask(s, "POST", "/Users", userBody(fmt.Sprintf("new%d", i), `"externalId":`+quoted(ext)))
			if a.status != 201 {
				t.Fatalf("POST: %d %s", a.status, a.body)
			}
			var made struct{ ID, ExternalID string }
			if err := json.Unmarshal(a.body, &made); err != nil || made.ExternalID != ext {
				t.Fatalf("externalId %q came back as %q (%v)", ext, made.ExternalID, err)
			}
			if made.ID == ext || len(made.ID) != 36 {
				t.Errorf("the id is %q", made.ID)
			}
			if c := changedRows(before, ten.rows()); len(c) != 1 || c[0] != "acme/User/"+made.ID {
				t.Errorf("rows changed: %q", c)
			}

			// The same on resources that are there, and undone by nothing else.
			for _, change := range []struct{ method, body string }{
				{"PATCH", patchBody(`{"op":"replace","path":"externalId","value":` + quoted(ext) + `}`)},
				{"PUT", userBody("alice@acme", `"externalId":`+quoted(ext))},
			} {
				before := ten.rows()
				if a := ask(s, change.method, "/Users/"+aliceID, change.body); a.status != 200 {
					t.Errorf("%s: %d %s", change.method, a.status, a.body)
				}
				for _, row := range changedRows(before, ten.rows()) {
					if row != "acme/User/"+aliceID {
						t.Errorf("%s changed %s", change.method, row)
					}
				}
			}

			// The externalId is not an address: only ids are.
			if ext != aliceID && ext != bobID {
				a := ask(s, "GET", "/Users/"+escapePath(ext), "")
				if a.status == 200 {
					t.Errorf("GET by externalId found %s", a.body)
				}
			}
		})
	}
}

// overrides try to say in a body which resource a request is about.
func overrides() []string {
	var all []string
	for _, id := range append([]string{bobID}, strangeIDs[:8]...) {
		for _, name := range []string{"id", "ID", "Id", "_id", "uid", "urn:ietf:params:scim:schemas:core:2.0:User:id"} {
			all = append(all, fmt.Sprintf(`%q:%s`, name, quoted(id)))
		}
	}
	return append(all,
		`"meta":{"location":"http://example.com/Users/`+bobID+`","resourceType":"Group","version":"W/\"1\"","created":"2001-01-01T00:00:00Z","lastModified":"2001-01-01T00:00:00Z"}`,
		`"META":{"Location":"/Users/`+bobID+`"}`,
		`"meta.location":"/Users/`+bobID+`"`,
		`"location":"/Users/`+bobID+`"`,
		`"$ref":"/Users/`+bobID+`"`,
		`"resourceType":"Group"`,
		`"tenant":"globex"`, `"tenant_id":"globex"`, `"tenantId":"globex"`,
		`"id":null`, `"id":{}`, `"id":[]`, `"id":1`, `"id":["`+bobID+`"]`, `"id":{"value":"`+bobID+`"}`,
		`"meta":null`, `"meta":[]`, `"meta":"x"`,
	)
}

// TestBodyDoesNotAddress is the second half of S4: which resource a request
// changes is said by its path and by nothing in its body.
func TestBodyDoesNotAddress(t *testing.T) { bothStores(t, testBodyDoesNotAddress) }

func testBodyDoesNotAddress(t *testing.T, newTenancy func() *tenancy) {
	for _, o := range overrides() {
		name, value, _ := strings.Cut(o, ":")
		if strings.HasPrefix(name, `"urn`) {
			i := strings.LastIndex(o, `":`)
			name, value = o[:i+1], o[i+2:]
		}
		for _, rq := range []struct{ method, path, body, subject string }{
			{"POST", "/Users", userBody("carol@acme", o), ""},
			{"PUT", "/Users/" + aliceID, userBody("alice@acme", `"nickName":"x"`, o), aliceID},
			{"PATCH", "/Users/" + aliceID, patchBody(`{"op":"replace","value":{"nickName":"x",` + o + `}}`), aliceID},
			{"PATCH", "/Users/" + aliceID, patchBody(`{"op":"add","value":{` + o + `}}`), aliceID},
			{"PATCH", "/Users/" + aliceID, patchBody(`{"op":"replace","path":"nickName","value":"x",` + o + `}`), aliceID},
			{"PATCH", "/Users/" + aliceID, patchBody(fmt.Sprintf(`{"op":"replace","path":%s,"value":%s}`, name, value)), aliceID},
			{"PATCH", "/Users/" + aliceID, patchBody(fmt.Sprintf(`{"op":"add","path":%s,"value":%s}`, name, value)), aliceID},
			{"PATCH", "/Users/" + aliceID, patchBody(fmt.Sprintf(`{"op":"remove","path":%s}`, name)), aliceID},
			{"PATCH", "/Users/" + aliceID, `{` + patchSchemas + `,` + o + `,"Operations":[{"op":"replace","path":"nickName","value":"x"}]}`, aliceID},
			{"PATCH", "/Groups/" + groupID, patchBody(`{"op":"replace","value":{"displayName":"x",` + o + `}}`), groupID},
		} {
			ten := newTenancy()
			s := ten.server(t, scim.Config{})
			before := ten.rows()
			a := ask(s, rq.method, rq.path, rq.body)
			checkAddressed(t, rq.method+" "+rq.body, a, rq.subject, before, ten.rows())
		}
	}
}

// TestSchemasDoNotAddress: neither do the schemas that a body names make it
// another resource type.
func TestSchemasDoNotAddress(t *testing.T) {
	ten := newTenancy(t)
	s := ten.server(t, scim.Config{})
	const group = `"urn:ietf:params:scim:schemas:core:2.0:Group"`
	for _, rq := range []assignment{
		{"POST", "/Users", `{"schemas":[` + group + `],"userName":"x","displayName":"x"}`},
		{"POST", "/Users", `{"schemas":[` + group + `],"displayName":"x","members":[{"value":"` + bobID + `"}]}`},
		{"PUT", "/Users/" + aliceID, `{"schemas":[` + group + `],"id":"` + groupID + `","userName":"x","displayName":"x"}`},
		{"PUT", "/Users/" + groupID, userBody("x")},
		{"PUT", "/Groups/" + aliceID, `{"displayName":"x"}`},
		{"PATCH", "/Groups/" + bobID, patchBody(`{"op":"replace","path":"displayName","value":"x"}`)},
		{"PATCH", "/Users/" + groupID, patchBody(`{"op":"replace","path":"displayName","value":"x"}`)},
		{"PATCH", "/Users/" + aliceID, patchBody(`{"op":"replace","path":"urn:ietf:params:scim:schemas:core:2.0:Group:displayName","value":"x"}`)},
		{"PATCH", "/Users/" + aliceID, patchBody(`{"op":"replace","path":"schemas","value":[]}`)},
		{"PATCH", "/Users/" + aliceID, patchBody(`{"op":"remove","path":"schemas"}`)},
		{"DELETE", "/Users/" + groupID, ""},
		{"DELETE", "/Groups/" + bobID, ""},
	} {
		before := ten.rows()
		a := ask(s, rq.method, rq.path, rq.body)
		if f := a.fault(rq.method); f != "" || a.status >= 500 {
			t.Errorf("%s %s %s: %d %s", rq.method, rq.path, rq.body, a.status, f)
		}
		if c := changedRows(before, ten.rows()); c != nil {
			t.Errorf("%s %s %s: %d, changed %q", rq.method, rq.path, rq.body, a.status, c)
		}
	}
}

// checkAddressed checks that a request touched subject only, or a new
// resource, and did not write over what is readOnly.
func checkAddressed(t *testing.T, what string, a reply, subject string, before, after map[string]string) {
	t.Helper()
	if f := a.fault(""); f != "" || a.status >= 500 {
		t.Errorf("%s: %d %s", what, a.status, f)
	}
	changed := changedRows(before, after)
	if a.status >= 400 && len(changed) > 0 {
		t.Errorf("%s: %d, and yet rows changed: %q", what, a.status, changed)
	}
	for _, row := range changed {
		id := row[strings.LastIndexByte(row, '/')+1:]
		if !strings.HasPrefix(row, "acme/") || subject != "" && id != subject || subject == "" && before[row] != "" {
			t.Errorf("%s: changed %s", what, row)
		}
		var r struct {
			ID   string
			Meta struct{ Created string }
		}
		if err := json.Unmarshal([]byte(after[row]), &r); err != nil || r.ID != id {
			t.Errorf("%s: row %s holds %s", what, row, after[row])
		}
		if strings.HasPrefix(r.Meta.Created, "2001") {
			t.Errorf("%s: the client set meta: %s", what, after[row])
		}
	}
	if strings.Contains(a.header.Get("Location"), bobID) {
		t.Errorf("%s: Location %s", what, a.header.Get("Location"))
	}
}

// quoted writes a JSON string.
func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// escapePath writes s as one segment of a path.
func escapePath(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}
