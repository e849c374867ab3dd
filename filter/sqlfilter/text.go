package sqlfilter

import (
	"strings"
	"unicode/utf8"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/internal/model"
)

// text is an expression of text to compare with.
type text struct {
	plain  string
	sql    string // for equality, which an index on the column can serve
	binary string // compares by bytes
}

func (p *printer) text(l leaf, q question) text {
	sql := l.column.SQL
	if l.column.Form == Text && q.attr.Kind == model.String && !q.attr.CaseExact {
		sql = "lower(" + sql + ")"
	}
	if q.absent {
		sql = "coalesce(" + sql + ", 'false')"
	}
	t := text{sql, sql, p.d.binary(sql)}
	switch {
	case p.d == SQLite && (l.json || sql != l.column.SQL):
		t.binary = sql // what a function gives has no collation of its own
	case p.d == SQLite, l.json, q.absent:
		t.sql = t.binary
	}
	return t
}

// textArg passes a text.
func (p *printer) textArg(s any) string {
	switch p.d {
	case PostgreSQL:
		return p.arg(s) + "::text"
	case MySQL:
		return "CAST(" + p.arg(s) + " AS BINARY)"
	}
	return p.arg(s)
}

// again is a second reference to the argument that arg has passed.
func (p *printer) again(ph, s string) string {
	if p.d == MySQL {
		return p.textArg(s)
	}
	return ph
}

func (p *printer) askText(l leaf, q question) (string, error) {
	x := p.text(l, q)
	q = withoutNUL(q)
	if len(q.keys) == 0 {
		if q.op == filter.Ne {
			return l.column.SQL + " IS NOT NULL", nil
		}
		return no, nil
	}
	key := q.keys[0]
	switch q.op {
	case filter.Eq, filter.Ne:
		return p.equalText(x, q), nil
	case filter.Co:
		return p.contains(x, key), nil
	case filter.Sw:
		return p.startsWith(l, x, key), nil
	case filter.Ew:
		return p.endsWith(x, key), nil
	}
	return x.binary + signs[q.op] + p.textArg(key), nil
}

var signs = map[filter.Op]string{
	filter.Eq: " = ", filter.Ne: " <> ", filter.Gt: " > ", filter.Ge: " >= ", filter.Lt: " < ", filter.Le: " <= ",
}

// withoutNUL takes U+0000, which no stored text has and PostgreSQL refuses, out
// of literals: nothing is equal to them, and what comes after it does not
// matter for the order.
func withoutNUL(q question) question {
	var keys []string
	for _, key := range q.keys {
		before, _, found := strings.Cut(key, "\x00")
		if !found {
			keys = append(keys, key)
			continue
		}
		switch q.op {
		case filter.Gt, filter.Ge:
			q.op = filter.Gt
			keys = append(keys, before)
		case filter.Lt, filter.Le:
			q.op = filter.Le
			keys = append(keys, before)
		}
	}
	q.keys = keys
	return q
}

func (p *printer) equalText(x text, q question) string {
	if p.d != MySQL {
		return equal(x.sql, q.op, p.textArgs(q.keys))
	}
	if q.op == filter.Ne || x.sql == x.binary {
		return equal(x.binary, q.op, p.textArgs(q.keys))
	}
	// The first comparison may find too much, but an index serves it.
	plain := make([]string, len(q.keys))
	for i, key := range q.keys {
		plain[i] = p.arg(key)
	}
	return "(" + equal(x.sql, q.op, plain) + " AND " + equal(x.binary, q.op, p.textArgs(q.keys)) + ")"
}

func (p *printer) textArgs(keys []string) []string {
	placeholders := make([]string, len(keys))
	for i, key := range keys {
		placeholders[i] = p.textArg(key)
	}
	return placeholders
}

func (p *printer) contains(x text, key string) string {
	switch p.d {
	case PostgreSQL:
		return "strpos(" + x.binary + ", " + p.textArg(key) + ") > 0"
	case SQLite:
		return "instr(" + x.plain + ", " + p.textArg(key) + ") > 0"
	}
	return "LOCATE(" + p.textArg(key) + ", " + x.binary + ") > 0"
}

// startsWith is a range, which an index serves.
func (p *printer) startsWith(l leaf, x text, key string) string {
	if key == "" {
		return l.column.SQL + " IS NOT NULL"
	}
	from := x.binary + " >= " + p.textArg(key)
	end, ok := successor(key)
	if !ok {
		return from
	}
	return "(" + from + " AND " + x.binary + " < " + p.textArg(end) + ")"
}

// successor is the least text that is greater than all that begin with prefix.
func successor(prefix string) (string, bool) {
	for prefix != "" {
		r, n := utf8.DecodeLastRuneInString(prefix)
		prefix = prefix[:len(prefix)-n]
		if r++; r == 0xD800 {
			r = 0xE000
		}
		if r <= utf8.MaxRune {
			return prefix + string(r), true
		}
	}
	return "", false
}

func (p *printer) endsWith(x text, key string) string {
	switch p.d {
	case PostgreSQL:
		ph := p.textArg(key)
		return "right(" + x.binary + ", length(" + ph + ")) = " + ph
	case SQLite:
		ph := p.textArg(key)
		return "substr(" + x.plain + ", -length(" + ph + "), length(" + ph + ")) = " + ph
	}
	ph := p.textArg(key)
	return "RIGHT(" + x.binary + ", LENGTH(" + ph + ")) = " + p.again(ph, key)
}
