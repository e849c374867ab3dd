package stores

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
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
				exec(t, a.db, ddl(e.dialect, "CREATE TABLE people (id {id}, email text NOT NULL UNIQUE, until timestamp, enabled boolean NOT NULL DEFAULT true, off boolean NOT NULL DEFAULT false); CREATE INDEX people_email ON people (lower(email))"))
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
			exec(t, a.db, ddl(e.dialect, "CREATE TABLE people (id {id}, email text NOT NULL UNIQUE, lang text NOT NULL DEFAULT 'en', nick text); CREATE INDEX people_email ON people (lower(email))"))
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

// TestColumnsComeFromRest: what is in Table.Rest moves into the columns and lists that
// it gets, also of rows that no client has adopted yet.
func TestColumnsComeFromRest(t *testing.T) {
	for _, e := range engines {
		for _, typ := range restTypes[e.dialect] {
			t.Run(e.name+"/"+typ, func(t *testing.T) {
				a := &app{T: t, db: e.open(t), user: schema.UserType()}
				exec(t, a.db, ddl(e.dialect, "CREATE TABLE people (id {id}, email text NOT NULL UNIQUE, extra "+typ+", title text, until timestamp, addr text); CREATE INDEX people_email ON people (lower(email)); CREATE TABLE phones (user_id bigint NOT NULL, n text);"))
				table := peopleOf(a.user)
				table.Rest = "extra"
				a.mustOpen(e.dialect, sqlstore.Options{Tables: []sqlstore.Table{table}})
				ann := a.parse(`{"userName":"ann","title":"Boss","active":false,"nickName":"Annie","emails":[{"value":"h@x","type":"home"},{"value":"w@x","type":"work","display":"at work"}],"phoneNumbers":[{"value":"12","type":"work"}]}`)
				bob := a.parse(`{"userName":"bob","title":"Hand"}`)
				exec(t, a.db, `INSERT INTO people (email, extra) VALUES ('cy', '{"title":"Guest","active":false,"theme":"dark"}')`)
				exec(t, a.db, "UPDATE people SET title = 'Head' WHERE email = 'bob'")

				table.Columns["title"], table.Columns["active"] = sqlstore.Column{Name: "title"}, sqlstore.Until("until")
				table.Columns[`emails[type eq "work"].value`] = sqlstore.Column{Name: "addr"}
				table.Lists = map[string]sqlstore.List{"phoneNumbers": {Table: "phones", Owner: "user_id", Columns: map[string]string{"value": "n"}}}
				a.mustOpen(e.dialect, sqlstore.Options{Tables: []sqlstore.Table{table}})
				const columns = "SELECT title || ' ' || CASE WHEN until IS NULL THEN 'on' ELSE 'off' END || ' ' || coalesce(addr, '-') FROM people WHERE email = "
				a.is("ann", a.cell(columns+"'ann'"), "Boss off w@x")
				a.is("bob, whom the application has given a title", a.cell(columns+"'bob'"), "Head on -")
				a.is("cy, whom nobody has adopted", a.cell(columns+"'cy'"), "Guest off -")
				a.holds("the rest of ann", a.held("ann"), `{"nickName":"Annie","emails":[{"value":"h@x","type":"home"},{"type":"work","display":"at work"}]}`)
				a.holds("the rest of bob", a.held("bob"), `{"title":"Hand"}`)
				a.holds("the rest of cy", a.held("cy"), `{"theme":"dark"}`)
				a.is("the telephone", a.cell("SELECT n FROM phones"), "12")
				a.finds(`title eq "boss" and active eq false and nickName eq "annie" and emails[type eq "work" and value eq "w@x"]`, ann.ID())
				a.finds("active eq true", bob.ID())
				a.is("the type of the telephone", a.value(ann.ID(), "phoneNumbers"), `[{"value":"12","type":"work"}]`)
			})
		}
	}
}

// value is a complex value of a user, as JSON.
func (a *app) value(id, name string) string {
	a.Helper()
	v, _ := a.get(id).Document().Get(a.user.Model().SubString(0, name))
	return string(v.Raw())
}

