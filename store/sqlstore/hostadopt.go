package sqlstore

import (
	"context"
	"errors"
	"slices"

	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/scim"
)

// adopt looks for rows that have a unique value of r's. It gives the id of the
// one that r becomes, "" if there is none, and what Table.Rest holds by then.
func (o *host) adopt(ctx context.Context, tx session, h *handler, r *scim.Resource) (id, rest string, err error) {
	if o.existing.text == "" {
		return "", "", nil
	}
	p := o.everything(h)
	unique := ""
	for _, m := range o.mapped {
		if m.attr.Unique {
			p["unique_"+m.path], p["sent_"+m.path] = m.comparable(r), m.attribute(r)
			unique = m.path
		}
	}
	id, linked, n, err := o.existingRow(ctx, tx, p)
	if err == nil && n > 0 {
		var freed bool
		if freed, err = o.freeKeys(ctx, tx, p); err == nil && freed {
			id, linked, n, err = o.existingRow(ctx, tx, p)
		}
	}
	if err != nil || n == 0 {
		return "", "", err
	}
	if n > 1 || linked || o.Existing == Refuse {
		return "", "", scim.Conflict(unique)
	}
	rest, err = o.takeOver(ctx, tx, h, id, r)
	return id, rest, err
}

// existingRow finds the n rows that have a unique value of p, and the last one's id.
func (o *host) existingRow(ctx context.Context, tx session, p params) (id string, linked bool, n int, err error) {
	rows, err := o.existing.query(ctx, tx, p)
	if err != nil {
		return "", false, 0, err
	}
	defer rows.Close()
	for ; rows.Next(); n++ {
		if err := rows.Scan(&id, &linked); err != nil {
			return "", false, 0, err
		}
	}
	return id, linked, n, errors.Join(rows.Err(), rows.Close())
}

// sameName tells whether the row that the database has found has the unique values
// of r as SCIM compares them: some databases take "İ" for "i".
func (o *host) sameName(rec *record, r *scim.Resource) error {
	for _, m := range o.mapped {
		if m.attr.Unique && key(rec.doc, m.attr) != key(r.Document(), m.attr) {
			return scim.Conflict(m.path)
		}
	}
	return nil
}

// takeOver makes of the row called id, which no client has made, the resource r. It
// gives what Table.Rest holds.
func (o *host) takeOver(ctx context.Context, tx session, h *handler, id string, r *scim.Resource) (rest string, err error) {
	p, _ := o.id(h, id)
	rec, err := o.scan(h, o.unlinked.row(ctx, tx, p))
	if err != nil {
		return "", err
	}
	if rec.host.linked { // since the row was found
		return "", scim.ErrConflict
	}
	if err := o.sameName(rec, r); err != nil {
		return "", err
	}
	if o.Existing == AskHost {
		if err := o.Ask(ctx, h.resource(rec), r.Clone()); err != nil {
			return "", final{err}
		}
	}
	if err := o.keepUnsent(ctx, h.resource(rec), r); err != nil {
		return "", err
	}
	for _, c := range o.child {
		if list, ok := rec.doc.Get(c.attr.ID); ok && !r.Has(c.attr.Name) {
			*r = scim.ResourceOf(h.rt, r.Document().With(c.attr.ID, list.Raw()))
		}
	}
	if err := o.keepRest(rec.doc, r); err != nil {
		return "", err
	}
	if rest, err = o.updateRow(ctx, tx, h, p, rec, r.Document()); err != nil {
		return "", err
	}
	return rest, o.putLists(ctx, tx, h, p, rec.host, r.Document())
}

// keepUnsent gives r, which a client has sent, the values that there, the row that it
// takes over, has in columns of which the client says nothing.
func (o *host) keepUnsent(ctx context.Context, there, r *scim.Resource) error {
	if err := o.unsaid(ctx, there, r); err != nil {
		return err
	}
	for _, m := range o.mapped {
		if m.Name == "" {
			continue
		}
		if _, v := o.speaker(m, nil, r); v != nil {
			continue
		}
		if v := m.attribute(there); v != nil {
			if err := r.Set(m.path, v); err != nil {
				return err
			}
		}
	}
	return nil
}

// unsaid takes out of r the true that the engine gives an attribute by default, not
// the client, where the row has a value of its own: who is disabled stays so.
func (o *host) unsaid(ctx context.Context, there, r *scim.Resource) error {
	id, _ := ctx.Value(model.ByDefault{}).(model.ID)
	if id == model.Root {
		return nil
	}
	a := o.layout.model.Attr(id)
	inColumn := slices.ContainsFunc(o.mapped, func(m *mappedColumn) bool { return m.attr == a && m.Name != "" })
	if !r.Bool(a.Path) || !inColumn && !there.Has(a.Path) {
		return nil
	}
	return r.Set(a.Path, nil)
}
