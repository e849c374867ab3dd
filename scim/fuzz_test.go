package scim_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/memstore"
)

// FuzzRequest sends whole requests, as net/http reads them, to servers with a
// map and with a memstore, in process, each twice, because the second finds
// what the first has made. No request may panic, no status be a 5xx but 501,
// every answer is SCIM, and what is stored stays valid: it reads back to
// itself, has an id of its own and what is required.
func FuzzRequest(f *testing.F) {
	for _, rq := range requestSeeds() {
		f.Add(rq.method, rq.path, "Content-Type: application/scim+json", []byte(rq.body))
	}
	f.Add("GET", "/Users", "Authorization: Bearer token-globex\r\nIf-None-Match: W/\"a\", *", []byte(nil))
	f.Add("DELETE", "/Users/"+aliceID, "If-Match: \"x\"", []byte("x"))
	f.Add("POST", "/Users", "Content-Type: text/json; charset=utf-8\r\nX-HTTP-Method-Override: PUT", []byte(aUser))
	f.Add("PATCH", "/Users/"+aliceID, "Content-Encoding: gzip\r\nContent-Type: application/json", []byte("{}"))
	ten := newTenancy(f)
	var servers []*scim.Server
	for _, tolerance := range []scim.Tolerance{scim.Tolerant(), scim.Strict(), everything()} {
		servers = append(servers, ten.server(f, scim.Config{Tolerance: &tolerance}))
	}
	f.Fuzz(func(t *testing.T, method, target, header string, body []byte) {
		head := method + " " + target + " HTTP/1.1\r\nHost: scim.example\r\n" + header + "\r\n\r\n"
		for name, open := range stores() {
			for _, s := range servers {
				ten.log.reset()
				ten.fill(t, open())
				for range 2 {
					fuzzOne(t, name, ten, s, head, body)
				}
			}
		}
	})
}

// everything tolerates all that there is to tolerate.
func everything() scim.Tolerance {
	t := scim.Tolerant()
	t.PatchBare, t.LeadingSlash, t.Scim11Members, t.LastPrimaryWins, t.SkipUnknownMembers = true, true, true, true, true
	t.BareWords, t.DoubleEscape, t.PathCase, t.PathAliases, t.TextJSON = true, true, true, true, true
	t.Unknown = scim.KeepUnknown
	return t
}

// An opener gives the handler of a tenant and type in a store.
type opener = func(tenant string, typ *schema.ResourceType) scim.ResourceHandler

func stores() map[string]func() opener {
	return map[string]func() opener{"map": inMap, "memstore": inMemstore}
}

func inMap() opener {
	return func(_ string, typ *schema.ResourceType) scim.ResourceHandler { return newMapHandler(typ) }
}

func inMemstore() opener {
	store := memstore.New(memstore.Options{})
	return func(tenant string, typ *schema.ResourceType) scim.ResourceHandler {
		h, err := store.ForTenant(typ)(context.Background(), tenant)
		if err != nil {
			panic(err)
		}
		return h
	}
}

// fuzzOne sends one request.
func fuzzOne(t *testing.T, store string, ten *tenancy, s *scim.Server, head string, body []byte) {
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(head)))
	if err != nil {
		return // net/http answers that
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	if r.Header.Get("Authorization") == "" {
		r.Header["Authorization"] = []string{"Bearer token-acme"}
	}
	a := serve(s, r)
	what := fmt.Sprintf("%s: %s %.300q %.300q", store, r.Method, r.RequestURI, body)
	if fault := a.fault(r.Method); fault != "" {
		t.Fatalf("%s: %s", what, fault)
	}
	if a.status >= 500 && a.status != http.StatusNotImplemented {
		t.Fatalf("%s: %d %s", what, a.status, ten.log)
	}
	if log := ten.log.String(); strings.Contains(log, "level=ERROR") {
		t.Fatalf("%s: logged %s", what, log)
	}
	checkStored(t, what, ten)
}

