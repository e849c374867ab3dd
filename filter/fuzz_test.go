package filter_test

import (
	"strings"
	"testing"
	"time"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/schema"
)

var seeds = []string{
	`userName eq "bjensen"`, `not (a pr or b ne null) and c[d co "\u00fc\ud83d\ude00" or not(e lt -1.5e+3)]`,
	`emails[type eq "work"].value eq "x"`, `userName eq mira`, `displayName eq Team Amber`, `urn:ietf:params:scim:schemas:core:2.0:User:name.givenName sw "J"`,
	`members[value eq "2819c223"].display`, `urn:x:y:1.0`, `manager eq "26"`, `active eq "True"`, `meta.lastModified gt "2011-05-13T04:42:34.123+02:00"`,
	`((((a pr))))`, `a eq "`, `a eq 'x'`, `a[b[c pr]]`, `emails[0].value`, `not not (a pr)`, ` a  pr `, `urn:x:User.a.b pr`, `A:0:.A.A pr`,
}

// FuzzParse: what is printed parses to the same expression, with and without
// the quirks; no text costs much.
func FuzzParse(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	wide := filter.Parser{Limits: filter.Limits{Bytes: 1 << 20, Depth: 100, Literal: 1 << 20}}
	f.Fuzz(func(t *testing.T, text string) {
		for _, p := range []filter.Parser{{}, {Log: everything()}} {
			start := time.Now()
			e, err := p.Parse(text)
			if cost := time.Since(start); cost > 100*time.Millisecond {
				t.Errorf("%q took %v", text, cost)
			}
			if err != nil {
				checkError(t, text, err)
				continue
			}
			printed := e.String()
			again, err := wide.Parse(printed)
			if err != nil {
				t.Fatalf("%q is printed as %q: %v", text, printed, err)
			}
			if again.String() != printed {
				t.Fatalf("%q is printed as %q and then as %q", text, printed, again)
			}
		}
	})
}

func FuzzParsePath(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	wide := filter.Parser{Limits: filter.Limits{Bytes: 1 << 20, Depth: 100, Literal: 1 << 20}}
	f.Fuzz(func(t *testing.T, text string) {
		for _, p := range []filter.Parser{{}, {Log: everything()}} {
			path, err := p.ParsePath(text)
			if err != nil {
				checkError(t, text, err)
				continue
			}
			again, err := wide.ParsePath(path.String())
			if err != nil || again.String() != path.String() {
				t.Fatalf("%q is printed as %q and then as %q, %v", text, path, again, err)
			}
		}
	})
}

func checkError(t *testing.T, text string, err error) {
	t.Helper()
	syntax, ok := err.(*filter.SyntaxError)
	if !ok || syntax.Offset < 0 || syntax.Offset > len(text) || syntax.Msg == "" || len(syntax.Msg) > 400 || strings.ToValidUTF8(syntax.Msg, "") != syntax.Msg {
		t.Fatalf("%q: error %#v", text, err)
	}
}

// FuzzMatch: no filter ends on any document, not even on one that no reader
// would let in; binding twice changes nothing.
func FuzzMatch(f *testing.F) {
	bodies := []string{benchUser, `{}`, `{"emails":[{"value":"x"},{}],"name":{}}`, `{"userName":"\u00dc\"","active":true}`, `[`, `{"emails":[[1,{"type":`}
	for i, s := range append(seeds, matchBenchmarks...) {
		f.Add(s, bodies[i%len(bodies)])
	}
	m := schema.UserType().Model()
	emails := m.SubString(model.Root, "emails")
	f.Fuzz(func(t *testing.T, text, body string) {
		log := everything()
		p := filter.Parser{Log: log}
		e, err := p.Parse(text)
		if err != nil {
			return
		}
		if inner, err := filter.BindIn(e, m, emails, log); err == nil && terminated(body) {
			inner.MatchValue(document.Trusted([]byte(body)))
		}
		bound, err := filter.BindIn(e, m, model.Root, log)
		if err != nil {
			return
		}
		again, err := filter.BindIn(bound.Expr(), m, model.Root, nil)
		if err != nil || again.String() != bound.String() {
			t.Fatalf("%q is bound as %s and that as %v, %v", text, bound, again, err)
		}
		tree := document.NewTree(m)
		if tree.Parse([]byte(body), &document.Options{Trusted: true}) != nil {
			return
		}
		r := resource{tree.Doc()}
		if bound.Match(r) != again.Match(r) {
			t.Fatalf("%q does not mean the same as %s on %s", text, again, r.doc.Bytes())
		}
	})
}

// terminated tells whether document.Value promises to look at body without
// running over its end: it is valid JSON, of whatever shape.
func terminated(body string) bool {
	_, err := document.Scan([]byte(body), document.Limits{Depth: 50})
	return err == nil
}
