package accounts

import (
	"errors"
	"strconv"
	"testing"

	"github.com/scimkit/scimkit/store/sqlstore"
)

// TestOddRows: a row that is against the schema, or has what nobody can read, is
// seen with the others, can be deactivated, and keeps what it has.
func TestOddRows(t *testing.T) {
	refuse := func(v any) (any, error) { return nil, errors.New("unreadable") }
	tests := []struct {
		name, ddl      string
		lite, postgres string // the value, "" for no test
		path           string
		column         sqlstore.Column
	}{
		{"no login", "c text", "NULL", "NULL", "userName", sqlstore.Column{Name: "c"}},
		{"an empty login", "c text", "''", "''", "userName", sqlstore.Column{Name: "c"}},
		{"no time", "c {time}", "'2020-01-01 10:00'", "'infinity'", "meta.created", sqlstore.Column{Name: "c"}},
		{"a time long ago", "c {time}", "'whenever'", "'0044-03-15 BC'", "meta.created", sqlstore.Column{Name: "c"}},
		{"a time far away", "c {time}", "'10000-01-01 10:00:00'", "'10000-01-01 10:00:00'", "meta.created", sqlstore.Column{Name: "c"}},
		{"what Decode refuses", "c text", "'x'", "'x'", "title", sqlstore.Column{Name: "c", Decode: refuse}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			each(t, func(a *app) {
				value := test.lite
				if a.dialect == sqlstore.PostgreSQL {
					value = test.postgres
				}
				if value == "" {
					return
				}
				a.exec(`CREATE TABLE users (id {id}, email text UNIQUE, disabled_at {time}, ` + test.ddl + `, UNIQUE (c)); CREATE INDEX users_email ON users (lower(email));
					INSERT INTO users (email, c) VALUES ('odd', ` + value + `)`)
				if test.path == "userName" {
					a.exec("CREATE INDEX users_c ON users (lower(c))")
				}
				c := columns{"userName": {Name: "email"}, "active": sqlstore.Until("disabled_at")}
				c[test.path] = test.column
				a.open(a.table(only(c)))
				before := a.row("SELECT CAST(c AS text) FROM users")
				a.says("GET of all", a.do("GET", "/Users", ""), 200)
				a.says("GET", a.do("GET", "/Users/1", ""), 200)
				a.says("PATCH", a.replace("1", "active", false), 200)
				if test.path == "userName" {
					a.says("PUT without what is required", a.put("1", `"active":true`), 400)
				}
				a.is("who is disabled", a.row("SELECT id FROM users WHERE disabled_at IS NOT NULL"), "1")
				a.is("the column", a.row("SELECT CAST(c AS text) FROM users"), before)
			})
		})
	}
}

// TestOddActive: who is neither active nor not can be deactivated.
func TestOddActive(t *testing.T) {
	a := onSQLite(t) // PostgreSQL has no such value
	a.exec(`CREATE TABLE users (id {id}, email text UNIQUE, is_active boolean); CREATE INDEX users_email ON users (lower(email)); INSERT INTO users (email, is_active) VALUES ('ann', 'yes'), ('bob', 'no')`)
	a.open(a.table(only(columns{"userName": {Name: "email"}, "active": {Name: "is_active"}})))
	a.says("GET of all", a.do("GET", "/Users", ""), 200)
	a.says("PATCH", a.replace("1", "title", "Boss"), 200)
	a.is("the column", a.row("SELECT is_active FROM users WHERE id = 1"), "yes")
	a.says("PATCH of active", a.replace("1", "active", false), 200)
	a.is("the column after", a.row("SELECT is_active FROM users WHERE id = 1"), "0")
	a.says("PUT", a.put("2", `"userName":"bob","active":true`), 200)
	a.is("the column of the other", a.row("SELECT is_active FROM users WHERE id = 2"), "1")
}

// TestOddList: a list with two primary values is no reason to keep somebody in,
// and stays as it is.
func TestOddList(t *testing.T) {
	each(t, func(a *app) {
		a.exec(usual + `CREATE TABLE phones (user_id bigint NOT NULL, n text, main boolean, note text);
			INSERT INTO users (email) VALUES ('ann'); INSERT INTO phones VALUES (1, '1', true, 'a'), (1, '2', true, 'b');`)
		a.open(a.table(func(t *sqlstore.Table) {
			t.Lists = map[string]sqlstore.List{"phoneNumbers": {Table: "phones", Owner: "user_id", Columns: map[string]string{"value": "n", "primary": "main"}}}
		}))
		a.says("PATCH", a.replace("1", "active", false), 200)
		a.says("PATCH of the list", a.patch("1", `{"op":"add","path":"phoneNumbers","value":[{"value":"3"}]}`), 400)
		a.is("the list", a.row("SELECT n, note FROM phones ORDER BY n"), "1|a|2|b")
		a.says("PATCH with one primary", a.replace("1", "phoneNumbers", []any{map[string]any{"value": "2", "primary": true}}), 200)
		a.is("the list after", a.row("SELECT n FROM phones"), "2")
	})
}

