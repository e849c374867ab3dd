package scim

import (
	"fmt"
	"strings"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
)

// target is a path resolved: an attribute, elements of it, a sub-attribute of
// those.
type target struct {
	t      *model.Type
	id     model.ID       // the attribute; the multi-valued one if sub or filter are set
	filter *filter.Filter // which elements, nil for all
	sub    model.ID       // of the elements, None for the elements themselves
}

// resolve resolves a path that the host gives.
func resolve(t *model.Type, path string) (target, error) {
	if strings.IndexByte(path, '[') < 0 {
		id := lookup(t, path, nil)
		if id == model.None {
			return target{}, fmt.Errorf("scim: resource type %s has no attribute %q", t.Name, path)
		}
		if up := t.Attrs[id].Parent; t.Attrs[up].Multi {
			return target{t: t, id: up, sub: id}, nil
		}
		return target{t: t, id: id, sub: model.None}, nil
	}
	p, err := filter.ParsePath(path)
	if err != nil {
		return target{}, fmt.Errorf("scim: path %q: %w", path, err)
	}
	tg := target{t: t, sub: model.None}
	if tg.id, err = filter.Resolve(p.Attr, t, model.Root, nil); err != nil {
		return target{}, fmt.Errorf("scim: path %q: %w", path, err)
	}
	if tg.filter, err = filter.BindIn(p.Filter, t, tg.id, nil); err != nil {
		return target{}, fmt.Errorf("scim: path %q: %w", path, err)
	}
	if p.Sub != "" {
		if tg.sub = t.SubString(tg.id, p.Sub); tg.sub == model.None {
			return target{}, fmt.Errorf("scim: path %q: there is no sub-attribute %q", path, p.Sub)
		}
	}
	return tg, nil
}

// leaf is the attribute that a value for the target has.
func (t *target) leaf() model.ID {
	if t.sub != model.None {
		return t.sub
	}
	return t.id
}

// get finds the value, of several elements the primary or the first.
func (t *target) get(d *document.Doc) (document.Value, bool) {
	v, ok := d.Get(t.id)
	if !ok || t.filter == nil && t.sub == model.None {
		return v, ok
	}
	a := &t.t.Attrs[t.id]
	var found document.Value
	it := v.Iter()
	for e, ok := it.Next(); ok; e, ok = it.Next() {
		if t.filter != nil && !t.filter.MatchValue(e) {
			continue
		}
		x := e
		if t.sub != model.None {
			if x, ok = e.Member(&t.t.Attrs[t.sub]); !ok {
				continue
			}
		}
		if found.IsZero() {
			found = x
		}
		if a.Primary != model.None {
			if p, ok := e.Member(&t.t.Attrs[a.Primary]); ok && p.Bool() {
				return x, true
			}
		}
	}
	return found, !found.IsZero()
}

// set puts the JSON value raw at the target.
func (t *target) set(tree *document.Tree, raw []byte) error {
	if t.filter == nil && t.sub == model.None {
		n, err := tree.ParseValue(t.id, document.Trusted(raw), trusted)
		if err != nil {
			return err
		}
		tree.Unset(t.id)
		if n != document.NoNode {
			tree.Put(tree.Make(t.id), n)
		}
		return nil
	}
	e := t.element(tree)
	remove := string(raw) == "null" || string(raw) == `""`
	if e == document.NoNode {
		if remove {
			return nil
		}
		var err error
		if e, err = t.makeElement(tree); err != nil {
			return err
		}
	}
	if t.sub == model.None {
		return t.replaceElement(tree, e, raw)
	}
	if remove {
		if c := tree.Child(e, t.sub); c != document.NoNode {
			tree.Remove(e, c)
		}
		if tree.NothingLeft(e) {
			tree.Remove(tree.Get(t.id), e)
		}
		return nil
	}
	n, err := tree.ParseValue(t.sub, document.Trusted(raw), trusted)
	if err != nil {
		return err
	}
	tree.Put(e, n)
	return nil
}

func (t *target) replaceElement(tree *document.Tree, e document.Node, raw []byte) error {
	list := tree.Get(t.id)
	n, err := tree.ParseElement(t.id, document.Trusted(raw), trusted)
	if err != nil {
		return err
	}
	tree.Remove(list, e)
	if n != document.NoNode {
		tree.Append(list, n)
	}
	return nil
}

// element finds the first element that the target selects.
func (t *target) element(tree *document.Tree) document.Node {
	list := tree.Get(t.id)
	if list == document.NoNode {
		return document.NoNode
	}
	first := document.NoNode
	for e := tree.First(list); e != document.NoNode; e = tree.Next(e) {
		if t.filter != nil && !t.filter.MatchValue(tree.Value(e)) {
			continue
		}
		if t.filter != nil || tree.IsPrimary(e) {
			return e
		}
		if first == document.NoNode {
			first = e
		}
	}
	return first
}

// makeElement appends an element with what the filter says of it.
func (t *target) makeElement(tree *document.Tree) (document.Node, error) {
	list := tree.Get(t.id)
	if list == document.NoNode {
		list = tree.NewArray(t.id)
		tree.Put(tree.Make(t.id), list)
	}
	e := tree.NewObject(t.id)
	if t.filter != nil {
		if err := t.fill(tree, e, t.filter.Expr()); err != nil {
			return e, err
		}
	}
	tree.Append(list, e)
	return e, nil
}

// fill sets what the eq terms of a filter say.
func (t *target) fill(tree *document.Tree, e document.Node, x filter.Expr) error {
	switch x := x.(type) {
	case *filter.And:
		for _, term := range x.Terms {
			if err := t.fill(tree, e, term); err != nil {
				return err
			}
		}
		return nil
	case *filter.Compare:
		if id := t.t.SubString(t.id, x.Attr.Name); x.Op == filter.Eq && id != model.None {
			n, err := tree.ParseValue(id, document.Trusted([]byte(x.Value.String())), trusted)
			if err == nil && n != document.NoNode {
				tree.Put(e, n)
			}
			return err
		}
	}
	return fmt.Errorf("the filter %s does not say what a new element holds", x)
}
