package patch

import (
	"slices"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/internal/quirk"
)

// remove unassigns a whole attribute or an extension (RFC 7644 section
// 3.5.2.2).
func (a *applier) remove(id model.ID) *Error {
	n := a.tree.Get(id)
	if n == document.NoNode {
		return nil
	}
	at := a.t.Attr(id)
	if at.Required {
		return a.required(at)
	}
	if !at.Multi {
		for sub := id; sub < at.End; sub++ {
			if a.t.Attr(sub).Mutability == model.Immutable && a.tree.Get(sub) != document.NoNode {
				return a.immutable(sub)
			}
		}
	}
	if at.Extension {
		// What only the service provider writes stays.
		a.tree.Filter(n, func(c document.Node) bool {
			return a.tree.ID(c) != model.None && a.tree.Attr(c).Mutability == model.ReadOnly
		})
		return a.emptied(id)
	}
	a.tree.Unset(id)
	return a.emptied(at.Parent)
}

func (a *applier) removeHits(o *op, list document.Node, hits []document.Node) *Error {
	a.filterHits(list, hits, func(document.Node) bool { return false })
	return a.emptied(o.attr)
}

// removeByID removes references by their values. Ids are caseExact (RFC 7643
// section 3.1), and so are the values that refer to them here.
func (a *applier) removeByID(list document.Node, ids []string) *Error {
	if list == document.NoNode {
		a.log.Note(quirk.RemoveNoMatch)
		return nil
	}
	if err := a.walked(list); err != nil {
		return err
	}
	at := a.tree.Attr(list)
	gone := make(map[string]struct{}, len(ids))
	for _, id := range ids {
		gone[string(document.AppendString(nil, id))] = struct{}{}
	}
	n := a.tree.Filter(list, func(e document.Node) bool {
		v := a.tree.Child(e, at.Value)
		if v == document.NoNode {
			return true
		}
		_, ok := gone[string(a.tree.Leaf(v).Raw())]
		return !ok
	})
	if n == 0 {
		a.log.Note(quirk.RemoveNoMatch)
	}
	return a.emptied(at.ID)
}

// valuesOf gives the values of a filter that is value eq "…", or several of
// these joined by or; nil if it is not.
func valuesOf(x filter.Expr, ids []string) []string {
	switch x := x.(type) {
	case *filter.Or:
		for _, term := range x.Terms {
			if ids = valuesOf(term, ids); ids == nil {
				return nil
			}
		}
		return ids
	case *filter.Compare:
		if x.Op == filter.Eq && x.Value.Kind == filter.String && model.EqualFold(x.Attr.String(), "value") {
			return append(ids, x.Value.Text)
		}
	}
	return nil
}

// removeListed removes the elements that a value lists, and no others.
func (a *applier) removeListed(o *op) *Error {
	at := a.t.Attr(o.attr)
	listed, err := a.readList(at, o.value)
	if err != nil {
		return err
	}
	list := a.tree.Get(o.attr)
	if listed == document.NoNode || list == document.NoNode {
		a.log.Note(quirk.RemoveNoMatch)
		return nil
	}
	if err := a.walked(list); err != nil {
		return err
	}
	match := a.matcher(at, listed)
	if a.tree.Filter(list, func(e document.Node) bool { return !match(e) }) == 0 {
		a.log.Note(quirk.RemoveNoMatch)
	}
	return a.emptied(o.attr)
}

// matcher gives a function that tells whether an element is listed. What is
// listed matches by value, and type if it has one, or else by all that it says.
// Entries with the same sub-attributes share a map, so that the cost is that of
// the list and not its square.
func (a *applier) matcher(at *model.Attr, listed document.Node) func(document.Node) bool {
	type group struct {
		ids  []model.ID
		keys map[string]struct{}
	}
	var groups []*group
	for e := a.tree.First(listed); e != document.NoNode; e = a.tree.Next(e) {
		ids := a.identity(at, e)
		if ids == nil {
			continue
		}
		i := slices.IndexFunc(groups, func(g *group) bool { return slices.Equal(g.ids, ids) })
		if i < 0 {
			i = len(groups)
			groups = append(groups, &group{ids, make(map[string]struct{})})
		}
		key, _ := a.values(e, ids)
		groups[i].keys[string(key)] = struct{}{}
	}
	return func(e document.Node) bool {
		for _, g := range groups {
			a.work += walk // the next spend looks at it
			if key, ok := a.values(e, g.ids); ok {
				if _, ok := g.keys[string(key)]; ok {
					return true
				}
			}
		}
		return false
	}
}

// identity are the sub-attributes by which a listed element selects; for a
// simple attribute it is the element itself.
func (a *applier) identity(at *model.Attr, e document.Node) []model.ID {
	if at.Kind != model.Complex {
		return []model.ID{at.ID}
	}
	value := at.Value != model.None && a.tree.Child(e, at.Value) != document.NoNode
	var ids []model.ID
	for c := a.tree.First(e); c != document.NoNode; c = a.tree.Next(c) {
		switch id := a.tree.ID(c); {
		case id == model.None:
		case id == at.Value, !value, id == at.TypeSub && !at.ResourceRef:
			ids = append(ids, id)
		}
	}
	return ids
}

// values is the text of some sub-attributes of e; ok is false if it lacks one.
func (a *applier) values(e document.Node, ids []model.ID) (text []byte, ok bool) {
	if a.tree.Kind(e) != document.Object {
		return a.text(e), true
	}
	a.scratch = a.scratch[:0]
	for _, id := range ids {
		n := a.tree.Child(e, id)
		if n == document.NoNode {
			return nil, false
		}
		a.scratch = append(a.tree.AppendNode(a.scratch, n), 0)
	}
	return a.scratch, true
}
