package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/internal/model"
)

// host is the place of the resources of one type in a table of the host. Beside
// it, in the library's table of resources, is what the host's has no columns
// for: a row there tells that provisioning has made or adopted the host's row.
type host struct {
	Table
	prefix  string
	dialect sqlOf
	layout  *layout
	refs    *references

	info     *catalog
	joining  *catalog      // of Members
	key      catalogColumn // of Table.ID
	tenant   catalogColumn // of Table.Tenant
	mapped   []*mappedColumn
	brackets []*bracket // of mapped
	child    []*childList
	keying   []*mappedColumn // of mapped, those with Column.Key
	idText   string          // SQL of the SCIM id
	from     string          // of all resources
	where    string          // begins with WHERE
	display  string

	rest    catalogColumn // of Table.Rest
	outside map[model.ID]bool
	changed statement // keys of the rows whose comparison keys were made of another text than Rest has
	held    statement // what the rows with {ids} have there
	rekey   statement
	purge   statement // removes what rekey has made for rows that went

	joinRows string // SQL of the rows of Members, each once
	oneOnly  bool   // the database lets a member be in one list only

	get, lock, all [4]statement
	keysFirst      [4]statement // SQLite's
	counting       statement
	adopted        statement // counts all rows
	existing       statement
	earlier        statement // which of two keys comes first, by the column's collation
	unlinked       statement
	hidden         statement // as unlinked, whether clients see it or not
	linking        statement
	holding        statement // PostgreSQL's
	side           sideStatements
	parts          []string    // SQL: the rows of a resource in the tables that join, and of lists
	leave          []statement // remove them
	gone           statement   // removes a resource without such rows
}

// mappedColumn is a column of the host's with one attribute.
type mappedColumn struct {
	Column
	declared Column // as the host has it
	path     string // as the schema spells it
	attr     *model.Attr
	only     *bracket // the element of a list that a path with brackets names
	info     catalogColumn
	key      catalogColumn // of Column.Key
	read     string        // SQL
	other    statement     // finds another row with the unique value
}

// childList is a list in a table of its own.
type childList struct {
	List
	attr    *model.Attr
	subs    []childColumn
	without []*model.Attr // sub-attributes that have no column
	gather  string
	all     string    // SQL: the rows of a resource
	found   string    // SQL: the rows {rows}
	held    statement // finds one of them
	remove  statement
	add     statement
}

type childColumn struct {
	attr   *model.Attr
	column string
	info   catalogColumn
}

