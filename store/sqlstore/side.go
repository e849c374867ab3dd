package sqlstore

import "strings"

// sideStatements are about the row of the library's that stands beside a row of
// the host's.
//
// orphan removes the one with the name of {name_key} whose row of the host's went
// without SCIM; stale takes the name from the one whose row has another by now,
// or is no resource of the tenant any more. It may become one again, so that the
// rest stays.
type sideStatements struct{ put, remove, orphan, stale statement }

func newSide(d sqlOf, prefix string, l *layout) sideStatements {
	expand := strings.NewReplacer("{p}", prefix, "{TYPE}", literal(l.model.Name), "{KEYS}", d.toJSON("{keys}")).Replace
	c := func(text string) statement { return d.compile(expand(text)) }
	return sideStatements{
		put: c(`INSERT INTO {p}resources (tenant, type, id, doc, keys, name_key, external_key, display, version, created, modified)
			VALUES ({tenant}, {TYPE}, {id}, {doc}, {KEYS}, {name_key}, {external_key}, {display}, {version}, {created}, {modified})
			ON CONFLICT (tenant, type, id) DO UPDATE SET doc = excluded.doc, keys = excluded.keys, name_key = excluded.name_key,
			external_key = excluded.external_key, display = excluded.display, version = excluded.version,
			created = excluded.created, modified = excluded.modified`),
		remove: c(`DELETE FROM {p}resources WHERE tenant = {tenant} AND type = {TYPE} AND id = {id}`),
	}
}
