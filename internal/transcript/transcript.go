// Package transcript plays wire transcripts: files that show requests and the
// answers a handler must give, to be read by people who know SCIM and not Go.
//
// A transcript is a txtar archive. Its comment says what is shown and names
// the section of the RFC; first lines of the form "# key: value" configure the
// handler. Then come pairs of files:
//
//	# config: strict
//	RFC 7644 section 3.3: a resource is created by POST.
//	-- request --
//	POST /Users
//
//	{"userName": "bjensen"}
//	-- response --
//	201 Created
//	Content-Type: application/scim+json
//	Location: http://scim.example/Users/{id1}
//
//	{
//	  "id": "{id1}",
//	  …
//	}
//
// What changes from run to run has a name, given in order of appearance:
// {id1} for UUIDs, {time1} for meta.created and meta.lastModified, {version1}
// for the opaque part of an entity tag. Later requests may use these names.
// A UUID that a request spells out keeps its spelling.
//
// Requests are sent with Host scim.example, with "Authorization: Bearer" and
// [Token], and, where they have a body, as application/scim+json, unless they
// have such a header themselves; a header without a value is not sent.
//
// go test -update rewrites the answers.
package transcript

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scimkit/scimkit/internal/rawhttp"
)

// Token is the bearer token that requests carry.
const Token = "transcript-token"

const host = "scim.example"

var update = flag.Bool("update", false, "rewrite the answers in transcripts")

// A Script is one transcript.
type Script struct {
	Name   string            // path of its file
	Config map[string]string // the "# key: value" lines at its start
	Steps  []Step

	comment string
}

// A Step is one request and the answer that the transcript shows.
type Step struct{ Request, Response string }

// A Lack says that a handler gives other answers to a transcript, and why: these
// must differ, and the others must not.
type Lack struct {
	Script  string // name of the file: "3.6-delete"
	Answers []int  // that differ; the first answer is 1
	Rule    string // of the handler, which says why
}

// Run plays every transcript that glob matches, each as a subtest against a
// handler that open gives for it.
func Run(t *testing.T, glob string, open func(t *testing.T, s Script) http.Handler, lacks ...Lack) {
	t.Helper()
	files, err := filepath.Glob(glob)
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcript at %s (%v)", glob, err)
	}
	differ := make(map[string][]int)
	for _, l := range lacks {
		differ[l.Script] = l.Answers
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.ToSlash(file), filepath.Ext(file))
		but := differ[path.Base(name)]
		delete(differ, path.Base(name))
		t.Run(strings.TrimPrefix(name, "testdata/"), func(t *testing.T) {
			if err := runFile(t, file, open, but...); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		})
	}
	for name := range differ {
		t.Errorf("%s is on the list of lacks, and there is no such transcript", name)
	}
}

// runFile plays a file. All answers must be those that it shows, but some, which
// must not.
func runFile(t *testing.T, file string, open func(*testing.T, Script) http.Handler, but ...int) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	s, err := parse(file, string(data))
	if err != nil {
		return err
	}
	played, err := s.play(t.Context(), open(t, s))
	// What follows may need an answer that is another.
	lacking := func(n int) bool { return n <= len(played.Steps) }
	if err != nil && !slices.ContainsFunc(but, lacking) {
		return err
	}
	if *update && len(but) == 0 {
		return os.WriteFile(file, []byte(played.format()), 0o644)
	}
	return s.compare(played, but...)
}

// play sends the requests in order and gives the script with the answers that
// came back, up to a request that could not be sent.
func (s Script) play(ctx context.Context, h http.Handler) (Script, error) {
	srv := httptest.NewServer(h)
	defer srv.Close()
	names := newNames(s)
	played := s
	played.Steps = nil
	for i, step := range s.Steps {
		req, err := parseRequest(step.Request, names)
		if err != nil {
			return played, fmt.Errorf("request %d: %w", i+1, err)
		}
		resp, err := req.Do(ctx, srv.URL)
		if err != nil {
			return played, fmt.Errorf("request %d: %w", i+1, err)
		}
		played.Steps = append(played.Steps, Step{step.Request, names.hide(render(resp))})
		// Times have milliseconds: what a later request changes gets another.
		time.Sleep(2 * time.Millisecond)
	}
	return played, nil
}

// compare tells which of the answers that came back differ, but for some, which
// must.
func (s Script) compare(played Script, but ...int) error {
	var errs []error
	for i, got := range played.Steps {
		want := s.Steps[i]
		line, _, _ := strings.Cut(want.Request, "\n")
		switch differs := got.Response != want.Response; {
		case slices.Contains(but, i+1) && !differs:
			errs = append(errs, fmt.Errorf("answer %d, to %s, is on the list of those that differ, and does not", i+1, line))
		case differs && !slices.Contains(but, i+1):
			errs = append(errs, fmt.Errorf("answer %d, to %s (-want +got):\n%s", i+1, line, diff(want.Response, got.Response)))
		}
	}
	return errors.Join(errs...)
}

// parseRequest reads "METHOD target", header lines, an empty line, a body.
func parseRequest(text string, names *names) (rawhttp.Request, error) {
	text, err := names.show(text)
	if err != nil {
		return rawhttp.Request{}, err
	}
	head, body, _ := strings.Cut(text, "\n\n")
	lines := strings.Split(strings.TrimRight(head, "\n"), "\n")
	req := rawhttp.Request{}
	var ok bool
	if req.Method, req.Target, ok = strings.Cut(lines[0], " "); !ok {
		return req, fmt.Errorf("%q is not a method and a target", lines[0])
	}
	header := []rawhttp.Field{{Name: "Host", Value: host}, {Name: "Authorization", Value: "Bearer " + Token}}
	if body = strings.TrimRight(body, "\n"); body != "" {
		req.Body = []byte(body)
		header = append(header, rawhttp.Field{Name: "Content-Type", Value: "application/scim+json"})
	}
	for _, line := range lines[1:] {
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return req, fmt.Errorf("%q is not a header", line)
		}
		header = setField(header, rawhttp.Field{Name: name, Value: strings.TrimSpace(value)})
	}
	for _, f := range header {
		if f.Value != "" {
			req.Header = append(req.Header, f)
		}
	}
	return req, nil
}

// setField replaces a default of the same name or adds a header.
func setField(header []rawhttp.Field, f rawhttp.Field) []rawhttp.Field {
	for i, h := range header {
		if strings.EqualFold(h.Name, f.Name) {
			header[i] = f
			return header
		}
	}
	return append(header, f)
}
