package scim_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
)

// A limitCase is a limit of scim.Limits and a request that needs exactly n of
// it.
type limitCase struct {
	name     string
	set      func(l *scim.Limits, n int)
	standard int // what the zero value means
	small    int // another value
	make     func(n int) assignment
	status   int // one over the limit
	scimType string
}

// padded is a body of n bytes.
func padded(body string, n int) string { return body + strings.Repeat(" ", n-len(body)) }

// list repeats an item with its number n times.
func list(item string, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, item, i)
	}
	return b.String()
}

func filtered(filter string) assignment {
	return assignment{"GET", "/Users?filter=" + url.QueryEscape(filter), ""}
}

const aUser, aGroup = `{"userName":"limit@acme"}`, `{"displayName":"limit"}`

var limitCases = []limitCase{
	{"TargetBytes", func(l *scim.Limits, n int) { l.TargetBytes = n }, 16 << 10, 60,
		func(n int) assignment {
			return assignment{"GET", "/Users?x=" + strings.Repeat("x", n-len("/Users?x=")), ""}
		}, 414, ""},
	{"BodyBytes of POST", func(l *scim.Limits, n int) { l.BodyBytes = n }, 256 << 10, 40,
		func(n int) assignment { return assignment{"POST", "/Users", padded(aUser, n)} }, 413, ""},
	{"BodyBytes of PUT", func(l *scim.Limits, n int) { l.BodyBytes = n }, 256 << 10, 40,
		func(n int) assignment { return assignment{"PUT", "/Users/" + aliceID, padded(aUser, n)} }, 413, ""},
	{"PatchBytes", func(l *scim.Limits, n int) { l.PatchBytes = n }, 1 << 20, 200,
		func(n int) assignment {
			return assignment{"PATCH", "/Users/" + aliceID, padded(patchBody(`{"op":"replace","path":"title","value":"x"}`), n)}
		}, 413, ""},
	{"ListBodyBytes of POST", func(l *scim.Limits, n int) { l.ListBodyBytes = n }, 4 << 20, 40,
		func(n int) assignment { return assignment{"POST", "/Groups", padded(aGroup, n)} }, 413, ""},
	{"ListBodyBytes of PUT", func(l *scim.Limits, n int) { l.ListBodyBytes = n }, 4 << 20, 40,
		func(n int) assignment { return assignment{"PUT", "/Groups/" + groupID, padded(aGroup, n)} }, 413, ""},
	{"ListBodyBytes of PATCH", func(l *scim.Limits, n int) { l.ListBodyBytes = n }, 4 << 20, 200,
		func(n int) assignment {
			return assignment{"PATCH", "/Groups/" + groupID, padded(patchBody(`{"op":"replace","path":"displayName","value":"x"}`), n)}
		}, 413, ""},
	{"JSONDepth", func(l *scim.Limits, n int) { l.JSONDepth = n }, 32, 5,
		func(n int) assignment {
			return assignment{"POST", "/Users", userBody("limit", `"unknown":`+strings.Repeat("[", n-1)+strings.Repeat("]", n-1))}
		}, 400, "invalidSyntax"},
	{"JSONDepth of PATCH", func(l *scim.Limits, n int) { l.JSONDepth = n }, 32, 6,
		func(n int) assignment {
			return assignment{"PATCH", "/Users/" + aliceID, patchBody(`{"op":"add","value":{"unknown":` + strings.Repeat("[", n-4) + strings.Repeat("]", n-4) + `}}`)}
		}, 400, "invalidSyntax"},
	{"JSONNodes", func(l *scim.Limits, n int) { l.JSONNodes = n }, 250_000, 20,
		func(n int) assignment {
			return assignment{"POST", "/Groups", `{"displayName":"x","unknown":[` + strings.Repeat("1,", n-4) + `1]}`}
		}, 400, "invalidSyntax"},
	{"StringBytes", func(l *scim.Limits, n int) { l.StringBytes = n }, 8 << 10, 20,
		func(n int) assignment {
			return assignment{"POST", "/Users", `{"userName":"limit","nickName":"` + strings.Repeat("x", n) + `"}`}
		}, 400, "invalidSyntax"},
	{"LongStringBytes of a reference", func(l *scim.Limits, n int) { l.LongStringBytes = n }, 64 << 10, 100,
		func(n int) assignment {
			return assignment{"POST", "/Users", `{"userName":"limit","profileUrl":"http://` + strings.Repeat("x", n-7) + `"}`}
		}, 400, "invalidSyntax"},
	{"LongStringBytes of a photo", func(l *scim.Limits, n int) { l.LongStringBytes = n }, 64 << 10, 100,
		func(n int) assignment {
			return assignment{"POST", "/Users", `{"userName":"limit","photos":[{"value":"http://` + strings.Repeat("x", n-7) + `"}]}`}
		}, 400, "invalidSyntax"},
	{"NumberBytes", func(l *scim.Limits, n int) { l.NumberBytes = n }, 64, 10,
		func(n int) assignment {
			return assignment{"POST", "/Users", userBody("limit", `"unknown":`+strings.Repeat("9", n))}
		}, 400, "invalidSyntax"},
	{"Elements", func(l *scim.Limits, n int) { l.Elements = n }, 1000, 3,
		func(n int) assignment {
			return assignment{"POST", "/Users", userBody("limit", `"emails":[`+list(`{"value":"u%d@acme.example"}`, n)+`]`)}
		}, 400, "invalidValue"},
	{"Elements of PATCH", func(l *scim.Limits, n int) { l.Elements = n }, 1000, 3,
		func(n int) assignment {
			return assignment{"PATCH", "/Users/" + aliceID, patchBody(`{"op":"replace","path":"emails","value":[` + list(`{"value":"u%d@acme.example"}`, n) + `]}`)}
		}, 400, "invalidValue"},
	{"Members", func(l *scim.Limits, n int) { l.Members = n }, 20_000, 3,
		func(n int) assignment {
			return assignment{"POST", "/Groups", `{"displayName":"limit","members":[` + list(`{"value":"u%d"}`, n) + `]}`}
		}, 400, "invalidValue"},
	{"Members of PATCH", func(l *scim.Limits, n int) { l.Members = n }, 20_000, 3,
		func(n int) assignment {
			return assignment{"PATCH", "/Groups/" + groupID, patchBody(`{"op":"add","path":"members","value":[` + list(`{"value":"u%d"}`, n) + `]}`)}
		}, 400, "invalidValue"},
	{"UserNameRunes", func(l *scim.Limits, n int) { l.UserNameRunes = n }, 320, 5,
		func(n int) assignment {
			return assignment{"POST", "/Users", userBody(strings.Repeat("é", n))}
		}, 400, "invalidValue"},
	{"LabelRunes of externalId", func(l *scim.Limits, n int) { l.LabelRunes = n }, 512, 5,
		func(n int) assignment {
			return assignment{"POST", "/Users", userBody("limit", `"externalId":"`+strings.Repeat("é", n)+`"`)}
		}, 400, "invalidValue"},
	{"LabelRunes of displayName", func(l *scim.Limits, n int) { l.LabelRunes = n }, 512, 5,
		func(n int) assignment {
			return assignment{"POST", "/Groups", `{"displayName":"` + strings.Repeat("é", n) + `"}`}
		}, 400, "invalidValue"},
	{"LabelRunes of PATCH", func(l *scim.Limits, n int) { l.LabelRunes = n }, 512, 5,
		func(n int) assignment {
			return assignment{"PATCH", "/Groups/" + groupID, patchBody(`{"op":"replace","path":"displayName","value":"` + strings.Repeat("é", n) + `"}`)}
		}, 400, "invalidValue"},
	{"FilterBytes", func(l *scim.Limits, n int) { l.FilterBytes = n }, 8 << 10, 30,
		func(n int) assignment { return filtered(padded("userName pr", n)) }, 400, "invalidFilter"},
	{"FilterDepth", func(l *scim.Limits, n int) { l.FilterDepth = n }, 32, 3,
		func(n int) assignment {
			return filtered(strings.Repeat("(", n) + "userName pr" + strings.Repeat(")", n))
		}, 400, "invalidFilter"},
	{"FilterDepth of not", func(l *scim.Limits, n int) { l.FilterDepth = n }, 32, 3,
		func(n int) assignment {
			return filtered(strings.Repeat("not (", n) + "userName pr" + strings.Repeat(")", n))
		}, 400, "invalidFilter"},
	{"FilterTerms", func(l *scim.Limits, n int) { l.FilterTerms = n }, 500, 3,
		func(n int) assignment {
			return filtered(strings.Repeat("title pr or ", n-1) + "userName pr")
		}, 400, "invalidFilter"},
	{"FilterLiteral", func(l *scim.Limits, n int) { l.FilterLiteral = n }, 1 << 10, 5,
		func(n int) assignment { return filtered(`userName eq "` + strings.Repeat("x", n) + `"`) }, 400, "invalidFilter"},
	{"PatchOperations", func(l *scim.Limits, n int) { l.PatchOperations = n }, 1000, 3,
		func(n int) assignment {
			return assignment{"PATCH", "/Users/" + aliceID, patchBody(list(`{"op":"replace","path":"title","value":"%d"}`, n))}
		}, 400, "invalidValue"},
	{"PathBytes", func(l *scim.Limits, n int) { l.PathBytes = n }, 1 << 10, 40,
		func(n int) assignment {
			return assignment{"PATCH", "/Users/" + aliceID, patchBody(`{"op":"replace","path":"emails[` + padded(`type eq \"work\"`, n-len("emails[].value")+2) + `].value","value":"x"}`)}
		}, 400, "invalidPath"},
	{"PathDepth, where the brackets are the first level", func(l *scim.Limits, n int) { l.PathDepth = n }, 8, 2,
		func(n int) assignment {
			return assignment{"PATCH", "/Users/" + aliceID, patchBody(`{"op":"remove","path":"emails[` + strings.Repeat("(", n-1) + `type eq \"x\"` + strings.Repeat(")", n-1) + `]"}`)}
		}, 400, "invalidFilter"},
	{"PathTerms", func(l *scim.Limits, n int) { l.PathTerms = n }, 16, 3,
		func(n int) assignment {
			return assignment{"PATCH", "/Users/" + aliceID, patchBody(`{"op":"remove","path":"emails[` + strings.Repeat("type pr and ", n-1) + `value eq \"x\"]"}`)}
		}, 400, "invalidFilter"},
	{"Attributes", func(l *scim.Limits, n int) { l.Attributes = n }, 100, 3,
		func(n int) assignment {
			return assignment{"GET", "/Users/" + aliceID + "?attributes=title" + strings.Repeat(",title", n-1), ""}
		}, 400, "invalidValue"},
	{"Attributes left out", func(l *scim.Limits, n int) { l.Attributes = n }, 100, 3,
		func(n int) assignment {
			return assignment{"GET", "/Users?excludedAttributes=title" + strings.Repeat(",title", n-1), ""}
		}, 400, "invalidValue"},
}

