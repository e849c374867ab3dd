package sqlstore

import (
	"slices"
	"strings"

	"github.com/scimkit/scimkit/filter/sqlfilter"
	"github.com/scimkit/scimkit/internal/model"
)

// references has the statements about the lists of references of one resource
// type: the one that clients write, Group.members, and the one that they only
// read, User.groups.
type references struct {
	members, groups string // expressions in a SELECT of resources, "" if there is no such list

	// plan tells of each of {ids} its type, what it is displayed by and
	// whether it is in the list; add puts into the list those of {ids} that there
	// are; drop takes {ids} out; keep takes out all but {ids}, and left finds out
	// whether the application has let it, in tables of the host's.
	plan, add, drop, keep, left statement
	repeated                    bool   // a member may have several rows
	planned                     string // the text of plan, in the library's own tables

	// self says that members may be of the type of the list, so that one with
	// the list's own id is the list itself.
	self bool

	// adopt are the hosts of members that may have no row of the library's yet,
	// which a list in the library's table needs.
	adopt []*host

	// prefix and possible are those of the members' ids: what stands before
	// what the database knows, and whether it can be that; nil for any.
	prefix   string
	possible func(key string) bool

	// holders are the lists that resources of the type can be in.
	holders []holder

	lists   map[string][]sqlfilter.List // for filters, by path
	lookups []lookup
}

// A holder is about the resources of one type that have a resource in their
// lists: lock locks them in a fixed order, touch gives them a new version.
type holder struct{ lock, touch statement }

// A lookup is an index by which resources with a value are found.
type lookup struct {
	path string // as filter.Filter.Equals wants it
	attr *model.Attr
	// condition finds the resources with the key %s, and perhaps more; if it is
	// exact, no more; if it is whole, of the tenant and the type alone. What is
	// in the library's tables has the ids in id of the rows from.
	condition    string
	exact, whole bool
	sent         bool // the condition has the value as it is sent, too, %[2]s beside %[1]s
	id, from     string
	// convert makes the key of a value that no comparison key is for; ok is
	// false for what nothing can have.
	convert func(value string) (key any, ok bool)
}

// columns are the lists as columns of a SELECT.
func (r *references) columns(show lists) string {
	column := func(list string, shown lists) string {
		if list == "" || show&shown == 0 {
			return ", NULL"
		}
		return ", " + list
	}
	return column(r.members, showMembers) + column(r.groups, showGroups)
}

// ownReferences are references in the library's own table. A member whose row in
// one of hosts is gone, or hidden, is none: the application does not tell the
// library.
func ownReferences(d sqlOf, prefix string, l *layout, all []*layout, hosts ...*host) *references {
	b := &ownBuilder{d: d, prefix: prefix, layout: l, allowed: allowed(all), refs: &references{lists: make(map[string][]sqlfilter.List)}}
	b.holders(all)
	if l.members != nil {
		b.types = l.refersTo(l.members, all)
		b.members(hosts)
	}
	if l.groups != nil {
		b.types = l.refersTo(l.groups, all)
		b.groups(all)
	}
	return b.refs
}

// ownBuilder makes the statements of ownReferences about one list, whose elements
// may be of some types.
type ownBuilder struct {
	d       sqlOf
	prefix  string
	layout  *layout
	types   []string
	allowed string
	refs    *references
}

// expand puts names into a text: {p}, {TYPE} of the list, {TYPES} of its elements,
// {IDS}, {FOUND}, the resource j.value of one of these types, and {ALLOWED}, whether
// the schemas allow m, a row of members.
func (b *ownBuilder) expand(text string) string {
	var names, found []string
	for _, name := range b.types {
		names = append(names, literal(name))
		found = append(found, strings.Replace(memberOfType, "{ONE}", literal(name), 1))
	}
	text = strings.ReplaceAll(text, "{FOUND}", strings.Join(found, " UNION ALL "))
	return strings.NewReplacer("{p}", b.prefix, "{TYPE}", literal(b.layout.model.Name), "{TYPES}", strings.Join(names, ", "),
		"{IDS}", b.d.eachText("{ids}"), "{ALLOWED}", b.allowed).Replace(text)
}

// holders is about the lists in the library's tables that a resource can be in.
func (b *ownBuilder) holders(all []*layout) {
	for _, list := range all {
		if list.mapped || list.members == nil || !list.allows(list.members, b.layout.model.Name) {
			continue
		}
		where := ` WHERE ` + b.d.amongRows(``, [3]string{"m.tenant", "m.list_type", "m.list_id"}, b.expand(`{p}members m
			WHERE m.tenant = {tenant} AND m.member_type = {TYPE} AND m.member_id = {id} AND m.list_type = `)+literal(list.model.Name)) + b.d.ofType(`{tenant}`, list.model.Name)
		b.refs.holders = append(b.refs.holders, holder{
			lock:  b.d.compile(b.expand(`SELECT id FROM {p}resources`) + where + ` ORDER BY id` + b.d.forUpdate("")),
			touch: b.d.compile(b.expand(`UPDATE {p}resources SET version = {version}, modified = CASE WHEN modified < {modified} THEN {modified} ELSE modified + 1 END`) + where),
		})
	}
}

