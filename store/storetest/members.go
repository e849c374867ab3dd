package storetest

import (
	"fmt"
	"slices"

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
