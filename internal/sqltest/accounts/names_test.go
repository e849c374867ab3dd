package accounts

import (
	"context"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// TestNamesThatMoved: whatever the application has done to names, and to the
// accounts that had them, everybody can be deactivated.
func TestNamesThatMoved(t *testing.T) {
	tests := []struct {
		name, application string
		users             []string // ids
	}{
		{"renamed and given", `UPDATE users SET email = 'c' WHERE id = 1; UPDATE users SET email = 'a' WHERE id = 2;`, []string{"2", "1"}},
		{"deleted and given", `DELETE FROM users WHERE id = 1; UPDATE users SET email = 'a' WHERE id = 2;`, []string{"2"}},
		{"given to who is new", `UPDATE users SET email = 'c' WHERE id = 2; INSERT INTO users (email) VALUES ('b');`, []string{"3", "2"}},
		{"exchanged", `UPDATE users SET email = 'x' WHERE id = 1; UPDATE users SET email = 'a' WHERE id = 2; UPDATE users SET email = 'b' WHERE id = 1;`, []string{"1", "2"}},
		{"the same but for letter case", `INSERT INTO users (email) VALUES ('A'), ('C'), ('c');`, []string{"3", "1", "4", "5"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			each(t, func(a *app) {
				a.exec(usual)
				a.open(a.table())
				a.post(`"userName":"a"`)
				a.post(`"userName":"b"`)
				a.exec(test.application)
				for _, id := range test.users {
					got := a.replace(id, "active", false)
					a.says("PATCH of user "+id, got, 200)
					if got.Meta.Created > got.Meta.LastModified {
						t.Errorf("user %s is %s", id, got.body)
					}
					a.is("the column", a.row("SELECT count(*) FROM users WHERE disabled_at IS NOT NULL AND id = "+id), 1)
				}
			})
		})
	}
}

// TestNameInOtherCase: nobody gets a name that another row has in another letter
// case, by whatever request, though the index of the database would let them.
func TestNameInOtherCase(t *testing.T) {
	for _, p := range []sqlstore.Existing{sqlstore.Refuse, sqlstore.Adopt, sqlstore.AskHost} {
		each(t, func(a *app) {
			a.exec(usual + `INSERT INTO users (email) VALUES ('Boss')`)
			table := a.table(policy(p))
			if p == sqlstore.AskHost {
				table.Ask = func(context.Context, *scim.Resource, *scim.Resource) error { return scim.ErrConflict }
			}
			a.open(table)
			id := a.post(`"userName":"eve"`).ID
			a.says("PATCH", a.replace(id, "userName", "boss"), 409)
			a.says("PUT", a.put(id, `"userName":"BOSS"`), 409)
			a.is("the rows", a.row("SELECT email FROM users ORDER BY id"), "Boss|eve")
			a.says("PATCH to another name", a.replace(id, "userName", "Eva"), 200)
			a.says("PATCH to another letter case", a.replace(id, "userName", "EVA"), 200)
			a.is("the rows after", a.row("SELECT email FROM users ORDER BY id"), "Boss|EVA")
			if p == sqlstore.Adopt {
				a.says("PATCH of the row that was there", a.replace("1", "userName", "BOSS"), 200)
			}
		})
	}
}

// TestNoUniqueValue: who has no value of a unique attribute is not whoever has an
// empty one.
func TestNoUniqueValue(t *testing.T) {
	each(t, func(a *app) {
		a.exec(`CREATE TABLE users (id {id}, email text NOT NULL UNIQUE, badge text UNIQUE); CREATE INDEX users_email ON users (lower(email)); CREATE INDEX users_badge ON users (lower(badge)); INSERT INTO users (email, badge) VALUES ('old', '')`)
		for i := range a.user.Schema.Attributes {
			if s := &a.user.Schema.Attributes[i]; s.Name == "nickName" {
				s.Uniqueness = schema.UniqueServer
			}
		}
		a.open(a.table(only(columns{"userName": {Name: "email"}, "nickName": {Name: "badge"}})))
		a.says("POST", a.post(`"userName":"new"`), 201)
		a.is("the rows", a.row("SELECT count(*) FROM users"), 2)
	})
}

// TestNamesBeyondASCII: without Column.Key, letters beyond ASCII compare as the
// database lowers them, and a name is still found by itself, and by nothing that is
// another name.
func TestNamesBeyondASCII(t *testing.T) {
	each(t, func(a *app) {
		a.exec(usual + "INSERT INTO users (email) VALUES ('Zoë@x')")
		a.open(a.table())
		a.is("the row that is adopted", a.post(`"userName":"Zoë@x","title":"Boss"`).ID, "1")
		for _, name := range []string{"Élan@x", "e\u0301a@x", "ＡＢＣ@x", "Straße@x", "İ@x", "i@x", "ΑΣ@x", "100%É@x"} {
			got := a.post(`"userName":"` + name + `"`)
			a.says("POST of "+name, got, 201)
			for _, filter := range []string{`userName eq "{}"`, `userName eq "{}" and active eq true`, `(userName eq "{}" or userName eq "nobody")`, `emails[type eq "work"].value eq "{}"`} {
				filter = strings.ReplaceAll(filter, "{}", name)
				a.is(filter, a.found(filter), got.ID)
				a.is("the others", strings.Contains(a.found("not ("+filter+")"), got.ID), false)
			}
			a.is("ne", strings.Contains(a.found(`userName ne "`+name+`"`), got.ID), false)
			a.says("POST again", a.post(`"userName":"`+name+`"`), 409)
			a.says("PATCH", a.replace(got.ID, "title", "Boss"), 200)
			a.says("PATCH of another", a.replace("1", "userName", name), 409)
		}
		a.is("all with a title", a.found(`title eq "Boss"`), "123456789")
	})
}
