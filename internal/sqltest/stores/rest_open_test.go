package stores

import (
	"testing"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// badRests are what is wrong with Table.Rest, and the names of column and table in
// the error.
var badRests = []mappingTest{
	{"no such column", func(u, _ *sqlstore.Table) { u.Rest = "more" }, []string{"User", "Rest", "the table users has no column more"}},
	{"a name that SQL here cannot have", func(u, _ *sqlstore.Table) { u.Rest = "More Data" }, []string{"Rest", `"More Data" of the table users`, "more than letters"}},
	{"a number", func(u, _ *sqlstore.Table) { u.Rest = "n" }, []string{"the column n of the table users is of type", "jsonb"}},
	{"a time", func(u, _ *sqlstore.Table) { u.Rest = "at" }, []string{"the column at of the table users is of type", "jsonb"}},
	{"bytes", func(u, _ *sqlstore.Table) { u.Rest = "bytes" }, []string{"the column bytes of the table users is of type", "jsonb"}},
	{"the column of an attribute", func(u, _ *sqlstore.Table) { u.Rest = "first_name" }, []string{"column first_name of the table users", "name.givenName"}},
	{"the key of an attribute", func(u, _ *sqlstore.Table) { u.Rest = "email_key" }, []string{"column email_key of the table users", "userName"}},
	{"the tenant", func(u, _ *sqlstore.Table) { u.Rest = "org" }, []string{"column org of the table users", "something else"}},
	{"a fixed column", func(u, _ *sqlstore.Table) { u.Fixed = map[string]any{"extra": "{}"} }, []string{"column extra of the table users", "Fixed"}},
	{"a unique attribute", func(u, _ *sqlstore.Table) { u.Columns["title"] = u.Columns["userName"]; delete(u.Columns, "userName") },
		[]string{"userName must be unique", "column extra of the table users"}},
	{"what lists show", func(_, g *sqlstore.Table) { g.Columns = nil }, []string{"Group", "displayName", "extra of the table teams"}},
	{"what is right with it", func(_, _ *sqlstore.Table) {}, nil},
}

// TestBadRest: what is wrong is said when the store is opened.
func TestBadRest(t *testing.T) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			db := e.open(t)
			exec(t, db, restTables(e.dialect, "text"))
			binary := map[sqlstore.Dialect]string{sqlstore.SQLite: "blob", sqlstore.PostgreSQL: "bytea"}[e.dialect]
			for _, column := range []string{`"More Data" text`, "n int", "at timestamp", "bytes " + binary} {
				exec(t, db, "ALTER TABLE users ADD COLUMN "+column)
			}
			testMappings(t, db, e.dialect, badRests, func() []sqlstore.Table {
				return withRest(hostMapping(schema.UserType(), schema.GroupType(), sqlstore.Refuse))
			})
		})
	}
}
