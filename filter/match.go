package filter

import (
	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
)

// scope is what a filter looks at: a resource, or one element of a value path.
type scope struct {
	doc   *document.Doc
	value document.Value
}

// get finds the first attribute of a chain.
func (s scope) get(a *model.Attr) (document.Value, bool) {
	if s.doc != nil {
		return s.doc.Get(a.ID)
	}
	return s.value.Member(a)
}

// node is one step of a bound filter.
type node interface {
	match(s scope) bool
}

type (
	allOf  []node
	anyOf  []node
	noneOf struct{ node }
)

func (n allOf) match(s scope) bool {
	for _, t := range n {
		if !t.match(s) {
			return false
		}
	}
	return true
}

func (n anyOf) match(s scope) bool {
	for _, t := range n {
		if t.match(s) {
			return true
		}
	}
	return false
}

func (n noneOf) match(s scope) bool { return !n.node.match(s) }

// each matches when one element of an attribute meets all of a filter (RFC 7644
// section 3.4.2.2, "complex attribute filter grouping"). A single-valued
// attribute counts as its only element.
type each struct {
	path   []*model.Attr
	filter node
}

func (n *each) match(s scope) bool {
	v, ok := s.get(n.path[0])
	return ok && n.any(v, n.path[1:])
}

func (n *each) any(v document.Value, rest []*model.Attr) bool {
	if v.Kind() != document.Array {
		return n.one(v, rest)
	}
	for it := v.Iter(); ; {
		element, ok := it.Next()
		if !ok {
			return false
		}
		if element.Kind() != document.Array && n.one(element, rest) {
			return true
		}
	}
}

func (n *each) one(v document.Value, rest []*model.Attr) bool {
	if len(rest) == 0 {
		return n.filter.match(scope{value: v})
	}
	v, ok := v.Member(rest[0])
	return ok && n.any(v, rest[1:])
}

// compare tests the values of one attribute. It matches when one of them
// passes; ne matches also where there is none, of which RFC 7644 does not speak
// and on which implementations agree.
type compare struct {
	path        []*model.Attr // empty: the element itself
	test        test
	absentFalse bool // primary: an element without it has the value false (RFC 7643 section 2.4)
}

func (n *compare) match(s scope) bool {
	if len(n.path) == 0 {
		return n.verdict(n.one(s.value, nil))
	}
	v, ok := s.get(n.path[0])
	if !ok {
		return n.verdict(n.absent(len(n.path) == 1))
	}
	return n.verdict(n.any(v, n.path[1:]))
}

func (n *compare) verdict(hit, seen bool) bool {
	switch n.test.class {
	case unassigned:
		return !hit
	case present:
		return hit
	}
	return hit || n.test.op == Ne && !seen
}

// any tests the values of v, or those of the sub-attribute rest[0] of v. seen
// tells whether there is a value at all.
func (n *compare) any(v document.Value, rest []*model.Attr) (hit, seen bool) {
	if v.Kind() != document.Array {
		return n.one(v, rest)
	}
	for it := v.Iter(); ; {
		element, ok := it.Next()
		if !ok {
			return false, seen
		}
		if element.Kind() == document.Array {
			continue
		}
		h, s := n.one(element, rest)
		if h {
			return true, true
		}
		seen = seen || s
	}
}

func (n *compare) one(v document.Value, rest []*model.Attr) (hit, seen bool) {
	if len(rest) == 0 {
		if v.Kind() == document.Null {
			return false, false
		}
		return n.test.passes(v), true
	}
	v, ok := v.Member(rest[0])
	if !ok {
		return n.absent(len(rest) == 1)
	}
	return n.any(v, rest[1:])
}

var falseValue = document.Trusted([]byte("false"))

func (n *compare) absent(last bool) (hit, seen bool) {
	if last && n.absentFalse {
		return n.test.passes(falseValue), true
	}
	return false, false
}
