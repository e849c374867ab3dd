package stores

import (
	"strings"
	"testing"

	"github.com/scimkit/scimkit/internal/sqltest/foreign"
	"github.com/scimkit/scimkit/internal/sqltest/pgtest"
	"github.com/scimkit/scimkit/internal/sqltest/spy"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// TestWithoutStatistics: a PostgreSQL that knows nothing of the tables yet, and
// keeps its plans, finds rows by their keys as well: it takes what a tenant has
// for one row, and may read all of that for each member. The control does.
func TestWithoutStatistics(t *testing.T) {
	db, seen := spy.Open(t, "pgx", pgtest.URL(t))
	exec(t, db, foreign.Tables(sqlstore.PostgreSQL, foreign.Numbers))
	a := &app{T: t, db: db, user: schema.UserType(), group: schema.GroupType()}
	a.mustOpen(sqlstore.PostgreSQL, sqlstore.Options{
		Tables: foreign.Mapping(foreign.Numbers, a.user, a.group, sqlstore.Adopt)})
	g := a.mustGroup("Staff")
	exec(t, db, `INSERT INTO users (org, login, login_key) VALUES ('acme', 'ann', 'ann'), ('acme', 'bob', 'bob')`)
	change := func(d scim.ListDelta) func() error {
		d.Attribute = "members"
		return func() error {
			return a.changeMembers(g.ID(), d)
		}
	}
	for _, tt := range []struct {
		what string
		do   func() error
		all  bool
	}{
		{"add", change(scim.ListDelta{Add: []scim.Member{{Value: "u1"}, {Value: "u2"}}}), false},
		{"a user in a group", func() error { _, err := a.users.Get(t.Context(), "u1", scim.GetOptions{}); return err }, false},
		{"the group", func() error { _, err := a.groups.Get(t.Context(), g.ID(), scim.GetOptions{}); return err }, false},
		{"replace", change(scim.ListDelta{Replace: true, Add: []scim.Member{{Value: "u1"}}}), false},
		{"remove", change(scim.ListDelta{Remove: []string{"u1"}}), false},
		{"change a user", func() error {
			_, err := a.users.Update(t.Context(), "u1", func(r *scim.Resource) error { return r.Set("title", "x") })
			return err
		}, false},
		{"the control", func() error {
			_, err := a.users.List(t.Context(), scim.Query{StartIndex: 1, Count: 10})
			return err
		}, true},
	} {
		seen.Calls()
		if err := tt.do(); err != nil {
			t.Fatalf("%s: %v", tt.what, err)
		}
		if all := readsTenant(t, a, seen.Calls()); len(all) > 0 != tt.all {
			t.Errorf("%s: these read all that a tenant has: %d\n%s", tt.what, len(all), strings.Join(all, "\n"))
		}
	}
}

// readsTenant gives the plans of statements that read all of a table, or all that
// a tenant has in it.
func readsTenant(t *testing.T, a *app, calls []spy.Call) (all []string) {
	for _, call := range calls {
		verb, _, _ := strings.Cut(strings.TrimSpace(call.Text), " ")
		if !strings.Contains("SELECT INSERT UPDATE DELETE", verb) {
			continue
		}
		for _, line := range readPlan(t, a.db, "EXPLAIN ", call) {
			condition, ok := strings.CutPrefix(line, "Index Cond: ")
			if strings.HasPrefix(line, "Seq Scan on ") || ok && strings.Count(condition, " = ") == 1 && strings.Contains(condition, "(org = ") ||
				ok && strings.Contains(condition, "tenant = ") && strings.Contains(condition, "type = ") && strings.Count(condition, " = ") == 2 {
				all = append(all, call.Text+"\n"+line)
			}
		}
	}
	return all
}
