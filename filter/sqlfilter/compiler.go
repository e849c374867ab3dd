package sqlfilter

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/schema"
)

// A Compiler turns the filters and orders of one resource type into SQL. Any
// number of goroutines may use it.
type Compiler struct {
	t        *model.Type
	d        Dialect
	keys     string
	complete bool
	scan     bool
	omitted  []model.ID
	leaves   map[model.ID]*Column    // single-valued attributes
	elements map[model.ID][]*element // of multi-valued attributes, made of columns
	lists    map[model.ID][]*list
}

// element is one element of a multi-valued attribute that lies in columns of
// the resource's own row. The element of a simple attribute is at the
// attribute's own ID.
type element struct {
	name   string
	consts map[model.ID]string // comparison keys
	leaves map[model.ID]*Column
	exists string // of an element that has no columns
}

type list struct {
	from, on, order string
	consts          map[model.ID]string
	leaves          map[model.ID]*Column
}

// New checks that every path of columns is an attribute of t and that every
// column can hold its attribute. Errors name both; there may be several, joined.
func New(t *schema.ResourceType, columns Columns) (*Compiler, error) {
	if err := t.Validate(); err != nil {
		return nil, err
	}
	c := &Compiler{
		t: t.Model(), d: columns.Dialect, complete: columns.Complete, scan: columns.Scan,
		leaves:   make(map[model.ID]*Column),
		elements: make(map[model.ID][]*element),
		lists:    make(map[model.ID][]*list),
	}
	if !c.d.valid() {
		return nil, fmt.Errorf("sqlfilter: the %s of %s is unknown", c.d, t.Name)
	}
	return c, c.add(columns)
}

func (c *Compiler) add(columns Columns) error {
	var errs []error
	note := func(path, sql string, err error) {
		if err != nil {
			errs = append(errs, fmt.Errorf("sqlfilter: attribute %s of %s, column %s: %w", path, c.t.Name, sql, err))
		}
	}
	for _, path := range slices.Sorted(maps.Keys(columns.Attributes)) {
		column := columns.Attributes[path]
		note(path, column.SQL, c.addColumn(path, column))
	}
	for _, path := range slices.Sorted(maps.Keys(columns.Lists)) {
		for _, l := range columns.Lists[path] {
			note(path, l.From, c.addList(path, l))
		}
	}
	for _, path := range columns.KeysOmit {
		id, err := c.resolve(path)
		note(path, columns.Keys, err)
		c.omitted = append(c.omitted, id)
	}
	if columns.Keys != "" {
		c.keys = operand(columns.Keys)
		if c.d == PostgreSQL {
			c.keys += "::jsonb"
		}
	}
	return errors.Join(errs...)
}

func checkSQL(sql string) error {
	if strings.TrimSpace(sql) == "" {
		return errors.New("the SQL is missing")
	}
	return nil
}

// resolve finds an attribute by its path, without brackets.
func (c *Compiler) resolve(path string) (model.ID, error) {
	p, err := filter.ParsePath(path)
	if err == nil && p.Filter != nil {
		err = errors.New("brackets are not expected here")
	}
	if err != nil {
		return model.None, err
	}
	return c.find(p.Attr)
}

func (c *Compiler) find(p filter.AttrPath) (model.ID, error) {
	id, err := filter.Resolve(p, c.t, model.Root, nil)
	if err == nil && id == model.Root {
		err = errors.New("an attribute is expected behind the schema URI")
	}
	return id, err
}

// multi is the first multi-valued attribute on the way from the resource to
// attribute id, None if there is none.
func (c *Compiler) multi(id model.ID) model.ID {
	found := model.None
	for ; id != model.Root; id = c.t.Attr(id).Parent {
		if c.t.Attr(id).Multi {
			found = id
		}
	}
	return found
}

func (c *Compiler) addColumn(path string, column Column) error {
	if err := checkSQL(column.SQL); err != nil {
		return err
	}
	p, err := filter.ParsePath(path)
	if err != nil {
		return err
	}
	id, err := c.find(p.Attr)
	if err != nil {
		return err
	}
	m := c.multi(id)
	switch {
	case m != model.None:
		return c.addElement(m, id, p, column)
	case p.Filter != nil || len(column.Const) > 0:
		return errors.New("the attribute is single-valued and has no elements to select")
	}
	return c.addLeaf(c.leaves, id, column)
}

// addLeaf notes the column of one value.
func (c *Compiler) addLeaf(leaves map[model.ID]*Column, id model.ID, column Column) error {
	a := c.t.Attr(id)
	form, ok := column.Form.of(a)
	switch parent := c.t.Attr(a.Parent); {
	case a.Kind == model.Complex:
		return errors.New("the attribute is complex; its sub-attributes have columns")
	case !ok:
		return fmt.Errorf("an attribute of type %s cannot have the form %s", a.Kind, column.Form)
	case id == c.t.MetaLocation, parent.ResourceRef && parent.Ref == id:
		return errors.New("the URI of a resource follows from the id and has no column")
	case leaves[id] != nil:
		return errors.New("the attribute has another column already")
	}
	column.Form, column.SQL = form, operand(column.SQL)
	leaves[id] = &column
	return nil
}

func (c *Compiler) addList(path string, l List) error {
	m, err := c.resolve(path)
	if err != nil {
		return err
	}
	if !c.t.Attr(m).Multi || c.multi(m) != m {
		return errors.New("a list is a multi-valued attribute that is not part of another")
	}
	if err := errors.Join(checkSQL(l.From), checkSQL(l.On)); err != nil {
		return err
	}
	out := &list{from: l.From, on: l.On, order: l.Order, consts: make(map[model.ID]string), leaves: make(map[model.ID]*Column)}
	for _, name := range slices.Sorted(maps.Keys(l.Attributes)) {
		column := l.Attributes[name]
		id, err := filter.Resolve(filter.AttrPath{Name: name}, c.t, m, nil)
		if err == nil {
			err = checkSQL(column.SQL)
		}
		if err == nil && len(column.Const) > 0 {
			err = errors.New("the constants of a list are its own, not those of a column")
		}
		if err == nil && id != m && c.t.Attr(id).Multi {
			err = errors.New("a list within a list has no column")
		}
		if err == nil {
			err = c.addLeaf(out.leaves, id, column)
		}
		if err != nil {
			return fmt.Errorf("%s, column %s: %w", name, column.SQL, err)
		}
	}
	c.lists[m] = append(c.lists[m], out)
	return c.moreConstants(out.consts, m, l.Const)
}
