package accounts

import (
	"strings"
	"testing"

	"github.com/scimkit/scimkit/store/sqlstore"
)

// TestOneColumn: where login and work address are one column, the login counts,
// whatever clients send for the address, and however often.
func TestOneColumn(t *testing.T) {
	const sent = `"userName":"mira","emails":[{"value":"mira.holt@example.com","type":"work"}],"active":true`
	each(t, func(a *app) {
		a.exec(usual + `INSERT INTO users (email) VALUES ('olaf')`)
		a.open(a.table())
		made := a.post(sent)
		check := func(what string, got answer, status int) {
			a.Helper()
			a.says(what, got, status)
			a.is(what+", userName", got.Name, "mira")
			a.is(what+", the column", a.row("SELECT email FROM users WHERE id = "+made.ID), "mira")
		}
		check("POST", made, 201)
		for range 3 {
			check("PUT", a.put(made.ID, sent), 200)
		}
		check("PATCH of the address", a.replace(made.ID, `emails[type eq "work"].value`, "mira.holt@example.com"), 200)
		check("PATCH of all", a.patch(made.ID, `{"op":"replace","value":{"userName":"mira","emails[type eq \"work\"].value":"mira.holt@example.com"}}`), 200)
		check("PATCH without addresses", a.patch(made.ID, `{"op":"remove","path":"emails"}`), 200)
		a.says("POST of the same", a.post(sent), 409)

		got := a.replace(made.ID, "userName", "Mira")
		a.is("PATCH of the login", got.Name+" "+got.Emails[0].Value, "Mira Mira")

		adopted := a.post(strings.ReplaceAll(sent, "mira", "olaf"))
		a.is("what adoption answers", adopted.ID+" "+adopted.Name, "1 olaf")
		a.is("what it leaves", a.row("SELECT email FROM users WHERE id = 1"), "olaf")
	})
}

// TestOneColumnVersion: a request that writes nothing leaves the version as it is, also
// where a client sends another address than the column has, or says nothing of it.
func TestOneColumnVersion(t *testing.T) {
	const sent = `"userName":"ann@x","active":true,"emails":[{"value":"other@x","type":"work"}],"name":{"givenName":"A","familyName":"B"}`
	const phone = `,"phoneNumbers":[{"value":"1","type":"work"},{"value":"2","type":"home"}]`
	phones := func(t *sqlstore.Table) {
		t.Lists = map[string]sqlstore.List{"phoneNumbers": {Table: "phones", Owner: "user_id", Columns: map[string]string{"value": "n", "type": "k"}}}
	}
	for rest, inRest := range map[string]func(*sqlstore.Table){"beside": phones, "in Rest": func(t *sqlstore.Table) { phones(t); t.Rest = "rest" }} {
		t.Run(rest, func(t *testing.T) {
			each(t, func(a *app) {
				a.exec(`CREATE TABLE users (id {id}, email text NOT NULL UNIQUE, first_name text, last_name text, disabled_at {time}, rest text);
					CREATE TABLE phones (user_id bigint NOT NULL, n text, k text); CREATE INDEX users_email ON users (lower(email))`)
				a.open(a.table(inRest))
				first := a.post(sent + phone)
				stays := func(what string, got answer) {
					a.Helper()
					a.says(what, got, 200)
					a.is(what, got.Meta, first.Meta)
				}
				for range 2 {
					stays("PUT", a.put("1", sent+phone))
					stays("PUT in another order", a.put("1", sent+`,"phoneNumbers":[{"value":"2","type":"home"},{"value":"1","type":"work"}]`))
					stays("PATCH", a.replace("1", `emails[type eq "work"].value`, "other@x"))
					stays("PATCH without addresses", a.patch("1", `{"op":"remove","path":"emails"}`))
					stays("PATCH of the same", a.replace("1", "name.givenName", "A"))
				}
				for _, path := range []string{"name.givenName", "title", `emails[type eq "work"].display`, `phoneNumbers[type eq "home"].value`} {
					before := a.do("GET", "/Users/1", "").Meta
					if got := a.replace("1", path, "new"); got.Meta == before {
						a.Errorf("a change of %s: %s", path, got.body)
					}
				}
			})
		})
	}
}

