package filter_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	peer "github.com/scim2/filter-parser/v2"

	"github.com/scimkit/scimkit/filter"
)

// FuzzAgainstPeer compares this parser with github.com/scim2/filter-parser,
// another implementation of the grammar, where that is right.
func FuzzAgainstPeer(f *testing.F) {
	for _, text := range []string{
		`userName eq "bjensen"`, `a pr and b ne 1 or not (c gt true)`, `(a co "x" or b sw null) and c ew false`,
		`emails[type eq "work" and value co "@x"] or ims[type eq "x"]`, `urn:ietf:params:scim:schemas:core:2.0:User:name.givenName le 1.5`,
		`NOT (A PR AND (b GE -1e2))`, `a lt 12 or (b pr or c pr) or d pr`, `a[b pr]`, `a.b[c pr]`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !peerIsRight(text) {
			return
		}
		ours, err := filter.Parse(text)
		theirs, peerErr := peer.ParseFilterNumber([]byte(text))
		switch {
		case err != nil && strings.Contains(text, "["):
			// Between brackets, the peer does not ask for blanks.
			return
		case err != nil && literal.MatchString(text):
			// The peer takes True and NULL.
			return
		case err != nil && peerErr == nil:
			t.Fatalf("%q: %v; the peer takes it as %v", text, err, theirs)
		case err == nil && peerErr != nil:
			t.Fatalf("%q: taken as %s; the peer says %v", text, ours, peerErr)
		case err != nil:
			return
		}
		if diff := cmp.Diff(peerAST(theirs), printedAST(ours)); diff != "" {
			t.Fatalf("%q: %s", text, diff)
		}
	})
}

var literal = regexp.MustCompile(`(?i)true|false|null`)

// peerIsRight leaves out the texts of which the peer is known to make something
// else than RFC 7644 does.
func peerIsRight(text string) bool {
	switch {
	case !utf8.ValidString(text) || len(text) > 200 || strings.ContainsAny(text, "\\$\x00"):
		// Escapes stay as they are; $ is not part of names; NUL ends the text.
		return false
	case strings.Trim(text, " ") != text || strings.Contains(text, " [") || strings.Contains(text, "[ ") || strings.Contains(text, " ]"):
		return false
	case strings.Contains(strings.ReplaceAll(" "+text, " urn:ietf:params:scim:schemas:core:2.0:User:", " "), ":"):
		// The peer's idea of a URI is another one.
		return false
	}
	// Between brackets, the peer takes at most two comparisons and no parentheses.
	_, inside, brackets := strings.Cut(text, "[")
	inside, _, _ = strings.Cut(inside, "]")
	return !brackets || !strings.Contains(inside, "(") && strings.Count(inside, " ") <= 7
}

// printedAST is astOf with numbers as they were written.
func printedAST(e filter.Expr) any {
	switch e := e.(type) {
	case *filter.And:
		return printedASTs("and", e.Terms)
	case *filter.Or:
		return printedASTs("or", e.Terms)
	case *filter.Not:
		return []any{"not", printedAST(e.X)}
	case *filter.ValuePath:
		return []any{"[]", e.Attr.String(), printedAST(e.Filter)}
	case *filter.Compare:
		value := e.Value.Text
		switch {
		case e.Op == filter.Pr:
			value = ""
		case e.Value.Kind == filter.Number:
			value = strings.ToLower(value)
		}
		return []any{e.Op.String(), e.Attr.String(), value}
	}
	return nil
}

func printedASTs(op string, terms []filter.Expr) any {
	out := []any{op}
	for _, t := range terms {
		out = append(out, printedAST(t))
	}
	return out
}

func peerAST(e peer.Expression) any {
	switch e := e.(type) {
	case *peer.LogicalExpression:
		out := []any{string(e.Operator)}
		for _, side := range []peer.Expression{e.Left, e.Right} {
			ast := peerAST(side).([]any)
			if ast[0] == out[0] {
				out = append(out, ast[1:]...)
			} else {
				out = append(out, ast)
			}
		}
		return out
	case *peer.NotExpression:
		return []any{"not", peerAST(e.Expression)}
	case *peer.ValuePath:
		return []any{"[]", e.AttributePath.String(), peerAST(e.ValueFilter)}
	case *peer.AttributeExpression:
		value := ""
		switch v := e.CompareValue.(type) {
		case string:
			value = v
		case bool:
			value = map[bool]string{true: "true", false: "false"}[v]
		case nil:
			if e.Operator != peer.PR {
				value = "null"
			}
		case interface{ String() string }:
			value = v.String() // the peer writes e for E
		}
		return []any{strings.ToLower(string(e.Operator)), e.AttributePath.String(), value}
	}
	return nil
}
