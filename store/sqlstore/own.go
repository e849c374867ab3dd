package sqlstore

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/filter/sqlfilter"
	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/scim"
)

// lists say which lists of references a document is to have.
type lists uint8

const (
	showMembers lists = 1 << iota
	showGroups
)

// own is the place of the resources of one type in the library's tables.
type own struct {
	prefix  string
	dialect sqlOf
	refs    *references
	every   string // the end of all and counting

	get, lock, all [4]statement // by lists
	counting       statement
	holding        statement // PostgreSQL's

	whole   statement    // PostgreSQL's: insert, add and names in one
	peeking statement    // PostgreSQL's: a resource, and what plan finds
	swapped [4]statement // PostgreSQL's: update, and put into and take out of the list, of a version

	insert, update, delete statement
	add, sum               statement // add to, and read, the number of resources
	names, forget          statement // insert and remove keys by which resources are looked up
}

// selectResources reads the resources of one type and tenant, with further columns.
func selectResources(columns string) string {
	return `SELECT r.id, r.doc, r.version, r.created, r.modified` + columns + ` FROM {p}resources r WHERE r.tenant = {tenant} AND r.type = {TYPE}`
}

const (
	updateResource = `UPDATE {p}resources SET doc = {doc}, keys = {KEYS}, name_key = {name_key}, external_key = {external_key},
		display = {display}, version = {version}, created = {created}, modified = {modified}
		WHERE tenant = {tenant} AND type = {TYPE} AND id = {id}`
	addToCount = `INSERT INTO {p}counts (tenant, type, part, n) VALUES ({tenant}, {TYPE}, {part}, {n})
		ON CONFLICT (tenant, type, part) DO UPDATE SET n = {p}counts.n + excluded.n`
)

// insertResources inserts {rows}, arrays of what is in a row behind tenant and type.
func insertResources(d sqlOf) string {
	number := func(i int) string { return `CAST(` + d.element(i) + ` AS bigint)` }
	return `INSERT INTO {p}resources (tenant, type, id, doc, keys, name_key, external_key, display, version, created, modified)
		SELECT {tenant}, {TYPE}, ` + d.element(0) + `, ` + d.element(1) + `, ` + d.inner(2) + `, ` + d.element(3) + `, ` + d.element(4) + `, ` +
		d.element(5) + `, ` + d.element(6) + `, ` + number(7) + `, ` + number(8) + ` FROM ` + d.each("{rows}")
}

// insertNames inserts {names}, arrays of an id, an attribute, a key of it, and the
// same again if the attribute is unique.
func insertNames(d sqlOf) string {
	return `INSERT INTO {p}names (tenant, type, id, attribute, value_key, uniq_key)
		SELECT {tenant}, {TYPE}, ` + d.element(0) + `, ` + d.element(1) + `, ` + d.element(2) + `, ` + d.element(3) + ` FROM ` + d.each("{names}")
}

func newOwn(d sqlOf, prefix string, l *layout, all []*layout, hosts ...*host) *own {
	refs := ownReferences(d, prefix, l, all, hosts...)
	expand := strings.NewReplacer("{p}", prefix, "{TYPE}", literal(l.model.Name), "{KEYS}", d.toJSON("{keys}")).Replace
	c := func(text string) statement { return d.compile(expand(text)) }
	o := &own{
		prefix: prefix, dialect: d, refs: refs,
		insert: c(insertResources(d)), add: c(addToCount), names: c(insertNames(d)),
		update: c(updateResource),
		delete: c(`DELETE FROM {p}resources WHERE tenant = {tenant} AND type = {TYPE} AND id = {id}`),
		forget: c(`DELETE FROM {p}names WHERE tenant = {tenant} AND type = {TYPE} AND id = {id}`),
	}
	const every = `r.tenant = {tenant} AND r.type = {TYPE}`
	o.every = d.compile(expand(every), o.base()...).text
	for show := range lists(4) {
		all := selectResources(refs.columns(show))
		o.all[show] = d.compile(expand(all), o.base()...)
		o.get[show] = c(all + ` AND r.id = {id}`)
		o.lock[show] = c(all + ` AND r.id = {id}` + d.forUpdate("r"))
	}
	if d.Dialect == PostgreSQL {
		o.whole = d.compile(`WITH r AS (` + expand(insertResources(d)) + `), n AS (` + expand(insertNames(d)) + `) ` + expand(addToCount))
		o.compileSwaps(d, c)
	}
	if lock := d.forUpdate(""); lock != "" {
		o.holding = c(`SELECT 1 FROM {p}resources WHERE tenant = {tenant} AND type = {TYPE} AND id = {id}` + lock)
	}
	o.sum = d.compile(expand(`SELECT coalesce(sum(n), 0) FROM {p}counts WHERE tenant = {tenant} AND type = {TYPE}`), o.base()...)
	o.counting = d.compile(expand(`SELECT count(*) FROM {p}resources r WHERE `+every), o.base()...)
	return o
}

func (o *own) read(show lists, lock bool) statement {
	if lock {
		return o.lock[show]
	}
	return o.get[show]
}

// hold is needed for lists in other tables than the one with the lock.
func (o *own) hold(show lists) (statement, bool) {
	return o.holding, o.holding.text != "" && o.refs.members != "" && show&showMembers != 0
}

func (o *own) list(show lists) statement { return o.all[show] }
func (o *own) count() statement          { return o.counting }
func (o *own) references() *references   { return o.refs }

func (o *own) id(h *handler, id string) (params, bool) {
	return params{"tenant": h.tenant, "id": id, "key": id}, storable(id)
}

