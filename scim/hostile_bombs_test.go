package scim_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/scim"
)

// A bomb is a request that costs its sender little. Limits are the default
// ones, unless open takes away those that stand before what is tried.
type bomb struct {
	name     string
	open     func(*scim.Limits)
	method   string
	path     string
	body     string
	status   int
	scimType string
	detail   string
}

func nest(open, closing string, n int) string {
	return strings.Repeat(open, n) + strings.Repeat(closing, n)
}

func query(filter string) string { return "/Users?filter=" + url.QueryEscape(filter) }

// anySize lets bodies and targets through, as a host may that has others guard
// them.
func anySize(l *scim.Limits) {
	l.TargetBytes, l.FilterBytes, l.BodyBytes, l.PatchBytes, l.ListBodyBytes = -1, -1, -1, -1, -1
}

func bombs() []bomb {
	const million = 1_000_000
	user, group := "/Users/"+aliceID, "/Groups/"+groupID
	var all []bomb
	add := func(b bomb) { all = append(all, b) }

	// Documents. Each as the whole, as an unknown attribute, as a readOnly one,
	// and as the value of an operation.
	for _, d := range []struct{ name, value, detail string }{
		{"a million arrays in one another", nest("[", "]", million), "nesting depth is over the limit of 32"},
		{"a million objects in one another", strings.Repeat(`{"a":`, million) + "1" + strings.Repeat("}", million), "nesting depth is over the limit of 32"},
		{"a million arrays that never close", strings.Repeat("[", million), "nesting depth is over the limit of 32"},
		{"a million empty objects", "[" + strings.TrimSuffix(strings.Repeat("{},", million), ",") + "]", "number of values is over the limit of 250000"},
		{"a million empty arrays", "[" + strings.TrimSuffix(strings.Repeat("[],", million), ",") + "]", "number of values is over the limit of 250000"},
		{"a million numbers", "[" + strings.TrimSuffix(strings.Repeat("1,", million), ",") + "]", "number of values is over the limit of 250000"},
		{"a million members", "{" + list(`"%x":1`, million/2) + "}", "number of values is over the limit of 250000"},
		{"a million names that are the same", "{" + strings.TrimSuffix(strings.Repeat(`"a":1,`, million/2), ",") + "}", "there twice"},
		{"a string of 10 MB", `"` + strings.Repeat("a", 10*million) + `"`, "length of a string is over the limit of 65536"},
		{"a string of 10 MB of escapes", `"` + strings.Repeat(`\u0061`, 10*million/6) + `"`, "length of a string is over the limit of 65536"},
		{"a name of 10 MB", `{"` + strings.Repeat("a", 10*million) + `":1}`, "length of a name is over the limit of 65536"},
		{"a number of 10 MB", strings.Repeat("9", 10*million), "length of a number is over the limit of 64"},
		{"an exponent", "[1e" + strings.Repeat("9", million) + "]", "length of a number is over the limit of 64"},
	} {
		places := []assignment{
			{"POST", "/Users", `{"userName":"bomb","unknown":` + d.value + `}`},
			{"PATCH", user, patchBody(`{"op":"add","path":"nickName","value":` + d.value + `}`)},
			{"POST", "/Users", `{"userName":"bomb","meta":` + d.value + `}`},
			{"PUT", user, `{"userName":"bomb","unknown":` + d.value + `}`},
			{"PATCH", group, patchBody(`{"op":"add","path":"members","value":` + d.value + `}`)},
		}
		if len(d.value) > 5*million {
			places = places[:2]
		}
		for _, at := range places {
			add(bomb{d.name, anySize, at.method, at.path, at.body, 400, "invalidSyntax", d.detail})
		}
		add(bomb{d.name + ", as by default", nil, "POST", "/Users", `{"userName":"bomb","unknown":` + d.value + `}`, 413, "", "limit of 262144"})
	}
	for name, body := range map[string]string{"[": nest("[", "]", million), "{": strings.Repeat(`{"a":`, million)} {
		detail := "JSON object"
		if name == "{" {
			detail = "nesting depth"
		}
		add(bomb{"the whole body is a million " + name, anySize, "POST", "/Users", body, 400, "invalidSyntax", detail})
		add(bomb{"the whole PATCH is a million " + name, anySize, "PATCH", user, body, 400, "invalidSyntax", "nesting depth"})
	}
	add(bomb{"a million e-mail addresses", anySize, "POST", "/Users", userBody("bomb", `"emails":[`+strings.TrimSuffix(strings.Repeat(`{"value":"x"},`, 200_000), ",")+`]`), 400, "invalidValue", "limit of 1000"})
	add(bomb{"a hundred thousand members", anySize, "POST", "/Groups", `{"displayName":"x","members":[` + list(`{"value":"%d"}`, 100_000) + `]}`, 400, "invalidValue", "limit of 20000"})

	// PATCH.
	op := `{"op":"replace","path":"nickName","value":"x"},`
	add(bomb{"a million operations", anySize, "PATCH", user, patchBody(strings.TrimSuffix(strings.Repeat(op, 240_000), ",")), 400, "invalidSyntax", "limit of 250000"})
	add(bomb{"more operations than are allowed", nil, "PATCH", user, patchBody(strings.TrimSuffix(strings.Repeat(op, 20_000), ",")), 400, "invalidValue", "limit of 1000"})
	add(bomb{"a million empty operations", anySize, "PATCH", user, patchBody(strings.TrimSuffix(strings.Repeat("{},", million), ",")), 400, "invalidSyntax", "limit of 250000"})
	for name, path := range map[string]string{
		"parentheses": "emails[" + nest("(", ")", 300) + `]`, "nots": "emails[" + strings.Repeat("not (", 190) + `]`,
		"brackets": strings.Repeat("emails[", 140), "dots": "emails" + strings.Repeat(".a", 500), "colons": "urn" + strings.Repeat(":a", 500),
	} {
		add(bomb{"a path of " + name, nil, "PATCH", user, patchBody(fmt.Sprintf(`{"op":"remove","path":%q}`, path)), 400, "*", ""})
	}
	add(bomb{"a path of 1 MB", nil, "PATCH", user, patchBody(`{"op":"remove","path":"` + strings.Repeat("a", 900_000) + `"}`), 400, "invalidSyntax", "limit of 65536"})

	// Filters: out of the target's limit, within it, and with it taken away.
	for _, f := range []struct{ name, filter string }{
		{"parentheses", strings.Repeat("(", million)},
		{"parentheses that close", nest("(", ")", million)},
		{"nots", strings.Repeat("not (", million)},
		{"brackets", strings.Repeat("emails[", million)},
		{"value paths in one another", strings.Repeat("emails[", million/10) + "type pr" + strings.Repeat("]", million/10)},
		{"ands", strings.Repeat("userName pr and ", 100_000) + "userName pr"},
		{"ors", strings.Repeat("title eq 1 or ", 100_000) + "userName pr"},
		{"dots", "a" + strings.Repeat(".a", 100_000) + " pr"},
		{"colons", "urn" + strings.Repeat(":a", 100_000) + " pr"},
		{"blanks", strings.Repeat(" ", million)},
		{"a literal", `userName eq "` + strings.Repeat("a", million) + `"`},
		{"a number", `userName eq ` + strings.Repeat("9", million)},
		{"backslashes", `userName eq "` + strings.Repeat(`\\`, million/2) + `"`},
	} {
		small := f.filter[:5000]
		add(bomb{"filter of " + f.name + " in an endless target", func(l *scim.Limits) { l.TargetBytes = -1 }, "GET", query(f.filter), "", 400, "invalidFilter", "limit of 8192"})
		add(bomb{"filter of " + f.name + " in an endless filter", anySize, "GET", query(f.filter), "", 400, "invalidFilter", ""})
		add(bomb{"filter of " + f.name + " as by default", nil, "GET", query(f.filter), "", 414, "", "limit of 16384"})
		add(bomb{"a small filter of " + f.name, func(l *scim.Limits) { l.TargetBytes = -1 }, "GET", query(small), "", 400, "invalidFilter", ""})
	}
	add(bomb{"sortBy", nil, "GET", "/Users?sortBy=" + strings.Repeat("a.", 6000), "", 400, "invalidValue", ""})
	add(bomb{"attributes", nil, "GET", "/Users?attributes=" + strings.Repeat("a,", 6000), "", 400, "invalidValue", "limit of 100"})
	add(bomb{"parameters", nil, "GET", "/Users?" + strings.Repeat("filter&", 2000), "", 400, "invalidValue", "twice"})
	add(bomb{"a path of slashes", nil, "GET", strings.Repeat("/", 16000), "", 501, "", ""})
	add(bomb{"a path of segments", nil, "GET", strings.Repeat("/Users", 2600), "", 404, "", ""})
	return all
}

