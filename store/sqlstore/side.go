package sqlstore

import (
	"context"
	"strings"

	"github.com/scimkit/scimkit/internal/document"
)

// sideStatements are about the row of the library's that stands beside a row of
// the host's.
//
// orphan removes the one with the name of {name_key} whose row of the host's went
// without SCIM; stale takes the name from the one whose row has another by now,
// or is no resource of the tenant any more. It may become one again, so that the
// rest stays.
//
// keep is put without the name: who keeps a name, or has been given it by the
// application, is in nobody's way.
type sideStatements struct{ put, keep, remove, orphan, stale statement }

func newSide(d sqlOf, prefix string, l *layout) sideStatements {
	expand := strings.NewReplacer("{p}", prefix, "{TYPE}", literal(l.model.Name), "{KEYS}", d.toJSON("{keys}")).Replace
	c := func(text string) statement { return d.compile(expand(text)) }
	put := func(name, value, set string) statement {
		return c(`INSERT INTO {p}resources (tenant, type, id, doc, keys, ` + name + `external_key, display, version, created, modified)
			VALUES ({tenant}, {TYPE}, {id}, {doc}, {KEYS}, ` + value + `{external_key}, {display}, {version}, {created}, {modified})
			ON CONFLICT (tenant, type, id) DO UPDATE SET doc = excluded.doc, keys = excluded.keys, ` + set + `
			external_key = excluded.external_key, display = excluded.display, version = excluded.version,
			created = excluded.created, modified = excluded.modified`)
	}
	return sideStatements{
		put:    put("name_key, ", "{name_key}, ", "name_key = excluded.name_key,"),
		keep:   put("", "", ""),
		remove: c(`DELETE FROM {p}resources WHERE tenant = {tenant} AND type = {TYPE} AND id = {id}`),
	}
}

// putSide stores what the host's table has no columns for, or the keys of rest.
func (o *host) putSide(ctx context.Context, tx session, h *handler, p params, rest string, is, was *document.Doc) error {
	m := is.Meta()
	switch {
	case m.Created.IsZero() && m.LastModified.IsZero():
		m.Created = now()
		m.LastModified = m.Created
	case m.Created.IsZero(): // a row of the application's, which is changed
		m.Created = m.LastModified
	case m.LastModified.IsZero():
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
	put := o.side.keep
	if h.name != nil {
		name, _ := is.Get(h.name.ID)
		row["name_key"], row["name_sent"] = key(is, h.name), name.String()
		if was == nil || key(was, h.name) != row["name_key"] {
			put = o.side.put
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
	_, err = put.exec(ctx, tx, row)
	return h.conflict(err)
}

// sideRow is the row of the library's for what of d the host's tables have no place
// for.
func (o *host) sideRow(h *handler, d *document.Doc, rest string) (params, error) {
	if o.Rest != "" {
		d = h.bare(d)
		for _, l := range o.child {
			d = l.beside(d)
		}
		return o.keyed(h, o.unknownOf(document.Trusted(d.Bytes())), rest)
	}
	d = o.remainder(h, d)
	row := h.row(d)
	row["keys"] = o.keysOf(d)
	return row, nil
}
