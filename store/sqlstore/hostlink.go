package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/scimkit/scimkit/filter/sqlfilter"
)

// link makes the references between the host's tables.
func (o *host) link(ctx context.Context, d *database, all []*host, layouts []*layout) error {
	o.refs = &references{lists: make(map[string][]sqlfilter.List)}
	for _, other := range all {
		if o.Members != nil && other.Type == o.Members.Type {
			m := o.Members
			err := errors.Join(o.joins(other), other.apart(m.Table, m.Tenant, "Members"))
			if err == nil {
				err = d.canHold(ctx, o.joining, m.Tenant, holding{m.Owner, o}, holding{m.Member, other})
			}
			if err != nil {
				return fmt.Errorf("sqlstore: %s of %s: %w", o.layout.members.Name, o.layout.model.Name, err)
			}
			o.linkMembers(other)
		}
		if other.Members != nil && other.Members.Type == o.Type {
			o.linkHolder(other)
		}
	}
	own := ownReferences(o.dialect, o.prefix, o.layout, layouts)
	o.refs.holders = append(o.refs.holders, own.holders...)
	if o.refs.groups == "" && o.layout.groups != nil {
		o.ownGroups(own)
	}
	if o.layout.members != nil && o.refs.members == "" {
		return fmt.Errorf("sqlstore: %s of %s: Members must name the table that joins them to another of Options.Tables", o.layout.members.Name, o.layout.model.Name)
	}
	for _, c := range o.child {
		o.refs.lists[c.attr.Path] = []sqlfilter.List{c.filters(o)}
		o.parts = append(o.parts, c.all)
	}
	return nil
}

// ownGroups makes the list of groups for groups in the library's tables, where
// the resource has a row, too.
func (o *host) ownGroups(own *references) {
	o.refs.groups = own.groups
	path := o.layout.groups.Path
	if l, ok := own.lists[path]; ok {
		o.refs.lists[path] = l
	}
	for _, x := range own.lookups {
		if x.path == o.layout.model.Attr(o.layout.groups.Value).Path {
			x.condition, x.exact, x.whole = o.byKey(x.id, x.from), false, false
			o.refs.lookups = append(o.refs.lookups, x)
		}
	}
}

// joined is the join table of o's list as m, with the members as u and ur.
func (o *host) joined(member *host) string {
	join := strings.SplitN(as(member.from, "u", "ur"), " ", 3) // table, u, JOIN …
	return o.joinRows + " m JOIN " + join[0] + " u ON u." + member.ID + " = m." + o.Members.Member + " " + join[2]
}

func (o *host) linkMembers(member *host) {
	m, refs, list := o.Members, o.refs, o.layout.members
	id, display, typ := as(member.idText, "u", "ur"), as(member.display, "u", "ur"), literal(member.layout.model.Name)
	on := "m." + m.Owner + " = t." + o.ID + m.ofTenant("m.")
	refs.prefix, refs.self = member.IDPrefix, member == o
	refs.possible = func(key string) bool { _, ok := member.key.key(key); return ok }
	refs.members = "(SELECT " + o.dialect.gatherIn(id+", "+typ+", "+display, " ORDER BY m."+m.Member) + " FROM " + o.joinRows + " m" +
		member.found("m."+m.Member, "u", "ur") + " WHERE " + on + ")"
	refs.lists[list.Path] = []sqlfilter.List{{From: o.joined(member), On: on + " AND " + member.whereBy("m."+m.Member, "u", "ur"), Order: "m." + m.Member,
		Attributes: o.layout.columnsOf(list, id, typ, display)}}

	memberKey := "CAST(j.value AS " + member.key.castType(o.dialect.Dialect) + ")"
	ids := o.dialect.eachText("{ids}")
	mine := m.Owner + " = {key}" + m.ofTenant("")
	c := func(text string) statement { return o.compile(text) }
	found := ids + member.found(memberKey, "u", "ur")
	held := strings.Replace(found, " OFFSET 0) u ", " OFFSET 0"+o.dialect.forKeyShare("")+") u ", 1)
	refs.plan = c("SELECT CAST(u." + member.ID + " AS text), " + typ + ", " + display + ", CAST(m." + m.Member + " AS text) FROM " + found +
		o.dialect.find("LEFT JOIN", m.Table, "m", "m."+m.Member+" = u."+member.ID+" AND m."+m.Owner+" = {key}"+m.ofTenant("m.")))
	columns, values := m.Owner+", "+m.Member, "CAST({key} AS "+o.key.castType(o.dialect.Dialect)+"), u."+member.ID
	if m.Tenant != "" {
		columns, values = m.Tenant+", "+columns, "CAST({host_tenant} AS "+o.tenant.castType(o.dialect.Dialect)+"), "+values
	}
	// No ON CONFLICT, which deferrable constraints do not have.
	refs.add = c("INSERT INTO " + m.Table + " (" + columns + ") SELECT " + values + " FROM " + held)
	refs.drop = c("DELETE FROM " + m.Table + " WHERE " + mine + " AND " + o.dialect.among(m.Member, "SELECT "+memberKey+" FROM "+ids))
	// Members that clients do not see stay.
	others := " FROM " + m.Table + " WHERE " + mine + " AND " + m.Member + " NOT IN (SELECT " + memberKey + " FROM " + ids + ")" +
		" AND EXISTS (SELECT 1 FROM (SELECT 1) one" + member.found(m.Table+"."+m.Member, "u", "ur") + ")"
	refs.keep, refs.left, refs.repeated = c("DELETE"+others), c("SELECT 1"+others+" LIMIT 1"), o.joinRows != m.Table
	o.parts = append(o.parts, " FROM "+m.Table+" WHERE "+mine)
	o.refs.lookup(o.layout, list, lookup{condition: o.dialect.among("t."+o.ID, "SELECT m."+m.Owner+" FROM "+m.Table+" m WHERE m."+m.Member+" = "+
		member.key.typed(o.dialect.Dialect, "%s")+m.ofTenant("m."))}, member)
}

