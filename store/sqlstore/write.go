package sqlstore

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/scim"
)

// accept refuses a resource of another type.
func (h *handler) accept(r *scim.Resource) error {
	if r.Document().Type() != h.model {
		return fmt.Errorf("sqlstore: a resource of type %s is not one of the type %s that the handler is for", r.Document().Type().Name, h.model.Name)
	}
	return nil
}

// identify gives r what the engine gives every resource, so that a host can fill
// a store by itself.
func identify(r *scim.Resource) {
	if r.ID() == "" {
		r.SetID(rand.Text())
	}
	m := r.Meta()
	if m.Created.IsZero() {
		m.Created = now()
	}
	if m.LastModified.IsZero() {
		m.LastModified = m.Created
	}
	if m.Version == "" {
		m.Version = newVersion()
	}
	if m != r.Meta() {
		r.SetMeta(m)
	}
}

func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// newVersion makes the version of a resource that changed now. The random bits
// keep apart two changes in one microsecond.
func newVersion() string {
	var b [4]byte
	rand.Read(b[:])
	return strconv.FormatInt(time.Now().UnixMicro(), 36) + strconv.FormatUint(uint64(binary.BigEndian.Uint32(b[:])), 36)
}

// bare gives what is kept of d in the column doc: all but the lists, meta and
// the secrets.
func (h *handler) bare(d *document.Doc) *document.Doc {
	for _, a := range []*model.Attr{h.layout.members, h.layout.groups} {
		if a != nil {
			d = d.Without(a.ID)
		}
	}
	return d.Public().Without(h.model.Meta)
}

// columns are the values of a row for d.
func (h *handler) columns(d *document.Doc) params {
	m, bare := d.Meta(), h.bare(d)
	id, _ := d.Get(model.IDAttr)
	p := params{
		"tenant": h.tenant, "id": id.String(), "doc": string(bare.Bytes()), "keys": string(filter.Keys(bare)),
		"name_key": nil, "external_key": nil, "display": h.layout.display(d),
		"version": m.Version, "created": m.Created.UnixMicro(), "modified": m.LastModified.UnixMicro(),
	}
	if h.name != nil {
		p["name_key"] = key(d, h.name)
	}
	if id := h.model.SubString(model.Root, "externalId"); id != model.None {
		p["external_key"] = key(d, h.model.Attr(id))
	}
	return p
}

// key is the key of a single-valued attribute of d, nil if there is none.
func key(d *document.Doc, a *model.Attr) any {
	v, ok := d.Get(a.ID)
	if !ok {
		return nil
	}
	k, ok := filter.KeyOf(a, v)
	if !ok {
		return nil
	}
	return bounded(k)
}

// longestKey is how long a key may be for the indexes of every database.
const longestKey = 2000

