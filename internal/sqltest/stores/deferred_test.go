package stores

import (
	"database/sql"
	"errors"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/internal/sqltest/spy"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// deferred are the tables of TestDeferred, which look at nothing before COMMIT, where
// the database can do so.
var deferred = map[sqlstore.Dialect]string{
	sqlstore.SQLite: `
CREATE TABLE jobs (name TEXT PRIMARY KEY);
CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT NOT NULL UNIQUE, title TEXT REFERENCES jobs DEFERRABLE INITIALLY DEFERRED); CREATE INDEX users_email ON users (lower(email));
CREATE TABLE teams (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE); CREATE INDEX teams_name ON teams (lower(name));
CREATE TABLE team_members (team_id INTEGER NOT NULL, user_id INTEGER NOT NULL REFERENCES users DEFERRABLE INITIALLY DEFERRED, PRIMARY KEY (team_id, user_id));`,
	sqlstore.PostgreSQL: `
CREATE TABLE jobs (name text PRIMARY KEY);
CREATE TABLE users (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE DEFERRABLE INITIALLY DEFERRED, title text REFERENCES jobs DEFERRABLE INITIALLY DEFERRED); CREATE INDEX users_email ON users (lower(email));
CREATE TABLE teams (id bigserial PRIMARY KEY, name text NOT NULL UNIQUE DEFERRABLE INITIALLY DEFERRED); CREATE INDEX teams_name ON teams (lower(name));
CREATE TABLE team_members (team_id bigint NOT NULL, user_id bigint NOT NULL REFERENCES users DEFERRABLE INITIALLY DEFERRED,
	PRIMARY KEY (team_id, user_id) DEFERRABLE INITIALLY DEFERRED);`,
}

// withDeferred gives a test the tables, on a pool that the spy sees, and another
// pool for what the application does.
func withDeferred(t *testing.T, change func(ddl string) string, test func(a *app, d sqlstore.Dialect, seen *spy.Spy, other *sql.DB)) {
	for _, e := range sources {
		t.Run(e.driver, func(t *testing.T) {
			source := e.source(t)
			db, seen := spy.Open(t, e.driver, source)
			other, err := sql.Open(e.driver, source)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { other.Close() })
			a := &app{T: t, db: db, user: schema.UserType(), group: schema.GroupType()}
			exec(t, db, change(deferred[e.dialect])+"; INSERT INTO jobs VALUES ('Boss')")
			a.mustOpen(e.dialect, sqlstore.Options{Tables: []sqlstore.Table{
				{Type: a.user, Name: "users", ID: "id", Columns: map[string]sqlstore.Column{"userName": {Name: "email"}, "title": {Name: "title"}}},
				{Type: a.group, Name: "teams", ID: "id", Columns: map[string]sqlstore.Column{"displayName": {Name: "name"}},
					Members: &sqlstore.Members{Table: "team_members", Owner: "team_id", Member: "user_id", Type: a.user}},
			}})
			test(a, e.dialect, seen, other)
		})
	}
}

// TestDeferred: what the database looks at when it is to commit is answered as what
// it looks at at once.
func TestDeferred(t *testing.T) {
	for name, change := range map[string]func(string) string{
		"deferred": func(ddl string) string { return ddl },
		"at once":  func(ddl string) string { return strings.ReplaceAll(ddl, "DEFERRABLE INITIALLY DEFERRED", "") },
	} {
		t.Run(name, func(t *testing.T) {
			withDeferred(t, change, func(a *app, d sqlstore.Dialect, seen *spy.Spy, other *sql.DB) {
				r, err := a.create("ann@example.com")
				if err != nil {
					t.Fatal(err)
				}
				// The application gives the name meanwhile, so that the library does not see it before.
				seen.Fail(func(statement string) error {
					if strings.HasPrefix(statement, "INSERT INTO users") {
						seen.Fail(nil, nil)
						if _, err := other.Exec("INSERT INTO users (email) VALUES ('bob@example.com')"); err != nil && !strings.Contains(err.Error(), "locked") {
							return err
						}
					}
					return nil
				}, nil)
				if _, err = a.create("bob@example.com"); d == sqlstore.PostgreSQL {
					a.fails("a name that was given meanwhile", err, scim.Conflict("userName"))
				}
				a.badTitle(r.ID(), map[sqlstore.Dialect]string{sqlstore.PostgreSQL: "The value of title is not one that the service can store.",
					sqlstore.SQLite: "A value is not one that the service can store."}[d])
			})
		})
	}
}

// badTitle: a job that there is not is refused, and nothing is changed.
func (a *app) badTitle(id, detail string) {
	a.Helper()
	_, err := a.users.Update(a.Context(), id, func(r *scim.Resource) error { return r.Set("title", "Clown") })
	a.refusal("changing to a job that there is not", err, 400, detail)
	a.is("the title", a.get(id).String("title"), "")
	r := a.new("new@example.com")
	r.Set("title", "Clown")
	a.refusal("creating with a job that there is not", a.users.Create(a.Context(), r), 400, detail)
	a.is("the rows", a.cell("SELECT count(*) FROM users WHERE email = 'new@example.com'"), "0")
	a.update(id, func(r *scim.Resource) error { return r.Set("title", "Boss") })
}

// TestDeferredMembers: a member whom the application removes, or adds, after they were
// found. Once they are added, it cannot remove them before COMMIT.
func TestDeferredMembers(t *testing.T) {
	withDeferred(t, func(ddl string) string { return ddl }, func(a *app, d sqlstore.Dialect, seen *spy.Spy, other *sql.DB) {
		if d == sqlstore.SQLite {
			return // SQLite has one writer: nobody changes anything meanwhile
		}
		ann, bob := a.parse(`{"userName":"ann@example.com"}`), a.parse(`{"userName":"bob@example.com"}`)
		g := a.mustGroup("Staff")
		add := func(id, before, meanwhile string) error {
			seen.Fail(func(statement string) error {
				if !strings.HasPrefix(statement, before) {
					return nil
				}
				seen.Fail(nil, nil)
				_, err := other.Exec(meanwhile)
				return err
			}, nil)
			return a.add(g.ID(), id)
		}
		if err := add(ann.ID(), "INSERT INTO team_members", "INSERT INTO team_members VALUES ("+g.ID()+", "+ann.ID()+")"); err != nil {
			a.Errorf("a member that the application adds, too: %v", err)
		}
		var unknown *scim.UnknownMembersError
		if err := add(bob.ID(), "INSERT INTO team_members", "DELETE FROM users WHERE id = "+bob.ID()); !errors.As(err, &unknown) {
			a.Errorf("a member that the application removes: %v", err)
		}
		a.is("the members", a.shownMembers(g.ID()), ann.ID())
	})
}
