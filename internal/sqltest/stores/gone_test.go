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

// keyTypes are the types of a host's key, with the DDL of a table of people and
// two of their keys.
var keyTypes = []struct {
	name, prefix string
	ddl          map[sqlstore.Dialect]string
	ids          [2]string
}{
	{"integer", "u", map[sqlstore.Dialect]string{sqlstore.SQLite: "INTEGER PRIMARY KEY AUTOINCREMENT", sqlstore.PostgreSQL: "bigserial PRIMARY KEY"},
		[2]string{"1", "9223372036854775806"}},
	{"text", "", map[sqlstore.Dialect]string{sqlstore.SQLite: "TEXT PRIMARY KEY", sqlstore.PostgreSQL: "text PRIMARY KEY"}, [2]string{"ann", "Zoë's"}},
	{"binary", "é-", map[sqlstore.Dialect]string{sqlstore.SQLite: "TEXT PRIMARY KEY", sqlstore.PostgreSQL: `varchar(40) COLLATE "C" PRIMARY KEY`}, [2]string{"ann", "12"}},
	{"uuid", "", map[sqlstore.Dialect]string{sqlstore.SQLite: "TEXT PRIMARY KEY", sqlstore.PostgreSQL: "uuid PRIMARY KEY"},
		[2]string{"0e5cd7b8-6a43-4b0f-9f4c-3f1d9a1c0001", "0e5cd7b8-6a43-4b0f-9f4c-3f1d9a1c0002"}},
}

// withPeople runs a test with people in a table of the host's and groups in the
// library's, with each type of key.
func withPeople(t *testing.T, test func(a *app, ids [2]string)) {
	for _, e := range engines {
		for _, k := range keyTypes {
			t.Run(e.name+"/"+k.name, func(t *testing.T) {
				a := &app{T: t, db: e.open(t), user: schema.UserType(), group: schema.GroupType()}
				exec(t, a.db, "CREATE TABLE people (id "+k.ddl[e.dialect]+", org text NOT NULL, email text NOT NULL, hidden integer NOT NULL DEFAULT 0, left_at TIMESTAMP);"+
					"CREATE UNIQUE INDEX people_email ON people (lower(email)) WHERE left_at IS NULL")
				for i, id := range k.ids {
					exec(t, a.db, fmt.Sprintf("INSERT INTO people (id, org, email) VALUES ('%s', 'acme', 'p%d@x.com')", strings.ReplaceAll(id, "'", "''"), i))
				}
				a.mustOpen(e.dialect, sqlstore.Options{Types: []*schema.ResourceType{a.group},
					Tables: []sqlstore.Table{{Type: a.user, Name: "people", ID: "id", IDPrefix: k.prefix, Tenant: "org", Existing: sqlstore.Adopt,
						Where: "hidden = 0", DeletedAt: "left_at", Columns: map[string]sqlstore.Column{"userName": {Name: "email"}}}}})
				test(a, [2]string{k.prefix + k.ids[0], k.prefix + k.ids[1]})
			})
		}
	}
}

// Somebody whom the application has deleted or hidden is in no group, as there is
// no such user; who comes back is in the group again.
func TestMembersOfHostThatWent(t *testing.T) {
	withPeople(t, func(a *app, ids [2]string) {
		all := strings.Join(slices.Sorted(slices.Values(ids[:])), " ")
		g := a.mustGroup("Staff", ids[:]...)
		// Ids of another place, where the users were before.
		for _, odd := range []string{"12x", "99999999999999999999", "-0", "0e5cd7b8", "no'one", "u9223372036854775808", "u1 ", "00000000-0000-0000-0000-00000000000A"} {
			exec(a, a.db, strings.NewReplacer("{id}", strings.ReplaceAll(odd, "'", "''"), "{g}", g.ID()).Replace(`
INSERT INTO scim_resources (tenant, type, id, doc, keys, display, version, created, modified) SELECT tenant, 'User', '{id}', doc, keys, '', version, 0, 0 FROM scim_resources WHERE id = '{g}';
INSERT INTO scim_members (tenant, list_type, list_id, member_type, member_id, place) VALUES ('acme', 'Group', '{g}', 'User', '{id}', 0)`))
		}
		a.is("the members", a.members(g.ID()), all)
		for _, step := range []struct{ what, hide, show string }{
			{"whom Where leaves out", "UPDATE people SET hidden = 1", "UPDATE people SET hidden = 0"},
			{"whom DeletedAt hides", "UPDATE people SET left_at = 'now'", "UPDATE people SET left_at = NULL"},
			{"of another tenant", "UPDATE people SET org = 'zeta'", "UPDATE people SET org = 'acme'"},
			{"who are gone", "DELETE FROM people", ""},
		} {
			exec(a, a.db, step.hide)
			a.is("members "+step.what, a.members(g.ID()), "")
			if n := len(a.findGroups(`members.value eq "` + ids[1] + `"`)); n != 0 {
				a.Errorf("%d groups found by a member %s", n, step.what)
			}
			var unknown *scim.UnknownMembersError
			if _, err := a.createGroup("Other", ids[:]...); !errors.As(err, &unknown) || len(unknown.IDs) != 2 {
				a.Errorf("a group of members %s: %v", step.what, err)
			}
			if err := a.changeMembers(g.ID(), scim.ListDelta{Replace: true}); err != nil {
				a.Fatal(err)
			}
			if step.show != "" {
				exec(a, a.db, step.show)
				a.is("the members that came back", a.members(g.ID()), all)
			}
		}
	})
}
