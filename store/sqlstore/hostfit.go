package sqlstore

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
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

// sensible refuses columns that would not do what is meant by them.
func (m *mappedColumn) sensible() error {
	hidden, moment := m.attr.Mutability == model.WriteOnly, momentType.MatchString(m.info.typ) || m.info.isInteger()
	switch {
	case m.until && m.info.category != "" && !moment, m.until && m.info.category == "" && m.info.holds(model.DateTime) != nil:
		return fmt.Errorf("Until is for a column with a time, and this one is of type %s", m.info.typ)
	case m.until && m.info.notNull:
		return errors.New("the column must have a value, and Until has it NULL for true")
	case m.Name == "" && m.only == nil && m.attr.Mutability != model.ReadOnly:
		return errors.New("SQL alone is not written, and the schema says that clients write the attribute: name a column, with Encode, or make it readOnly in the schema")
	case hidden && m.Encode == nil:
		return errors.New("the attribute is a secret, which Encode must make a hash of: the column would have it as it is sent")
	case m.attr.Unique && m.opaque():
		return errors.New("the attribute is unique, and looked up in the database, which does not know what Decode makes of the column: SQL or Key is needed")
	}
	return nil
}

// opaque tells whether the database has other values than clients see.
func (m *mappedColumn) opaque() bool { return m.Decode != nil && m.SQL == "" && m.Key == "" }

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
)

// text is what is meant by a text of the column: PostgreSQL fills char(n) with
// spaces, which do not count.
func (c catalogColumn) text(s string) string {
	if c.category == "S" && strings.HasPrefix(c.typ, "character(") {
		return strings.TrimRight(s, " ")
	}
	return s
}

func (c catalogColumn) isInteger() bool {
	if c.lite() {
		return c.affinity() == "INTEGER"
	}
	return integerType.MatchString(c.typ)
}

// isFloat tells whether the column has not all integers beyond 2⁵³.
func (c catalogColumn) isFloat() bool {
	if c.lite() {
		return c.affinity() == "REAL"
	}
	return floatType.MatchString(c.typ)
}

func (c catalogColumn) isNumber() bool {
	return c.isInteger() || c.isFloat() || exactType.MatchString(c.typ)
}

func (c catalogColumn) isBoolean() bool {
	if c.lite() {
		return strings.HasPrefix(strings.ToLower(c.typ), "bool")
	}
	return c.category == "B"
}

// holds tells whether a column can hold values of a kind. PostgreSQL compares a
// column with values of its own type only. SQLite's columns hold anything; the names
// of their types say what is meant, and what becomes of it.
func (c catalogColumn) holds(kind model.Kind) error {
	number, date := c.isNumber(), momentType.MatchString(c.typ)
	fits := c.keepsText()
	switch kind {
	case model.Boolean:
		fits = c.isBoolean() || number
	case model.Decimal, model.Integer:
		fits = number || c.lite() && c.affinity() != "TEXT" && !c.isBoolean() && !date
		if kind == model.Integer && c.isFloat() || kind == model.Decimal && !c.lite() && c.isInteger() {
			fits = false // it would be another number
		}
	case model.DateTime:
		fits = date || c.isInteger() || c.lite() && c.keepsText()
	}
	if fits {
		return nil
	}
	return c.misfit(kind.String())
}

func (c catalogColumn) misfit(what string) error {
	return fmt.Errorf("a column of type %s does not hold an attribute of type %s%s; SQL, Decode and Encode can convert", c.typ, what, c.numbers())
}

var (
	blobType  = regexp.MustCompile(`(?i)blob`)
	hasLength = regexp.MustCompile(`(?i)^(?:character varying|character|varchar|char)\((\d+)\)`)
)

// lengthOf is how many characters a text of the type may have, 0 for any.
func lengthOf(typ string) int {
	found := hasLength.FindStringSubmatch(typ)
	if found == nil {
		return 0
	}
	n, _ := strconv.Atoi(found[1])
	return n
}

// like tells whether two columns hold the same: numbers, UUIDs or texts. A column
// of SQLite without a type holds anything.
func (c catalogColumn) like(other catalogColumn) bool {
	class := func(c catalogColumn) string {
		switch {
		case c.isInteger():
			return "integer"
		case uuidType.MatchString(c.typ):
			return "uuid"
		case c.keepsText():
			return "text"
		}
		return c.typ
	}
	switch {
	case c.typ == "":
		return other.identifies() == nil
	case other.typ == "":
		return c.identifies() == nil
	}
	return class(c) == class(other)
}
