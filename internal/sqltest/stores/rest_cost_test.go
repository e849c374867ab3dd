package stores

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/internal/sqltest/pgtest"
	"github.com/scimkit/scimkit/internal/sqltest/spy"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// spied opens a database that a spy looks at, with users of whom a client has made
// one, and the app once more without the spy.
func spied(t *testing.T, d sqlstore.Dialect, body string) (a, other *app, seen *spy.Spy) {
	t.Helper()
	driver, source := "sqlite", "file:"+filepath.Join(t.TempDir(), "test.db")+"?_pragma=journal_mode(WAL)"
	if d == sqlstore.PostgreSQL {
		driver, source = "pgx", pgtest.URL(t)
	}
	a, other = &app{T: t}, &app{T: t}
	a.db, seen = spy.Open(t, driver, source)
	var err error
	if other.db, err = sql.Open(driver, source); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { other.db.Close() })
	exec(t, a.db, restTables(d, "text"))
	a.openRest(d, sqlstore.Adopt, true)
	other.openRest(d, sqlstore.Adopt, true)
	a.parse(body)
	return a, other, seen
}

// TestRestRace: what a client changes of the library's row, while somebody else is
// about to give it new keys, stays.
func TestRestRace(t *testing.T) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			a, other, seen := spied(t, e.dialect, `{"userName":"ann@example.com","title":"Boss","favourite":{"color":"red"}}`)
			exec(t, other.db, `UPDATE users SET extra = '{"title":"Chief"}'`)
			raced := 0
			seen.Fail(nil, func(statement string) error {
				if raced == 0 && strings.HasPrefix(statement, "SELECT (") && strings.Contains(statement, "coalesce(") && strings.Contains(statement, "r.doc, CAST(t.extra AS text) FROM") {
					raced++
					other.replace("u1", `{"userName":"ann@example.com","title":"Chief","favourite":{"color":"blue"}}`)
				}
				return nil
			})
			a.finds(`title eq "chief"`, "u1")
			if raced != 1 {
				t.Fatal("nothing has changed meanwhile")
			}
			a.holds("what clients see", jsonOf(t, a.get("u1")), `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"u1","userName":"ann@example.com","title":"Chief",
				"active":true,"emails":[{"value":"ann@example.com","type":"work"}],"favourite":{"color":"blue"}}`)
		})
	}
}

// replace is PUT.
func (a *app) replace(id, body string) {
	a.Helper()
	a.update(id, func(r *scim.Resource) error {
		n, err := scim.ParseResource(a.user, []byte(body))
		if err != nil {
			return err
		}
		n.SetID(r.ID())
		n.SetMeta(r.Meta())
		*r = *n
		return nil
	})
}

// TestRestStatements: only filters on what is in the column look for what the
// application has changed, and only where it has changed something is anything
// written.
func TestRestStatements(t *testing.T) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			a, _, seen := spied(t, e.dialect, `{"userName":"ann@example.com","title":"Boss"}`)
			statements := func(f, want string) (reads, writes int) {
				seen.Statements()
				a.finds(f, want)
				for _, s := range seen.Statements() {
					switch {
					case strings.HasPrefix(s, "SELECT"):
						reads++
					case strings.HasPrefix(s, "INSERT"), strings.HasPrefix(s, "UPDATE"), strings.HasPrefix(s, "DELETE"):
						writes++
					}
				}
				return reads, writes
			}
			for _, test := range []struct {
				do, f, finds  string
				reads, writes int
			}{
				{"", `userName eq "ann@example.com"`, "u1", 1, 0},
				{"", `title eq "boss"`, "u1", 2, 0},
				{`{"title":"Boss","theme":"dark"}`, `userName sw "ann"`, "u1", 1, 0},
				{"", `title eq "boss"`, "u1", 3, 2},
				{"", `title eq "boss"`, "u1", 2, 0},
				{`{"title":"Chief"}`, `externalId pr`, "", 3, 2},
				{"", `title eq "chief" and userName pr`, "u1", 2, 0},
			} {
				if test.do != "" {
					exec(t, a.db, "UPDATE users SET extra = '"+test.do+"'")
				}
				if reads, writes := statements(test.f, test.finds); reads != test.reads || writes != test.writes {
					t.Errorf("%s: %d statements read and %d write, want %d and %d", test.f, reads, writes, test.reads, test.writes)
				}
			}
		})
	}
}