// TestBombs is S10 of the security plan: what is small to send is small to
// refuse. Memory is counted in bytes allocated, for each byte sent.
func TestBombs(t *testing.T) {
	for _, b := range bombs() {
		t.Run(b.name+"/"+b.method, func(t *testing.T) {
			var limits scim.Limits
			if b.open != nil {
				b.open(&limits)
			}
			ten := newTenancy(t)
			s := ten.server(t, scim.Config{Limits: limits})
			wantAlive(t, s) // and what is made once is made
			before := ten.rows()
			a, allocated := measure(s, b)
			if b.scimType == "*" {
				b.scimType = a.message().ScimType
			}
			wantError(t, a, b.status, b.scimType, b.detail)
			sent := len(b.body) + len(b.path)
			if most := uint64(20*sent + 64<<10); allocated > most {
				t.Errorf("%d bytes were sent and %d allocated, %.1f for each", sent, allocated, float64(allocated)/float64(sent))
			}
			if len(a.body) > 2000 {
				t.Errorf("the answer has %d bytes", len(a.body))
			}
			if c := changedRows(before, ten.rows()); c != nil {
				t.Errorf("changed %q", c)
			}
			wantAlive(t, s)
		})
	}
}

// measure sends a bomb in process and counts what the server allocates.
func measure(h http.Handler, b bomb) (reply, uint64) {
	r := httptest.NewRequest(b.method, "/", io.NopCloser(strings.NewReader(b.body)))
	r.ContentLength = int64(len(b.body))
	u, err := url.ParseRequestURI(b.path)
	if err != nil {
		panic(err)
	}
	r.URL, r.RequestURI = u, b.path
	r.Header.Set("Authorization", "Bearer token-acme")
	r.Header.Set("Content-Type", "application/scim+json")
	w := &plainWriter{header: http.Header{}}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	h.ServeHTTP(w, r)
	runtime.ReadMemStats(&after)
	return reply{w.status, w.header, w.body.Bytes()}, after.TotalAlloc - before.TotalAlloc
}

type plainWriter struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *plainWriter) Header() http.Header         { return w.header }
func (w *plainWriter) WriteHeader(status int)      { w.status = status }
func (w *plainWriter) Write(p []byte) (int, error) { return w.body.Write(p) }
