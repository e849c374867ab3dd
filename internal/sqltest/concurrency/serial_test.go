package concurrency

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/scimkit/scimkit/internal/sqltest/rig"
	"github.com/scimkit/scimkit/scim"
)

// An order is the one in which a store has changed resources, as the versions
// tell that each change found and left.
type order struct {
	mu   sync.Mutex
	next map[string][]string // versions by the one before
}

// recorder notes the order of changes of the store behind it.
type recorder struct {
	scim.ResourceHandler
	*order
}

func (o *order) wrap(inner func(scim.ResourceHandler) scim.ResourceHandler) func(scim.ResourceHandler) scim.ResourceHandler {
	return func(h scim.ResourceHandler) scim.ResourceHandler {
		if inner != nil {
			h = inner(h)
		}
		return recorder{h, o}
	}
}

// note runs a change, and notes it if it was stored and is one.
func (o *order) note(change func(seen func(version string)) (*scim.Resource, error)) (*scim.Resource, error) {
	var was string // in the last run
	r, err := change(func(version string) { was = version })
	if err == nil && r.Meta().Version != was {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.next[was] = append(o.next[was], r.Meta().Version)
	}
	return r, err
}

func (r recorder) Update(ctx context.Context, id string, edit func(*scim.Resource) error) (*scim.Resource, error) {
	return r.note(func(seen func(version string)) (*scim.Resource, error) {
		return r.ResourceHandler.Update(ctx, id, func(x *scim.Resource) error {
			seen(x.Meta().Version)
			return edit(x)
		})
	})
}

func (r recorder) UpdateList(ctx context.Context, id string, d scim.ListDelta, edit func(*scim.Resource, bool) error) (*scim.Resource, error) {
	return r.note(func(seen func(version string)) (*scim.Resource, error) {
		return updateList(r.ResourceHandler, ctx, id, d, func(x *scim.Resource, changed bool) error {
			seen(x.Meta().Version)
			return edit(x, changed)
		})
	})
}

// group is what a group is.
type group struct {
	name    string
	members map[string]bool
}

func (g group) String() string {
	return fmt.Sprint(g.name, " ", sorted(g.members))
}

func sorted(set map[string]bool) (list []string) {
	for x, in := range set {
		if in {
			list = append(list, x)
		}
	}
	slices.Sort(list)
	return list
}

// A request on a group, and what it makes of one.
type request struct {
	method, body string
	apply        func(g *group)
}

// requestOf makes one of the requests of R4: members are added and removed, the
// name is changed, all is replaced.
func requestOf(rng *rand.Rand, users []string, i int) request {
	some := func() []string {
		n := 1 + rng.IntN(3)
		from := rng.IntN(len(users) - n)
		return users[from : from+n]
	}
	ids, name := some(), fmt.Sprint("name-", i)
	set := func(g *group, in bool) {
		for _, id := range ids {
			g.members[id] = in
		}
	}
	switch rng.IntN(8) {
	case 0, 1, 2:
		return request{"PATCH", rig.Patch(rig.Add(ids...)), func(g *group) { set(g, true) }}
	case 3, 4:
		var ops []map[string]any
		for _, id := range ids {
			ops = append(ops, rig.Remove(id))
		}
		return request{"PATCH", rig.Patch(ops...), func(g *group) { set(g, false) }}
	case 5:
		return request{"PATCH", rig.Patch(rig.Op("replace", "displayName", name)), func(g *group) { g.name = name }}
	case 6:
		return request{"PATCH", rig.Patch(rig.Op("replace", "members", rig.References(ids))), func(g *group) { clear(g.members); set(g, true) }}
	}
	return request{"PUT", rig.Group(name, ids...), func(g *group) { g.name = name; clear(g.members); set(g, true) }}
}

// TestOneGroup: 64 clients at once change one group, without ETags. The answers
// are those of one request after the other, in the order of the versions.
func TestOneGroup(t *testing.T) {
	databases(t, func(t *testing.T, d rig.Database) {
		for _, text := range oneGroup(t, d, nil) {
			t.Error(text)
		}
		check(t, d)
	})
}

// TestOneGroupFindsLoss: the test sees what is lost without a lock.
func TestOneGroupFindsLoss(t *testing.T) {
	databases(t, func(t *testing.T, d rig.Database) {
		found(t, oneGroup(t, d, newUnlocked(meet())))
	})
}

// found ends a control that has found nothing.
func found(t *testing.T, wrong []string) {
	t.Helper()
	if len(wrong) == 0 {
		t.Fatal("the fault was not found")
	}
	t.Logf("found %d: %.200s", len(wrong), wrong[0])
}

