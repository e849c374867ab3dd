package document_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	. "github.com/scimkit/scimkit/internal/document"
)

// TestScanTricky compares with another decoder, test S11: what that one
// refuses is refused, and what it accepts is accepted with the same content,
// but for our own rules.
func TestScanTricky(t *testing.T) {
	docs := trickyDocuments()
	if len(docs) < 500 {
		t.Fatalf("%d documents, want 500", len(docs))
	}
	for _, d := range docs {
		if valid := jsontext.Value(d.text).IsValid(); valid != (d.want != refused) {
			t.Errorf("%s: the other decoder says %v, of %.100q", d.name, valid, d.text)
		}
		agree(t, d.name, []byte(d.text))
		if _, err := Scan([]byte(d.text), Limits{}); (err == nil) != (d.want == fine) {
			t.Errorf("%s: %v, of %.100q", d.name, err, d.text)
		}
	}
}

// TestParseTricky has the same documents as attributes of a user, unknown and
// known.
func TestParseTricky(t *testing.T) {
	for _, d := range trickyDocuments() {
		for _, o := range []*Options{{}, {Unknown: KeepUnknown}, {Trusted: true, Unknown: KeepUnknown}} {
			body := `{"userName":"mira","x":` + d.text + `}`
			if strings.HasPrefix(d.text, "{") {
				body = d.text
			}
			err := NewTree(userType).Parse([]byte(body), o)
			if d.want != fine && !strings.Contains(d.name, "deep") && err == nil {
				t.Errorf("%s: accepted %.100q", d.name, body)
			}
			if d.want == fine && err != nil && !strings.Contains(d.name, "deep") {
				t.Errorf("%s: %v, of %.100q", d.name, err, body)
			}
		}
		body := `{"groups":` + d.text + `,"userName":"mira"}` // readOnly
		if err := NewTree(userType).Parse([]byte(body), &Options{}); d.want != fine && err == nil {
			t.Errorf("%s: accepted %.100q", d.name, body)
		}
	}
}

// agree checks Scan against the other decoder.
func agree(t *testing.T, name string, body []byte) {
	t.Helper()
	v, err := Scan(body, Limits{})
	valid := jsontext.Value(body).IsValid()
	switch {
	case err == nil && !valid:
		t.Errorf("%s: accepted what the other decoder refuses: %.200q", name, body)
	case err == nil:
		if why := extra(body); why != "" {
			t.Errorf("%s: accepted in spite of %s: %.200q", name, why, body)
		}
		if diff := cmp.Diff(tokens(body), ownTokens(nil, v)); diff != "" {
			t.Errorf("%s: other, own of %.200q:\n%s", name, body, diff)
		}
	default:
		wellFormed(t, err)
		if valid && extra(body) == "" {
			t.Errorf("%s: %v, which the other decoder accepts: %.200q", name, err, body)
		}
	}
}

// wellFormed checks an error for what a client will see.
func wellFormed(t *testing.T, err error) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || e == nil {
		t.Fatalf("error of type %T: %v", err, err)
	}
	if e.Type == "" || e.Detail == "" || len(e.Error()) > 2000 || !isText(e.Error()) {
		t.Errorf("error %#v", e)
	}
}

func isText(s string) bool {
	return strings.ToValidUTF8(s, "") == s && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' })
}

// extra names the rule of our own that body breaks, which the other decoder
// can read.
func extra(body []byte) string {
	d := jsontext.NewDecoder(bytes.NewReader(body))
	names := [][]string{{}}
	for {
		tok, err := d.ReadToken()
		if err != nil {
			return ""
		}
		switch tok.Kind() {
		case '{', '[':
			names = append(names, nil)
			if d.StackDepth() > 1000 {
				return "depth"
			}
		case '}', ']':
			names = names[:len(names)-1]
		case '"':
			s := tok.String()
			if strings.ContainsRune(s, 0) {
				return "U+0000"
			}
			if kind, n := d.StackIndex(d.StackDepth()); kind != '{' || n%2 == 0 {
				continue
			}
			top := len(names) - 1
			for _, old := range names[top] {
				if strings.EqualFold(old, s) {
					return "names that differ in case only"
				}
			}
			names[top] = append(names[top], s)
		}
	}
}

// tokens reads body with the other decoder.
func tokens(body []byte) (list []string) {
	d := jsontext.NewDecoder(bytes.NewReader(body))
	for {
		tok, err := d.ReadToken()
		if err != nil {
			return list
		}
		list = append(list, string(tok.Kind())+tok.String())
	}
}

// ownTokens walks v with Iter and Members.
func ownTokens(list []string, v Value) []string {
	switch v.Kind() {
	case Object:
		list = append(list, "{{")
		for it := v.Members(); ; {
			key, m, ok := it.Next()
			if !ok {
				return append(list, "}}")
			}
			list = ownTokens(append(list, `"`+key.String()), m)
		}
	case Array:
		list = append(list, "[[")
		for it := v.Iter(); ; {
			e, ok := it.Next()
			if !ok {
				return append(list, "]]")
			}
			list = ownTokens(list, e)
		}
	case String:
		return append(list, `"`+v.String())
	case Number:
		return append(list, "0"+v.String())
	}
	return append(list, v.String()[:1]+v.String())
}

func FuzzScan(f *testing.F) {
	for _, d := range trickyDocuments() {
		if len(d.text) < 300 {
			f.Add([]byte(d.text))
		}
	}
	f.Fuzz(func(t *testing.T, body []byte) { agree(t, "fuzz", body) })
}
