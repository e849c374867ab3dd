package concurrency

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/scimkit/scimkit/internal/sqltest/rig"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// holding stands still in its first edit, in which the store behind it has the
// resource under its lock.
type holding struct {
	scim.ResourceHandler
	once          *sync.Once
	held, release chan struct{}
}

func newHolding() *holding {
	return &holding{once: &sync.Once{}, held: make(chan struct{}), release: make(chan struct{})}
}

func (h *holding) wrap(inner scim.ResourceHandler) scim.ResourceHandler {
	return &holding{inner, h.once, h.held, h.release}
}

func (h *holding) stand() {
	h.once.Do(func() {
		close(h.held)
		<-h.release
	})
}

func (h *holding) Update(ctx context.Context, id string, edit func(*scim.Resource) error) (*scim.Resource, error) {
	return h.ResourceHandler.Update(ctx, id, func(r *scim.Resource) error {
		h.stand()
		return edit(r)
	})
}

func (h *holding) UpdateList(ctx context.Context, id string, d scim.ListDelta, edit func(*scim.Resource, bool) error) (*scim.Resource, error) {
	return updateList(h.ResourceHandler, ctx, id, d, func(r *scim.Resource, changed bool) error {
		h.stand()
		return edit(r, changed)
	})
}

// TestStaleCopy: a group is changed while another request has read it, or waits
// for it. What the first one did is there, and the second one does what it says
// to that.
func TestStaleCopy(t *testing.T) {
	for _, tt := range []struct {
		name          string
		first, second func(u []string) request  // about users; u[0] is a member
		want, before  func(u []string) []string // where the second comes second, or before the first
	}{
		{"add, PUT", add1, func(u []string) request { return request{"PUT", rig.Group("all", u[2]), nil} }, func(u []string) []string { return u[2:3] },
			func(u []string) []string { return u[1:3] }},
		{"PUT, PUT", func(u []string) request { return request{"PUT", rig.Group("all", u[1]), nil} },
			func(u []string) request { return request{"PUT", rig.Group("all", u[2]), nil} }, func(u []string) []string { return u[2:3] },
			func(u []string) []string { return u[1:2] }},
		{"add, add", add1, func(u []string) request { return request{"PATCH", rig.Patch(rig.Add(u[2])), nil} },
			func(u []string) []string { return u[:3] }, func(u []string) []string { return u[:3] }},
		{"add, replace", add1, func(u []string) request {
			return request{"PATCH", rig.Patch(rig.Op("replace", "members", rig.References(u[2:3]))), nil}
		}, func(u []string) []string { return u[2:3] }, func(u []string) []string { return u[1:3] }},
		{"add, remove", add1, func(u []string) request { return request{"PATCH", rig.Patch(rig.Remove(u[1])), nil} },
			func(u []string) []string { return u[:1] }, func(u []string) []string { return u[:2] }},
		{"add, remove all", add1, func(u []string) request { return request{"PATCH", rig.Patch(rig.Op("remove", "members", nil)), nil} },
			func(u []string) []string { return nil }, func(u []string) []string { return u[1:2] }},
		{"add, remove by a filter that reads members", add1, func(u []string) request {
			return request{"PATCH", rig.Patch(rig.Op("remove", `members[display sw "m"]`, nil)), nil}
		}, func(u []string) []string { return nil }, func(u []string) []string { return u[1:2] }},
		{"add, add and rename", add1, func(u []string) request {
			return request{"PATCH", rig.Patch(rig.Add(u[2]), rig.Op("replace", "displayName", "every")), nil}
		}, func(u []string) []string { return u[:3] }, func(u []string) []string { return u[:3] }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			databases(t, func(t *testing.T, d rig.Database) {
				got, want := stale(t, d, nil, tt.first, tt.second, tt.want, tt.before)
				if !slices.Equal(got, want) {
					t.Errorf("members %q, want %q", got, want)
				}
			})
		})
	}
}

func add1(u []string) request { return request{"PATCH", rig.Patch(rig.Add(u[1])), nil} }

// TestStaleCopyFindsLoss: the test sees that a store writes what it made of the
// stale copy.
func TestStaleCopyFindsLoss(t *testing.T) {
	databases(t, func(t *testing.T, d rig.Database) {
		got, want := stale(t, d, newUnlocked, add1,
			func(u []string) request { return request{"PATCH", rig.Patch(rig.Add(u[2])), nil} },
			func(u []string) []string { return u[:3] }, nil)
		if slices.Equal(got, want) {
			t.Error("the fault was not found")
		}
	})
}

// stale has the first request stand still until the second one waits for its
// lock, or is done if it has none, or, with a fault, has read.
func stale(t *testing.T, d rig.Database, fault func(read func()) func(scim.ResourceHandler) scim.ResourceHandler,
	first, second func(u []string) request, want, before func(u []string) []string) (is, should []string) {
	t.Helper()
	hold := newHolding()
	one := serve(t, d, 1, rig.Config{Wrap: hold.wrap})[0]
	read := make(chan struct{})
	var firstDone chan struct{} // there before the second request is sent
	c := rig.Config{}
	if fault != nil {
		c.Wrap = fault(func() { close(read); <-firstDone })
	} else {
		close(read)
	}
	two := serve(t, d, 1, c)[0]
	users := makeUsers(t, two.Client, "m", 4)
	path := "/Groups/" + two.Post("/Groups", rig.Group("all", users[0])).Must(t).Resource().ID

	var wg sync.WaitGroup
	send := func(n *rig.Node, r request) (done chan struct{}) {
		done = make(chan struct{})
		wg.Go(func() {
			defer close(done)
			if a := n.Do(r.method, path, r.body); !a.OK() {
				t.Errorf("%v: %v", r, a)
			}
		})
		return done
	}
	firstDone = send(one, first(users))
	<-hold.held
	done := send(two, second(users))
	<-read
	if fault == nil {
		if waiting(t, d, done) {
			want = before
		}
	}
	close(hold.release)
	wg.Wait()
	should = slices.Sorted(slices.Values(want(users)))
	return two.Get(path).Must(t).Resource().MemberIDs(), should
}

