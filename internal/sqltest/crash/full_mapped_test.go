package crash

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/internal/sqltest/foreign"
	"github.com/scimkit/scimkit/internal/sqltest/rig"
)

// crowd is how many users the application has: more than fit in what room is left.
const crowd = 1500

// crowded is a node on a database of an application that gets full.
type crowded struct {
	*rig.Node
	user, group string
	members     []string // who are in no group yet
	large       string   // a text that needs room
	n           int
}

func newCrowded(t *testing.T, n *rig.Node) *crowded {
	t.Helper()
	f := &crowded{Node: n, large: incompressible(8000)}
	f.user = n.Post("/Users", rig.User("ann", "0")).Must(t).Resource().ID
	f.group = n.Post("/Groups", rig.Group("all", f.user)).Must(t).Resource().ID
	_, err := n.DB.Exec(`INSERT INTO users (org, login, login_key) WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < ` +
		strconv.Itoa(crowd) + `) SELECT '` + foreign.Org + `', 'c' || n, 'c' || n FROM c`)
	if err != nil {
		t.Fatal(err)
	}
	f.members = append(f.members, cells(t, n, `SELECT 'u' || id FROM users WHERE login LIKE 'c%' ORDER BY id`)...)
	return f
}

// incompressible is a text that no database makes smaller.
func incompressible(n int) string {
	random := rand.New(rand.NewPCG(1, 2))
	text := make([]byte, n)
	for i := range text {
		text[i] = byte('0' + random.IntN(75))
	}
	return strings.NewReplacer(`\`, "/", `"`, "'").Replace(string(text))
}

// addresses need more room than there is. No two lists have the same.
func (f *crowded) addresses() (list []any) {
	f.n++
	for i := range 20 {
		list = append(list, map[string]any{"value": fmt.Sprintf("%d-%d@example.com", f.n, i), "display": f.large})
	}
	return list
}

// A write needs room: first a little, and then more than there is, in another table.
type write struct {
	what string
	do   func(f *crowded) rig.Answer
}

var fullWrites = []write{
	{"POST", func(f *crowded) rig.Answer { return f.Post("/Users", f.boss("bob")) }},
	{"POST that adopts", func(f *crowded) rig.Answer { return f.Post("/Users", f.boss("c1")) }},
	{"PUT", func(f *crowded) rig.Answer { return f.Put("/Users/"+f.user, f.boss("ann")) }},
	{"PATCH", func(f *crowded) rig.Answer { return f.change(f.user, "emails") }},
	{"PATCH of what is beside", func(f *crowded) rig.Answer { return f.change(f.user, "ims") }},
	{"PATCH of a row that no client has made", func(f *crowded) rig.Answer { return f.change(f.members[1], "emails") }},
	{"POST of a group", func(f *crowded) rig.Answer { return f.Post("/Groups", rig.Group("new", f.members...)) }},
	{"PATCH of members", func(f *crowded) rig.Answer { return f.Patch("/Groups/"+f.group, rig.Patch(rig.Add(f.members...))) }},
	{"PUT of members", func(f *crowded) rig.Answer { return f.Put("/Groups/"+f.group, rig.Group("all", f.members[1:]...)) }},
}

// boss is the body of a user.
func (f *crowded) boss(name string) string {
	return rig.JSON(map[string]any{"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:User"},
		"userName": name, "title": "Boss", "emails": f.addresses()})
}

func (f *crowded) change(user, list string) rig.Answer {
	return f.Patch("/Users/"+user, rig.Patch(rig.Op("replace", "title", "Boss"), rig.Op("replace", list, f.addresses())))
}

// fullMapped: requests that meet a full database are refused, and leave all tables
// as they were. With room again, they are done. That half of a request would show
// is the control.
func fullMapped(t *testing.T, d rig.Database, n *rig.Node, f *crowded, free func()) {
	t.Helper()
	was := f.all(t)
	for _, w := range fullWrites {
		refused(t, map[string]rig.Answer{w.what: w.do(f)})
		if f.all(t) != was {
			t.Errorf("%s: the tables are others", w.what)
		}
	}
	answered(t, map[string]rig.Answer{"GET": f.Get("/Users/" + f.user), "list": f.Get("/Users?count=10"), "group": f.Get("/Groups/" + f.group)})
	half(t, f, was)
	free()
	f.Node = n
	for _, w := range fullWrites {
		answered(t, map[string]rig.Answer{w.what: w.do(f)})
		is := f.all(t)
		if is == was {
			t.Errorf("%s with room: the tables are the same", w.what)
		}
		was = is
	}
	if err := rig.Check(t.Context(), n.DB, d); err != nil {
		t.Error(err)
	}
}

// half does what a PATCH does without a transaction, and takes it back.
func half(t *testing.T, f *crowded, was string) {
	t.Helper()
	if _, err := f.DB.Exec(`UPDATE users SET title = 'Boss' WHERE login = 'ann'`); err != nil {
		t.Fatal(err)
	}
	if _, err := f.DB.Exec(`UPDATE user_emails SET label = $1`, strings.Repeat(f.large, 20)+incompressible(100_000)); err == nil {
		t.Error("the database is not full")
	}
	if f.all(t) == was {
		t.Error("half a change does not show")
	}
	if _, err := f.DB.Exec(`UPDATE users SET title = NULL WHERE login = 'ann'`); err != nil {
		t.Fatal(err)
	}
	if f.all(t) != was {
		t.Error("what is taken back shows")
	}
}

// all is what the tables hold.
func (f *crowded) all(t *testing.T) string {
	t.Helper()
	var all []string
	for _, query := range []string{
		`SELECT id || login || login_key || plan || coalesce(title, '') || coalesce(label, '') FROM users ORDER BY id`,
		`SELECT user_id || ' ' || place || coalesce(address, '') || coalesce(label, '') FROM user_emails ORDER BY user_id, place`,
		`SELECT id || name || name_key FROM teams ORDER BY id`,
		`SELECT team_id || ' ' || user_id FROM team_members ORDER BY team_id, user_id`,
		`SELECT type || id || doc || version FROM scim_resources ORDER BY type, id`,
	} {
		all = append(all, strings.Join(cells(t, f.Node, query), "\n"))
	}
	return strings.Join(all, "\n\n")
}

// cells are the texts that a query gives.
func cells(t *testing.T, n *rig.Node, query string) (all []string) {
	t.Helper()
	rows, err := n.DB.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		all = append(all, text)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// TestFullMapped: SQLite's file, with the tables of an application, may not grow.
func TestFullMapped(t *testing.T) {
	d := rig.SQLite(filepath.Join(t.TempDir(), "test.db"), "FULL").On(t)
	n := serve(t, d, rig.Config{})
	f := newCrowded(t, n)
	pages := 0
	if err := n.DB.QueryRow("PRAGMA page_count").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	f.Node = serve(t, d.With(fmt.Sprintf("_pragma=max_page_count(%d)", pages+4)), rig.Config{})
	fullMapped(t, d, n, f, func() {})
}
