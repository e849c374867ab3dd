package token

import (
	"testing"

	"github.com/scimkit/scimkit/scim"
)

func TestPermit(t *testing.T) {
	const all = "rcumd" // read, create, replace (u), modify, delete
	ops := map[rune]scim.Operation{'r': scim.OpRead, 'c': scim.OpCreate, 'u': scim.OpReplace, 'm': scim.OpModify, 'd': scim.OpDelete}
	for _, tt := range []struct {
		scopes      Scopes
		user, group string
	}{
		{nil, "", ""},
		{Scopes{ReadAll}, "r", "r"},
		{Scopes{WriteAll}, "cumd", "cumd"},
		{Scopes{ReadAll, WriteAll}, all, all},
		{Scopes{"User:read"}, "r", ""},
		{Scopes{"User:read", "User:write", "Group:read"}, all, "r"},
		{Scopes{"User:create", "User:modify"}, "cm", ""},
		{Scopes{"User:replace", "Group:delete"}, "u", "d"},
		// Nothing but an exact match counts.
		{Scopes{"user:read", "Use:read", "User:rea", "User:", "User", ":read", "", "*", "*:*", "User:*", "User:readx", "User:read:write", "Users:read", " User:read"}, "", ""},
	} {
		for name, want := range map[string]string{"User": tt.user, "Group": tt.group} {
			got := ""
			for _, c := range all {
				if tt.scopes.Permit(name, ops[c]) {
					got += string(c)
				}
			}
			if got != want {
				t.Errorf("%v: %s %q, want %q", tt.scopes, name, got, want)
			}
		}
	}
}
