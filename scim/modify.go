package scim

import (
	"errors"
	"net/http"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/internal/patch"
	"github.com/scimkit/scimkit/internal/quirk"
)

// modify answers PATCH (RFC 7644 section 3.5.2).
func (rq *request) modify() error {
	p, err := rq.parseParams()
	if err != nil {
		return err
	}
	proj, err := rq.projection(&p)
	if err != nil {
		return err
	}
	body, err := rq.body(rq.bodyLimit())
	if err != nil {
		return err
	}
	req, err := patch.Parse(body, rq.rt.ep.model, patch.Options{Limits: rq.srv.limits.patch(), Stop: rq.Err, Values: *rq.options()})
	if err != nil {
		return told(err)
	}
	r, whole, err := rq.patch(req)
	if err != nil {
		return err
	}
	if rq.rt.ep.noContent && !p.hasAttributes && !p.hasExcluded {
		rq.setTag(r)
		rq.sendNothing()
		return nil
	}
	proj = rq.withWritten(&p, proj, rq.written(req.Writes))
	if !whole && proj.has(rq.rt.ep.list) {
		if r, err = rq.handler.Get(rq, rq.rt.id, GetOptions{}); err != nil {
			return err
		}
		if r, err = rq.checked(r); err != nil {
			return err
		}
	}
	rq.sendResource(http.StatusOK, r, proj)
	return nil
}

// patch applies a PATCH to the stored resource: through the optional
// interface, without the long list, where handler and request allow it. whole
// tells whether the result has the list.
func (rq *request) patch(req *patch.Request) (r *Resource, whole bool, err error) {
	list := rq.rt.ep.list
	if u := updater(rq.handler); u != nil && list != model.None {
		if delta, rest, ok := req.Split(list); ok {
			r, err := rq.patchList(u, delta, rest)
			if !errors.Is(err, errors.ErrUnsupported) {
				return r, false, err
			}
		}
	}
	r, err = rq.update(func(old *Resource) (*document.Doc, error) { return rq.editDoc(req, old.doc) })
	return r, true, err
}

// editDoc applies req to d and checks the result.
func (rq *request) editDoc(req *patch.Request, d *document.Doc) (*document.Doc, error) {
	next, changed, err := req.Edit(&rq.sc.tree, d)
	if err != nil || !changed {
		return d, told(err)
	}
	if err := checkSyntax(&rq.sc.tree, d); err != nil {
		return d, told(err)
	}
	return forget(d, next)
}

// patchList applies a delta and the rest of a PATCH.
func (rq *request) patchList(u ListUpdater, delta *patch.Delta, rest *patch.Request) (*Resource, error) {
	var result *Resource
	err := rq.withoutUnknownMembers(func(skip members) error {
		var v verdict
		edit := v.list(func(r *Resource, changed bool) error {
			old, err := rq.checked(r)
			if err != nil {
				return err
			}
			if err := rq.checkMatch(old); err != nil {
				return err
			}
			d, err := rq.editDoc(rest, r.doc)
			if err != nil {
				return err
			}
			if !changed && onlyRemoves(delta) {
				rq.log.Note(quirk.RemoveNoMatch)
			}
			if !changed && d == r.doc {
				return errUnchanged
			}
			r.old, r.doc = r.doc, d
			rq.touch(r, old.doc.Meta())
			return nil
		})
		stored, err := v.of(func() (*Resource, error) {
			return u.UpdateList(rq, rq.rt.id, rq.delta(delta, skip), edit)
		})
		result, err = rq.outcome(&v, stored, err)
		return err
	})
	return result, err
}

// onlyRemoves tells whether a list on which d changes nothing had none of the
// values that d removes.
func onlyRemoves(d *patch.Delta) bool {
	return d != nil && !d.Replace && len(d.Add) == 0 && len(d.Remove) > 0
}

// delta is d for the handler, without the members in skip.
func (rq *request) delta(d *patch.Delta, skip members) ListDelta {
	out := ListDelta{Attribute: rq.rt.ep.listName[0]}
	if d == nil {
		return out
	}
	out.Replace, out.Remove = d.Replace, d.Remove
	out.Add = make([]Member, 0, len(d.Add))
	for _, m := range d.Add {
		if !skip.has(m.Value) {
			out.Add = append(out.Add, Member(m))
		}
	}
	return out
}
