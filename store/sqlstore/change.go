package sqlstore

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/scim"
)

// Create stores r. If r has no id, times or version, it gets them.
func (h *handler) Create(ctx context.Context, r *scim.Resource) error {
	if err := h.accept(r); err != nil {
		return err
	}
	identify(r)
	ids, id := h.memberIDs(r.Document()), r.ID()
	if own, ok := h.place.(*own); ok && len(ids) == 0 {
		return h.createTogether(ctx, own, r)
	}
	var out *record
	err := h.write(ctx, func(tx runner) error {
		made, err := h.place.create(ctx, tx, h, r)
		if err != nil {
			return err // id and out are of an earlier run, whose COMMIT may come yet
		}
		id, out = made, h.made(r)
		p, _ := h.place.id(h, id)
		now := standingsOf(ids)
		if err := now.ask(ctx, h, tx, p); err != nil {
			return err
		}
		c := h.changeOf(now, id, ids, nil)
		c.check(h.claimsIn(r.Document()))
		if err := c.err(h); err != nil {
			return final{err}
		}
		if err := c.apply(ctx, h, tx, p); err != nil {
			return err
		}
		if len(c.added) > 0 {
			out.members = h.changed(nil, &c)
		}
		out, err = h.place.after(ctx, tx, h, out, p)
		return err
	}, func(ctx context.Context) (outcome, error) { return h.landed(ctx, id, nil, out) })
	if err != nil {
		return err
	}
	*r = *h.resource(out)
	return nil
}

// made is the record of a resource that is new.
func (h *handler) made(r *scim.Resource) *record {
	d := r.Document()
	return &record{doc: h.bare(d).WithMeta(d.Meta()), shown: showMembers | showGroups}
}

// createTogether stores r, and what others create at the same moment.
func (h *handler) createTogether(ctx context.Context, o *own, r *scim.Resource) error {
	err := h.store.creations.do(ctx, h.queue(), r, 1, func(ctx context.Context, all []*scim.Resource) error {
		write := h.store.db.write
		if o.whole.text != "" { // one statement is its own transaction
			write = h.store.db.writeAlone
		}
		return write(ctx, func(tx runner) error { return o.createAll(ctx, tx, h, all) },
			func(ctx context.Context) (outcome, error) { return h.landed(ctx, all[0].ID(), nil, h.made(all[0])) })
	})
	if err != nil {
		return err
	}
	*r = *h.resource(h.made(r))
	return nil
}

// queue is where those who change the resources of a type and a tenant meet.
func (h *handler) queue() string { return h.model.Name + "\x00" + h.tenant }

// landed tells whether the change of a resource from was, nil if it is new, to is has
// happened. It waits for whoever is about to change it. If somebody else has changed
// it since, nobody knows. A row of the application's that was to be adopted is there
// either way.
func (h *handler) landed(ctx context.Context, id string, was, is *record) (outcome, error) {
	p, ok := h.place.id(h, id)
	if !ok || is == nil {
		return notApplied, nil
	}
	o := unknown
	err := h.store.db.write(ctx, func(tx runner) error {
		found, err := h.load(ctx, tx, 0, true, p)
		switch {
		case errors.Is(err, scim.ErrNotFound):
			if was == nil {
				o = notApplied
			}
			return nil
		case err != nil:
			return err
		}
		switch version := found.doc.Meta().Version; {
		case version == is.doc.Meta().Version:
			o = applied
		case version == versionOf(was), was == nil && found.unlinked():
			o = notApplied
		}
		return nil
	}, nil)
	return o, err
}

// unlinked tells whether the resource is a row of the application's that no client
// has made or adopted.
func (r *record) unlinked() bool { return r.host != nil && !r.host.linked }

func versionOf(rec *record) string {
	if rec == nil {
		return ""
	}
	return rec.doc.Meta().Version
}

// Update changes a resource. A change that leaves the version as it is gets a
// new one, so that a host can change resources by itself.
func (h *handler) Update(ctx context.Context, id string, edit func(*scim.Resource) error) (*scim.Resource, error) {
	p, ok := h.place.id(h, id)
	if !ok {
		return nil, scim.ErrNotFound
	}
	var was, out *record
	err := h.write(ctx, func(tx runner) (err error) {
		if was, err = h.load(ctx, tx, showMembers|showGroups, true, p); err != nil {
			return err
		}
		r := h.resource(was)
		if err := edit(r); err != nil {
			return final{err}
		}
		c, err := h.edited(ctx, tx, id, p, was, r)
		if err != nil {
			return err
		}
		if err := cmp.Or(h.accept(r), h.keepsID(was, r), c.err(h)); err != nil {
			return final{err}
		}
		if err := c.apply(ctx, h, tx, p); err != nil {
			return err
		}
		next := h.next(was, r, &c)
		if err := h.place.save(ctx, tx, h, was, next); err != nil {
			return err
		}
		out, err = h.place.after(ctx, tx, h, next, p)
		return err
	}, func(ctx context.Context) (outcome, error) { return h.landed(ctx, id, was, out) })
	if err != nil {
		return nil, err
	}
	return h.resource(out), nil
}

