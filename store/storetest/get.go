package storetest

import (
	"fmt"
	"strings"

	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/scim"
)

// unknownIDs are ids that no resource of type k has.
func (k *kind) unknownIDs() []string {
	id := k.create().ID()
	all := []string{
		k.id(), "", "0", "1", "-1", "x", "not-an-id", id + "x", id[:len(id)-1], " " + id, id + "%", "%", "' OR '1'='1",
		"日本語", "a/b", "a b", "\\", "null", "99999999999999999999999999", strings.Repeat("i", 300),
	}
	if upper := strings.ToUpper(id); upper != id {
		all = append(all, upper)
	}
	for _, p := range k.kinds {
		if p != k {
			all = append(all, p.create().ID())
		}
	}
	return all
}

func getUnknown(k *kind) {
	for _, id := range k.unknownIDs() {
		k.missing(id, "an id that no resource has")
	}
}

// missing ends the check if there is a resource called id.
func (k *kind) missing(id, what string) {
	_, err := k.h.Get(k.ctx, id, scim.GetOptions{})
	k.wants(err, scim.ErrNotFound, "Get(%.50q), %s", id, what)
	called := false
	_, err = k.h.Update(k.ctx, id, func(*scim.Resource) error { called = true; return nil })
	k.wants(err, scim.ErrNotFound, "Update(%.50q), %s", id, what)
	err = k.h.Delete(k.ctx, id, func(*scim.Resource) error { called = true; return nil })
	k.wants(err, scim.ErrNotFound, "Delete(%.50q), %s", id, what)
	if called {
		k.failf("edit or check is called for %.50q, %s", id, what)
	}
}

func getPrivate(k *kind) {
	want := k.create().Clone()
	first, second := k.get(want.ID()), k.get(want.ID())
	k.spoil(first)
	if diff := k.differ(second, want); diff != "" {
		k.failf("after the caller changed what another Get gave: %s", diff)
	}
	k.stored(want, "after the caller changed what Get gave")

	q := scim.Query{Count: 10}
	page, again := k.list(q), k.list(q)
	k.spoil(page.Resources[0])
	page.Resources[0] = nil
	if diff := k.differ(again.Resources[0], want); diff != "" {
		k.failf("after the caller changed what another List gave: %s", diff)
	}
	if diff := k.differ(k.list(q).Resources[0], want); diff != "" {
		k.failf("List after the caller changed what it gave: %s", diff)
	}
	k.stored(want, "after the caller changed what List gave")
}

// pair is a second attribute that changes together with text: a string of the
// schema, or nil.
func (k *kind) pair() *model.Attr {
	if k.unique != nil {
		return k.unique
	}
	for id := model.ExternalID + 1; int(id) < len(k.model.Attrs); id = k.model.Attrs[id].End {
		a := &k.model.Attrs[id]
		if a.Kind == model.String && !a.Multi && a.Mutability == model.ReadWrite && len(a.Canonical) == 0 {
			return a
		}
	}
	return nil
}

func getWhole(k *kind) {
	pair := k.pair()
	if pair == nil {
		pair = k.model.Attr(model.ExternalID)
	}
	set := func(r *scim.Resource) error {
		v := fmt.Sprintf("whole-%d@example.com", k.next()) // a userName may have to be an address
		if err := r.Set(pair.Path, v); err != nil {
			return err
		}
		return k.setText(r, v)
	}
	r := k.resource(k.generate(0.5))
	k.must(set(r), "setting attributes")
	k.must(k.h.Create(k.ctx, r), "Create")
	torn := func(r *scim.Resource) error {
		if a, b := r.String(text), r.String(pair.Path); a != b {
			return fmt.Errorf("one Update set %s and %s to the same value; now they are %q and %q", text, pair.Path, a, b)
		}
		return nil
	}
	errs := race(4, func(i int) error {
		for range 60 {
			if err := k.step(i, r.ID(), set, torn); err != nil {
				return err
			}
		}
		return nil
	})
	for _, err := range errs {
		k.must(err, "Get, List and Update at once")
	}
}

// step writes or reads a resource, as i says.
func (k *kind) step(i int, id string, set, look func(*scim.Resource) error) error {
	switch i {
	case 0:
		_, err := k.h.Update(k.ctx, id, set)
		return err
	case 1:
		p, err := k.h.List(k.ctx, scim.Query{StartIndex: 1, Count: 1})
		if err != nil || len(p.Resources) != 1 {
			return fmt.Errorf("a List gives %d resources and the error %v", len(p.Resources), err)
		}
		return look(p.Resources[0])
	}
	r, err := k.h.Get(k.ctx, id, scim.GetOptions{})
	if err != nil {
		return err
	}
	return look(r)
}
