package stores

import (
	"strings"
	"testing"

	"github.com/scimkit/scimkit/store/sqlstore"
)

// tablesApart have ids that are unique within a tenant only, but for squads.
const tablesApart = `CREATE TABLE users (org text NOT NULL, id text NOT NULL, email text NOT NULL, PRIMARY KEY (org, id), UNIQUE (org, email)); CREATE INDEX users_email ON users (org, lower(email));
CREATE TABLE teams (org text NOT NULL, id text NOT NULL, name text NOT NULL, PRIMARY KEY (org, id), UNIQUE (org, name)); CREATE INDEX teams_name ON teams (org, lower(name));
CREATE TABLE squads (org text NOT NULL, id text NOT NULL PRIMARY KEY, name text NOT NULL UNIQUE); CREATE INDEX squads_name ON squads (lower(name));
CREATE TABLE team_members (org text NOT NULL DEFAULT 'acme', team_id text NOT NULL, user_id text NOT NULL, PRIMARY KEY (org, team_id, user_id));
CREATE TABLE phones (org text NOT NULL, user_id text NOT NULL, n text);`

func mappingApart() []sqlstore.Table {
	users, groups := hostTypes()
	return []sqlstore.Table{
		{Type: users, Name: "users", ID: "id", Tenant: "org", Columns: map[string]sqlstore.Column{"userName": {Name: "email"}},
			Lists: map[string]sqlstore.List{"phoneNumbers": {Table: "phones", Owner: "user_id", Tenant: "org", Columns: map[string]string{"value": "n"}}}},
		{Type: groups, Name: "teams", ID: "id", Tenant: "org", Columns: map[string]sqlstore.Column{"displayName": {Name: "name"}},
			Members: &sqlstore.Members{Table: "team_members", Owner: "team_id", Member: "user_id", Tenant: "org", Type: users}},
	}
}

// TestIDsOfTenants: where ids are unique within a tenant only, tables that join to
// them must say which one.
func TestIDsOfTenants(t *testing.T) {
	tests := []mappingTest{
		{"all", func(u, g *sqlstore.Table) {}, nil},
		{"a list without", func(u, g *sqlstore.Table) {
			u.Lists["phoneNumbers"] = sqlstore.List{Table: "phones", Owner: "user_id", Columns: map[string]string{"value": "n"}}
		}, []string{"User", "phoneNumbers", "the column id of the table users is unique within one org only", "table phones", "List.Tenant"}},
		{"members without", func(u, g *sqlstore.Table) { g.Members.Tenant = "" }, []string{"Group", "members", "table teams", "table team_members", "Members.Tenant"}},
		{"members and a list in one table", func(u, _ *sqlstore.Table) {
			u.Lists["ims"] = sqlstore.List{Table: "team_members", Owner: "team_id", Tenant: "org", Columns: map[string]string{"value": "user_id"}}
		}, []string{"team_members", "ims of users", "members of teams"}},
		{"members of ids for all", func(u, g *sqlstore.Table) { g.Name, g.Members.Tenant = "squads", "" }, []string{"Group", "members", "table users", "team_members", "Members.Tenant"}},
	}
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			db := e.open(t)
			exec(t, db, tablesApart)
			testMappings(t, db, e.dialect, tests, mappingApart)
		})
	}
}

// TestTenantsAlike: a column that takes one tenant for another is refused, wherever the
// tenant is.
func TestTenantsAlike(t *testing.T) {
	types := map[sqlstore.Dialect]map[string]bool{ // which tell tenants apart
		sqlstore.SQLite: {"TEXT": true, "VARCHAR(40)": true, "TEXT COLLATE BINARY": true, "": true, "TEXT COLLATE NOCASE": false, "TEXT COLLATE RTRIM": false},
		sqlstore.PostgreSQL: {"text": true, "varchar(400)": true, `text COLLATE "C"`: true, "label": true, "text COLLATE exact": true,
			"citext": false, "char(10)": false, "name": false, "loose": false, "text COLLATE folded": false, "text COLLATE composed": false},
	}
	const more = `CREATE EXTENSION citext; CREATE DOMAIN label AS varchar(400); CREATE DOMAIN loose AS citext;
		CREATE COLLATION exact (provider = icu, locale = 'und-u-ks-level2');
		CREATE COLLATION folded (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
		CREATE COLLATION composed (provider = icu, locale = 'und', deterministic = false);`
	for _, e := range engines {
		db := e.open(t)
		if e.dialect == sqlstore.PostgreSQL {
			exec(t, db, more)
		}
		for typ, fits := range types[e.dialect] {
			for table, where := range map[string]string{"users": "the tenant: ", "team_members": "members: ", "phones": "phoneNumbers, table phones: "} {
				t.Run(e.name+"/"+typ+"/"+table, func(t *testing.T) {
					exec(t, db, strings.Replace(tablesApart, table+" (org text", table+" (org "+typ, 1))
					defer exec(t, db, "DROP TABLE users; DROP TABLE teams; DROP TABLE squads; DROP TABLE team_members; DROP TABLE phones")
					want := []string{where, "the column org of the table " + table + " takes different tenants for one"}
					if fits {
						want = nil
					}
					_, err := openStore(t, db, e.dialect, sqlstore.Options{Tables: mappingApart()})
					says(t, err, want...)
				})
			}
		}
	}
}
