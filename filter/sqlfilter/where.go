package sqlfilter

import (
	"strings"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/internal/model"
)

// A Clause is a condition for WHERE and its arguments. It may be NULL where it
// does not hold.
type Clause struct {
	SQL  string
	Args []any // in the order of the placeholders

	// Exact tells whether the rows for which the clause holds are those that
	// the filter matches. If not, see Columns.Scan, they are among those.
	Exact bool
}

// Where makes SQL of a filter that is bound to the Compiler's resource type.
// The text depends on the shape of the filter: its attributes, its operators,
// booleans and null; whether a string is empty, how it compares with constants
// of the mapping and whether Column.Convert takes it; and whether a number or a
// time has more digits than the column. No literal is ever a part of the text.
// first is the number of the first placeholder, 1 if the statement has no other
// arguments before. A nil filter holds for every row.
//
// An error is an *UnsupportedError.
func (c *Compiler) Where(f *filter.Filter, first int) (Clause, error) {
	if f == nil {
		return Clause{SQL: yes, Exact: true}, nil
	}
	p := &printer{Compiler: c, first: first, exact: true}
	sql, err := p.expr(f.Expr(), scope{}, mode{})
	if err != nil {
		return Clause{}, err
	}
	return Clause{sql, p.args, p.exact}, nil
}

// Conditions that are known without looking at a row. They have no arguments.
const (
	yes = "TRUE"
	no  = "FALSE"
)

// printer writes one clause from left to right, so that arguments stand in the
// order of their placeholders.
type printer struct {
	*Compiler
	first   int
	args    []any
	aliases int
	exact   bool
}

// mode is what a condition has to be good for.
type mode struct {
	less   bool // if it cannot be exact, it must hold for fewer rows, not for more
	strict bool // it must not be NULL
}

func (m mode) not() mode { return mode{less: !m.less, strict: true} }

// arg notes an argument and gives its placeholder.
func (p *printer) arg(v any) string {
	p.args = append(p.args, v)
	return p.d.Placeholder(p.first + len(p.args) - 1)
}

func (p *printer) expr(e filter.Expr, s scope, m mode) (string, error) {
	start := len(p.args)
	sql, err := p.term(e, s, m)
	if p.canScan(err) {
		p.args, p.exact = p.args[:start], false
		if m.less {
			return no, nil
		}
		return yes, nil
	}
	return sql, err
}

func (p *printer) term(e filter.Expr, s scope, m mode) (string, error) {
	switch e := e.(type) {
	case *filter.And:
		return p.all(len(e.Terms), func(i int) (string, error) { return p.expr(e.Terms[i], s, m) })
	case *filter.Or:
		return p.or(e, s, m)
	case *filter.Not:
		sql, err := p.expr(e.X, s, m.not())
		return not(sql), err
	case *filter.Compare:
		return p.compare(e, nil, s, m)
	case *filter.ValuePath:
		return p.valuePath(e, s, m)
	}
	return "", unsupported("", "the filter has an empty expression")
}

func not(sql string) string {
	switch sql {
	case yes:
		return no
	case no:
		return yes
	}
	// What ends so is about one value; all that is joined ends with a
	// parenthesis.
	for _, end := range [...][2]string{{" IS NOT NULL", " IS NULL"}, {" IS TRUE", " IS NOT TRUE"}, {" IS NOT TRUE", " IS TRUE"}} {
		if x, ok := strings.CutSuffix(sql, end[0]); ok {
			return x + end[1]
		}
	}
	return "NOT (" + sql + ")"
}

// all joins n conditions by AND.
func (p *printer) all(n int, term func(int) (string, error)) (string, error) {
	return p.join(n, " AND ", yes, no, term)
}

// any joins n conditions by OR.
func (p *printer) any(n int, term func(int) (string, error)) (string, error) {
	return p.join(n, " OR ", no, yes, term)
}

// join leaves out the neutral condition; the final one decides all.
func (p *printer) join(n int, word, neutral, final string, term func(int) (string, error)) (string, error) {
	start := len(p.args)
	var parts []string
	for i := range n {
		sql, err := term(i)
		switch {
		case err != nil:
			return "", err
		case sql == final:
			p.args = p.args[:start]
			return final, nil
		case sql != neutral:
			parts = append(parts, sql)
		}
	}
	switch len(parts) {
	case 0:
		return neutral, nil
	case 1:
		return parts[0], nil
	}
	return "(" + strings.Join(parts, word) + ")", nil
}

// valuePath holds when one element meets all of a filter.
func (p *printer) valuePath(e *filter.ValuePath, s scope, m mode) (string, error) {
	id, err := filter.Resolve(e.Attr, p.t, s.parent, nil)
	if err != nil {
		return "", unsupported(e.Attr.String(), "%v", err)
	}
	if p.multi(id) == model.None {
		return p.all(2, func(i int) (string, error) {
			if i == 0 {
				return p.exists(id)
			}
			return p.expr(e.Filter, scope{parent: id}, m)
		})
	}
	return p.each(id, func(s scope) (string, error) { return p.meets(s, e.Filter, m) })
}

// meets asks whether the element s exists and meets e.
func (p *printer) meets(s scope, e filter.Expr, m mode) (string, error) {
	if s.element == nil {
		m.strict = false // EXISTS is never NULL
		return p.expr(e, s, m)
	}
	return p.all(2, func(i int) (string, error) {
		if i == 0 {
			return s.element.present(), nil
		}
		return p.expr(e, s, m)
	})
}
