package sqlstore

import (
	"context"
	"regexp"
	"slices"
	"strings"
)

// tableIndex is over columns, and perhaps expressions. A partial one is over the
// rows that where is true of.
type tableIndex struct {
	name    string // "" of a primary key of SQLite's
	unique  bool
	columns []string
	texts   []string // of expressions
	keys    []string // in order: a column, or the text of an expression
	where   string
}

// Indexes that are not finished are none. What an index includes is no key.
const (
	indexesPostgreSQL = `SELECT x.relname, i.indisunique, a.attname, pg_get_indexdef(i.indexrelid, k.n, true),
		coalesce(pg_get_expr(i.indpred, i.indrelid), '') FROM pg_index i
		JOIN pg_class x ON x.oid = i.indexrelid CROSS JOIN LATERAL generate_series(1, i.indnkeyatts) AS k (n)
		LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[k.n - 1] AND a.attnum > 0
		WHERE i.indrelid = to_regclass(?) AND i.indisvalid ORDER BY i.indexrelid, k.n`
	indexesSQLite = `SELECT l.name, l."unique", i.name, coalesce(m.sql, ''), CASE l.partial WHEN 1 THEN m.sql ELSE '' END FROM pragma_index_list(?) l
		JOIN pragma_index_info(l.name) i LEFT JOIN sqlite_master m ON m.name = l.name
		ORDER BY l.seq, i.seqno`
)

func (c *catalog) readIndexes(ctx context.Context, on runner, query, table string) error {
	rows, err := on.query(ctx, query, table)
	if err != nil {
		return err
	}
	defer rows.Close()
	last := ""
	for rows.Next() {
		var index, text, where string
		var unique bool
		var column *string
		if err := rows.Scan(&index, &unique, &column, &text, &where); err != nil {
			return err
		}
		if where == text {
			text, where = splitIndex(text)
		}
		if index != last {
			c.indexes = append(c.indexes, tableIndex{name: index, unique: unique, where: where})
		}
		last = index
		x := &c.indexes[len(c.indexes)-1]
		if column != nil {
			text = inSQL(*column)
			x.columns = append(x.columns, text)
		} else if !slices.Contains(x.texts, text) {
			x.texts = append(x.texts, text)
		}
		x.keys = append(x.keys, text)
	}
	return rows.Err()
}

// splitIndex takes the WHERE of a partial index from its text in SQLite. If the
// text does not show which it is, where is all of it.
func splitIndex(text string) (columns, where string) {
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
			return text[:i], beginsWhere.ReplaceAllString(text[i:], "")
		}
	}
	return text, text
}

var beginsWhere = regexp.MustCompile(`^(?i)\sWHERE\b`)

// isUnique tells whether no two rows, of one tenant, of which conditions are true
// can have the same value in a column. An index on an expression over the column and
// no other, lower(email), is one. Columns that conditions fix are no others.
func (c *catalog) isUnique(column, tenant string, conditions []string) bool {
	mine := func(name string) bool {
		return name == column || name == tenant && tenant != "" || fixes(conditions, name)
	}
	for _, x := range c.indexes {
		others := slices.ContainsFunc(x.columns, func(name string) bool { return !mine(name) })
		is := slices.Contains(x.columns, column)
		for _, text := range x.texts {
			for _, name := range c.mentions(text) {
				others, is = others || !mine(name), is || name == column
			}
		}
		if x.unique && is && !others && covers(x.where, conditions) {
			return true
		}
	}
	return false
}

var takenColumn = regexp.MustCompile(`([\pL\pN_$]+)\.([\pL\pN_$]+)`)

// taken are the columns of the index that an error names, as whose key is there already.
func (c *catalog) taken(text string) (columns []string) {
	if _, list, ok := strings.Cut(text, "UNIQUE constraint failed: "); ok && !strings.HasPrefix(list, "index ") {
		for _, found := range takenColumn.FindAllStringSubmatch(list, -1) {
			if strings.EqualFold(found[1], inCatalog(strings.TrimPrefix(c.table, "main."))) {
				columns = append(columns, inSQL(found[2]))
			}
		}
		return columns
	}
	var is tableIndex
	for _, x := range c.indexes {
		if x.unique && len(x.name) > len(is.name) && isNamed(x.name, text) {
			is = x
		}
	}
	columns = slices.Clone(is.columns)
	for _, text := range is.texts {
		columns = append(columns, c.mentions(text)...)
	}
	slices.Sort(columns)
	return slices.Compact(columns)
}

// isNamed tells whether a text names something, and not something whose name has more
// letters.
func isNamed(name, text string) bool {
	return regexp.MustCompile(`(?i)(^|[^\pL\pN_$])` + regexp.QuoteMeta(name) + `($|[^\pL\pN_$])`).MatchString(text)
}

var inIndex = regexp.MustCompile(`(?s)^[^(]*\bON\b[^(]*\((.*)\)[^)]*$`)

