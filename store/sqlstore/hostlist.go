package sqlstore

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/filter/sqlfilter"
	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/scim"
)

// newChild checks a List against the schema and the database.
func (o *host) newChild(ctx context.Context, s *Store, path string, l List) (*childList, error) {
	c := &childList{List: l}
	t := o.layout.model
	id, err := filter.Resolve(filter.AttrPath{Name: path}, t, model.Root, nil)
	if err != nil {
		return nil, err
	}
	c.attr = t.Attr(id)
	if !c.attr.Multi || c.attr == o.layout.members || c.attr == o.layout.groups {
		return nil, errors.New("the attribute is no list with values of its own")
	}
	if !identifier.MatchString(l.Table) {
		return nil, fmt.Errorf("%q is no name of a table", l.Table)
	}
	info, err := s.db.lookAt(ctx, l.Table)
	if err != nil {
		return nil, err
	}
	c.Table = info.table
	if l.Tenant != "" && o.Tenant == "" {
		return nil, fmt.Errorf("the table %s has a tenant, and %s has none, in Table.Tenant", l.Table, o.Name)
	}
	uses := []columnUse{{l.Owner, &o.key}, {l.Tenant, &o.tenant}, {l.Order, &catalogColumn{typ: "integer"}}}
	for _, name := range slices.Sorted(maps.Values(l.Columns)) {
		uses = append(uses, columnUse{name, nil})
	}
	given, others := append(slices.Collect(maps.Values(l.Columns)), l.Owner, l.Tenant, l.Order), ", or List.Columns"+o.orTenant("List.Tenant", l.Tenant)
	if l.Order == "" {
		others += ", or List.Order, if it has the order"
	}
	if err := errors.Join(o.apart(l.Table, l.Tenant, "List"), info.columnsLike(uses...), info.complete(given, others)); err != nil {
		return nil, err
	}
	if err := s.db.canHold(ctx, info, l.Tenant, holding{l.Owner, o}); err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(l.Columns)) {
		sub := c.attr
		if c.attr.Kind == model.Complex {
			id, err := filter.Resolve(filter.AttrPath{Name: name}, t, c.attr.ID, nil)
			if err != nil {
				return nil, err
			}
			sub = t.Attr(id)
		}
		col, err := info.column(l.Columns[name])
		if err != nil {
			return nil, err
		}
		if sub.Multi && sub != c.attr || sub.Kind == model.DateTime {
			return nil, fmt.Errorf("the sub-attribute %s cannot be in a column", name)
		}
		if err := col.holds(sub.Kind); err != nil {
			return nil, fmt.Errorf("the sub-attribute %s, column %s: %w", name, l.Columns[name], err)
		}
		c.subs = append(c.subs, childColumn{sub, l.Columns[name], col})
	}
	if len(c.subs) == 0 {
		return nil, errors.New("there are no columns")
	}
	slices.SortFunc(c.subs, func(a, b childColumn) int { return cmp.Compare(a.attr.ID, b.attr.ID) }) // the value first
	for id := c.attr.ID + 1; id < c.attr.End; id = t.Attr(id).End {
		if !slices.ContainsFunc(c.subs, func(s childColumn) bool { return s.attr.ID == id }) {
			c.without = append(c.without, t.Attr(id))
		}
	}
	o.childStatements(c)
	return c, nil
}

func (o *host) childStatements(c *childList) {
	var columns, names, elements []string
	for i, sub := range c.subs {
		columns = append(columns, "c."+sub.column)
		names = append(names, sub.column)
		elements = append(elements, "CAST("+o.dialect.element(i)+" AS "+sub.info.castType(o.dialect.Dialect)+")")
	}
	// Without a column for it, an order that is the same each time: the version
	// depends on it.
	order := " ORDER BY " + strings.Join(columns, ", ")
	place := "0"
	if c.Order != "" {
		place = "c." + c.Order
		order = " ORDER BY " + place + ", " + strings.Join(columns, ", ")
		names = append(names, c.Order)
		elements = append(elements, "CAST("+o.dialect.element(len(c.subs))+" AS bigint)")
	}
	mine, key, cast := c.Owner+" = {key}", c.Owner, "CAST({key} AS "+o.key.castType(o.dialect.Dialect)+")"
	of := "c." + c.Owner + " = t." + o.ID
	if c.Tenant != "" {
		mine, key = mine+" AND "+c.Tenant+" = {host_tenant}", key+", "+c.Tenant
		cast += ", CAST({host_tenant} AS " + o.tenant.castType(o.dialect.Dialect) + ")"
		of += " AND c." + c.Tenant + " = t." + o.Tenant
	}
	columns = append(columns, place)
	c.gather = "(SELECT " + o.dialect.gatherIn(strings.Join(columns, ", "), order) + " FROM " + c.Table + " c WHERE " + of + ")"
	c.clear = o.compile("DELETE FROM " + c.Table + " WHERE " + mine)
	c.found = " WHERE " + mine + " AND " + o.dialect.rowIn(strings.Join(columns, ", "), "{rows}")
	c.remove = o.compile("DELETE FROM " + c.Table + " AS c" + c.found)
	c.add = o.compile("INSERT INTO " + c.Table + " (" + key + ", " + strings.Join(names, ", ") + ") SELECT " + cast + ", " +
		strings.Join(elements, ", ") + " FROM " + o.dialect.each("{elements}"))
}

