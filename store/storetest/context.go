package storetest

import (
	"context"
	"errors"
	"slices"

	"github.com/scimkit/scimkit/scim"
)

// cancelled is a context that is.
func (k *kind) cancelled() context.Context {
	ctx, cancel := context.WithCancel(k.ctx)
	cancel()
	return ctx
}

func contextCancelled(k *kind) {
	want, ctx := k.create().Clone(), k.cancelled()
	refused := k.resource(k.generate(0.5))
	k.wants(k.h.Create(ctx, refused), context.Canceled, "Create with a cancelled context")
	_, err := k.h.Update(ctx, want.ID(), func(r *scim.Resource) error { return k.setText(r, "cancelled") })
	k.wants(err, context.Canceled, "Update with a cancelled context")
	k.wants(k.h.Delete(ctx, want.ID(), agree), context.Canceled, "Delete with a cancelled context")
	k.stored(want, "after calls with a cancelled context")
	k.sameIDs(ids(k.all(scim.Query{})), []string{want.ID()}, "List after calls with a cancelled context")

	r, err := k.h.Get(ctx, want.ID(), scim.GetOptions{})
	if err == nil && k.differ(r, want) != "" || err != nil && !errors.Is(err, context.Canceled) {
		k.failf("Get with a cancelled context gives another resource, or the error %v", err)
	}
	p, err := k.h.List(ctx, scim.Query{StartIndex: 1, Count: 10})
	if err == nil && !slices.Equal(ids(p.Resources), []string{want.ID()}) || err != nil && !errors.Is(err, context.Canceled) {
		k.failf("List with a cancelled context gives other resources, or the error %v", err)
	}
}

func contextMembers(k *kind) {
	g := k.createGroup(k.candidates(2)...)
	want := k.get(g.ID()).Clone()
	_, err := k.deltaIn(k.cancelled(), g.ID(), scim.ListDelta{Add: refs(k.candidates(1))}, func(r *scim.Resource, _ bool) error {
		return k.setText(r, "cancelled")
	})
	k.wants(err, context.Canceled, "UpdateList with a cancelled context")
	k.stored(want, "after UpdateList with a cancelled context")
}
