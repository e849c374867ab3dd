package stores

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// withRestApp runs a test on each database and each type of column, with one user
// that a client has made, u1, and one that none has, u2.
func withRestApp(t *testing.T, policy sqlstore.Existing, test func(a *app)) {
	for _, e := range engines {
		for _, typ := range restTypes[e.dialect] {
			t.Run(e.name+"/"+typ, func(t *testing.T) {
				a := &app{T: t, db: e.open(t)}
				exec(t, a.db, restTables(e.dialect, typ))
				a.openRest(e.dialect, policy, true)
				a.parse(`{"userName":"ann@example.com","name":{"familyName":"Lee","honorificPrefix":"Dr."},"title":"Engineer","externalId":"x-1",
					"emails":[{"type":"work","value":"ann@example.com"},{"type":"home","value":"Ann@Home.example"}],
					"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"Élan","manager":{"value":"u9"}}}`)
				exec(t, a.db, `INSERT INTO users (org, email, email_key, last_name, extra) VALUES
					('acme', 'bob@example.com', 'bob@example.com', 'Ray', '{"title":"Boss","theme":"dark","externalId":"x-2","meta":{"created":"x"},"id":"u7"}')`)
				test(a)
			})
		}
	}
}

func (a *app) openRest(d sqlstore.Dialect, policy sqlstore.Existing, rest bool) {
	a.Helper()
	a.user, a.group = hostTypes()
	tables := hostMapping(a.user, a.group, policy)
	if rest {
		tables = withRest(tables)
	}
	a.mustOpen(d, sqlstore.Options{Tables: tables})
}

// extra is what the column of the user with a number holds.
func (a *app) extra(n int) any {
	a.Helper()
	var v any
	if text := a.cell(fmt.Sprint("SELECT extra FROM users WHERE id = ", n)); text != "" {
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			a.Fatalf("%v: %s", err, text)
		}
	}
	return v
}

func (a *app) holds(what string, got any, want string) {
	a.Helper()
	var v any
	if err := json.Unmarshal([]byte(want), &v); err != nil {
		a.Fatal(err)
	}
	if !reflect.DeepEqual(got, v) {
		text, _ := json.Marshal(got)
		a.Errorf("%s is\n%s, want\n%s", what, text, want)
	}
}

const restOfAnn = `{"externalId":"x-1","name":{"honorificPrefix":"Dr."},"title":"Engineer",
	"emails":[{"type":"work"},{"value":"Ann@Home.example","type":"home"}],
	"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"Élan","manager":{"value":"u9"}}}`

// TestRestOfClients: what clients send without a column is in the row, and goes with
// them.
func TestRestOfClients(t *testing.T) {
	withRestApp(t, sqlstore.Refuse, func(a *app) {
		a.holds("the column", a.extra(1), restOfAnn)
		a.finds(`title eq "ENGINEER" and name.honorificPrefix sw "dr" and externalId eq "x-1"`, "u1")
		a.finds(`emails[type eq "home" and value ew "HOME.example"] and not (title eq "Boss")`, "u1")
		a.finds(`urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "élan"`, "u1")
		a.finds(`title ne "Boss" and nickName ne "x" and not (nickName pr)`, "u1")
		before := a.get("u1").Meta().Version
		a.update("u1", func(r *scim.Resource) error { return r.Set("title", "Lead") })
		a.finds(`title eq "engineer"`, "")
		a.finds(`title eq "lead"`, "u1")
		if a.get("u1").Meta().Version == before {
			a.Error("the version has not changed")
		}
		a.update("u1", func(r *scim.Resource) error {
			var errs []error
			for _, path := range []string{"title", "externalId", "emails", "name.honorificPrefix", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"} {
				errs = append(errs, r.Set(path, nil))
			}
			return errors.Join(errs...)
		})
		if got := a.cell("SELECT coalesce(CAST(extra AS text), '{}') FROM users WHERE id = 1"); got != "{}" {
			a.Errorf("with nothing left, the column is %s", got)
		}
		a.finds(`title pr or externalId pr or name.honorificPrefix pr`, "")
		a.update("u1", func(r *scim.Resource) error { return r.Set("title", "Again") })
		a.holds("the column after all", a.extra(1), `{"title":"Again"}`)
	})
}