// TestOneColumnOfOthers: of attributes that are not unique, the first in the
// schema that has a value counts.
func TestOneColumnOfOthers(t *testing.T) {
	each(t, func(a *app) {
		a.exec(`CREATE TABLE users (id {id}, email text NOT NULL UNIQUE, full_name text); CREATE INDEX users_email ON users (lower(email)); INSERT INTO users (email, full_name) VALUES ('b', 'Bo');`)
		a.open(a.table(only(columns{"userName": {Name: "email"}, "displayName": {Name: "full_name"}, "name.formatted": {Name: "full_name"}})))
		id := a.post(`"userName":"a","displayName":"Ann","name":{"formatted":"Ann Lee"}`).ID
		name := func() string { a.Helper(); return a.row("SELECT full_name FROM users WHERE id = " + id) }
		first := name()
		for range 3 {
			a.says("PUT", a.put(id, `"userName":"a","displayName":"Ann","name":{"formatted":"Ann Lee"}`), 200)
			a.is("after PUT", name(), first)
		}
		a.put(id, `"userName":"a","displayName":"Anna"`)
		a.is("after PUT with the one", name(), "Anna")
		a.put(id, `"userName":"a","name":{"formatted":"Anna Lee"}`)
		a.is("after PUT with the other", name(), "Anna Lee")
		a.put(id, `"userName":"a"`)
		a.is("after PUT with none", name(), "")
		a.put(id, `"userName":"a","displayName":"Ann"`)
		a.is("after PUT with one again", name(), "Ann")

		id = a.post(`"userName":"b","displayName":"Bob"`).ID
		a.is("adopted with the one", id+" "+name(), "1 Bob")
	})
}

// TestOneColumnAdopted: what the client sends counts before what the row has,
// whichever attribute it is of.
func TestOneColumnAdopted(t *testing.T) {
	for _, sent := range []string{`"displayName":"Bob"`, `"name":{"formatted":"Bob"}`} {
		each(t, func(a *app) {
			a.exec(`CREATE TABLE users (id {id}, email text NOT NULL UNIQUE, full_name text); CREATE INDEX users_email ON users (lower(email)); INSERT INTO users (email, full_name) VALUES ('b', 'Bo');`)
			a.open(a.table(only(columns{"userName": {Name: "email"}, "displayName": {Name: "full_name"}, "name.formatted": {Name: "full_name"}})))
			a.says("POST", a.post(`"userName":"b",`+sent), 201)
			a.is("the rows", a.row("SELECT id, full_name FROM users"), "1|Bob")
		})
	}
}

// TestKeyOfColumn: whichever attribute writes a column, its key goes with it.
func TestKeyOfColumn(t *testing.T) {
	each(t, func(a *app) {
		a.exec(`CREATE TABLE users (id {id}, email text NOT NULL UNIQUE, nick text, nick_key text); CREATE INDEX users_email ON users (lower(email))`)
		a.open(a.table(only(columns{"userName": {Name: "email"}, "displayName": {Name: "nick"}, "nickName": {Name: "nick", Key: "nick_key"}})))
		id := a.post(`"userName":"a","displayName":"Ann"`).ID
		a.is("after POST", a.row("SELECT nick, nick_key FROM users"), "Ann|ann")
		a.replace(id, "displayName", "EVE")
		a.is("after PATCH", a.row("SELECT nick, nick_key FROM users"), "EVE|eve")
		a.patch(id, `{"op":"remove","path":"displayName"},{"op":"remove","path":"nickName"}`)
		a.is("after removal", a.row("SELECT nick, nick_key FROM users"), "|")
	})
}

// TestKeyOfTwo: a column with keys is for one attribute's.
func TestKeyOfTwo(t *testing.T) {
	for _, c := range []columns{
		{"userName": {Name: "email", Key: "k"}, "nickName": {Name: "nick", Key: "k"}},
		{"userName": {Name: "email"}, "externalId": {Name: "nick", Key: "k"}, "nickName": {Name: "nick", Key: "k"}},
		{"userName": {Name: "email"}, "displayName": {Name: "k"}, "nickName": {Name: "nick", Key: "k"}},
	} {
		each(t, func(a *app) {
			a.exec(`CREATE TABLE users (id {id}, email text NOT NULL UNIQUE, nick text, k text UNIQUE); CREATE INDEX users_email ON users (lower(email))`)
			_, err := sqlstore.Open(t.Context(), a.db, a.dialect, sqlstore.Options{Relaxed: true, Tables: []sqlstore.Table{a.table(only(c))}})
			if err == nil || !strings.Contains(err.Error(), "the column k is for") || !strings.Contains(err.Error(), "nickName") {
				t.Errorf("%v: %v", c, err)
			}
		})
	}
}
