package sqlstore

import "strings"

// lists say which lists of references a document is to have.
type lists uint8

const (
	showMembers lists = 1 << iota
	showGroups
)

// own has the statements about resources of one type in the library's tables.
type own struct {
	get, lock [4]statement // by lists
	listing   [4]statement // a list up to and without further conditions
	counting  statement    // the same for the number of all

	insert, update, remove statement
	count, total           statement // add to, and read, the number of resources
	version                statement // reads the version and waits for who is about to change it
	names, forget          statement // insert and remove keys by which resources are looked up
	touch, holders         statement // change the version of, and lock, the lists that a resource is in
}

func newOwn(d sqlOf, prefix string, l *layout, refs *references) *own {
	expand := strings.NewReplacer("{p}", prefix, "{TYPE}", literal(l.model.Name), "{KEYS}", d.toJSON("{keys}")).Replace
	c := func(text string) statement { return d.compile(expand(text), 1) }
	o := &own{
		insert: c(`INSERT INTO {p}resources (tenant, type, id, doc, keys, name_key, external_key, display, version, created, modified)
			VALUES ({tenant}, {TYPE}, {id}, {doc}, {KEYS}, {name_key}, {external_key}, {display}, {version}, {created}, {modified})`),
		update: c(`UPDATE {p}resources SET doc = {doc}, keys = {KEYS}, name_key = {name_key}, external_key = {external_key},
			display = {display}, version = {version}, created = {created}, modified = {modified}
			WHERE tenant = {tenant} AND type = {TYPE} AND id = {id}`),
		remove: c(`DELETE FROM {p}resources WHERE tenant = {tenant} AND type = {TYPE} AND id = {id}`),
		count: c(`INSERT INTO {p}counts (tenant, type, part, n) VALUES ({tenant}, {TYPE}, {part}, {n})
			ON CONFLICT (tenant, type, part) DO UPDATE SET n = {p}counts.n + excluded.n`),
		total: c(`SELECT coalesce(sum(n), 0) FROM {p}counts WHERE tenant = {tenant} AND type = {TYPE}`),
		names: c(`INSERT INTO {p}names (tenant, type, attribute, value_key, id, uniq_key)
			SELECT {tenant}, {TYPE}, ` + d.element(0) + `, ` + d.element(1) + `, {id}, ` + d.element(2) + ` FROM ` + d.each("{names}")),
		forget:  c(`DELETE FROM {p}names WHERE tenant = {tenant} AND type = {TYPE} AND id = {id}`),
		touch:   c(`UPDATE {p}resources SET version = {version}, modified = CASE WHEN modified < {modified} THEN {modified} ELSE modified + 1 END` + holding),
		holders: c(`SELECT id FROM {p}resources` + holding + ` ORDER BY type, id` + d.forUpdate("")),
	}
	for show := range lists(4) {
		all := `SELECT r.id, r.doc, r.version, r.created, r.modified` + refs.columns(show) +
			` FROM {p}resources r WHERE r.tenant = {tenant} AND r.type = {TYPE}`
		o.listing[show] = c(all)
		o.get[show] = c(all + ` AND r.id = {id}`)
		o.lock[show] = c(all + ` AND r.id = {id}` + d.forUpdate("r"))
	}
	o.version = c(`SELECT r.version FROM {p}resources r WHERE r.tenant = {tenant} AND r.type = {TYPE} AND r.id = {id}` + d.forUpdate("r"))
	o.counting = c(`SELECT count(*) FROM {p}resources r WHERE r.tenant = {tenant} AND r.type = {TYPE}`)
	return o
}

// holding selects the resources that have the resource {id} in their lists.
const holding = ` WHERE tenant = {tenant} AND (type, id) IN (SELECT list_type, list_id FROM {p}members
	WHERE tenant = {tenant} AND member_type = {TYPE} AND member_id = {id})`
