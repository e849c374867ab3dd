package sqlstore

import (
	"fmt"
	"regexp"
	"strings"
)

// Names of the host's are as the catalog has them. In SQL, those that would be
// read as another name, or as a keyword, are in quotes.

var (
	lowerName   = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)
	anyName     = regexp.MustCompile(`^[\pL_][\pL\pN_$]*$`)
	reservedSet = makeSet(reserved)
)

// reserved are the keywords that cannot be names, of PostgreSQL and SQLite together.
const reserved = `add all alter analyse analyze and any array as asc asymmetric authorization autoincrement between
binary both case cast check collate collation column commit concurrently constraint create cross current_catalog
current_date current_role current_schema current_time current_timestamp current_user default deferrable delete desc
distinct do drop else end escape except exists false fetch for foreign freeze from full grant group having if ilike in
index indexed initially inner insert intersect into is isnull join lateral leading left like limit localtime
localtimestamp natural not nothing notnull null offset on only or order outer over overlaps placing primary references
returning right select session_user set similar some symmetric system_user table tablesample then to trailing
transaction true union unique update user using values variadic verbose when where window with`

func makeSet(words string) map[string]bool {
	set := make(map[string]bool)
	for _, w := range strings.Fields(words) {
		set[w] = true
	}
	return set
}

// inSQL is a name as SQL has it. What no name may be stays as it is, and is found
// in no catalog.
func inSQL(name string) string {
	if lowerName.MatchString(name) && !reservedSet[name] || !anyName.MatchString(name) {
		return name
	}
	return `"` + name + `"`
}

// anyInSQL is inSQL, of a name of inSQL, for those that the host has and the library
// names nowhere else.
func anyInSQL(name string) string {
	if anyName.MatchString(inCatalog(name)) {
		return name
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// tableInSQL is inSQL for a table, before which a schema may stand.
func tableInSQL(name string) string {
	schema, table, qualified := strings.Cut(name, ".")
	if !qualified {
		return inSQL(name)
	}
	return inSQL(schema) + "." + inSQL(table)
}

// inCatalog is a name of inSQL as the catalog has it.
func inCatalog(name string) string { return strings.Trim(name, `"`) }

// inSQL is t with all names of columns as SQL has them. The maps and Members are
// those of the host's, and are not written to.
func (t Table) inSQL() Table {
	t.ID, t.Tenant, t.DeletedAt, t.Rest = inSQL(t.ID), inSQL(t.Tenant), inSQL(t.DeletedAt), inSQL(t.Rest)
	columns := make(map[string]Column, len(t.Columns))
	for path, c := range t.Columns {
		c.Name, c.Key = inSQL(c.Name), inSQL(c.Key)
		columns[path] = c
	}
	fixed := make(map[string]any, len(t.Fixed))
	for name, v := range t.Fixed {
		fixed[inSQL(name)] = v
	}
	lists := make(map[string]List, len(t.Lists))
	for path, l := range t.Lists {
		l.Owner, l.Tenant, l.Order = inSQL(l.Owner), inSQL(l.Tenant), inSQL(l.Order)
		subs := make(map[string]string, len(l.Columns))
		for name, column := range l.Columns {
			subs[name] = inSQL(column)
		}
		l.Columns = subs
		lists[path] = l
	}
	t.Columns, t.Fixed, t.Lists = columns, fixed, lists
	if t.Members != nil {
		m := *t.Members
		m.Owner, m.Member, m.Tenant = inSQL(m.Owner), inSQL(m.Member), inSQL(m.Tenant)
		t.Members = &m
	}
	return t
}

// The library's own names in statements, which the host's SQL must not take for
// something else.
var (
	ownAlias  = regexp.MustCompile(`(?i)\b(r|u|ur|g|gr|m|c|j|x|n|found|one)\s*\.`)
	otherT    = regexp.MustCompile(`(?i)\bt\b(\s*[^.\s]|\s*$)`)
	isLiteral = regexp.MustCompile(`'(?:[^']|'')*'|"[^"]*"`)

	// What the database takes for a parameter: it would be one of the library's. In
	// PostgreSQL, $ may begin a text, too, and ?, @ and : are of operators and types.
	parameters = map[Dialect]*regexp.Regexp{
		SQLite:     regexp.MustCompile(`[?@:#]|(^|[^\pL\pN_$])\$`),
		PostgreSQL: regexp.MustCompile(`(^|[^\pL\pN_$])\$`),
	}
)

// checkSQL refuses what would be a parameter of a statement, or something else in
// another place than the one it was written for.
func checkSQL(d Dialect, text string) error {
	code := isLiteral.ReplaceAllString(text, "''")
	own := ownAlias.FindStringSubmatch(code)
	switch {
	case strings.ContainsAny(text, "{}"):
		return fmt.Errorf("%q: braces are not possible", text)
	case parameters[d].MatchString(code):
		return fmt.Errorf("%q: parameters are not possible", text)
	case unbalanced(code):
		return fmt.Errorf("%q: the parentheses do not match", text)
	case strings.Contains(code, ";") || strings.Contains(code, "--") || strings.Contains(code, "/*"):
		return fmt.Errorf("%q: an expression is needed, without comments", text)
	case own != nil:
		return fmt.Errorf("%q: the library calls a table %s; another name is needed", text, own[1])
	case otherT.MatchString(code):
		return fmt.Errorf("%q: t is the table of the resources, and nothing else may be called so", text)
	}
	return nil
}

// aliases are t and r in SQL, not in its texts: at the beginning of host.from, in it,
// and before names.
var aliases = regexp.MustCompile(`^\S+ t |'(?:[^']|'')*'|"[^"]*"|resources r ON|(?i:\b[tr]\.)`)

// as is SQL about t and r with other names for them.
func as(sql, t, r string) string {
	return aliases.ReplaceAllStringFunc(sql, func(s string) string {
		switch {
		case s[0] == '\'' || s[0] == '"' && !strings.HasSuffix(s, " t "):
			return s
		case strings.HasSuffix(s, " t "):
			return strings.TrimSuffix(s, "t ") + t + " "
		case s == "resources r ON":
			return "resources " + r + " ON"
		case s == "t." || s == "T.":
			return t + "."
		}
		return r + "."
	})
}
