package sqlfilter

import (
	"errors"
	"fmt"
	"maps"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/internal/model"
)

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
