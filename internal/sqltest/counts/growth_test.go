package counts

import (
	"fmt"
	"testing"

	"github.com/scimkit/scimkit/internal/sqltest/blocks"
	"github.com/scimkit/scimkit/internal/sqltest/fill"
	"github.com/scimkit/scimkit/internal/sqltest/pgtest"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// growing are requests whose cost must not grow with the number of users; about
// a user and a group.
var growing = []struct {
	name  string
	make  func(user, group int) (request, body string)
	grows bool
}{
	{"GET of a user", func(u, g int) (string, string) { return "GET /Users/" + fill.ID(u), "" }, false},
	{"GET of a group", func(u, g int) (string, string) { return fmt.Sprint("GET /Groups/g", g), "" }, false},
	{"first page", func(int, int) (string, string) { return "GET /Users?count=10", "" }, false},
	{"userName", func(u, g int) (string, string) { return `GET /Users?filter=userName+eq+"` + fill.UserName(u) + `"`, "" }, false},
	{"externalId", func(u, g int) (string, string) {
		return fmt.Sprintf(`GET /Users?filter=externalId+eq+"ext-%010d"`, u), ""
	}, false},
	{"displayName", func(u, g int) (string, string) {
		return fmt.Sprintf(`GET /Users?filter=displayName+eq+"Babs+%010d"`, u), ""
	}, false},
	{"emails.value", func(u, g int) (string, string) {
		return fmt.Sprintf(`GET /Users?filter=emails.value+eq+"babs.%010d@jensen.example"`, u), ""
	}, false},
	{"emails[]", func(u, g int) (string, string) {
		return fmt.Sprintf(`GET /Users?filter=emails[type+eq+"home"+and+value+eq+"babs.%010d@jensen.example"]`, u), ""
	}, false},
	{"id", func(u, g int) (string, string) { return `GET /Users?filter=id+eq+"` + fill.ID(u) + `"`, "" }, false},
	{"displayName of a group", func(u, g int) (string, string) {
		return fmt.Sprintf(`GET /Groups?filter=displayName+eq+"Group+g%d"&excludedAttributes=members`, g), ""
	}, false},
	{"members.value", func(u, g int) (string, string) {
		return `GET /Groups?excludedAttributes=members&filter=members.value+eq+"` + fill.ID(u) + `"`, ""
	}, false},
	{"groups.value", func(u, g int) (string, string) { return fmt.Sprintf(`GET /Users?filter=groups.value+eq+"g%d"`, g), "" }, false},
	{"POST", func(u, g int) (string, string) { return "POST /Users", userNumber(9_000_000 + u) }, false},
	{"PATCH", func(u, g int) (string, string) {
		return "PATCH /Users/" + fill.ID(u), patch(`{"op":"replace","path":"displayName","value":"Mira"}`)
	}, false},
	{"PATCH of members", func(u, g int) (string, string) {
		return fmt.Sprint("PATCH /Groups/g", g), patch(`{"op":"add","path":"members","value":` + members(u, 20) + `}`)
	}, false},
	{"PATCH without members", func(u, g int) (string, string) {
		return fmt.Sprint("PATCH /Groups/g", g), patch(`{"op":"remove","path":"members[value eq \"` + fill.ID(20*g+2) + `\"]"}`)
	}, false},
	{"DELETE", func(u, g int) (string, string) { return "DELETE /Users/" + fill.ID(u+1), "" }, false},
	{"DELETE of a group", func(u, g int) (string, string) { return fmt.Sprint("DELETE /Groups/g", g), "" }, false},
	{"title", func(int, int) (string, string) { return `GET /Users?filter=title+eq+"nobody"`, "" }, true},
}

func userNumber(i int) string {
	return fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"new.%d@example.com","externalId":"new-%d",
		"emails":[{"value":"new.%d@example.com","type":"work"}]}`, i, i, i)
}

// TestGrowth: with ten times as many users, PostgreSQL does not touch more pages for
// what is about a few of them, whether it has statistics or, as in the first minutes of
// a database, none. That goes for the plans that it makes for one set of arguments,
// and for those that it keeps for all.
func TestGrowth(t *testing.T) {
	for _, analyzed := range []bool{false, true} {
		t.Run(fmt.Sprint("analyzed ", analyzed), func(t *testing.T) {
			few, many := pages(t, 2_000, analyzed), pages(t, 20_000, analyzed)
			for _, g := range growing {
				for i := range few[g.name] {
					a, b := blocks.Pages(few[g.name][i]), blocks.Pages(many[g.name][i])
					if grows := b > 2*a+30; grows != g.grows {
						t.Errorf("%s, the %d-th: %d pages, and %d with ten times as many users", g.name, i, a, b)
						for _, s := range many[g.name][i] {
							if s.Pages > 60 {
								t.Logf("%d pages: %s", s.Pages, s.Plan)
							}
						}
						break
					}
				}
			}
		})
	}
}

// pages gives the statements of seven requests of each kind.
func pages(t *testing.T, users int, analyzed bool) map[string][][]blocks.Statement {
	t.Helper()
	source, meter := blocks.Source(t, pgtest.URL(t))
	n := newNode(t, engine{"PostgreSQL", sqlstore.PostgreSQL, "pgx", func(testing.TB) string { return source }})
	for _, table := range []string{"resources", "members", "names", "counts"} {
		_, err := n.DB.Exec("ALTER TABLE scim_" + table + " SET (autovacuum_enabled = off)")
		n.must(t, err)
	}
	n.must(t, n.Users(t.Context(), n.users, users))
	for i := range users / 25 {
		n.must(t, n.GroupOf(t.Context(), n.groups, fmt.Sprint("g", i), 1+20*i, 60)) // three groups a user
	}
	if analyzed {
		n.must(t, n.Analyze(t.Context()))
	}
	n.DB.SetMaxOpenConns(1)
	all := make(map[string][][]blocks.Statement)
	for _, g := range growing {
		for i := range 7 {
			request, body := g.make(users-40*i-30, users/25-10-2*i)
			meter.Take()
			rec, _ := n.do(t, request, body)
			if rec.Code/100 != 2 {
				t.Fatalf("%s: %s", request, rec.Body)
			}
			all[g.name] = append(all[g.name], meter.Take())
		}
	}
	return all
}
