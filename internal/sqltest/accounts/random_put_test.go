package accounts

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/scimkit/scimkit/store/sqlstore"
)

const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

const wideTables = `CREATE TABLE users (id {id}, email text NOT NULL UNIQUE, label text, nick text NOT NULL DEFAULT '', title char(10), disabled_at {time},
	ext text, first text, wmail text, hmail text, role text, town text, land text NOT NULL DEFAULT 'NO', dept text, boss text, lang text NOT NULL DEFAULT 'en', rest text);
	CREATE TABLE phones (user_id bigint NOT NULL, place int, n text, k text NOT NULL DEFAULT 'x', main boolean, note text DEFAULT 'kept'); CREATE INDEX users_email ON users (lower(email)); CREATE INDEX users_ext ON users (ext)`

// wide maps attributes of all kinds.
func (a *app) wide(rest string) sqlstore.Table {
	t := sqlstore.Table{Type: a.user, Name: "users", ID: "id", Rest: rest, Existing: sqlstore.Adopt, Columns: columns{"active": sqlstore.Until("disabled_at")},
		Lists: map[string]sqlstore.List{"phoneNumbers": {Table: "phones", Owner: "user_id", Order: "place",
			Columns: map[string]string{"value": "n", "type": "k", "primary": "main"}}},
	}
	for path, name := range map[string]string{
		"userName": "email", "displayName": "label", "nickName": "nick", "title": "title", "externalId": "ext", "name.givenName": "first",
		"preferredLanguage": "lang", `emails[type eq "work"].value`: "wmail", `emails[type eq "home"].value`: "hmail", `roles[value eq "a"].display`: "role",
		`addresses[type eq "work"].locality`: "town", `addresses[type eq "work"].country`: "land", enterprise + ":department": "dept", enterprise + ":manager.value": "boss",
	} {
		t.Columns[path] = sqlstore.Column{Name: name}
	}
	return t
}

// A dice throws users.
type dice struct{ *rand.Rand }

func (d dice) text() string { return []string{"a", "A", "b", "c", "é", "10", "x\ty"}[d.IntN(7)] }

// some gives some of the attributes a text, nil if none.
func (d dice) some(names ...string) map[string]any {
	m := make(map[string]any)
	for _, name := range names {
		if d.IntN(2) == 0 {
			m[name] = d.text()
		}
	}
	return m
}

// list is a list of elements that have the first of subs, and some of the others.
func (d dice) list(types []string, subs ...string) (all []any) {
	for n := range d.IntN(4) {
		e := d.some(subs[1:]...)
		e[subs[0]] = fmt.Sprint(d.text(), n)
		if d.IntN(4) > 0 {
			e["type"] = types[d.IntN(len(types))]
		}
		all = append(all, e)
	}
	if len(all) > 0 && d.IntN(3) == 0 {
		all[d.IntN(len(all))].(map[string]any)["primary"] = true
	}
	return all
}

// user is the body of a PUT.
func (d dice) user(name string) map[string]any {
	m := d.some("displayName", "nickName", "title", "externalId", "userType")
	m["schemas"] = []string{"urn:ietf:params:scim:schemas:core:2.0:User", enterprise}
	m["userName"], m["preferredLanguage"], m["locale"] = name, []string{"de", "en"}[d.IntN(2)], []string{"de", "en"}[d.IntN(2)]
	m["active"] = d.IntN(2) == 0
	m["name"], m[enterprise] = d.some("givenName", "familyName"), d.some("department", "costCenter")
	if d.IntN(2) == 0 {
		m[enterprise].(map[string]any)["manager"] = map[string]any{"value": d.text()}
	}
	m["emails"] = d.list([]string{"work", "home", "other"}, "value", "display")
	m["phoneNumbers"] = d.list([]string{"work", "home", "other"}, "value", "display")
	m["addresses"] = d.list([]string{"work", "home"}, "locality", "country", "region")
	m["roles"] = d.list([]string{"t"}, "value", "display")
	return m
}

// shown is what of a user clients see as they have sent it.
func shown(user map[string]any) string {
	m := make(map[string]any)
	for _, name := range []string{"userName", "displayName", "nickName", "externalId", "userType", "locale", "name", "active",
		"emails", "phoneNumbers", "addresses", "roles", enterprise} {
		switch v := user[name].(type) {
		case nil:
		case []any:
			if len(v) > 0 {
				m[name] = v
			}
		case map[string]any:
			if len(v) > 0 {
				m[name] = v
			}
		default:
			m[name] = v
		}
	}
	text, _ := json.Marshal(m)
	return string(text)
}

// of decodes an answer. What the service provider adds to it is left out.
func (a *app) of(got answer) map[string]any {
	a.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(got.body), &m); err != nil {
		a.Fatal(err)
	}
	if more, ok := m[enterprise].(map[string]any); ok {
		if boss, ok := more["manager"].(map[string]any); ok {
			delete(boss, "$ref")
		}
	}
	return m
}

// rows are all columns of the user.
func (a *app) rows() string {
	a.Helper()
	return a.row("SELECT * FROM users") + "\n" + a.row("SELECT * FROM phones ORDER BY place")
}

// repeated is a PUT of what GET gives; change is what the application does before. It
// tells whether the answer, with its version, or the rows are others than before.
func (a *app) repeated(change string) (differs bool) {
	a.Helper()
	before, rows := a.do("GET", "/Users/1", ""), a.rows()
	if change != "" {
		a.exec(change)
	}
	after := a.do("PUT", "/Users/1", before.body)
	a.says("PUT of what GET gives", after, 200)
	return after.body != before.body || a.rows() != rows
}

// TestRandomPut: what a PUT sends is what GET gives then, and a PUT of that changes
// nothing, but what the application has changed since.
func TestRandomPut(t *testing.T) {
	for name, rest := range map[string]string{"beside": "", "in Rest": "rest"} {
		t.Run(name, func(t *testing.T) {
			each(t, func(a *app) {
				d := dice{rand.New(rand.NewPCG(3, 4))}
				a.exec(wideTables)
				a.open(a.wide(rest))
				a.says("POST", a.post(`"userName":"n"`), 201)
				for i := range 60 {
					sent := d.user(fmt.Sprint("n", i))
					body, err := json.Marshal(sent)
					if err != nil {
						a.Fatal(err)
					}
					put := a.do("PUT", "/Users/1", string(body))
					a.says("PUT", put, 200)
					a.is("what GET gives", a.do("GET", "/Users/1", "").body, put.body)
					a.is("what the PUT has made", shown(a.of(put)), shown(sent))
					if a.repeated("") {
						a.Errorf("a PUT of what GET gives changes it; GET gives %s now", a.do("GET", "/Users/1", "").body)
					}
					if a.Failed() {
						a.Fatalf("sent %s", body)
					}
				}
				if !a.repeated(`UPDATE users SET label = 'changed'`) {
					a.Error("a PUT of what is no more changes nothing")
				}
			})
		})
	}
}
