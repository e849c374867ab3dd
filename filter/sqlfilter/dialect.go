package sqlfilter

import (
	"fmt"
	"strconv"
	"strings"
)

// Dialect is the kind of SQL that a database speaks.
type Dialect uint8

// The dialects.
const (
	PostgreSQL Dialect = iota + 1 // also CockroachDB (22.2 and later) and YugabyteDB
	SQLite                        // 3.30 and later
	MySQL                         // 8.0 and later, MariaDB 10.6 and later; the tests run MariaDB 10.11
)

var dialectNames = [...]string{PostgreSQL: "PostgreSQL", SQLite: "SQLite", MySQL: "MySQL"}

// String gives the name of the dialect.
func (d Dialect) String() string {
	if d.valid() {
		return dialectNames[d]
	}
	return "dialect " + strconv.Itoa(int(d))
}

func (d Dialect) valid() bool { return d >= PostgreSQL && d <= MySQL }

// Placeholder is how a statement refers to its n-th argument, counted from 1:
// $n, +?n, or ? in MySQL, whose arguments count by their place in the text. The
// plus, which does nothing, hides the argument from SQLite's planner: once there
// are statistics, it would prepare the statement again for every value.
func (d Dialect) Placeholder(n int) string {
	switch d {
	case PostgreSQL:
		return "$" + strconv.Itoa(n)
	case SQLite:
		return "+?" + strconv.Itoa(n)
	}
	return "?"
}

// binary makes a comparison of text x one of bytes.
func (d Dialect) binary(x string) string {
	switch d {
	case PostgreSQL:
		return x + ` COLLATE "C"`
	case SQLite:
		return x + " COLLATE BINARY"
	}
	return "CAST(" + x + " AS BINARY)"
}

// bigint passes an argument that the column may be too small for.
func (d Dialect) bigint() string {
	if d == PostgreSQL {
		return "CAST(%s AS bigint)"
	}
	return "%s"
}

// jsonText is the text at path below object, NULL if there is none.
func (d Dialect) jsonText(object string, path []string) string {
	switch d {
	case PostgreSQL:
		last := len(path) - 1
		return "(" + d.json(object, path[:last]) + "->>" + label(path[last]) + ")"
	case SQLite:
		return "json_extract(" + object + ", " + jsonPath(path, "") + ")"
	}
	return "JSON_UNQUOTE(JSON_EXTRACT(" + object + ", " + jsonPath(path, "") + "))"
}

// json is the JSON at path below object, as PostgreSQL writes it.
func (d Dialect) json(object string, path []string) string {
	for _, name := range path {
		object += "->" + label(name)
	}
	return object
}

// label is a step of a path: a name, or "" for the first element of an array.
func label(name string) string {
	if name == "" {
		return "0"
	}
	return quote(name)
}

// elements is the table of the objects of the array at path below object, the
// name of one of them and that of its number.
func (d Dialect) elements(object string, path []string) (from, element, number string) {
	switch d {
	case PostgreSQL:
		return "jsonb_array_elements(" + d.json(object, path) + ") WITH ORDINALITY AS scim(v, n)", "scim.v", "scim.n"
	case SQLite:
		return "json_each(" + object + ", " + jsonPath(path, "") + ") AS scim", "scim.value", "scim.key"
	}
	return "JSON_TABLE(" + object + ", " + jsonPath(path, "[*]") +
		" COLUMNS (n FOR ORDINALITY, v JSON PATH '$')) AS scim", "scim.v", "scim.n"
}

// jsonExists tells whether there is something at path below object.
func (d Dialect) jsonExists(object string, path []string) string {
	switch d {
	case PostgreSQL:
		return "(" + d.json(object, path) + ") IS NOT NULL"
	case SQLite:
		return "json_type(" + object + ", " + jsonPath(path, "") + ") IS NOT NULL"
	}
	return "JSON_EXTRACT(" + object + ", " + jsonPath(path, "") + ") IS NOT NULL"
}

// quote writes s as a literal of SQL. Only names of the schema come here.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// jsonPath is a path of SQLite and MySQL.
func jsonPath(path []string, tail string) string {
	var b strings.Builder
	b.WriteByte('$')
	for _, name := range path {
		switch {
		case name == "":
			b.WriteString("[0]")
		case isWord(name):
			b.WriteString("." + name)
		default:
			b.WriteString(`."` + name + `"`)
		}
	}
	return quote(b.String() + tail)
}

func isWord(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (i == 0 || c != '_' && (c < '0' || c > '9')) {
			return false
		}
	}
	return s != ""
}

// operand puts parentheses around an expression of the host, unless it is a
// mere name.
func operand(sql string) string {
	for _, part := range strings.Split(sql, ".") {
		if !isWord(strings.ReplaceAll(part, "_", "x")) {
			return "(" + sql + ")"
		}
	}
	return sql
}

// An UnsupportedError says that the mapping cannot express a part of a filter
// or an order in SQL. The answer to the client is 400 invalidFilter (RFC 7644
// table 9).
type UnsupportedError struct {
	Attr string // the attribute, in the spelling of the schema
	Msg  string // one sentence for the client
}

func (e *UnsupportedError) Error() string { return e.Attr + ": " + e.Msg }

func unsupported(attr, format string, args ...any) error {
	return &UnsupportedError{attr, fmt.Sprintf(format, args...)}
}
