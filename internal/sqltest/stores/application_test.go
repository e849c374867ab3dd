package stores

import (
	"fmt"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// plainTables are what many applications have, and plainMapping what they write
// for it, with the User of RFC 7643 as it is.
var plainTables = map[sqlstore.Dialect]string{
	sqlstore.SQLite: `
CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT NOT NULL UNIQUE, first_name TEXT, password_hash TEXT, nick TEXT); CREATE INDEX users_email ON users (lower(email));
CREATE TABLE teams (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE); CREATE INDEX teams_name ON teams (lower(name));
CREATE TABLE team_members (team_id INTEGER NOT NULL REFERENCES teams, user_id INTEGER NOT NULL REFERENCES users, PRIMARY KEY (team_id, user_id));`,
	sqlstore.PostgreSQL: `
CREATE TABLE users (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, first_name text, password_hash text, nick text); CREATE INDEX users_email ON users (lower(email));
CREATE TABLE teams (id bigserial PRIMARY KEY, name text NOT NULL UNIQUE); CREATE INDEX teams_name ON teams (lower(name));
CREATE TABLE team_members (team_id bigint NOT NULL REFERENCES teams, user_id bigint NOT NULL REFERENCES users, PRIMARY KEY (team_id, user_id));`,
}

func plainMapping(users, groups *schema.ResourceType) []sqlstore.Table {
	return []sqlstore.Table{{
		Type: users, Name: "users", ID: "id", Existing: sqlstore.Adopt,
		Columns: map[string]sqlstore.Column{
			"userName":                     {Name: "email"},
			`emails[type eq "work"].value`: {Name: "email"},
			"name.givenName":               {Name: "first_name"},
			"nickName":                     {Name: "nick"},
			"password": {Name: "password_hash", Encode: func(v any) (any, error) {
				if v == nil {
					return nil, nil
				}
				return "hash of " + v.(string), nil
			}},
		},
	}, {
		Type: groups, Name: "teams", ID: "id", Existing: sqlstore.Adopt,
		Columns: map[string]sqlstore.Column{"displayName": {Name: "name"}},
		Members: &sqlstore.Members{Table: "team_members", Owner: "team_id", Member: "user_id", Type: users},
	}}
}

func withPlain(t *testing.T, test func(a *app)) {
	withPlainDDL(t, false, rows(""), func(a *app, _ sqlstore.Dialect) { test(a) })
}

// What the client says of an element that has one column stays, and so do other
// elements, all in their places.
func TestElements(t *testing.T) {
	withPlain(t, func(a *app) {
		r := a.parse(`{"userName":"ann@example.com","emails":[
			{"value":"home@example.com","type":"home"},
			{"value":"ann@example.com","type":"work","primary":true,"display":"Ann at work"},
			{"value":"other@example.com","type":"work"}]}`)
		want := `[{"value":"home@example.com","type":"home"},` +
			`{"value":"ann@example.com","display":"Ann at work","type":"work","primary":true},` +
			`{"value":"other@example.com","type":"work"}]`
		emails := func(r *scim.Resource) string {
			v, _ := r.Document().Get(a.user.Model().SubString(0, "emails"))
			return string(v.Raw())
		}
		a.is("what Create gives", emails(r), want)
		a.is("what Get gives", emails(a.get(r.ID())), want)
		a.update(r.ID(), func(r *scim.Resource) error { return r.Set("nickName", "Annie") })
		a.is("what is there after a change of something else", emails(a.get(r.ID())), want)
		exec(a, a.db, "UPDATE users SET email = 'new@example.com'")
		a.is("after the application's change", emails(a.get(r.ID())), strings.Replace(want, "ann@example.com", "new@example.com", 1))
		a.is("what is found", strings.Join(a.find(`emails[type eq "work" and value eq "new@example.com"] and emails.value eq "other@example.com" and emails.value co "home"`), " "), r.ID())
		a.is("what is not", strings.Join(a.find(`emails[type eq "work" and value eq "home@example.com"] or emails.value eq "ann@example.com"`), " "), "")
	})
}

// A password that is not sent stays.
func TestPasswordStays(t *testing.T) {
	withPlain(t, func(a *app) {
		r := a.parse(`{"userName":"ann@example.com","password":"s3cret"}`)
		a.is("the hash", a.cell("SELECT password_hash FROM users"), "hash of s3cret")
		a.update(r.ID(), func(r *scim.Resource) error { return r.Set("title", "Boss") })
		a.is("the hash after a change", a.cell("SELECT password_hash FROM users"), "hash of s3cret")
		a.update(r.ID(), func(r *scim.Resource) error { return r.Set("password", "other") })
		a.is("the hash after a new one", a.cell("SELECT password_hash FROM users"), "hash of other")
		if a.get(r.ID()).Has("password") {
			a.Error("the hash is in the resource")
		}
		if doc := a.cell("SELECT doc FROM scim_resources"); strings.Contains(doc, "s3cret") || strings.Contains(doc, "other") {
			a.Errorf("the document is %s", doc)
		}
	})
}

// A name that is no text is no reason to keep those from being seen who are in a group
// with it, and groups with such a name.
func TestOddNames(t *testing.T) {
	for what, name := range map[string]string{"bytes": "x'ff'", "bad text": "CAST(x'ff' AS text)", "U+0000": "char(0)"} {
		t.Run(what, func(t *testing.T) {
			a := &app{T: t, db: engines[0].open(t), user: schema.UserType(), group: schema.GroupType()} // PostgreSQL has no such text
			exec(t, a.db, plainTables[sqlstore.SQLite])
			a.mustOpen(sqlstore.SQLite, sqlstore.Options{Tables: plainMapping(a.user, a.group)})
			u, v := a.parse(`{"userName":"ann"}`).ID(), a.parse(`{"userName":"bob"}`).ID()
			g := a.mustGroup("Staff", u, v)
			exec(t, a.db, "UPDATE users SET email = "+name+" WHERE id = "+u)
			a.is("the members", a.shownMembers(g.ID()), u+" "+v)
			a.is("how many groups there are", fmt.Sprint(len(a.findGroups(`members.value eq "`+u+`"`))), "1")
			exec(t, a.db, "UPDATE teams SET name = "+name)
			a.is("how many users there are", fmt.Sprint(a.total(`id pr`)), "2")
			a.finds(`groups.value eq "`+g.ID()+`" and userName eq "bob"`, v)
		})
	}
}

// The third user may be in the third team, though both have the id 3.
func TestSameNumber(t *testing.T) {
	withPlain(t, func(a *app) {
		u := a.parse(`{"userName":"ann@example.com"}`)
		g := a.mustGroup("Staff", u.ID())
		if g.ID() != u.ID() {
			a.Fatalf("the ids are %s and %s", g.ID(), u.ID())
		}
		a.is("the members", a.cell("SELECT user_id FROM team_members"), u.ID())
	})
}

// An empty text in a column is no value, for filters as well.
func TestEmptyText(t *testing.T) {
	withPlain(t, func(a *app) {
		r := a.parse(`{"userName":"ann@example.com"}`)
		exec(a, a.db, "UPDATE users SET nick = ''")
		for _, f := range []string{`nickName le "E1"`, `nickName pr`, `nickName eq ""`, `nickName sw ""`} {
			a.finds(f, "")
		}
		a.is("not pr", strings.Join(a.find(`not (nickName pr)`), " "), r.ID())
	})
}

// It is none either where texts are references, or bytes.
func TestEmptyReference(t *testing.T) {
	for _, e := range engines {
		for path, kind := range map[string]schema.Type{"site": schema.Reference, "photo": schema.Binary} {
			t.Run(e.name+"/"+path, func(t *testing.T) {
				a := &app{T: t, db: e.open(t), user: schema.UserType()}
				extra := schema.Attribute{Name: path, Type: kind}
				if kind == schema.Reference {
					extra.ReferenceTypes = []string{"uri"}
				}
				a.user.Schema.Attributes = append(a.user.Schema.Attributes, extra)
				text, table := typed(a, e.dialect, path, "text NOT NULL")
				if err := openApp(t, e.dialect, a, text, table); err != nil {
					t.Fatal(err)
				}
				none := a.parse(`{"userName":"ann"}`).ID()
				some := a.parse(`{"userName":"bob","` + path + `":"aaaa"}`).ID()
				a.finds(path+" pr", some)
				a.finds("not ("+path+" pr)", none)
				a.finds(path+` ne "aaaa"`, none)
				a.finds(path+` eq ""`, "")
				if kind == schema.Reference {
					a.finds(path+` le "x"`, some)
					a.finds(`not (`+path+` le "x")`, none)
				}
			})
		}
	}
}

// Databases that take İ for i do not give somebody else's account away.
func TestOtherName(t *testing.T) {
	withPlain(t, func(a *app) {
		exec(a, a.db, "INSERT INTO users (email) VALUES ('İstanbul@example.com')")
		r := a.parse(`{"userName":"istanbul@example.com"}`)
		a.is("the account that was there", a.cell("SELECT email FROM users WHERE id = 1"), "İstanbul@example.com")
		if r.ID() == "1" {
			a.Error("it was taken over")
		}
	})
}

// A walk does not go on from where an earlier one was.
func TestWalkTwice(t *testing.T) {
	withPlain(t, func(a *app) {
		var ids []string
		for _, c := range "abcdefghijkl" {
			ids = append(ids, a.parse(`{"userName":"`+string(c)+`@example.com"}`).ID())
		}
		walk := func(want []string) {
			a.Helper()
			var got []string
			for i := 1; i <= len(want); i += 4 {
				p, err := a.users.List(a.Context(), scim.Query{StartIndex: i, Count: 4})
				if err != nil {
					a.Fatal(err)
				}
				if p.Total != len(want) {
					a.Errorf("the page from %d on says %d in all, want %d", i, p.Total, len(want))
				}
				for _, r := range p.Resources {
					got = append(got, r.ID())
				}
			}
			a.is("the walk", strings.Join(got, " "), strings.Join(want, " "))
		}
		walk(ids)
		for _, id := range ids[:3] {
			if err := a.users.Delete(a.Context(), id, func(*scim.Resource) error { return nil }); err != nil {
				a.Fatal(err)
			}
		}
		walk(ids[3:])
	})
}

// TestVersionOfColumns: what moves from one column to the next, or comes into one that
// had nothing, makes another version.
func TestVersionOfColumns(t *testing.T) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			a := &app{T: t, db: e.open(t), user: schema.UserType()}
			table := peopleOf(a.user)
			table.Columns["name.familyName"], table.Columns["name.givenName"] = sqlstore.Column{Name: "family"}, sqlstore.Column{Name: "given"}
			if err := openApp(t, e.dialect, a, ddl(e.dialect, peopleRow+", family text, given text); CREATE INDEX people_email ON people (lower(email)); INSERT INTO people (email) VALUES ('ann')"), table); err != nil {
				t.Fatal(err)
			}
			seen := make(map[string]string)
			for _, names := range []string{"NULL, NULL", "'<nil>', NULL", "'', NULL", "NULL, ''", "'Lee', 'Mary Ann'", "'Lee Mary', 'Ann'", `'Lee" "Mary', 'Ann'`} {
				exec(t, a.db, "UPDATE people SET (family, given) = ("+names+")")
				version := a.get("1").Meta().Version
				if other, ok := seen[version]; ok {
					t.Errorf("%s and %s have one version", names, other)
				}
				a.is("the version read again", a.get("1").Meta().Version, version)
				seen[version] = names
			}
		})
	}
}
