package sqlstore

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/scimkit/scimkit/filter/sqlfilter"
	"github.com/scimkit/scimkit/internal/model"
)

// fits tells whether a column can hold an attribute, and converts where the
// types of both say how.
func (m *mappedColumn) fits() error {
	if m.Name == "" || m.Encode != nil || m.Decode != nil || m.SQL != "" {
		return nil
	}
	if m.attr.Kind == model.DateTime && m.Form == sqlfilter.Auto && integerType.MatchString(m.info.typ) {
		m.Form = sqlfilter.UnixSeconds
	}
	if m.attr.Kind == model.Boolean && m.info.isNumber() && m.info.category != "" {
		m.read, m.Encode = "("+m.read+" <> 0)", m.bit
	}
	return m.info.holds(m.attr.Kind)
}

// bit is the number of a truth value, in columns of PostgreSQL, where numbers are
// none.
func (m *mappedColumn) bit(v any) (any, error) {
	switch {
	case v == true:
		return 1, nil
	case v == false || m.info.notNull:
		return 0, nil
	}
	return nil, nil
}

var (
	fractionType = regexp.MustCompile(`(?i)^(numeric|decimal|real|double|float)`)
	momentType   = regexp.MustCompile(`(?i)^(timestamp|date)`)
)

// text is what is meant by a text of the column: PostgreSQL fills char(n) with
// spaces, which do not count.
func (c catalogColumn) text(s string) string {
	if c.category == "S" && strings.HasPrefix(c.typ, "character(") {
		return strings.TrimRight(s, " ")
	}
	return s
}

func (c catalogColumn) isNumber() bool {
	return integerType.MatchString(c.typ) || fractionType.MatchString(c.typ)
}

// holds tells whether a column can hold values of a kind. PostgreSQL compares a
// column with values of its own type only; SQLite's columns hold anything, and
// their types say what is meant.
func (c catalogColumn) holds(kind model.Kind) error {
	boolean, number := strings.HasPrefix(strings.ToLower(c.typ), "bool"), c.isNumber()
	date := momentType.MatchString(c.typ)
	text := !boolean && !number && !date
	if c.category != "" {
		boolean, text = c.category == "B", c.category == "S"
	}
	fits := text
	switch kind {
	case model.Boolean:
		fits = boolean || number
	case model.Decimal, model.Integer:
		fits = number || text && c.category == ""
	case model.DateTime:
		fits = date || integerType.MatchString(c.typ) || !boolean && c.category == ""
	}
	if fits {
		return nil
	}
	return fmt.Errorf("a column of type %s does not hold an attribute of type %s; SQL, Decode and Encode can convert", c.typ, kind)
}