// TestRestOfHost: what the application writes is what clients see and find, with
// another version; what is its own is not theirs, and stays.
func TestRestOfHost(t *testing.T) {
	const own = `"theme":"dark","Title":"no attribute","userName":"evil","password":"hash","id":"u7","meta":{"version":"7"},"schemas":["x"],"phoneNumbers":[{"value":"1"}]`
	withRestApp(t, sqlstore.Refuse, func(a *app) {
		before := a.get("u1").Meta().Version
		exec(a, a.db, `UPDATE users SET extra = '{`+own+`, "title":"Chief", "externalId":"x-9", "locale":5, "timezone":["UTC"],
			"name":{"honorificPrefix":"Prof.","nick":"Al","givenName":"Evil"},
			"emails":[{"type":"home","value":"new@home.example","since":1999},{"type":"other","value":"other@example.com","since":2001}]}' WHERE id = 1`)
		r := a.get("u1")
		changed := r.Meta().Version
		if changed == before {
			a.Error("the version has not changed")
		}
		a.holds("what clients see", jsonOf(a.T, r), `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"u1","externalId":"x-9","userName":"ann@example.com",
			"name":{"familyName":"Lee","honorificPrefix":"Prof."},"title":"Chief","active":true,"emails":[{"value":"new@home.example","type":"home"},
			{"value":"other@example.com","type":"other"},{"value":"ann@example.com","type":"work"}]}`)
		for f, want := range map[string]string{
			`title eq "engineer"`: "", `title eq "CHIEF"`: "u1", `not (title eq "engineer")`: "u1", `externalId eq "x-1"`: "", `externalId eq "x-9"`: "u1",
			`emails[type eq "home" and value eq "NEW@home.example"]`: "u1", `emails[type eq "home" and value eq "other@example.com"]`: "", `emails.value co "ann@home"`: "",
			`name.honorificPrefix eq "prof."`: "u1", `name.givenName pr`: "", `locale pr or timezone pr`: "", `locale ne "5"`: "u1", `userName eq "evil"`: "",
			`urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department pr`: "", `phoneNumbers pr`: "",
		} {
			a.finds(f, want)
		}
		a.is("the version after filters", a.get("u1").Meta().Version, changed)
		a.update("u1", func(r *scim.Resource) error {
			return errors.Join(r.Set("title", nil), r.Set("nickName", "Annie"), r.Set("locale", "en"), r.Set("name.honorificPrefix", "Dr."),
				r.Set(`emails[type eq "other"].value`, "changed@example.com"))
		})
		a.holds("the column", a.extra(1), `{`+own+`,"externalId":"x-9","nickName":"Annie","locale":"en","timezone":["UTC"],
			"name":{"honorificPrefix":"Dr.","nick":"Al","givenName":"Evil"},
			"emails":[{"type":"home","value":"new@home.example","since":1999},{"type":"other","value":"changed@example.com"}]}`)
		a.finds(`locale eq "en" and nickName pr and not (title pr)`, "u1")
		exec(a, a.db, `UPDATE users SET extra = '{"theme":"light","title":"Solo"}' WHERE id = 1`)
		a.update("u1", func(r *scim.Resource) error { return r.Set("title", nil) })
		a.holds("with the application's left", a.extra(1), `{"theme":"light"}`)
	})
}

// jsonOf is a resource without its meta.
func jsonOf(t *testing.T, r *scim.Resource) any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(r.JSON(), &v); err != nil {
		t.Fatal(err)
	}
	delete(v, "meta")
	return v
}

