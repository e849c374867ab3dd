package memstore

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"strconv"
	"time"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/scim"
)

// Create stores r. If r has no id, times or version, it gets them, so that a
// host can fill a store by itself.
func (h *table) Create(ctx context.Context, r *scim.Resource) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := h.accept(r); err != nil {
		return err
	}
	identify(r)
	id := r.ID()
	t := h.tenant
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.find(id) != nil {
		return scim.Conflict("id")
	}
	rec := &record{table: h, doc: h.bare(r.Document())}
	if err := h.conflict(nil, rec.doc); err != nil {
		return err
	}
	c := h.changeTo(rec, r.Document())
	if err := c.err(h); err != nil {
		return err
	}
	t.last++
	rec.seq = t.last
	t.ids.add(t.hashID(id), rec)
	h.rows.insert(rec)
	h.reindex(rec, nil, rec.doc)
	c.apply(rec)
	*r = h.resource(rec, members|groups)
	return nil
}

// accept refuses a resource of another type.
func (h *table) accept(r *scim.Resource) error {
	if r.Document().Type() != h.model {
		return fmt.Errorf("memstore: a resource of type %s is not one of the type %s that the handler is for", r.Document().Type().Name, h.model.Name)
	}
	return nil
}

// identify gives r what the engine gives every resource.
func identify(r *scim.Resource) {
	if r.ID() == "" {
		r.SetID(rand.Text())
	}
	d, t := r.Document(), r.Document().Type()
	if present(d, t.MetaCreated) && present(d, t.MetaLastModified) && present(d, t.MetaVersion) {
		return
	}
	m := r.Meta()
	now := time.Now().UTC().Truncate(time.Microsecond)
	if m.Created.IsZero() {
		m.Created = now
	}
	if m.LastModified.IsZero() {
		m.LastModified = m.Created
	}
	if m.Version == "" {
		m.Version = newVersion(m.LastModified)
	}
	r.SetMeta(m)
}

func present(d *document.Doc, id model.ID) bool {
	_, ok := d.Get(id)
	return ok
}

// newVersion makes the version of a resource that changed at now. The random
// bits keep apart two changes in one microsecond.
func newVersion(now time.Time) string {
	var b [4]byte
	rand.Read(b[:])
	return strconv.FormatInt(now.UnixMicro(), 36) + strconv.FormatUint(uint64(binary.BigEndian.Uint32(b[:])), 36)
}

// touched gives d with a new version and time of change.
func touched(d *document.Doc) *document.Doc {
	m := d.Meta()
	now := time.Now().UTC().Truncate(time.Microsecond)
	if !now.After(m.LastModified) {
		now = m.LastModified.Add(time.Microsecond)
	}
	m.LastModified, m.Version = now, newVersion(now)
	return d.WithMeta(m)
}

// row gives the record called id if it is of h's type.
func (h *table) row(id string) (*record, error) {
	if rec := h.tenant.find(id); rec != nil && rec.table == h {
		return rec, nil
	}
	return nil, scim.ErrNotFound
}

// Get loads a resource.
func (h *table) Get(ctx context.Context, id string, opt scim.GetOptions) (*scim.Resource, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	h.tenant.mu.RLock()
	defer h.tenant.mu.RUnlock()
	rec, err := h.row(id)
	if err != nil {
		return nil, err
	}
	r := h.resource(rec, h.all(opt.Omit))
	return &r, nil
}

// Update changes a resource. A change that leaves the version as it is gets a
// new one, so that a host can change resources by itself.
func (h *table) Update(ctx context.Context, id string, edit func(*scim.Resource) error) (*scim.Resource, error) {
	h.tenant.mu.Lock()
	defer h.tenant.mu.Unlock()
	rec, err := h.row(id)
	if err != nil {
		return nil, err
	}
	r := h.resource(rec, members|groups)
	before := r.Document()
	if err := edit(&r); err != nil {
		return nil, err
	}
	var c change
	if h.members != nil && !same(before, r.Document(), h.members.ID) {
		c = h.changeTo(rec, r.Document())
	}
	if err := h.commit(ctx, rec, &r, c); err != nil {
		return nil, err
	}
	r = h.resource(rec, members|groups)
	return &r, nil
}

// same tells whether a and b have the same value of attribute id.
func same(a, b *document.Doc, id model.ID) bool {
	x, _ := a.Get(id)
	y, _ := b.Get(id)
	return string(x.Raw()) == string(y.Raw())
}

// commit stores r, which an edit made of rec, and the change of its list.
// Before it stores anything, it has found that it can store all.
func (h *table) commit(ctx context.Context, rec *record, r *scim.Resource, c change) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := h.accept(r); err != nil {
		return err
	}
	d := h.bare(r.Document())
	if !same(rec.doc, d, model.IDAttr) {
		return fmt.Errorf("memstore: the id of a resource cannot change")
	}
	if err := h.conflict(rec, d); err != nil {
		return err
	}
	if err := c.err(h); err != nil {
		return err
	}
	if same(rec.doc, d, d.Type().MetaVersion) && (c.changes() || !d.Equal(rec.doc)) {
		d = touched(d)
	}
	h.reindex(rec, rec.doc, d)
	rec.doc = d
	c.apply(rec)
	return nil
}

// conflict tells whether another record than rec has a unique value of d.
func (h *table) conflict(rec *record, d *document.Doc) error {
	for i, a := range h.indexed {
		if !a.Unique || rec != nil && same(rec.doc, d, stem(a, h.model)) {
			continue
		}
		for v := range values(d, a) {
			text := v.Bytes(nil)
			for other := range h.indexes[i].all(h.tenant.hash(a, string(text))) {
				if other != rec && has(other.doc, a, text) {
					return scim.Conflict(a.Path)
				}
			}
		}
	}
	return nil
}

// Delete removes a resource and takes it out of all groups.
func (h *table) Delete(ctx context.Context, id string, check func(*scim.Resource) error) error {
	t := h.tenant
	t.mu.Lock()
	defer t.mu.Unlock()
	rec, err := h.row(id)
	if err != nil {
		return err
	}
	r := h.resource(rec, members|groups)
	if err := check(&r); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	for g := range rec.groups.all() {
		g.members.remove(rec)
		g.doc = touched(g.doc)
	}
	for m := range rec.members.all() {
		m.groups.remove(rec)
	}
	h.reindex(rec, rec.doc, nil)
	h.rows.remove(rec)
	t.ids.remove(t.hashID(id), rec)
	return nil
}
