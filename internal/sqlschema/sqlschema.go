// Package sqlschema has the tables of store/sqlstore, as migrations.
//
// A migration that was released never changes: databases have its checksum. What
// a table needs later is a further migration, and such that nodes which do not
// know it go on working: new tables, and new columns that may be left out.
package sqlschema

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// A Migration takes the tables from one version to the next.
//
// Its statements are written once for both databases. Each ends with a semicolon
// at the end of a line, and has no question mark. The words in braces are those
// of [Words]; text compares and sorts by bytes in both. An index is named like a
// table: {p}tokens_tenant.
type Migration struct {
	Name string
	SQL  string

	// PostgreSQL and SQLite are run after SQL on the one or the other.
	PostgreSQL, SQLite string
}

// Migrations are all of them: the first makes version 1. A test of several
// versions changes the list, in a process of its own.
var Migrations = []Migration{
	{Name: "resources", SQL: resources},
	{Name: "tokens", SQL: tokens},
	{Name: "requests", SQL: requests},
	{Name: "types", SQL: types},
}

// Words writes a text in the SQL of a database, with prefix before the names of
// tables and indexes. An index is always in the schema of its table, and its name
// does without. A {wide} table has rows that SQLite would keep on pages of
// their own if they were {strict}, in the tree of the key.
func Words(sqlite bool, prefix, text string) string {
	bare := prefix[strings.IndexByte(prefix, '.')+1:]
	if sqlite {
		return strings.NewReplacer("INDEX {p}", "INDEX "+bare, "{p}", prefix, "{text}", "TEXT", "{int}", "INTEGER", "{bool}", "INTEGER",
			"{bytes}", "BLOB", "{json}", "BLOB", "{strict}", " STRICT, WITHOUT ROWID", "{wide}", " STRICT").Replace(text)
	}
	return strings.NewReplacer("INDEX {p}", "INDEX "+bare, "{p}", prefix, "{text}", `text COLLATE "C"`, "{int}", "bigint", "{bool}", "boolean",
		"{bytes}", "bytea", "{json}", "jsonb", "{strict}", "", "{wide}", "").Replace(text)
}

// Statements are those of a migration on a database.
func (m Migration) Statements(sqlite bool, prefix string) []string {
	text := m.SQL + m.PostgreSQL
	if sqlite {
		text = m.SQL + m.SQLite
	}
	var list []string
	for s := range strings.SplitSeq(Words(sqlite, prefix, text), ";\n") {
		if s = strings.TrimSpace(s); s != "" {
			list = append(list, s)
		}
	}
	return list
}

// Checksum tells whether a migration is the one that a database had.
func (m Migration) Checksum(sqlite bool) string {
	sum := sha256.Sum256([]byte(strings.Join(m.Statements(sqlite, "{p}"), ";\n")))
	return hex.EncodeToString(sum[:])
}