// waiting waits until a connection waits for a lock, or the second request is
// done because the first one has none, and tells whether that is so. SQLite tells
// nobody: there the second request may come a moment later, with the same right
// result.
func waiting(t *testing.T, d rig.Database, done chan struct{}) bool {
	t.Helper()
	if d.Dialect == sqlstore.SQLite {
		return false
	}
	pool := d.Pool(t)
	for n := 0; n == 0; {
		select {
		case <-done:
			return true
		default:
		}
		err := pool.QueryRow(`SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
	}
	return false
}

// TestManyMembers: groups of 101 and 1,001 members lose none and gain none, by
// one request or by many at once.
func TestManyMembers(t *testing.T) {
	databases(t, func(t *testing.T, d rig.Database) {
		nodes := serve(t, d, 3, rig.Config{})
		most := max(130, rig.Less(1001))
		users := makeUsers(t, nodes[0].Client, "m", most+40)
		for _, n := range []int{101, most} {
			path := "/Groups/" + nodes[0].Post("/Groups", rig.Group(fmt.Sprint(n), users[:n-1]...)).Must(t).Resource().ID
			is := func(what string, want []string) {
				t.Helper()
				got := nodes[1].Get(path).Must(t).Resource().MemberIDs()
				if !slices.Equal(got, slices.Sorted(slices.Values(want))) {
					t.Errorf("%s: %d members, want %d", what, len(got), len(want))
				}
			}
			nodes[2].Patch(path, rig.Patch(rig.Add(users[n-1]))).Must(t)
			is("one more", users[:n])
			together(40, func(i int) { nodes[i%3].Patch(path, rig.Patch(rig.Add(users[n+i]), rig.Remove(users[i]))) })
			is("40 more and 40 less at once", users[40:n+40])
			nodes[0].Patch(path, rig.Patch(rig.Op("replace", "displayName", fmt.Sprint(n, " more")))).Must(t)
			is("another name", users[40:n+40])
			nodes[0].Put(path, rig.Group(fmt.Sprint(n, " more"), users[:n]...)).Must(t)
			is("all by PUT", users[:n])
		}
		check(t, d)
	})
}

// TestReplaceWithUnknownMember: the whole request fails, or the unknown member is
// left out where the tolerance says so; no known one goes.
func TestReplaceWithUnknownMember(t *testing.T) {
	databases(t, func(t *testing.T, d rig.Database) {
		strict := serve(t, d, 1, rig.Config{Tolerance: new(scim.Strict())})[0]
		skip := scim.Tolerant()
		skip.SkipUnknownMembers = true
		tolerant := serve(t, d, 1, rig.Config{Tolerance: &skip})[0]
		users := makeUsers(t, strict.Client, "m", 3)
		path := "/Groups/" + strict.Post("/Groups", rig.Group("all", users[:2]...)).Must(t).Resource().ID
		with := append(slices.Clone(users[1:]), "nobody")
		requests := []request{
			{"PUT", rig.Group("all", with...), nil},
			{"PATCH", rig.Patch(rig.Op("replace", "members", rig.References(with))), nil},
			{"PATCH", rig.Patch(rig.Op("remove", "members", nil), rig.Add(with...)), nil},
		}
		is := func(want []string) {
			t.Helper()
			if got := strict.Get(path).Must(t).Resource().MemberIDs(); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
				t.Errorf("members %q, want %q", got, want)
			}
		}
		for _, r := range requests {
			strict.Do(r.method, path, r.body).Must(t, 400)
			is(users[:2])
			tolerant.Do(r.method, path, r.body).Must(t)
			is(users[1:])
			strict.Put(path, rig.Group("all", users[:2]...)).Must(t)
		}
		check(t, d)
	})
}

// TestFilteredRemove: two requests, each with 256 filters, remove 512 of 520
// members while others add some.
func TestFilteredRemove(t *testing.T) {
	databases(t, func(t *testing.T, d rig.Database) {
		nodes := serve(t, d, 3, rig.Config{})
		users := makeUsers(t, nodes[0].Client, "m", 540)
		path := "/Groups/" + nodes[0].Post("/Groups", rig.Group("all", users[:520]...)).Must(t).Resource().ID
		together(22, func(i int) {
			var ops []map[string]any
			if i < 2 {
				for _, id := range users[256*i : 256*i+256] {
					ops = append(ops, rig.Remove(id))
				}
			} else {
				ops = append(ops, rig.Add(users[518+i]))
			}
			if a := nodes[i%3].Patch(path, rig.Patch(ops...)); !a.OK() {
				t.Error(a)
			}
		})
		want := slices.Sorted(slices.Values(users[512:]))
		if got := nodes[0].Get(path).Must(t).Resource().MemberIDs(); !slices.Equal(got, want) {
			t.Errorf("%d members, want %d", len(got), len(want))
		}
		check(t, d)
	})
}
