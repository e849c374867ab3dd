package accounts

import (
	"testing"

	"github.com/scimkit/scimkit/store/sqlstore"
)

// activeColumns are how applications keep who may come in, with what they write
// for a person who may not.
var activeColumns = []struct {
	name, ddl, disabled string
	column              sqlstore.Column
}{
	{"a time", "disabled_at {time}", "'2024-01-01 00:00:00'", sqlstore.Until("disabled_at")},
	{"a boolean", "is_active boolean NOT NULL DEFAULT true", "false", sqlstore.Column{Name: "is_active"}},
	{"a boolean that may be missing", "is_active boolean", "false", sqlstore.Column{Name: "is_active"}},
	{"a state", "state integer NOT NULL DEFAULT 1", "3", sqlstore.Column{Name: "state", SQL: "t.state = 1", Encode: func(v any) (any, error) {
		if v == false {
			return 3, nil
		}
		return 1, nil
	}}},
}

// eachActive runs a test with an account, d, that the application has disabled,
// and one, e, that it has not.
func eachActive(t *testing.T, test func(a *app, column string)) {
	for _, c := range activeColumns {
		t.Run(c.name, func(t *testing.T) {
			each(t, func(a *app) {
				a.exec(`CREATE TABLE users (id {id}, email text NOT NULL UNIQUE, ` + c.ddl + `); CREATE INDEX users_email ON users (lower(email));
					INSERT INTO users (email, ` + c.column.Name + `) VALUES ('d', ` + c.disabled + `); INSERT INTO users (email) VALUES ('e');`)
				a.open(a.table(only(columns{"userName": {Name: "email"}, "active": c.column})))
				test(a, c.column.Name)
			})
		})
	}
}

// TestAdoptDisabled: a POST that does not say active lets nobody in whom the
// application keeps out; one that does, does.
func TestAdoptDisabled(t *testing.T) {
	eachActive(t, func(a *app, column string) {
		before := a.row("SELECT " + column + " FROM users WHERE id = 1")
		got := a.post(`"userName":"d"`)
		a.says("POST", got, 201)
		a.is("the id", got.ID, "1")
		if got.Active == nil || *got.Active {
			a.Errorf("the answer is %s", got.body)
		}
		a.is("the column", a.row("SELECT "+column+" FROM users WHERE id = 1"), before)

		before = a.row("SELECT " + column + " FROM users WHERE id = 2")
		a.says("POST of the other", a.post(`"userName":"e"`), 201)
		a.is("the column of the other", a.row("SELECT "+column+" FROM users WHERE id = 2"), before)
	})
	eachActive(t, func(a *app, _ string) {
		got := a.post(`"userName":"d","active":true`)
		if got.ID != "1" || got.Active == nil || !*got.Active {
			a.Errorf("the answer to active is %s", got.body)
		}
		if got = a.post(`"userName":"new"`); got.Active == nil || !*got.Active {
			a.Errorf("who is new is %s", got.body)
		}
	})
}

// TestAdoptDisabledInRest: so it is where active has no column of its own.
func TestAdoptDisabledInRest(t *testing.T) {
	each(t, func(a *app) {
		a.exec(`CREATE TABLE users (id {id}, email text NOT NULL UNIQUE, extra text); CREATE INDEX users_email ON users (lower(email)); INSERT INTO users (email, extra) VALUES ('d', '{"active":false}'), ('e', NULL)`)
		a.open(a.table(only(columns{"userName": {Name: "email"}}), func(t *sqlstore.Table) { t.Rest = "extra" }))
		if got := a.post(`"userName":"d"`); got.ID != "1" || got.Active == nil || *got.Active {
			t.Errorf("the answer is %s", got.body)
		}
		a.is("the column", a.row("SELECT extra FROM users WHERE id = 1"), `{"active":false}`)
		if got := a.post(`"userName":"e"`); got.ID != "2" || got.Active == nil || !*got.Active {
			t.Errorf("the answer for the other is %s", got.body)
		}
	})
}

// TestRemoveActive: who removes active lets nobody in, and locks nobody out.
func TestRemoveActive(t *testing.T) {
	eachActive(t, func(a *app, column string) {
		before := a.row("SELECT " + column + " FROM users WHERE id = 1")
		for _, id := range []string{"1", "2"} {
			got := a.patch(id, `{"op":"remove","path":"active"}`)
			a.says("PATCH", got, 200)
			if got.Active != nil && *got.Active != (id == "2") {
				a.Errorf("user %s is %s", id, got.body)
			}
		}
		if column == "disabled_at" {
			a.is("since when", a.row("SELECT disabled_at FROM users WHERE id = 1"), before)
		}
	})
}
