package sqlstore

import (
	"strconv"
	"strings"
	"sync"
)

// Dialect is the SQL of a database.
type Dialect uint8

// The dialects.
const (
	PostgreSQL Dialect = iota + 1 // 12 or later, and databases that speak its protocol and SQL
	SQLite                        // 3.44 or later
)

// String gives the name of the database.
func (d Dialect) String() string {
	switch d {
	case PostgreSQL:
		return "PostgreSQL"
	case SQLite:
		return "SQLite"
	}
	return "Dialect(" + strconv.Itoa(int(d)) + ")"
}

// bound has the statements of this package as the database writes them.
var bound sync.Map // of string

// bind puts the database's placeholders in the place of question marks, which
// stand for nothing else in the statements of this package. The statements are
// few: what a client sends is never a part of one.
func (d Dialect) bind(query string) string {
	if d != PostgreSQL {
		return query
	}
	if text, ok := bound.Load(query); ok {
		return text.(string)
	}
	var b strings.Builder
	n := 0
	for rest := query; ; {
		i := strings.IndexByte(rest, '?')
		if i < 0 {
			b.WriteString(rest)
			break
		}
		n++
		b.WriteString(rest[:i] + "$" + strconv.Itoa(n))
		rest = rest[i+1:]
	}
	bound.Store(query, b.String())
	return b.String()
}