func oneGroup(t *testing.T, d rig.Database, fault func(scim.ResourceHandler) scim.ResourceHandler) (wrong []string) {
	t.Helper()
	o := &order{next: make(map[string][]string)}
	nodes := serve(t, d, 3, rig.Config{Wrap: o.wrap(fault)})
	users := makeUsers(t, nodes[0].Client, "m", 40)
	first := nodes[0].Post("/Groups", rig.Group("start")).Must(t)
	id := first.Resource().ID

	var mu sync.Mutex
	left := make(map[string][]request) // requests by the version that they have left
	together(64, func(i int) {
		rng := rand.New(rand.NewPCG(2, uint64(i)))
		for n := range 4 {
			r := requestOf(rng, users, 10*i+n)
			a := nodes[i%len(nodes)].Do(r.method, "/Groups/"+id, r.body)
			mu.Lock()
			if v := version(a); a.OK() {
				left[v] = append(left[v], r)
			} else {
				wrong = append(wrong, a.String())
			}
			mu.Unlock()
		}
	})
	final := nodes[1].Get("/Groups/" + id).Must(t).Resource()
	is := group{final.DisplayName, make(map[string]bool)}
	for _, m := range final.MemberIDs() {
		is.members[m] = true
	}
	return append(wrong, o.replay(version(first), group{"start", map[string]bool{}}, left, is)...)
}

// version is the one that an answer tells.
func version(a rig.Answer) string {
	return strings.Trim(strings.TrimPrefix(a.Header.Get("ETag"), "W/"), `"`)
}

// replay does the requests one after the other. Of those that left a version,
// one made it and the others changed nothing.
func (o *order) replay(v string, g group, left map[string][]request, final group) (wrong []string) {
	for _, r := range left[v] {
		if r.of(g).String() != g.String() {
			wrong = append(wrong, fmt.Sprintf("%v changed nothing of %v", r, g))
		}
	}
	seen := 1
	for ; len(o.next[v]) > 0; seen++ {
		if n := len(o.next[v]); n > 1 {
			wrong = append(wrong, fmt.Sprintf("%d changes of version %s", n, v))
		}
		v = o.next[v][0]
		next, ok := step(g, left[v])
		if !ok {
			wrong = append(wrong, fmt.Sprintf("version %s after %v: none of %d requests explains it: %v", v, g, len(left[v]), left[v]))
		}
		g = next
	}
	if seen != len(o.next)+1 {
		wrong = append(wrong, fmt.Sprintf("%d versions in one order of %d", seen, len(o.next)+1))
	}
	if g.String() != final.String() {
		wrong = append(wrong, fmt.Sprintf("stored is %v, and one request after the other gives %v", final, g))
	}
	return wrong
}

// step gives what the one of requests makes of g that changes it, if no other
// one would change that.
func step(g group, requests []request) (next group, ok bool) {
	for _, r := range requests {
		next = r.of(g)
		moves := func(o request) bool { return o.of(next).String() != next.String() }
		if next.String() != g.String() && !slices.ContainsFunc(requests, moves) {
			return next, true
		}
	}
	return next, false
}

// of gives what the request makes of g.
func (r request) of(g group) group {
	next := group{g.name, maps.Clone(g.members)}
	r.apply(&next)
	return next
}

func (r request) String() string { return r.method + " " + r.body }

// TestIfMatch: of 64 changes of one version, one wins.
func TestIfMatch(t *testing.T) {
	databases(t, func(t *testing.T, d rig.Database) {
		for _, text := range ifMatch(t, d, nil) {
			t.Error(text)
		}
	})
}

// TestIfMatchFindsLoss: the test sees that two win without a lock.
func TestIfMatchFindsLoss(t *testing.T) {
	databases(t, func(t *testing.T, d rig.Database) {
		found(t, ifMatch(t, d, newUnlocked(meet())))
	})
}

func ifMatch(t *testing.T, d rig.Database, fault func(scim.ResourceHandler) scim.ResourceHandler) (wrong []string) {
	t.Helper()
	nodes := serve(t, d, 3, rig.Config{Wrap: fault})
	users := makeUsers(t, nodes[0].Client, "m", 64)
	first := nodes[0].Post("/Groups", rig.Group("start")).Must(t)
	path := "/Groups/" + first.Resource().ID
	answers := make([]rig.Answer, len(users))
	together(len(users), func(i int) {
		body, method := rig.Patch(rig.Add(users[i])), "PATCH"
		if i%4 == 3 {
			body, method = rig.Group("other", users[i]), "PUT"
		}
		answers[i] = nodes[i%len(nodes)].Do(method, path, body, "If-Match", first.Header.Get("ETag"))
	})
	var winners []string
	for i, a := range answers {
		switch {
		case a.OK():
			winners = append(winners, users[i])
		case a.Status != 412:
			wrong = append(wrong, a.String())
		}
	}
	if stored := nodes[2].Get(path).Must(t).Resource().MemberIDs(); len(winners) != 1 || !slices.Equal(stored, winners) {
		wrong = append(wrong, fmt.Sprintf("winners are %q, members %q", winners, stored))
	}
	return wrong
}
