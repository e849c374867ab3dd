package scim

import (
	"errors"
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
		var same *Resource
		stored, err := rq.handler.Update(rq, rq.rt.id, func(r *Resource) error {
			same = nil
			old := r.Clone()
			if err := rq.edit(r, skip, change); err != errUnchanged {
				return err
			}
			same = old
			return errUnchanged
		})
		if errors.Is(err, errUnchanged) && same != nil {
			stored, err = same, nil
		}
		if err == nil {
			result, err = rq.checked(stored)
		}
		return err
	})
	return result, err
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
	next, err := skip.from(&Resource{r.typ, d})
	if err != nil {
		return err
	}
	if next.doc.Equal(r.doc) {
		return errUnchanged
	}
	r.doc = next.doc
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
