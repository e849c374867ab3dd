package stores

import (
	"fmt"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

const workLocality, workCountry = `addresses[type eq "work"].locality`, `addresses[type eq "work"].country`

// withAddress runs a test on each database, with two columns for one element.
func withAddress(t *testing.T, change func(*sqlstore.Table), test func(a *app)) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			a := &app{T: t, db: e.open(t), user: schema.UserType()}
			table := peopleOf(a.user)
			table.Columns[workLocality], table.Columns[workCountry] = sqlstore.Column{Name: "town"}, sqlstore.Column{Name: "land"}
			change(&table)
			if err := openApp(t, e.dialect, a, ddl(e.dialect, "CREATE TABLE people (id {id}, email text NOT NULL UNIQUE, town text, land text, extra text)"+peopleByName), table); err != nil {
				t.Fatal(err)
			}
			test(a)
		})
	}
}

// addresses are those of a user as clients see them.
func (a *app) addresses(id string) string {
	a.Helper()
	v, _ := a.get(id).Document().Get(a.user.Model().SubString(0, "addresses"))
	return string(v.Raw())
}

// TestElementOfColumns: the elements of a list are what was sent, in their order,
// whatever columns of the one with columns are NULL, and stay so.
func TestElementOfColumns(t *testing.T) {
	const home = `,{"locality":"Lima","country":"PE","type":"home"},`
	all := []string{
		`[{"locality":"Oslo","type":"work"}` + home + `{"locality":"Bonn","type":"work"}]`,
		`[{"country":"NO","type":"work"}` + home + `{"locality":"Bonn","country":"DE","type":"work"}]`,
		`[{"region":"x","type":"work"}` + home + `{"locality":"Bonn","type":"work"}]`,
		`[{"locality":"Lima","type":"home"},{"locality":"Oslo","country":"NO","type":"work"}]`,
	}
	for name, place := range map[string]string{"beside": "", "in Rest": "extra"} {
		t.Run(name, func(t *testing.T) {
			withAddress(t, func(t *sqlstore.Table) { t.Rest = place }, func(a *app) {
				for i, sent := range all {
					r := a.parse(fmt.Sprintf(`{"userName":"u%d","addresses":%s}`, i, sent))
					a.is("the addresses", a.addresses(r.ID()), sent)
					a.update(r.ID(), func(r *scim.Resource) error { return r.Set("title", "x") })
					a.is("after another change", a.addresses(r.ID()), sent)
				}
			})
		})
	}
}

// TestElementGoes: where the columns of an element become NULL, the next one with the
// brackets is the one that they are of. It is not lost.
func TestElementGoes(t *testing.T) {
	const bonn = `{"locality":"Bonn","type":"work"}`
	withAddress(t, func(*sqlstore.Table) {}, func(a *app) {
		a.parse(`{"userName":"ann","addresses":[{"locality":"Oslo","country":"NO","type":"work"},` + bonn + `]}`)
		exec(a.T, a.db, "UPDATE people SET town = NULL, land = NULL")
		a.is("seen", a.addresses("1"), "["+bonn+"]")
		a.is("found", strings.Join(a.find(`addresses[type eq "work" and locality eq "bonn"]`), " "), "1")
		a.update("1", func(r *scim.Resource) error { return r.Set("active", false) })
		a.is("after another change", a.addresses("1"), "["+bonn+"]")
		a.is("the column", a.cell("SELECT town FROM people"), "Bonn")

		b := a.parse(`{"userName":"bob","addresses":[{"type":"work"},` + bonn + `]}`)
		a.is("behind one without values", a.addresses(b.ID()), "["+bonn+"]")
		a.update(b.ID(), func(r *scim.Resource) error { return r.Set("active", false) })
		a.is("after another change", a.addresses(b.ID()), "["+bonn+"]")
	})
}

