package stores

import (
	"strings"
	"testing"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// orgTables have a tenant in all tables, with all that joins them.
const orgTables = `
CREATE TABLE users (id {id}, org text NOT NULL, email text NOT NULL, UNIQUE (org, email), UNIQUE (org, id));
CREATE INDEX users_email ON users (org, lower(email));
CREATE TABLE phones (org text NOT NULL, user_id bigint NOT NULL, o int NOT NULL, n text NOT NULL);
CREATE TABLE teams (id {id}, org text NOT NULL, name text NOT NULL, UNIQUE (org, name), UNIQUE (org, id));
CREATE INDEX teams_name ON teams (org, lower(name));
CREATE TABLE team_members (org text NOT NULL, team_id bigint NOT NULL, user_id bigint NOT NULL, PRIMARY KEY (team_id, user_id));`

// orgMapping maps them, with nothing left out.
func orgMapping(users, groups *schema.ResourceType) []sqlstore.Table {
	return []sqlstore.Table{
		{Type: users, Name: "users", ID: "id", Tenant: "org", Columns: map[string]sqlstore.Column{"userName": {Name: "email"}},
			Lists: map[string]sqlstore.List{"phoneNumbers": {Table: "phones", Owner: "user_id", Tenant: "org", Order: "o", Columns: map[string]string{"value": "n"}}}},
		{Type: groups, Name: "teams", ID: "id", Tenant: "org", Columns: map[string]sqlstore.Column{"displayName": {Name: "name"}},
			Members: &sqlstore.Members{Table: "team_members", Owner: "team_id", Member: "user_id", Tenant: "org", Type: users}},
	}
}

// TestRefusedHints: a column that must have a value and gets none is named, with the
// field that could say where the value is from, and no other.
func TestRefusedHints(t *testing.T) {
	const none = " must have a value and would get none; a default of the column can give one"
	list := func(change func(l *sqlstore.List)) func(u, g *sqlstore.Table) {
		return func(u, _ *sqlstore.Table) {
			l := u.Lists["phoneNumbers"]
			change(&l)
			u.Lists["phoneNumbers"] = l
		}
	}
	tests := []struct {
		name   string
		change func(u, g *sqlstore.Table)
		want   string
	}{
		{"control", func(_, _ *sqlstore.Table) {}, ""},
		{"members without the tenant", func(_, g *sqlstore.Table) { g.Members.Tenant = "" },
			"the table team_members: the column org" + none + ", or Members.Tenant, if it is the tenant\n"},
		{"a list without the tenant", list(func(l *sqlstore.List) { l.Tenant = "" }),
			"table phones: the column org" + none + ", or List.Columns, or List.Tenant, if it is the tenant\n"},
		{"a list without the order", list(func(l *sqlstore.List) { l.Order = "" }), "table phones: the column o" + none + ", or List.Columns, or List.Order, if it has the order\n"},
		{"a list without the value", list(func(l *sqlstore.List) { l.Columns = map[string]string{"type": "org"}; l.Tenant = "" }),
			"table phones: the column n" + none + ", or List.Columns, or List.Tenant, if it is the tenant\n"},
		{"users without the tenant", func(u, _ *sqlstore.Table) { u.Tenant, u.Lists = "", nil },
			"the table users: the column org" + none + ", or Table.Fixed, or Table.Tenant, if it is the tenant\n"},
		{"users without the name", func(u, _ *sqlstore.Table) { delete(u.Columns, "userName") }, "the table users: the column email" + none + ", or Table.Fixed\n"},
		{"a list with a tenant, of users without", func(u, _ *sqlstore.Table) { u.Tenant, u.Fixed = "", map[string]any{"org": "acme"} },
			"the table phones has a tenant, and users has none, in Table.Tenant\n"},
		{"members with a tenant, of groups without", func(_, g *sqlstore.Table) { g.Tenant, g.Fixed = "", map[string]any{"org": "acme"} },
			"the table team_members has a tenant, and teams has none, in Table.Tenant\n"},
	}
	for _, e := range engines {
		for _, tt := range tests {
			t.Run(e.name+"/"+tt.name, func(t *testing.T) {
				a := &app{T: t, db: e.open(t), user: schema.UserType(), group: schema.GroupType()}
				exec(t, a.db, ddl(e.dialect, orgTables))
				tables := orgMapping(a.user, a.group)
				tt.change(&tables[0], &tables[1])
				_, err := openStore(t, a.db, e.dialect, sqlstore.Options{Tables: tables})
				if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error()+"\n", tt.want)) {
					t.Errorf("%v\nwant %s", err, tt.want)
				}
			})
		}
	}
}
