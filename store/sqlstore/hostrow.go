package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/scim"
)

// hostRow is what there was of a resource when it was loaded.
type hostRow struct {
	linked  bool          // there is a row of the library's, too
	whole   *document.Doc // with everything but the lists of references
	columns []any         // as the database gave them, for host.mapped
	lists   [][]byte      // as the database gathered them, for host.child
	rest    string        // what Table.Rest holds, "" for NULL
	moves   bool          // the library's row has what belongs in Table.Rest
	beside  []byte        // what the library's row has in doc
}

func (o *host) read(show lists, lock bool) statement {
	if lock {
		return o.lock[show]
	}
	return o.get[show]
}

// hold is always needed: half of a resource is in another table than the one
// with the lock.
func (o *host) hold(lists) (statement, bool) { return o.holding, o.holding.text != "" }

func (o *host) list(show lists) statement { return o.all[show] }
func (o *host) count() statement          { return o.counting }
func (o *host) references() *references   { return o.refs }
func (o *host) has(tenant string) bool    { return o.Tenant == "" || o.tenantKey(tenant) != nil }
func (o *host) by() string                { return "t." + o.ID }

// base are the parameters of everything.
func (o *host) base() []string {
	if o.Tenant == "" {
		return []string{"tenant"}
	}
	return []string{"tenant", "host_tenant"}
}

func (o *host) everything(h *handler) params {
	p := params{"tenant": h.tenant}
	if o.Tenant != "" {
		p["host_tenant"] = o.tenantKey(h.tenant)
	}
	return p
}

// tenantKey is what the column of the tenant has for a tenant: NULL, which nothing
// equals, if it cannot have it.
func (o *host) tenantKey(tenant string) any {
	if key, ok := o.tenant.key(tenant); ok {
		return key
	}
	return nil
}

func (o *host) id(h *handler, id string) (params, bool) {
	p := o.everything(h)
	text, ok := strings.CutPrefix(id, o.IDPrefix)
	if !ok {
		return p, false
	}
	key, ok := o.key.key(text)
	p["id"], p["key"] = id, key
	return p, ok
}

// scan makes a record of a row: the document of what has no columns, with what
// the columns hold.
func (o *host) scan(h *handler, row interface{ Scan(...any) error }) (*record, error) {
	c, err := o.cells(row)
	if err != nil {
		return nil, err
	}
	r, doc, moves, err := o.beside(h, c.doc, c.rest)
	if err != nil { // a row that was gone when the schema changed
		r, doc, moves, err = o.beside(h, o.fitting(c.doc), c.rest)
	}
	if err != nil {
		return nil, fmt.Errorf("sqlstore: the document of %s %s: %w", h.model.Name, c.id, err)
	}
	r.SetID(c.id)
	rec := &record{host: &hostRow{linked: c.linked(), rest: string(c.rest), beside: c.doc, moves: moves}}
	m := c.meta()
	r.SetMeta(m)
	version := c.digest(m.Version, doc)
	if err := o.setCells(h, r, c); err != nil {
		return nil, err
	}
	m = r.Meta()
	m.Version = version
	rec.doc = r.Document().WithMeta(document.Meta(m))
	rec.host.whole, rec.host.columns, rec.host.lists = rec.doc, c.columns, c.lists
	return h.addLists(rec, c.members, c.groups), nil
}

// create makes a row, or adopts the one that is there. Of that stays what the
// client does not send: if it sends members, they are those of the group.
func (o *host) create(ctx context.Context, tx session, h *handler, r *scim.Resource) (string, error) {
	r = r.Clone() // the transaction may run again, with what the client sent
	id, rest, err := o.adopt(ctx, tx, h, r)
	if err != nil {
		return "", err
	}
	adopted := id != ""
	if !adopted {
		if id, rest, err = o.insertRow(ctx, tx, h, r); err != nil {
			return "", err
		}
	}
	r.SetID(id)
	p, _ := o.id(h, id)
	switch ids := h.memberIDs(r.Document()); {
	case !adopted:
		err = o.putLists(ctx, tx, h, p, nil, r.Document())
	case len(ids) > 0:
		_, err = h.keep(ctx, tx, p, ids)
	}
	if err != nil {
		return "", err
	}
	return id, o.putSide(ctx, tx, h, p, rest, r.Document(), nil)
}

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
	rows, err := o.existing.query(ctx, tx, p)
	if err != nil {
		return "", "", err
	}
	defer rows.Close()
	linked, n := false, 0
	for ; rows.Next(); n++ {
		if err := rows.Scan(&id, &linked); err != nil {
			return "", "", err
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil || n == 0 {
		return "", "", err
	}
	if n > 1 || linked || o.Existing == Refuse {
		return "", "", scim.Conflict(unique)
	}
	rest, err = o.takeOver(ctx, tx, h, id, r)
	return id, rest, err
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

// save stores what became of a resource.
func (o *host) save(ctx context.Context, tx session, h *handler, was, is *record) error {
	if is.doc.Equal(was.doc) && is.sent.Public() == is.sent && !was.host.moves {
		return nil
	}
	id, _ := is.doc.Get(model.IDAttr)
	p, _ := o.id(h, id.String())
	if err := o.free(ctx, tx, h, p, was.doc, is.doc); err != nil {
		return err
	}
	rest, err := o.updateRow(ctx, tx, h, p, was, is.sent)
	if err != nil {
		return err
	}
	if err := o.putLists(ctx, tx, h, p, was.host, is.doc); err != nil {
		return err
	}
	return o.putSide(ctx, tx, h, p, rest, is.doc, was.doc)
}

func (o *host) remove(ctx context.Context, tx session, h *handler, p params) error {
	p["deleted_at"] = o.time(&mappedColumn{info: o.info.columns[o.DeletedAt]}, time.Now())
	for range 2 { // the application may have added a row meanwhile
		for _, s := range append(slices.Clone(o.leave), o.side.remove) {
			if _, err := s.exec(ctx, tx, p); err != nil {
				return err
			}
		}
		if n, err := o.gone.exec(ctx, tx, p); err != nil || n > 0 {
			return err
		}
	}
	return h.kept()
}
