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
		t: t.Model(), d: columns.Dialect, keys: columns.Keys, complete: columns.Complete, scan: columns.Scan,
		leaves:   make(map[model.ID]*Column),
		elements: make(map[model.ID][]*element),
		lists:    make(map[model.ID][]*list),
	}
	if !c.d.valid() {
		return nil, fmt.Errorf("sqlfilter: the %s of %s is unknown", c.d, t.Name)
	}
	var errs []error
	note := func(path, sql string, err error) {
		if err != nil {
			errs = append(errs, fmt.Errorf("sqlfilter: attribute %s of %s, column %s: %w", path, t.Name, sql, err))
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
	if err := checkSQL(c.keys); c.keys != "" {
		note("(all)", c.keys, err)
		c.keys = operand(c.keys)
		if c.d == PostgreSQL {
			c.keys += "::jsonb"
		}
	}
	return c, errors.Join(errs...)
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

// addElement adds a column to the element of attribute m that p selects.
func (c *Compiler) addElement(m, id model.ID, p filter.Path, column Column) error {
	if p.Sub != "" {
		var err error
		if id, err = filter.Resolve(filter.AttrPath{Name: p.Sub}, c.t, id, nil); err != nil {
			return err
		}
	}
	if a := c.t.Attr(id); id != m && (a.Parent != m || a.Multi) {
		return errors.New("a list within a list has no column")
	}
	e, err := c.element(m, p, column.Const)
	if err != nil {
		return err
	}
	if p.Filter != nil && p.Sub == "" {
		if column.Form != Auto && column.Form != Boolean {
			return fmt.Errorf("whether an element exists has the form Boolean, not %s", column.Form)
		}
		if e.exists != "" {
			return errors.New("the element has another column already")
		}
		e.exists = operand(column.SQL) + " IS TRUE"
		return nil
	}
	return c.addLeaf(e.leaves, id, column)
}

// element finds or makes the element of m whose constants are those of p.
func (c *Compiler) element(m model.ID, p filter.Path, more map[string]string) (*element, error) {
	name := c.t.Attr(m).Path
	consts := make(map[model.ID]string)
	if p.Filter != nil {
		f, err := filter.BindIn(p.Filter, c.t, m, nil)
		if err != nil {
			return nil, err
		}
		name += "[" + f.String() + "]"
		if err := c.constants(consts, m, f.Expr()); err != nil {
			return nil, err
		}
	}
	if err := c.moreConstants(consts, m, more); err != nil {
		return nil, err
	}
	for _, e := range c.elements[m] {
		if e.name == name {
			maps.Copy(e.consts, consts)
			return e, nil
		}
	}
	e := &element{name: name, consts: consts, leaves: make(map[model.ID]*Column)}
	c.elements[m] = append(c.elements[m], e)
	return e, nil
}

// constants reads what the brackets of a path say about an element.
func (c *Compiler) constants(consts map[model.ID]string, m model.ID, e filter.Expr) error {
	switch e := e.(type) {
	case *filter.And:
		for _, term := range e.Terms {
			if err := c.constants(consts, m, term); err != nil {
				return err
			}
		}
		return nil
	case *filter.Compare:
		if e.Op != filter.Eq || e.Value.Kind == filter.Null {
			break
		}
		id, err := filter.Resolve(e.Attr, c.t, m, nil)
		if err != nil {
			return err
		}
		key, ok := filter.LiteralKey(c.t.Attr(id), e.Value.Text)
		if !ok {
			break
		}
		consts[id] = key
		return nil
	}
	return errors.New("the brackets of a column say what its element always has: eq, joined by and")
}

func (c *Compiler) moreConstants(consts map[model.ID]string, m model.ID, more map[string]string) error {
	for name, text := range more {
		id, err := filter.Resolve(filter.AttrPath{Name: name}, c.t, m, nil)
		if err != nil {
			return err
		}
		key, ok := filter.LiteralKey(c.t.Attr(id), text)
		if !ok {
			return fmt.Errorf("%q is no value of %s", text, c.t.Attr(id).Path)
		}
		consts[id] = key
	}
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
