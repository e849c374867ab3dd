package sqlstore

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// indexed tells whether the database keeps unique what the schema says is, and no
// more: a deleted row must not keep its values from new ones. What clients look
// resources up by, it must find by an index: they do so for each that they provision.
func (o *host) indexed() error {
	var errs []error
	for _, m := range o.mapped {
		name := m.Name
		if m.Key != "" {
			name = m.Key
		}
		if name == "" {
			continue
		}
		for _, column := range []string{m.Name, m.Key} {
			if o.DeletedAt != "" && column != "" && o.info.isUnique(column, o.Tenant, append(o.ofDeleted(), notNull(column))) {
				errs = append(errs, fmt.Errorf("a unique index on the column %s, for %s, covers deleted rows: DeletedAt needs a unique index WHERE %s IS NULL", column, m.path, o.DeletedAt))
			}
		}
		switch index, served := o.lookUp(m, name); {
		case m.attr.Unique && !o.info.isUnique(name, o.Tenant, append(o.conditions(), notNull(name))):
			errs = append(errs, fmt.Errorf("the column %s has no unique index, and %s must be unique: CREATE UNIQUE %s", name, m.path, index))
		case !served && m.looksUp():
			errs = append(errs, fmt.Errorf("the column %s has no index by which %s is looked up, so that this reads all rows: CREATE %s", name, m.path, index))
		}
	}
	return errors.Join(errs...)
}

// lookUp tells whether an index serves to find rows by a column, name, as sameAs
// does, and gives the one that would: what comes behind CREATE. Of expressions other
// than lower(name) that is not known.
func (o *host) lookUp(m *mappedColumn, name string) (index string, served bool) {
	key, function := withoutT(m.comparand()), ""
	switch {
	case m.SQL != "" && m.Key == "":
		key, served = name, true
	case strings.HasPrefix(key, "lower("):
		function = "lower"
	default:
		served = key != name
	}
	conditions := o.conditions()
	if function == "" || o.dialect.Dialect == PostgreSQL { // SQLite does not see that lower(NULL) is NULL
		conditions = append(conditions, notNull(name))
	}
	served = served || o.info.finds(name, function, o.Tenant, conditions)

	_, table, qualified := strings.Cut(o.Name, ".")
	if !qualified {
		table = o.Name
	}
	label := inCatalog(table) + "_" + inCatalog(name)
	if function != "" {
		label += "_" + function
	}
	on := o.Name
	if o.dialect.Dialect == SQLite {
		on = table
	}
	if o.Tenant != "" {
		key = o.Tenant + ", " + key
	}
	index = "INDEX " + inSQL(label) + " ON " + on + " (" + key + ")"
	if terms := o.comparisons(); len(terms) > 0 {
		index += " WHERE " + strings.Join(terms, " AND ")
	}
	return index, served
}

var comparison = regexp.MustCompile(`^(not )?[\pL\pN_$]+$|^[\pL\pN_$]+ is (not )?(null|true|false)$|^[\pL\pN_$]+(<>|<=|>=|=|<|>)('(?:[^']|'')*'|-?[0-9.]+|true|false)$`)

// comparisons are the terms of conditions that an index can have, and conjuncts
// reads again as the database prints them. With fewer, it has more rows.
func (o *host) comparisons() (terms []string) {
	all := termsOf(bare(withoutT(o.Where)))
	if o.DeletedAt != "" {
		all = append(all, o.DeletedAt+" IS NULL")
	}
	var seen []string
	for _, term := range all {
		if parts := conjuncts(term); len(parts) == 1 && comparison.MatchString(parts[0]) && !slices.Contains(seen, parts[0]) {
			terms, seen = append(terms, strings.TrimSpace(term)), append(seen, parts[0])
		}
	}
	return terms
}

var aliasT = regexp.MustCompile(`'(?:[^']|'')*'|"[^"]*"|(?i:\bt\.)`)

// withoutT is SQL about t as an index has it.
func withoutT(sql string) string {
	return aliasT.ReplaceAllStringFunc(sql, func(s string) string {
		if strings.EqualFold(s, "t.") {
			return ""
		}
		return s
	})
}

// conditions are what is true of all rows that are resources, as an index may
// have it for its WHERE.
func (o *host) conditions() []string {
	all := conjuncts(withoutT(o.Where))
	if o.DeletedAt != "" {
		all = append(all, conjuncts(o.DeletedAt+" IS NULL")...)
	}
	return all
}

// ofDeleted are those of conditions that are true of deleted rows, too.
func (o *host) ofDeleted() []string {
	deleted := conjuncts(o.DeletedAt + " IS NULL")
	return slices.DeleteFunc(o.conditions(), func(c string) bool { return slices.Contains(deleted, c) })
}

// notNull is as conjuncts has it. What is NULL is in nobody's way, and is not looked for.
func notNull(column string) string { return strings.ToLower(inCatalog(column)) + " is not null" }

// comparand is what sameAs looks for.
func (m *mappedColumn) comparand() string {
	switch {
	case m.Key != "":
		return "t." + m.Key
	case m.lowered():
		return "lower(" + m.read + ")"
	}
	return m.read
}
