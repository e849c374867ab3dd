package storetest

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/scimkit/scimkit/scim"
)

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
