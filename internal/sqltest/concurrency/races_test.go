package concurrency

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/scimkit/scimkit/internal/sqltest/rig"
)

// TestEqualPosts: of 1,000 requests that create the same user, one does.
func TestEqualPosts(t *testing.T) {
	databases(t, func(t *testing.T, d rig.Database) {
		nodes := serve(t, d, 4, rig.Config{})
		if created, conflicts := posts(t, nodes, rig.Less(1000), func(int) string { return "ann" }); created != 1 || conflicts != rig.Less(1000)-1 {
			t.Errorf("%d times 201 and %d times 409", created, conflicts)
		}
		check(t, d)
	})
}

// posts sends n requests at once, for users with names, and counts the answers.
func posts(t *testing.T, nodes []*rig.Node, n int, name func(i int) string) (created, conflicts int) {
	t.Helper()
	var counts [600]atomic.Int64
	together(n, func(i int) {
		a := nodes[i%len(nodes)].Post("/Users", rig.User(name(i), "x"))
		counts[a.Status].Add(1)
		if a.Status != 201 && !(a.Status == 409 && strings.Contains(string(a.Body), `"uniqueness"`)) {
			t.Error(a)
		}
	})
	return int(counts[201].Load()), int(counts[409].Load())
}

// variants are spellings of one name: upper and lower case, composed and
// decomposed, wide.
var variants = []string{
	"Zo\u00eb-%d", "zo\u00eb-%d", "ZO\u00cb-%d", "Zoe\u0308-%d", "zoe\u0308-%d", "ZOE\u0308-%d",
	"\uff3ao\u00eb-%d", "\uff5ao\u00eb-%d",
}

// TestOneName: 32 clients create users whose names are spelled in other ways and
// are one, through four nodes. One does, every time.
func TestOneName(t *testing.T) {
	databases(t, func(t *testing.T, d rig.Database) {
		nodes := serve(t, d, 4, rig.Config{})
		for round := range *rounds {
			created, conflicts := posts(t, nodes, 32, func(i int) string { return fmt.Sprintf(variants[i%len(variants)], round) })
			if created != 1 || conflicts != 31 {
				t.Errorf("round %d: %d times 201 and %d times 409", round, created, conflicts)
			}
		}
		if n := total(t, nodes[0], "/Users"); n != *rounds {
			t.Errorf("%d users after %d rounds", n, *rounds)
		}
		check(t, d)
	})
}

func total(t *testing.T, n *rig.Node, path string) int {
	t.Helper()
	all, err := n.All(path)
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

// TestOneNameFindsTwo: the test sees that there are two where no unique index is.
func TestOneNameFindsTwo(t *testing.T) {
	own(t, func(t *testing.T, d rig.Database) {
		nodes := serve(t, d, 4, rig.Config{})
		if err := d.WithoutKeys(t.Context()); err != nil {
			t.Fatal(err)
		}
		if created, _ := posts(t, nodes, 32, func(i int) string { return fmt.Sprintf(variants[i%len(variants)], 0) }); created == 1 {
			t.Error("the fault was not found")
		}
		if err := rig.Check(t.Context(), d.Pool(t), d); err == nil || !strings.Contains(err.Error(), "one name twice") {
			t.Errorf("the database: %v", err)
		}
	})
}

// TestReferences: users are deleted while they are added to groups, and groups
// while members are added. Nobody is a member who is not there, a group that has
// lost a member has another version, and no request fails for another reason
// than that something is gone. The application whose tables these may be adds the
// same members.
func TestReferences(t *testing.T) {
	databases(t, func(t *testing.T, d rig.Database) {
		nodes, app := serve(t, d, 3, rig.Config{}), (*rig.Application)(nil)
		if d.Foreign {
			app = d.Application(t)
		}
		each(3**rounds, 4, func(i int) { raceReferences(t, nodes, app, fmt.Sprint(i)) })
		check(t, d)
	})
}

func raceReferences(t *testing.T, nodes []*rig.Node, app *rig.Application, name string) {
	user := nodes[0].Post("/Users", rig.User("u-"+name, "x")).Resource().ID
	second := nodes[0].Post("/Users", rig.User("v-"+name, "x")).Resource().ID
	kept := nodes[0].Post("/Groups", rig.Group("kept-"+name, second)).Resource().ID
	gone := nodes[0].Post("/Groups", rig.Group("gone-"+name)).Resource().ID
	requests := []struct {
		method, path, body string
		statuses           []int
	}{
		{"DELETE", "/Users/" + user, "", []int{204}},
		{"PATCH", "/Groups/" + kept, rig.Patch(rig.Add(user)), []int{204, 400}},
		{"PUT", "/Groups/" + kept, rig.Group("kept-"+name, second, user), []int{200, 400}},
		{"DELETE", "/Groups/" + gone, "", []int{204}},
		{"PATCH", "/Groups/" + gone, rig.Patch(rig.Add(user, second)), []int{204, 400, 404}},
		{"PATCH", "/Groups/" + gone, rig.Patch(rig.Op("replace", "displayName", "other-"+name)), []int{204, 404}},
		{"PATCH", "/Users/" + user, rig.Patch(rig.Op("replace", "displayName", "other")), []int{200, 404}},
	}
	tags := make([]string, len(requests))
	joins := [][2]string{{user, kept}, {user, gone}, {second, gone}}
	if app == nil {
		joins = nil
	}
	together(len(requests)+len(joins), func(i int) {
		if i >= len(requests) {
			j := joins[i-len(requests)]
			if a := app.Join(j[0], j[1]); a.Status != 204 && a.Status != 400 {
				t.Errorf("%v: %v", j, a)
			}
			return
		}
		r := requests[i]
		a := nodes[i%len(nodes)].Do(r.method, r.path, r.body)
		tags[i] = a.Header.Get("ETag")
		ok := false
		for _, s := range r.statuses {
			ok = ok || s == a.Status
		}
		if !ok {
			t.Errorf("%s %s: %v", r.method, r.path, a)
		}
	})
	a := nodes[0].Get("/Groups/" + kept)
	if got := a.Resource().MemberIDs(); len(got) != 1 || got[0] != second {
		t.Errorf("members %q, want %q", got, second)
	}
	// Both requests on the group left it with the user, or saw it gone.
	for i, tag := range tags[1:3] {
		if tag != "" && tag == a.Header.Get("ETag") {
			t.Errorf("%s left version %s with a member, which now is without", requests[1+i].method, tag)
		}
	}
	if a := nodes[0].Get("/Groups/" + gone); a.Status != 404 {
		t.Errorf("a group that was deleted: %v", a)
	}
}

// TestReferencesFindsDangling: the test sees members that are gone where no
// foreign key is.
func TestReferencesFindsDangling(t *testing.T) {
	own(t, func(t *testing.T, d rig.Database) {
		n := serve(t, d, 1, rig.Config{})[0]
		if err := d.WithoutKeys(t.Context()); err != nil {
			t.Fatal(err)
		}
		user := makeUsers(t, n.Client, "m", 1)[0]
		n.Post("/Groups", rig.Group("all", user)).Must(t)
		n.Delete("/Users/" + user).Must(t)
		if err := rig.Check(t.Context(), n.DB, d); err == nil || !strings.Contains(err.Error(), "dangles") {
			t.Errorf("the database: %v", err)
		}
	})
}
