package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/internal/model"
)

// host is the place of the resources of one type in a table of the host. Beside
// it, in the library's table of resources, is what the host's has no columns
// for: a row there tells that provisioning has made or adopted the host's row.
type host struct {
	Table
	prefix  string
	dialect sqlOf
	layout  *layout
	refs    *references

	info    *catalog
	key     catalogColumn // of Table.ID
	tenant  catalogColumn // of Table.Tenant
	mapped  []*mappedColumn
	child   []*childList
	idText  string // SQL of the SCIM id
	from    string // of all resources
	where   string // begins with WHERE
	display string

	get, lock, all [4]statement
	counting       statement
	existing       statement
	unlinked       statement
	holding        statement // PostgreSQL's
	side           sideStatements
	leave          []statement // take a resource out of the tables that join
	gone           statement
}

// mappedColumn is a column of the host's with one attribute.
type mappedColumn struct {
	Column
	path   string
	attr   *model.Attr
	parsed filter.Path
	only   *filter.Filter // the elements of a list that a path with brackets names
	info   catalogColumn
	read   string // SQL
}

// childList is a list in a table of its own.
type childList struct {
	List
	attr   *model.Attr
	subs   []childColumn
	gather string
	clear  statement
	add    statement
}

type childColumn struct {
	attr   *model.Attr
	column string
	info   catalogColumn
}