func (o *own) ready(context.Context, *handler, string) error { return nil }

func (o *own) ignores(_ *handler, _, _ *record) bool { return false }

func (o *own) beyond(filter.Expr) error     { return nil }
func (o *own) unsorted(*filter.Order) error { return nil }

func (o *own) has(tenant string) bool { return storable(tenant) }

func (o *own) by() string     { return "r.id" }
func (o *own) base() []string { return []string{"tenant"} }

func (o *own) everything(h *handler) params { return params{"tenant": h.tenant} }

// scan makes a record of a row.
func (o *own) scan(h *handler, row interface{ Scan(...any) error }) (*record, error) {
	var id, version string
	var doc, members, groups []byte
	var created, modified int64
	if err := row.Scan(&id, &doc, &version, &created, &modified, &members, &groups); err != nil {
		return nil, err
	}
	r, err := scim.ParseResource(h.rt, doc)
	if err != nil {
		return nil, fmt.Errorf("sqlstore: the document of %s %s: %w", h.model.Name, id, err)
	}
	rec := &record{doc: r.Document().WithMeta(document.Meta{
		Created: time.UnixMicro(created).UTC(), LastModified: time.UnixMicro(modified).UTC(), Version: version})}
	return h.addLists(rec, members, groups), nil
}

func (o *own) create(ctx context.Context, tx session, h *handler, r *scim.Resource) (id string, err error) {
	return r.ID(), o.createAll(ctx, tx, h, []*scim.Resource{r})
}

// createAll is create for several at once. In PostgreSQL it is one statement, and
// needs no transaction.
func (o *own) createAll(ctx context.Context, tx session, h *handler, all []*scim.Resource) error {
	rows, names := []byte{'['}, []byte{'['}
	for _, r := range all {
		rows = append(h.appendRow(rows, r.Document()), ',')
		names = h.appendNames(names, r.Document())
	}
	p := params{"tenant": h.tenant, "rows": string(closeList(rows)), "part": part(), "n": len(all), "names": cmp.Or(string(closeList(names)), "[]")}
	steps := []statement{o.whole}
	if o.whole.text == "" {
		steps = []statement{o.insert, o.add, o.names}
	}
	if p["names"] == "[]" && len(steps) > 1 {
		steps = steps[:2]
	}
	for _, s := range steps {
		if _, err := s.exec(ctx, tx, p); err != nil {
			return h.conflict(err)
		}
	}
	return nil
}

func (o *own) save(ctx context.Context, tx session, h *handler, was, is *record) error {
	if is.doc.Equal(was.doc) {
		return nil
	}
	p := h.row(is.doc)
	if _, err := o.update.exec(ctx, tx, p); err != nil {
		return h.conflict(err)
	}
	names := h.appendNames(nil, is.doc)
	if bytes.Equal(names, h.appendNames(nil, was.doc)) {
		return nil
	}
	if _, err := o.forget.exec(ctx, tx, p); err != nil {
		return err
	}
	return o.putNames(ctx, tx, h, p, names)
}

// putNames inserts what appendNames gives for the resource with the parameters p.
func (o *own) putNames(ctx context.Context, tx session, h *handler, p params, names []byte) error {
	if len(names) == 0 {
		return nil
	}
	p["names"] = "[" + string(bytes.TrimSuffix(names, []byte{','})) + "]"
	_, err := o.names.exec(ctx, tx, p)
	return h.conflict(err)
}

func (o *own) remove(ctx context.Context, tx session, _ *handler, p params) error {
	p["part"], p["n"] = part(), -1
	_, err := o.delete.exec(ctx, tx, p)
	if err == nil {
		_, err = o.add.exec(ctx, tx, p)
	}
	return err
}

func (o *own) after(_ context.Context, _ session, _ *handler, is *record, _ params) (*record, error) {
	return is, nil
}

func (o *own) total() (statement, bool) { return o.sum, true }

func (o *own) columns(l *layout) sqlfilter.Columns {
	key := func(sql string) sqlfilter.Column { return sqlfilter.Column{SQL: sql, Form: sqlfilter.Key} }
	micros := func(sql string) sqlfilter.Column { return sqlfilter.Column{SQL: sql, Form: sqlfilter.UnixMicros} }
	c := sqlfilter.Columns{Keys: "r.keys", Attributes: map[string]sqlfilter.Column{
		"id": key("r.id"), "meta.created": micros("r.created"), "meta.lastModified": micros("r.modified"),
		"meta.version": key("r.version"), "meta.resourceType": {SQL: literal(l.model.Name)},
		"externalId": key("r.external_key"),
	}}
	if l.name != nil {
		c.Attributes[l.name.Path] = key("r.name_key")
	}
	return c
}

// lookups finds resources by the keys of further attributes.
func (o *own) lookups(l *layout) []lookup {
	var all []lookup
	for _, a := range l.indexed {
		all = append(all, lookup{path: a.Path, attr: a, exact: true, whole: o.dialect.Dialect == PostgreSQL,
			condition: o.dialect.amongRows(`r.`, [3]string{"n.tenant", "n.type", "n.id"}, o.prefix+`names n WHERE n.tenant = {tenant} AND n.type = `+
				literal(l.model.Name)+` AND n.attribute = '`+strings.ReplaceAll(a.Path, "'", "''")+`' AND n.value_key = %s`)})
	}
	return all
}

// countParts is into how many parts a count is split.
const countParts = 8

// part picks the part of a count that is changed.
func part() int { return rand.IntN(countParts) }
