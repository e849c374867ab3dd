package stores

import (
	"strings"
	"testing"

	"github.com/scimkit/scimkit/store/sqlstore"
)

// restTypes are the columns that Table.Rest may be.
var restTypes = map[sqlstore.Dialect][]string{
	sqlstore.SQLite:     {"TEXT", "JSON NOT NULL", "TEXT NOT NULL DEFAULT '{}'"},
	sqlstore.PostgreSQL: {"text", "json", "jsonb", "jsonb NOT NULL DEFAULT '{}'", "varchar(4000) NOT NULL"},
}

// restTables are hostTables with a column extra.
func restTables(d sqlstore.Dialect, typ string) string {
	return strings.NewReplacer("UNIQUE (org, email),", "extra "+typ+", UNIQUE (org, email),", "UNIQUE (org, name_key)", "extra "+typ+", UNIQUE (org, name_key)").
		Replace(hostTables[d])
}

func withRest(tables []sqlstore.Table) []sqlstore.Table {
	for i := range tables {
		tables[i].Rest = "extra"
	}
	return tables
}

// TestRest: the contract holds with all attributes in the host's tables.
func TestRest(t *testing.T) {
	t.Parallel()
	for _, e := range engines {
		for typ, existing := range map[string]sqlstore.Existing{"text": sqlstore.Refuse, "json NOT NULL": sqlstore.Adopt, "jsonb NOT NULL DEFAULT '{}'": sqlstore.Refuse} {
			if e.dialect == sqlstore.SQLite && strings.Contains(typ, "jsonb") {
				continue
			}
			t.Run(e.name+"/"+typ, func(t *testing.T) {
				db := e.open(t)
				exec(t, db, restTables(e.dialect, typ))
				users, groups := hostTypes()
				s := mustOpen(t, db, e.dialect, sqlstore.Options{Tables: withRest(hostMapping(users, groups, existing))})
				contract(t, s, users, groups)
			})
		}
	}
}
