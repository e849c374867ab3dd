package transcript

import (
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// memory is a handler with one resource, whose answers differ in every run.
type memory struct {
	id, version, created, changed string
	tokens                        []string
}

func (m *memory) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.tokens = append(m.tokens, r.Header.Get("Authorization"))
	now := time.Now().UTC().Format(time.RFC3339Nano)
	body, _ := io.ReadAll(r.Body)
	switch r.Method {
	case "POST":
		b := make([]byte, 16)
		rand.Read(b)
		m.id = fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
		m.created, m.changed, m.version = now, now, rand.Text()
	case "PUT":
		m.changed, m.version = now, rand.Text()
	}
	w.Header().Set("Content-Type", "application/scim+json")
	w.Header().Set("ETag", `W/"`+m.version+`"`)
	w.Header().Set("Location", "http://"+r.Host+"/Users/"+m.id)
	w.Header().Set("X-Hidden", "1")
	fmt.Fprintf(w, `{"id":%q,"got":%q,"match":%q,"media":%q,"meta":{"created":%q,"lastModified":%q,"version":%q}}`,
		m.id, body, r.Header.Get("If-Match")+r.URL.Query().Get("at"), r.Header.Get("Content-Type"),
		m.created, m.changed, `W/"`+m.version+`"`)
}

func TestRun(t *testing.T) {
	var config map[string]string
	var m *memory
	Run(t, "testdata/sample.txtar", func(t *testing.T, s Script) http.Handler {
		config = s.Config
		m = &memory{}
		return m
	})
	if config["config"] != "strict" || config["users"] != "3" || len(config) != 2 {
		t.Errorf("config %v", config)
	}
	if got, want := strings.Join(m.tokens, ","), "Bearer "+Token+",,Bearer "+Token; got != want {
		t.Errorf("tokens %q, want %q", got, want)
	}
}

func TestUpdateWritesWhatCompareReads(t *testing.T) {
	data, err := os.ReadFile("testdata/sample.txtar")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "sample.txtar")
	stale := strings.Replace(string(data), "200 OK", "500 Internal Server Error", 1)
	if err := os.WriteFile(file, []byte(stale), 0o600); err != nil {
		t.Fatal(err)
	}
	open := func(t *testing.T, _ Script) http.Handler { return &memory{} }
	if err := runFile(t, file, open); err == nil {
		t.Error("a stale answer passes")
	}
	old := *update
	*update = true
	err = runFile(t, file, open)
	*update = old
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(file); string(got) != string(data) {
		t.Errorf("rewritten:\n%s", diff(string(data), string(got)))
	}
}

func TestCompare(t *testing.T) {
	data, err := os.ReadFile("testdata/sample.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, old, new string }{
		{"status", "200 OK", "201 Created"},
		{"header gone", "ETag: W/\"{version1}\"\n", ""},
		{"header new", "200 OK\n", "200 OK\nAllow: GET\n"},
		{"body", `"got": ""`, `"got": "x"`},
		{"unchanged version", `{version2}`, `{version1}`},
		{"unchanged time", `"lastModified": "{time2}"`, `"lastModified": "{time1}"`},
		{"changed time", `"lastModified": "{time1}"`, `"lastModified": "{time2}"`},
		{"no answer", "200 OK", ""},
	} {
		text := strings.Replace(string(data), tt.old, tt.new, 1)
		if text == string(data) {
			t.Fatalf("%s: %q is not in the sample", tt.name, tt.old)
		}
		s, err := parse("sample", text)
		if err != nil {
			t.Fatal(err)
		}
		played, err := s.play(t.Context(), &memory{})
		if err != nil {
			t.Fatal(err)
		}
		if s.compare(played) == nil {
			t.Errorf("%s: the difference passes", tt.name)
		}
	}
}

func TestCompareSaysWhere(t *testing.T) {
	s := Script{Steps: []Step{{"GET /a\n", "200 OK\n\na\nb\nc\n"}, {"GET /b\n", "x\n"}}}
	played := Script{Steps: []Step{{"GET /a\n", "200 OK\n\na\nB\nc\n"}, {"GET /b\n", "x\n"}}}
	err := s.compare(played)
	want := "answer 1, to GET /a (-want +got):\n  200 OK\n  \n  a\n- b\n+ B\n  c\n"
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

// TestLacks: an answer on the list must differ, and no other one may.
func TestLacks(t *testing.T) {
	script := func(answers ...string) (s Script) {
		for _, a := range answers {
			s.Steps = append(s.Steps, Step{"GET /\n", a})
		}
		return s
	}
	for _, tt := range []struct {
		name   string
		played Script
		but    []int
		ok     bool
	}{
		{"the listed one", script("a", "x", "c"), []int{2}, true},
		{"another one", script("a", "x", "x"), []int{2}, false},
		{"none", script("a", "b", "c"), []int{2}, false},
		{"the rest could not be played", script("a", "x"), []int{2}, true},
	} {
		if err := script("a", "b", "c").compare(tt.played, tt.but...); (err == nil) != tt.ok {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	file := filepath.Join(t.TempDir(), "x.txtar")
	text := "-- request --\nGET /\n-- response --\n200 OK\n-- request --\nGET /Users/{id1}\n-- response --\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	open := func(*testing.T, Script) http.Handler { return http.NotFoundHandler() }
	for _, but := range [][]int{nil, {1}, {2}} {
		if err := runFile(t, file, open, but...); (err == nil) != slices.Equal(but, []int{1}) {
			t.Errorf("without %v: %v", but, err)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for _, text := range []string{
		"prose only\n",
		"-- response --\n200 OK\n",
		"-- request --\nGET /\n-- response --\n200 OK\n-- response --\n200 OK\n",
		"-- requets --\nGET /\n",
	} {
		if _, err := parse("x", text); err == nil {
			t.Errorf("%q: no error", text)
		}
	}
}

func TestPlayErrors(t *testing.T) {
	for _, request := range []string{"GET\n", "GET /\nno header\n", "GET /Users/{id1}\n"} {
		s := Script{Steps: []Step{{Request: request}}}
		if _, err := s.play(t.Context(), http.NotFoundHandler()); err == nil {
			t.Errorf("%q: no error", request)
		}
	}
}

func TestHideLeavesOtherValuesAlone(t *testing.T) {
	n := newNames(Script{Steps: []Step{{Request: `{"born": "2011-05-13T04:42:34Z"}`}}})
	in := `200 OK
ETag: "1"

{
  "value": "1",
  "count": 1,
  "born": "2011-05-13T04:42:34Z",
  "created": "2011-05-13T04:42:34Z",
  "version": "\"1\""
}
`
	want := strings.Replace(in, `ETag: "1"`, `ETag: "{version1}"`, 1)
	want = strings.Replace(want, `\"1\"`, `\"{version1}\"`, 1)
	if got := n.hide(in); got != want {
		t.Error(diff(want, got))
	}
}

func TestRenderText(t *testing.T) {
	s := Script{Steps: []Step{{Request: "GET /nowhere\n"}}}
	played, err := s.play(t.Context(), http.NotFoundHandler())
	want := "404 Not Found\nContent-Type: text/plain; charset=utf-8\n\n404 page not found\n"
	if err != nil || played.Steps[0].Response != want {
		t.Errorf("%q, %v", played.Steps, err)
	}
}
