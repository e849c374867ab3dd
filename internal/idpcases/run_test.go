package idpcases

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// fakeProvider answers one case rightly, but for what its fields say.
type fakeProvider struct {
	setupStatus, status int
	createBody, body    string
	thenBody            string
	requests            []string
}

func (f *fakeProvider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	_, hasAgent := r.Header["User-Agent"]
	f.requests = append(f.requests, fmt.Sprintf("%s %s %q %q %v %s",
		r.Method, r.RequestURI, r.Header["Authorization"], r.Header["Content-Type"], hasAgent, body))
	switch r.Method {
	case "POST":
		w.WriteHeader(f.setupStatus)
		io.WriteString(w, f.createBody)
	case "PATCH":
		w.WriteHeader(f.status)
		io.WriteString(w, f.body)
	default:
		io.WriteString(w, f.thenBody)
	}
}

const oneCase = `[{
	"id": "x-001", "idp": "x", "title": "t", "strictness": "rfc", "quirks": ["Q1"], "note": "", "source": "",
	"setup": [{"method": "POST", "path": "/Users", "headers": {"Authorization": null},
		"rawBody": "not json", "expectStatus": [201], "save": {"u.id": "$.id"}}],
	"request": {"method": "PATCH", "path": "//Users/{{u.id}}?a=b+%22c%22", "headers": {"Content-Type": "x/{{u.id}}"},
		"body": {"id": "{{u.id}}", "other": "{{unknown}}"}},
	"expect": {"status": [200, 204], "assert": [
		{"path": "$.id", "op": "eq", "value": "{{u.id}}"},
		{"path": "$.members[?(@.value=='{{u.id}}')]", "op": "count", "value": 1}]},
	"then": [{"request": {"method": "GET", "path": "/Users", "headers": {}},
		"expect": {"status": [200], "assert": [{"path": "$", "op": "contains", "value": "{{u.id}}"}]}}]
}]`

func rightProvider() *fakeProvider {
	return &fakeProvider{
		setupStatus: 201, createBody: `{"id": "42"}`,
		status: 200, body: `{"id": "42", "members": [{"value": "42"}]}`,
		thenBody: `["41", "42"]`,
	}
}

func runOne(t *testing.T, f *fakeProvider) error {
	t.Helper()
	cases, err := parse([]byte(oneCase))
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(f)
	defer srv.Close()
	return cases[0].Run(t.Context(), srv.URL+"/scim/v2", "secret")
}

func TestRunSendsWhatTheCaseSays(t *testing.T) {
	f := rightProvider()
	if err := runOne(t, f); err != nil {
		t.Fatal(err)
	}
	want := []string{
		`POST /scim/v2/Users [] [] false not json`,
		`PATCH /scim/v2//Users/42?a=b+%22c%22 ["Bearer secret"] ["x/42"] false ` +
			`{"id": "42", "other": "{{unknown}}"}`,
		`GET /scim/v2/Users ["Bearer secret"] [] false `,
	}
	if got := strings.Join(f.requests, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

func TestRunSkipsTheBodyOf204(t *testing.T) {
	f := rightProvider()
	f.status, f.body = 204, ""
	if err := runOne(t, f); err != nil {
		t.Fatal(err)
	}
}

func TestRunFindsWrongAnswers(t *testing.T) {
	for _, tt := range []struct {
		name  string
		spoil func(f *fakeProvider)
		want  []string
	}{
		{"setup status", func(f *fakeProvider) { f.setupStatus = 500 },
			[]string{"setup 1: POST /Users", "status 500, expected one of [201]", `{"id": "42"}`}},
		{"nothing to save", func(f *fakeProvider) { f.createBody = `{}` },
			[]string{"setup 1", "nothing at $.id to save as u.id"}},
		{"status", func(f *fakeProvider) { f.status = 400 },
			[]string{"request: PATCH //Users/42", "status 400, expected one of [200 204]"}},
		{"value", func(f *fakeProvider) { f.body = `{"id": "43", "members": [{"value": "42"}]}` },
			[]string{`expected $.id eq "42"`, "answered 200", `{"id": "43"`}},
		{"path with a saved value", func(f *fakeProvider) { f.body = `{"id": "42", "members": []}` },
			[]string{`expected $.members[?(@.value=='42')] count 1`}},
		{"no JSON", func(f *fakeProvider) { f.body = `<html>` }, []string{`expected $.id eq "42"`}},
		{"state", func(f *fakeProvider) { f.thenBody = `[]` },
			[]string{"then 1: GET /Users", `expected $ contains "42"`}},
	} {
		f := rightProvider()
		tt.spoil(f)
		err := runOne(t, f)
		if err == nil {
			t.Errorf("%s: no error", tt.name)
			continue
		}
		for _, part := range tt.want {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: error lacks %q:\n%v", tt.name, part, err)
			}
		}
	}
}

func TestRunWithoutServer(t *testing.T) {
	srv := httptest.NewServer(http.NotFoundHandler())
	srv.Close()
	if err := Load()[0].Run(t.Context(), srv.URL, "secret"); err == nil {
		t.Fatal("no error although nobody listens")
	}
}

func TestLoad(t *testing.T) {
	if n := len(Load()); n != 153 {
		t.Errorf("%d cases, want 153", n)
	}
}

func TestParseRefusesBrokenCases(t *testing.T) {
	for _, tt := range []struct{ old, new string }{
		{`"op": "eq"`, `"op": "equals"`},
		{`"op": "eq", "value": "{{u.id}}"`, `"op": "matches", "value": "("`},
		{`"op": "eq", "value": "{{u.id}}"`, `"op": "eqPath", "value": "id"`},
		{`"path": "$.id", "op"`, `"path": "id", "op"`},
		{`"path": "$.id", "op"`, `"header": "ETag", "path": "$.id", "op"`},
		{`"save": {"u.id": "$.id"}`, `"save": {"u.id": "id"}`},
		{`"status": [200]`, `"status": []`},
		{`"strictness": "rfc"`, `"strictness": "strict"`},
		{`"quirks"`, `"quirk"`},
		{`}]` + "\n}]", `}]},` + oneCase[1:]},
	} {
		broken := strings.Replace(oneCase, tt.old, tt.new, 1)
		if broken == oneCase {
			t.Fatalf("%q is not in the case", tt.old)
		}
		if _, err := parse([]byte(broken)); err == nil {
			t.Errorf("%s: no error", tt.new)
		}
	}
}

// A case that passes against a server which does nothing would prove nothing.
func TestNoCasePassesAgainstAnIdleServer(t *testing.T) {
	for name, idle := range map[string]http.HandlerFunc{
		"500": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) },
		"200": func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "{}") },
		"204": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) },
	} {
		srv := httptest.NewServer(idle)
		for _, c := range Load() {
			if c.Run(t.Context(), srv.URL, "secret") == nil {
				t.Errorf("%s passes against a server that answers %s to everything", c.ID, name)
			}
		}
		srv.Close()
	}
}
