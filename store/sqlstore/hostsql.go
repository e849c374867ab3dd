package sqlstore

import (
	"context"
	"iter"
	"strings"
)

// fragments makes the SQL that depends on this table alone.
func (o *host) fragments() {
	text := "CAST(t." + o.ID + " AS text)"
	if o.IDPrefix != "" {
		text = "'" + strings.ReplaceAll(o.IDPrefix, "'", "''") + "' || " + text
	}
	o.idText = "(" + text + ")"
	if o.dialect.Dialect == PostgreSQL {
		o.idText += ` COLLATE "C"`
	}
	join := " JOIN "
	if o.Existing == Adopt {
		join = " LEFT JOIN "
	}
	o.from = o.Name + " t" + join + o.prefix + "resources r ON " + o.onRow()
	if o.Rest != "" && o.Existing != Adopt { // see ready
		o.from += " AND r.version <> ''"
	}
	o.where = "1 = 1"
	if o.Tenant != "" {
		o.where += " AND " + o.ofTenant("t.")
	}
	o.where += o.shown()
	o.display, o.keying = o.displayed(), o.withKey()
}

// shown is what is true of the rows that clients of their tenant see.
func (o *host) shown() (where string) {
	if o.DeletedAt != "" {
		where = " AND t." + o.DeletedAt + " IS NULL"
	}
	if o.Where != "" {
		where += " AND (" + o.Where + ")"
	}
	return where
}

// onRow is true of the library's row r beside the host's t.
func (o *host) onRow() string {
	return "r.tenant = " + o.ofRow("CAST({tenant} AS text)") + " AND r.type = " + o.ofRow(literal(o.layout.model.Name)) + " AND r.id = " + o.idText
}

// displayed is what a resource is displayed by: the first of its names that has a
// text, in a column or else in the library's row.
func (o *host) displayed() string {
	var names []string
	for _, shown := range o.layout.shown {
		for _, m := range o.mapped {
			if m.attr == shown && !m.opaque() {
				names = append(names, "NULLIF(CAST("+m.read+" AS text), '')")
			}
		}
	}
	if len(names) < len(o.layout.shown) || names == nil {
		names = append(names, "r.display")
	}
	if len(names) == 1 {
		return names[0]
	}
	return "coalesce(" + strings.Join(names, ", ") + ")"
}

// adopting makes rows of the library's for the rows with the keys {ids} that have none.
func (o *host) adopting() statement {
	return o.compile("INSERT INTO " + o.prefix + "resources (tenant, type, id, doc, keys, display, version, created, modified) SELECT {tenant}, " +
		literal(o.layout.model.Name) + ", " + o.idText + ", CAST({doc} AS text), " + o.dialect.toJSON("{keys}") + ", coalesce(" + o.display +
		", ''), CAST({version} AS text), CAST({modified} AS bigint), CAST({modified} AS bigint) FROM " + o.from + " WHERE " + o.where +
		" AND r.id IS NULL AND " + o.dialect.among("t."+o.ID, "SELECT CAST(j.value AS "+o.key.indexed(o.dialect.Dialect)+") FROM "+o.dialect.eachText("{ids}")) +
		o.dialect.forKeyShare("t") + " ON CONFLICT DO NOTHING")
}

func (o *host) adoptRows(ctx context.Context, tx session, h *handler, ids iter.Seq[string]) error {
	p := params{"tenant": h.tenant, "doc": "{}", "keys": "{}", "version": newVersion(), "modified": now().UnixMicro(), "ids": o.keysIn(ids)}
	if o.Tenant != "" {
		p["host_tenant"] = o.tenantKey(h.tenant)
	}
	_, err := o.linking.exec(ctx, tx, p)
	return err
}

