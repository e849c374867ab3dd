package scim

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/identity"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/internal/patch"
	"github.com/scimkit/scimkit/internal/quirk"
)

// options are how the body of a request is read.
func (rq *request) options() *document.Options {
	return &document.Options{
		Limits:   rq.srv.limits.document(),
		Log:      &rq.log,
		Unknown:  rq.policy.unknown,
		DropRefs: true,
	}
}

// bodyLimit is the largest body for the endpoint.
func (rq *request) bodyLimit() int {
	l := &rq.srv.limits
	switch {
	case rq.rt.ep.list != model.None:
		return l.ListBodyBytes
	case rq.r.Method == http.MethodPatch:
		return l.PatchBytes
	}
	return l.BodyBytes
}

// read reads a whole resource from the body into sc.tree: what POST and PUT
// have in common. The tree is not finished.
func (rq *request) read(sc *scratch) (*document.Tree, error) {
	body, err := rq.body(sc, rq.bodyLimit())
	if err != nil {
		return nil, err
	}
	t := &sc.tree
	t.Reset(rq.rt.ep.model)
	if err := t.Parse(body, rq.options()); err != nil {
		return nil, err
	}
	if err := t.CheckSchemas(&rq.log, rq.foreign); err != nil {
		return nil, err
	}
	return t, nil
}

// foreign tells whether urn is the core schema of another resource type.
func (rq *request) foreign(urn string) bool {
	for _, ep := range rq.srv.endpoints {
		if ep != rq.rt.ep && strings.EqualFold(ep.model.SchemaURN, urn) {
			return true
		}
	}
	return false
}

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
	err = rq.withoutUnknownMembers(func(skip members) error {
		if r, err = skip.from(r); err != nil {
			return err
		}
		return rq.handler.Create(rq, r)
	})
	if err != nil {
		return err
	}
	if r, err = rq.checked(r); err != nil {
		return err
	}
	if r.ID() == "" {
		return errors.New("the handler stored a resource without an id")
	}
	rq.sendResource(http.StatusCreated, r, proj)
	return nil
}

// newResource reads the body of a POST and gives it an id and meta.
func (rq *request) newResource() (*Resource, error) {
	sc := rq.srv.take()
	defer rq.srv.give(sc)
	t, err := rq.read(sc)
	if err != nil {
		return nil, err
	}
	setDefaults(t)
	now := rq.srv.now()
	t.Put(t.Root(), t.NewString(model.IDAttr, rq.srv.config.NewID()))
	if err := rq.finishTree(t); err != nil {
		return nil, err
	}
	r := &Resource{rq.rt.ep.Type, t.Doc()}
	r.doc = r.doc.WithMeta(document.Meta{Created: now, LastModified: now, Version: newVersion(now)})
	return r, nil
}

// setDefaults makes a new user active if the client does not say (RFC 7644
// section 3.3 leaves the value to the service provider): a host that asks
// Bool("active") must not find a leaver where the client said nothing.
func setDefaults(t *document.Tree) {
	id := t.T.SubString(model.Root, "active")
	if id != model.None && t.T.Attrs[id].Kind == model.Boolean && t.T.Attrs[id].Mutability == model.ReadWrite && t.Child(t.Root(), id) == document.NoNode {
		t.Put(t.Root(), t.NewBool(id, true))
	}
}

// finishTree checks a whole resource that a client has made or changed.
func (rq *request) finishTree(t *document.Tree) error {
	if err := t.Finish(&rq.log); err != nil {
		return err
	}
	return checkText(t)
}

// checkText checks the attributes of the core schemas that have a syntax of
// their own (RFC 7643 section 4.1.1).
func checkText(t *document.Tree) error {
	if n := t.Child(t.Root(), t.T.SubString(model.Root, "userName")); n != document.NoNode && t.Kind(n) == document.String {
		if err := identity.CheckUserName(t.Leaf(n).String()); err != nil {
			return &document.Error{Type: document.InvalidValue, Path: "userName", Detail: err.Error()}
		}
	}
	if n := t.Child(t.Root(), t.T.SubString(model.Root, "locale")); n != document.NoNode && t.Kind(n) == document.String {
		if strings.ContainsAny(t.Leaf(n).String(), " \t\r\n") {
			return &document.Error{Type: document.InvalidValue, Path: "locale", Detail: "a language tag (RFC 5646) has no white space"}
		}
	}
	return nil
}

// now is the time in the resolution of meta.
func (s *Server) now() time.Time { return s.config.Now().UTC().Truncate(time.Microsecond) }

