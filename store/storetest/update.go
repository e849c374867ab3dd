package storetest

import (
	"errors"
	"fmt"
	"strings"

	"github.com/scimkit/scimkit/scim"
)

func updateStores(k *kind) {
	stored := k.create().Clone()
	for i := range 25 {
		want := k.resource(k.generate([]float64{1, 0, 0.5}[i%3]))
		want.SetID(stored.ID())
		m := stored.Meta()
		m.LastModified = k.now()
		m.Version = version(m.LastModified)
		want.SetMeta(m)
		got, err := k.h.Update(k.ctx, stored.ID(), func(r *scim.Resource) error {
			if diff := k.differ(r, stored); diff != "" {
				return fmt.Errorf("edit gets another resource than is stored: %s", diff)
			}
			*r = *want.Clone()
			return nil
		})
		k.must(err, "Update")
		if got == nil {
			k.failf("Update gives no resource and no error")
		}
		k.stored(got, "Get after Update, compared with what Update returned")
		have, made := k.form(got), k.form(want)
		delete(have, "meta")
		delete(made, "meta") // which is the handler's
		if diff := differences(have, made); diff != "" {
			k.failf("Update did not store what edit made: %s", diff)
		}
		stored = got.Clone()
	}
}

// errEdit is an error of an edit.
type errEdit struct{ n int }

func (e *errEdit) Error() string { return fmt.Sprintf("edit fails with %d", e.n) }

func updateRollback(k *kind) {
	want := k.create().Clone()
	why := &errEdit{k.next()}
	_, err := k.h.Update(k.ctx, want.ID(), func(r *scim.Resource) error {
		k.must(k.setText(r, "rolled back"), "setting %s", text)
		return why
	})
	k.wants(err, why, "Update with an edit that fails")
	var got *errEdit
	if !errors.As(err, &got) || got != why {
		k.failf("Update with an edit that fails: errors.As does not find edit's error in %v", err)
	}
	k.stored(want, "after an edit that failed")
	if p := k.list(scim.Query{Filter: k.equals(text, "rolled back"), Count: 10}); p.Total != 0 {
		k.failf("after an edit that failed, a filter finds what it had set")
	}
}

// setUnique is an edit that changes the unique attribute.
func (k *kind) setUnique(id, v string) error {
	_, err := k.h.Update(k.ctx, id, func(r *scim.Resource) error {
		k.touch(r)
		return r.Set(k.unique.Path, v)
	})
	return err
}

func updateUnique(k *kind) {
	values := k.spellings()
	a := k.createWith(values[0])
	b := k.createWith(fmt.Sprintf("other%d@example.com", k.next()))
	before := b.Clone()
	for _, v := range values {
		k.wants(k.setUnique(b.ID(), v), scim.ErrConflict, "Update to %s %q where another has %q", k.unique.Path, v, values[0])
		k.stored(before, "after an Update that was refused")
	}
	for _, v := range values {
		k.must(k.setUnique(a.ID(), v), "Update to the resource's own %s in the spelling %q", k.unique.Path, v)
		if got := k.get(a.ID()).String(k.unique.Path); got != v {
			k.failf("after Update %s is %q, want the spelling %q", k.unique.Path, got, v)
		}
	}
	k.wants(k.setUnique(b.ID(), values[0]), scim.ErrConflict, "Update to a value that another has in another spelling by now")
	k.must(k.setUnique(a.ID(), fmt.Sprintf("moved%d@example.com", k.next())), "Update to a value that is free")
	k.must(k.setUnique(b.ID(), values[0]), "Update to a value that another has no more")
}

func updateLost(k *kind) {
	const n = 32
	r := k.resource(k.generate(0.5))
	k.must(r.Set(text, "."), "setting %s", text)
	k.must(k.h.Create(k.ctx, r), "Create")
	errs := race(n, func(i int) error {
		mark := fmt.Sprintf("%d.", i)
		_, err := k.h.Update(k.ctx, r.ID(), func(r *scim.Resource) error {
			have := r.String(text)
			if strings.Contains(have, "."+mark) {
				return fmt.Errorf("edit gets what it made itself: %s is %q", text, have)
			}
			return k.setText(r, have+mark)
		})
		return err
	})
	for _, err := range errs {
		k.must(err, "one of %d concurrent Updates", n)
	}
	have := k.get(r.ID()).String(text)
	for i := range n {
		if !strings.Contains(have, fmt.Sprintf(".%d.", i)) {
			k.failf("of %d concurrent Updates number %d is lost: %s is %q", n, i, text, have)
		}
	}
}

func updateRace(k *kind) {
	for range 12 {
		values := k.spellings()
		resources := k.corpus(8)
		k.oneWins(race(len(resources), func(i int) error {
			return k.setUnique(resources[i].ID(), values[i%len(values)])
		}), "concurrent Updates")
	}
}

func updatePrivate(k *kind) {
	var inside *scim.Resource
	r := k.create()
	got, err := k.h.Update(k.ctx, r.ID(), func(r *scim.Resource) error {
		inside = r
		return k.setText(r, "private")
	})
	k.must(err, "Update")
	want := k.get(r.ID()).Clone()
	k.spoil(inside)
	k.stored(want, "after the caller changed the resource that edit got")
	if got == inside {
		got, err = k.h.Update(k.ctx, r.ID(), func(r *scim.Resource) error { return k.setText(r, "private") })
		k.must(err, "Update")
		want = k.get(r.ID()).Clone()
	}
	k.spoil(got)
	k.stored(want, "after the caller changed what Update returned")
}
