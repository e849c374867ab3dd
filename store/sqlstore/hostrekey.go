package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/scim"
)

// A mover brings what is beside the rows of the host's to another schema or mapping.
// It looks at all of them first, so that what does not fit leaves all as it was.
type mover struct {
	*host
	kind    *kind
	was     *host    // as the mapping was: what is in Table.Rest
	changed []string // the paths of attributes that are another since

	looking bool    // nothing is written yet
	unclear []doubt // one for each value that it cannot place
}

// nextRows gives the rows behind one, rekeyed at most.
type nextRows func(ctx context.Context, on runner, after storedDoc) ([]storedDoc, error)

// A doubt is a column that has something else than was beside the row.
type doubt struct {
	m    *mappedColumn
	name string // of the resource
}

func (v *mover) run(ctx context.Context) error {
	for _, v.looking = range []bool{true, false} {
		if err := v.eachBatch(ctx, v.kind.readDocs); err != nil {
			return err
		}
		unmade, err := v.unmade(ctx)
		if err == nil {
			err = v.eachBatch(ctx, unmade)
		}
		if err != nil {
			return err
		}
		if err := v.doubts(); err != nil {
			return err
		}
	}
	return nil
}

// eachBatch runs one with all rows that next gives, each batch in a transaction of its
// own.
func (v *mover) eachBatch(ctx context.Context, next nextRows) error {
	db := v.kind.store.db
	do := db.read
	if !v.looking {
		do = func(ctx context.Context, f func(r runner) error) error { return db.write(ctx, f, nil) }
	}
	var after storedDoc
	for n := rekeyed; n == rekeyed; {
		var batch []storedDoc
		known := len(v.unclear)
		err := do(ctx, func(tx runner) (err error) {
			v.unclear = v.unclear[:known] // this may run again
			if batch, err = next(ctx, tx, after); err != nil {
				return err
			}
			for _, s := range batch {
				if err := v.one(ctx, tx, v.kind.handler(s.tenant), s); err != nil {
					return fmt.Errorf("%s: %w", v.name(s), err)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		if n = len(batch); n > 0 {
			after = batch[n-1]
		}
	}
	return nil
}

// unmade gives the rows that have something in Table.Rest and that no client has made
// or adopted, but may adopt.
func (v *mover) unmade(ctx context.Context) (nextRows, error) {
	var all []storedDoc
	if v.Rest != "" && v.Existing != Refuse {
		tenant, has := "''", ""
		if v.Tenant != "" {
			tenant, has = v.dialect.bytes("CAST(t."+v.Tenant+" AS text)"), " AND t."+v.Tenant+" IS NOT NULL"
		}
		rows := "SELECT " + tenant + ", " + v.idText + " FROM " + v.Name + " t WHERE t." + v.Rest + " IS NOT NULL" + has +
			" AND NOT EXISTS (SELECT 1 FROM " + v.prefix + "resources r WHERE r.tenant = " + tenant + " AND r.type = " + literal(v.layout.model.Name) +
			" AND r.id = " + v.idText + " AND r.version <> '')"
		err := each(ctx, v.kind.store.db.reader(), rows, nil, func(scan func(...any) error) error {
			all = append(all, storedDoc{})
			return scan(&all[len(all)-1].tenant, &all[len(all)-1].id)
		})
		if err != nil {
			return nil, err
		}
	}
	order := func(a, b storedDoc) int {
		return cmp.Or(strings.Compare(a.tenant, b.tenant), strings.Compare(a.id, b.id))
	}
	slices.SortFunc(all, order)
	return func(_ context.Context, _ runner, after storedDoc) ([]storedDoc, error) {
		n, found := slices.BinarySearchFunc(all, after, order)
		if found {
			n++
		}
		return all[n:min(n+rekeyed, len(all))], nil
	}, nil
}

func (v *mover) name(s storedDoc) string {
	return fmt.Sprintf("%s %s of tenant %q", v.layout.model.Name, s.id, s.tenant)
}

// doubts says which values it cannot place, of each column the first.
func (v *mover) doubts() error {
	var errs []error
	for _, m := range v.mapped {
		n, first := 0, ""
		for _, d := range v.unclear {
			if d.m != m {
				continue
			}
			if n++; n == 1 {
				first = d.name
			}
		}
		if n > 0 {
			errs = append(errs, fmt.Errorf("the column %s, for the attribute %s, always has a value, and has another one than clients have sent for %d of the resources, as for %s: "+
				"UPDATE the column, or take the attribute out of the doc of these in %sresources", m.Name, m.path, n, first, v.prefix))
		}
	}
	return errors.Join(errs...)
}

// load reads a row, which clients may not see: they may again later. rec is nil if
// there is none.
func (v *mover) load(ctx context.Context, tx session, h *handler, p params) (rec *record, seen bool, err error) {
	rec, err = h.load(ctx, tx, 0, !v.looking, p)
	if !errors.Is(err, scim.ErrNotFound) {
		return rec, true, err
	}
	rec, err = v.scan(h, v.hidden.row(ctx, tx, p))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	if id, _ := rec.doc.Get(model.IDAttr); id.String() != p["id"] {
		return nil, false, nil // see handler.load
	}
	return rec, false, nil
}

// one brings the row of a resource to the mapping of now.
func (v *mover) one(ctx context.Context, tx session, h *handler, s storedDoc) error {
	p, ok := v.id(h, s.id)
	if !ok || !v.has(s.tenant) {
		return nil
	}
	rec, seen, err := v.load(ctx, tx, h, p)
	if err != nil || rec == nil {
		return err
	}
	side, _, _, err := v.was.beside(h, rec.host.beside, []byte(rec.host.rest))
	if err != nil {
		return err
	}
	is := h.resource(rec)
	moved, err := v.fillColumns(rec.host, is, side, s)
	if err != nil {
		return err
	}
	m := is.Meta()
	m.Version = newVersion()
	doc, before := is.Document().WithMeta(document.Meta(m)), *rec.host
	doc, lists := v.fillLists(doc, &before, side)
	if v.looking {
		return nil
	}
	if before.linked { // otherwise, there is no place for what of the elements has no column
		moved = append(moved, lists...)
	}
	if err := v.takeOut(ctx, tx, h, p, rec, moved); err != nil {
		return err
	}
	if !seen || v.named() != nil { // it keeps its name, or the host's table keeps names unique
		return v.write(ctx, tx, h, p, rec, &before, doc, before.whole)
	}
	return v.write(ctx, tx, h, p, rec, &before, doc, nil)
}

// write stores doc in place of rec, of which before is what there is in lists. A name
// that was has not is a new one.
func (v *mover) write(ctx context.Context, tx session, h *handler, p params, rec *record, before *hostRow, doc, was *document.Doc) error {
	rest, err := v.updateRow(ctx, tx, h, p, rec, doc)
	if err != nil {
		return err
	}
	if err := v.putLists(ctx, tx, h, p, before, doc); err != nil {
		return err
	}
	if !before.linked { // nothing but keys, perhaps, which ready makes again
		_, err := v.side.remove.exec(ctx, tx, p)
		return err
	}
	return v.putSide(ctx, tx, h, p, rest, doc, was)
}
