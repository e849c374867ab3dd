package stores

import (
	"strings"
	"testing"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// TestOtherPlace: what the library has of the rows of one table is not taken for
// that of another's.
func TestOtherPlace(t *testing.T) {
	table := func(name string) string {
		return "CREATE TABLE " + name + " (id {id}, email text NOT NULL UNIQUE); CREATE INDEX " + name + "_email ON " + name + " (lower(email));"
	}
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			a := &app{T: t, db: e.open(t), user: schema.UserType()}
			exec(t, a.db, ddl(e.dialect, table("people")+table("others")))
			of := func(name string) sqlstore.Options {
				m := peopleOf(a.user)
				m.Name = name
				return sqlstore.Options{Tables: []sqlstore.Table{m}}
			}
			own := sqlstore.Options{Types: []*schema.ResourceType{a.user}}
			// From the library's tables while nothing is in them, and then no more.
			a.must(a.again(e.dialect, own), "")
			a.must(a.again(e.dialect, of("people")), "")
			r := a.parse(`{"userName":"ann","title":"Boss"}`)
			a.must(a.again(e.dialect, own), "the table ")
			a.must(a.again(e.dialect, of("others")), "which are still there")
			a.must(a.again(e.dialect, of("people")), "")
			a.is("the title", a.get(r.ID()).String("title"), "Boss")
			other := of("others")
			other.Prefix = "other_"
			a.must(a.again(e.dialect, other), "")
			// A table may have another name.
			exec(t, a.db, "ALTER TABLE people RENAME TO persons")
			a.must(a.again(e.dialect, of("persons")), "")
			a.is("the title", a.get(r.ID()).String("title"), "Boss")
			// The host knows better.
			place := a.cell("SELECT place FROM scim_types")
			exec(t, a.db, "UPDATE scim_types SET place = '"+strings.Replace(place, "persons", "others", 1)+"' WHERE type = 'User'")
			a.must(a.again(e.dialect, of("others")), "")

			// Not from the library's tables with something in them.
			a.db = e.open(t)
			a.must(a.again(e.dialect, own), "")
			a.parse(`{"userName":"ann"}`)
			exec(t, a.db, ddl(e.dialect, table("people")))
			a.must(a.again(e.dialect, of("people")), "the library's own tables, scim_…, which are still there")
		})
	}
}

// TestOtherIdentity: what the library has of a row is not taken for that of another,
// which has its id by now.
func TestOtherIdentity(t *testing.T) {
	for _, e := range engines {
		for name, change := range map[string]func(*sqlstore.Table){
			"ID=no":      func(t *sqlstore.Table) { t.ID = "no" },
			"IDPrefix=u": func(t *sqlstore.Table) { t.IDPrefix = "u" },
			"Tenant=org": func(t *sqlstore.Table) { t.Tenant = "org" },
		} {
			t.Run(e.name+"/"+name, func(t *testing.T) {
				a := &app{T: t, db: e.open(t), user: schema.UserType()}
				exec(t, a.db, ddl(e.dialect, "CREATE TABLE people (id {id}, no integer UNIQUE DEFAULT 0, org text NOT NULL DEFAULT 'acme', email text NOT NULL UNIQUE); CREATE INDEX people_email ON people (lower(email))"))
				of := func(change func(*sqlstore.Table)) sqlstore.Options {
					m := peopleOf(a.user)
					change(&m)
					return sqlstore.Options{Tables: []sqlstore.Table{m}}
				}
				same := func(*sqlstore.Table) {}
				// While there are no resources, and then no more.
				a.must(a.again(e.dialect, of(change)), "")
				a.must(a.again(e.dialect, of(same)), "")
				r := a.parse(`{"userName":"ann","title":"Boss"}`)
				says(t, a.again(e.dialect, of(change)), "which are still there", "people with ID=id", name)
				exec(t, a.db, "ALTER TABLE people RENAME TO persons")
				says(t, a.again(e.dialect, of(func(m *sqlstore.Table) { change(m); m.Name = "persons" })), "which are still there")
				exec(t, a.db, "ALTER TABLE persons RENAME TO people")
				a.must(a.again(e.dialect, of(same)), "")
				a.is("the title", a.get(r.ID()).String("title"), "Boss")
				// What an earlier release has remembered says nothing of it.
				place, _, _ := strings.Cut(a.cell("SELECT place FROM scim_types"), " ")
				exec(t, a.db, "UPDATE scim_types SET place = '"+place+"'")
				a.must(a.again(e.dialect, of(same)), "")
				says(t, a.again(e.dialect, of(change)), "which are still there")
			})
		}
	}
}

// TestSchemasOfTenants: two schemas with the library's tables of one are refused.
func TestSchemasOfTenants(t *testing.T) {
	a := &app{T: t, db: engines[1].open(t), user: schema.UserType()}
	for _, tenant := range []string{"acme", "zeta"} {
		exec(t, a.db, "CREATE SCHEMA "+tenant+"; CREATE TABLE "+tenant+".people (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE); CREATE INDEX ON "+tenant+".people (lower(email))")
	}
	of := func(tenant string) sqlstore.Options {
		m := peopleOf(a.user)
		m.Name = tenant + ".people"
		return sqlstore.Options{Tables: []sqlstore.Table{m}}
	}
	a.must(a.again(sqlstore.PostgreSQL, of("acme")), "")
	a.must(a.again(sqlstore.PostgreSQL, of("zeta")), "in the table acme.people with ID=id, which are still there")
	zeta := of("zeta")
	zeta.Prefix = "zeta_"
	a.must(a.again(sqlstore.PostgreSQL, zeta), "")
	a.must(a.again(sqlstore.PostgreSQL, of("acme")), "")
}
