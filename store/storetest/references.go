package storetest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scimkit/scimkit/scim"
)

func membersMany(k *kind) {
	pool := k.candidates(1151)
	g := k.createGroup(pool[:150]...)
	k.membersAre(g.ID(), pool[:150], "after Create with 150")
	k.change(g.ID(), scim.ListDelta{Add: refs(pool[150:])}, true)
	k.membersAre(g.ID(), pool, "after adding 1,001")
	if p := k.list(scim.Query{Filter: k.memberFilter(pool[700]), Count: 1}); p.Total != 1 {
		k.failf("a filter does not find the resource with %d members", len(pool))
	}
	k.change(g.ID(), scim.ListDelta{Remove: pool[100:700]}, true)
	k.membersAre(g.ID(), slices.Concat(pool[:100], pool[700:]), "after removing 600")
	k.change(g.ID(), scim.ListDelta{Add: refs(pool[300:303]), Replace: true}, true)
	k.membersAre(g.ID(), pool[300:303], "after replacing them by 3")
	k.change(g.ID(), scim.ListDelta{Add: refs(pool), Replace: true}, true)
	k.membersAre(g.ID(), pool, "after replacing them by 1,151")
	k.change(g.ID(), scim.ListDelta{Replace: true}, true)
	k.membersAre(g.ID(), nil, "after replacing them by none")
}

func membersRollback(k *kind) {
	pool := k.candidates(4)
	g := k.createGroup(pool[:2]...)
	want := k.get(g.ID()).Clone()
	why := &errEdit{k.next()}
	for _, d := range []scim.ListDelta{{Add: refs(pool[2:]), Remove: pool[:1]}, {Replace: true}, {}, {Add: refs(pool[:1])}} {
		_, err := k.delta(g.ID(), d, func(r *scim.Resource, _ bool) error {
			if err := k.setText(r, "rolled back"); err != nil {
				return err
			}
			return why
		})
		k.wants(err, why, "a change of members with an edit that fails")
		k.stored(want, "after an edit that failed")
		for i, id := range pool {
			if n := k.list(scim.Query{Filter: k.memberFilter(id), Count: 1}).Total; (n == 1) != (i < 2) {
				k.failf("after an edit that failed, a filter finds %d resources with a member", n)
			}
		}
	}
}

func membersOmit(k *kind) {
	pool := k.candidates(3)
	g := k.createGroup(pool...)
	omit := []string{k.members.Name}
	r, err := k.h.Get(k.ctx, g.ID(), scim.GetOptions{Omit: omit})
	k.must(err, "Get that omits %s", omit)
	q := scim.Query{Filter: k.equals("id", g.ID()), Count: 1, Omit: omit}
	for _, r := range append(k.list(q).Resources, r) {
		if got := k.memberIDs(r); len(got) > 0 {
			k.sameIDs(got, pool, "the members that were to be omitted")
		}
	}
	k.membersAre(g.ID(), pool, "after a Get that omitted them")
	byMember := scim.Query{Filter: k.memberFilter(pool[1]), Count: 10, Omit: omit}
	k.sameIDs(ids(k.list(byMember).Resources), []string{g.ID()}, "List with a filter on the members that it may omit")
	u, err := k.h.Update(k.ctx, g.ID(), func(r *scim.Resource) error { return k.setText(r, "renamed") })
	k.must(err, "Update of %s", text)
	k.sameIDs(k.memberIDs(u), pool, "the members that an Update of "+text+" gives")
	k.membersAre(g.ID(), pool, "after an Update of "+text)
	k.change(g.ID(), scim.ListDelta{}, false)
	k.membersAre(g.ID(), pool, "after an empty change of members")
	q.Omit = nil
	for _, r := range k.list(q).Resources {
		k.sameIDs(k.memberIDs(r), pool, "the members in List")
	}
}

func membersFilter(k *kind) {
	pool := k.candidates(4)
	a, b := k.createGroup(pool[0], pool[1]), k.createGroup(pool[1], pool[2])
	k.createGroup()
	value := k.model.Attr(k.members.Value)
	finds := func(id string, want ...string) {
		k.finds(value.Path, id, want...)
		q := scim.Query{Filter: k.filter(k.members.Name + "[" + value.Name + " eq " + quote(id) + "]")}
		k.sameIDs(ids(k.all(q)), want, "List with "+describe(q))
	}
	finds(pool[0], a.ID())
	finds(pool[1], a.ID(), b.ID())
	finds(pool[2], b.ID())
	finds(pool[3])
	finds(k.id())
	k.change(a.ID(), scim.ListDelta{Add: refs(pool[3:]), Remove: pool[1:2]}, true)
	finds(pool[1], b.ID())
	finds(pool[3], a.ID())
}

