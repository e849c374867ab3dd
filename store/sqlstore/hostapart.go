package sqlstore

import (
	"errors"
	"fmt"
)

// apart refuses a table that joins to ids without their tenant, if they are those of
// others in another tenant.
func (o *host) apart(table, tenant, field string) error {
	if o.Tenant == "" || tenant != "" || o.info.isUnique(o.ID, "", nil) {
		return nil
	}
	return fmt.Errorf("the column %s of the table %s is unique within one %s only, so that the rows of the table %s may be those of another tenant: %s.Tenant must name its column with the tenant", o.ID, o.Name, o.Tenant, table, field)
}

// separate refuses tables whose rows would be those of two lists, or of resources
// and a list: what is written to one would be in the other.
func separate(hosts []*host) error {
	type rows struct{ table, owner string }
	of, names := make(map[rows]string), make(map[string]bool)
	for _, o := range hosts {
		names[o.Name] = true
	}
	claim := func(table, owner, by string) error {
		switch other := of[rows{table, owner}]; {
		case names[table]:
			return fmt.Errorf("sqlstore: the table %s has resources, which would go with elements of %s: these need a table of their own", table, by)
		case other != "" && other != by:
			return fmt.Errorf("sqlstore: the table %s, by its column %s, is that of %s and of %s, which would have each other's elements: each needs a table of its own", table, owner, other, by)
		}
		of[rows{table, owner}] = by
		return nil
	}
	var errs []error
	for _, o := range hosts {
		for _, c := range o.child {
			errs = append(errs, claim(c.Table, c.Owner, c.attr.Path+" of "+o.Name))
		}
		if o.Members != nil {
			errs = append(errs, claim(o.Members.Table, o.Members.Owner, o.layout.members.Path+" of "+o.Name))
		}
	}
	return errors.Join(errs...)
}

// ofTenant limits the join table to a tenant.
func (m *Members) ofTenant(alias string) string {
	if m.Tenant == "" {
		return ""
	}
	return " AND " + alias + m.Tenant + " = {host_tenant}"
}
