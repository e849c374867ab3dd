package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/scim"
)

// A mover brings what is beside the rows of the host's to another schema or mapping.
// It looks at all of them first, so that what does not fit leaves all as it was.
type mover struct {
	*host
	kind    *kind
	changed []string // the paths of attributes that are another since

	looking bool    // nothing is written yet
	unclear []doubt // one for each value that it cannot place
}

// A doubt is a column that has something else than was beside the row.
type doubt struct {
	m    *mappedColumn
	name string // of the resource
}

func (v *mover) run(ctx context.Context) error {
	for _, v.looking = range []bool{true, false} {
		if err := v.eachBatch(ctx); err != nil {
			return err
		}
		if err := v.doubts(); err != nil {
			return err
		}
	}
	return nil
}

// eachBatch runs one with all rows, each batch in a transaction of its own.
func (v *mover) eachBatch(ctx context.Context) error {
	db, known := v.kind.store.db, 0
	do := db.read
	if !v.looking {
		do = func(ctx context.Context, f func(r runner) error) error { return db.write(ctx, f, nil) }
	}
	var after storedDoc
	for n := rekeyed; n == rekeyed; {
		var batch []storedDoc
		known = len(v.unclear)
		err := do(ctx, func(tx runner) (err error) {
			v.unclear = v.unclear[:known] // f may run again
			if batch, err = v.kind.readDocs(ctx, tx, after); err != nil {
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

// one is about a row of the library's, whose row of the host's clients may not
// see: that one is left as it is.
func (v *mover) one(ctx context.Context, tx session, h *handler, s storedDoc) error {
	p, ok := v.id(h, s.id)
	if !ok || !v.has(s.tenant) {
		return nil
	}
	if s.version == "" { // see ready, which makes it again
		return v.unkeyed(ctx, tx, p)
	}
	rec, err := h.load(ctx, tx, 0, !v.looking, p)
	if errors.Is(err, scim.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	side, _, _, err := v.beside(h, []byte(s.doc), []byte(rec.host.rest))
	if err != nil {
		return err
	}
	is := h.resource(rec)
	if err := v.fillColumns(is, side, s); err != nil {
		return err
	}
	m := is.Meta()
	m.Version = newVersion()
	doc, before := is.Document().WithMeta(document.Meta(m)), *rec.host
	if doc, err = v.fillLists(doc, &before, side); err != nil || v.looking {
		return err
	}
	rest, err := v.updateRow(ctx, tx, h, p, rec, doc)
	if err != nil {
		return err
	}
	if err := v.putLists(ctx, tx, h, p, &before, doc); err != nil {
		return err
	}
	was := before.whole
	if v.named() == nil { // otherwise, the host's table keeps names unique
		was = nil
	}
	return v.putSide(ctx, tx, h, p, rest, doc, was)
}

// unkeyed removes the row of the library's that has nothing but keys.
func (v *mover) unkeyed(ctx context.Context, tx session, p params) error {
	if v.looking {
		return nil
	}
	_, err := v.side.remove.exec(ctx, tx, p)
	return err
}

// fillColumns gives is the values of side that have columns by now, where those hold
// none. A column that always holds something may have it by default: who was
// deactivated stays so, and other values are in doubt.
func (v *mover) fillColumns(is, side *scim.Resource, s storedDoc) error {
	for i, m := range v.mapped {
		beside, there := m.attribute(side), m.attribute(is)
		active := m.attr.ID == v.layout.model.SubString(model.Root, "active")
		switch {
		case m.Name == "" || beside == nil || beside == there:
		case there == nil || active && beside == false:
			if err := m.put(is, beside); err != nil {
				return err
			}
		case active || !m.info.notNull && !v.decides(m) || v.spokenFor(i):
		default:
			v.unclear = append(v.unclear, doubt{m, v.name(s)})
		}
	}
	return nil
}

// spokenFor tells whether an attribute before the i-th has its column, too, and says
// what it holds.
func (v *mover) spokenFor(i int) bool {
	return slices.ContainsFunc(v.mapped[:i], func(m *mappedColumn) bool { return m.Name == v.mapped[i].Name })
}

// fillLists is doc with the changed lists of side that have tables by now, where
// those have no rows. before, what was loaded, is without them then.
func (v *mover) fillLists(doc *document.Doc, before *hostRow, side *scim.Resource) (*document.Doc, error) {
	for i, c := range v.child {
		list, ok := side.Document().Get(c.attr.ID)
		rows, err := c.parse(before.lists[i])
		if err != nil {
			return nil, err
		}
		if ok && len(rows) == 0 && slices.Contains(v.changed, c.attr.Path) {
			doc, before.whole = doc.With(c.attr.ID, list.Raw()), before.whole.Without(c.attr.ID)
		}
	}
	return doc, nil
}
