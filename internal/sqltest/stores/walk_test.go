package stores

import (
	"strings"
	"testing"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// TestWalksInAnotherOrder: where two walk a list that changes between them, neither
// misses anybody, in whatever order the application's ids are.
func TestWalksInAnotherOrder(t *testing.T) {
	for _, e := range engines {
		for _, collation := range map[sqlstore.Dialect][]string{sqlstore.SQLite: {"NOCASE", "BINARY"}, sqlstore.PostgreSQL: {`"en-US-x-icu"`, `"C"`}}[e.dialect] {
			t.Run(e.name+"/"+collation, func(t *testing.T) {
				a := &app{T: t, db: e.open(t), user: schema.UserType()}
				table := sqlstore.Table{Type: a.user, Name: "people", ID: "id", Existing: sqlstore.Adopt, Columns: map[string]sqlstore.Column{"userName": {Name: "email"}}}
				if err := openApp(t, e.dialect, a, "CREATE TABLE people (id text COLLATE "+collation+" PRIMARY KEY, email text NOT NULL UNIQUE); CREATE INDEX people_email ON people (lower(email))", table); err != nil {
					t.Fatal(err)
				}
				for _, id := range strings.Fields("a B c d E f g H I j K l") {
					exec(t, a.db, "INSERT INTO people VALUES ('"+id+"', '"+id+"@example.com')")
				}
				page := func(from int) (ids string) {
					p, err := a.users.List(t.Context(), scim.Query{StartIndex: from, Count: 4})
					if err != nil {
						t.Fatal(err)
					}
					for _, r := range p.Resources {
						ids += r.ID()
					}
					return ids
				}
				one := page(1)
				exec(t, a.db, "DELETE FROM people WHERE id = '"+one[:1]+"'")
				two := page(1)
				for _, from := range []int{5, 9, 13} {
					one += page(from)
					two += page(from)
				}
				for _, id := range strings.Fields("a B c d E f g H I j K l") {
					if a.cell("SELECT count(*) FROM people WHERE id = '"+id+"'") == "1" && (!strings.Contains(one, id) || !strings.Contains(two, id)) {
						t.Errorf("%s is missing: one walk has seen %s, the other %s", id, one, two)
					}
				}
			})
		}
	}
}