// newHost checks a Table against the schema and the database. It says all that is
// wrong with it.
func (s *Store) newHost(ctx context.Context, l *layout, t Table) (*host, error) {
	t = t.inSQL()
	o := &host{Table: t, prefix: s.prefix, dialect: s.db.dialect, layout: l}
	err := fmt.Errorf("%q is no name of a table", t.Name)
	if identifier.MatchString(t.Name) {
		o.info, err = s.db.lookAt(ctx, t.Name)
	}
	if err != nil {
		return nil, fmt.Errorf("sqlstore: the table of %s: %w", l.model.Name, err)
	}
	o.Name = o.info.table
	var p problems
	o.checkRow(&p)
	p.note(s.db.tellsApart(ctx, o.info, o.Tenant), "the tenant")
	for _, path := range o.paths() {
		c, err := o.newColumn(path, t.Columns[path])
		p.note(err, "the attribute %s, column %s", path, t.Columns[path].source())
		if err == nil {
			o.take(c)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(t.Lists)) {
		c, err := o.newChild(ctx, s, path, t.Lists[path])
		p.note(err, "the attribute %s, table %s", path, t.Lists[path].Table)
		if err == nil {
			o.child = append(o.child, c)
		}
	}
	if l.members != nil || t.Members != nil {
		p.note(o.checkMembers(ctx, s), "the attribute members")
	}
	o.elsewhereThanRest()
	p.note(o.checkRest(), "Rest")
	p.note(errors.Join(o.sameColumn(), o.oneUse(), o.inList(), o.complete(), o.indexed()), "the table %s", t.Name)
	if p != nil {
		return nil, fmt.Errorf("sqlstore: the mapping of %s: %w", l.model.Name, errors.Join(p...))
	}
	o.fragments()
	return o, nil
}

// source is what a mapping says of a column.
func (c Column) source() string {
	if c.Name != "" {
		return c.Name
	}
	return c.SQL
}

// paths gives the paths of Columns: unique attributes first, then the others in
// the order of the schema, those that clients cannot write last, so that the
// first of several for one column is the one that counts.
func (o *host) paths() []string {
	place := func(path string) int {
		p, err := filter.ParsePath(path)
		if err != nil {
			return 0
		}
		id, err := filter.Resolve(p.Attr, o.layout.model, model.Root, nil)
		switch {
		case err != nil || o.layout.model.Attr(id).Unique:
			return 0
		case o.layout.model.Attr(id).Mutability == model.ReadOnly:
			return 1 + len(o.layout.model.Attrs) + int(id)
		}
		return 1 + int(id)
	}
	paths := slices.Sorted(maps.Keys(o.Columns))
	slices.SortStableFunc(paths, func(a, b string) int { return place(a) - place(b) })
	return paths
}

// take adds a column to the mapping.
func (o *host) take(m *mappedColumn) {
	o.mapped = append(o.mapped, m)
	if m.only == nil {
		return
	}
	if m.only.columns = append(m.only.columns, m); len(m.only.columns) == 1 {
		o.brackets = append(o.brackets, m.only)
	}
}

func (o *host) newColumn(path string, c Column) (*mappedColumn, error) {
	m := &mappedColumn{Column: c, declared: c, read: c.SQL}
	if err := o.locate(m, path); err != nil {
		return nil, err
	}
	if c.Name == "" && c.SQL == "" {
		return nil, errors.New("the column has no name")
	}
	var err error
	if c.Name != "" {
		if m.info, err = o.info.written(c.Name); err != nil {
			return nil, err
		}
		if c.SQL == "" {
			m.read = "t." + c.Name
		}
	}
	if c.Key != "" {
		if m.key, err = o.info.written(c.Key); err != nil {
			return nil, err
		}
		if m.attr.Kind != model.String {
			return nil, errors.New("only strings have a column with the key")
		}
		if err := m.key.holds(model.String); err != nil {
			return nil, fmt.Errorf("the column %s with the key: %w", c.Key, err)
		}
	}
	return m, errors.Join(checkSQL(o.dialect.Dialect, m.read), m.fits(), m.sensible())
}

// locate finds the attribute that path names, however it is spelt.
func (o *host) locate(m *mappedColumn, path string) error {
	p, err := filter.ParsePath(path)
	if err != nil {
		return err
	}
	t := o.layout.model
	id, err := filter.Resolve(p.Attr, t, model.Root, nil)
	if err == nil && p.Filter != nil {
		if m.only, err = o.bracket(t.Attr(id), p.Filter); err == nil {
			id, err = filter.Resolve(filter.AttrPath{Name: p.Sub}, t, id, nil)
		}
	}
	if err != nil {
		return err
	}
	m.attr = t.Attr(id)
	m.path = m.attr.Path
	if m.only != nil {
		m.path = m.only.name + "." + m.attr.Name
	}
	return o.columnless(m)
}

// columnless refuses attributes that no column can have.
func (o *host) columnless(m *mappedColumn) error {
	t := o.layout.model
	switch {
	case m.attr.Kind == model.Complex:
		return errors.New("the attribute is complex; its sub-attributes have columns")
	case m.only == nil && o.layout.repeated(m.attr):
		return errors.New(`the attribute has several values; a path such as emails[type eq "work"].value names one`)
	case m.attr.ID == model.IDAttr || m.attr.ID == t.MetaVersion || m.attr.ID == t.MetaType || m.attr.ID == t.MetaLocation || m.attr.ID == model.Schemas:
		return errors.New("the attribute follows from others and has no column")
	}
	for _, other := range o.mapped {
		if other.path == m.path {
			return fmt.Errorf("it is %s, which is in the column %s", m.path, other.source())
		}
	}
	if m.only != nil {
		return o.only(m)
	}
	return nil
}
