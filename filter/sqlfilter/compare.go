package sqlfilter

import (
	"strings"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/internal/model"
)

// verb is what is asked about one value.
type verb uint8

const (
	compares verb = iota // op holds
	differs              // op is ne, and holds also without a value
	exists               // there is a value
	present              // there is a value that is not empty
)

// question is a comparison, ready to be asked about values.
type question struct {
	verb  verb
	attr  *model.Attr
	op    filter.Op
	texts []string // literals as they were sent; several are for eq
	keys  []string // their comparison keys
	// absent: an element without the value counts as having "false" (primary,
	// RFC 7643 section 2.4).
	absent bool
	strict bool
}

// compare asks whether one of the values of an attribute passes. texts are
// literals in place of that of e. See filter's compare.match for the rules.
func (p *printer) compare(e *filter.Compare, texts []string, s scope, m mode) (string, error) {
	id, err := filter.Resolve(e.Attr, p.t, s.parent, nil)
	if err != nil {
		return "", unsupported(e.Attr.String(), "%v", err)
	}
	q, err := p.question(e, id, texts)
	if err != nil {
		return "", err
	}
	q.strict = m.strict
	switch {
	case e.Op == filter.Pr, e.Op == filter.Ne && e.Value.Kind == filter.Null:
		q.verb = present
	case e.Value.Kind == filter.Null:
		q.verb, q.strict = present, true
		sql, err := p.some(s, id, q)
		return not(sql), err
	case e.Op == filter.Ne && !p.many(s, id):
		q.verb = differs
	case e.Op == filter.Ne:
		return p.any(2, func(i int) (string, error) {
			if i == 0 {
				return p.some(s, id, q)
			}
			none := q
			none.verb, none.strict = exists, true
			sql, err := p.some(s, id, none)
			return not(sql), err
		})
	}
	return p.some(s, id, q)
}

func (p *printer) question(e *filter.Compare, id model.ID, texts []string) (question, error) {
	a := p.t.Attr(id)
	q := question{attr: a, op: e.Op, texts: texts}
	if e.Op == filter.Pr || e.Value.Kind == filter.Null {
		return q, nil
	}
	up := p.t.Attr(a.Parent)
	q.absent = up.Multi && up.Primary == id
	if texts == nil {
		q.texts = []string{e.Value.Text}
	}
	for _, text := range q.texts {
		key, ok := filter.LiteralKey(a, text)
		if !ok || strings.ToValidUTF8(key, "") != key {
			return q, unsupported(a.Path, "the value is not one that a database can compare with")
		}
		q.keys = append(q.keys, key)
	}
	return q, nil
}

// many tells whether attribute id may have several values in s.
func (p *printer) many(s scope, id model.ID) bool {
	if s.inElement() {
		return id != s.parent && p.t.Attr(id).Multi
	}
	return p.multi(id) != model.None
}

// some asks q of all values of attribute id, joined by OR.
func (p *printer) some(s scope, id model.ID, q question) (string, error) {
	if s.inElement() || !p.many(s, id) {
		return p.one(s, id, q)
	}
	list := id
	if !p.t.Attr(id).Multi {
		list = p.t.Attr(id).Parent
	}
	return p.each(list, func(s scope) (string, error) {
		inner := q
		if s.element == nil {
			inner.strict = false
			return p.one(s, id, inner)
		}
		return p.ofElement(s, id, inner)
	})
}

// ofElement asks q of an element made of columns, which may not exist.
func (p *printer) ofElement(s scope, id model.ID, q question) (string, error) {
	if s.element.leaves[id] != nil && !q.absent {
		return p.one(s, id, q)
	}
	return p.all(2, func(i int) (string, error) {
		if i == 0 {
			return s.element.present(), nil
		}
		return p.one(s, id, q)
	})
}

// one asks q of attribute id, below the resource or an element, or of each of
// its values if it is a list within the element.
func (p *printer) one(s scope, id model.ID, q question) (string, error) {
	if s.inElement() && id != s.parent && p.t.Attr(id).Multi {
		inner := q
		inner.strict = false
		return p.nested(s, id, func(s scope) (string, error) { return p.one(s, id, inner) })
	}
	l, err := p.leaf(s, id)
	if err != nil {
		return "", err
	}
	return p.ask(l, q)
}