// bounded makes of a longer key one that is as good for equality.
func bounded(key string) string {
	if len(key) <= longestKey {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	cut := longestKey - 2*len(sum)
	for !utf8.RuneStart(key[cut]) {
		cut--
	}
	return key[:cut] + hex.EncodeToString(sum[:])
}

// keysOf gives the rows of names for d as JSON, "" if there is none.
func (h *handler) keysOf(d *document.Doc) string {
	dst := []byte{'['}
	var seen []string
	for _, a := range h.indexed {
		for _, v := range values(d, a) {
			k, ok := filter.KeyOf(a, v)
			if k = bounded(k); !ok || slices.Contains(seen, a.Path+" "+k) {
				continue
			}
			seen = append(seen, a.Path+" "+k)
			dst = document.AppendString(append(document.AppendString(append(dst, '['), a.Path), ','), k)
			if a.Unique {
				dst = document.AppendString(append(dst, ','), k)
			}
			dst = append(dst, ']', ',')
		}
	}
	return string(closeList(dst))
}

// conflict makes of a key that is there twice the error that names the
// attribute.
func (h *handler) conflict(err error) error {
	switch {
	case err == nil || !duplicate(err):
		return err
	case says(err, "name_key") && h.name != nil:
		return scim.Conflict(h.name.Path)
	case says(err, "uniq_key"):
		return scim.ErrConflict
	}
	return scim.Conflict("id")
}

// Create stores r. If r has no id, times or version, it gets them.
func (h *handler) Create(ctx context.Context, r *scim.Resource) error {
	if err := h.accept(r); err != nil {
		return err
	}
	identify(r)
	d := r.Document()
	p, names, members := h.columns(d), h.keysOf(d), h.memberIDs(d)
	p["part"], p["n"] = part(), 1
	var c change
	err := h.store.db.write(ctx, func(tx runner) error {
		steps := []statement{h.insert, h.count}
		if names != "" {
			p["names"] = names
			steps = append(steps, h.own.names)
		}
		for _, s := range steps {
			if _, err := s.exec(ctx, tx, p); err != nil {
				return h.conflict(err)
			}
		}
		var err error
		if c, err = h.plan(ctx, tx, r.ID(), members, nil); err != nil {
			return err
		}
		if err := c.err(h); err != nil {
			return final{err}
		}
		return c.apply(ctx, h, tx, r.ID())
	}, h.landed(r.ID(), r.Meta().Version))
	if err != nil {
		return err
	}
	rec := &record{doc: h.bare(d).WithMeta(d.Meta())}
	if len(c.added) > 0 {
		rec.members = h.changed(nil, &c)
	}
	*r = *h.resource(rec)
	return nil
}

// landed tells whether the resource called id has version, which no other
// change has. It waits for whoever is about to change it.
func (h *handler) landed(id, version string) func(ctx context.Context) (outcome, error) {
	return func(ctx context.Context) (outcome, error) {
		var v string
		o := notApplied
		err := h.store.db.write(ctx, func(tx runner) error {
			err := h.version.row(ctx, tx, params{"tenant": h.tenant, "id": id}).Scan(&v)
			if errors.Is(err, sql.ErrNoRows) {
				return nil
			}
			return err
		}, nil)
		if v == version {
			o = applied
		}
		return o, err
	}
}

// Update changes a resource. A change that leaves the version as it is gets a
// new one, so that a host can change resources by itself.
func (h *handler) Update(ctx context.Context, id string, edit func(*scim.Resource) error) (*scim.Resource, error) {
	return h.change(ctx, id, showMembers|showGroups, func(tx session, rec *record, r *scim.Resource) (c change, err error) {
		if err := edit(r); err != nil {
			return c, final{err}
		}
		if h.layout.members == nil || same(h.resource(rec).Document(), r.Document(), h.layout.members.ID) {
			return c, nil
		}
		return h.changeTo(ctx, tx, id, h.memberIDs(h.resource(rec).Document()), h.memberIDs(r.Document()))
	})
}

// UpdateList changes the members of a group at the cost of the change.
func (h *handler) UpdateList(ctx context.Context, id string, d scim.ListDelta, edit func(r *scim.Resource, changed bool) error) (*scim.Resource, error) {
	if h.layout.members == nil || !model.EqualFold(d.Attribute, h.layout.members.Name) {
		return nil, errors.ErrUnsupported
	}
	add := make([]string, len(d.Add))
	for i, m := range d.Add {
		add[i] = m.Value
	}
	return h.change(ctx, id, showGroups, func(tx session, _ *record, r *scim.Resource) (c change, err error) {
		if c, err = h.plan(ctx, tx, id, add, d.Remove); err != nil {
			return c, err
		}
		if d.Replace {
			c.cleared, err = h.refs.keep.exec(ctx, tx, params{"tenant": h.tenant, "id": id, "ids": texts(slices.Values(add))})
			if err != nil {
				return c, err
			}
		}
		// Preconditions are the edit's business: it runs before the change is
		// looked at for errors.
		if err := edit(r, c.changes()); err != nil {
			return c, final{err}
		}
		return c, nil
	})
}

// change loads the resource called id under a lock, lets edit change it, and
// stores it with the change of its list.
func (h *handler) change(ctx context.Context, id string, show lists, edit func(tx session, rec *record, r *scim.Resource) (change, error)) (*scim.Resource, error) {
	var out *record
	version := ""
	err := h.store.db.write(ctx, func(tx runner) error {
		rec, err := h.load(ctx, tx, h.lock[show], id)
		if err != nil {
			return err
		}
		r := h.resource(rec)
		c, err := edit(tx, rec, r)
		if err != nil {
			return err
		}
		if err := errors.Join(h.accept(r), h.keepsID(rec, r), c.err(h)); err != nil {
			return final{err}
		}
		if err := c.apply(ctx, h, tx, id); err != nil {
			return err
		}
		out = h.next(rec, r, &c)
		version = out.doc.Meta().Version
		return h.save(ctx, tx, rec.doc, out.doc)
	}, func(ctx context.Context) (outcome, error) { return h.landed(id, version)(ctx) })
	if err != nil {
		return nil, err
	}
	return h.resource(out), nil
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
	is := &record{doc: h.bare(r.Document()).WithMeta(document.Meta(m)), members: rec.members, groups: rec.groups}
	if len(c.add)+len(c.drop) > 0 {
		is.members = h.changed(rec.members, c)
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

// save stores what became of a document.
func (h *handler) save(ctx context.Context, tx session, was, is *document.Doc) error {
	if is.Equal(was) {
		return nil
	}
	p := h.columns(is)
	if _, err := h.update.exec(ctx, tx, p); err != nil {
		return h.conflict(err)
	}
	names := h.keysOf(is)
	if names == h.keysOf(was) {
		return nil
	}
	if _, err := h.forget.exec(ctx, tx, p); err != nil || names == "" {
		return err
	}
	p["names"] = names
	_, err := h.own.names.exec(ctx, tx, p)
	return h.conflict(err)
}

// Delete removes a resource and takes it out of all groups, which get a new
// version.
func (h *handler) Delete(ctx context.Context, id string, check func(*scim.Resource) error) error {
	p := params{"tenant": h.tenant, "id": id, "part": part(), "n": -1}
	return h.store.db.write(ctx, func(tx runner) error {
		// The groups first: who adds a member holds the group and waits for
		// the member.
		held, err := h.holding(ctx, tx, p)
		if err != nil {
			return err
		}
		rec, err := h.load(ctx, tx, h.lock[showGroups], id)
		if err != nil {
			return err
		}
		if err := check(h.resource(rec)); err != nil {
			return final{err}
		}
		steps := []statement{h.touch, h.remove, h.count}
		if !held {
			steps = steps[1:]
		}
		p["version"], p["modified"] = newVersion(), now().UnixMicro()
		for _, s := range steps {
			if _, err := s.exec(ctx, tx, p); err != nil {
				return err
			}
		}
		return nil
	}, func(ctx context.Context) (outcome, error) {
		_, err := h.Get(ctx, id, scim.GetOptions{Omit: []string{"members", "groups"}})
		switch {
		case errors.Is(err, scim.ErrNotFound):
			return applied, nil
		case err != nil:
			return unknown, err
		}
		return notApplied, nil
	})
}

// holding locks the groups that the resource is in, and tells whether there is
// one.
func (h *handler) holding(ctx context.Context, tx session, p params) (held bool, err error) {
	rows, err := h.holders.query(ctx, tx, p)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	for rows.Next() {
		held = true
	}
	return held, rows.Err()
}

// same tells whether a and b have the same value of attribute id.
func same(a, b *document.Doc, id model.ID) bool {
	x, _ := a.Get(id)
	y, _ := b.Get(id)
	return string(x.Raw()) == string(y.Raw())
}

// part picks the part of a count that is changed.
func part() int64 {
	var b [1]byte
	rand.Read(b[:])
	return int64(b[0] % countParts)
}

const countParts = 8
