package storetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/scim"
)

// candidates creates n resources that can be members and gives their ids.
func (k *kind) candidates(n int) []string { return ids(k.pool().corpus(n)) }

// createGroup stores a resource with members.
func (k *kind) createGroup(members ...string) *scim.Resource {
	r := k.resource(k.generate(0.5))
	k.setMembers(r, members)
	k.must(k.h.Create(k.ctx, r), "Create with %d members", len(members))
	return r
}

// memberFilter finds what has the member id.
func (k *kind) memberFilter(id string) *filter.Filter {
	return k.equals(k.model.Attr(k.members.Value).Path, id)
}

// membersAre ends the check if id does not have the members want.
func (k *kind) membersAre(id string, want []string, when string) {
	k.sameIDs(k.memberIDs(k.get(id)), want, "the members "+when)
}

func refs(ids []string) []scim.Member {
	all := make([]scim.Member, len(ids))
	for i, id := range ids {
		all[i].Value = id
	}
	return all
}

// delta changes members as the engine does.
func (k *kind) delta(id string, d scim.ListDelta, edit func(*scim.Resource, bool) error) (*scim.Resource, error) {
	return k.deltaIn(k.ctx, id, d, edit)
}

func (k *kind) deltaIn(ctx context.Context, id string, d scim.ListDelta, edit func(*scim.Resource, bool) error) (*scim.Resource, error) {
	d.Attribute = k.members.Name
	if u := updater(k.h); u != nil {
		r, err := u.UpdateList(ctx, id, d, edit)
		if !errors.Is(err, errors.ErrUnsupported) {
			return r, err
		}
	}
	return k.h.Update(ctx, id, func(r *scim.Resource) error {
		list := newList(k.memberIDs(r))
		changed := list.apply(d)
		k.setMembers(r, list.ids())
		return edit(r, changed)
	})
}

// updater finds the optional interface as the engine does.
func updater(h scim.ResourceHandler) scim.ListUpdater {
	for {
		if u, ok := h.(scim.ListUpdater); ok {
			return u
		}
		d, ok := h.(interface{ Unwrap() scim.ResourceHandler })
		if !ok {
			return nil
		}
		h = d.Unwrap()
	}
}

// list is what members are: a set.
type list map[string]bool

func newList(ids []string) list {
	l := make(list)
	for _, id := range ids {
		l[id] = true
	}
	return l
}

func (l list) ids() []string { return slices.Sorted(maps.Keys(l)) }

// apply does what d says and tells whether that made a difference.
func (l list) apply(d scim.ListDelta) bool {
	before := maps.Clone(l)
	if d.Replace {
		clear(l)
	}
	for _, m := range d.Add {
		l[m.Value] = true
	}
	for _, id := range d.Remove {
		delete(l, id)
	}
	return !maps.Equal(before, l)
}

func membersCreate(k *kind) {
	all := k.candidates(3)
	for n := range len(all) + 1 {
		g := k.createGroup(all[:n]...)
		k.membersAre(g.ID(), all[:n], fmt.Sprintf("after Create with %d", n))
		k.sameIDs(k.memberIDs(g), all[:n], "the members of the resource that was passed to Create")
	}
}

func membersUnknown(k *kind) {
	deleted := k.pool().create().ID()
	k.must(k.pool().h.Delete(k.ctx, deleted, agree), "Delete")
	for _, bad := range [][]string{{k.id()}, {deleted}, {k.id(), "not-an-id"}} {
		k.membersUnknown(bad)
	}
}

func (k *kind) membersUnknown(bad []string) {
	members := k.candidates(2)
	r := k.resource(k.generate(0.5))
	k.setMembers(r, append([]string{members[0]}, bad...))
	total := k.list(scim.Query{}).Total
	k.unknown(k.h.Create(k.ctx, r), "Create with unknown members", bad...)
	if n := k.list(scim.Query{}).Total; n != total {
		k.failf("after a Create that was refused there are %d resources, want %d", n, total)
	}

	g := k.createGroup(members[0])
	want := k.get(g.ID()).Clone()
	_, err := k.h.Update(k.ctx, g.ID(), func(r *scim.Resource) error {
		k.setMembers(r, append([]string{members[1]}, bad...))
		return k.setText(r, "refused")
	})
	k.unknown(err, "Update with unknown members", bad...)
	k.stored(want, "after an Update with unknown members")
	edit := func(r *scim.Resource, _ bool) error { return k.setText(r, "refused") }
	for _, d := range []scim.ListDelta{
		{Add: refs(append([]string{members[1]}, bad...)), Remove: members[:1]},
		{Add: refs(append([]string{members[1]}, bad...)), Replace: true},
	} {
		_, err = k.delta(g.ID(), d, edit)
		k.unknown(err, "adding unknown members", bad...)
		k.stored(want, "after adding unknown members")
	}
	k.change(g.ID(), scim.ListDelta{Remove: bad}, false)
	k.membersAre(g.ID(), members[:1], "after removing what never was a member")
}

// change applies d, checks what edit is told, and changes the rest too. It
// gives the text that the resource has now.
func (k *kind) change(id string, d scim.ListDelta, want bool) string {
	value := fmt.Sprintf("changed-%d", k.next())
	r, err := k.delta(id, d, func(r *scim.Resource, changed bool) error {
		if changed != want {
			return fmt.Errorf("edit is told changed = %t, want %t", changed, want)
		}
		return k.setText(r, value)
	})
	k.must(err, "change of members (%d to add, %d to remove, replace %t)", len(d.Add), len(d.Remove), d.Replace)
	if r == nil || r.ID() != id || r.String(text) != value {
		k.failf("a change of members does not give the resource that edit made")
	}
	return value
}

func membersDelta(k *kind) {
	pool := k.candidates(12)
	pick := func(n int) []string {
		some := make([]string, 0, n)
		for _, i := range k.rand.Perm(len(pool))[:n] {
			some = append(some, pool[i])
		}
		return some
	}
	g := k.createGroup(pool[:2]...)
	model := newList(pool[:2])
	for step := range 80 {
		some := pick(k.rand.IntN(8))
		cut := k.rand.IntN(len(some) + 1)
		d := scim.ListDelta{Add: refs(some[:cut]), Remove: some[cut:]}
		if k.rand.IntN(6) == 0 {
			d.Replace, d.Remove = true, nil
		}
		value := k.change(g.ID(), d, model.apply(d))
		k.membersAre(g.ID(), model.ids(), fmt.Sprintf("after change %d (%d to add, %d to remove, replace %t)", step+1, len(d.Add), len(d.Remove), d.Replace))
		if got := k.get(g.ID()).String(text); got != value {
			k.failf("after a change of members and of %s that is %q, want %q", text, got, value)
		}
	}
}

func membersUpdate(k *kind) {
	pool := k.candidates(10)
	g := k.createGroup(pool[0])
	for range 20 {
		var want []string
		for _, i := range k.rand.Perm(len(pool))[:k.rand.IntN(len(pool))] {
			want = append(want, pool[i])
		}
		before := k.memberIDs(k.get(g.ID()))
		r, err := k.h.Update(k.ctx, g.ID(), func(r *scim.Resource) error {
			if got := k.memberIDs(r); !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(before))) {
				return fmt.Errorf("edit gets a resource with %d members, want %d", len(got), len(before))
			}
			k.touch(r)
			k.setMembers(r, want)
			return nil
		})
		k.must(err, "Update of the members")
		k.sameIDs(k.memberIDs(r), want, "the members that Update gives")
		k.membersAre(g.ID(), want, "after Update")
	}
}

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
