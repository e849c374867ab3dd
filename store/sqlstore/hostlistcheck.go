package sqlstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/internal/model"
)

// newChild checks a List against the schema and the database.
func (o *host) newChild(ctx context.Context, s *Store, path string, l List) (*childList, error) {
	attr, err := o.listed(path)
	if err != nil {
		return nil, err
	}
	info, err := o.listTable(ctx, s, l)
	if err != nil {
		return nil, err
	}
	l.Table = info.table
	c := &childList{List: l, attr: attr}
	if c.subs, err = o.listColumns(c, info); err != nil {
		return nil, err
	}
	t := o.layout.model
	for id := attr.ID + 1; id < attr.End; id = t.Attr(id).End {
		if !slices.ContainsFunc(c.subs, func(s childColumn) bool { return s.attr.ID == id }) {
			c.without = append(c.without, t.Attr(id))
		}
	}
	o.childStatements(c)
	return c, nil
}

// inList refuses a column for an element of a list that has a table: clients would see
// one of the two, and filters look at both.
func (o *host) inList() error {
	var errs []error
	for _, c := range o.child {
		for _, m := range o.mapped {
			if m.only != nil && m.only.list == c.attr {
				errs = append(errs, fmt.Errorf("the column %s, for %s, is of a list whose elements are rows of the table %s: one of the two is to have it", m.source(), m.path, c.Table))
			}
		}
	}
	return errors.Join(errs...)
}

// listed gives the attribute whose values are to be rows of another table.
func (o *host) listed(path string) (*model.Attr, error) {
	t := o.layout.model
	id, err := filter.Resolve(filter.AttrPath{Name: path}, t, model.Root, nil)
	if err != nil {
		return nil, err
	}
	attr := t.Attr(id)
	if !attr.Multi || attr == o.layout.members || attr == o.layout.groups {
		return nil, errors.New("the attribute is no list with values of its own")
	}
	return attr, nil
}

// listTable finds the table of a list. Its columns must go with those of the
// owners, and none be left without a value.
func (o *host) listTable(ctx context.Context, s *Store, l List) (*catalog, error) {
	if !identifier.MatchString(l.Table) {
		return nil, fmt.Errorf("%q is no name of a table", l.Table)
	}
	info, err := s.db.lookAt(ctx, l.Table)
	if err != nil {
		return nil, err
	}
	if l.Tenant != "" && o.Tenant == "" {
		return nil, fmt.Errorf("the table %s has a tenant, and %s has none, in Table.Tenant", l.Table, o.Name)
	}
	uses := []columnUse{{l.Owner, &o.key}, {l.Tenant, &o.tenant}, {l.Order, &catalogColumn{typ: "integer"}}}
	for _, name := range slices.Sorted(maps.Values(l.Columns)) {
		uses = append(uses, columnUse{name, nil})
	}
	given := append(slices.Collect(maps.Values(l.Columns)), l.Owner, l.Tenant, l.Order)
	others := ", or List.Columns" + o.orTenant("List.Tenant", l.Tenant)
	if l.Order == "" {
		others += ", or List.Order, if it has the order"
	}
	if err := errors.Join(o.apart(l.Table, l.Tenant, "List"), s.db.tellsApart(ctx, info, l.Tenant), info.columnsLike(uses...), info.complete(given, others)); err != nil {
		return nil, err
	}
	return info, s.db.canHold(ctx, info, l.Tenant, holding{l.Owner, o})
}

// listColumns gives the columns of a list in the order of the schema, which has the
// value first.
func (o *host) listColumns(c *childList, info *catalog) (subs []childColumn, err error) {
	for _, name := range slices.Sorted(maps.Keys(c.Columns)) {
		sub, err := o.listColumn(c, info, name)
		if err != nil {
			return nil, err
		}
		subs = append(subs, sub)
	}
	if len(subs) == 0 {
		return nil, errors.New("there are no columns")
	}
	slices.SortFunc(subs, func(a, b childColumn) int { return cmp.Compare(a.attr.ID, b.attr.ID) })
	return subs, nil
}

// listColumn gives the column of a sub-attribute, or of the values themselves if
// they have no sub-attributes.
func (o *host) listColumn(c *childList, info *catalog, name string) (childColumn, error) {
	sub, column := c.attr, c.Columns[name]
	if sub.Kind == model.Complex {
		id, err := filter.Resolve(filter.AttrPath{Name: name}, o.layout.model, c.attr.ID, nil)
		if err != nil {
			return childColumn{}, err
		}
		sub = o.layout.model.Attr(id)
	}
	col, err := info.column(column)
	if err != nil {
		return childColumn{}, err
	}
	if sub.Multi && sub != c.attr || sub.Kind == model.DateTime {
		return childColumn{}, fmt.Errorf("the sub-attribute %s cannot be in a column", name)
	}
	if err := col.holds(sub.Kind); err != nil {
		return childColumn{}, fmt.Errorf("the sub-attribute %s, column %s: %w", name, column, err)
	}
	return childColumn{sub, column, col}, nil
}
