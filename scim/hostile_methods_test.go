package scim_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/scim"
)

// TestMethods: every method on every kind of URL, with and without
// credentials.
func TestMethods(t *testing.T) {
	const item, collection, discovery, nothing = "GET, HEAD, PUT, PATCH, DELETE", "GET, HEAD, POST", "GET, HEAD", ""
	for _, tt := range []struct {
		path, allow string
		status      int // where nothing is allowed
	}{
		{"/Users", collection, 0},
		{"/Groups", collection, 0},
		{"/Users/" + aliceID, item, 0},
		{"/Groups/" + groupID, item, 0},
		{"/ServiceProviderConfig", discovery, 0},
		{"/ResourceTypes", discovery, 0},
		{"/ResourceTypes/User", discovery, 0},
		{"/Schemas", discovery, 0},
		{"/Schemas/urn:ietf:params:scim:schemas:core:2.0:User", discovery, 0},
		{"/Bulk", nothing, 501},
		{"/Me", nothing, 501},
		{"/.search", nothing, 501},
		{"/Users/.search", nothing, 501},
		{"/", nothing, 501},
		{"/Pots", nothing, 404},
		{"/Users/a/b", nothing, 404},
		{"/ServiceProviderConfig/x", nothing, 404},
	} {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW", "get", "PROPFIND", "M-SEARCH", strings.Repeat("X", 500)} {
			ten := newTenancy(t)
			s := ten.server(t, scim.Config{})
			before := ten.rows()
			header := []string{"X-HTTP-Method-Override", "DELETE", "X-Method-Override", "DELETE", "X-HTTP-Method", "DELETE"}
			if a := ask(s, method, tt.path, "", append(header, "Authorization", "")...); a.status != 401 || a.fault(method) != "" {
				t.Errorf("%s %s without credentials: %d %s", method, tt.path, a.status, a.fault(method))
			}
			a := ask(s, method, tt.path, "", header...)
			if f := a.fault(method); f != "" {
				t.Errorf("%s %s: %s", method, tt.path, f)
			}
			switch allowed := slices.Contains(strings.Split(tt.allow, ", "), method); {
			case tt.allow == nothing:
				if a.status != tt.status {
					t.Errorf("%s %s: %d, want %d", method, tt.path, a.status, tt.status)
				}
			case allowed:
				if a.status == 405 || a.status == 501 || a.status >= 500 {
					t.Errorf("%s %s: %d", method, tt.path, a.status)
				}
			case a.status != 405 || a.header.Get("Allow") != tt.allow:
				t.Errorf("%s %s: %d, Allow %q", method, tt.path, a.status, a.header.Get("Allow"))
			}
			if c := changedRows(before, ten.rows()); c != nil && method != "DELETE" {
				t.Errorf("%s %s: changed %q", method, tt.path, c)
			}
		}
	}
}

// TestHead: HEAD is GET without the body, errors and lists included.
func TestHead(t *testing.T) {
	ten := newTenancy(t)
	s := ten.server(t, scim.Config{})
	for _, path := range []string{"/Users", "/Users/" + aliceID, "/Users/none", "/Groups/" + groupID, "/Schemas", "/ServiceProviderConfig", "/ResourceTypes/User", "/Pots", "/Me", "/Users?filter=x", "/Users?count=0"} {
		get, head := ask(s, "GET", path, ""), ask(s, "HEAD", path, "")
		if get.status != head.status || len(head.body) != 0 {
			t.Errorf("%s: GET %d, HEAD %d with %d bytes", path, get.status, head.status, len(head.body))
		}
		for name := range get.header {
			if get.header.Get(name) != head.header.Get(name) {
				t.Errorf("%s: GET has %s: %s, HEAD %q", path, name, get.header.Get(name), head.header.Get(name))
			}
		}
	}
}

// TestAccept: what a client accepts is no reason to refuse it; answers are
// application/scim+json (RFC 7644 section 3.8).
func TestAccept(t *testing.T) {
	s := newTenancy(t).server(t, scim.Config{})
	for _, accept := range []string{"", "*/*", "application/scim+json", "application/json", "application/json;q=0", "text/html", "text/xml", "image/*", ";;;", "application/scim+json;charset=utf-16", strings.Repeat("a", 9000)} {
		a := ask(s, "GET", "/Users/"+aliceID, "", "Accept", accept, "Accept-Charset", "utf-16", "Accept-Encoding", "gzip", "Accept-Language", "tlh")
		if f := a.fault("GET"); a.status != 200 || f != "" {
			t.Errorf("Accept %.50q: %d %s", accept, a.status, f)
		}
	}
}

