package sqlstore

import (
	"context"
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
	if !ok {
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

// insertRow makes a new row and gives its id.
func (o *host) insertRow(ctx context.Context, tx session, h *handler, r *scim.Resource) (string, error) {
	columns, err := o.changes(h, nil, r.Document())
	if err != nil {
		return "", final{err}
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
		values = append(values, "{v"+strconv.Itoa(i)+"}")
	}
	text := "INSERT INTO " + o.Name + " (" + strings.Join(names, ", ") + ") VALUES (" + strings.Join(values, ", ") + ")"
	if len(names) == 0 {
		text = "INSERT INTO " + o.Name + " DEFAULT VALUES"
	}
	var id string
	err = o.dialect.compile(text+" RETURNING CAST("+o.ID+" AS text)").row(ctx, tx, p).Scan(&id)
	return o.IDPrefix + id, o.conflict(err)
}

// updateRow writes the columns whose attributes have changed.
func (o *host) updateRow(ctx context.Context, tx session, h *handler, p params, was, is *document.Doc) error {
	columns, err := o.changes(h, was, is)
	if err != nil {
		return final{err}
	}
	if len(columns) == 0 {
		return nil
	}
	p = maps.Clone(p)
	var set []string
	for i, name := range slices.Sorted(maps.Keys(columns)) {
		p["v"+strconv.Itoa(i)] = columns[name]
		set = append(set, name+" = {v"+strconv.Itoa(i)+"}")
	}
	text := "UPDATE " + o.Name + " SET " + strings.Join(set, ", ") + " WHERE " + o.ID + " = {key}"
	if o.Tenant != "" {
		text += " AND " + o.Tenant + " = {host_tenant}"
	}
	_, err = o.dialect.compile(text).exec(ctx, tx, p)
	return o.conflict(err)
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

// putSide stores what the host's table has no columns for.
func (o *host) putSide(ctx context.Context, tx session, h *handler, p params, is, was *document.Doc) error {
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
	rest := o.remainder(h, is)
	row := h.row(rest.WithMeta(m))
	row["keys"] = string(filter.Keys(o.indexable(rest)))
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
	_, err := o.side.put.exec(ctx, tx, row)
	return h.conflict(err)
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
