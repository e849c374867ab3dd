package stores

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/schema"
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

// TestTypesOfMembersChange: members of a type that the schema does not allow by now
// are none, for all requests, and some again when it does.
func TestTypesOfMembersChange(t *testing.T) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			a := &app{T: t, db: e.open(t), user: schema.UserType(), group: schema.GroupType()}
			open := func(types ...string) {
				t.Helper()
				a.group = with(schema.GroupType(), "members", func(list *schema.Attribute) {
					for i, sub := range list.SubAttributes {
						if sub.Name == "$ref" {
							list.SubAttributes[i].ReferenceTypes = types
						}
					}
				})
				a.mustOpen(e.dialect, sqlstore.Options{Types: []*schema.ResourceType{a.user, a.group}})
			}
			open("User", "Group")
			ann := a.parse(`{"userName":"ann"}`)
			inner := a.mustGroup("inner", ann.ID())
			outer := a.mustGroup("outer", ann.ID(), inner.ID())
			is := func(members string, groups ...*scim.Resource) {
				t.Helper()
				a.nested(ann, inner, outer, members, groups)
			}
			is(order(ann.ID(), inner.ID()), inner, outer)
			open("User")
			is(ann.ID(), inner, outer)
			a.must(a.changeMembers(outer.ID(), scim.ListDelta{Remove: []string{inner.ID(), ann.ID()}}), "")
			is("", inner)
			open("Group")
			is(inner.ID())
			open("User")
			a.must(a.changeMembers(outer.ID(), scim.ListDelta{Replace: true}), "")
			open("User", "Group")
			is("", inner)
		})
	}
}

// nested checks who is in the outer group and which groups the user is in, as it is
// shown and as filters find it.
func (a *app) nested(user, inner, outer *scim.Resource, members string, groups []*scim.Resource) {
	a.Helper()
	a.is("the members", a.shownMembers(outer.ID()), members)
	for _, m := range []*scim.Resource{user, inner} {
		if found := len(a.findGroups(`displayName eq "outer" and members.value eq "`+m.ID()+`"`)) > 0; found != strings.Contains(members, m.ID()) {
			a.Errorf("the group is found by its member %s: %v", m.ID(), found)
		}
	}
	var u scim.User
	if err := a.get(user.ID()).Decode(&u); err != nil || len(u.Groups) != len(groups) {
		a.Errorf("the groups are %v, %v, want %d", u.Groups, err, len(groups))
	}
	for _, g := range []*scim.Resource{inner, outer} {
		if found := len(a.find(`groups.value eq "`+g.ID()+`"`)) > 0; found != slices.Contains(groups, g) {
			a.Errorf("the user is found by the group %s: %v", g.ID(), found)
		}
	}
}

// TestVersionOfOwnGroup: a group of the library's that loses a member, whom the
// application has in a table, has another version, whatever the schema of users says
// of groups, and whatever else they can be in.
func TestVersionOfOwnGroup(t *testing.T) {
	for _, e := range engines {
		for _, tt := range []struct{ narrow, teams bool }{{false, false}, {false, true}, {true, false}, {true, true}} {
			t.Run(fmt.Sprintf("%s, without groups %v, teams %v", e.name, tt.narrow, tt.teams), func(t *testing.T) {
				a := &app{T: t, db: e.open(t), user: schema.UserType(), group: schema.GroupType()}
				if tt.narrow {
					a.user.Schema = a.user.Schema.Without("groups")
				}
				exec(t, a.db, plainTables[e.dialect]+three)
				o := sqlstore.Options{Tables: plainMapping(a.user, schema.GroupType()), Types: []*schema.ResourceType{a.group}}
				if o.Tables[1].Type.Name = "Team"; !tt.teams {
					o.Tables = o.Tables[:1]
				}
				a.mustOpen(e.dialect, o)
				g := a.mustGroup("Staff", "1")
				a.delete("1")
				now, err := a.groups.Get(t.Context(), g.ID(), scim.GetOptions{})
				a.must(err, "")
				if now.Has("members") || now.Meta().Version == g.Meta().Version {
					t.Errorf("the group, which was of version %s, is %s", g.Meta().Version, now.Document().Bytes())
				}
			})
		}
	}
}