// edited finds the change of the list in r, which was made of rec.
func (h *handler) edited(ctx context.Context, tx session, id string, p params, rec *record, r *scim.Resource) (c change, err error) {
	was := h.resource(rec).Document()
	if h.layout.members == nil || same(was, r.Document(), h.layout.members.ID) {
		return c, nil
	}
	add, remove := difference(h.memberIDs(was), h.memberIDs(r.Document()))
	now := standingsOf(add, remove)
	if err := now.ask(ctx, h, tx, p); err != nil {
		return c, err
	}
	c = h.changeOf(now, id, add, remove)
	c.check(h.claimsIn(r.Document()))
	return c, nil
}

func (h *handler) keepsID(rec *record, r *scim.Resource) error {
	if !same(rec.doc, r.Document(), model.IDAttr) {
		return errors.New("sqlstore: the id of a resource cannot change")
	}
	return nil
}

// next is rec as r and the change of its list make it.
func (h *handler) next(rec *record, r *scim.Resource, c *change) *record {
	m := r.Meta()
	is := &record{doc: h.bare(r.Document()).WithMeta(document.Meta(m)), members: rec.members, groups: rec.groups, shown: rec.shown, host: rec.host, sent: r.Document()}
	if rec.shown&showMembers != 0 && len(c.added)+len(c.dropped) > 0 {
		is.members = h.changed(rec.members, c)
	}
	if h.place.ignores(h, rec, is) {
		is.doc, m = rec.doc, scim.Meta(rec.doc.Meta())
	}
	if was := rec.doc.Meta(); m.Version == was.Version && (c.changes() || !is.doc.Equal(rec.doc)) {
		m.Version, m.LastModified = newVersion(), now()
		if !m.LastModified.After(was.LastModified) {
			m.LastModified = was.LastModified.Add(time.Microsecond)
		}
		is.doc = is.doc.WithMeta(document.Meta(m))
	}
	return is
}

// Delete removes a resource and takes it out of all groups, which get a new
// version.
func (h *handler) Delete(ctx context.Context, id string, check func(*scim.Resource) error) error {
	p, ok := h.place.id(h, id)
	if !ok {
		return scim.ErrNotFound
	}
	return h.removal(h.store.db.write(ctx, func(tx runner) error {
		// The groups first: who adds a member holds the group and waits for
		// the member.
		held, err := h.holding(ctx, tx, p)
		if err != nil {
			return err
		}
		rec, err := h.load(ctx, tx, showGroups, true, p)
		if err != nil {
			return err
		}
		if err := check(h.resource(rec)); err != nil {
			return final{err}
		}
		p["version"], p["modified"] = newVersion(), now().UnixMicro()
		for _, s := range held {
			if _, err := s.exec(ctx, tx, p); err != nil {
				return err
			}
		}
		return h.place.remove(ctx, tx, h, p)
	}, func(ctx context.Context) (outcome, error) {
		_, err := h.load(ctx, h.store.db.pool(), 0, false, p)
		switch {
		case errors.Is(err, scim.ErrNotFound):
			return applied, nil
		case err != nil:
			return unknown, err
		}
		return notApplied, nil
	}))
}

// holding locks the groups that the resource is in, and gives the statements
// that tell them that it goes. In PostgreSQL somebody may add it to one more
// until the resource itself is locked.
func (h *handler) holding(ctx context.Context, tx session, p params) (touch []statement, err error) {
	for _, x := range h.place.references().holders {
		rows, err := x.lock.query(ctx, tx, p)
		if err != nil {
			return nil, err
		}
		any := rows.Next()
		for rows.Next() {
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return nil, err
		}
		if any || h.store.db.dialect.Dialect == PostgreSQL {
			touch = append(touch, x.touch)
		}
	}
	return touch, nil
}

// same tells whether a and b have the same value of attribute id.
func same(a, b *document.Doc, id model.ID) bool {
	x, _ := a.Get(id)
	y, _ := b.Get(id)
	return string(x.Raw()) == string(y.Raw())
}
