package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/identity"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/scim"
)

// changes finds the columns that differ between two documents, was nil for a new
// row, and what is written to them.
func (o *host) changes(h *handler, was, is *document.Doc) (map[string]any, error) {
	after := scim.ResourceOf(h.rt, is)
	columns, done := make(map[string]any), make(map[string]bool)
	for _, m := range o.mapped {
		if m.Name == "" || done[m.Name] {
			continue
		}
		v := m.attribute(&after)
		if was != nil {
			before := scim.ResourceOf(h.rt, was)
			if m.attribute(&before) == v {
				continue
			}
		}
		if v == nil && (m.attr.Mutability == model.WriteOnly || o.elsewhere(m, &after)) {
			continue // a password that is not sent stays
		}
		done[m.Name] = true
		c, err := o.column(m, v)
		if err != nil {
			return nil, fmt.Errorf("sqlstore: the column %s: %w", m.Name, err)
		}
		columns[m.Name] = c
		if m.Key != "" {
			columns[m.Key] = m.keyOf(v)
		}
	}
	return columns, nil
}

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

// elsewhere tells whether another attribute that has the column of m has a value.
// A client that sends a userName and no address means the column to stay.
func (o *host) elsewhere(m *mappedColumn, r *scim.Resource) bool {
	return slices.ContainsFunc(o.mapped, func(other *mappedColumn) bool {
		return other != m && other.Name == m.Name && other.attribute(r) != nil
	})
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
	columns, err := o.changes(h, was.doc, is)
	if err == nil {
		err = o.addRest(h, columns, p["id"], was.host.rest, is)
	}
	if err != nil {
		return "", final{err}
	}
	if len(columns) == 0 {
		return was.host.rest, nil
	}
	p = maps.Clone(p)
	var set []string
	for i, name := range slices.Sorted(maps.Keys(columns)) {
		p["v"+strconv.Itoa(i)] = columns[name]
		set = append(set, name+" = "+o.parameter(i, name))
	}
	text := "UPDATE " + o.Name + " SET " + strings.Join(set, ", ") + " WHERE " + o.ID + " = {key}"
	if o.Tenant != "" {
		text += " AND " + o.Tenant + " = {host_tenant}"
	}
	if o.Rest == "" {
		_, err = o.compile(text).exec(ctx, tx, p)
		return "", o.conflict(err)
	}
	var held sql.NullString
	err = o.compile(text+o.returning()).row(ctx, tx, p).Scan(new(string), &held)
	return held.String, o.conflict(err)
}

// conflict makes of a key that the host's table has already the error that names
// the attribute, if the database names the column.
func (o *host) conflict(err error) error {
	if err == nil || !duplicate(err) {
		return o.refused(err)
	}
	for _, m := range o.mapped {
		if m.Name != "" && m.attr.Unique && says(err, m.Name) {
			return scim.Conflict(m.path)
		}
	}
	return scim.ErrConflict
}

// comparable is the value of a unique attribute as sameAs compares it.
func (m *mappedColumn) comparable(r *scim.Resource) any {
	if m.Key != "" {
		return m.keyOf(m.attribute(r))
	}
	if m.attr.Kind == model.String && !m.attr.CaseExact {
		return identity.Key(r.String(m.path))
	}
	return m.attribute(r)
}

// putSide stores what the host's table has no columns for, or the keys of rest.
func (o *host) putSide(ctx context.Context, tx session, h *handler, p params, rest string, is, was *document.Doc) error {
	m := is.Meta()
	if m.Created.IsZero() {
		m.Created = now()
	}
	if m.LastModified.IsZero() {
		m.LastModified = m.Created
	}
	if m.Version == "" {
		m.Version = newVersion()
	}
	row, err := o.sideRow(h, is, rest)
	if err != nil {
		return err
	}
	row["version"], row["created"], row["modified"] = m.Version, m.Created.UnixMicro(), m.LastModified.UnixMicro()
	row["id"], row["display"], row["name_key"], row["host_tenant"] = p["id"], h.layout.display(is), nil, p["host_tenant"]
	if h.name != nil {
		row["name_key"] = key(is, h.name)
		if was == nil || key(was, h.name) != row["name_key"] {
			for _, s := range []statement{o.side.orphan, o.side.stale} {
				if s.text == "" {
					continue
				}
				if _, err := s.exec(ctx, tx, row); err != nil {
					return err
				}
			}
		}
	}
	_, err = o.side.put.exec(ctx, tx, row)
	return h.conflict(err)
}

// sideRow is the row of the library's for what of d the host's tables have no place
// for.
func (o *host) sideRow(h *handler, d *document.Doc, rest string) (params, error) {
	if o.Rest != "" {
		return o.keyed(h, o.unknownOf(document.Trusted(h.bare(d).Bytes())), rest)
	}
	d = o.remainder(h, d)
	row := h.row(d)
	row["keys"] = string(filter.Keys(o.indexable(d)))
	return row, nil
}

// remainder is what of d the host's tables have no place for.
func (o *host) remainder(h *handler, d *document.Doc) *document.Doc {
	d = h.bare(d)
	for _, l := range o.child {
		d = d.Without(l.attr.ID)
	}
	for _, m := range o.mapped {
		if m.only != nil {
			if _, ok := m.element(d); ok {
				d = m.replace(d, func(e document.Value) []byte { return m.with(d.Type(), e, nil) })
			}
			continue
		}
		r := scim.ResourceOf(h.rt, d)
		if r.Has(m.path) && r.Set(m.path, nil) == nil {
			d = r.Document()
		}
	}
	return d
}

// indexable is what of the remainder filters look at: an element with columns is
// looked up there.
func (o *host) indexable(d *document.Doc) *document.Doc {
	for _, m := range o.mapped {
		if m.only != nil {
			d = m.replace(d, func(document.Value) []byte { return nil })
		}
	}
	return d
}