// members is about the list that clients write.
func (b *ownBuilder) members(hosts []*host) {
	list, refs := b.layout.members, b.refs
	refs.self = slices.Contains(b.types, b.layout.model.Name)
	visible, display := seen("u", b.types, hosts), shows("u", b.types, hosts)
	whole := func(text string) string {
		return strings.NewReplacer("{u seen}", visible, "{x seen}", seen("x", b.types, hosts),
			"{u shown}", display, "{x shown}", shows("x", b.types, hosts)).Replace(b.expand(text))
	}
	c := func(text string) statement { return b.d.compile(whole(text)) }
	from := b.expand(`{p}members m JOIN {p}resources u ON u.tenant = m.tenant AND u.type = m.member_type AND u.id = m.member_id`)
	on := b.expand(`m.tenant = r.tenant AND m.list_type = {TYPE} AND m.list_id = r.id AND {ALLOWED}` + visible)
	refs.members = `(SELECT ` + b.d.gatherIn("m.member_id, m.member_type, "+display, " ORDER BY m.place, m.member_id") + ` FROM ` + from + ` WHERE ` + on + `)`
	refs.lists[list.Path] = []sqlfilter.List{{From: from, On: on, Order: "m.place, m.member_id",
		Attributes: b.layout.columnsOf(list, "m.member_id", "m.member_type", display)}}
	// coalesce keeps PostgreSQL from the primary key, of which it would read all lists.
	b.lookup(list, [3]string{"m.tenant", "m.list_type", "m.list_id"}, `{p}members m WHERE m.tenant = {tenant}
		AND coalesce(m.list_type, m.list_type) = {TYPE} AND m.member_type IN ({TYPES}) AND m.member_id = %s`, visible == "")

	plan, add := ownPlan, ownAdd
	if b.d.Dialect == PostgreSQL {
		plan, add = lateralPlan, lateralAdd
	}
	refs.planned = whole(plan)
	refs.plan, refs.add = c(plan), c(add)
	refs.drop = c(`DELETE FROM {p}members WHERE tenant = {tenant} AND list_type = {TYPE} AND list_id = {id}
		AND member_type IN ({TYPES}) AND member_id IN (SELECT j.value FROM {IDS})`)
	keep := `DELETE FROM {p}members WHERE tenant = {tenant} AND list_type = {TYPE} AND list_id = {id}
		AND member_id NOT IN (SELECT j.value FROM {IDS})`
	if visible != "" { // members that clients do not see stay
		keep += ` AND EXISTS (SELECT 1 FROM {p}resources u WHERE u.tenant = {tenant} AND u.type = {p}members.member_type
			AND u.id = {p}members.member_id{u seen})`
	}
	refs.keep = c(keep)
}

// groups is about the list that clients only read.
func (b *ownBuilder) groups(all []*layout) {
	list, refs := b.layout.groups, b.refs
	from := b.expand(b.groupList(all))
	refs.groups = `(SELECT ` + b.d.gather("g.id, g.display, x.direct") + ` FROM ` + from + `)`
	refs.lists[list.Path] = []sqlfilter.List{{From: from, On: "1 = 1", Order: "g.id",
		Attributes: b.layout.columnsOf(list, "g.id", "CASE x.direct WHEN 1 THEN 'direct' ELSE 'indirect' END", "g.display")}}
	within := `{p}members m WHERE m.tenant = {tenant} AND m.list_type IN ({TYPES}) AND m.member_type = {TYPE} AND m.list_id = %s AND {ALLOWED}`
	if nested(all) {
		within = `(WITH RECURSIVE down (tenant, member_type, member_id) AS (SELECT m.tenant, m.member_type, m.member_id
			FROM {p}members m WHERE m.tenant = {tenant} AND m.list_type IN ({TYPES}) AND m.list_id = %s AND {ALLOWED}
			UNION SELECT m.tenant, m.member_type, m.member_id FROM down CROSS JOIN {p}members m
			WHERE m.tenant = {tenant} AND m.list_type = down.member_type AND m.list_id = down.member_id AND {ALLOWED})
			SELECT tenant, member_type, member_id FROM down) m WHERE m.member_type = {TYPE}`
	}
	b.lookup(list, [3]string{"m.tenant", "m.member_type", "m.member_id"}, within, !slices.Contains(b.types, b.layout.model.Name))
}