// TestOddElement: in a row of a list, what is no text is no reason to keep somebody in,
// or others from being seen. It stays, and so do the elements beside it.
func TestOddElement(t *testing.T) {
	for what, cell := range map[string]string{"bytes": "x'ff'", "bad text": "CAST(x'ff' AS text)", "U+0000": "'a' || char(0)", "a surrogate": "CAST(x'eda080' AS text)"} {
		t.Run(what, func(t *testing.T) {
			a := onSQLite(t) // PostgreSQL has no such text
			a.exec(usual + `CREATE TABLE phones (user_id bigint NOT NULL, place int, n text, kind text);
				INSERT INTO users (email) VALUES ('ann'), ('bob');
				INSERT INTO phones VALUES (1, 1, ` + cell + `, 'home'), (1, 2, x'3133', 'work'), (2, 1, '2', ` + cell + `), (2, x'ff', '3', 'work')`)
			a.open(a.table(func(t *sqlstore.Table) {
				t.Lists = map[string]sqlstore.List{"phoneNumbers": {Table: "phones", Owner: "user_id", Order: "place", Columns: map[string]string{"value": "n", "type": "kind"}}}
			}))
			all := a.list("userName pr")
			if len(all) != 2 {
				t.Fatalf("%d users", len(all))
			}
			a.is("the list", all[0].PhoneNumbers, "[{13 work <nil>}]")
			a.says("PATCH", a.replace("1", "active", false), 200)
			a.says("PATCH of the list", a.patch("1", `{"op":"add","path":"phoneNumbers","value":[{"value":"7"}]}`), 200)
			a.says("PATCH of an element", a.replace("1", `phoneNumbers[value eq "13"].value`, "14"), 200)
			a.is("the list", a.row("SELECT n FROM phones WHERE user_id = 1 AND n IN ('14', '13', '7') ORDER BY n"), "14|7")
			a.is("how many rows there are", a.row("SELECT count(*) FROM phones"), "5")
		})
	}
}

// TestOddTruth: filters find what clients see of a truth value that is none.
func TestOddTruth(t *testing.T) {
	a := onSQLite(t) // PostgreSQL has no such value
	a.exec(`CREATE TABLE users (id {id}, email text NOT NULL UNIQUE, is_active boolean); CREATE INDEX users_email ON users (lower(email)); CREATE TABLE phones (user_id bigint, n text, main boolean);
		INSERT INTO users (email, is_active) VALUES ('two', 2), ('text', 'true'), ('no', 'no'), ('half', 0.5), ('off', 0), ('bytes', x'31'), ('none', NULL), ('false', '0x');
		INSERT INTO phones SELECT id, 'n', is_active FROM users`)
	a.open(a.table(only(columns{"userName": {Name: "email"}, "active": {Name: "is_active"}}), func(t *sqlstore.Table) {
		t.Lists = map[string]sqlstore.List{"phoneNumbers": {Table: "phones", Owner: "user_id", Columns: map[string]string{"value": "n", "primary": "main"}}}
	}))
	seen := map[string]string{}
	for _, r := range a.list("userName pr") {
		if r.Active != nil {
			seen["active eq "+strconv.FormatBool(*r.Active)] += r.ID
			seen["active pr"] += r.ID
		}
		if p := r.PhoneNumbers[0].Primary; p != nil {
			seen["phoneNumbers[primary pr]"] += r.ID
		}
		if p := r.PhoneNumbers[0].Primary; p != nil && *p {
			seen["phoneNumbers[primary eq true]"] += r.ID
		}
	}
	a.is("what clients see", seen, map[string]string{"active eq true": "14", "active eq false": "5", "active pr": "145", "phoneNumbers[primary pr]": "145", "phoneNumbers[primary eq true]": "14"})
	for filter, ids := range seen {
		a.is(filter, a.found(filter), ids)
	}
}
