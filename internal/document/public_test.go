package document_test

import (
	"testing"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/schema"
)

// TestPublic: writeOnly values go, at any depth, and what they leave empty.
func TestPublic(t *testing.T) {
	secret := schema.Attribute{Name: "secret", Mutability: schema.WriteOnly}
	rt := &schema.ResourceType{Name: "Box", Endpoint: "/Boxes", Schema: &schema.Schema{
		ID: "urn:example:box", Name: "Box", Attributes: []schema.Attribute{
			{Name: "name"}, secret,
			{Name: "lock", Type: schema.Complex, SubAttributes: []schema.Attribute{{Name: "kind"}, secret}},
			{Name: "keys", Type: schema.Complex, MultiValued: true, SubAttributes: []schema.Attribute{{Name: "value"}, secret}},
		}}}
	for _, tt := range []struct{ in, want string }{
		{`{"name":"a"}`, `{"name":"a"}`},
		{`{"name":"a","secret":"s"}`, `{"name":"a"}`},
		{`{"lock":{"kind":"k","secret":"s"}}`, `{"lock":{"kind":"k"}}`},
		{`{"lock":{"secret":"s"}}`, `{}`},
		{`{"keys":[{"value":"1","secret":"s"},{"secret":"s"},{"value":"2"}]}`, `{"keys":[{"value":"1"},{"value":"2"}]}`},
		{`{"keys":[{"secret":"s"}]}`, `{}`},
	} {
		tree := document.NewTree(rt.Model())
		if err := tree.Parse([]byte(tt.in), &document.Options{Trusted: true}); err != nil {
			t.Fatal(err)
		}
		if got := string(tree.Doc().Public().Bytes()); got != tt.want {
			t.Errorf("Public of %s = %s, want %s", tt.in, got, tt.want)
		}
	}
}
