package stores

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

// randomTable is a mapping with columns of all kinds, of which some share a list with
// what is beside them, and a list in a table.
func randomTable(user *schema.ResourceType) sqlstore.Table {
	t := sqlstore.Table{Type: user, Name: "people", ID: "id", IDPrefix: "p", Existing: sqlstore.Adopt,
		Columns: map[string]sqlstore.Column{"active": sqlstore.Until("disabled_at")},
		Lists: map[string]sqlstore.List{"phoneNumbers": {Table: "phones", Owner: "user_id", Order: "place",
			Columns: map[string]string{"value": "n", "type": "k", "primary": "main"}}},
	}
	for path, name := range map[string]string{
		"userName": "email", "displayName": "label", "nickName": "nick", "title": "title", "externalId": "ext", "name.givenName": "first",
		`emails[type eq "work"].value`: "wmail", `emails[type eq "home"].value`: "hmail", `roles[value eq "a"].display`: "role",
		workLocality: "town", workCountry: "land", "meta.created": "made", enterprise + ":department": "dept", enterprise + ":manager.value": "boss",
	} {
		t.Columns[path] = sqlstore.Column{Name: name}
	}
	return t
}

const randomTables = `CREATE TABLE people (id {id}, email text NOT NULL UNIQUE, label text, nick text NOT NULL DEFAULT '', title char(10), disabled_at {time},
	ext text, first text, wmail text, hmail text, made {time}, role text, town text, land text, dept text, boss text);
	CREATE TABLE phones (user_id bigint NOT NULL, place int, n text, k text, main boolean); CREATE INDEX people_ext ON people (ext)`

// A dice throws texts, rows and filters.
type dice struct{ *rand.Rand }

func newDice(seed int) dice { return dice{rand.New(rand.NewPCG(uint64(seed), 7))} }

func (d dice) of(all ...string) string { return all[d.IntN(len(all))] }
func (d dice) text() string            { return d.of("a", "A", "ab", "b", "aB ", "", "a%", "a_", "10", "true") }

func (d dice) cell() string {
	if d.IntN(3) == 0 {
		return "NULL"
	}
	return "'" + d.text() + "'"
}

// rows fills the tables of the application.
func (d dice) rows(a *app, n int) {
	for i := range n {
		exec(a.T, a.db, fmt.Sprintf(`INSERT INTO people (email, label, nick, title, disabled_at, ext, first, wmail, hmail, made, role, town, land, dept, boss)
			VALUES ('%s%d', %s, '%s', %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)`, d.text(), i, d.cell(), d.text(), d.cell(), d.of("NULL", "'2020-01-01 00:00:00'"),
			d.cell(), d.cell(), d.cell(), d.cell(), d.of("NULL", "'2020-01-01 00:00:00'", "'2021-01-01 00:00:00.5'"), d.cell(), d.cell(), d.cell(), d.cell(), d.cell()))
		for place := range d.IntN(3) {
			main := d.of("NULL", "false", "true")
			if place > 0 {
				main = d.of("NULL", "false")
			}
			exec(a.T, a.db, fmt.Sprintf(`INSERT INTO phones VALUES (%d, %d, %s, %s, %s)`, i+1, place, d.cell(), d.cell(), main))
		}
	}
}

// besides gives some of the rows values that have no column, as a client does.
func (d dice) besides(a *app, n int) {
	for i := range n {
		if d.IntN(2) == 0 {
			continue
		}
		a.update(fmt.Sprint("p", i+1), func(r *scim.Resource) error {
			for path, v := range map[string]any{
				"locale": "x" + d.text(), "name.familyName": "x" + d.text(),
				"emails":    d.list("value", "display"),
				"addresses": d.list("locality", "country", "region"),
				"roles":     d.list("display", "value"),
			} {
				if err := r.Set(path, v); err != nil {
					return fmt.Errorf("%s: %v: %w", path, v, err)
				}
			}
			return nil
		})
	}
}

// list is a list of elements with some of subs.
func (d dice) list(subs ...string) (all []any) {
	for i := range d.IntN(4) {
		e := map[string]any{"type": d.of("work", "work", "home", "a")}
		for _, sub := range subs {
			if d.IntN(2) == 0 {
				e[sub] = fmt.Sprint(d.of("a", "A", "b", "NO"), i)
			}
		}
		all = append(all, e)
	}
	return all
}

// withRandomRows runs a test on each database with the rows of a seed.
func withRandomRows(t *testing.T, seeds, rows int, test func(a *app, d dice)) {
	for _, e := range engines {
		for seed := range seeds {
			t.Run(fmt.Sprint(e.name, "/", seed), func(t *testing.T) {
				a, d := &app{T: t, db: e.open(t), user: schema.UserType()}, newDice(seed)
				exec(t, a.db, ddl(e.dialect, randomTables+peopleByName))
				a.mustOpen(e.dialect, sqlstore.Options{Tables: []sqlstore.Table{randomTable(a.user)}})
				d.rows(a, rows)
				d.besides(a, rows)
				test(a, d)
			})
		}
	}
}
