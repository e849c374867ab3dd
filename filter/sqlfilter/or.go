package sqlfilter

import (
	"errors"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/internal/model"
)

// term is a part of an or: an expression, or the many eq of one string
// attribute, with which some clients ask for hundreds of resources at once.
type term struct {
	filter.Expr
	texts []string // literals of eq, if there are several
	// list is the multi-valued attribute of which the term asks whether one
	// element meets something; None if it asks something else.
	list model.ID
}

// or asks each list once: that one element meets this, or one meets that, is
// that one element meets this or that. Databases do not see it, and hundreds of
// subqueries cost them seconds.
func (p *printer) or(e *filter.Or, s scope, m mode) (string, error) {
	terms := p.terms(e, s)
	together := make(map[model.ID][]term)
	for _, t := range terms {
		if t.list != model.None {
			together[t.list] = append(together[t.list], t)
		}
	}
	return p.any(len(terms), func(i int) (string, error) {
		t := terms[i]
		switch same := together[t.list]; {
		case len(same) == 1, t.list == model.None:
			return p.alone(t, s, m)
		case len(same) > 1:
			together[t.list] = nil
			return p.inOne(same, s, m)
		}
		return no, nil
	})
}

// terms are those of e, with the equalities of one attribute in one.
func (p *printer) terms(e *filter.Or, s scope) []term {
	var terms []term
	at := make(map[model.ID]int)
	for _, x := range e.Terms {
		id, text, ok := p.equality(x, s)
		if i, again := at[id]; ok && again {
			terms[i].texts = append(terms[i].texts, text)
			continue
		}
		t := term{Expr: x, list: p.asksList(x, s)}
		if ok {
			at[id], t.texts = len(terms), []string{text}
		}
		terms = append(terms, t)
	}
	return terms
}

func (p *printer) equality(e filter.Expr, s scope) (id model.ID, text string, ok bool) {
	c, ok := e.(*filter.Compare)
	if !ok || c.Op != filter.Eq || c.Value.Kind != filter.String {
		return 0, "", false
	}
	id, err := filter.Resolve(c.Attr, p.t, s.parent, nil)
	if err != nil {
		return 0, "", false
	}
	k := p.t.Attr(id).Kind
	return id, c.Value.Text, k == model.String || k == model.Reference || k == model.Binary
}

// asksList gives the list of which e asks whether an element meets something.
func (p *printer) asksList(e filter.Expr, s scope) model.ID {
	var attr filter.AttrPath
	switch e := e.(type) {
	case *filter.ValuePath:
		attr = e.Attr
	case *filter.Compare:
		null := e.Op != filter.Pr && e.Value.Kind == filter.Null
		if null != (e.Op == filter.Ne) {
			return model.None // asks whether there is no element
		}
		attr = e.Attr
	default:
		return model.None
	}
	id, err := filter.Resolve(attr, p.t, s.parent, nil)
	if err != nil || s.inElement() || p.multi(id) == model.None {
		return model.None
	}
	return p.listOf(id)
}

// alone is expr for one term.
func (p *printer) alone(t term, s scope, m mode) (string, error) {
	if len(t.texts) < 2 {
		return p.expr(t.Expr, s, m)
	}
	start := len(p.args)
	sql, err := p.compare(t.Expr.(*filter.Compare), t.texts, s, m)
	if p.canScan(err) {
		p.args = p.args[:start]
		return p.expr(t.Expr, s, m)
	}
	return sql, err
}

// inOne is expr for terms that ask the same list.
func (p *printer) inOne(terms []term, s scope, m mode) (string, error) {
	start := len(p.args)
	sql, err := p.each(terms[0].list, func(element scope) (string, error) {
		return p.any(len(terms), func(i int) (string, error) {
			switch e := terms[i].Expr.(type) {
			case *filter.ValuePath:
				return p.meets(element, e.Filter, m)
			case *filter.Compare:
				id, q, err := p.asked(e, terms[i].texts, s, m)
				if err != nil {
					return "", err
				}
				return p.anElement(element, id, q)
			}
			return no, nil
		})
	})
	if p.canScan(err) {
		p.args = p.args[:start]
		return p.any(len(terms), func(i int) (string, error) { return p.alone(terms[i], s, m) })
	}
	return sql, err
}

// canScan tells whether err is one that a scan makes up for.
func (p *printer) canScan(err error) bool {
	var cannot *UnsupportedError
	return p.scan && errors.As(err, &cannot)
}
