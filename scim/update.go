package scim

import (
	"errors"
	"time"

	"github.com/scimkit/scimkit/internal/document"
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

// touch gives a changed resource its new lastModified and version.
func (rq *request) touch(r *Resource, old document.Meta) {
	now := rq.srv.now()
	if !now.After(old.LastModified) {
		now = old.LastModified.Add(time.Microsecond)
	}
	r.doc = r.doc.WithMeta(document.Meta{Created: old.Created, LastModified: now, Version: newVersion(now)})
}
