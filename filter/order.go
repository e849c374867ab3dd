package filter

import (
	"bytes"
	"cmp"
	"slices"

	"golang.org/x/text/unicode/norm"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/internal/quirk"
	"github.com/scimkit/scimkit/schema"
)

// An Order sorts resources as sortBy and sortOrder say (RFC 7644 section
// 3.4.2.3): by the type of the attribute, strings by caseExact, a multi-valued
// attribute by its primary or else its first value. Resources without a value
// come last in ascending order and first in descending order; equal ones are
// in ascending order of their ids.
type Order struct {
	descending bool
	path       AttrPath
	class      class
	id         *model.Attr
	chain      []*model.Attr
	primary    *model.Attr // of the multi-valued attribute in chain, nil if none
}

// NewOrder binds sortBy to a resource type. An error is a *SyntaxError or a
// *BindError.
func NewOrder(t *schema.ResourceType, sortBy string, descending bool) (*Order, error) {
	return NewOrderIn(t.Model(), sortBy, descending, nil)
}

// NewOrderIn is NewOrder for the packages of this module.
func NewOrderIn(t *model.Type, sortBy string, descending bool, log *quirk.Log) (*Order, error) {
	p := Parser{Log: log}
	path, err := p.ParsePath(sortBy)
	if err != nil {
		return nil, err
	}
	if path.Filter != nil {
		return nil, bindErrorf(sortBy, "sortBy does not take a filter")
	}
	id, err := Resolve(path.Attr, t, model.Root, log)
	if err != nil {
		return nil, err
	}
	b := binder{t, log}
	if id, err = b.sortable(path.Attr, id); err != nil {
		return nil, err
	}
	o := &Order{descending: descending, path: canonical(t, model.Root, id), id: t.Attr(model.IDAttr), chain: b.chain(model.Root, id)}
	o.class = classOf(t.Attr(id))
	if first := o.chain[0]; first.Multi && first.Primary != model.None && len(o.chain) > 1 {
		o.primary = t.Attr(first.Primary)
	}
	return o, nil
}

// sortable gives the attribute whose values order resources by id.
func (b *binder) sortable(p AttrPath, id model.ID) (model.ID, error) {
	a := b.t.Attr(id)
	if id != model.Root && a.Kind == model.Complex && a.Value != model.None {
		a = b.t.Attr(a.Value)
	}
	if a.ID == b.t.MetaLocation {
		a = b.t.Attr(model.IDAttr)
	}
	if a.Kind == model.Complex || a.ID == model.Root {
		return model.None, bindErrorf(p.String(), "the attribute is complex; sortBy needs one of its sub-attributes")
	}
	return a.ID, b.visible(p, a)
}

// Path is the attribute in the spelling of the schema.
func (o *Order) Path() AttrPath { return o.path }

// Descending tells the direction.
func (o *Order) Descending() bool { return o.descending }

// Compare orders two resources.
func (o *Order) Compare(a, b Resource) int {
	x, y := o.key(a), o.key(b)
	return o.compare(&x, &y)
}

// Sort sorts resources; it computes each key once.
func Sort[R Resource](o *Order, resources []R) {
	type entry struct {
		key sortKey
		r   R
	}
	entries := make([]entry, len(resources))
	for i, r := range resources {
		entries[i] = entry{o.key(r), r}
	}
	slices.SortStableFunc(entries, func(a, b entry) int { return o.compare(&a.key, &b.key) })
	for i := range entries {
		resources[i] = entries[i].r
	}
}

// sortKey is what orders one resource.
type sortKey struct {
	missing bool
	text    []byte
	number  decimal
	moment  instant
	id      []byte
}

func (o *Order) compare(x, y *sortKey) int {
	c := o.compareKeys(x, y)
	if o.descending {
		c = -c
	}
	if c == 0 {
		c = bytes.Compare(x.id, y.id)
	}
	return c
}

func (o *Order) compareKeys(x, y *sortKey) int {
	switch {
	case x.missing || y.missing:
		return cmp.Compare(btoi(x.missing), btoi(y.missing))
	case o.class == number:
		return x.number.compare(&y.number)
	case o.class == moment:
		return x.moment.compare(&y.moment)
	}
	return bytes.Compare(x.text, y.text)
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (o *Order) key(r Resource) sortKey {
	k := sortKey{missing: true}
	d := r.Document()
	if d == nil {
		return k
	}
	if v, ok := d.Get(o.id.ID); ok {
		k.id = inside(v)
	}
	v, ok := d.Get(o.chain[0].ID)
	for _, a := range o.chain[1:] {
		if ok {
			v, ok = o.element(v).Member(a)
		}
	}
	if v = o.element(v); ok && isPresent(v, v.Kind()) {
		k.missing = !o.set(&k, v)
	}
	return k
}

// element picks the value of an array that counts: the primary or the first.
func (o *Order) element(v document.Value) document.Value {
	if v.Kind() != document.Array {
		return v
	}
	it := v.Iter()
	first, _ := it.Next()
	for e, ok := first, o.primary != nil; ok; e, ok = it.Next() {
		if p, _ := e.Member(o.primary); p.Bool() {
			return e
		}
	}
	return first
}

// set takes the value of v, if it is of the attribute's type.
func (o *Order) set(k *sortKey, v document.Value) (ok bool) {
	switch o.class {
	case number:
		if v.Kind() == document.Number {
			k.number, ok = parseDecimal(v.Raw())
		}
		return ok
	case moment:
		k.moment, ok = parseInstant(inside(v))
		return ok
	case boolean:
		k.text = v.Raw() // "false" < "true"
		return true
	}
	if v.Kind() != document.String {
		return false
	}
	switch k.text = v.Bytes(nil); o.class {
	case folded:
		k.text = appendKey(nil, k.text)
	case exact:
		k.text = norm.NFC.Bytes(k.text)
	}
	return true
}