// linkHolder makes the statements about the lists, of the resources of list,
// that resources of o are in.
func (o *host) linkHolder(list *host) {
	m := list.Members
	mine := m.Member + " = {key}" + m.ofTenant("")
	c := func(text string) statement { return o.compile(text) }
	o.refs.holders = append(o.refs.holders, holder{
		lock: c("SELECT " + list.ID + " FROM " + list.Name + " WHERE " + o.dialect.among(list.ID, "SELECT "+m.Owner+" FROM "+m.Table+" WHERE "+mine) +
			" ORDER BY " + list.ID + o.dialect.forUpdate("")),
		touch: c("UPDATE " + o.prefix + "resources SET version = {version}, modified = CASE WHEN modified < {modified} THEN {modified} ELSE modified + 1 END" +
			" WHERE version <> '' AND " + o.dialect.amongRows("", [3]string{"CAST({tenant} AS text)", literal(list.layout.model.Name),
			as(strings.ReplaceAll(list.idText, "t."+list.ID, "m."+m.Owner), "m", "r")}, m.Table+" m WHERE m."+m.Member+" = {key}"+m.ofTenant("m.")) +
			o.dialect.ofType("{tenant}", list.layout.model.Name)),
	})
	o.parts = append(o.parts, " FROM "+m.Table+" WHERE "+mine)
	if o.layout.groups == nil || !o.layout.allows(o.layout.groups, list.layout.model.Name) {
		return
	}
	id, display := as(list.idText, "g", "gr"), as(list.display, "g", "gr")
	join := strings.SplitN(as(list.from, "g", "gr"), " ", 3)
	from := list.joinRows + " m JOIN " + join[0] + " g ON g." + list.ID + " = m." + m.Owner + " " + join[2]
	on := "m." + m.Member + " = t." + o.ID + m.ofTenant("m.")
	o.refs.groups = "(SELECT " + o.dialect.gatherIn(id+", "+display+", 1", " ORDER BY m."+m.Owner) + " FROM " + list.joinRows + " m" +
		list.found("m."+m.Owner, "g", "gr") + " WHERE " + on + ")"
	o.refs.lists[o.layout.groups.Path] = []sqlfilter.List{{From: from, On: on + " AND " + list.whereBy("m."+m.Owner, "g", "gr"), Order: "m." + m.Owner,
		Attributes: o.layout.columnsOf(o.layout.groups, id, "'direct'", display)}}
	o.refs.lookup(o.layout, o.layout.groups, lookup{condition: o.dialect.among("t."+o.ID, "SELECT m."+m.Member+" FROM "+m.Table+" m WHERE m."+m.Owner+" = "+
		list.key.typed(o.dialect.Dialect, "%s")+m.ofTenant("m."))}, list)
}