// TestRestAndOrder: lists are in the order of what the application has written.
func TestRestAndOrder(t *testing.T) {
	withRestApp(t, sqlstore.Adopt, func(a *app) {
		for title, want := range map[string]string{"Aa": "u1 u2", "Zz": "u2 u1"} {
			exec(a, a.db, `UPDATE users SET extra = '{"title":"`+title+`"}' WHERE id = 1`)
			o, err := filter.NewOrder(a.user, "title", false)
			if err != nil {
				t.Fatal(err)
			}
			p, err := a.users.List(a.Context(), scim.Query{Order: o, StartIndex: 1, Count: 10})
			if err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, r := range p.Resources {
				ids = append(ids, r.ID())
			}
			a.is("the order", strings.Join(ids, " "), want)
		}
	})
}

// TestRestAdopted: rows that no client has made are found by what is in the column,
// are no more SCIM's for that, and keep what the client does not send.
func TestRestAdopted(t *testing.T) {
	withRestApp(t, sqlstore.Adopt, func(a *app) {
		a.finds(`title eq "boss"`, "u2")
		a.finds(`externalId eq "x-2"`, "u2")
		a.finds(`meta.created pr`, "u1")
		if m := a.get("u2").Meta(); !m.Created.IsZero() {
			a.Errorf("a row that no client has made has the time %v", m.Created)
		}
		r := a.parse(`{"userName":"BOB@example.com","nickName":"Bobby"}`)
		a.is("the adopted id", r.ID(), "u2")
		a.holds("its column", a.extra(2), `{"title":"Boss","theme":"dark","externalId":"x-2","meta":{"created":"x"},"id":"u7","nickName":"Bobby"}`)
		a.finds(`title eq "boss" and nickName eq "bobby"`, "u2")
		a.finds(`meta.created pr and title eq "boss"`, "u2")
		_, err := a.create("bob@example.com")
		a.fails("creating it again", err, scim.ErrConflict)
		a.is("the keys of rows that no client has made", a.cell("SELECT count(*) FROM scim_resources WHERE version = ''"), "0")
		exec(a, a.db, `INSERT INTO users (org, email, email_key, last_name, extra) VALUES ('acme', 'cy@example.com', 'cy@example.com', 'Ott', '{"title":"Boss"}')`)
		a.is("how many bosses there are", fmt.Sprint(a.total(`title eq "boss"`)), "2")
		a.is("the keys of the new row", a.cell("SELECT count(*) FROM scim_resources WHERE version = ''"), "1")
		exec(a, a.db, `DELETE FROM users WHERE email = 'cy@example.com'; UPDATE users SET extra = '{"title":"Chief"}' WHERE id = 2`)
		a.finds(`title eq "boss" or title eq "chief"`, "u2")
		a.is("the keys of the row that went", a.cell("SELECT count(*) FROM scim_resources WHERE version = ''"), "0")
	})
}

// TestRestRefused: what is in the column of a row that no client has made is nobody's.
func TestRestRefused(t *testing.T) {
	withRestApp(t, sqlstore.Refuse, func(a *app) {
		a.finds(`title pr`, "u1")
		_, err := a.users.Get(a.Context(), "u2", scim.GetOptions{})
		a.fails("a row that no client has made", err, scim.ErrNotFound)
		// Keys of a row that was deleted while it got them.
		exec(a, a.db, `INSERT INTO scim_resources (tenant, type, id, doc, keys, display, version, created, modified)
			SELECT tenant, type, 'u2', doc, keys, display, '', 0, 0 FROM scim_resources WHERE id = 'u1'`)
		a.finds(`title pr`, "u1")
		_, err = a.users.Get(a.Context(), "u2", scim.GetOptions{})
		a.fails("a row with keys that no client has made", err, scim.ErrNotFound)
		_, err = a.create("bob@example.com")
		a.fails("creating it", err, scim.ErrConflict)
		exec(a, a.db, `UPDATE users SET extra = '{"title":"Lead"}' WHERE id = 1`)
		a.finds(`title pr`, "u1")
		a.is("the keys without a resource", a.cell("SELECT count(*) FROM scim_resources WHERE version = ''"), "0")
	})
}

