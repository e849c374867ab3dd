package sqlstore

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/scimkit/scimkit/filter/sqlfilter"
	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/scim"
)

// childStatements makes the statements of a list.
func (o *host) childStatements(c *childList) {
	var columns, cells, names, elements []string
	for i, sub := range c.subs {
		columns = append(columns, "c."+sub.column)
		cells = append(cells, o.dialect.inJSON("c."+sub.column))
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
	cells = append(cells, o.dialect.inJSON(place))
	c.gather = "(SELECT " + o.dialect.gatherIn(strings.Join(cells, ", "), order) + " FROM " + c.Table + " c WHERE " + of + ")"
	c.all = " FROM " + c.Table + " WHERE " + mine
	c.found = " WHERE " + mine + " AND " + o.dialect.rowIn(strings.Join(cells, ", "), "{rows}")
	c.held = o.compile("SELECT 1 FROM " + c.Table + " AS c" + c.found + " LIMIT 1")
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
	switch {
	case s.attr.Kind == model.Boolean && s.info.lite():
		return truthIn("c." + s.column)
	case s.attr.Kind == model.Boolean && s.info.category == "N":
		return "(c." + s.column + " <> 0)"
	}
	if s.attr.Kind != model.Boolean && !s.info.isNumber() {
		return "NULLIF(c." + s.column + ", '')"
	}
	return "c." + s.column
}

// set puts the list that the database gathered into a resource.
func (c *childList) set(r *scim.Resource, gathered []byte) error {
	rows := c.parse(gathered)
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
		if err != nil || cell.Kind() == document.String {
			return nil // see truthIn
		}
		return n != int64(0)
	case s.attr.Kind == model.Integer || s.attr.Kind == model.Decimal:
		n, err := number(text)
		if err != nil {
			return nil
		}
		return n
	}
	return text
}
