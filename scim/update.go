package scim

import (
	"errors"
	"sync"
	"time"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
)

// errUnchanged is what edit returns when there is nothing to store. The
// handler takes it for a failure and stores nothing.
var errUnchanged = errors.New("scim: the request changes nothing")

// update runs an edit of the resource of the request: it checks If-Match,
// computes the new document, and stores it if it is another. It gives the
// resource as it is afterwards.
func (rq *request) update(change func(old *Resource) (*document.Doc, error)) (*Resource, error) {
	var result *Resource
	err := rq.withoutUnknownMembers(func(skip members) error {
		var v verdict
		stored, err := v.of(func() (*Resource, error) {
			return rq.handler.Update(rq, rq.rt.id, v.whole(func(r *Resource) error { return rq.edit(r, skip, change) }))
		})
		result, err = rq.outcome(&v, stored, err)
		return err
	})
	return result, err
}

// verdict is what edit said when it was last called. A handler that gives up
// waiting for its transaction may leave a goroutine behind that calls edit when
// the request's memory is another's: edit then fails, and where it runs
// already, the end of the update waits for it.
type verdict struct {
	mu     sync.Mutex
	over   bool
	called bool
	err    error
	same   *Resource // after errUnchanged: the resource
}

var errOver = errors.New("scim: edit or check was called after the end of the call that it is for")

// of runs an update whose verdict v is.
func (v *verdict) of(update func() (*Resource, error)) (*Resource, error) {
	defer func() {
		v.mu.Lock()
		v.over = true
		v.mu.Unlock()
	}()
	return update()
}

// whole is edit for Update.
func (v *verdict) whole(edit func(*Resource) error) func(*Resource) error {
	return func(r *Resource) error {
		v.mu.Lock()
		defer v.mu.Unlock()
		if v.over {
			return errOver
		}
		v.called, v.same = true, nil
		if v.err = edit(r); v.err == errUnchanged {
			v.same = r.Clone()
		}
		return v.err
	}
}

// list is edit for UpdateList.
func (v *verdict) list(edit func(*Resource, bool) error) func(*Resource, bool) error {
	return func(r *Resource, changed bool) error {
		return v.whole(func(r *Resource) error { return edit(r, changed) })(r)
	}
}

// outcome is what an update came to. The verdict counts even where a handler
// forgets to return it, or If-Match would protect nothing there.
func (rq *request) outcome(v *verdict, stored *Resource, err error) (*Resource, error) {
	switch {
	case v.err == errUnchanged && (err == nil || errors.Is(err, errUnchanged)):
		stored, err = v.same, nil
	case err == nil && !v.called:
		err = errors.New("the handler did not call edit")
	case err == nil:
		err = v.err
	}
	if err != nil {
		return nil, err
	}
	return rq.checked(stored)
}

// edit changes r in place, or says errUnchanged.
func (rq *request) edit(r *Resource, skip members, change func(*Resource) (*document.Doc, error)) error {
	old, err := rq.checked(r)
	if err != nil {
		return err
	}
	if err := rq.checkMatch(old); err != nil {
		return err
	}
	d, err := change(r)
	if err != nil {
		return err
	}
	next, err := skip.from(&Resource{typ: r.typ, doc: d})
	if err != nil {
		return err
	}
	if next.doc.Equal(r.doc) {
		return errUnchanged
	}
	r.old, r.doc = r.doc, next.doc
	rq.touch(r, old.doc.Meta())
	return nil
}

// forget takes out of next what the service provider said of a resource that
// next refers to no more: the displayName of the manager before (RFC 7643
// section 4.3), which is readOnly, so that no client can correct it.
func forget(old, next *document.Doc) (*document.Doc, error) {
	t := next.Type()
	if !t.HasRefs {
		return next, nil
	}
	var stale []model.ID
	for i := range t.Attrs {
		a := &t.Attrs[i]
		if !a.ResourceRef || a.Multi {
			continue
		}
		before, had := old.Get(a.Value)
		after, has := next.Get(a.Value)
		if !had || has && string(before.Raw()) == string(after.Raw()) {
			continue
		}
		for id := a.ID + 1; id < a.End; id++ {
			if t.Attrs[id].Mutability == model.ReadOnly {
				stale = append(stale, id)
			}
		}
	}
	if stale == nil {
		return next, nil
	}
	r := Resource{doc: next}
	err := r.change(func(tree *document.Tree) error {
		for _, id := range stale {
			tree.Unset(id)
		}
		return nil
	})
	return r.doc, err
}

// touch gives a changed resource its new lastModified and version.
func (rq *request) touch(r *Resource, old document.Meta) {
	now := rq.srv.now()
	if !now.After(old.LastModified) {
		now = old.LastModified.Add(time.Microsecond)
	}
	r.doc = r.doc.WithMeta(document.Meta{Created: old.Created, LastModified: now, Version: newVersion(now)})
}
