package sqlstore

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// foreignKey is one of a table's.
type foreignKey struct {
	table string // the place of the one that it refers to
	pairs []keyPair
}

// keyPair is a column of a foreign key, and the one that it refers to, "" if there is
// none, as SQLite allows.
type keyPair struct{ column, to string }

// In PostgreSQL, what refers to one of several tables with the same rows, parts of
// another one, says nothing here.
const (
	foreignPostgreSQL = `SELECT k.oid, n.nspname || '.' || c.relname, a.attname, b.attname FROM pg_constraint k
		CROSS JOIN LATERAL generate_series(1, array_length(k.conkey, 1)) AS s (n)
		JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[s.n]
		JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = k.confkey[s.n]
		JOIN pg_class c ON c.oid = k.confrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE k.contype = 'f' AND k.conrelid = to_regclass(?)
		AND NOT EXISTS (SELECT 1 FROM pg_inherits i WHERE k.confrelid IN (i.inhrelid, i.inhparent)) ORDER BY k.oid, s.n`
	foreignSQLite = `SELECT f.id, lower(f."table"), f."from", coalesce(p.name, '') FROM pragma_foreign_key_list(?) f
		LEFT JOIN pragma_table_info(f."table") p ON CASE WHEN f."to" IS NULL THEN p.pk = f.seq + 1 ELSE lower(p.name) = lower(f."to") END
		ORDER BY f.id, f.seq`
	triggersPostgreSQL = `SELECT count(*) FROM pg_trigger WHERE tgrelid = to_regclass(?) AND NOT tgisinternal`
	triggersSQLite     = `SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND lower(tbl_name) = lower(?)`
)

// foreignKeys reads those of a table, which is called so in the catalog.
func (d *database) foreignKeys(ctx context.Context, table string) (keys []foreignKey, err error) {
	query, name := foreignPostgreSQL, table
	if d.dialect.Dialect == SQLite {
		query, name = foreignSQLite, unquoted(table)
	}
	rows, err := d.reader().query(ctx, query, name)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	last := int64(-1)
	for rows.Next() {
		var id int64
		var place, column, to string
		if err := rows.Scan(&id, &place, &column, &to); err != nil {
			return nil, err
		}
		if id != last {
			keys = append(keys, foreignKey{table: place})
		}
		last = id
		k := &keys[len(keys)-1]
		k.pairs = append(k.pairs, keyPair{inSQL(column), inSQL(to)})
	}
	return keys, rows.Err()
}

// unquoted is the name of a table of SQLite's as its catalog has it.
func unquoted(table string) string {
	return inCatalog(strings.TrimPrefix(table, "main."))
}

// numbersItself tells whether the values of a column are its table's own: the
// database makes them, they are no other table's, and no trigger has a hand in it.
func (d *database) numbersItself(ctx context.Context, table, column string) (bool, error) {
	c, err := d.lookAt(ctx, table)
	if err != nil {
		return false, nil // a name that only quotes could make one of SQL
	}
	col := c.columns[column]
	computed := col.generated && col.category == "" // in PostgreSQL, it is rather GENERATED ALWAYS AS IDENTITY
	if !col.hasDefault || col.reused || computed {
		return false, nil
	}
	keys, err := d.foreignKeys(ctx, c.table)
	if err != nil || slices.ContainsFunc(keys, func(k foreignKey) bool { return k.from(column) }) {
		return false, err
	}
	query, name := triggersPostgreSQL, c.table
	if d.dialect.Dialect == SQLite {
		query, name = triggersSQLite, unquoted(c.table)
	}
	n := 0
	err = d.reader().row(ctx, query, name).Scan(&n)
	return n == 0, err
}

func (k foreignKey) from(column string) bool {
	return slices.ContainsFunc(k.pairs, func(p keyPair) bool { return p.column == column })
}

// A holding is a column of a further table that holds ids of a host's.
type holding struct {
	column string
	ids    *host
}

// canHold refuses a table to which no row can ever be added, as a foreign key of one
// of its columns is about others than the ids that are held there. tenant is "" or
// one more column that always has a value. Where the ids could be there as well, by
// a trigger or another foreign key, that is the host's matter.
func (d *database) canHold(ctx context.Context, c *catalog, tenant string, all ...holding) error {
	keys, err := d.foreignKeys(ctx, c.table)
	if err != nil {
		return err
	}
	unwritten := func(p keyPair) bool {
		return p.column != tenant && !slices.ContainsFunc(all, func(h holding) bool { return h.column == p.column })
	}
	for _, k := range keys {
		if slices.ContainsFunc(k.pairs, unwritten) {
			continue // NULL, which refers to nothing
		}
		for _, p := range k.pairs {
			if p.to == "" {
				return fmt.Errorf("no row can be added to the table %s: its column %s is a foreign key to what the database does not have, in the table %s", c.table, p.column, k.table)
			}
			for _, h := range all {
				never, err := d.never(ctx, k.table, p, h, all)
				if err != nil {
					return err
				}
				if never {
					return fmt.Errorf("no row can be added to the table %s: its column %s is for ids of the table %s, in %s, and is a foreign key to the table %s, to %s", c.table, p.column, h.ids.Name, h.ids.ID, k.table, p.to)
				}
			}
		}
	}
	return nil
}

// never tells whether the ids in h cannot be what p refers to in a table.
func (d *database) never(ctx context.Context, table string, p keyPair, h holding, all []holding) (bool, error) {
	switch own := h.ids.info; {
	case p.column != h.column:
		return false, nil
	case table == own.place:
		return p.to != h.ids.ID && !own.columns[p.to].generated, nil
	}
	for _, other := range all { // the ids of others are their own
		if table == other.ids.info.place && p.to == other.ids.ID {
			return true, nil
		}
	}
	own, err := d.numbersItself(ctx, h.ids.info.place, h.ids.ID)
	if err != nil || !own {
		return false, err
	}
	return d.numbersItself(ctx, table, p.to)
}
