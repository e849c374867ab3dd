package concurrency

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/scimkit/scimkit/internal/sqltest/rig"
)

// employees of the application work at once with the clients.
const employees = 4

// work is what the application does by itself, in the tables that SCIM changes
// meanwhile: it makes users, whom SCIM adopts, counts up their plans, which SCIM
// knows nothing of, and changes who is in which team.
func (w *world) work(rng *rand.Rand, text string) {
	i, user := w.pick(w.users, rng)
	_, group := w.pick(w.groups, rng)
	switch rng.IntN(6) {
	case 0:
		w.hire(i, text) // most of the time there is one
	case 1, 2:
		a, s := w.do(func() rig.Answer { return w.app.Join(user, group) }, func(_ rig.Answer, s span) { w.write(member(user, group), s, there) })
		w.judge(a, s, reasons{400: missing(user, group)})
	case 3:
		a, s := w.do(func() rig.Answer { return w.app.Leave(user, group) }, func(_ rig.Answer, s span) { w.write(member(user, group), s, "") })
		w.judge(a, s, nil)
	default:
		a, s := w.do(func() rig.Answer { return w.app.Upgrade(user) }, func(rig.Answer, span) { w.plans[user]++ })
		w.judge(a, s, reasons{404: missing(user)})
	}
}

func (w *world) hire(i int, text string) {
	name := "u" + strconv.Itoa(i)
	a, s := w.do(func() rig.Answer { return w.app.Hire(name, text) }, func(a rig.Answer, s span) {
		id := a.Resource().ID
		w.write(state(id), s, there)
		w.write(content(id), s, text)
		w.created(w.users, i, name, id)
	})
	w.judge(a, s, reasons{409: taken(name)})
}

// lostPlans are the users whose plan is not what the application has made it.
func (w *world) lostPlans(t *testing.T, final map[register]string) (wrong []string) {
	t.Helper()
	for r, value := range final {
		n := w.plans[r.id]
		if r.what != "state" || r.id[0] != 'u' || value == gone {
			continue
		}
		if is, err := w.app.Plan(r.id); err != nil || is != n {
			wrong = append(wrong, fmt.Sprintf("the plan of %s is %d, %v, and was counted up to %d", r.id, is, err, n))
		}
	}
	return wrong
}

// fillForeign makes users of the application's, and puts n of them into a team.
func fillForeign(t *testing.T, d rig.Database, team string, n int) {
	t.Helper()
	for _, query := range []string{
		fmt.Sprintf(`INSERT INTO users (org, login, login_key) WITH RECURSIVE seq (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM seq WHERE n < %d)
			SELECT 'acme', 'm' || n, 'm' || n FROM seq`, n+n/1000),
		fmt.Sprintf(`INSERT INTO team_members (org, team_id, user_id) SELECT 'acme', %s, id FROM users WHERE id <= %d`, team[1:], n),
	} {
		if _, err := d.Pool(t).Exec(query); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
	}
}

// join has the application put some of the others into the team.
func join(t *testing.T, d rig.Database, team string, n, some int) {
	t.Helper()
	app := d.Application(t)
	for k := range some {
		if a := app.Join("u"+strconv.Itoa(n+k+1), team); !a.OK() {
			t.Error(a)
		}
	}
}

// TestAdoptedAtOnce: of 1,000 requests that create a user whom the application has
// already, one does, and gets that user. What the application writes meanwhile is
// not lost.
func TestAdoptedAtOnce(t *testing.T) {
	mapped(t, func(t *testing.T, d rig.Database) {
		nodes, app := serve(t, d, 4, rig.Config{}), d.Application(t)
		id := app.Hire("ann", "hired").Must(t).Resource().ID
		team := nodes[0].Post("/Groups", rig.Group("all")).Must(t).Resource().ID
		n := rig.Less(1000)
		created, conflicts, upgrades := 0, 0, 0
		together(2, func(i int) {
			if i == 0 {
				created, conflicts = posts(t, nodes, n, func(int) string { return "Ann" })
				return
			}
			if a := app.Join(id, team); !a.OK() {
				t.Error(a)
			}
			for range 50 {
				if a := app.Upgrade(id); !a.OK() {
					t.Error(a)
				}
				upgrades++
			}
		})
		if created != 1 || conflicts != n-1 {
			t.Errorf("%d times 201 and %d times 409", created, conflicts)
		}
		if users, err := nodes[0].All("/Users"); err != nil || len(users) != 1 || users[0].ID != id || users[0].UserName != "Ann" || users[0].DisplayName != "x" {
			t.Errorf("the users are %+v, %v; want %s alone", users, err, id)
		}
		if members := nodes[0].Get("/Groups/" + team).Must(t).Resource().MemberIDs(); !slices.Equal(members, []string{id}) {
			t.Errorf("the members are %q", members)
		}
		if plan, err := app.Plan(id); err != nil || plan != upgrades {
			t.Errorf("the plan is %d, %v, want %d", plan, err, upgrades)
		}
		check(t, d)
	})
}

// TestPlanFindsLoss: the test sees that a store which writes whole rows loses what
// the application has written meanwhile.
func TestPlanFindsLoss(t *testing.T) {
	mapped(t, func(t *testing.T, d rig.Database) {
		n, app := serve(t, d, 1, rig.Config{})[0], d.Application(t)
		w := &world{history: newHistory(), app: app, plans: make(map[string]int), nodes: []*rig.Node{n}, users: make([]string, 1), named: make(map[string][]string)}
		w.hire(0, "x")
		id := w.users[0]
		stale, err := app.Plan(id)
		if err != nil {
			t.Fatal(err)
		}
		w.do(func() rig.Answer { return app.Upgrade(id) }, func(rig.Answer, span) { w.plans[id]++ })
		if wrong := w.lostPlans(t, w.final(t)); len(wrong) > 0 {
			t.Fatalf("without a fault: %q", wrong)
		}
		if _, err := n.DB.Exec(`UPDATE users SET plan = ` + strconv.Itoa(stale)); err != nil {
			t.Fatal(err)
		}
		found(t, w.lostPlans(t, w.final(t)))
	})
}
