package counts

import (
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/internal/idpcases"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/token"
)

// literals are the strings and numbers in a statement.
var literals = regexp.MustCompile(`'(?:[^']|'')*'|\b\d+\b`)

// ours are the literals that statements of the store have beside the names of the
// schemas: names of types of references, paths of JSON, and small numbers.
var ours = regexp.MustCompile(`^'(direct|indirect|[$].*|)'$|^[0-9]$`)

// words are the names in the schemas of a node, quoted as in SQL.
func (n *node) words() []string {
	words := []string{"'emails.value'"}
	for _, t := range []*schema.ResourceType{n.users, n.groups} {
		words = append(words, "'"+t.Name+"'")
		for _, a := range t.Model().Attrs {
			words = append(words, "'"+a.Name+"'")
		}
	}
	return words
}

// TestConstantText: of what identity providers send, in all of their cases, nothing
// becomes a part of a statement's text. Placeholders stand for it.
func TestConstantText(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		n := newNode(t, e)
		server := httptest.NewServer(n.handler)
		t.Cleanup(server.Close)
		n.spy.Calls()
		played := 0
		for _, c := range idpcases.Load() {
			if c.Run(t.Context(), server.URL, secret) == nil { // each alone is another test
				played++
			}
		}
		texts := make(map[string]bool)
		for _, call := range n.spy.Calls() {
			texts[call.Text] = true
		}
		if played < 50 || len(texts) < 20 {
			t.Fatalf("only %d cases and %d statements", played, len(texts))
		}
		for text := range texts {
			if bad := n.foreign(text); len(bad) > 0 {
				t.Errorf("%q in\n%s", bad, text)
			}
		}
		// The control: a statement with a value in it.
		if len(n.foreign("SELECT id FROM scim_resources WHERE name_key = 'mira@example.com' LIMIT 17")) != 2 {
			t.Error("the control passes")
		}
	})
}

// foreign are the literals of a statement that are not the store's.
func (n *node) foreign(text string) []string {
	if strings.HasPrefix(text, "PRAGMA ") {
		return nil
	}
	text = regexp.MustCompile(`[?$]\d+`).ReplaceAllString(text, "")
	words := n.words()
	return slices.DeleteFunc(literals.FindAllString(text, -1), func(l string) bool { return ours.MatchString(l) || slices.Contains(words, l) })
}

// TestVerify: a token costs one statement, with one token and with 200, and none
// while it is remembered.
func TestVerify(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		n := newNode(t, e)
		ctx := t.Context()
		for _, many := range []int{1, 200} {
			tokens, err := token.New(n.Store.Tokens(), token.Options{Prefix: "count", MaxTokens: 1000})
			n.must(t, err)
			n.must(t, tokens.SetEnabled(ctx, "", true, "mira"))
			var plain string
			for range many {
				value, _, err := tokens.Generate(ctx, "", token.GenerateOptions{Name: "x", Actor: "mira"})
				n.must(t, err)
				plain = value.Reveal()
			}
			h := n.serve(t, tokens)
			n.spy.Calls()
			req := httptest.NewRequest("GET", "/Users?count=0", nil)
			req.Header.Set("Authorization", "Bearer "+plain)
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, req)
			finds := 0
			for _, call := range n.spy.Calls() {
				if strings.HasPrefix(call.Text, "SELECT") && strings.Contains(call.Text, "scim_tokens") {
					finds++
				}
			}
			n.must(t, tokens.Close(ctx))
			if rec.Code != 200 || finds != 1 {
				t.Errorf("%d tokens: status %d, %d statements: %s", many, rec.Code, finds, rec.Body)
			}
		}
	})
}