// roomy takes away the limits that would stand before another one.
func roomy() scim.Limits {
	return scim.Limits{TargetBytes: -1, BodyBytes: -1, PatchBytes: -1, ListBodyBytes: -1}
}

// TestLimits: at the limit a request is taken; one over it is refused, with
// the status and scimType of the security plan and a detail that names the
// limit, and changes nothing. That holds for the default and for a value of
// the host's; a negative value is no limit.
func TestLimits(t *testing.T) {
	for _, c := range limitCases {
		t.Run(c.name, func(t *testing.T) {
			for _, n := range []int{c.standard, c.small} {
				limits := roomy()
				if c.set(&limits, n); n == c.standard {
					c.set(&limits, 0)
				}
				ten := newTenancy(t)
				s := ten.server(t, scim.Config{Limits: limits})
				rq := c.make(n + 1)
				before := ten.rows()
				a := ask(s, rq.method, rq.path, rq.body)
				wantError(t, a, c.status, c.scimType, fmt.Sprintf("limit of %d", n))
				if changed := changedRows(before, ten.rows()); changed != nil {
					t.Errorf("over the limit of %d, and yet changed %q", n, changed)
				}
				rq = c.make(n)
				if a := ask(s, rq.method, rq.path, rq.body); a.status >= 400 {
					t.Errorf("at the limit of %d: %d %.300s", n, a.status, a.body)
				}
			}
			limits := roomy()
			c.set(&limits, -1)
			ten := newTenancy(t)
			rq := c.make(c.standard + 1)
			if a := ask(ten.server(t, scim.Config{Limits: limits}), rq.method, rq.path, rq.body); a.status >= 400 {
				t.Errorf("%d without a limit: %d %.300s", c.standard+1, a.status, a.body)
			}
		})
	}
}