// TestColumnsOfElementCome: the first of several elements moves into columns that
// come later, and the others stay.
func TestColumnsOfElementCome(t *testing.T) {
	const sent = `[{"locality":"Oslo","country":"NO","type":"work"},{"locality":"Bonn","country":"DE","type":"work"}]`
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			a := &app{T: t, db: e.open(t), user: schema.UserType()}
			table := peopleOf(a.user)
			if err := openApp(t, e.dialect, a, ddl(e.dialect, "CREATE TABLE people (id {id}, email text NOT NULL UNIQUE, town text, land text)"+peopleByName), table); err != nil {
				t.Fatal(err)
			}
			a.parse(`{"userName":"ann","addresses":` + sent + `}`)
			table.Columns[workLocality], table.Columns[workCountry] = sqlstore.Column{Name: "town"}, sqlstore.Column{Name: "land"}
			a.mustOpen(e.dialect, sqlstore.Options{Tables: []sqlstore.Table{table}})
			a.is("the columns", a.cell("SELECT town || land FROM people"), "OsloNO")
			a.is("the addresses", a.addresses("1"), sent)
		})
	}
}

// TestFindElement: filters find an element with columns, one with the same brackets
// that has none, and one that has values in no column.
func TestFindElement(t *testing.T) {
	withAddress(t, func(*sqlstore.Table) {}, func(a *app) {
		a.parse(`{"userName":"ann","addresses":[{"type":"work","locality":"Oslo","country":"NO"},{"type":"work","locality":"Lima","country":"PE"}]}`)
		a.parse(`{"userName":"bob","addresses":[{"type":"work","region":"x"}]}`)
		a.parse(`{"userName":"eve","addresses":[{"type":"home","locality":"Lima","country":"IT"}]}`)
		a.parse(`{"userName":"joe","addresses":[{"type":"work"}]}`)
		for filter, want := range map[string]string{
			`addresses.country eq "NO"`:                         "1",
			`addresses.country eq "PE"`:                         "1",
			`addresses[locality eq "Lima" and country eq "PE"]`: "1",
			`addresses[locality eq "Oslo" and country eq "PE"]`: "",
			`addresses[type eq "work"]`:                         "1 2",
			`addresses[type eq "work" and not (country pr)]`:    "2",
			`addresses.type ne "work"`:                          "3 4",
			`addresses pr`:                                      "1 2 3",
			`not (addresses pr)`:                                "4",
		} {
			a.is(filter, strings.Join(a.find(filter), " "), want)
		}
		exec(a.T, a.db, "UPDATE people SET town = 'Rome' WHERE id = 2")
		a.is("one that gets a column", strings.Join(a.find(`addresses[type eq "work" and not (locality pr)]`), " "), "")
		exec(a.T, a.db, "UPDATE people SET town = NULL WHERE id = 2")
		a.is("one that loses it", strings.Join(a.find(`addresses[type eq "work" and not (locality pr)]`), " "), "2")
	})
}

// TestFindInElement: where one element of a list has a column for what another keeps
// beside the row, filters do not ask for it.
func TestFindInElement(t *testing.T) {
	withAddress(t, func(table *sqlstore.Table) {
		delete(table.Columns, workCountry)
		table.Columns[`addresses[type eq "home"].country`] = sqlstore.Column{Name: "land"}
	}, func(a *app) {
		a.parse(`{"userName":"ann","addresses":[{"type":"work","locality":"Oslo","country":"NO"}]}`)
		a.is("what all have", strings.Join(a.find(`addresses.type eq "work"`), " "), "1")
		f := a.bound(`addresses.country eq "NO"`)
		if p, err := a.users.List(a.Context(), scim.Query{Filter: f, StartIndex: 1, Count: 10}); err == nil {
			a.Errorf("what one has not: %d are found", p.Total)
		}
	})
}

// TestSortByElement: resources are not sorted by a list of which an element has columns,
// as the first and the primary one may be others.
func TestSortByElement(t *testing.T) {
	withAddress(t, func(*sqlstore.Table) {}, func(a *app) {
		a.parse(`{"userName":"ann","addresses":[{"type":"home","locality":"Wien"},{"type":"work","locality":"Bern"}]}`)
		a.parse(`{"userName":"bob","addresses":[{"type":"work","locality":"Oslo"}]}`)
		for _, tt := range []struct {
			by     string
			sorted bool
		}{{"userName", true}, {"emails", true}, {"addresses.locality", false}, {"addresses.type", false}} {
			order, err := filter.NewOrder(a.user, tt.by, false)
			if err != nil {
				a.Fatal(err)
			}
			q := scim.Query{Order: order, StartIndex: 1, Count: 10}
			if _, err = a.users.List(a.Context(), q); (err == nil) != tt.sorted {
				a.Errorf("sorted by %s: %v", tt.by, err)
			}
		}
	})
}
