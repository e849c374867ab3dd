package document_test

import (
	"testing"

	. "github.com/scimkit/scimkit/internal/document"
)

func TestVersion(t *testing.T) {
	for _, tt := range []struct {
		name, meta string
		want       string
		ok         bool
	}{
		{"as it is written", `{"resourceType":"User","created":"2011-05-13T04:42:34Z","version":"W/\"3694e05e\""}`, "3694e05e", true},
		{"alone", `{"version":"W/\"1\""}`, "1", true},
		{"strong", `{"resourceType":"User","version":"\"abc\""}`, "abc", true},
		{"bare", `{"resourceType":"User","version":"abc"}`, "abc", true},
		{"empty", `{"resourceType":"User","version":"W/\"\""}`, "", true},
		{"with a backslash", `{"resourceType":"User","version":"W/\"a\\\\b\""}`, `a\\b`, true},
		{"with a quote", `{"resourceType":"User","version":"W/\"a\"b\""}`, `a"b`, true},
		{"none", `{"resourceType":"User"}`, "", false},
		{"none, but a text like one", `{"resourceType":",\"version\":\"W/\\\"x\\\""}`, "", false},
		{"unknown members behind it", `{"version":"W/\"1\"","x":"\"version\":\"W/\\\"2\\\""}`, "1", true},
	} {
		tree := NewTree(userType)
		if err := tree.Parse([]byte(`{"userName":"a","meta":`+tt.meta+`,"zzz":{"version":"W/\"no\""}}`), &Options{Trusted: true, Unknown: KeepUnknown}); err != nil {
			t.Fatal(err)
		}
		d := tree.Doc()
		if got, ok := d.Version(); string(got) != tt.want || ok != tt.ok || d.Meta().Version != tt.want {
			t.Errorf("%s: %q, %v; in Meta %q; of %s", tt.name, got, ok, d.Meta().Version, d.Bytes())
		}
		m := d.Meta()
		if again := d.WithMeta(m); again.Meta() != m {
			t.Errorf("%s: %+v became %+v", tt.name, m, again.Meta())
		}
	}
}
