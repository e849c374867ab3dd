package sqlstore

import "strings"

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
