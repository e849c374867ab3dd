package document

import (
	"testing"

	"github.com/scimkit/scimkit/schema"
)

// TestTarget: references without a value name a resource by their $ref.
func TestTarget(t *testing.T) {
	typ := schema.UserType().Model()
	manager := typ.Extensions[0].ID
	for _, tt := range []struct {
		ref, id string // as JSON; no id if empty
	}{
		{`"https://x/v2/Users/77"`, `"77"`},
		{`"https:\/\/x\/v2\/Users\/77"`, `"77"`},
		{`"https://x/scim/Users/é\"7"`, `"é\"7"`},
		{`"/Users/77"`, `"77"`},
		{`"/v2/Users/77"`, `"77"`},
		{`"Users/26"`, `"26"`},
		{`"../Users/26"`, `"26"`},
		{`"77"`, ``},
		{`"../77"`, ``},
		{`"/77"`, ``},
		{`"https://x/77"`, ``},
		{`"https://77"`, ``},
		{`"https://x/v2/Users/"`, ``},
		{`"https://x/v2/Users/77?x=y"`, ``},
		{`"https://x/v2/Users/7%37"`, ``},
		{`"urn:x:Users/77"`, ``},
		{`7`, ``},
		{`null`, ``},
		{`"/Users/77","value":null`, ``},
		{`"/Users/77","value":"5"`, `"5"`},
		{`"/Users/77","displayName":"x"`, `"77"`},
	} {
		text := `{"userName":"a","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"division":"D", "manager": {"$ref":` + tt.ref + `}}}`
		tree := NewTree(typ)
		if err := tree.Parse([]byte(text), &Options{DropRefs: true}); err != nil {
			t.Errorf("%s: %v", tt.ref, err)
			continue
		}
		want := `{"division":"D"}`
		if tt.id != "" {
			want = `{"division":"D","manager":{"value":` + tt.id + `}}`
		}
		if v, _ := tree.Doc().Get(manager); string(v.Raw()) != want {
			t.Errorf("%s: %s, want %s", tt.ref, v.Raw(), want)
		}
	}
}
