package scim_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/scim"
)

// ambiguous are objects whose members two programs read in two ways: a name
// that is there twice, as it is, escaped, or in another letter case. Where they
// are taken, one program sees an active user where the other sees a leaver.
var ambiguous = []string{
	`"active":false,"active":true`,
	`"active":true,"active":false`,
	`"active":true,"active":true`,
	`"active":false,"Active":true`,
	`"ACTIVE":false,"active":true`,
	`"active":false,"\u0061ctive":true`,
	`"\u0041ctive":false,"active":true`,
	`"active":null,"active":true`,
	`"active":true,"Active":null`,
	`"userName":"x","userName":"y"`,
	`"userName":"x","username":"y"`,
	`"userName":"x","u\u017ferName":"y"`,
	`"emails":[],"Emails":[{"value":"a@b.example"}]`,
	`"name":{"givenName":"a","givenName":"b"}`,
	`"name":{"givenName":"a","GivenName":"b"}`,
	`"name":{},"NAME":{"givenName":"b"}`,
	`"emails":[{"value":"a@b.example","value":"c@d.example"}]`,
	`"emails":[{"value":"a@b.example","primary":true,"Primary":false}]`,
	`"groups":[{"value":"1","value":"2"}]`,
	`"id":"1","id":"2"`,
	`"id":"1","ID":"2"`,
	`"meta":{"version":"1","Version":"2"}`,
	`"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"ſchemas":[]`,
	`"password":"a","Password":"b"`,
	`"unknown":1,"unknown":2`,
	`"unknown":1,"UNKNOWN":2`,
	`"unknown":{"a":1,"a":2}`,
	`"unknown":[{"a":1,"A":2}]`,
	`"unknown":{"a":{"b":[{"c":1,"c":2}]}}`,
	`"é":1,"É":2`,
	`"K":1,"\u212a":2`,
	`"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"a","Department":"b"}`,
	`"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"a"},"urn:ietf:params:scim:schemas:extension:enterprise:2.0:user":{"department":"b"}`,
	`"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":{"value":"a","value":"b"}}`,
	`"":1,"":2`,
}

// malformed are no JSON (RFC 8259), or JSON that programs read differently
// (RFC 7493): {} stands for a good object.
var malformed = []string{
	``, ` `, "\n", `{`, `}`, `[`, `"`, `{"`, `{"a`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":1,}`, `{,}`, `{,"a":1}`, `{"a" 1}`, `{"a"::1}`,
	`{"a":1 "b":2}`, `{a:1}`, `{'a':1}`, `{"a":'b'}`, `{}{}`, `{} {}`, `{}x`, `{},`, `{}]`, `{}//`, `/**/{}`, `{}/* */`, `# {}`, "\ufeff{}", "{}\x00", "\x00{}",
	`{"a":tru}`, `{"a":True}`, `{"a":nil}`, `{"a":undefined}`, `{"a":NaN}`, `{"a":Infinity}`, `{"a":-Infinity}`, `{"a":01}`, `{"a":-}`, `{"a":1.}`, `{"a":.5}`,
	`{"a":+1}`, `{"a":1e}`, `{"a":1e+}`, `{"a":0x1}`, `{"a":1_000}`, `{"a":--1}`, `{"a":1..2}`,
	`{"a":"\x41"}`, `{"a":"\u12"}`, `{"a":"\u12G4"}`, `{"a":"\ud800"}`, `{"a":"\udc00"}`, `{"a":"\ud800\ud800"}`, `{"a":"\ud800x"}`, `{"a":"\udc00\ud800"}`,
	`{"a":"\u0000"}`, `{"\u0000":1}`, "{\"a\":\"\n\"}", "{\"a\":\"\t\"}", "{\"a\":\"\x00\"}", "{\"a\":\"\x1f\"}",
	"{\"a\":\"\xff\"}", "{\"a\":\"\xc0\xaf\"}", "{\"a\":\"\xed\xa0\x80\"}", "{\"a\":\"\xf4\x90\x80\x80\"}", "{\"\xff\":1}", "{\"a\":\"\xe2\x82\"}",
	"{\v\"a\":1}", "{\f\"a\":1}", "{\u00a0\"a\":1}", "{\u2028\"a\":1}", `{"a":"\'"}`, `{"a":"\a"}`, "{\"a\":\"\\\n\"}",
	`null`, `true`, `1`, `"x"`, `[]`, `[{}]`,
}