// TestRestBroken: what is no JSON object is no attribute, and is not lost.
func TestRestBroken(t *testing.T) {
	withRestApp(t, sqlstore.Refuse, func(a *app) {
		for _, broken := range []string{`{"title":"Chief"`, `["title"]`, `"title"`, `7`, `{"title":"Chief"} trailing`} {
			exec(a, a.db, `UPDATE users SET extra = '{}' WHERE id = 1`)
			a.update("u1", func(r *scim.Resource) error { return r.Set("title", "Engineer") })
			a.finds(`title eq "engineer"`, "u1")
			if _, err := a.db.Exec(`UPDATE users SET extra = '` + broken + `' WHERE id = 1`); err != nil {
				continue // the type does not hold it
			}
			text := a.cell("SELECT extra FROM users WHERE id = 1")
			a.finds(`title pr`, "")
			a.finds(`title ne "Engineer"`, "u1")
			a.is("the title", a.get("u1").String("title"), "")
			a.update("u1", func(r *scim.Resource) error { return r.Set("name.familyName", "Other") })
			_, err := a.users.Update(a.Context(), "u1", func(r *scim.Resource) error { return r.Set("title", "Boss") })
			if err == nil || !strings.Contains(err.Error(), "column extra of the table users, for the User u1") {
				a.Errorf("the error is %v", err)
			}
			a.is("the column", a.cell("SELECT extra FROM users WHERE id = 1"), text)
		}
	})
}

// TestRestAndBack: a mapping that gets a Rest, or loses it, loses no attribute.
func TestRestAndBack(t *testing.T) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			a := &app{T: t, db: e.open(t)}
			exec(t, a.db, restTables(e.dialect, "text"))
			a.openRest(e.dialect, sqlstore.Adopt, false)
			a.parse(`{"userName":"ann@example.com","title":"Engineer","externalId":"x-1","name":{"honorificPrefix":"Dr."},"favourite":{"color":"red"}}`)
			a.parse(`{"userName":"bob@example.com","title":"Boss"}`)
			exec(t, a.db, `UPDATE users SET extra = '{"nickName":"Annie","name":{"honorificSuffix":"Jr."}}' WHERE id = 1`)
			if a.get("u1").Has("nickName") {
				t.Error("clients see a column that is not in the mapping")
			}
			a.openRest(e.dialect, sqlstore.Adopt, true)
			seen := func(more string) string {
				return `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"u1","externalId":"x-1","userName":"ann@example.com",
					"name":{"honorificPrefix":"Dr.","honorificSuffix":"Jr."},"nickName":"Annie","title":"` + more + `","active":true,
					"emails":[{"value":"ann@example.com","type":"work"}],"favourite":{"color":"red"}}`
			}
			a.holds("with Rest", jsonOf(t, a.get("u1")), seen("Engineer"))
			a.finds(`title pr and nickName eq "annie" and externalId eq "x-1"`, "u1")
			a.update("u1", func(r *scim.Resource) error { return nil })
			a.holds("the column", a.extra(1), `{"externalId":"x-1","name":{"honorificPrefix":"Dr.","honorificSuffix":"Jr."},"nickName":"Annie","title":"Engineer"}`)
			a.update("u1", func(r *scim.Resource) error { return r.Set("title", "Lead") })
			a.finds(`title eq "lead"`, "u1")
			a.holds("after a change", jsonOf(t, a.get("u1")), seen("Lead"))
			a.openRest(e.dialect, sqlstore.Adopt, false)
			a.holds("without Rest", jsonOf(t, a.get("u1")), seen("Lead"))
			a.finds(`title pr and nickName pr`, "u1")
			a.finds(`title eq "boss"`, "u2")
			a.update("u1", func(r *scim.Resource) error { return r.Set("title", "Last") })
			a.holds("after a change without Rest", jsonOf(t, a.get("u1")), seen("Last"))
			a.finds(`title eq "last"`, "u1")
		})
	}
}
