package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// problems are all that is wrong with a mapping.
type problems []error

func (p *problems) note(err error, format string, args ...any) {
	if err != nil {
		*p = append(*p, fmt.Errorf(format+": %w", append(args, err)...))
	}
}

// checkRow checks what a row has beside attributes.
func (o *host) checkRow(p *problems) {
	var err error
	o.key, err = o.info.column(o.ID)
	if err == nil && !o.info.isUnique(o.ID, o.Tenant, nil) {
		err = fmt.Errorf("the column %s is not unique", o.ID)
	}
	if err == nil {
		err = o.key.identifies()
	}
	p.note(err, "the id")
	if o.Tenant != "" {
		if o.tenant, err = o.info.column(o.Tenant); err == nil {
			err = o.tenant.identifies()
		}
		p.note(err, "the tenant")
	}
	if o.DeletedAt != "" {
		_, err = o.info.column(o.DeletedAt)
		p.note(err, "DeletedAt")
	}
	for _, name := range slices.Sorted(maps.Keys(o.Fixed)) {
		_, err = o.info.column(name)
		p.note(err, "Fixed")
	}
	p.note(checkSQL(o.Where), "Where")
	if o.Existing == AskHost && o.Ask == nil {
		p.note(errors.New("AskHost needs Ask"), "Existing")
	}
}

// checkMembers checks the table of members against the database.
func (o *host) checkMembers(ctx context.Context, s *Store) error {
	switch m := o.Members; {
	case o.layout.members == nil:
		return errors.New("the resource type has no list of references that clients write")
	case m == nil:
		return fmt.Errorf("Members must name the table with the elements of %s", o.layout.members.Name)
	case !identifier.MatchString(m.Table):
		return fmt.Errorf("%q is no name of a table", m.Table)
	case m.Tenant != "" && o.Tenant == "":
		return fmt.Errorf("the table %s has a tenant, and %s has none", m.Table, o.Name)
	}
	info, err := s.db.lookAt(ctx, o.Members.Table)
	if err != nil {
		return err
	}
	if o.member, err = info.column(o.Members.Member); err != nil {
		return err
	}
	names := []string{o.Members.Owner, o.Members.Member}
	if o.Members.Tenant != "" {
		names = append(names, o.Members.Tenant)
	}
	o.joinRows = o.Members.Table
	if !info.hasKey(names...) { // a member may be there twice
		o.joinRows = "(SELECT DISTINCT " + strings.Join(names, ", ") + " FROM " + o.Members.Table + ")"
	}
	o.oneOnly = info.keepsApart(o.Members.Member, o.Members.Owner)
	return errors.Join(o.apart(o.Members.Table, o.Members.Tenant, "Members"), info.joined(o.Members.Owner, o.key), info.joined(o.Members.Tenant, o.tenant))
}

// sameColumn refuses attributes of different types in one column, and columns
// that are to hold the keys of different values.
func (o *host) sameColumn() error {
	var errs []error
	for i, m := range o.mapped {
		for _, other := range o.mapped[:i] {
			if m.Name != "" && m.Name == other.Name && m.attr.Kind != other.attr.Kind {
				errs = append(errs, fmt.Errorf("the column %s is for %s, of type %s, and %s, of type %s", m.Name, other.path, other.attr.Kind, m.path, m.attr.Kind))
			}
			if m.Key != "" && m.Key == other.Key && (m.Name != other.Name || m.attr.CaseExact != other.attr.CaseExact) {
				errs = append(errs, fmt.Errorf("the column %s is for the keys of %s and of %s, which differ; one of the two needs another Key", m.Key, other.path, m.path))
			}
		}
		for _, other := range o.mapped {
			if m.Key != "" && m.Key == other.Name {
				errs = append(errs, fmt.Errorf("the column %s is for the key of %s and for %s; Key needs a column of its own", m.Key, m.path, other.path))
			}
		}
	}
	return errors.Join(errs...)
}

// complete tells whether new rows can be made: every column that must have a
// value gets one.
func (o *host) complete() error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(o.info.columns)) {
		c := o.info.columns[name]
		_, fixed := o.Fixed[name]
		given := slices.ContainsFunc(o.mapped, func(m *mappedColumn) bool { return m.Name == name || m.Key == name })
		if c.notNull && !c.hasDefault && !given && !fixed && name != o.ID && name != o.Tenant && name != o.Rest {
			errs = append(errs, fmt.Errorf("the column %s must have a value and is for no attribute; Fixed can give one", name))
		}
	}
	return errors.Join(errs...)
}

// uniqueness tells whether the database keeps unique what the schema says is,
// and no more: a deleted row must not keep its values from new ones.
func (o *host) uniqueness() error {
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
		if m.attr.Unique && !o.info.isUnique(name, o.Tenant, o.conditions()) {
			errs = append(errs, fmt.Errorf("the column %s has no unique index, and %s must be unique", name, m.path))
		}
	}
	return errors.Join(errs...)
}

// conditions are what is true of all rows that are resources, as an index may
// have it for its WHERE.
func (o *host) conditions() []string {
	all := conjuncts(regexp.MustCompile(`\bt\.`).ReplaceAllString(o.Where, ""))
	if o.DeletedAt != "" {
		all = append(all, conjuncts(o.DeletedAt+" IS NULL")...)
	}
	return all
}