// lookup notes how resources are found by an element of list.
func (b *ownBuilder) lookup(list *model.Attr, key [3]string, from string, exact bool) {
	x := lookup{id: key[2], from: b.expand(from), exact: exact, whole: b.d.Dialect == PostgreSQL}
	x.condition = b.d.amongRows("r.", key, x.from)
	b.refs.lookup(b.layout, list, x, nil)
}

// What changes of the library's own lists ask first, and what puts elements into
// them. A PostgreSQL that has no statistics yet takes a tenant's users for few,
// and reads them all once for each element, unless the query leaves it no choice;
// SQLite reads them all once, unless CROSS JOIN tells it what comes first.
const (
	ownPlan = `SELECT j.value, u.type, {u shown}, m.member_id FROM {IDS}
		LEFT JOIN {p}resources u ON u.tenant = {tenant} AND u.type IN ({TYPES}) AND u.id = j.value{u seen}
		LEFT JOIN {p}members m ON m.tenant = {tenant} AND m.list_type = {TYPE} AND m.list_id = {id}
			AND m.member_type = u.type AND m.member_id = u.id`
	lateralPlan = `SELECT j.value, u.type, u.display, m.member_id FROM {IDS}
		LEFT JOIN LATERAL ({FOUND} OFFSET 0) u ON true
		LEFT JOIN LATERAL (SELECT x.member_id FROM {p}members x WHERE x.tenant = {tenant} AND x.list_type = {TYPE} AND x.list_id = {id}
			AND x.member_type = u.type AND x.member_id = u.id OFFSET 0) m ON true`

	ownAdd = `INSERT INTO {p}members (tenant, list_type, list_id, member_type, member_id, place)
		SELECT u.tenant, {TYPE}, {id}, u.type, u.id, {place} + j.key FROM {IDS}
		CROSS JOIN {p}resources u WHERE u.tenant = {tenant} AND u.type IN ({TYPES}) AND u.id = j.value{u seen} ON CONFLICT DO NOTHING`
	lateralAdd = `INSERT INTO {p}members (tenant, list_type, list_id, member_type, member_id, place)
		SELECT u.tenant, {TYPE}, {id}, u.type, u.id, {place} + j.key FROM {IDS}
		CROSS JOIN LATERAL ({FOUND} OFFSET 0) u ON CONFLICT DO NOTHING`
	// One for each type that members may have: with IN, it takes the type for no
	// part of the key, and reads all ids.
	memberOfType = `SELECT x.tenant, x.type, {x shown} AS display, x.id FROM {p}resources x WHERE x.tenant = {tenant} AND x.type = {ONE} AND x.id = j.value{x seen}`
)

// lookup notes how the elements of list are found by their value, if that has
// one form only. host is where the elements are, if not in the library's tables.
func (r *references) lookup(l *layout, list *model.Attr, x lookup, host *host) {
	x.attr = l.model.Attr(list.Value)
	x.path = x.attr.Path
	if host != nil {
		x.convert = host.toKey
	}
	if x.attr.CaseExact {
		r.lookups = append(r.lookups, x)
	}
}

// columnsOf tells where the sub-attributes of list are.
func (l *layout) columnsOf(list *model.Attr, value, typ, display string) map[string]sqlfilter.Column {
	columns := make(map[string]sqlfilter.Column)
	for id, sql := range map[model.ID]string{list.Value: value, list.TypeSub: typ, list.Display: display} {
		if id != model.None {
			columns[l.model.Attr(id).Name] = sqlfilter.Column{SQL: sql}
		}
	}
	return columns
}

// groupList is the groups g that r is in, direct or by way of other groups (RFC
// 7643 section 4.1.2). Cycles end where they began.
func (b *ownBuilder) groupList(all []*layout) string {
	found := `SELECT m.list_type AS type, m.list_id AS id, 1 AS direct FROM {p}members m
		WHERE m.tenant = r.tenant AND m.member_type = {TYPE} AND m.member_id = r.id AND {ALLOWED}`
	if nested(all) {
		found = `WITH RECURSIVE up (type, id, direct) AS (` + found + ` UNION SELECT m.list_type, m.list_id, 0
			FROM up CROSS JOIN {p}members m WHERE m.tenant = r.tenant AND m.member_type = up.type AND m.member_id = up.id AND {ALLOWED})
			SELECT type, id, max(direct) AS direct FROM up GROUP BY type, id`
	}
	const other = ` AND x.type IN ({TYPES}) AND NOT (x.type = {TYPE} AND x.id = r.id)`
	if b.d.Dialect == PostgreSQL {
		return `(` + found + `) x CROSS JOIN LATERAL (SELECT g.id, g.display FROM {p}resources g
			WHERE g.tenant = r.tenant AND g.type = x.type AND g.id = x.id` + other + ` OFFSET 0) g`
	}
	return `(` + found + `) x JOIN {p}resources g ON g.tenant = r.tenant AND g.type = x.type AND g.id = x.id` + other
}