// memberBodies puts a list of members into requests.
func memberBodies(members string) []assignment {
	user := "/Users/" + aliceID
	return []assignment{
		{"POST", "/Users", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"dup@acme",` + members + `}`},
		{"POST", "/Users", `{` + members + `,"userName":"dup@acme"}`},
		{"PUT", user, `{"userName":"alice@acme",` + members + `}`},
		{"PATCH", user, patchBody(`{"op":"replace","value":{` + members + `}}`)},
		{"PATCH", user, patchBody(`{"op":"replace","path":"nickName","value":"x"}`, `{"op":"add","value":{`+members+`}}`)},
		{"PATCH", user, patchBody(`{"op":"add","path":"name","value":{` + members + `}}`)},
		{"PATCH", user, patchBody(`{"op":"add","path":"emails","value":[{` + members + `}]}`)},
		{"PATCH", user, patchBody(`{"op":"replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User","value":{` + members + `}}`)},
		{"PATCH", user, patchBody(`{"op":"replace","path":"nickName","value":"x",` + members + `}`)},
		{"PATCH", user, `{` + patchSchemas + `,` + members + `,"Operations":[{"op":"replace","path":"nickName","value":"x"}]}`},
		{"PATCH", "/Groups/" + groupID, patchBody(`{"op":"add","path":"members","value":[{` + members + `}]}`)},
	}
}

// TestAmbiguousJSON is S11 of the security plan over HTTP.
func TestAmbiguousJSON(t *testing.T) {
	for _, tolerance := range []scim.Tolerance{scim.Tolerant(), scim.Strict(), {Unknown: scim.KeepUnknown}} {
		ten := newTenancy(t)
		s := ten.server(t, scim.Config{Tolerance: &tolerance})
		for _, members := range ambiguous {
			for _, rq := range memberBodies(members) {
				refused(t, ten, s, rq)
			}
		}
		for _, body := range []string{
			patchBody(`{"op":"add","op":"remove","path":"nickName","value":"x"}`),
			patchBody(`{"op":"add","Op":"remove","path":"nickName","value":"x"}`),
			patchBody(`{"op":"replace","path":"nickName","Path":"title","value":"x"}`),
			patchBody(`{"op":"replace","path":"nickName","value":"x","VALUE":"y"}`),
			`{` + patchSchemas + `,"Operations":[],"operations":[{"op":"replace","path":"active","value":false}]}`,
			`{` + patchSchemas + `,"Operations":[{"op":"replace","path":"active","value":false}],"Operations":[]}`,
			`{` + patchSchemas + `,"Schemas":[],"Operations":[{"op":"replace","path":"active","value":false}]}`,
		} {
			refused(t, ten, s, assignment{"PATCH", "/Users/" + aliceID, body})
		}
	}
}

// TestMalformedJSON sends what is no JSON document, alone and inside one.
func TestMalformedJSON(t *testing.T) {
	ten := newTenancy(t)
	s := ten.server(t, scim.Config{})
	for _, body := range malformed {
		for _, rq := range []assignment{{"POST", "/Users", body}, {"PUT", "/Users/" + aliceID, body}, {"PATCH", "/Users/" + aliceID, body}, {"POST", "/Groups", body}} {
			refused(t, ten, s, rq)
		}
		if value, ok := strings.CutPrefix(body, `{"a":`); ok && strings.HasSuffix(value, `}`) {
			value = strings.TrimSuffix(value, `}`)
			refused(t, ten, s, assignment{"POST", "/Users", `{"userName":"broken@acme","unknown":` + value + `}`})
			refused(t, ten, s, assignment{"POST", "/Users", `{"userName":"broken@acme","id":` + value + `}`})
			refused(t, ten, s, assignment{"PATCH", "/Users/" + aliceID, patchBody(`{"op":"add","value":{"unknown":` + value + `}}`)})
		}
	}
}

// refused checks that a request is refused with 400 invalidSyntax and changes
// nothing.
func refused(t *testing.T, ten *tenancy, s http.Handler, rq assignment) {
	t.Helper()
	before := ten.rows()
	a := askTyped(s, rq)
	if f := a.fault(rq.method); f != "" || a.status != 400 || a.message().ScimType != "invalidSyntax" {
		t.Errorf("%s %q: %d %s %s", rq.method, rq.body, a.status, a.body, f)
	}
	if c := changedRows(before, ten.rows()); c != nil {
		t.Errorf("%s %q: changed %q", rq.method, rq.body, c)
	}
}

// askTyped is ask for bodies that may be empty.
func askTyped(s http.Handler, rq assignment) reply {
	return ask(s, rq.method, rq.path, rq.body, "Content-Type", "application/scim+json")
}

// TestMediaTypes sends good bodies under every name.
func TestMediaTypes(t *testing.T) {
	text := scim.Tolerant()
	text.TextJSON = true
	strictly := scim.Strict()
	for _, tt := range []struct {
		contentType string
		tolerance   *scim.Tolerance
		status      int
	}{
		{"application/scim+json", nil, 201},
		{"application/json", nil, 201},
		{"Application/SCIM+JSON", nil, 201},
		{"application/scim+json; charset=utf-8", nil, 201},
		{"application/json;charset=UTF-8", nil, 201},
		{`application/json; charset="utf-8"`, nil, 201},
		{"application/json; charset=utf8", nil, 201},
		{"application/json; version=2", nil, 201},
		{"", nil, 201},
		{"", &strictly, 415},
		{"text/json", nil, 415},
		{"text/json", &text, 201},
		{"application/json; charset=iso-8859-1", nil, 415},
		{"application/json; charset=utf-16", nil, 415},
		{"text/xml", nil, 415},
		{"application/xml", nil, 415},
		{"text/plain", nil, 415},
		{"application/x-www-form-urlencoded", nil, 415},
		{"multipart/form-data; boundary=x", nil, 415},
		{"application/scim+xml", nil, 415},
		{"application/jsonx", nil, 415},
		{"application/json-patch+json", nil, 415},
		{"application/json, text/xml", nil, 415},
		{"json", nil, 415},
		{"/", nil, 415},
		{";", nil, 415},
		{"application/json;;", nil, 415},
		{"*/*", nil, 415},
		{strings.Repeat("a", 5000), nil, 415},
	} {
		ten := newTenancy(t)
		s := ten.server(t, scim.Config{Tolerance: tt.tolerance})
		before := ten.rows()
		a := ask(s, "POST", "/Users", userBody("media@acme"), "Content-Type", tt.contentType)
		if f := a.fault("POST"); a.status != tt.status || f != "" {
			t.Errorf("Content-Type %.80q: %d, want %d %s", tt.contentType, a.status, tt.status, f)
		}
		if tt.status == 415 {
			wantError(t, a, 415, "", "application/scim+json")
			if c := changedRows(before, ten.rows()); c != nil {
				t.Errorf("Content-Type %q: changed %q", tt.contentType, c)
			}
		}
	}
}

// TestContentEncoding: bodies are never unpacked, whatever they say of
// themselves.
func TestContentEncoding(t *testing.T) {
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	fmt.Fprintf(z, `{"userName":"bomb@acme","displayName":"%s"}`, strings.Repeat("a", 10<<20))
	z.Close()
	ten := newTenancy(t)
	s := ten.server(t, scim.Config{})
	before := ten.rows()
	for _, enc := range []string{"gzip", "GZIP", "x-gzip", "deflate", "br", "zstd", "compress", "identity, gzip", "gzip, identity", "*", "aes128gcm"} {
		wantError(t, ask(s, "POST", "/Users", bomb.String(), "Content-Encoding", enc), 415, "", "encoding")
	}
	wantError(t, ask(s, "POST", "/Users", bomb.String()), 400, "invalidSyntax")
	if c := changedRows(before, ten.rows()); c != nil {
		t.Errorf("changed %q", c)
	}
	if a := ask(s, "POST", "/Users", userBody("plain@acme"), "Content-Encoding", "identity"); a.status != 201 {
		t.Errorf("identity: %d", a.status)
	}
	wantAlive(t, s)
}
