package sqlfilter

import (
	"strings"

	"github.com/scimkit/scimkit/filter"
)

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
