package storetest

import (
	"fmt"

	"github.com/scimkit/scimkit/scim"
)

func deleteGone(k *kind) {
	all := k.corpus(4)
	gone := all[1]
	k.must(k.h.Delete(k.ctx, gone.ID(), agree), "Delete")
	k.missing(gone.ID(), "which was deleted")
	want := []string{all[0].ID(), all[2].ID(), all[3].ID()}
	k.sameIDs(ids(k.all(scim.Query{})), want, "List after Delete")
	k.sameIDs(ids(k.all(scim.Query{Filter: k.filter("id pr")})), want, "List of what has an id, after Delete")
	if p := k.list(scim.Query{Filter: k.equals("id", gone.ID()), Count: 1}); p.Total != 0 {
		k.failf("a filter on its id finds a deleted resource")
	}
	if k.unique != nil {
		if p := k.list(scim.Query{Filter: k.equals(k.unique.Path, gone.String(k.unique.Path)), Count: 1}); p.Total != 0 {
			k.failf("a filter on %s finds a deleted resource", k.unique.Path)
		}
	}
}

func deleteFrees(k *kind) {
	values := k.spellings()
	for _, v := range values {
		r := k.createWith(v)
		k.must(k.h.Delete(k.ctx, r.ID(), agree), "Delete")
	}
	a := k.createWith(values[0])
	b := k.createWith(fmt.Sprintf("other%d@example.com", k.next()))
	k.must(k.h.Delete(k.ctx, a.ID(), agree), "Delete")
	k.must(k.setUnique(b.ID(), values[0]), "Update to a value that a deleted resource had")
}

func deleteCheck(k *kind) {
	want := k.create().Clone()
	why := &errEdit{k.next()}
	called := false
	err := k.h.Delete(k.ctx, want.ID(), func(r *scim.Resource) error {
		called = true
		if r == nil {
			k.failf("check gets no resource")
		}
		if diff := k.differ(r, want); diff != "" {
			k.failf("check gets another resource than is stored: %s", diff)
		}
		k.spoil(r)
		return why
	})
	if !called {
		k.failf("check is not called")
	}
	k.wants(err, why, "Delete with a check that fails")
	k.stored(want, "after a check that failed")
	k.sameIDs(ids(k.all(scim.Query{})), []string{want.ID()}, "List after a check that failed")
	k.must(k.h.Delete(k.ctx, want.ID(), agree), "Delete with a check that agrees")
}
