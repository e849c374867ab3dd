package document

import (
	"slices"
	"testing"

	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/schema"
)

func TestRefs(t *testing.T) {
	typ := schema.UserType().Model()
	manager := `"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"division":"D","manager":`
	for _, tt := range []struct {
		name, json string
		id         string // "" if there is no reference
	}{
		{"no extension", `{"userName":"a"}`, ""},
		{"no manager", `{"userName":"a","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"division":"D"}}`, ""},
		{"manager", `{"userName":"a",` + manager + `{"value":"42"}},"title":"T"}`, `"42"`},
		{"an id with escapes", `{"userName":"a",` + manager + `{"value":"\"{","displayName":"}"}}}`, `"\"{"`},
		{"the $ref is there", `{"userName":"a",` + manager + `{"value":"42","$ref":"../Users/42"}}}`, ""},
		{"a name and no id", `{"userName":"a",` + manager + `{"displayName":"42"}}}`, ""},
	} {
		tree := NewTree(typ)
		if err := tree.Parse([]byte(tt.json), &Options{Trusted: true}); err != nil {
			t.Fatal(err)
		}
		d := tree.Doc()
		sameRefs(t, d.With(model.Schemas, nil))
		sameRefs(t, d.With(typ.Extensions[0].ID, []byte(`{"manager":{"value":"another"}}`)))
		sameRefs(t, d.With(typ.Extensions[0].ID, nil))
		for _, d := range []*Doc{d, d.With(model.ExternalID, []byte(`"long before the reference"`)), d.Without(typ.SubString(model.Root, "title"))} {
			refs := d.Refs()
			if tt.id == "" {
				if len(refs) > 0 {
					t.Errorf("%s: %d references in %s", tt.name, len(refs), d.Bytes())
				}
				continue
			}
			if len(refs) != 1 || string(d.Slice(refs[0]).Raw()) != tt.id || d.Bytes()[refs[0].Key] != '}' || typ.Attr(refs[0].ID).Name != "manager" {
				t.Errorf("%s: references %+v in %s", tt.name, refs, d.Bytes())
				continue
			}
			v, _ := d.Get(refs[0].ID)
			if end := string(d.Bytes()[:refs[0].Key+1]); end[len(end)-len(v.Raw()):] != string(v.Raw()) {
				t.Errorf("%s: the place is behind %s", tt.name, end)
			}
		}
	}
}

// sameRefs compares with a document that was not made from another.
func sameRefs(t *testing.T, d *Doc) {
	t.Helper()
	tree := NewTree(d.Type())
	tree.Load(d)
	fresh := tree.Doc()
	if string(fresh.Bytes()) != string(d.Bytes()) || !slices.Equal(fresh.Refs(), d.Refs()) || !slices.Equal(fresh.Segs(), d.Segs()) {
		t.Errorf("%s: references %+v, want %+v", d.Bytes(), d.Refs(), fresh.Refs())
	}
}
