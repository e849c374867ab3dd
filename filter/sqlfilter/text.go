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
	equal  string // for equality, which an index on the column can serve
	binary string // compares by bytes
	// surely: what equal finds is what has equal bytes.
	surely bool
	// lowered: it is in the database's lower case.
	lowered bool
}

func (p *printer) text(l leaf, q question) text {
	sql, a := l.column.SQL, q.attr
	exact := a.CaseExact || a.Kind == model.Reference || a.Kind == model.Binary
	lowered := l.column.Form == Text && !exact
	if lowered {
		sql = "lower(" + sql + ")"
	}
	if q.absent {
		sql = "coalesce(" + sql + ", 'false')"
	}
	binary := p.d.binary(sql)
	switch {
	case p.d == SQLite && (l.json || sql != l.column.SQL || !exact):
		// What functions give has no collation of its own, and to a
		// comparison key NOCASE does nothing.
		return text{sql, sql, sql, true, lowered}
	case l.json || q.absent:
		return text{sql, binary, binary, true, lowered}
	}
	return text{sql, sql, binary, p.d == PostgreSQL, lowered}
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
	x, sent := p.text(l, q), q.unlike()
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
		if sent != nil && x.lowered {
			return p.equalSent(x, p.d.binary(l.column.SQL), q, sent), nil
		}
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

// equalText compares in a way that an index serves. That may find too much,
// depending on the collation of the column, and so bytes have the last word.
func (p *printer) equalText(x text, q question) string {
	switch {
	case q.op == filter.Ne && !x.surely:
		return equal(x.binary, q.op, p.textArgs(q.keys))
	case x.surely:
		return equal(x.equal, q.op, p.textArgs(q.keys))
	case p.d == SQLite:
		// COLLATE would keep an OR around it from using indexes.
		args := p.textArgs(q.keys)
		blobs := make([]string, len(args))
		for i, arg := range args {
			blobs[i] = "CAST(" + arg + " AS BLOB)"
		}
		return "(" + equal(x.equal, q.op, args) + " AND " + equal("CAST("+x.plain+" AS BLOB)", q.op, blobs) + ")"
	}
	plain := make([]string, len(q.keys))
	for i, key := range q.keys {
		plain[i] = p.arg(key)
	}
	return "(" + equal(x.equal, q.op, plain) + " AND " + equal(x.binary, q.op, p.textArgs(q.keys)) + ")"
}

// unlike are the literals whose comparison key may not be what the database's lower
// makes of them: "Straße", "ÉLAN".
func (q *question) unlike() (sent []string) {
	for i, text := range q.texts {
		if !strings.Contains(text, "\x00") && len(q.keys) > i && lowerASCII(text) != q.keys[i] {
			sent = append(sent, text)
		}
	}
	return sent
}

func lowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}, s)
}

// equalSent is equalText with literals of unlike: a column that has the very text is
// found. The first condition is for an index on lower(column); bytes have the last
// word, of plain, the column itself.
func (p *printer) equalSent(x text, plain string, q question, sent []string) string {
	pass := p.textArg
	if p.d == MySQL { // the lower of bytes is these bytes
		pass = func(s any) string { return p.arg(s) }
	}
	var either []string
	for _, key := range q.keys {
		either = append(either, pass(key))
	}
	for _, text := range sent {
		either = append(either, "lower("+pass(text)+")")
	}
	sql := "(" + equal(x.equal, filter.Eq, either) + " AND CASE WHEN " + equal(x.binary, filter.Eq, p.textArgs(q.keys)) +
		" THEN " + yes + " ELSE " + equal(plain, filter.Eq, p.textArgs(sent)) + " END)"
	if q.op == filter.Ne {
		return "NOT " + sql
	}
	return sql
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