// TestPreconditions: If-Match and If-None-Match, well-formed and not.
func TestPreconditions(t *testing.T) {
	for _, tt := range []struct {
		tags     []string // $ is the version
		ifMatch  int
		ifNone   int
		describe string
	}{
		{[]string{`W/"$"`}, 200, 304, "weak"},
		{[]string{`"$"`}, 200, 304, "strong"},
		{[]string{`$`}, 200, 304, "without quotes"},
		{[]string{`w/"$"`}, 200, 304, "in lower case"},
		{[]string{`*`}, 200, 304, "any"},
		{[]string{`"a", "$"`}, 200, 304, "second"},
		{[]string{`"a"`, `W/"$"`}, 200, 304, "in a second header"},
		{[]string{`"a,$"`}, 412, 200, "a comma inside"},
		{[]string{`"none"`}, 412, 200, "another"},
		{[]string{``}, 412, 200, "empty"},
		{[]string{`,,,`}, 412, 200, "commas"},
		{[]string{`"`}, 412, 200, "an open quote"},
		{[]string{`"$`}, 412, 200, "an open quote and the version"},
		{[]string{`W/`}, 412, 200, "only weak"},
		{[]string{`W/W/"$"`}, 412, 200, "weak twice"},
		{[]string{`"` + strings.Repeat("x", 60000) + `"`}, 412, 200, "long"},
		{[]string{strings.Repeat(`"x",`, 20000)}, 412, 200, "many"},
		{[]string{"\x00\xff"}, 412, 200, "bytes"},
	} {
		t.Run(tt.describe, func(t *testing.T) {
			ten := newTenancy(t)
			s := ten.server(t, scim.Config{})
			path := "/Users/" + aliceID
			ask(s, "PATCH", path, patchBody(`{"op":"replace","path":"title","value":"a"}`)) // now it has a version
			for _, rq := range []assignment{
				{"GET", path, ""}, {"HEAD", path, ""},
				{"PUT", path, userBody("alice@acme", `"title":"b"`)}, {"PATCH", path, patchBody(`{"op":"replace","path":"title","value":"c"}`)},
				{"PATCH", path, patchBody(`{"op":"replace","path":"title","value":"c"}`)}, {"DELETE", path, ""},
			} {
				version := strings.Trim(ask(s, "GET", path, "").header.Get("ETag"), `W/"`)
				name, want := "If-Match", tt.ifMatch
				if rq.method == "GET" || rq.method == "HEAD" {
					name, want = "If-None-Match", tt.ifNone
				} else if rq.method == "DELETE" && want == 200 {
					want = 204
				}
				before := ten.rows()
				r, err := http.NewRequest(rq.method, rq.path, strings.NewReader(rq.body))
				if err != nil {
					t.Fatal(err)
				}
				r.Header = http.Header{"Authorization": {"Bearer token-acme"}, "Content-Type": {"application/json"}}
				for _, tag := range tt.tags {
					r.Header[name] = append(r.Header[name], strings.ReplaceAll(tag, "$", version))
				}
				a := serve(s, r)
				if f := a.fault(rq.method); a.status != want || f != "" {
					t.Errorf("%s: %d, want %d: %.200s %s", rq.method, a.status, want, a.body, f)
				}
				if c := changedRows(before, ten.rows()); a.status == 412 && c != nil {
					t.Errorf("%s: 412, and yet changed %q", rq.method, c)
				}
				if a.status == 304 && a.header.Get("ETag") == "" {
					t.Error("304 without ETag")
				}
			}
		})
	}
}

// TestURLsStayPut: what a client says of host and path shows in no URL of an
// answer when BaseURL is configured, and breaks no JSON when it is not.
func TestURLsStayPut(t *testing.T) {
	ten := newTenancy(t)
	fixed := ten.server(t, scim.Config{BaseURL: "https://scim.example/scim/v2"})
	free := ten.server(t, scim.Config{})
	for _, host := range []string{"evil.example", `"><script>`, "a\r\nX: y", "é", `\`, strings.Repeat("h", 5000), ""} {
		for _, s := range []*scim.Server{fixed, free} {
			for _, path := range []string{"/scim/v2/Users/" + aliceID, "/scim/v2/Groups/" + groupID, "/scim/v2/Users", "/scim/v2/Schemas", "/scim/v2/ResourceTypes", "/x\"y/Users"} {
				r, err := http.NewRequest("GET", strings.ReplaceAll(path, `"`, "%22"), nil)
				if err != nil {
					t.Fatal(err)
				}
				r.Host = host
				r.Header = http.Header{"Authorization": {"Bearer token-acme"}, "X-Forwarded-Host": {"evil.example"}, "X-Forwarded-Proto": {"gopher"}, "X-Forwarded-Prefix": {"/evil"}, "Forwarded": {"host=evil.example"}}
				a := serve(s, r)
				want := 200
				if plain := host == "evil.example" || host == ""; s == free && !plain {
					want = 400
				}
				if f := a.fault("GET"); a.status != want || f != "" || !json.Valid(a.body) {
					t.Errorf("%s for host %.20q: %d %s", path, host, a.status, f)
				}
				if s == fixed && strings.Contains(string(a.body), "evil") || strings.Contains(string(a.body), "gopher") || host != "evil.example" && strings.Contains(string(a.body), "evil") {
					t.Errorf("%s for host %.20q: %.500s", path, host, a.body)
				}
			}
		}
	}
}
