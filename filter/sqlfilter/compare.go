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

// ask asks q of one value.
func (p *printer) ask(l leaf, q question) (string, error) {
	switch {
	case l.object != "":
		return l.object, nil
	case l.none && q.absent:
		return p.ask(leaf{key: "false"}, q)
	case l.none:
		return constant(q.verb == differs), nil
	case l.column == nil:
		return constant(q.holds(l.key)), nil
	case q.verb == exists && q.absent:
		return yes, nil
	case q.verb == exists:
		return l.column.SQL + " IS NOT NULL", nil
	case q.verb == present:
		return p.present(l, q.strict), nil
	}
	return p.askColumn(l, q)
}

func constant(b bool) string {
	if b {
		return yes
	}
	return no
}

func (p *printer) present(l leaf, strict bool) string {
	sql := l.column.SQL
	if l.column.Form != Text && l.column.Form != Key || l.column.NotEmpty {
		return sql + " IS NOT NULL"
	}
	if p.d == MySQL {
		sql = p.d.binary(sql) // otherwise, blanks at the end do not count
	}
	if strict {
		return "(" + sql + " <> '') IS TRUE"
	}
	return sql + " <> ''"
}

// holds answers q for the comparison key of a value.
func (q *question) holds(key string) bool {
	switch q.verb {
	case exists:
		return true
	case present:
		return key != ""
	}
	for _, k := range q.keys {
		if holds(q.op, key, k) {
			return true
		}
	}
	return false
}

func holds(op filter.Op, key, literal string) bool {
	switch op {
	case filter.Co:
		return strings.Contains(key, literal)
	case filter.Sw:
		return strings.HasPrefix(key, literal)
	case filter.Ew:
		return strings.HasSuffix(key, literal)
	}
	return map[filter.Op]bool{
		filter.Eq: key == literal, filter.Ne: key != literal,
		filter.Gt: key > literal, filter.Ge: key >= literal,
		filter.Lt: key < literal, filter.Le: key <= literal,
	}[op]
}

// askColumn compares a column with literals.
func (p *printer) askColumn(l leaf, q question) (string, error) {
	var sql string
	var err error
	switch l.column.Form {
	case Boolean:
		return askBoolean(l.column.SQL, q), nil
	case Number:
		sql, err = p.askNumber(l.column.SQL, q)
	case Time, UnixSeconds, UnixMicros:
		sql, err = p.askTime(l.column, q)
	case Opaque:
		sql, err = p.askOpaque(l.column, q)
	default:
		sql, err = p.askText(l, q)
	}
	return q.definite(l, sql), err
}

// definite makes sql what q asks for: true where there is no value, or never
// NULL.
func (q *question) definite(l leaf, sql string) string {
	missing := l.column.SQL + " IS NULL"
	switch {
	case sql == yes, q.absent && sql == no:
	case q.verb == differs && !q.absent && sql == no:
		return missing
	case sql == no:
	case q.verb == differs && !q.absent && strings.HasSuffix(sql, " IS NOT NULL"):
		return yes
	case q.verb == differs && !q.absent:
		return "(" + sql + " OR " + missing + ")"
	case q.strict && !strings.HasSuffix(sql, " IS NOT NULL"):
		return "(" + sql + ") IS TRUE"
	}
	return sql
}

// askBoolean is never NULL.
func askBoolean(sql string, q question) string {
	want := (q.keys[0] == "true") == (q.op == filter.Eq)
	// A missing value differs from both, but for primary, which then is false.
	missing := q.verb == differs
	if q.absent {
		missing = !want
	}
	switch {
	case want && missing:
		return sql + " IS NOT FALSE"
	case want:
		return sql + " IS TRUE"
	case missing:
		return sql + " IS NOT TRUE"
	}
	return sql + " IS FALSE"
}

func (p *printer) askOpaque(column *Column, q question) (string, error) {
	if q.op != filter.Eq && q.op != filter.Ne {
		return "", unsupported(q.attr.Path, "this service provider does not support %q on the attribute", q.op)
	}
	var args []any
	for _, text := range q.texts {
		arg, ok := any(text), !strings.Contains(text, "\x00")
		if column.Convert != nil {
			arg, ok = column.Convert(text)
		}
		if ok {
			args = append(args, arg)
		}
	}
	if len(args) == 0 {
		if q.op == filter.Ne {
			return column.SQL + " IS NOT NULL", nil
		}
		return no, nil
	}
	placeholders := make([]string, len(args))
	for i, arg := range args {
		placeholders[i] = p.arg(arg)
	}
	return equal(column.SQL, q.op, placeholders), nil
}

// equal compares with one or more operands.
func equal(x string, op filter.Op, operands []string) string {
	switch {
	case op == filter.Ne:
		return x + " <> " + operands[0]
	case len(operands) == 1:
		return x + " = " + operands[0]
	}
	return x + " IN (" + strings.Join(operands, ", ") + ")"
}
