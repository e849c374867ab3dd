package sqlstore

import (
	"regexp"
	"slices"
	"strings"
)

// newIndex takes the WHERE of a partial index from its text. If the text does
// not show which it is, where stays as it is: something that is not "".
func newIndex(text, where string) uniqueIndex {
	x := uniqueIndex{text: text, where: where}
	if where == "" {
		return x
	}
	depth, quote := 0, rune(0)
	for i, c := range text {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case strings.ContainsRune("'\"`", c):
			quote = c
		case c == '(':
			depth++
		case c == ')':
			depth--
		case depth == 0 && beginsWhere.MatchString(text[i:]):
			x.text, x.where = text[:i], beginsWhere.ReplaceAllString(text[i:], "")
			return x
		}
	}
	return x
}

var beginsWhere = regexp.MustCompile(`^(?i)\sWHERE\b`)

// isUnique tells whether no two rows, of one tenant, of which conditions are true
// can have the same value in a column. An index on an expression over the column,
// lower(email), is one.
func (c *catalog) isUnique(column, tenant string, conditions []string) bool {
	for _, x := range c.unique {
		others := slices.DeleteFunc(slices.Clone(x.columns), func(name string) bool { return name == column || name == tenant })
		switch {
		case len(others) > 0 || !covers(x.where, conditions):
		case slices.Contains(x.columns, column):
			return true
		case regexp.MustCompile(`\(.*\b` + regexp.QuoteMeta(column) + `\b.*\)`).MatchString(x.text):
			return true
		}
	}
	return false
}

// hasKey tells whether no two rows can have the same values in columns.
func (c *catalog) hasKey(columns ...string) bool {
	return slices.ContainsFunc(c.unique, func(x uniqueIndex) bool {
		return x.where == "" && x.plain() && !slices.ContainsFunc(x.columns, func(name string) bool { return !slices.Contains(columns, name) })
	})
}

// keepsApart tells whether an index keeps rows with the same value in column
// apart, whatever the other column has.
func (c *catalog) keepsApart(column, other string) bool {
	return slices.ContainsFunc(c.unique, func(x uniqueIndex) bool {
		return slices.Contains(x.columns, column) && !slices.Contains(x.columns, other)
	})
}

// plain tells whether the index is over nothing but columns.
func (x uniqueIndex) plain() bool {
	_, list, ok := strings.Cut(x.text, "(")
	if !ok { // SQLite's own, of a key
		return true
	}
	depth, n := 0, 1
	for _, c := range list {
		switch {
		case c == '(':
			depth++
		case c == ')' && depth == 0:
			return n == len(x.columns)
		case c == ')':
			depth--
		case c == ',' && depth == 0:
			n++
		}
	}
	return false
}

// covers tells whether where is made of nothing but conditions.
func covers(where string, conditions []string) bool {
	return !slices.ContainsFunc(conjuncts(where), func(c string) bool { return !slices.Contains(conditions, c) })
}

var (
	textOrNot  = regexp.MustCompile(`'(?:[^']|'')*'|[^']+`)
	inBrackets = regexp.MustCompile(`(^|\W)\((\w+)\)`)
	typeOf     = regexp.MustCompile(`::(text|character varying)\b`)
	spaces     = regexp.MustCompile(`\s+`)
	equals     = regexp.MustCompile(` ?(<>|!=|<=|>=|=|<|>) ?`)
)

// conjuncts are the parts of a condition between the ANDs, each in a spelling
// that a part of the same meaning has, too, when databases print it. A part that
// is more than a comparison, as with OR and BETWEEN, is like none but itself.
func conjuncts(sql string) []string {
	whole := false
	sql = bare(textOrNot.ReplaceAllStringFunc(sql, func(s string) string {
		if s[0] == '\'' {
			whole = whole || strings.Contains(s, " and ")
			return s
		}
		s = strings.ToLower(strings.NewReplacer(`"`, "", "`", "", "!=", "<>").Replace(s))
		s = inBrackets.ReplaceAllString(typeOf.ReplaceAllString(s, ""), "$1$2")
		return equals.ReplaceAllString(spaces.ReplaceAllString(s, " "), "$1")
	}))
	if sql == "" {
		return nil
	}
	parts := strings.Split(sql, " and ")
	for i, p := range parts {
		parts[i] = bare(p)
	}
	if whole || regexp.MustCompile(`\b(or|between|case)\b`).MatchString(sql) || slices.ContainsFunc(parts, unbalanced) {
		return []string{sql}
	}
	return parts
}

// bare is SQL without spaces and parentheses around it.
func bare(sql string) string {
	for {
		sql = strings.TrimSpace(sql)
		inner, opened := strings.CutPrefix(sql, "(")
		inner, closed := strings.CutSuffix(inner, ")")
		if !opened || !closed || unbalanced(inner) {
			return sql
		}
		sql = inner
	}
}

// unbalanced tells whether parentheses of sql are of something around it.
func unbalanced(sql string) bool {
	depth := 0
	for _, c := range sql {
		switch c {
		case '(':
			depth++
		case ')':
			depth--
		}
		if depth < 0 {
			return true
		}
	}
	return depth != 0
}