// checkStored checks that every stored resource is valid.
func checkStored(t *testing.T, what string, ten *tenancy) {
	for row, data := range ten.rows() {
		typ, required := ten.users, "userName"
		if strings.Contains(row, "/Group/") {
			typ, required = ten.groups, "displayName"
		}
		r, err := scim.ParseResource(typ, []byte(data))
		if err != nil {
			t.Fatalf("%s: %s holds %s: %v", what, row, data, err)
		}
		if again := string(r.JSON()); again != data {
			t.Fatalf("%s: %s is not canonical:\n%s\n%s", what, row, data, again)
		}
		if r.ID() == "" || r.String(required) == "" || !json.Valid([]byte(data)) {
			t.Fatalf("%s: %s holds %s", what, row, data)
		}
		if other := marker(otherTenant(row)); strings.Contains(data, other) {
			t.Fatalf("%s: %s holds %s", what, row, data)
		}
	}
}

func otherTenant(row string) string {
	if strings.HasPrefix(row, "acme/") {
		return "globex"
	}
	return "acme"
}

// requestSeeds are requests of every kind, right and wrong.
func requestSeeds() []assignment {
	user, group := "/Users/"+aliceID, "/Groups/"+groupID
	all := []assignment{
		{"GET", "/Users", ""}, {"GET", user, ""}, {"HEAD", user, ""}, {"DELETE", user, ""}, {"OPTIONS", "/Users", ""}, {"GET", "/Me", ""},
		{"GET", "/Schemas/urn:ietf:params:scim:schemas:core:2.0:User", ""}, {"GET", "/ResourceTypes/User", ""}, {"GET", "/ServiceProviderConfig", ""},
		{"GET", user + "?attributes=userName,emails.value,urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", ""},
		{"GET", group + "?excludedAttributes=members", ""},
		{"GET", "/Users?sortBy=name.familyName&sortOrder=descending&startIndex=2&count=3", ""},
		{"GET", "/scim/v2//Users/?count=0", ""},
		{"POST", "/Users", userBody("new", `"name":{"givenName":"N"},"emails":[{"value":"n@acme.example","type":"work","primary":true}],"active":"True","password":"x"`)},
		{"POST", "/Users", `{"userName":"e","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":"26118915","department":["D"]},"x":{"y":[1,null,{}]}}`},
		{"POST", "/Groups", `{"displayName":"g","members":[{"value":"` + aliceID + `"},"` + bobID + `"]}`},
		{"PUT", user, userBody("alice2", `"nickName":"x"`)}, {"PUT", group, `{"displayName":"g"}`},
	}
	for _, f := range []string{`userName eq "alice"`, `emails[type eq "work" and value co "@"]`, `not (title pr) or meta.created gt "2020-01-01T00:00:00Z"`, `active eq True`, `members eq "x"`,
		`urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq "1"`, `displayName eq Team Amber`, `emails[type eq "work"].value sw "a"`} {
		q := filtered(f)
		all = append(all, q, assignment{"GET", strings.Replace(q.path, "Users", "Groups", 1), ""})
	}
	for _, op := range []string{
		`{"op":"replace","path":"active","value":"False"}`, `{"op":"Add","path":"emails[type eq \"home\"].value","value":"h@acme.example"}`,
		`{"op":"remove","path":"emails[type eq \"work\"]"}`, `{"op":"replace","value":{"name.givenName":"N","active":false,"emails[primary eq true].value":"p"}}`,
		`{"op":"add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","value":"1"}`, `{"op":"replace","path":"name","value":{"familyName":"F"}}`,
		`{"op":"remove","path":"name.familyName"}`, `{"op":"add","path":"schemas","value":["urn:x"]}`, `{"op":"replace","path":"/title","value":null}`,
		`{"op":"add","path":"members","value":[{"value":"` + bobID + `"}]}`, `{"op":"remove","path":"members[value eq \"` + aliceID + `\"]"}`,
		`{"op":"remove","path":"members","value":[{"value":"` + aliceID + `"}]}`, `{"op":"replace","path":"members","value":[]}`, `{"op":"replace","path":"members[value eq \"` + aliceID + `\"].display","value":"x"}`,
	} {
		all = append(all, assignment{"PATCH", user, patchBody(op)}, assignment{"PATCH", group, patchBody(op, op)}, assignment{"PATCH", group + "?attributes=members", op})
	}
	return all
}
