package stores

import (
	"errors"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// TestMembersOfAnotherType: who says that a member is of another type does not mean
// the resource with the same number.
func TestMembersOfAnotherType(t *testing.T) {
	for where, own := range map[string]bool{"own groups": true, "groups of the application": false} {
		t.Run(where, func(t *testing.T) {
			withPlainDDL(t, own, rows("INSERT INTO users (email) VALUES ('boss@example.com'), ('ann@example.com'); INSERT INTO teams (name) VALUES ('Staff')"),
				func(a *app, _ sqlstore.Dialect) { a.addsTypes() })
		})
	}
}

// addsTypes puts users 1 and 2 into groups, under types that are theirs and not.
func (a *app) addsTypes() {
	a.Helper()
	g := a.mustGroup("Admins")
	n := 0
	member := func(id, typ string) any { return map[string]any{"value": id, "type": typ} }
	ways := map[string]func(id, typ string) error{
		"POST": func(id, typ string) error {
			n++
			r, _ := scim.NewResource(a.group, &scim.Group{DisplayName: "New " + strings.Repeat("I", n)})
			r.Set("members", []any{member(id, typ)})
			return a.groups.Create(a.Context(), r)
		},
		"PUT": func(id, typ string) error {
			_, err := a.groups.Update(a.Context(), g.ID(), func(r *scim.Resource) error { return r.Set("members", []any{member(id, typ)}) })
			return err
		},
		"PATCH": func(id, typ string) error {
			return a.changeMembers(g.ID(), scim.ListDelta{Add: []scim.Member{{Value: id, Type: typ}}})
		},
	}
	for name, add := range ways {
		var unknown *scim.UnknownMembersError
		if err := add("1", "Group"); !errors.As(err, &unknown) || len(unknown.IDs) != 1 || unknown.IDs[0] != "1" {
			a.Errorf("%s with a group: %v", name, err)
		}
		for _, typ := range []string{"User", "user", "direct", ""} {
			if err := add("2", typ); err != nil {
				a.Errorf("%s with the type %q: %v", name, typ, err)
			}
		}
	}
	a.is("the members", a.shownMembers(g.ID()), "2")
}