// filters tells the compiler of filters where the list is.
func (c *childList) filters(o *host) sqlfilter.List {
	l := sqlfilter.List{From: c.Table + " c", On: "c." + c.Owner + " = t." + o.ID, Attributes: make(map[string]sqlfilter.Column)}
	if c.Order != "" {
		l.Order = "c." + c.Order
	}
	if c.Tenant != "" {
		l.On += " AND c." + c.Tenant + " = t." + o.Tenant
	}
	var some []string // a row without values is no element
	for _, sub := range c.subs {
		some = append(some, sub.filtered()+" IS NOT NULL")
		name := sub.attr.Name
		if sub.attr == c.attr {
			name = "value"
		}
		l.Attributes[name] = sqlfilter.Column{SQL: sub.filtered()}
	}
	l.On += " AND (" + strings.Join(some, " OR ") + ")"
	return l
}

// filtered is what filters compare. An empty text is none; in PostgreSQL, a number is
// no truth value.
func (s childColumn) filtered() string {
	if s.attr.Kind == model.Boolean && s.info.category == "N" {
		return "(c." + s.column + " <> 0)"
	}
	if s.attr.Kind != model.Boolean && !s.info.isNumber() {
		return "NULLIF(c." + s.column + ", '')"
	}
	return "c." + s.column
}

// set puts the list that the database gathered into a resource.
func (c *childList) set(r *scim.Resource, gathered []byte) error {
	rows, err := c.parse(gathered)
	if err != nil {
		return err
	}
	stored, ok := r.Document().Get(c.attr.ID)
	if ok {
		c.complete(rows, stored)
	}
	var list []any
	for _, row := range rows {
		switch {
		case len(row.element) == 0:
		case c.attr.Kind == model.Complex:
			list = append(list, row.element)
		default:
			list = append(list, row.element[c.attr.Name])
		}
	}
	if list == nil && !ok {
		return nil
	}
	return r.Set(c.attr.Path, list)
}

// complete adds to rows what stored, elements of beside, have of them.
func (c *childList) complete(rows []*childRow, stored document.Value) {
	elements := c.elements(stored)
	c.alike(rows, elements)
	for _, e := range elements {
		if e.row == nil {
			continue
		}
		for _, sub := range c.without {
			if v, ok := e.value.Member(sub); ok {
				e.row.element[sub.Name] = json.RawMessage(v.Raw())
			}
		}
	}
}

// beside is d with those elements of the list that have values for which there is
// no column.
func (c *childList) beside(d *document.Doc) *document.Doc {
	list, _ := d.Get(c.attr.ID)
	dst := []byte{'['}
	it := list.Iter()
	for e, ok := it.Next(); ok; e, ok = it.Next() {
		if slices.ContainsFunc(c.without, func(sub *model.Attr) bool { _, ok := e.Member(sub); return ok }) {
			dst = append(append(dst, e.Raw()...), ',')
		}
	}
	return d.With(c.attr.ID, closeList(dst))
}

// value is a cell as the value of the sub-attribute, nil for none.
func (s childColumn) value(cell document.Value) any {
	switch cell.Kind() {
	case document.Null, document.Invalid:
		return nil
	case document.True, document.False:
		return cell.Bool()
	}
	text := s.info.text(cell.String())
	switch {
	case text == "":
		return nil
	case s.attr.Kind == model.Boolean:
		n, err := number(text)
		return err != nil && text != "false" || err == nil && n != int64(0)
	case s.attr.Kind == model.Integer || s.attr.Kind == model.Decimal:
		n, err := number(text)
		if err != nil {
			return nil
		}
		return n
	}
	return text
}

// clears remove the lists of a resource.
func (o *host) clears() []statement {
	var all []statement
	for _, c := range o.child {
		all = append(all, c.clear)
	}
	return all
}