func membersDeleted(k *kind) {
	pool := k.candidates(3)
	a, b := k.createGroup(pool...), k.createGroup(pool[1])
	k.must(k.pool().h.Delete(k.ctx, pool[1], agree), "Delete of a member")
	k.membersAre(a.ID(), []string{pool[0], pool[2]}, "after one was deleted")
	k.membersAre(b.ID(), nil, "after the only one was deleted")
	if p := k.list(scim.Query{Filter: k.memberFilter(pool[1]), Count: 1}); p.Total != 0 {
		k.failf("a filter finds a resource with a member that was deleted")
	}
	k.must(k.h.Delete(k.ctx, a.ID(), agree), "Delete of the resource with members")
	k.pool().get(pool[0])
	if p := k.list(scim.Query{Filter: k.memberFilter(pool[0]), Count: 1}); p.Total != 0 {
		k.failf("a filter finds a deleted resource by its member")
	}
}

func membersLost(k *kind) {
	const n = 32
	pool := k.candidates(2 * n)
	g := k.createGroup(pool[:n]...)
	_, err := k.h.Update(k.ctx, g.ID(), func(r *scim.Resource) error { return k.setText(r, ".") })
	k.must(err, "Update")
	errs := race(n, func(i int) error {
		mark := fmt.Sprintf("%d.", i)
		switch i % 4 {
		case 0:
			_, err := k.h.Update(k.ctx, g.ID(), func(r *scim.Resource) error { return k.setText(r, r.String(text)+mark) })
			return err
		case 1:
			_, err := k.h.Update(k.ctx, g.ID(), func(r *scim.Resource) error {
				l := newList(k.memberIDs(r))
				l.apply(scim.ListDelta{Add: refs(pool[n+i : n+i+1]), Remove: pool[i : i+1]})
				k.touch(r)
				return r.Set(k.members.Name, refs(l.ids()))
			})
			return err
		}
		d := scim.ListDelta{Add: refs(pool[n+i : n+i+1]), Remove: pool[i : i+1]}
		_, err := k.delta(g.ID(), d, func(r *scim.Resource, _ bool) error { return k.setText(r, r.String(text)+mark) })
		return err
	})
	for _, err := range errs {
		k.must(err, "one of %d concurrent changes", n)
	}
	var want []string
	have := k.get(g.ID()).String(text)
	for i := range n {
		if i%4 == 0 {
			want = append(want, pool[i])
		} else {
			want = append(want, pool[n+i])
		}
		if i%4 != 1 && !strings.Contains(have, fmt.Sprintf(".%d.", i)) {
			k.failf("of %d concurrent changes number %d is lost: %s is %q", n, i, text, have)
		}
	}
	k.membersAre(g.ID(), want, "after concurrent changes")
}

func membersDangling(k *kind) {
	g := k.createGroup()
	for range 30 {
		id := k.candidates(1)
		errs := race(2, func(i int) error {
			if i == 0 {
				return k.pool().h.Delete(k.ctx, id[0], agree)
			}
			_, err := k.delta(g.ID(), scim.ListDelta{Add: refs(id)}, func(r *scim.Resource, _ bool) error {
				k.touch(r)
				return nil
			})
			return err
		})
		k.must(errs[0], "Delete")
		if errs[1] != nil {
			k.unknown(errs[1], "adding a resource while it is deleted", id...)
		}
		k.membersAre(g.ID(), nil, "after the only one was deleted")
	}
}

func membersGone(k *kind) {
	for _, id := range append(k.candidates(1), k.unknownIDs()...) {
		if p := k.pool(); p == k && p.exists(id) {
			continue
		}
		called := false
		_, err := k.delta(id, scim.ListDelta{Add: refs(k.candidates(1))}, func(*scim.Resource, bool) error { called = true; return nil })
		k.wants(err, scim.ErrNotFound, "a change of members of %.50q, which does not exist", id)
		if called {
			k.failf("edit is called for %.50q, which does not exist", id)
		}
	}
}

func (k *kind) exists(id string) bool {
	_, err := k.h.Get(k.ctx, id, scim.GetOptions{})
	return err == nil
}

func membersGroups(k *kind) {
	pool := k.pool()
	users := k.candidates(2)
	a, b := k.createGroup(users...), k.createGroup(users[0])
	see := func(id string, want ...string) {
		var got []string
		for _, v := range pool.get(id).Values(pool.groups.Name) {
			got = append(got, v.String("value"))
		}
		k.sameIDs(got, want, "the "+pool.groups.Name+" of a "+pool.rt.Name)
	}
	see(users[0], a.ID(), b.ID())
	see(users[1], a.ID())
	k.change(a.ID(), scim.ListDelta{Remove: users[:1]}, true)
	see(users[0], b.ID())
	k.change(b.ID(), scim.ListDelta{Add: refs(users), Replace: true}, true)
	see(users[1], a.ID(), b.ID())
	k.must(k.h.Delete(k.ctx, b.ID(), agree), "Delete")
	see(users[0])
	see(users[1], a.ID())
}
