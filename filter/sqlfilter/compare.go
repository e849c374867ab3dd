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
	id, q, err := p.asked(e, texts, s, m)
	switch {
	case err != nil:
		return "", err
	case e.Op == filter.Eq && e.Value.Kind == filter.Null:
		q.strict = true
		sql, err := p.some(s, id, q)
		return not(sql), err
	case q.verb == present || e.Op != filter.Ne:
	case !p.many(s, id):
		q.verb = differs
	default:
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

// asked is the question that e asks of one value of an attribute.
func (p *printer) asked(e *filter.Compare, texts []string, s scope, m mode) (model.ID, question, error) {
	id, err := filter.Resolve(e.Attr, p.t, s.parent, nil)
	if err != nil {
		return 0, question{}, unsupported(e.Attr.String(), "%v", err)
	}
	q, err := p.question(e, id, texts)
	if q.strict = m.strict; e.Op == filter.Pr || e.Value.Kind == filter.Null {
		q.verb = present
	}
	return id, q, err
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
	return p.each(p.listOf(id), func(s scope) (string, error) { return p.anElement(s, id, q) })
}

// listOf is the list that attribute id is or is an element's sub-attribute of.
func (p *printer) listOf(id model.ID) model.ID {
	if a := p.t.Attr(id); !a.Multi {
		return a.Parent
	}
	return id
}

// anElement asks q of attribute id of the element s.
func (p *printer) anElement(s scope, id model.ID, q question) (string, error) {
	if s.element == nil {
		q.strict = false // EXISTS is never NULL
		return p.one(s, id, q)
	}
	return p.ofElement(s, id, q)
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
