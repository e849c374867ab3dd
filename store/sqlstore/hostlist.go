package sqlstore

import (
	"context"
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
		return nil, fmt.Errorf("the table %s has a tenant, and %s has none", l.Table, o.Name)
	}
	uses := []columnUse{{l.Owner, &o.key}, {l.Tenant, &o.tenant}, {l.Order, &catalogColumn{typ: "integer"}}}
	for _, name := range slices.Sorted(maps.Values(l.Columns)) {
		uses = append(uses, columnUse{name, nil})
	}
	given := append(slices.Collect(maps.Values(l.Columns)), l.Owner, l.Tenant, l.Order)
	if err := errors.Join(info.columnsLike(uses...), info.complete(given)); err != nil {
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
	order := ""
	if c.Order != "" {
		order = " ORDER BY c." + c.Order
		names = append(names, c.Order)
		elements = append(elements, o.dialect.place())
	}
	mine, key, cast := c.Owner+" = {key}", c.Owner, "CAST({key} AS "+o.key.castType(o.dialect.Dialect)+")"
	of := "c." + c.Owner + " = t." + o.ID
	if c.Tenant != "" {
		mine, key = mine+" AND "+c.Tenant+" = {host_tenant}", key+", "+c.Tenant
		cast += ", CAST({host_tenant} AS " + o.tenant.castType(o.dialect.Dialect) + ")"
		of += " AND c." + c.Tenant + " = t." + o.Tenant
	}
	c.gather = "(SELECT " + o.dialect.gatherIn(strings.Join(columns, ", "), order) + " FROM " + c.Table + " c WHERE " + of + ")"
	c.clear = o.compile("DELETE FROM " + c.Table + " WHERE " + mine)
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
	for _, sub := range c.subs {
		name := sub.attr.Name
		if sub.attr == c.attr {
			name = "value"
		}
		l.Attributes[name] = sqlfilter.Column{SQL: sub.filtered()}
	}
	return l
}

// filtered is what filters compare: in PostgreSQL, a number is no truth value.
func (s childColumn) filtered() string {
	if s.attr.Kind == model.Boolean && s.info.category == "N" {
		return "(c." + s.column + " <> 0)"
	}
	return "c." + s.column
}

// set puts the list that the database gathered into a resource.
func (c *childList) set(r *scim.Resource, gathered []byte) error {
	if len(gathered) == 0 {
		return nil
	}
	v, err := document.Scan(gathered, document.Limits{})
	if err != nil {
		return err
	}
	var list []any
	it := v.Iter()
	for e, ok := it.Next(); ok; e, ok = it.Next() {
		element := make(map[string]any)
		cells := e.Iter()
		for _, sub := range c.subs {
			cell, _ := cells.Next()
			if v := sub.value(cell); v != nil {
				element[sub.attr.Name] = v
			}
		}
		switch {
		case len(element) == 0:
		case c.attr.Kind == model.Complex:
			list = append(list, element)
		default:
			list = append(list, element[c.attr.Name])
		}
	}
	if list == nil {
		return nil
	}
	return r.Set(c.attr.Path, list)
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

// putLists stores the lists of is that differ from those of was, nil for none.
func (o *host) putLists(ctx context.Context, tx session, h *handler, p params, was *hostRow, is *document.Doc) error {
	for _, c := range o.child {
		list, _ := is.Get(c.attr.ID)
		if was != nil {
			if before, _ := was.whole.Get(c.attr.ID); string(before.Raw()) == string(list.Raw()) {
				continue
			}
		}
		if _, err := c.clear.exec(ctx, tx, p); err != nil {
			return err
		}
		elements := c.rows(list)
		if elements == "" {
			continue
		}
		p["elements"] = elements
		if _, err := c.add.exec(ctx, tx, p); err != nil {
			return c.refused(err)
		}
	}
	return nil
}

// rows are the elements of a list as a JSON array of arrays of texts.
func (c *childList) rows(list document.Value) string {
	dst := []byte{'['}
	it := list.Iter()
	for e, ok := it.Next(); ok; e, ok = it.Next() {
		dst = append(dst, '[')
		for i, sub := range c.subs {
			if i > 0 {
				dst = append(dst, ',')
			}
			v, ok := e, true
			if sub.attr != c.attr {
				v, ok = e.Member(sub.attr)
			}
			dst = sub.append(dst, v, ok)
		}
		dst = append(dst, ']', ',')
	}
	return string(closeList(dst))
}

func (s childColumn) append(dst []byte, v document.Value, ok bool) []byte {
	switch {
	case !ok && s.info.notNull && s.attr.Kind == model.Boolean:
		return append(dst, `"0"`...)
	case !ok && s.info.notNull:
		return append(dst, `""`...)
	case !ok:
		return append(dst, "null"...)
	case s.attr.Kind == model.Boolean && v.Bool():
		return append(dst, `"1"`...)
	case s.attr.Kind == model.Boolean:
		return append(dst, `"0"`...)
	}
	return document.AppendString(dst, v.String())
}

// clears remove the lists of a resource.
func (o *host) clears() []statement {
	var all []statement
	for _, c := range o.child {
		all = append(all, c.clear)
	}
	return all
}
