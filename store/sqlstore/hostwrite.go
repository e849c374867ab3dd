package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/scim"
)

// keyOf is what the column with the key holds for a value.
func (m *mappedColumn) keyOf(v any) any {
	text, ok := v.(string)
	switch {
	case !ok && m.key.notNull:
		return ""
	case !ok:
		return nil
	}
	key, _ := filter.LiteralKey(m.attr, text)
	return key
}

// addRest adds what Table.Rest is to hold to the columns to be written, if it is not
// what it holds, was. id is that of the row, "" for a new one.
func (o *host) addRest(h *handler, columns map[string]any, id any, was string, d *document.Doc) error {
	if o.Rest == "" {
		return nil
	}
	text, changed, err := o.newRest(h, was, d)
	switch {
	case err != nil:
		return fmt.Errorf("sqlstore: the column %s of the table %s, for the %s %s: %w", o.Rest, o.Name, h.model.Name, id, err)
	case !changed:
	case text == "{}" && !o.rest.notNull:
		columns[o.Rest] = nil
	default:
		columns[o.Rest] = text
	}
	return nil
}

// parameter is the SQL of the n-th value, which is for a column.
func (o *host) parameter(n int, column string) string {
	p := "{v" + strconv.Itoa(n) + "}"
	if column == o.Rest && o.rest.category == "U" { // PostgreSQL's json and jsonb
		p = "CAST(CAST(" + p + " AS text) AS " + o.rest.typ + ")"
	}
	return p
}

// returning is what an INSERT or UPDATE of the host's table gives: the id, and what
// Table.Rest holds.
func (o *host) returning() string {
	rest := "NULL"
	if o.Rest != "" {
		rest = "CAST(" + o.Rest + " AS text)"
	}
	return " RETURNING CAST(" + o.ID + " AS text), " + rest
}

// insertRow makes a new row and gives its id and what its Table.Rest holds.
func (o *host) insertRow(ctx context.Context, tx session, h *handler, r *scim.Resource) (id, rest string, err error) {
	columns, err := o.changes(h, nil, r.Document())
	if err == nil {
		err = o.addRest(h, columns, "", "", r.Document())
	}
	if err != nil {
		return "", "", final{err}
	}
	if _, ok := columns[o.Rest]; o.Rest != "" && !ok && o.rest.notNull && !o.rest.hasDefault {
		columns[o.Rest] = "{}"
	}
	for name, v := range o.Fixed {
		if t, ok := v.(time.Time); ok {
			v = o.time(&mappedColumn{info: o.info.columns[name]}, t)
		}
		if _, ok := columns[name]; !ok {
			columns[name] = v
		}
	}
	p := o.everything(h)
	if o.Tenant != "" {
		columns[o.Tenant] = p["host_tenant"]
	}
	if !o.key.hasDefault {
		if key, ok := o.key.key(r.ID()); ok {
			columns[o.ID] = key
		}
	}
	names := slices.Sorted(maps.Keys(columns))
	var values []string
	for i, name := range names {
		p["v"+strconv.Itoa(i)] = columns[name]
		values = append(values, o.parameter(i, name))
	}
	text := "INSERT INTO " + o.Name + " (" + strings.Join(names, ", ") + ") VALUES (" + strings.Join(values, ", ") + ")"
	if len(names) == 0 {
		text = "INSERT INTO " + o.Name + " DEFAULT VALUES"
	}
	var held sql.NullString
	err = o.compile(text+o.returning()).row(ctx, tx, p).Scan(&id, &held)
	return o.IDPrefix + id, held.String, o.conflict(err)
}

// updateRow writes the columns whose attributes have changed. It gives what
// Table.Rest holds.
func (o *host) updateRow(ctx context.Context, tx session, h *handler, p params, was *record, is *document.Doc) (rest string, err error) {
	columns, err := o.changes(h, was, is)
	if err == nil {
		err = o.addRest(h, columns, p["id"], was.host.rest, is)
	}
	if err != nil {
		return "", final{err}
	}
	stale := o.staleKeys(h, columns, was)
	rest = was.host.rest
	if len(columns) > 0 {
		if rest, err = o.updateColumns(ctx, tx, p, columns); err != nil {
			return "", o.conflict(err)
		}
	}
	return rest, o.ownKeys(ctx, tx, h, p, was, stale)
}

func (o *host) updateColumns(ctx context.Context, tx session, p params, columns map[string]any) (rest string, err error) {
	p = maps.Clone(p)
	var set []string
	for i, name := range slices.Sorted(maps.Keys(columns)) {
		p["v"+strconv.Itoa(i)] = columns[name]
		set = append(set, name+" = "+o.parameter(i, name))
	}
	text := "UPDATE " + o.Name + " SET " + strings.Join(set, ", ") + " WHERE " + o.mine()
	if o.Rest == "" {
		n, err := o.compile(text).exec(ctx, tx, p)
		if err == nil && n == 0 {
			err = sql.ErrNoRows
		}
		return "", err
	}
	var held sql.NullString
	err = o.compile(text+o.returning()).row(ctx, tx, p).Scan(new(string), &held)
	return held.String, err
}

// remainder is what of d the host's tables have no place for.
func (o *host) remainder(h *handler, d *document.Doc) *document.Doc {
	d = h.bare(d)
	for _, l := range o.child {
		d = l.beside(d)
	}
	for _, b := range o.brackets {
		d = b.without(d)
	}
	for _, m := range o.mapped {
		r := scim.ResourceOf(h.rt, d)
		if m.only == nil && r.Has(m.path) && r.Set(m.path, nil) == nil {
			d = r.Document()
		}
	}
	return d
}

// keysOf are the comparison keys of the remainder that filters look at. An element
// with columns is looked up there; that it is there without them is marked.
func (o *host) keysOf(d *document.Doc) string {
	for _, l := range o.child {
		d = d.Without(l.attr.ID)
	}
	gone, marks := make(map[model.ID][]int), []byte{}
	for _, b := range o.brackets {
		e, place := b.element(d)
		gone[b.list.ID] = append(gone[b.list.ID], place)
		if place >= 0 && !b.bare(d.Type(), e) {
			marks = append(marks, `,"`+b.mark()+`":"true"`...)
		}
	}
	for list, places := range gone {
		d = rewrite(d, list, func(i int, raw []byte) []byte {
			if slices.Contains(places, i) {
				return nil
			}
			return raw
		})
	}
	keys := filter.Keys(d)
	if len(keys) == len("{}") && len(marks) > 0 {
		marks = marks[1:]
	}
	return string(slices.Concat(keys[:len(keys)-1], marks, []byte("}")))
}