// TestLimitIDBytes: an id in a URL that is longer than any that there can be
// is not looked up.
func TestLimitIDBytes(t *testing.T) {
	for _, tt := range []struct{ limit, length, status, lookups int }{
		{0, 128, 200, 1}, {0, 129, 404, 0}, {10, 10, 200, 1}, {10, 11, 404, 0}, {-1, 5000, 200, 1},
	} {
		typ, lookups := schema.UserType(), 0
		good := newMapHandler(typ)
		id := strings.Repeat("i", tt.length)
		seed(t, good, typ, fmt.Sprintf(`{"id":%q,"userName":"alice"}`, id))
		s, err := scim.NewServer(scim.Config{
			Authenticator: scim.StaticToken("token-acme"), Limits: scim.Limits{IDBytes: tt.limit},
			Endpoints: []scim.Endpoint{{Type: typ, Handler: rogue{ResourceHandler: good, get: func(ctx context.Context, id string) (*scim.Resource, error) {
				lookups++
				return good.Get(ctx, id, scim.GetOptions{})
			}}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if a := ask(s, "GET", "/Users/"+id, ""); a.status != tt.status || lookups != tt.lookups {
			t.Errorf("limit %d, %d bytes: %d after %d look-ups, want %d after %d", tt.limit, tt.length, a.status, lookups, tt.status, tt.lookups)
		}
	}
}

// TestLimitTenant: a tenant in a URL that cannot be one reaches no
// Authenticator, which may look it up anywhere. Somebody is asked all the same.
func TestLimitTenant(t *testing.T) {
	ten := newTenancy(t)
	var asked []string
	auth := scim.AuthenticatorFunc(func(r *http.Request, tenant string) (scim.Principal, error) {
		asked = append(asked, tenant)
		return ten.Authenticate(r, tenant)
	})
	s := ten.server(t, scim.Config{BaseURL: "https://scim.example/{tenant}", Authenticator: auth})
	inside := ten.server(t, scim.Config{Authenticator: auth})
	mux := http.NewServeMux()
	mux.HandleFunc("/t/{tenant}/", func(w http.ResponseWriter, r *http.Request) {
		r.URL.Path, r.URL.RawPath = "/Users", "" // as if it had been stripped
		inside.ServeHTTP(w, r)
	})
	for _, tt := range []struct {
		h      http.Handler
		target string
		asked  string
		status int
	}{
		{s, "/acme/Users", "acme", 200},
		{mux, "/t/acme/Users", "acme", 200},
		{s, "/" + strings.Repeat("a", 63) + "/Users", strings.Repeat("a", 63), 401},
		{s, "/" + strings.Repeat("a", 64) + "/Users", "", 404},
		{mux, "/t/" + strings.Repeat("a", 64) + "/Users", "", 404},
		{s, "/a%2Fb/Users", "", 404},
		{mux, "/t/a%2Fb/Users", "", 404},
		{mux, "/t/..%2Fb/Users", "", 404},
		{mux, "/t/%00/Users", "", 404},
		{mux, "/t/%250a/Users", "", 404},
		{mux, "/t/a%5Cb/Users", "", 404},
		{mux, "/t/a%0d%0ab/Users", "", 404},
	} {
		asked = nil
		a := ask(tt.h, "GET", tt.target, "")
		if f := a.fault("GET"); a.status != tt.status || f != "" || len(asked) != 1 || asked[0] != tt.asked {
			t.Errorf("%.60s: %d %s, asked for %.200q", tt.target, a.status, f, asked)
		}
		if a := ask(tt.h, "GET", tt.target, "", "Authorization", ""); a.status != 401 {
			t.Errorf("%.60s without credentials: %d", tt.target, a.status)
		}
	}
}

// TestLimitPaging: count and startIndex over their limits count as the limit
// (RFC 7644 section 3.4.2.4); what is no integer is refused.
func TestLimitPaging(t *testing.T) {
	for _, tt := range []struct {
		limits       scim.Limits
		query        string
		start, count int
	}{
		{scim.Limits{}, "", 1, 100},
		{scim.Limits{}, "?count=1000", 1, 1000},
		{scim.Limits{}, "?count=1001", 1, 1000},
		{scim.Limits{}, "?count=99999999999999999999999999", 1, 1000},
		{scim.Limits{}, "?count=-1", 1, 0},
		{scim.Limits{}, "?count=-99999999999999999999999999", 1, 0},
		{scim.Limits{}, "?count=0", 1, 0},
		{scim.Limits{}, "?startIndex=0", 1, 100},
		{scim.Limits{}, "?startIndex=-5", 1, 100},
		{scim.Limits{}, "?startIndex=1000000000", 1_000_000_000, 100},
		{scim.Limits{}, "?startIndex=1000000001", 1_000_000_000, 100},
		{scim.Limits{}, "?startIndex=99999999999999999999999999", 1_000_000_000, 100},
		{scim.Limits{MaxResults: 7}, "?count=8", 1, 7},
		{scim.Limits{MaxResults: 7}, "", 1, 7},
		{scim.Limits{DefaultResults: 3}, "", 1, 3},
		{scim.Limits{DefaultResults: 3}, "?count=4", 1, 4},
		{scim.Limits{MaxStartIndex: 9}, "?startIndex=10", 9, 100},
		{scim.Limits{MaxResults: -1}, "?count=123456", 1, 123456},
		{scim.Limits{MaxStartIndex: -1}, "?startIndex=1000000001", 1_000_000_001, 100},
	} {
		var got scim.Query
		s, err := scim.NewServer(scim.Config{
			Authenticator: scim.StaticToken("token-acme"), Limits: tt.limits,
			Endpoints: []scim.Endpoint{{Type: schema.UserType(), Handler: rogue{list: func(_ context.Context, q scim.Query) (scim.Page, error) {
				got = q
				return scim.Page{}, nil
			}}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if a := ask(s, "GET", "/Users"+tt.query, ""); a.status != 200 || got.StartIndex != tt.start || got.Count != tt.count {
			t.Errorf("%+v %s: %d, start %d, count %d", tt.limits, tt.query, a.status, got.StartIndex, got.Count)
		}
		for _, bad := range []string{"count=x", "count=1.5", "count=1e3", "count=0x10", "count=%201", "startIndex=one", "startIndex=1;2", "count=1&count=2", "count=٣"} {
			wantError(t, ask(s, "GET", "/Users?"+bad, ""), 400, "invalidValue")
		}
	}
}
