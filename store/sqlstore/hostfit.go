package sqlstore

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/scimkit/scimkit/filter/sqlfilter"
	"github.com/scimkit/scimkit/internal/model"
)

// fits tells whether a column can hold an attribute, and converts where the
// types of both say how.
func (m *mappedColumn) fits() error {
	if m.Form == sqlfilter.Opaque {
		return errors.New("a column of the form Opaque is compared with what nobody has converted; SQL and Encode can convert")
	}
	if m.Name == "" || m.Encode != nil || m.Decode != nil || m.SQL != "" {
		return nil
	}
	if err := m.info.holds(m.attr.Kind); err != nil {
		return err
	}
	if m.attr.Kind == model.DateTime && m.Form == sqlfilter.Auto && m.info.isInteger() {
		m.Form = sqlfilter.UnixSeconds
	}
	switch {
	case m.attr.Kind == model.Boolean && m.info.isNumber() && m.info.category != "":
		m.read, m.Encode = "("+m.read+" <> 0)", m.bit
	case m.info.category == "S" && strings.HasPrefix(m.info.typ, "character("):
		m.read = "CAST(" + m.read + " AS text)" // without the blanks that fill it up
	case m.info.category == "D" && !strings.HasSuffix(m.info.typ, "with time zone"):
		m.read = "(CAST(" + m.read + " AS timestamp) AT TIME ZONE 'UTC')" // whatever the zone of the session is
	}
	return m.formFits()
}

// formFits tells whether a column can have a form.
func (m *mappedColumn) formFits() error {
	fits := true
	switch m.Form {
	case sqlfilter.Key:
		fits = m.attr.Kind == model.String || m.attr.Kind == model.Reference || m.attr.Kind == model.Binary
	case sqlfilter.UnixSeconds, sqlfilter.UnixMicros:
		fits = m.info.isInteger() || m.info.typ == ""
	case sqlfilter.Auto, sqlfilter.Time:
		fits = m.attr.Kind != model.DateTime || !m.info.isNumber()
	}
	if fits {
		return nil
	}
	return m.info.misfit(m.attr.Kind.String() + " in the form " + m.Form.String())
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
	exactType  = regexp.MustCompile(`(?i)^(numeric|decimal)`)
	floatType  = regexp.MustCompile(`(?i)^(real|double|float)`)
	momentType = regexp.MustCompile(`(?i)^(timestamp|date)`)
	liteText   = regexp.MustCompile(`(?i)(char|clob|text)`) // SQLite's affinity
)

// text is what is meant by a text of the column: PostgreSQL fills char(n) with
// spaces, which do not count.
func (c catalogColumn) text(s string) string {
	if c.category == "S" && strings.HasPrefix(c.typ, "character(") {
		return strings.TrimRight(s, " ")
	}
	return s
}

func (c catalogColumn) isInteger() bool { return integerType.MatchString(c.typ) }

func (c catalogColumn) isNumber() bool {
	return c.isInteger() || exactType.MatchString(c.typ) || floatType.MatchString(c.typ)
}

// holds tells whether a column can hold values of a kind. PostgreSQL compares a
// column with values of its own type only; SQLite's columns hold anything, and
// their types say what is meant.
func (c catalogColumn) holds(kind model.Kind) error {
	lite := c.category == ""
	boolean, number, date := strings.HasPrefix(strings.ToLower(c.typ), "bool"), c.isNumber(), momentType.MatchString(c.typ)
	text := !boolean && !number && !date
	if !lite {
		boolean, text = c.category == "B", c.category == "S"
	}
	fits := text
	switch kind {
	case model.Boolean:
		fits = boolean || number
	case model.Decimal, model.Integer:
		fits = number || lite && text && !liteText.MatchString(c.typ)
		if kind == model.Integer && floatType.MatchString(c.typ) {
			fits = false // beyond 2⁵³, it has not all of them
		}
	case model.DateTime:
		fits = date || c.isInteger() || lite && text
	}
	if fits {
		return nil
	}
	return c.misfit(kind.String())
}

func (c catalogColumn) misfit(what string) error {
	return fmt.Errorf("a column of type %s does not hold an attribute of type %s; SQL, Decode and Encode can convert", c.typ, what)
}
