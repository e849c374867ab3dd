package scim

import (
	"net/http"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/internal/quirk"
)

// replace answers PUT (RFC 7644 section 3.5.1).
func (rq *request) replace() error {
	p, err := rq.parseParams()
	if err != nil {
		return err
	}
	proj, err := rq.projection(&p)
	if err != nil {
		return err
	}
	t, err := rq.read()
	if err != nil {
		return err
	}
	written := rq.written(func(id model.ID) bool { return t.Get(whole(t.T, id)) != document.NoNode })
	fresh := true
	r, err := rq.update(func(old *Resource) (*document.Doc, error) {
		if !fresh { // the handler lost a race: merge has changed the tree
			if err := rq.parse(t); err != nil {
				return nil, err
			}
		}
		fresh = false
		return rq.merge(old.doc, t)
	})
	if err != nil {
		return err
	}
	rq.sendResource(http.StatusOK, r, rq.withWritten(&p, proj, written))
	return nil
}

// merge makes the document that PUT stores: what the client sent, and of the
// old document what a client cannot send or need not.
func (rq *request) merge(old *document.Doc, t *document.Tree) (*document.Doc, error) {
	if err := rq.keep(t, old); err != nil {
		return nil, err
	}
	if err := rq.finishTree(t, old); err != nil {
		return nil, err
	}
	return forget(old, t.Doc())
}

// keep copies from old what PUT leaves alone: readOnly attributes; writeOnly,
// immutable and by policy some other attributes that the client left out.
// Changed immutable attributes are an error.
func (rq *request) keep(t *document.Tree, old *document.Doc) error {
	for _, s := range old.Segs() {
		if s.ID == model.None || s.ID == model.Schemas {
			continue
		}
		if err := rq.keepOne(t, s.ID, old.Slice(s)); err != nil {
			return err
		}
	}
	return nil
}

// keepOne is keep for what is stored at and below the attribute id.
func (rq *request) keepOne(t *document.Tree, id model.ID, stored document.Value) error {
	a := &t.T.Attrs[id]
	object := a.Kind == model.Complex && !a.Multi
	n := t.Get(id)
	if a.ResourceRef && a.Multi && a.Mutability == model.ReadWrite && n != document.NoNode {
		return keepMembers(t, n, stored)
	}
	if a.Mutability == model.ReadWrite && !object && !rq.policy.keeps(a.Path) {
		return nil
	}
	switch {
	case a.Mutability == model.ReadOnly:
	case n == document.NoNode && (a.Mutability == model.Immutable || a.Mutability == model.WriteOnly):
	case n == document.NoNode && rq.policy.keeps(a.Path):
		rq.log.Try(quirk.KeepOnPut)
	case a.Mutability == model.Immutable:
		if string(t.Value(n).Raw()) != string(stored.Raw()) {
			return badRequest(document.Mutability, "%s: the attribute is immutable and has another value", a.Path)
		}
		return nil
	case object && (n != document.NoNode || a.Extension):
		it := stored.Fields(t.T, id)
		for sub, v, ok := it.Next(); ok; sub, v, ok = it.Next() {
			if sub == model.None {
				continue
			}
			if err := rq.keepOne(t, sub, v); err != nil {
				return err
			}
		}
		return nil
	default:
		return nil
	}
	return put(t, id, stored)
}

// keepMembers leaves the references of the list n as they are stored where they
// are, so that a list sent back is the list that is there.
func keepMembers(t *document.Tree, n document.Node, stored document.Value) error {
	id := t.ID(n)
	old, err := t.ParseValue(id, stored, trusted)
	if err != nil || old == document.NoNode {
		return err
	}
	t.Put(t.Make(id), t.KeepMembers(old, n))
	return nil
}

// put sets the attribute id to a stored value.
func put(t *document.Tree, id model.ID, stored document.Value) error {
	n, err := t.ParseValue(id, stored, trusted)
	if err != nil || n == document.NoNode {
		return err
	}
	t.Put(t.Make(id), n)
	return nil
}
