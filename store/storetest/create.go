package storetest

import (
	"errors"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/unicode/norm"

	"github.com/scimkit/scimkit/scim"
)

func createKeeps(k *kind) {
	for i := range 25 {
		r := k.resource(k.generate([]float64{0, 1, 0.6}[min(i, 2)]))
		sent := k.form(r)
		k.must(k.h.Create(k.ctx, r), "Create")
		if m := r.Meta(); r.ID() == "" || m.Created.IsZero() || m.LastModified.IsZero() {
			k.failf("after Create the resource has the id %q and the times %v and %v", r.ID(), m.Created, m.LastModified)
		}
		kept := k.form(k.get(r.ID()))
		if diff := differences(kept, k.form(r)); diff != "" {
			k.failf("Get is not as Create left the resource: %s", diff)
		}
		sent["id"], sent["meta"] = kept["id"], kept["meta"]
		maps.DeleteFunc(kept, func(name, _ string) bool { return sent[name] == "" }) // what the handler added
		if diff := differences(kept, sent); diff != "" {
			k.failf("Get is not as the resource was sent: %s", diff)
		}
	}
}

func createIDs(k *kind) {
	seen := make(map[string]bool)
	for range 3 {
		for _, p := range k.kinds {
			var last *scim.Resource
			for range 3 {
				last = p.create()
				if seen[last.ID()] {
					k.failf("the new %s has the id %q, which was given before", p.rt.Name, last.ID())
				}
				seen[last.ID()] = true
			}
			k.must(p.h.Delete(k.ctx, last.ID(), agree), "Delete")
		}
	}
}

func agree(*scim.Resource) error { return nil }

// spellings gives values of the unique attribute that are equal.
func (k *kind) spellings() []string {
	s := fmt.Sprintf("storetest%d.zoë.kelvin.strasse@example.com", k.next())
	if k.unique.CaseExact {
		return []string{s, s}
	}
	wide := strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' {
			return r - ' ' + 0xFF00
		}
		return r
	}, s)
	return []string{
		s, s, strings.ToUpper(s), norm.NFD.String(s), wide,
		strings.ReplaceAll(s, "ss", "ß"), strings.Replace(s, "k", "\u212A", 1), // the Kelvin sign
	}
}

// with makes a resource whose unique attribute has the value v.
func (k *kind) with(v string) *scim.Resource {
	r := k.resource(k.generate(0.4))
	k.must(r.Set(k.unique.Path, v), "setting %s", k.unique.Path)
	return r
}

// createWith stores one.
func (k *kind) createWith(v string) *scim.Resource {
	r := k.with(v)
	k.must(k.h.Create(k.ctx, r), "Create with %s %q", k.unique.Path, v)
	return r
}

func createUnique(k *kind) {
	values := k.spellings()
	k.createWith(values[0])
	before := k.list(scim.Query{}).Total
	for _, v := range values[1:] {
		r := k.with(v)
		k.wants(k.h.Create(k.ctx, r), scim.ErrConflict, "Create with %s %q where another has %q", k.unique.Path, v, values[0])
		if p := k.list(scim.Query{Count: 100}); p.Total != before || len(p.Resources) != before {
			k.failf("after a Create that was refused there are %d resources, want %d", p.Total, before)
		}
		_, err := k.h.Get(k.ctx, r.ID(), scim.GetOptions{})
		k.wants(err, scim.ErrNotFound, "Get of a resource that was refused")
	}
}

func createDistinct(k *kind) {
	n := k.next()
	values := []string{"ipek%d@example.com", "İpek%d@example.com", "a_b%d@example.com", "axb%d@example.com", "ab%d@example.com", "a%%b%d@example.com"}
	if k.unique.CaseExact {
		values = append(values, "IPEK%d@example.com")
	}
	for _, v := range values {
		k.createWith(fmt.Sprintf(v, n))
	}
}

// race runs n functions at once and gives their errors.
func race(n int, f func(i int) error) []error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			defer func() {
				if x := recover(); x != nil {
					errs[i] = fmt.Errorf("panic: %v\n%s", x, debug.Stack())
				}
			}()
			<-start
			errs[i] = f(i)
		})
	}
	close(start)
	wg.Wait()
	return errs
}

// oneWins ends the check if not exactly one of errs is nil and the others are
// conflicts.
func (k *kind) oneWins(errs []error, what string) {
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else if !errors.Is(err, scim.ErrConflict) {
			k.failf("%s: error is %v, want ErrConflict", what, err)
		}
	}
	if won != 1 {
		k.failf("%s: %d of %d succeeded, want 1", what, won, len(errs))
	}
}

func createRace(k *kind) {
	for range 12 {
		values := k.spellings()
		resources := make([]*scim.Resource, 16)
		for i := range resources {
			resources[i] = k.with(values[i%len(values)])
		}
		k.oneWins(race(len(resources), func(i int) error { return k.h.Create(k.ctx, resources[i]) }), "concurrent Creates")
		if p := k.list(scim.Query{Filter: k.equals(k.unique.Path, values[0]), Count: 10}); p.Total != 1 {
			k.failf("after concurrent Creates %d resources have the value", p.Total)
		}
	}
}

func createPrivate(k *kind) {
	r := k.create()
	want := r.Clone()
	k.spoil(r)
	k.stored(want, "after the caller changed the resource that it passed to Create")
	if got := ids(k.all(scim.Query{})); !slices.Equal(got, []string{want.ID()}) {
		k.failf("after the caller changed the resource that it passed to Create, List gives %q, want %q", got, want.ID())
	}
}

// spoil changes all that can be changed.
func (k *kind) spoil(r *scim.Resource) {
	k.must(k.setText(r, fmt.Sprintf("spoilt-%d", k.next())), "setting %s", text)
	r.SetID(k.id())
	if k.members != nil {
		k.setMembers(r, nil)
	}
}
