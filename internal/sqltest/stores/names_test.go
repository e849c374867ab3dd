package stores

import (
	"strings"
	"testing"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// quotedTables are hostTables with names that SQL takes for keywords, or for others.
func quotedTables(d sqlstore.Dialect) string {
	return strings.NewReplacer("email_key", `"emailKey"`, "email", `"select"`, "first_name", `"firstName"`, "last_name", `"Last"`, "org", `"group"`,
		"user_phones", `"userPhones"`, "users", `"User"`, "user_id", `"user"`, "team_members", `"primary"`, "teams", `"order"`,
		"team_id", `"teamId"`, "id INTEGER", `"Id" INTEGER`, "id bigserial", `"Id" bigserial`, "name_key", `"Key"`, "name ", `"from" `,
		"place", `"where"`, "number", `"Number"`, "kind", `"end"`, "main", `"table"`, "disabled_at", `"disabledAt"`, "plan", `"Plan"`).Replace(hostTables[d])
}

// TestQuotedNames: names of tables and columns are as the application has them.
func TestQuotedNames(t *testing.T) {
	t.Parallel()
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			a := &app{T: t, db: e.open(t)}
			exec(t, a.db, quotedTables(e.dialect))
			a.user, a.group = hostTypes()
			tables := hostMapping(a.user, a.group, sqlstore.Adopt)
			u, g := &tables[0], &tables[1]
			u.Name, u.ID, u.Tenant, u.Fixed = "User", "Id", "group", map[string]any{"Plan": "paid"}
			u.Where = `t."Plan" <> 'of t.x and r.y t '`
			// Prefixes that look like SQL are none.
			u.IDPrefix, g.IDPrefix = "t.", "r."
			u.Columns = map[string]sqlstore.Column{
				"userName": {Name: "select", Key: "emailKey"}, `emails[type eq "work"].value`: {Name: "select"},
				"name.givenName": {Name: "firstName"}, "name.familyName": {Name: "Last"}, "active": sqlstore.Until("disabledAt"),
			}
			u.Lists = map[string]sqlstore.List{"phoneNumbers": {Table: "userPhones", Owner: "user", Order: "where",
				Columns: map[string]string{"value": "Number", "type": "end", "primary": "table"}}}
			g.Name, g.ID, g.Tenant = "order", "Id", "group"
			g.Columns = map[string]sqlstore.Column{"displayName": {Name: "from", Key: "Key"}}
			g.Members = &sqlstore.Members{Table: "primary", Owner: "teamId", Member: "user", Type: a.user}
			members := *g.Members
			s := a.mustOpen(e.dialect, sqlstore.Options{Tables: tables})
			if *g.Members != members || u.ID != "Id" || u.Lists["phoneNumbers"].Owner != "user" || u.Columns["userName"].Name != "select" {
				t.Error("Open changes the mapping of the host")
			}
			contract(t, s, a.user, a.group)
			r, err := a.create("ann@example.com")
			if err != nil {
				t.Fatal(err)
			}
			a.is("the fixed value", a.cell(`SELECT "Plan" FROM "User" WHERE "select" = 'ann@example.com'`), "paid")
			other, err := a.create("bob@example.com")
			if err != nil {
				t.Fatal(err)
			}
			_, err = a.users.Update(t.Context(), other.ID(), func(r *scim.Resource) error { return r.Set("userName", "ann@example.com") })
			a.fails("a name that "+r.ID()+" has", err, scim.ErrConflict)
		})
	}
}

// TestQuotedMember: what the application does not take for a member is told as such,
// whatever its column is called.
func TestQuotedMember(t *testing.T) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			a := &app{T: t, db: e.open(t), user: schema.UserType(), group: schema.GroupType()}
			exec(t, a.db, strings.Replace(strings.ReplaceAll(plainTables[e.dialect], "user_id", `"userId"`), "PRIMARY KEY (team_id, \"userId\")", `PRIMARY KEY (team_id, "userId"), CONSTRAINT "few_userId" CHECK ("userId" < 2)`, 1))
			tables := plainMapping(a.user, a.group)
			tables[1].Members.Member = "userId"
			a.mustOpen(e.dialect, sqlstore.Options{Tables: tables})
			exec(t, a.db, "INSERT INTO users (email) VALUES ('ann@example.com'), ('bob@example.com')")
			_, err := a.createGroup("Staff", "2")
			a.refusal("a member that is refused", err, 400, "The value of members is not one that the service can store.")
			a.mustGroup("Staff", "1")
		})
	}
}