// held is what the column extra of a row of people holds.
func (a *app) held(name string) (v any) {
	a.Helper()
	if err := json.Unmarshal([]byte(a.cell("SELECT extra FROM people WHERE email = '"+name+"'")), &v); err != nil {
		a.Fatal(err)
	}
	return v
}

// levelled is a user with one attribute more.
func levelled(kind schema.Type) *schema.ResourceType {
	u := schema.UserType()
	u.Schema.Attributes = append(u.Schema.Attributes, schema.Attribute{Name: "level", Type: kind})
	return u
}

// TestHiddenRows: what is beside a row that clients do not see has to fit another
// schema, too, and moves into columns: the row may be shown again.
func TestHiddenRows(t *testing.T) {
	for _, e := range engines {
		for name, hide := range map[string]string{"Where": "secret = 1", "DeletedAt": "gone = '2020-01-01 00:00:00'"} {
			t.Run(e.name+"/"+name, func(t *testing.T) {
				a := &app{T: t, db: e.open(t)}
				exec(t, a.db, ddl(e.dialect, "CREATE TABLE people (id {id}, email text NOT NULL, secret int NOT NULL DEFAULT 0, gone timestamp, until timestamp); CREATE UNIQUE INDEX e ON people (lower(email)) WHERE gone IS NULL"))
				open := func(kind schema.Type, active bool) error {
					a.user = levelled(kind)
					table := peopleOf(a.user)
					table.Where, table.DeletedAt = "t.secret = 0", "gone"
					if active {
						table.Columns["active"] = sqlstore.Until("until")
					}
					return a.again(e.dialect, sqlstore.Options{Tables: []sqlstore.Table{table}})
				}
				a.must(open(schema.String, false), "")
				ann, bob := a.parse(`{"userName":"ann","level":"high","active":false}`), a.parse(`{"userName":"bob","level":"2"}`)
				exec(t, a.db, "UPDATE people SET "+hide+" WHERE email = 'ann'")
				says(t, open(schema.Integer, true), "User "+ann.ID(), "level")
				a.must(open(schema.String, true), "")
				exec(t, a.db, "UPDATE people SET secret = 0, gone = NULL")
				a.finds("active eq false", ann.ID())
				a.is("the level", a.get(ann.ID()).String("level"), "high")
				a.finds(`level pr`, order(ann.ID(), bob.ID()))
			})
		}
	}
}

// TestRowComesBack: a row that was gone when the schema changed is in nobody's way.
func TestRowComesBack(t *testing.T) {
	for _, e := range engines {
		for _, rest := range []string{"", "extra"} {
			t.Run(e.name+"/"+rest, func(t *testing.T) {
				a := &app{T: t, db: e.open(t)}
				exec(t, a.db, ddl(e.dialect, "CREATE TABLE people (id {id}, email text NOT NULL UNIQUE, extra text); CREATE INDEX people_email ON people (lower(email)); CREATE TABLE kept (id bigint, email text, extra text)"))
				open := func(kind schema.Type, rest string) {
					a.user = levelled(kind)
					table := peopleOf(a.user)
					table.Rest = rest
					a.mustOpen(e.dialect, sqlstore.Options{Tables: []sqlstore.Table{table}})
				}
				open(schema.String, "")
				ann, bob := a.parse(`{"userName":"ann","level":"high","title":"Boss"}`), a.parse(`{"userName":"bob"}`)
				exec(t, a.db, "INSERT INTO kept SELECT id, email, extra FROM people WHERE email = 'ann'; DELETE FROM people WHERE email = 'ann'")
				open(schema.Integer, rest)
				exec(t, a.db, "INSERT INTO people (id, email, extra) SELECT id, email, extra FROM kept")
				a.finds("userName pr", order(ann.ID(), bob.ID()))
				a.update(ann.ID(), func(r *scim.Resource) error { return r.Set("active", false) })
				a.finds(`active eq false and title eq "boss"`, ann.ID())
			})
		}
	}
}
