package storetest

import (
	"fmt"
	"strings"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/scim"
)

// filters makes filters at random that some of the resources match.
type filters struct {
	*kind
	all    []*scim.Resource
	leaves []*model.Attr
}

func newFilters(k *kind, all []*scim.Resource) *filters {
	g := &filters{kind: k, all: all}
	for id := model.IDAttr; int(id) < len(k.model.Attrs); id++ {
		a := &k.model.Attrs[id]
		if a.Kind == model.Complex || !k.visible(a) || id == k.model.MetaType || id == k.model.MetaLocation || id == k.model.MetaVersion {
			continue
		}
		g.leaves = append(g.leaves, a)
	}
	return g
}

// visible tells whether clients may filter by a and handlers store it.
func (k *kind) visible(a *model.Attr) bool {
	for ; a.ID != model.Root; a = k.model.Attr(a.Parent) {
		if a.Returned == model.Never || a.Mutability == model.WriteOnly || a.ResourceRef {
			return false
		}
	}
	return true
}

// expression makes a filter with operators nested to depth.
func (g *filters) expression(depth int) string {
	if depth > 0 {
		switch g.rand.IntN(6) {
		case 0:
			return g.expression(depth-1) + " and " + g.expression(depth-1)
		case 1:
			return "(" + g.expression(depth-1) + " or " + g.expression(depth-1) + ")"
		case 2:
			return "not (" + g.expression(depth-1) + ")"
		}
	}
	a := g.leaves[g.rand.IntN(len(g.leaves))]
	if up := g.model.Attr(a.Parent); up.Multi && g.rand.IntN(2) == 0 {
		return up.Path + "[" + g.inside(up) + "]"
	}
	return g.comparison(a, a.Path)
}

// inside makes a filter on the elements of a.
func (g *filters) inside(a *model.Attr) string {
	var subs []*model.Attr
	for id := a.ID + 1; id < a.End; id++ {
		if g.visible(g.model.Attr(id)) {
			subs = append(subs, g.model.Attr(id))
		}
	}
	one := subs[g.rand.IntN(len(subs))]
	s := g.comparison(one, one.Name)
	if g.rand.IntN(2) == 0 {
		other := subs[g.rand.IntN(len(subs))]
		s += " and " + g.comparison(other, other.Name)
	}
	return s
}

var (
	anyOps   = []string{"eq", "eq", "ne", "pr"}
	orderOps = append([]string{"gt", "ge", "lt", "le"}, anyOps...)
	textOps  = append([]string{"co", "sw", "ew"}, orderOps...)
)

// comparison makes a comparison of a, whose name in the filter is path.
func (g *filters) comparison(a *model.Attr, path string) string {
	ops := anyOps
	switch a.Kind {
	case model.String, model.Reference:
		ops = textOps
	case model.Integer, model.Decimal, model.DateTime:
		ops = orderOps
	}
	op := ops[g.rand.IntN(len(ops))]
	if op == "pr" {
		return path + " pr"
	}
	v := g.sample(a)
	if a.Kind != model.String && a.Kind != model.Reference {
		return fmt.Sprintf("%s %s %s", path, op, literal(v))
	}
	runes := []rune(v)
	switch n := len(runes); {
	case op == "sw" && n > 1:
		v = string(runes[:1+g.rand.IntN(n-1)])
	case op == "ew" && n > 1:
		v = string(runes[g.rand.IntN(n-1):])
	case op == "co" && n > 2:
		v = string(runes[1 : n-1])
	}
	if g.rand.IntN(3) == 0 {
		v = strings.ToUpper(v)
	}
	return fmt.Sprintf("%s %s %s", path, op, quote(v))
}

// sample gives a value that some resource has, or one of its type.
func (g *filters) sample(a *model.Attr) string {
	for range 5 {
		d := g.all[g.rand.IntN(len(g.all))].Document()
		v, ok := d.Get(a.ID)
		if up := g.model.Attr(a.Parent); up.Multi {
			v, ok = d.Get(up.ID)
			if ok {
				v, ok = g.element(v).Member(a)
			}
		}
		if ok {
			return g.element(v).String()
		}
	}
	switch a.Kind {
	case model.Boolean:
		return "true"
	case model.Integer, model.Decimal:
		return "7"
	case model.DateTime:
		return "2024-05-01T12:00:00Z"
	}
	return "nothing has this"
}

// element picks an element of an array.
func (g *filters) element(v document.Value) document.Value {
	if v.Kind() != document.Array {
		return v
	}
	it := v.Iter()
	first, _ := it.Next()
	for e, ok := first, true; ok; e, ok = it.Next() {
		if g.rand.IntN(2) == 0 {
			return e
		}
	}
	return first
}
