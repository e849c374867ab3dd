package stores

import (
	"strings"
	"testing"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// yes is SQL of a boolean.
func yes(condition string) string {
	return "SELECT CASE WHEN " + condition + " THEN 'yes' ELSE 'no' END FROM people"
}

// TestActiveComes: who was deactivated before active had a column stays so, and whom
// the application keeps out does, too.
func TestActiveComes(t *testing.T) {
	for _, e := range engines {
		for name, test := range map[string]struct {
			column   sqlstore.Column
			disabled string // SQL
		}{
			"a time":     {column: sqlstore.Until("until"), disabled: "until IS NOT NULL"},
			"a boolean":  {column: sqlstore.Column{Name: "enabled"}, disabled: "NOT enabled"},
			"a negation": {column: sqlstore.Column{Name: "off", SQL: "(NOT t.off)", Encode: func(v any) (any, error) { return v == false, nil }}, disabled: "off"},
		} {
			t.Run(e.name+"/"+name, func(t *testing.T) {
				a := &app{T: t, db: e.open(t), user: schema.UserType()}
				exec(t, a.db, ddl(e.dialect, "CREATE TABLE people (id {id}, email text NOT NULL UNIQUE, until timestamp, enabled boolean NOT NULL DEFAULT true, off boolean NOT NULL DEFAULT false)"))
				table := peopleOf(a.user)
				a.mustOpen(e.dialect, sqlstore.Options{Tables: []sqlstore.Table{table}})
				ann, bob, cy := a.parse(`{"userName":"ann","active":false}`), a.parse(`{"userName":"bob","active":true}`), a.parse(`{"userName":"cy","active":true}`)
				exec(t, a.db, "UPDATE people SET until = '2020-01-01 00:00:00', enabled = false, off = true WHERE email = 'cy'")
				table.Columns["active"] = test.column
				a.mustOpen(e.dialect, sqlstore.Options{Tables: []sqlstore.Table{table}})
				a.is("ann's row", a.cell(yes(test.disabled)+" WHERE email = 'ann'"), "yes")
				a.is("bob's row", a.cell(yes(test.disabled)+" WHERE email = 'bob'"), "no")
				a.finds("active eq true", bob.ID())
				a.finds("active eq false", order(ann.ID(), cy.ID()))
				a.is("ann is active", yesNo(a.get(ann.ID()).Bool("active")), "no")
			})
		}
	}
}

func yesNo(v bool) string { return map[bool]string{true: "yes", false: "no"}[v] }

// TestValueInDoubt: a column that must have a value may have it by default: the store
// says which, changes nothing, and opens when the application has decided.
func TestValueInDoubt(t *testing.T) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			a := &app{T: t, db: e.open(t), user: schema.UserType()}
			exec(t, a.db, ddl(e.dialect, "CREATE TABLE people (id {id}, email text NOT NULL UNIQUE, lang text NOT NULL DEFAULT 'en', nick text)"))
			before, after := peopleOf(a.user), peopleOf(a.user)
			after.Columns["locale"], after.Columns["nickName"] = sqlstore.Column{Name: "lang"}, sqlstore.Column{Name: "nick"}
			a.mustOpen(e.dialect, sqlstore.Options{Tables: []sqlstore.Table{before}})
			ann := a.parse(`{"userName":"ann","nickName":"Annie","locale":"en"}`)
			bob := a.parse(`{"userName":"bob","locale":"de"}`)
			err := a.again(e.dialect, sqlstore.Options{Tables: []sqlstore.Table{after}})
			says(t, err, "column lang", "attribute locale", "1 of the resources", "User "+bob.ID())
			a.is("ann's column", a.cell("SELECT coalesce(nick, '-') FROM people WHERE email = 'ann'"), "-")
			a.is("the nickName", a.get(ann.ID()).String("nickName"), "Annie")
			exec(t, a.db, "UPDATE people SET lang = 'de' WHERE email = 'bob'")
			a.must(a.again(e.dialect, sqlstore.Options{Tables: []sqlstore.Table{after}}), "")
			a.is("the locale", a.get(bob.ID()).String("locale"), "de")
			a.is("ann's column", a.cell("SELECT nick FROM people WHERE email = 'ann'"), "Annie")
			if doc := a.cell("SELECT doc FROM scim_resources WHERE id = '" + bob.ID() + "'"); strings.Contains(doc, "locale") {
				t.Errorf("beside the row, there is %s", doc)
			}
		})
	}
}
