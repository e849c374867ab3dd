package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/scim"
)

// rekeyed is how many resources get new keys at once.
const rekeyed = 500

// rekey makes the keys of all resources of the type again, and moves values beside
// rows of the host's into the columns that they have by now. changed are the paths
// of attributes that are another since.
func (k *kind) rekey(ctx context.Context, changed []string) error {
	if o, ok := k.place.(*host); ok {
		return k.eachBatch(ctx, func(tx runner, batch []storedDoc) error {
			for _, s := range batch {
				if err := o.rekeyOne(ctx, tx, k.handler(s.tenant), s, changed); err != nil {
					return fmt.Errorf("%s %s of tenant %q: %w", k.model.Name, s.id, s.tenant, err)
				}
			}
			return nil
		})
	}
	return k.rekeyOwn(ctx)
}

// storedDoc is a row of resources.
type storedDoc struct {
	tenant, id, doc, version string
	created, modified        int64
}

// readDocs reads the rows behind one.
func (k *kind) readDocs(ctx context.Context, on runner, after storedDoc) (batch []storedDoc, err error) {
	rows, err := on.query(ctx, `SELECT tenant, id, doc, version, created, modified FROM `+k.store.prefix+`resources
		WHERE type = ? AND (tenant, id) > (?, ?) ORDER BY tenant, id LIMIT ?`, k.model.Name, after.tenant, after.id, rekeyed)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var s storedDoc
		if err := rows.Scan(&s.tenant, &s.id, &s.doc, &s.version, &s.created, &s.modified); err != nil {
			return nil, err
		}
		batch = append(batch, s)
	}
	return batch, rows.Err()
}

// eachBatch runs f with all rows, each batch in a transaction of its own.
func (k *kind) eachBatch(ctx context.Context, f func(tx runner, batch []storedDoc) error) error {
	var after storedDoc
	for n := rekeyed; n == rekeyed; {
		var batch []storedDoc
		err := k.store.db.write(ctx, func(tx runner) (err error) {
			if batch, err = k.readDocs(ctx, tx, after); err == nil {
				err = f(tx, batch)
			}
			return err
		}, nil)
		if err != nil {
			return err
		}
		if n = len(batch); n > 0 {
			after = batch[n-1]
		}
	}
	return nil
}

// rekeyOwn does all in one transaction, so that a key that two resources have
// leaves everything as it was.
func (k *kind) rekeyOwn(ctx context.Context) error {
	o := k.place.(*own)
	return k.store.db.write(ctx, func(tx runner) error {
		for _, text := range []string{`UPDATE ` + o.prefix + `resources SET name_key = NULL WHERE type = ?`, `DELETE FROM ` + o.prefix + `names WHERE type = ?`} {
			if _, err := tx.exec(ctx, text, k.model.Name); err != nil {
				return err
			}
		}
		var after storedDoc
		for n := rekeyed; n == rekeyed; {
			batch, err := k.readDocs(ctx, tx, after)
			if err != nil {
				return err
			}
			for _, s := range batch {
				if err := o.rekeyOne(ctx, tx, k.handler(s.tenant), s); err != nil {
					return fmt.Errorf("%s %s of tenant %q: %w", k.model.Name, s.id, s.tenant, err)
				}
			}
			if n = len(batch); n > 0 {
				after = batch[n-1]
			}
		}
		return nil
	}, nil)
}

func (o *own) rekeyOne(ctx context.Context, tx session, h *handler, s storedDoc) error {
	r, err := scim.ParseResource(h.rt, []byte(s.doc))
	if err != nil {
		return err
	}
	p := h.row(r.Document())
	p["version"], p["created"], p["modified"] = s.version, s.created, s.modified
	if _, err := o.update.exec(ctx, tx, p); err != nil {
		return h.conflict(err)
	}
	return o.putNames(ctx, tx, h, p, h.appendNames(nil, r.Document()))
}

// rekeyOne is about a row of the library's, whose row of the host's clients may not
// see: that one is left as it is.
func (o *host) rekeyOne(ctx context.Context, tx session, h *handler, s storedDoc, changed []string) error {
	p, ok := o.id(h, s.id)
	if !ok || !o.has(s.tenant) {
		return nil
	}
	if s.version == "" { // see ready, which makes it again
		_, err := o.side.remove.exec(ctx, tx, p)
		return err
	}
	rec, err := h.load(ctx, tx, 0, true, p)
	if errors.Is(err, scim.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	side, _, _, err := o.beside(h, []byte(s.doc), []byte(rec.host.rest))
	if err != nil {
		return err
	}
	is := h.resource(rec)
	if err := o.fillColumns(rec.host, is, side); err != nil {
		return err
	}
	m := is.Meta()
	m.Version = newVersion()
	doc, before := is.Document().WithMeta(document.Meta(m)), *rec.host
	if doc, err = o.fillLists(doc, &before, side, changed); err != nil {
		return err
	}
	rest, err := o.updateRow(ctx, tx, h, p, rec, doc)
	if err != nil {
		return err
	}
	if err := o.putLists(ctx, tx, h, p, &before, doc); err != nil {
		return err
	}
	was := before.whole
	if o.named() == nil { // otherwise, the host's table keeps names unique
		was = nil
	}
	return o.putSide(ctx, tx, h, p, rest, doc, was)
}

// fillColumns gives is the values of side that have columns by now, where those
// hold none.
func (o *host) fillColumns(was *hostRow, is, side *scim.Resource) error {
	for _, m := range o.mapped {
		if v := m.attribute(side); m.Name != "" && m.only == nil && v != nil && m.attribute(is) == nil {
			if err := is.Set(m.path, v); err != nil {
				return err
			}
		}
	}
	return o.fillBrackets(was, is, side)
}

// fillBrackets gives is the lists of side, with the elements where they stand, and what
// columns hold in them.
func (o *host) fillBrackets(was *hostRow, is, side *scim.Resource) error {
	for _, b := range o.brackets {
		if list, ok := side.Document().Get(b.list.ID); ok {
			*is = scim.ResourceOf(is.Type(), is.Document().With(b.list.ID, list.Raw()))
		}
	}
	for _, b := range o.brackets {
		values := o.valuesOf(b, was.columns)
		maps.DeleteFunc(values, func(_ model.ID, v any) bool { return v == nil })
		if err := b.put(is, values); err != nil {
			return err
		}
	}
	return nil
}

// fillLists is doc with the changed lists of side that have tables by now, where
// those have no rows. before, what was loaded, is without them then.
func (o *host) fillLists(doc *document.Doc, before *hostRow, side *scim.Resource, changed []string) (*document.Doc, error) {
	for i, c := range o.child {
		list, ok := side.Document().Get(c.attr.ID)
		rows, err := c.parse(before.lists[i])
		if err != nil {
			return nil, err
		}
		if ok && len(rows) == 0 && slices.Contains(changed, c.attr.Path) {
			doc, before.whole = doc.With(c.attr.ID, list.Raw()), before.whole.Without(c.attr.ID)
		}
	}
	return doc, nil
}
