package filter

import (
	"fmt"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/internal/quirk"
	"github.com/scimkit/scimkit/schema"
)

// A Filter is an expression bound to a resource type: every attribute exists,
// every operator and value fits its attribute. Any number of goroutines may
// use it.
type Filter struct {
	expr Expr
	root node
}

// Bind binds e to a resource type. An error is a *BindError.
func Bind(e Expr, t *schema.ResourceType) (*Filter, error) {
	return BindIn(e, t.Model(), model.Root, nil)
}

// BindIn is Bind for the packages of this module: for a compiled type, below
// parent (model.Root or the attribute of a value path), with the deviations
// that log allows.
func BindIn(e Expr, t *model.Type, parent model.ID, log *quirk.Log) (*Filter, error) {
	b := binder{t, log}
	expr, root, err := b.bind(e, parent)
	if err != nil {
		return nil, err
	}
	return &Filter{expr, root}, nil
}

// Expr gives the filter with names in the spelling of the schema and values of
// the attributes' types: what a store compiles to its own query language.
// Attributes of extensions have the extension's URN, others have none. It must
// not be changed.
func (f *Filter) Expr() Expr { return f.expr }

// String prints Expr.
func (f *Filter) String() string { return f.expr.String() }

// Resource is what a Filter looks at: *scim.Resource.
type Resource interface {
	Document() *document.Doc
}

// Match tells whether r matches. It looks at the stored values, whatever a
// response would show, and allocates nothing.
func (f *Filter) Match(r Resource) bool {
	d := r.Document()
	return d != nil && f.root.match(scope{doc: d})
}

// MatchValue tells whether v matches, one element of the attribute to which the
// filter was bound as a value path.
func (f *Filter) MatchValue(v document.Value) bool {
	return !v.IsZero() && f.root.match(scope{value: v})
}

func bindErrorf(attr, format string, args ...any) error {
	return &BindError{attr, fmt.Sprintf(format, args...)}
}

type binder struct {
	t   *model.Type
	log *quirk.Log
}

// bind gives e in canonical form and what matches it.
func (b *binder) bind(e Expr, parent model.ID) (Expr, node, error) {
	switch e := e.(type) {
	case *And:
		terms, nodes, err := b.bindAll(e.Terms, parent)
		return &And{terms}, allOf(nodes), err
	case *Or:
		terms, nodes, err := b.bindAll(e.Terms, parent)
		return &Or{terms}, lookups(nodes), err
	case *Not:
		x, n, err := b.bind(e.X, parent)
		return &Not{x}, noneOf{n}, err
	case *Compare:
		return b.compare(e, parent)
	case *ValuePath:
		return b.valuePath(e, parent)
	}
	return nil, nil, bindErrorf("", "the filter has an empty expression")
}

func (b *binder) bindAll(terms []Expr, parent model.ID) ([]Expr, []node, error) {
	if len(terms) == 0 {
		return nil, nil, bindErrorf("", "the filter has an empty expression")
	}
	exprs, nodes := make([]Expr, len(terms)), make([]node, len(terms))
	for i, t := range terms {
		var err error
		if exprs[i], nodes[i], err = b.bind(t, parent); err != nil {
			return nil, nil, err
		}
	}
	return exprs, nodes, nil
}

func (b *binder) valuePath(e *ValuePath, parent model.ID) (Expr, node, error) {
	if parent != model.Root {
		return nil, nil, bindErrorf(e.Attr.String(), "brackets must not stand inside brackets")
	}
	id, err := Resolve(e.Attr, b.t, parent, b.log)
	if err != nil {
		return nil, nil, err
	}
	a := b.t.Attr(id)
	if id == model.Root || !a.Multi && a.Kind != model.Complex {
		return nil, nil, bindErrorf(e.Attr.String(), "the attribute has neither elements nor sub-attributes to filter")
	}
	if err := b.visible(e.Attr, a); err != nil {
		return nil, nil, err
	}
	x, n, err := b.bind(e.Filter, id)
	if err != nil {
		return nil, nil, err
	}
	return &ValuePath{canonical(b.t, model.Root, id), x}, &each{b.chain(model.Root, id), n}, nil
}

