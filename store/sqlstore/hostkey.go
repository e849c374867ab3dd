package sqlstore

import (
	"fmt"
	"iter"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// cast makes of text, an expression, what the column compares with by its index,
// or NULL, or something else, where the column cannot have it. PostgreSQL fails
// at a cast of what is no number. Braces are for parameters.
func (c catalogColumn) cast(d Dialect, text string) string {
	switch {
	case d != PostgreSQL:
		return "CAST(" + text + " AS " + c.indexed(d) + ")"
	case c.isInteger():
		return "CASE WHEN " + text + " !~ '^(0|-?[1-9][0-9]*)$' OR length(" + text + ") > 20 THEN NULL" +
			" WHEN CAST(" + text + " AS numeric) BETWEEN -9223372036854775808 AND 9223372036854775807 THEN CAST(" + text + " AS bigint) END"
	case uuidType.MatchString(c.typ):
		return "CASE WHEN translate(" + text + ", '0123456789abcdef', '0000000000000000') = '00000000-0000-0000-0000-000000000000'" +
			" THEN CAST(" + text + " AS uuid) END"
	}
	// What comes out of an array has no collation that is not the column's.
	return "CAST(json_build_array(" + text + ") ->> 0 AS " + c.indexed(d) + ")"
}

var modifier = regexp.MustCompile(`\(.*\)`)

// indexed is a type that every key can be cast to and that the index on the
// column serves.
func (c catalogColumn) indexed(d Dialect) string {
	switch {
	case d != PostgreSQL:
		return c.castType(d)
	case c.isInteger():
		return "bigint"
	case strings.HasPrefix(c.typ, "character("):
		return "bpchar"
	}
	return modifier.ReplaceAllString(c.typ, "") // a cast would cut what is too long
}

// compile makes a statement. In PostgreSQL, {key} and {host_tenant} get the types of
// the columns that they are about: compared with another column, one of a join
// table, they would be of that column's, which may be too small for them.
func (o *host) compile(text string, first ...string) statement {
	text = strings.ReplaceAll(text, "= {key}", "= "+o.key.typed(o.dialect.Dialect, "{key}"))
	if o.Tenant != "" {
		text = strings.ReplaceAll(text, "= {host_tenant}", "= "+o.tenant.typed(o.dialect.Dialect, "{host_tenant}"))
	}
	return o.dialect.compile(text, first...)
}

// typed is a parameter with a key of the column, in PostgreSQL.
func (c catalogColumn) typed(d Dialect, parameter string) string {
	if d != PostgreSQL {
		return parameter
	}
	return "CAST(" + parameter + " AS " + c.indexed(d) + ")"
}

// identifies tells whether the column can hold keys.
func (c catalogColumn) identifies() error {
	if c.keepsText() && !blobType.MatchString(c.typ) || c.isInteger() || uuidType.MatchString(c.typ) {
		return nil
	}
	return fmt.Errorf("a column of type %s%s; it must be an integer, a text or a uuid", c.typ, c.numbers())
}

// ofRow is a value that the library's row beside one of the host's has. Said of all
// rows, a PostgreSQL without statistics would take those that have it for one or two,
// and read them all for each row of the host's.
func (o *host) ofRow(value string) string {
	if o.dialect.Dialect != PostgreSQL {
		return strings.TrimSuffix(strings.TrimPrefix(value, "CAST("), " AS text)")
	}
	return "CASE WHEN t." + o.ID + " IS NOT NULL THEN " + value + " END"
}

// whereBy is where, about t and r with other names, for rows that are found by a key
// which is in the column ref. Their tenant is a matter of that column, too: see ofRow.
func (o *host) whereBy(ref, t, r string) string {
	where := as(o.where, t, r)
	if o.Tenant == "" || o.dialect.Dialect != PostgreSQL {
		return where
	}
	tenant := t + "." + o.Tenant + " = "
	return strings.Replace(where, tenant+"{host_tenant}", tenant+"CASE WHEN "+ref+" IS NOT NULL THEN "+o.tenant.typed(PostgreSQL, "{host_tenant}")+" END", 1)
}

// keyOf makes of the SCIM id in the column id what Table.ID compares with. For an
// id that is none of o's, that may be the key of another row.
func (o *host) keyOf(id string) string {
	if n := utf8.RuneCountInString(o.IDPrefix); n > 0 {
		id = "substr(" + id + ", " + strconv.Itoa(n+1) + ")"
	}
	return o.key.cast(o.dialect.Dialect, id)
}

// ofTenant is true of the rows of the tenant.
func (o *host) ofTenant(alias string) string { return alias + o.Tenant + " = {host_tenant}" }

// oneOfTenant is ofTenant beside a condition that finds one row by its key. A
// PostgreSQL without statistics would take an index on the tenant for as good as
// the one on the key, and reads all that the tenant has.
func (o *host) oneOfTenant(alias string) string {
	if o.dialect.Dialect == PostgreSQL && o.info.isUnique(o.ID, "", nil) {
		return "(" + o.ofTenant(alias) + ") IS TRUE"
	}
	return o.ofTenant(alias)
}

// mine is true of the row with {key}.
func (o *host) mine() string { return o.mineOf("") }

func (o *host) mineOf(alias string) string {
	if o.Tenant == "" {
		return alias + o.ID + " = {key}"
	}
	return alias + o.ID + " = {key} AND " + o.oneOfTenant(alias)
}

// byID is true of the row with a key, if it is one that clients see.
func (o *host) byID(key string) string {
	where := o.where
	if o.Tenant != "" {
		where = strings.Replace(where, o.ofTenant("t."), o.oneOfTenant("t."), 1)
	}
	return where + " AND t." + o.ID + " = " + key
}

// found joins, to what stands before, the row of o, u, that clients see and that
// has a key, with the library's row beside it, ur.
func (o *host) found(key, u, ur string) string {
	join, rest, _ := strings.Cut(strings.TrimPrefix(o.from, o.Name+" t "), " "+o.prefix+"resources r ON ")
	text := o.dialect.find("JOIN", o.Name, u, as(o.byID("{found}"), u, ur))
	text = strings.Replace(text, "{found}", key, 1)
	if join == "LEFT JOIN" && !strings.Contains(o.display, "r.") {
		return text // nothing asks for the library's row
	}
	return text + o.dialect.find(join, o.prefix+"resources", ur, as(rest, u, ur))
}

// byKey is the condition that finds t by ids of the library's rows from, by its
// index, and perhaps more.
func (o *host) byKey(id, from string) string {
	return o.dialect.among("t."+o.ID, "SELECT "+o.keyOf(id)+" FROM "+from)
}

// sees tells whether clients see the row of the host's that u, a row of the
// library's, is beside. The tenant is that of u.
func (o *host) sees(u string) string {
	return "EXISTS (" + o.rowOf(u, "1") + ")"
}

// rowOf selects columns of the row of the host's that u is beside, if clients see
// it.
func (o *host) rowOf(u, columns string) string {
	where := o.where
	if o.Tenant != "" {
		tenant := "t." + o.Tenant + " = " + o.tenant.cast(o.dialect.Dialect, u+".tenant") + " AND " + u + ".tenant = " + o.dialect.bytes("CAST(t."+o.Tenant+" AS text)")
		where = strings.ReplaceAll(where, "t."+o.Tenant+" = {host_tenant}", tenant)
	}
	return "SELECT " + columns + " FROM " + o.Name + " t WHERE t." + o.ID + " = " + o.keyOf(u+".id") + " AND " + u + ".id = " + o.idText + " AND " + where
}

// bytes compares text by its bytes.
func (d sqlOf) bytes(text string) string {
	if d.Dialect == PostgreSQL {
		return text + ` COLLATE "C"`
	}
	return text
}

// seen tells whether clients see u, a row of the library's of one of types. It
// is no condition where none of them is in a table of the host's.
func seen(u string, types []string, hosts []*host) string {
	var condition strings.Builder
	for _, o := range hosts {
		for _, name := range types {
			if name == o.layout.model.Name {
				condition.WriteString(" AND (" + u + ".type <> " + literal(name) + " OR " + o.sees(u) + ")")
			}
		}
	}
	return condition.String()
}

// shows is what u, a row of the library's of one of types, is displayed by: where the
// application has a column for it, what it has there.
func shows(u string, types []string, hosts []*host) string {
	cases := ""
	for _, o := range hosts {
		if slices.Contains(types, o.layout.model.Name) && o.display != "r.display" {
			cases += " WHEN " + u + ".type = " + literal(o.layout.model.Name) + " THEN (" + o.rowOf(u, as(o.display, "t", u)) + ")"
		}
	}
	if cases == "" {
		return u + ".display"
	}
	return "CASE" + cases + " ELSE " + u + ".display END"
}

// keysIn are the keys that ids, SCIM ids, stand for, as a JSON array of texts.
func (o *host) keysIn(ids iter.Seq[string]) string {
	return texts(func(yield func(string) bool) {
		for id := range ids {
			if _, ok := o.toKey(id); ok && !yield(strings.TrimPrefix(id, o.IDPrefix)) {
				return
			}
		}
	})
}
