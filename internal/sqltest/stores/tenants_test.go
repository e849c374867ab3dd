package stores

import (
	"database/sql"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/internal/sqltest/pgtest"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// inSchema has the tables of a mapping in a schema, all of one tenant.
func inSchema(tables []sqlstore.Table, schema string) []sqlstore.Table {
	for i := range tables {
		t := &tables[i]
		t.Tenant, t.Name = "", schema+t.Name
		for path, l := range t.Lists {
			l.Table = schema + l.Table
			t.Lists[path] = l
		}
		if t.Members != nil {
			t.Members.Table = schema + t.Members.Table
		}
	}
	return tables
}

// tenantTables are hostTables without a tenant.
func tenantTables(d sqlstore.Dialect) string {
	return strings.NewReplacer("org TEXT NOT NULL, ", "", "org text NOT NULL, ", "", "(org, ", "(").Replace(hostTables[d])
}

// TestTenantsApart: a Store for each tenant, in a schema or a database of its own,
// with the host's tables and the library's.
func TestTenantsApart(t *testing.T) {
	users, groups := hostTypes()
	tables := func(schema string) []sqlstore.Table {
		return inSchema(hostMapping(users, groups, sqlstore.Adopt), schema)
	}
	t.Run("SQLite", func(t *testing.T) {
		stores := make(map[string]*sqlstore.Store)
		for _, tenant := range []string{"acme", "zeta"} {
			db := sqliteFile(t)
			exec(t, db, tenantTables(sqlstore.SQLite))
			stores[tenant] = mustOpen(t, db, sqlstore.SQLite, sqlstore.Options{Tables: tables("")})
		}
		apart(t, stores, users, groups)
	})
	t.Run("PostgreSQL/Prefix", func(t *testing.T) {
		db := pgtest.Open(t)
		stores := make(map[string]*sqlstore.Store)
		for _, tenant := range []string{"acme", "zeta"} {
			exec(t, db, "CREATE SCHEMA "+tenant+"; SET search_path TO "+tenant+"; "+tenantTables(sqlstore.PostgreSQL)+" RESET search_path")
			stores[tenant] = mustOpen(t, db, sqlstore.PostgreSQL, sqlstore.Options{Tables: tables(tenant + "."), Prefix: tenant + ".scim_"})
			mustOpen(t, db, sqlstore.PostgreSQL, sqlstore.Options{Tables: tables(tenant + "."), Prefix: tenant + ".scim_", CheckOnly: true})
		}
		apart(t, stores, users, groups)
		a := &app{T: t, db: db}
		a.is("the tables in public", a.cell("SELECT count(*) FROM pg_class WHERE relnamespace = to_regnamespace('public') AND relname LIKE 'scim%'"), "0")
	})
	t.Run("PostgreSQL/search_path", func(t *testing.T) {
		source, admin := pgtest.URL(t), (*sql.DB)(nil)
		stores := make(map[string]*sqlstore.Store)
		for _, tenant := range []string{"acme", "zeta"} {
			u, err := url.Parse(source)
			if err != nil {
				t.Fatal(err)
			}
			q := u.Query()
			q.Set("search_path", tenant)
			u.RawQuery = q.Encode()
			db, err := sql.Open("pgx", u.String())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { db.Close() })
			exec(t, db, "CREATE SCHEMA "+tenant+"; "+tenantTables(sqlstore.PostgreSQL))
			stores[tenant] = mustOpen(t, db, sqlstore.PostgreSQL, sqlstore.Options{Tables: tables("")})
			admin = db
		}
		apart(t, stores, users, groups)
		a := &app{T: t, db: admin}
		a.is("the tables in public", a.cell("SELECT count(*) FROM pg_class WHERE relnamespace = to_regnamespace('public') AND relname LIKE 'scim%'"), "0")
	})
}

// apart has two tenants do the same, each in its store.
func apart(t *testing.T, stores map[string]*sqlstore.Store, users, groups *schema.ResourceType) {
	t.Helper()
	ids := make(map[string][]string)
	for _, tenant := range []string{"acme", "zeta"} {
		a := &app{T: t, user: users, group: groups, users: stores[tenant].Handler(users), groups: stores[tenant].Handler(groups)}
		r, err := a.create("ann@example.com")
		if err != nil {
			t.Fatal(err)
		}
		g := a.mustGroup("Staff", r.ID())
		a.update(r.ID(), func(r *scim.Resource) error { return r.Set("title", "of "+tenant) })
		a.finds(`title eq "of `+tenant+`" and groups.value eq "`+g.ID()+`"`, r.ID())
		a.is("how many there are", fmt.Sprint(a.total(`userName pr`)), "1")
		ids[tenant] = []string{r.ID(), g.ID()}
	}
	if !slices.Equal(ids["acme"], ids["zeta"]) {
		t.Errorf("the ids are %v: the tenants do not have tables of their own", ids)
	}
	a := &app{T: t, user: users, users: stores["acme"].Handler(users)}
	a.delete(ids["acme"][0])
	a.finds(`userName pr`, "")
	a.users = stores["zeta"].Handler(users)
	a.is("the other tenant's title", a.get(ids["zeta"][0]).String("title"), "of zeta")
}

// TestQualified: the contract holds where the library's tables, and the host's, are
// in a schema that their names begin with.
func TestQualified(t *testing.T) {
	db := pgtest.Open(t)
	exec(t, db, "CREATE SCHEMA acme; SET search_path TO acme; "+hostTables[sqlstore.PostgreSQL]+" RESET search_path")
	users, groups := hostTypes()
	table := inSchema(hostMapping(users, groups, sqlstore.Adopt), "acme.")[0]
	table.Tenant = "org"
	s := mustOpen(t, db, sqlstore.PostgreSQL, sqlstore.Options{
		Tables: []sqlstore.Table{table}, Types: []*schema.ResourceType{groups}, Prefix: "acme.scim_",
	})
	contract(t, s, users, groups)
}

// TestNoSchema: a schema that is not there is named when the store is opened.
func TestNoSchema(t *testing.T) {
	_, err := openStore(t, pgtest.Open(t), sqlstore.PostgreSQL, sqlstore.Options{Types: []*schema.ResourceType{schema.UserType()}, Prefix: "acme.scim_"})
	if err == nil || !strings.Contains(err.Error(), `"acme"`) {
		t.Errorf("the error is %v", err)
	}
}