func (b *binder) compare(e *Compare, parent model.ID) (Expr, node, error) {
	id, err := Resolve(e.Attr, b.t, parent, b.log)
	if err != nil {
		return nil, nil, err
	}
	if id == model.Root {
		return nil, nil, bindErrorf(e.Attr.String(), "an attribute is expected behind the schema URI")
	}
	c := Compare{e.Attr, e.Op, e.Value}
	if id, err = b.target(&c, id, parent); err != nil {
		return nil, nil, err
	}
	a := b.t.Attr(id)
	if err := b.visible(e.Attr, a); err != nil {
		return nil, nil, err
	}
	if err := b.operand(&c, a); err != nil {
		return nil, nil, err
	}
	c.Attr = canonical(b.t, parent, id)
	n := &compare{path: b.chain(parent, id), test: newTest(a, c.Op, c.Value)}
	up := b.t.Attr(a.Parent)
	n.absentFalse = up.Multi && up.Primary == id && c.Op != Pr && c.Value.Kind != Null
	return &c, n, nil
}

// target gives the attribute whose values are compared where that is not
// attribute id itself, and the value to compare them with.
func (b *binder) target(c *Compare, id, parent model.ID) (model.ID, error) {
	a := b.t.Attr(id)
	switch {
	case a.Kind == model.Complex && id != parent && c.Op != Pr && c.Value.Kind != Null:
		return b.valueOf(c, a)
	case id == b.t.MetaLocation && parent == model.Root:
		// The location follows from the id; documents do not hold it.
		return model.IDAttr, b.lastSegment(c)
	case id == b.t.MetaLocation:
		return model.None, bindErrorf(c.Attr.String(), "meta.location does not stand between brackets")
	case a.ID == b.t.Attr(a.Parent).Ref && b.t.Attr(a.Parent).ResourceRef:
		return b.t.Attr(a.Parent).Value, b.lastSegment(c)
	}
	return id, nil
}

// valueOf takes a complex attribute for its value: RFC 7644 section 3.4.2.2
// wants the sub-attribute named, and in its own examples leaves it out.
func (b *binder) valueOf(c *Compare, a *model.Attr) (model.ID, error) {
	complain := func() (model.ID, error) {
		return model.None, bindErrorf(c.Attr.String(), "the attribute is complex; %q needs one of its sub-attributes", c.Op)
	}
	if a.Value == model.None || c.Op > Ew {
		return complain()
	}
	switch {
	case a.Multi && a.ResourceRef:
		b.log.Note(quirk.ReferenceAsValue)
	case a.Multi:
		b.log.Note(quirk.ComplexAsValue)
	case !a.ResourceRef || !b.log.Try(quirk.ReferenceAsValue):
		return complain()
	}
	return a.Value, nil
}

// visible refuses attributes that no response shows: matching them would tell
// their values bit by bit (RFC 7643 section 7 leaves it to the provider).
func (b *binder) visible(p AttrPath, a *model.Attr) error {
	for ; ; a = b.t.Attr(a.Parent) {
		if a.Returned == model.Never || a.Mutability == model.WriteOnly {
			return bindErrorf(p.String(), "the attribute is never returned and cannot be filtered or sorted by")
		}
		if a.ID == model.Root {
			return nil
		}
	}
}

// chain is the way from parent down to attribute id. From the resource itself,
// it begins with the deepest attribute that document.Doc.Get reaches.
func (b *binder) chain(parent, id model.ID) []*model.Attr {
	var up []*model.Attr
	for at := id; at != parent; at = b.t.Attr(at).Parent {
		up = append(up, b.t.Attr(at))
	}
	path := make([]*model.Attr, 0, len(up))
	for i := len(up) - 1; i >= 0; i-- {
		if parent == model.Root && i > 0 && !up[i].Multi && len(path) == 0 {
			continue
		}
		path = append(path, up[i])
	}
	return path
}
