package accounts

import (
	"testing"
	"time"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// TestDefaults: a column of which the client says nothing gets what the database
// gives new rows, and is written when the client says something.
func TestDefaults(t *testing.T) {
	each(t, func(a *app) {
		a.exec(`CREATE TABLE users (id {id}, email text NOT NULL UNIQUE, lang text NOT NULL DEFAULT 'de', zone text DEFAULT 'Europe/Berlin', vip boolean NOT NULL DEFAULT true, title text NOT NULL); CREATE INDEX users_email ON users (lower(email))`)
		a.open(a.table(only(columns{"userName": {Name: "email"}, "locale": {Name: "lang"}, "timezone": {Name: "zone"}, "active": {Name: "vip"}, "title": {Name: "title"}})))
		id := a.post(`"userName":"ann"`).ID
		row := func() string { a.Helper(); return a.row("SELECT lang, zone, title FROM users WHERE id = " + id) }
		a.is("a new row", row(), "de|Europe/Berlin|")
		a.says("PATCH", a.patch(id, `{"op":"remove","path":"locale"},{"op":"remove","path":"timezone"}`), 200)
		a.is("after removal", row(), "||")
		id = a.post(`"userName":"bob","locale":"fr","timezone":"Europe/Paris"`).ID
		a.is("a row with values", row(), "fr|Europe/Paris|")
	})
}

// TestPadded: the spaces with which PostgreSQL fills char(n) are no part of values.
func TestPadded(t *testing.T) {
	a := onPostgreSQL(t)
	a.exec(`CREATE TABLE users (id {id}, email char(30) NOT NULL UNIQUE, title char(20)); CREATE INDEX users_email ON users (lower(email));
		CREATE TABLE phones (user_id bigint NOT NULL, n char(20));
		INSERT INTO users (email, title) VALUES ('ann', 'Boss'), ('bob', ''); INSERT INTO phones VALUES (1, '7');`)
	a.open(a.table(only(columns{"userName": {Name: "email"}, "title": {Name: "title"}}), func(t *sqlstore.Table) {
		t.Lists = map[string]sqlstore.List{"phoneNumbers": {Table: "phones", Owner: "user_id", Columns: map[string]string{"value": "n"}}}
	}))
	got := a.post(`"userName":"Ann"`)
	a.says("POST", got, 201)
	a.is("who is adopted", got.ID+" "+got.Name, "1 Ann")
	var user struct {
		UserName, Title string
		PhoneNumbers    []struct{ Value string }
	}
	a.read("/Users/1", &user)
	a.is("the user", user, "{Ann Boss [{7}]}")
	a.says("PATCH", a.replace("2", "userName", "ANN"), 409)
	a.says("PATCH", a.replace("2", "userName", "BOB"), 200)
}

// TestTimes: times that the library writes are times to the database.
func TestTimes(t *testing.T) {
	each(t, func(a *app) {
		a.exec(`CREATE TABLE users (id {id}, email text NOT NULL, disabled_at {time}, gone {time}, since {time} NOT NULL); CREATE UNIQUE INDEX users_email ON users (lower(email)) WHERE gone IS NULL;`)
		a.open(a.table(only(columns{"userName": {Name: "email"}, "active": sqlstore.Until("disabled_at")}), func(t *sqlstore.Table) {
			t.DeletedAt, t.Fixed = "gone", map[string]any{"since": time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
		}))
		id := a.post(`"userName":"ann","active":false`).ID
		a.is("DELETE", a.do("DELETE", "/Users/"+id, "").Status, 204)
		year := func(column string) string {
			if a.dialect == sqlstore.PostgreSQL {
				return "CAST(extract(year FROM " + column + ") AS integer)"
			}
			return "CAST(strftime('%Y', " + column + ") AS integer)"
		}
		a.is("the years", a.row("SELECT "+year("since")+", "+year("disabled_at")+" > 2000, "+year("gone")+" > 2000 FROM users"),
			map[sqlstore.Dialect]string{sqlstore.SQLite: "2026|1|1", sqlstore.PostgreSQL: "2026|true|true"}[a.dialect])
	})
}

// TestTablesOfCaller: Open leaves the slice that it gets as it is.
func TestTablesOfCaller(t *testing.T) {
	a := onSQLite(t)
	a.exec(usual)
	all := []sqlstore.Table{a.table(), {Name: "mine"}}
	_, err := sqlstore.Open(t.Context(), a.db, a.dialect, sqlstore.Options{Relaxed: true, Tables: all[:1], Types: []*schema.ResourceType{schema.GroupType()}})
	if err != nil || all[1].Name != "mine" {
		t.Errorf("the caller's table is %+v, %v", all[1], err)
	}
}
