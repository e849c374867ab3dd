package sqlstore

import (
	"errors"
	"fmt"
	"regexp"
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
			if o.DeletedAt != "" && column != "" && o.info.isUnique(column, o.Tenant, nil) {
				errs = append(errs, fmt.Errorf("a unique index on the column %s, for %s, covers deleted rows: DeletedAt needs a unique index WHERE %s IS NULL", column, m.path, o.DeletedAt))
			}
		}
		switch index, served := o.lookUp(m, name); {
		case m.attr.Unique && !o.info.isUnique(name, o.Tenant, o.conditions()):
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
	key, function := aliasT.ReplaceAllString(m.comparand(), ""), ""
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
		conditions = append(conditions, strings.ToLower(inCatalog(name))+" is not null")
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
	if o.DeletedAt != "" {
		index += " WHERE " + o.DeletedAt + " IS NULL"
	}
	return index, served
}

var aliasT = regexp.MustCompile(`\bt\.`)

// conditions are what is true of all rows that are resources, as an index may
// have it for its WHERE.
func (o *host) conditions() []string {
	all := conjuncts(aliasT.ReplaceAllString(o.Where, ""))
	if o.DeletedAt != "" {
		all = append(all, conjuncts(o.DeletedAt+" IS NULL")...)
	}
	return all
}

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
