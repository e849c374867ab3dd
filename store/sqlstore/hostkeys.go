package sqlstore

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
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

// staleKeys are the columns whose keys are stale in the row of was, and stay what they
// are. They are taken out of those to be written: see ownKeys.
func (o *host) staleKeys(h *handler, columns map[string]any, was *record) (stale []*mappedColumn) {
	r := scim.ResourceOf(h.rt, was.doc)
	for i, m := range o.keying {
		v := m.attribute(&r)
		if key, ok := columns[m.Key]; !m.isKey(was.host.keys[i], v) && (!ok || key == m.keyOf(v)) {
			delete(columns, m.Key)
			stale = append(stale, m)
		}
	}
	return stale
}

// ownKeys puts stale keys of the row of was right, unless another row has them by
// right, or the application does not take them: whatever it has written there, a client
// can deactivate a user.
func (o *host) ownKeys(ctx context.Context, tx session, h *handler, p params, was *record, stale []*mappedColumn) error {
	r := scim.ResourceOf(h.rt, was.doc)
	for _, m := range stale {
		var refused *scim.Error
		if err := o.ownKey(ctx, tx, m, p, &r); err != nil && !errors.As(err, &refused) {
			return err
		}
	}
	return nil
}

func (o *host) ownKey(ctx context.Context, tx session, m *mappedColumn, p params, r *scim.Resource) error {
	var left []keyed
	if v := m.comparable(r); m.attr.Unique && v != nil {
		q := maps.Clone(p)
		q["unique_"+m.path], q["sent_"+m.path] = v, m.attribute(r)
		var err error
		if _, left, err = o.rightKeys(ctx, tx, m, o.wanting(m), q); err != nil {
			return err
		}
		if taken, err := m.isTaken(ctx, tx, q); err != nil || taken {
			return err
		}
	}
	if _, _, err := o.rightKeys(ctx, tx, m, o.mineOf("t."), p); err != nil {
		return err
	}
	_, err := o.setKeys(ctx, tx, m, left) // which may have waited for this row
	return err
}

// rightKeys puts right the stale ones among the keys of rows of which where is true. It
// tells whether there were any, and which have none now, as another row has theirs.
func (o *host) rightKeys(ctx context.Context, tx session, m *mappedColumn, where string, p params) (found bool, left []keyed, err error) {
	s := o.compile(o.keyRows(m) + where + o.dialect.forUpdate("t"))
	stale, _, _, err := o.readKeys(ctx, tx, m, s.text, s.args(p))
	if err == nil {
		left, err = o.setKeys(ctx, tx, m, stale)
	}
	if err != nil {
		return false, nil, o.conflict(err)
	}
	return len(stale) > 0, left, nil
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
	hidden     bool   // from clients
}

// noKey is what a row has whose key another row has. It is the key of no value.
func (m *mappedColumn) noKey(k keyed) any {
	if m.key.notNull {
		return "\x01" + k.tenant + "\x01" + k.id
	}
	return nil
}

// keyRows selects id, tenant, value, its text, and key of rows, and whether they are
// hidden. Those that are, and have no key, are left as they are: so may the application
// have let their names go.
func (o *host) keyRows(m *mappedColumn) string {
	tenant := "''"
	if o.Tenant != "" {
		tenant = "CAST(t." + o.Tenant + " AS text)"
	}
	seen := "1 = 1" + o.shown()
	return "SELECT CAST(t." + o.ID + " AS text), " + tenant + ", " + m.read + ", " + o.valueText(m) + ", t." + m.Key +
		", CASE WHEN " + seen + " THEN 0 ELSE 1 END FROM " + o.Name + " t WHERE t." + o.ID + " IS NOT NULL AND (t." + m.Key + " IS NOT NULL OR " + seen + ") AND "
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
		if err := rows.Scan(&k.id, &k.tenant, &value, &k.value, &key, &k.hidden); err != nil {
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

// setKeys writes the keys of rows that have still the values that they are of. Rows may
// have each other's: then all lose theirs before each gets its own. It gives those whose
// key another row has.
func (o *host) setKeys(ctx context.Context, tx session, m *mappedColumn, rows []keyed) (left []keyed, err error) {
	if len(rows) == 0 {
		return nil, nil
	}
	if err := o.writeKeys(ctx, tx, m, rows); err == nil || !duplicate(err) {
		return nil, err
	}
	if err := o.dropKeys(ctx, tx, m, rows); err != nil {
		return nil, err
	}
	for _, k := range rows {
		switch err := o.writeKeys(ctx, tx, m, []keyed{k}); {
		case err == nil:
		case duplicate(err):
			left = append(left, k)
		default:
			return nil, err
		}
	}
	return left, nil
}

// dropKeys takes the keys that rows have from them.
func (o *host) dropKeys(ctx context.Context, tx session, m *mappedColumn, rows []keyed) error {
	without := slices.Clone(rows)
	for i, k := range without {
		without[i].key = m.noKey(k)
	}
	return o.writeKeys(ctx, tx, m, without)
}

// writeKeys writes all keys or, if it fails, none: the transaction goes on.
func (o *host) writeKeys(ctx context.Context, tx session, m *mappedColumn, rows []keyed) error {
	all := make([][]any, 0, len(rows))
	for _, k := range rows {
		all = append(all, []any{k.id, k.tenant, k.value, k.key})
	}
	text, err := json.Marshal(all)
	if err != nil {
		return err
	}
	return o.dialect.attempt(ctx, tx, func() error {
		_, err := o.keySetter(m).exec(ctx, tx, params{"rows": string(text)})
		return err
	})
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