// statements makes what the handler runs, when references and lists are known.
func (o *host) statements() {
	c := func(text string) statement { return o.compile(text) }
	columns := ""
	for _, m := range o.mapped {
		columns += ", " + m.read
	}
	for _, l := range o.child {
		columns += ", " + l.gather
	}
	if o.Rest != "" {
		columns += ", " + o.restText()
	}
	for _, m := range o.keying {
		columns += ", t." + m.Key
	}
	for show := range lists(4) {
		all := "SELECT " + o.idText + ", r.doc, r.version, r.created, r.modified" + o.refs.columns(show) + columns + " FROM " + o.from + " WHERE " + o.where
		o.all[show] = o.compile(all, o.base()...)
		o.pages(show, all)
		one := strings.Replace(all, o.onRow(), "r.tenant = {tenant} AND r.type = "+literal(o.layout.model.Name)+" AND r.id = {id}", 1)
		one = strings.TrimSuffix(one, o.where) + o.byID("{key}")
		o.get[show], o.lock[show] = c(one), c(one+o.dialect.forUpdate("t"))
	}
	left := strings.Replace(strings.Replace(o.from, " LEFT JOIN ", " JOIN ", 1), " JOIN ", " LEFT JOIN ", 1)
	whole := "SELECT " + o.idText + ", r.doc, r.version, r.created, r.modified, NULL, NULL" + columns + " FROM " + left + " WHERE "
	o.unlinked = c(whole + o.byID("{key}") + o.dialect.forUpdate("t"))
	o.hidden = c(whole + o.mineOf("t.") + o.dialect.forUpdate("t"))
	o.counting = o.compile("SELECT count(*) FROM "+o.from+" WHERE "+o.where, o.base()...)
	o.linking = o.adopting()
	o.restStatements()
	o.collated()
	o.side = newSide(o.dialect, o.prefix, o.layout)
	ofType := "coalesce(r.type, r.type) = " // not by the primary key
	o.side.orphan = c("DELETE FROM " + o.prefix + "resources AS r WHERE r.tenant = {tenant} AND " + ofType + literal(o.layout.model.Name) +
		" AND r.name_key = {name_key} AND NOT EXISTS (SELECT 1 FROM " + o.Name + " t WHERE " + o.idText + " = r.id)")
	if lock := o.dialect.forUpdate("t"); lock != "" {
		o.holding = c("SELECT 1 FROM " + o.Name + " t WHERE " + o.byID("{key}") + lock)
	}
	same := ""
	if m := o.named(); m != nil {
		same = " AND " + m.sameAs(o.dialect, "{name_key}", "{name_sent}")
	}
	o.side.stale = c("UPDATE " + o.prefix + "resources SET name_key = NULL WHERE tenant = {tenant} AND " + strings.ReplaceAll(ofType, "r.", "") + literal(o.layout.model.Name) +
		" AND name_key = {name_key} AND id <> {id} AND NOT EXISTS (SELECT 1 FROM " + o.Name + " t WHERE " + o.where + " AND " + o.idText + " = " +
		o.prefix + "resources.id" + same + ")")
	o.deletion()
	o.existingRows(left)
}

// deletion makes the statements that delete a resource, with all its rows, or not at
// all: the application's triggers and policies may keep some.
func (o *host) deletion() {
	mine := " WHERE " + o.mine()
	for _, rows := range o.parts {
		o.leave = append(o.leave, o.compile("DELETE"+rows))
		mine += " AND NOT EXISTS (SELECT 1" + rows + ")"
	}
	o.gone = o.compile("DELETE FROM " + o.Name + mine)
	if o.DeletedAt != "" {
		o.gone = o.compile("UPDATE " + o.Name + " SET " + o.DeletedAt + " = {deleted_at}" + mine)
	}
}

// existingRows looks for rows, linked or not, that have a unique value of a new
// resource's.
func (o *host) existingRows(from string) {
	var either []string
	for _, m := range o.mapped {
		if m.attr.Unique {
			same := m.taken(o.dialect, "{unique_"+m.path+"}", "{sent_"+m.path+"}")
			either = append(either, same)
			m.other = o.dialect.compile("SELECT 1 FROM " + o.Name + " t WHERE " + o.where + " AND t." + o.ID + " <> {key} AND " + same + " LIMIT 1")
		}
	}
	if either == nil {
		return
	}
	o.existing = o.compile("SELECT " + o.idText + ", (r.version <> '') IS TRUE FROM " + from + " WHERE " + o.where +
		" AND (" + strings.Join(either, " OR ") + ")" + o.dialect.forUpdate("t"))
}

// named is the column of the first unique attribute, nil if it has none.
func (o *host) named() *mappedColumn {
	for _, m := range o.mapped {
		if m.attr == o.layout.name {
			return m
		}
	}
	return nil
}
