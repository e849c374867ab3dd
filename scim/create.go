package scim

import (
	"net/http"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
)

// create answers POST (RFC 7644 section 3.3).
func (rq *request) create() error {
	p, err := rq.parseParams()
	if err != nil {
		return err
	}
	proj, err := rq.projection(&p)
	if err != nil {
		return err
	}
	r, err := rq.newResource()
	if err != nil {
		return err
	}
	sent := r.doc
	err = rq.withoutUnknownMembers(func(skip members) error {
		if r, err = skip.from(r); err != nil {
			return err
		}
		r.old = rq.rt.ep.empty
		return rq.handler.Create(rq, r)
	})
	if err != nil {
		return err
	}
	if r, err = rq.checked(r); err != nil {
		return err
	}
	proj = rq.withWritten(&p, proj, rq.written(func(id model.ID) bool { return has(sent, id) }))
	rq.sendResource(http.StatusCreated, r, proj)
	return nil
}

// newResource reads the body of a POST and gives it an id and meta.
func (rq *request) newResource() (*Resource, error) {
	t, err := rq.read()
	if err != nil {
		return nil, err
	}
	rq.byDefault = setDefaults(t)
	now := rq.srv.now()
	t.Put(t.Root(), t.NewString(model.IDAttr, rq.srv.config.NewID()))
	if err := rq.finishTree(t, nil); err != nil {
		return nil, err
	}
	return &Resource{typ: rq.rt.ep.Type, doc: t.DocWith(document.Meta{Created: now, LastModified: now, Version: newVersion(now)})}, nil
}

// setDefaults makes a new user active if the client does not say (RFC 7644
// section 3.3 leaves the value to the service provider): a host that asks
// Bool("active") must not find a leaver where the client said nothing. It gives
// the attribute that it has set, Root for none.
func setDefaults(t *document.Tree) model.ID {
	id := t.T.SubString(model.Root, "active")
	if id != model.None && t.T.Attrs[id].Kind == model.Boolean && t.T.Attrs[id].Mutability == model.ReadWrite && t.Child(t.Root(), id) == document.NoNode {
		t.Put(t.Root(), t.NewBool(id, true))
		return id
	}
	return model.Root
}