// withoutUnknownMembers runs do. If do finds unknown members and the policy is
// to leave those out, it runs again, told which.
func (rq *request) withoutUnknownMembers(do func(skip members) error) error {
	var skip members
	for {
		err := do(skip)
		var unknown *UnknownMembersError
		if !errors.As(err, &unknown) || len(unknown.IDs) == 0 || !rq.log.Try(quirk.UnknownMember) {
			return err
		}
		before := len(skip)
		skip = skip.with(unknown.IDs)
		if len(skip) == before {
			return err
		}
	}
}

// members is a set of ids that a list is to leave out.
type members map[string]struct{}

func (m members) with(ids []string) members {
	if m == nil {
		m = make(members, len(ids))
	}
	for _, id := range ids {
		m[id] = struct{}{}
	}
	return m
}

// from gives r without the references in m.
func (m members) from(r *Resource) (*Resource, error) {
	if len(m) == 0 {
		return r, nil
	}
	list := patch.List(r.doc.Type())
	v, ok := r.doc.Get(list)
	if !ok {
		return r, nil
	}
	value := &r.doc.Type().Attrs[r.doc.Type().Attrs[list].Value]
	kept := []byte{'['}
	it := v.Iter()
	for e, ok := it.Next(); ok; e, ok = it.Next() {
		if id, ok := e.Member(value); ok && m.has(id.String()) {
			continue
		}
		if len(kept) > 1 {
			kept = append(kept, ',')
		}
		kept = append(kept, e.Raw()...)
	}
	if kept = append(kept, ']'); len(kept) == 2 {
		kept = nil
	}
	return &Resource{r.typ, r.doc.With(list, kept)}, nil
}

func (m members) has(id string) bool {
	_, ok := m[id]
	return ok
}

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
	sc := rq.srv.take()
	defer rq.srv.give(sc)
	if _, err := rq.read(sc); err != nil {
		return err
	}
	sent := sc.tree.Doc()
	r, err := rq.update(func(old *Resource) (*document.Doc, error) { return rq.merge(old.doc, sent) })
	if err != nil {
		return err
	}
	rq.sendResource(http.StatusOK, r, proj)
	return nil
}

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

// merge makes the document that PUT stores: what the client sent, and of the
// old document what a client cannot send or need not.
func (rq *request) merge(old, sent *document.Doc) (*document.Doc, error) {
	t := document.NewTree(sent.Type())
	if err := t.Load(sent); err != nil {
		return nil, err
	}
	if err := rq.keep(t, old, model.Root); err != nil {
		return nil, err
	}
	if err := rq.finishTree(t); err != nil {
		return nil, err
	}
	return t.Doc(), nil
}

// keep copies from old what PUT leaves alone, at and below the attribute
// parent: readOnly attributes; writeOnly, immutable and by policy some other
// attributes that the client left out. Changed immutable attributes are an
// error.
func (rq *request) keep(t *document.Tree, old *document.Doc, parent model.ID) error {
	typ := old.Type()
	for id := parent + 1; id < typ.Attrs[parent].End; id = typ.Attrs[id].End {
		stored, ok := old.Get(id)
		if !ok || id == model.Schemas {
			continue
		}
		a := &typ.Attrs[id]
		n := t.Get(id)
		switch {
		case a.Mutability == model.ReadOnly:
		case n == document.NoNode && (a.Mutability == model.Immutable || a.Mutability == model.WriteOnly):
		case n == document.NoNode && parent == model.Root && slices.Contains(rq.policy.putKeeps, a.Name):
			rq.log.Try(quirk.KeepOnPut)
		case a.Mutability == model.Immutable:
			if string(t.Value(n).Raw()) != string(stored.Raw()) {
				return &document.Error{Type: document.Mutability, Path: a.Path, Detail: "the attribute is immutable and has another value"}
			}
			continue
		case a.Kind == model.Complex && !a.Multi && (n != document.NoNode || a.Extension):
			if err := rq.keep(t, old, id); err != nil {
				return err
			}
			continue
		default:
			continue
		}
		if err := put(t, id, stored); err != nil {
			return err
		}
	}
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

// delete answers DELETE (RFC 7644 section 3.6).
func (rq *request) delete() error {
	err := rq.handler.Delete(rq, rq.rt.id, func(r *Resource) error {
		old, err := rq.checked(r)
		if err != nil {
			return err
		}
		return rq.checkMatch(old)
	})
	if err != nil {
		return err
	}
	rq.sendNothing()
	return nil
}

func (rq *request) sendNothing() {
	rq.sent = true
	rq.w.WriteHeader(http.StatusNoContent)
}