// newHost checks a Table against the schema and the database.
func (s *Store) newHost(ctx context.Context, l *layout, t Table) (*host, error) {
	h := &host{Table: t, prefix: s.prefix, dialect: s.db.dialect, layout: l}
	var errs []error
	note := func(what string, err error) {
		if err != nil {
			errs = append(errs, fmt.Errorf("sqlstore: %s of %s: %w", what, l.model.Name, err))
		}
	}
	var err error
	if !identifier.MatchString(t.Name) {
		err = fmt.Errorf("%q is no name of a table", t.Name)
	} else {
		h.info, err = s.db.lookAt(ctx, t.Name)
	}
	if err != nil {
		return nil, fmt.Errorf("sqlstore: the table of %s: %w", l.model.Name, err)
	}
	h.key, err = h.info.column(t.ID)
	if err == nil && !h.info.isUnique(t.ID, t.Tenant) {
		err = fmt.Errorf("the column %s is not unique", t.ID)
	}
	note("the id", err)
	for name, c := range map[string]*catalogColumn{t.Tenant: &h.tenant, t.DeletedAt: new(catalogColumn)} {
		if name != "" {
			*c, err = h.info.column(name)
			note("the column "+name, err)
		}
	}
	for name := range t.Fixed {
		_, err = h.info.column(name)
		note("the fixed column "+name, err)
	}
	note("Where", checkSQL(t.Where))
	if t.Existing == AskHost && t.Ask == nil {
		note("Existing", errors.New("AskHost needs Ask"))
	}
	for _, path := range h.paths() {
		c, err := h.newColumn(path, t.Columns[path])
		note(fmt.Sprintf("the attribute %s, column %s", path, cmpName(t.Columns[path])), err)
		if err == nil {
			h.mapped = append(h.mapped, c)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(t.Lists)) {
		c, err := h.newChild(ctx, s, path, t.Lists[path])
		note(fmt.Sprintf("the attribute %s, table %s", path, t.Lists[path].Table), err)
		h.child = append(h.child, c)
	}
	note("the table "+t.Name, errors.Join(h.sameColumn(), h.complete(), h.uniqueness()))
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	h.fragments()
	return h, nil
}

func cmpName(c Column) string {
	if c.Name != "" {
		return c.Name
	}
	return c.SQL
}

// paths gives the paths of Columns: unique attributes first, then in the order
// of the schema, so that the first of several for one column is the one that
// counts.
func (h *host) paths() []string {
	place := func(path string) int {
		p, err := filter.ParsePath(path)
		if err != nil {
			return 0
		}
		id, err := filter.Resolve(p.Attr, h.layout.model, model.Root, nil)
		if err != nil || h.layout.model.Attr(id).Unique {
			return 0
		}
		return 1 + int(id)
	}
	paths := slices.Sorted(maps.Keys(h.Columns))
	slices.SortStableFunc(paths, func(a, b string) int { return place(a) - place(b) })
	return paths
}

func (h *host) newColumn(path string, c Column) (*mappedColumn, error) {
	m := &mappedColumn{Column: c, path: path, read: c.SQL}
	var err error
	if m.parsed, err = filter.ParsePath(path); err != nil {
		return nil, err
	}
	t := h.layout.model
	id, err := filter.Resolve(m.parsed.Attr, t, model.Root, nil)
	if err == nil && m.parsed.Filter != nil {
		if m.only, err = filter.BindIn(m.parsed.Filter, t, id, nil); err == nil {
			id, err = filter.Resolve(filter.AttrPath{Name: m.parsed.Sub}, t, id, nil)
		}
	}
	if err != nil {
		return nil, err
	}
	m.attr = t.Attr(id)
	switch {
	case m.attr.Kind == model.Complex:
		return nil, errors.New("the attribute is complex; its sub-attributes have columns")
	case m.only == nil && h.layout.repeated(m.attr):
		return nil, errors.New(`the attribute has several values; a path such as emails[type eq "work"].value names one`)
	case m.attr.ID == model.IDAttr || m.attr.ID == t.MetaVersion || m.attr.ID == t.MetaType || m.attr.ID == t.MetaLocation || m.attr.ID == model.Schemas:
		return nil, errors.New("the attribute follows from others and has no column")
	case c.Name == "" && c.SQL == "":
		return nil, errors.New("the column has no name")
	}
	if c.Name != "" {
		if m.info, err = h.info.column(c.Name); err != nil {
			return nil, err
		}
		if c.SQL == "" {
			m.read = "t." + c.Name
		}
	}
	if c.Key != "" {
		if _, err := h.info.column(c.Key); err != nil {
			return nil, err
		}
		if m.attr.Kind != model.String {
			return nil, errors.New("only strings have a column with the key")
		}
	}
	return m, errors.Join(checkSQL(m.read), m.fits())
}

// fits tells whether a column can hold an attribute.
func (m *mappedColumn) fits() error {
	if m.Name == "" || m.Encode != nil || m.Decode != nil || m.SQL != "" {
		return nil
	}
	typ := strings.ToLower(m.info.typ)
	number := integerType.MatchString(typ) || regexp.MustCompile(`^(numeric|decimal|real|double|float)`).MatchString(typ)
	boolean := strings.HasPrefix(typ, "bool")
	date := strings.HasPrefix(typ, "timestamp") || strings.HasPrefix(typ, "date")
	fail := false
	switch m.attr.Kind {
	case model.Boolean:
		fail = !boolean && !number
	case model.Decimal, model.Integer:
		fail = boolean || date
	case model.DateTime:
		fail = boolean
	default:
		fail = boolean || number || date
	}
	if fail {
		return fmt.Errorf("a column of type %s does not hold an attribute of type %s; SQL, Decode and Encode can convert", m.info.typ, m.attr.Kind)
	}
	return nil
}

// sameColumn refuses attributes of different types in one column.
func (h *host) sameColumn() error {
	var errs []error
	for i, m := range h.mapped {
		for _, other := range h.mapped[:i] {
			if m.Name != "" && m.Name == other.Name && m.attr.Kind != other.attr.Kind {
				errs = append(errs, fmt.Errorf("the column %s is for %s, of type %s, and %s, of type %s", m.Name, other.path, other.attr.Kind, m.path, m.attr.Kind))
			}
		}
	}
	return errors.Join(errs...)
}

// complete tells whether new rows can be made: every column that must have a
// value gets one.
func (h *host) complete() error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(h.info.columns)) {
		c := h.info.columns[name]
		_, fixed := h.Fixed[name]
		given := slices.ContainsFunc(h.mapped, func(m *mappedColumn) bool { return m.Name == name || m.Key == name })
		if c.notNull && !c.hasDefault && !given && !fixed && name != h.ID && name != h.Tenant {
			errs = append(errs, fmt.Errorf("the column %s must have a value and is for no attribute; Fixed can give one", name))
		}
	}
	return errors.Join(errs...)
}

// uniqueness tells whether the database keeps unique what the schema says is.
func (h *host) uniqueness() error {
	var errs []error
	for _, m := range h.mapped {
		name := m.Name
		if m.Key != "" {
			name = m.Key
		}
		if m.attr.Unique && name != "" && !h.info.isUnique(name, h.Tenant) {
			errs = append(errs, fmt.Errorf("the column %s has no unique index, and %s must be unique", name, m.path))
		}
	}
	return errors.Join(errs...)
}
