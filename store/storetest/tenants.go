package storetest

import (
	"errors"
	"fmt"

	"github.com/scimkit/scimkit/scim"
)

func tenantsResources(k *kind) {
	a, b := k, k.in(k.other)
	mine, theirs := a.create().Clone(), b.create().Clone()
	b.missing(mine.ID(), "which another tenant has")
	a.missing(theirs.ID(), "which another tenant has")
	k.sameIDs(ids(a.all(scim.Query{})), []string{mine.ID()}, "List of the first tenant")
	k.sameIDs(ids(b.all(scim.Query{})), []string{theirs.ID()}, "List of the second tenant")
	b.finds("id", mine.ID())
	k.must(mine.Set(text, "mine"), "setting %s", text)
	_, err := a.h.Update(a.ctx, mine.ID(), func(r *scim.Resource) error { return a.setText(r, "mine") })
	k.must(err, "Update")
	b.finds(text, "mine")
	a.finds(text, "mine", mine.ID())
	k.sameIDs(ids(b.all(scim.Query{Filter: b.filter("id pr")})), []string{theirs.ID()}, "List of the second tenant, of what has an id")
	k.must(a.h.Delete(a.ctx, mine.ID(), agree), "Delete")
	b.stored(theirs, "after another tenant deleted a resource")
}

func tenantsUnique(k *kind) {
	a, b := k, k.in(k.other)
	for _, v := range k.spellings()[1:] {
		mine := a.createWith(v)
		theirs := b.createWith(v)
		a.finds(k.unique.Path, v, mine.ID())
		b.finds(k.unique.Path, v, theirs.ID())
		k.must(a.h.Delete(a.ctx, mine.ID(), agree), "Delete")
		b.finds(k.unique.Path, v, theirs.ID())
		k.wants(b.h.Create(b.ctx, b.with(v)), scim.ErrConflict, "Create with a value that the same tenant has")
		k.must(b.h.Delete(b.ctx, theirs.ID(), agree), "Delete")
	}
}

func tenantsMembers(k *kind) {
	pool := k.pool()
	theirs := pool.in(pool.other).create().ID()
	g := k.createGroup(k.candidates(1)...)
	want := k.get(g.ID()).Clone()
	_, err := k.delta(g.ID(), scim.ListDelta{Add: refs([]string{theirs})}, func(r *scim.Resource, _ bool) error {
		k.touch(r)
		return nil
	})
	k.unknown(err, "adding a member of another tenant", theirs)
	k.stored(want, "after adding a member of another tenant")
	r := k.resource(k.generate(0.5))
	k.setMembers(r, []string{theirs})
	k.unknown(k.h.Create(k.ctx, r), "Create with a member of another tenant", theirs)
	if p := k.list(scim.Query{Filter: k.memberFilter(theirs), Count: 1}); p.Total != 0 {
		k.failf("a resource of another tenant is a member")
	}
}

// unknown ends the check if err does not name ids, and nothing else, as
// members that there are not.
func (k *kind) unknown(err error, what string, ids ...string) {
	var e *scim.UnknownMembersError
	if !errors.As(err, &e) {
		k.failf("%s: error is %v, want an *UnknownMembersError", what, err)
	}
	k.sameIDs(e.IDs, ids, fmt.Sprintf("%s: the IDs of the error", what))
}
