package sqlstore

import (
	"strconv"
	"strings"
	"sync"

	"github.com/scimkit/scimkit/filter/sqlfilter"
)

// Dialect is the SQL of a database: [PostgreSQL] or [SQLite].
type Dialect = sqlfilter.Dialect

// The databases that resources can be kept in.
const (
	PostgreSQL = sqlfilter.PostgreSQL // 12 or later, and databases that speak its protocol and SQL
	SQLite     = sqlfilter.SQLite     // 3.45 or later
)

// bound has the statements of this package as the database writes them.
var bound sync.Map // of string

// bind puts the database's placeholders in the place of question marks, which
// stand for nothing else in the statements of this package. The statements are
// few: what a client sends is never a part of one.
func bind(d Dialect, query string) string {
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
		b.WriteString(rest[:i] + d.Placeholder(n))
		rest = rest[i+1:]
	}
	bound.Store(query, b.String())
	return b.String()
}

// sqlOf writes what the dialects write in different ways.
type sqlOf struct{ Dialect }

// among tells whether x is one of what a query gives that does not depend on x.
// PostgreSQL reads all that x can be and joins them, if it has no statistics; an
// array it looks up.
func (d sqlOf) among(x, query string) string {
	if d.Dialect == PostgreSQL {
		return x + ` = ANY (ARRAY(` + query + `))`
	}
	return x + ` IN (` + query + `)`
}

// amongRows is among for rows of the library's, of which key are tenant, type and id:
// those that a query gives, from has what comes behind its columns. A PostgreSQL
// without statistics takes the resources of a tenant for few, and reads them all,
// unless nothing else says which tenant it is.
func (d sqlOf) amongRows(r string, key [3]string, from string) string {
	if d.Dialect == PostgreSQL {
		return `(` + r + `tenant, ` + r + `type, ` + r + `id) IN (SELECT ` + strings.Join(key[:], ", ") + ` FROM ` + from + d.apart() + `)`
	}
	return r + `id IN (SELECT ` + key[2] + ` FROM ` + from + `)`
}

// ofType is what amongRows leaves to say of rows.
func (d sqlOf) ofType(tenant, name string) string {
	if d.Dialect == PostgreSQL {
		return ""
	}
	return ` AND tenant = ` + tenant + ` AND type = ` + literal(name)
}

// apart keeps PostgreSQL from making a query a part of the one around it.
func (d sqlOf) apart() string {
	if d.Dialect == PostgreSQL {
		return ` OFFSET 0`
	}
	return ""
}

// each is a table of the elements of a JSON array, j.
func (d sqlOf) each(array string) string {
	if d.Dialect == PostgreSQL {
		return `jsonb_array_elements(CAST(` + array + ` AS jsonb)) AS j (value)`
	}
	return `json_each(` + array + `) AS j`
}

// eachText is a table of the strings of a JSON array, j, with their places.
func (d sqlOf) eachText(array string) string {
	if d.Dialect == PostgreSQL {
		return `jsonb_array_elements_text(CAST(` + array + ` AS jsonb)) WITH ORDINALITY AS j (value, key)`
	}
	return `json_each(` + array + `) AS j`
}

// find joins, to what stands before, rows of a table by a condition on it, for each
// row by an index. As long as PostgreSQL has no statistics, it would rather read
// all that a tenant has each time, unless the query leaves it no choice.
func (d sqlOf) find(join, table, alias, condition string) string {
	switch {
	case d.Dialect == PostgreSQL:
		return " " + join + " LATERAL (SELECT * FROM " + table + " " + alias + " WHERE " + condition + " OFFSET 0) " + alias + " ON true"
	case join == "JOIN":
		join = "CROSS JOIN" // in this order
	}
	return " " + join + " " + table + " " + alias + " ON " + condition
}

// element is a string in j, an array of each.
func (d sqlOf) element(i int) string {
	n := strconv.Itoa(i)
	if d.Dialect == PostgreSQL {
		return `(j.value ->> ` + n + `)`
	}
	return `json_extract(j.value, '$[` + n + `]')`
}

// inner is JSON in j, an array of each, as toJSON makes it of a text.
func (d sqlOf) inner(i int) string {
	n := string(rune('0' + i))
	if d.Dialect == PostgreSQL {
		return `(j.value -> ` + n + `)`
	}
	return `jsonb_extract(j.value, '$[` + n + `]')`
}

// gather makes a JSON array of arrays of rows.
func (d sqlOf) gather(columns string) string { return d.gatherIn(columns, "") }

// gatherIn is gather in an order.
func (d sqlOf) gatherIn(columns, order string) string {
	if d.Dialect == PostgreSQL {
		return `json_agg(json_build_array(` + columns + `)` + order + `)`
	}
	return `json_group_array(json_array(` + columns + `)` + order + `)`
}

// inJSON is a column in an array of gather. SQLite's JSON does not take a BLOB, which
// may be in any column.
func (d sqlOf) inJSON(column string) string {
	if d.Dialect == PostgreSQL {
		return column
	}
	return `CASE typeof(` + column + `) WHEN 'blob' THEN CAST(` + column + ` AS text) ELSE ` + column + ` END`
}

// rowIn tells whether columns, an array of gather, is one of the texts in a JSON
// array.
func (d sqlOf) rowIn(columns, array string) string {
	if d.Dialect == PostgreSQL {
		return `CAST(json_build_array(` + columns + `) AS jsonb) IN (SELECT CAST(j.value AS jsonb) FROM ` + d.eachText(array) + `)`
	}
	return `json_array(` + columns + `) IN (SELECT j.value FROM ` + d.eachText(array) + `)`
}

// octets is the length of a text in bytes.
func (d sqlOf) octets(text string) string {
	if d.Dialect == PostgreSQL {
		return `octet_length(` + text + `)`
	}
	return `length(CAST(` + text + ` AS BLOB))`
}

// toJSON makes of a text what the column keys holds.
func (d sqlOf) toJSON(text string) string {
	if d.Dialect == PostgreSQL {
		return `CAST(` + text + ` AS jsonb)`
	}
	return `jsonb(` + text + `)`
}

// marked tells whether the object keys has a member, whose name is plain.
func (d sqlOf) marked(keys, name string) string {
	if d.Dialect == PostgreSQL {
		return "(" + keys + " -> '" + name + "') IS NOT NULL"
	}
	return "json_type(" + keys + `, '$."` + name + `"') IS NOT NULL`
}

// forKeyShare locks the rows of a SELECT so that a deletion, which begins with
// forUpdate, waits, also one that sets Table.DeletedAt, and is waited for. What the
// application changes in them by itself neither waits nor is waited for.
func (d sqlOf) forKeyShare(table string) string {
	return strings.Replace(d.forUpdate(table), "UPDATE", "KEY SHARE", 1)
}

// forUpdate locks the rows of a SELECT. SQLite has locked all by then.
func (d sqlOf) forUpdate(table string) string {
	switch {
	case d.Dialect != PostgreSQL:
		return ""
	case table == "":
		return ` FOR UPDATE`
	}
	return ` FOR UPDATE OF ` + table
}
