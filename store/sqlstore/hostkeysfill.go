package sqlstore

import (
	"context"
	"fmt"
)

// fillKeys gives the rows of the table the keys of their values: those that clients see,
// and of others those that have a key. The database finds those that may be without:
// keys of ASCII are what it makes of the letters itself.
func (o *host) fillKeys(ctx context.Context, db *database) error {
	for _, m := range o.keying {
		f := &filler{host: o, db: db, m: m}
		if err := f.run(ctx); err != nil {
			return fmt.Errorf("the column %s with the keys of the column %s, for the attribute %s: %w", m.Key, m.Name, m.path, err)
		}
	}
	return nil
}

// A filler fills one column with keys.
type filler struct {
	*host
	db     *database
	m      *mappedColumn
	left   []keyed // those that cannot be written yet, as another row has the key
	hidden []keyed // those of rows that clients do not see, which take nobody's
}

func (f *filler) run(ctx context.Context) error {
	for after, n := (keyed{}), rekeyed; n == rekeyed; {
		var stale []keyed
		text, p := f.candidates(after)
		err := f.db.read(ctx, func(r runner) (err error) {
			stale, n, after, err = f.readKeys(ctx, f.db.pool(), f.m, text.text, text.args(p))
			return err
		})
		if err == nil {
			err = f.fill(ctx, stale)
		}
		if err != nil {
			return err
		}
	}
	for len(f.left) > 0 { // one may have waited for another
		rows := f.left
		f.left = nil
		if err := f.set(ctx, rows); err != nil {
			return err
		}
		if n := len(f.left); n == len(rows) {
			return fmt.Errorf("the row with the %s %s has the key %q, which another row has, too: two with one value, of which the application has to change one (%d rows are so)",
				inCatalog(f.ID), rows[0].id, rows[0].key, n)
		}
	}
	return f.set(ctx, f.hidden)
}

// fill writes the keys of rows that clients see, and takes away those of others.
func (f *filler) fill(ctx context.Context, rows []keyed) error {
	var seen, hidden []keyed
	for _, k := range rows {
		if k.hidden {
			hidden = append(hidden, k)
		} else {
			seen = append(seen, k)
		}
	}
	if len(hidden) > 0 {
		f.hidden = append(f.hidden, hidden...)
		if err := f.db.write(ctx, func(tx runner) error { return f.dropKeys(ctx, tx, f.m, hidden) }, nil); err != nil {
			return err
		}
	}
	return f.set(ctx, seen)
}

// set writes keys. A constraint that is deferred refuses them at the end: then one by one.
func (f *filler) set(ctx context.Context, rows []keyed) error {
	if len(rows) == 0 {
		return nil
	}
	var left []keyed
	err := f.db.write(ctx, func(tx runner) (err error) {
		left, err = f.setKeys(ctx, tx, f.m, rows)
		return err
	}, nil)
	switch {
	case err == nil:
		f.left = append(f.left, left...)
	case !duplicate(err):
		return err
	case len(rows) == 1:
		f.left = append(f.left, rows...)
	default:
		for i := range rows {
			if err := f.set(ctx, rows[i:i+1]); err != nil {
				return err
			}
		}
	}
	return nil
}

// candidates are the rows behind one whose keys may be stale.
func (f *filler) candidates(after keyed) (statement, params) {
	d, m := f.dialect, f.m
	value, order, behind := f.valueText(m), "t."+f.ID, "t."+f.ID+" > "+f.key.typed(d.Dialect, "{id}")
	where, p := "1 = 1", params{"n": rekeyed}
	if f.Tenant != "" {
		where = "t." + f.Tenant + " IS NOT NULL"
		if !f.info.isUnique(f.ID, "", nil) {
			order = "t." + f.Tenant + ", " + order
			behind = "(" + order + ") > (" + f.tenant.typed(d.Dialect, "{tenant}") + ", " + f.key.typed(d.Dialect, "{id}") + ")"
			p["tenant"], _ = f.tenant.key(after.tenant)
		}
	}
	if after.id != "" {
		where += " AND " + behind
		p["id"], _ = f.key.key(after.id)
	}
	if m.Decode == nil {
		where += " AND (" + d.bytes("coalesce(CAST(t."+m.Key+" AS text), '')") + " <> " + d.bytes("coalesce(CAST("+m.folded()+" AS text), '')") +
			" OR " + d.octets(value) + " <> length(" + value + "))"
	}
	return d.compile(f.keyRows(m) + where + " ORDER BY " + order + " LIMIT {n}"), p
}
