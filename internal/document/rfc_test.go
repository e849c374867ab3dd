package document_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	. "github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
)

// TestExamples reads the examples of RFC 7643 section 8. As a store's or
// host's they come back whole, but for meta.location; as a client's without
// what is readOnly.
func TestExamples(t *testing.T) {
	for _, tt := range []struct {
		file     string
		typ      *model.Type
		readOnly []string
	}{
		{"user-minimal.json", userType, []string{"id", "meta"}},
		{"user-full.json", userType, []string{"id", "meta", "groups"}},
		{"user-enterprise.json", userType, []string{"id", "meta", "groups", enterpriseURN + " manager displayName"}},
		{"group.json", groupType, []string{"id", "meta"}},
	} {
		t.Run(tt.file, func(t *testing.T) {
			body := string(testdata(t, "rfc7643/"+tt.file))
			want := object(t, body)
			drop(want, "meta location")
			same(t, body, tt.typ, Options{Trusted: true, Limits: limits}, want)
			for _, path := range tt.readOnly {
				drop(want, path)
			}
			same(t, body, tt.typ, Options{Limits: limits, Unknown: RejectUnknown}, want)
		})
	}
}

func same(t *testing.T, body string, typ *model.Type, o Options, want map[string]any) {
	t.Helper()
	doc, err := create(typ, body, o)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, object(t, string(doc.Bytes()))); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func object(t *testing.T, text string) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return m
}

// drop deletes what path, names with spaces between them, leads to.
func drop(m map[string]any, path string) {
	if name, rest, ok := strings.Cut(path, " "); ok {
		if sub, ok := m[name].(map[string]any); ok {
			drop(sub, rest)
		}
		return
	}
	delete(m, path)
}
