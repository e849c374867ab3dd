package memstore

import (
	"context"
	"errors"
	"net/http"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/scim"
)

// A change is what becomes of a record's list, found but not applied.
type change struct {
	add, remove []*record
	unknown     []string // values that name no resource that can be a member
	self        bool     // the record is to be a member of itself
}

// changes tells whether the list will be another.
func (c *change) changes() bool {
	return len(c.add)+len(c.remove)+len(c.unknown) > 0 || c.self
}

// err tells why the change cannot be.
func (c *change) err(h *table) error {
	switch {
	case len(c.unknown) > 0:
		return &scim.UnknownMembersError{Attribute: h.members.Name, IDs: c.unknown}
	case c.self:
		return &scim.Error{Status: http.StatusBadRequest, Type: "invalidValue",
			Detail: h.members.Name + ": a " + h.model.Name + " cannot be in its own list."}
	}
	return nil
}

// apply makes the change.
func (c *change) apply(rec *record) {
	for _, m := range c.remove {
		rec.members.remove(m)
		m.groups.remove(rec)
	}
	for _, m := range c.add {
		if rec.members == nil {
			rec.members = new(set)
		}
		if m.groups == nil {
			m.groups = new(set)
		}
		rec.members.add(m)
		m.groups.add(rec)
	}
}

// plan finds what d means for the list of rec: the cost is that of d, or with
// Replace that of both lists.
func (h *table) plan(rec *record, d scim.ListDelta) change {
	p := planner{table: h, rec: rec, id: idOf(rec.doc).String(), seen: make(map[*record]bool, len(d.Add)+len(d.Remove))}
	for _, m := range d.Add {
		p.add(m.Value)
	}
	for _, id := range d.Remove {
		if m := h.tenant.find(id); m != nil && !p.seen[m] && rec.members.has(m) {
			p.seen[m] = true
			p.remove = append(p.remove, m)
		}
	}
	if d.Replace {
		for m := range rec.members.all() {
			if !p.seen[m] {
				p.remove = append(p.remove, m)
			}
		}
	}
	return p.change
}

type planner struct {
	*table
	change
	rec     *record
	id      string // of rec
	seen    map[*record]bool
	missing map[string]bool
}

func (p *planner) add(id string) {
	if id == p.id {
		p.self = true
		return
	}
	m := p.tenant.find(id)
	if m == nil || !p.allows(p.members, m.table.model.Name) {
		if !p.missing[id] {
			if p.missing == nil {
				p.missing = make(map[string]bool)
			}
			p.missing[id] = true
			p.unknown = append(p.unknown, id)
		}
		return
	}
	if p.seen[m] {
		return
	}
	p.seen[m] = true
	if !p.rec.members.has(m) {
		p.change.add = append(p.change.add, m)
	}
}

// changeTo finds how the list of rec becomes that of the document d.
func (h *table) changeTo(rec *record, d *document.Doc) change {
	if h.members == nil {
		return change{}
	}
	delta := scim.ListDelta{Replace: true}
	list, _ := d.Get(h.members.ID)
	value := h.model.Attr(h.members.Value)
	it := list.Iter()
	for e, ok := it.Next(); ok; e, ok = it.Next() {
		id, _ := e.Member(value)
		delta.Add = append(delta.Add, scim.Member{Value: id.String()})
	}
	return h.plan(rec, delta)
}

// UpdateList changes the members of a group at the cost of the change.
func (h *table) UpdateList(ctx context.Context, id string, d scim.ListDelta, edit func(r *scim.Resource, changed bool) error) (*scim.Resource, error) {
	if h.members == nil || !model.EqualFold(d.Attribute, h.members.Name) {
		return nil, errors.ErrUnsupported
	}
	h.tenant.mu.Lock()
	defer h.tenant.mu.Unlock()
	rec, err := h.row(id)
	if err != nil {
		return nil, err
	}
	c := h.plan(rec, d)
	r := h.resource(rec, groups)
	// Preconditions are the edit's business: it runs before the change is
	// looked at for errors.
	if err := edit(&r, c.changes()); err != nil {
		return nil, err
	}
	if err := h.commit(ctx, rec, &r, c); err != nil {
		return nil, err
	}
	r = h.resource(rec, groups)
	return &r, nil
}
