package sqlstore

import (
	"context"
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
	keys    []any         // for host.keying
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
	rec := &record{host: &hostRow{linked: c.linked(), rest: string(c.rest), keys: c.keys, beside: c.doc, moves: moves}}
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
