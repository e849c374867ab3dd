package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/scim"
)

// Column.Key is for the library to write, and the application changes the column
// that it is the key of. A key is stale where it is not that of the value: Open, each
// change of the row, and whoever wants the key for somebody else put it right.

// withKey are the columns that have keys, each once.
func (o *host) withKey() (all []*mappedColumn) {
	for _, m := range o.mapped {
		if m.Key != "" && !slices.ContainsFunc(all, func(other *mappedColumn) bool { return other.Key == m.Key }) {
			all = append(all, m)
		}
	}
	return all
}

// isKey tells whether key, of the column with keys, is that of v.
func (m *mappedColumn) isKey(key, v any) bool { return m.keyText(key) == m.keyText(m.keyOf(v)) }

func (m *mappedColumn) keyText(key any) string {
	switch key := key.(type) {
	case string:
		return m.key.text(key)
	case []byte:
		return m.key.text(string(key))
	}
	return ""
}

// addKeys adds the keys that are stale in the row to the columns to be written.
func (o *host) addKeys(h *handler, columns map[string]any, was *record) {
	r := scim.ResourceOf(h.rt, was.doc)
	for i, m := range o.keying {
		if _, ok := columns[m.Key]; !ok && !m.isKey(was.host.keys[i], m.attribute(&r)) {
			columns[m.Key] = m.keyOf(m.attribute(&r))
		}
	}
}

// folded is the key as SQL has it: not the right one of all letters.
func (m *mappedColumn) folded() string { return m.fold(m.read) }

func (m *mappedColumn) fold(text string) string {
	if m.attr.CaseExact {
		return text
	}
	return "lower(" + text + ")"
}

// A keyed is a row whose key may be stale.
type keyed struct {
	id, tenant string // texts of the columns
	value      string // the text of what m.read gives
	key        any    // what it is to be
}

// keyRows selects id, tenant, value, its text, and key of rows.
func (o *host) keyRows(m *mappedColumn) string {
	tenant := "''"
	if o.Tenant != "" {
		tenant = "CAST(t." + o.Tenant + " AS text)"
	}
	return "SELECT CAST(t." + o.ID + " AS text), " + tenant + ", " + m.read + ", " + o.valueText(m) + ", t." + m.Key + " FROM " + o.Name + " t WHERE "
}

func (o *host) valueText(m *mappedColumn) string {
	return o.dialect.bytes("coalesce(CAST(" + m.read + " AS text), '')")
}

// readKeys gives the rows of keyRows that are stale, and how many there are, with the
// last one.
func (o *host) readKeys(ctx context.Context, on session, m *mappedColumn, text string, args []any) (stale []keyed, n int, last keyed, err error) {
	rows, err := on.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, 0, last, err
	}
	defer rows.Close()
	for ; rows.Next(); n++ {
		var value, key any
		var k keyed
		if err := rows.Scan(&k.id, &k.tenant, &value, &k.value, &key); err != nil {
			return nil, 0, last, err
		}
		last = k
		v, err := m.value(value)
		if err != nil || !storable(k.value) || m.isKey(key, v) {
			continue
		}
		k.key = m.keyOf(v)
		stale = append(stale, k)
	}
	return stale, n, last, rows.Err()
}

// setKeys writes the keys of rows that have still the values that they are of.
func (o *host) setKeys(ctx context.Context, on session, m *mappedColumn, rows []keyed) error {
	all := make([][]any, 0, len(rows))
	for _, k := range rows {
		all = append(all, []any{k.id, k.tenant, k.value, k.key})
	}
	text, err := json.Marshal(all)
	if err != nil {
		return err
	}
	_, err = o.keySetter(m).exec(ctx, on, params{"rows": string(text)})
	return err
}

func (o *host) keySetter(m *mappedColumn) statement {
	d := o.dialect
	where := "t." + o.ID + " = CAST(" + d.element(0) + " AS " + o.key.indexed(d.Dialect) + ")"
	if o.Tenant != "" {
		where += " AND t." + o.Tenant + " = CAST(" + d.element(1) + " AS " + o.tenant.indexed(d.Dialect) + ")"
	}
	return d.compile("UPDATE " + o.Name + " AS t SET " + m.Key + " = " + d.element(3) + " FROM " + d.each("{rows}") +
		" WHERE " + where + " AND " + o.valueText(m) + " = " + d.bytes(d.element(2)))
}

// fillKeys gives all rows of the table the keys of their values, clients see them or
// not. The database finds those that may be without: keys of ASCII are what it makes
// of the letters itself.
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
	db   *database
	m    *mappedColumn
	left []keyed // those that cannot be written yet, as another row has the key
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
	for last := len(f.left) + 1; len(f.left) > 0; { // one may have waited for another
		rows := f.left
		if len(rows) == last {
			return fmt.Errorf("the row with the %s %s has the key %q, which another row has, too: two with one value, of which the application has to change one (%d rows are so)",
				inCatalog(f.ID), rows[0].id, rows[0].key, last)
		}
		f.left, last = nil, len(rows)
		if err := f.each(ctx, rows); err != nil {
			return err
		}
	}
	return nil
}

// fill writes the keys, all at once if that can be.
func (f *filler) fill(ctx context.Context, rows []keyed) error {
	if len(rows) == 0 {
		return nil
	}
	err := f.set(ctx, rows)
	if err != nil && duplicate(err) {
		err = f.each(ctx, rows)
	}
	return err
}

func (f *filler) each(ctx context.Context, rows []keyed) error {
	for _, k := range rows {
		switch err := f.set(ctx, []keyed{k}); {
		case err == nil:
		case duplicate(err):
			f.left = append(f.left, k)
		default:
			return err
		}
	}
	return nil
}

func (f *filler) set(ctx context.Context, rows []keyed) error {
	return f.db.write(ctx, func(tx runner) error { return f.setKeys(ctx, tx, f.m, rows) }, nil)
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

// misnamed tells whether a resource that was found by a key has another value.
func (o *host) misnamed(f *filter.Filter, r *scim.Resource) bool {
	return slices.ContainsFunc(o.mapped, func(m *mappedColumn) bool {
		if m.Key == "" || m.only != nil {
			return false
		}
		value, ok := f.Equals(m.path)
		return ok && !m.isKey(m.keyOf(value), m.attribute(r))
	})
}