// mentions are the columns in the text of an index, or of one of its expressions.
func (c *catalog) mentions(text string) (names []string) {
	text = inIndex.ReplaceAllString(text, "$1")
	text = regexp.MustCompile(`'(?:[^']|'')*'`).ReplaceAllString(text, "")
	for name := range c.columns {
		if isNamed(inCatalog(name), text) {
			names = append(names, name)
		}
	}
	return names
}

// finds tells whether an index finds rows, of one tenant, of which conditions are true,
// by a column, or by what is made of it by a function, "" for none.
func (c *catalog) finds(column, function, tenant string, conditions []string) bool {
	for _, x := range c.indexes {
		if !covers(x.where, conditions) {
			continue
		}
		for _, key := range x.keys {
			if key == tenant && tenant != "" || fixes(conditions, key) {
				continue
			}
			if key == column && function == "" || c.makes(key, column, function) {
				return true
			}
			break
		}
	}
	return false
}

// makes tells whether key, of an index, is a function of a column. In SQLite it is the
// text of the index.
func (c *catalog) makes(key, column, function string) bool {
	if _, ok := c.columns[key]; ok || function == "" {
		return false
	}
	text := strings.NewReplacer(" ", "", "[", "", "]", "").Replace(strings.Join(conjuncts(key), ""))
	wanted := function + "(" + strings.ToLower(inCatalog(column)) + ")"
	return text == wanted || c.columns[column].category == "" && strings.Contains(text, wanted)
}

// hasKey tells whether no two rows can have the same values in columns.
func (c *catalog) hasKey(columns ...string) bool {
	return slices.ContainsFunc(c.indexes, func(x tableIndex) bool {
		return x.unique && x.where == "" && x.texts == nil && !slices.ContainsFunc(x.columns, func(name string) bool { return !slices.Contains(columns, name) })
	})
}

// keepsApart tells whether an index keeps rows with the same value in column
// apart, whatever the other column has.
func (c *catalog) keepsApart(column, other string) bool {
	return slices.ContainsFunc(c.indexes, func(x tableIndex) bool {
		return x.unique && slices.Contains(x.columns, column) && !slices.Contains(x.columns, other)
	})
}

// covers tells whether where is made of nothing but conditions.
func covers(where string, conditions []string) bool {
	return !slices.ContainsFunc(conjuncts(where), func(c string) bool { return !slices.Contains(conditions, c) })
}

var fixing = regexp.MustCompile(`^([\pL\pN_$]+)=(?:'(?:[^']|'')*'|-?[0-9.]+)$`)

// fixes tells whether one of conditions gives all rows the same value in a column.
func fixes(conditions []string, column string) bool {
	return slices.ContainsFunc(conditions, func(c string) bool {
		found := fixing.FindStringSubmatch(c)
		return found != nil && found[1] == strings.ToLower(inCatalog(column))
	})
}

var (
	textOrNot  = regexp.MustCompile(`('(?:[^']|'')*')(?:::((?:"[^"]*"|[\pL\pN_$.])+(?: varying| precision)?)(\(?))?|[^']+`)
	inBrackets = regexp.MustCompile(`(^|\W)\((\w+)\)`)
	typeOf     = regexp.MustCompile(`::(text|character varying)\b`)
	ofNumber   = regexp.MustCompile(`^(smallint|integer|bigint|numeric|real|double precision)$`)
	numberText = regexp.MustCompile(`^'(-?[0-9.]+)'$`)
	spaces     = regexp.MustCompile(`\s+`)
	equals     = regexp.MustCompile(` ?(<>|!=|<=|>=|=|<|>) ?`)
)

// conjuncts are the parts of a condition between the ANDs, each in a spelling
// that a part of the same meaning has, too, when databases print it. A part that
// is more than a comparison, as with OR and BETWEEN, is like none but itself.
func conjuncts(sql string) []string {
	sql = bare(textOrNot.ReplaceAllStringFunc(sql, func(s string) string {
		if s[0] == '\'' {
			return untyped(s)
		}
		s = strings.ToLower(strings.NewReplacer(`"`, "", "`", "", "!=", "<>").Replace(s))
		s = inBrackets.ReplaceAllString(typeOf.ReplaceAllString(s, ""), "$1$2")
		return equals.ReplaceAllString(spaces.ReplaceAllString(s, " "), "$1")
	}))
	if sql == "" {
		return nil
	}
	parts := termsOf(sql)
	for i, p := range parts {
		parts[i] = bare(p)
	}
	return parts
}

// untyped is a text of SQL's, or a number that PostgreSQL writes as one, without the
// type behind it: that of what it is compared with. One with a length may cut it.
func untyped(s string) string {
	found := textOrNot.FindStringSubmatch(s)
	switch n := numberText.FindStringSubmatch(found[1]); {
	case found[3] != "":
		return s
	case n != nil && ofNumber.MatchString(found[2]):
		return n[1]
	}
	return found[1]
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
