package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// apart refuses a table that joins to ids without their tenant, if they are those of
// others in another tenant.
func (o *host) apart(table, tenant, field string) error {
	if o.Tenant == "" || tenant != "" || o.info.isUnique(o.ID, "", nil) {
		return nil
	}
	return fmt.Errorf("the column %s of the table %s is unique within one %s only, so that the rows of the table %s may be those of another tenant: %s.Tenant must name its column with the tenant", o.ID, o.Name, o.Tenant, table, field)
}

// alike are names of tenants that differ in their bytes alone, or in what comes late.
var alike = []string{"acme", "ACME", "acme ", "acme\t", "ac-me", "a\u00adcme", "\u00e1cme", "a\u0301cme", "\uff41cme", "\u0430cme", "ss", "\u00df",
	"7", "07", "7.0", "1e1", "10", strings.Repeat("a", 300), strings.Repeat("a", 300) + "b"}

// tellsApart refuses a column for the tenant that takes one tenant for another: each
// would see what the other has. What compares so, a type or a collation, the database
// knows best, and is asked.
func (d *database) tellsApart(ctx context.Context, c *catalog, column string) error {
	col, ok := c.columns[column]
	if !ok || !col.keepsText() || col.identifies() != nil {
		return nil // numbers and UUIDs have one text
	}
	all := d.dialect.compile("SELECT count(DISTINCT x.v) FROM (SELECT " + column + " AS v FROM " + c.table + " WHERE 1 = 0 UNION ALL SELECT CAST(j.value AS " +
		col.indexed(d.dialect.Dialect) + ") FROM " + d.dialect.eachText("{texts}") + ") x")
	n := 0
	if err := all.row(ctx, d.DB, params{"texts": texts(slices.Values(alike))}).Scan(&n); err != nil {
		return fmt.Errorf("the column %s of the table %s: %w", column, c.table, err)
	}
	if n < len(alike) {
		return fmt.Errorf("the column %s of the table %s takes different tenants for one, by its type, %s, or its collation: it must be a text that compares by its bytes, in PostgreSQL text or varchar with a deterministic collation, in SQLite TEXT COLLATE BINARY", column, c.table, col.typ)
	}
	return nil
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
