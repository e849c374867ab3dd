package sqlstore

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// catalog is what the database says of one table.
type catalog struct {
	table   string                   // as SQL has it
	place   string                   // the table, whatever the search path is
	columns map[string]catalogColumn // by their names in SQL
	indexes []tableIndex
}

type catalogColumn struct {
	typ        string // in the words of the database, for CAST
	category   string // PostgreSQL's: B boolean, D date or time, N number, S text
	notNull    bool
	hasDefault bool // or is made by the database in another way
	generated  bool // and can be made in no other way
	reused     bool // of SQLite's numbers of rows, those of deleted ones are given again
}

const (
	columnsPostgreSQL = `SELECT a.attname, CASE t.typtype WHEN 'd' THEN format_type(t.typbasetype, t.typtypmod) ELSE format_type(a.atttypid, a.atttypmod) END,
		a.attnotnull OR t.typnotnull, a.atthasdef OR a.attidentity <> '', a.attgenerated <> '' OR a.attidentity = 'a', CAST(t.typcategory AS text)
		FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
		WHERE a.attrelid = to_regclass(?) AND a.attnum > 0 AND NOT a.attisdropped`
	columnsSQLite   = `SELECT name, type, "notnull" OR pk > 0, dflt_value IS NOT NULL OR hidden > 1, hidden > 1, '' FROM pragma_table_xinfo(?)`
	placePostgreSQL = `SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass(?)`
	placeSQLite     = `SELECT lower(name), coalesce(sql, '') FROM sqlite_master WHERE lower(name) = lower(?) AND type IN ('table', 'view')`
)

// lookAt reads what the database says of a table.
func (d *database) lookAt(ctx context.Context, table string) (*catalog, error) {
	if d.dialect.Dialect == SQLite {
		return d.lookAtSQLite(ctx, table)
	}
	for _, name := range []string{tableInSQL(table), strings.ToLower(table)} {
		c := &catalog{table: name, columns: make(map[string]catalogColumn)}
		if err := c.readColumns(ctx, d.reader(), columnsPostgreSQL, name); err != nil {
			return nil, err
		}
		if len(c.columns) > 0 {
			if err := d.reader().row(ctx, placePostgreSQL, name).Scan(&c.place); err != nil {
				return nil, err
			}
			return c, c.readIndexes(ctx, d.reader(), indexesPostgreSQL, name)
		}
	}
	return nil, fmt.Errorf("the database has no table %s", table)
}

func (d *database) lookAtSQLite(ctx context.Context, table string) (*catalog, error) {
	name := strings.TrimPrefix(table, "main.")
	if schema, _, more := strings.Cut(name, "."); more {
		return nil, fmt.Errorf("%s: SQLite has no schemas, and what is attached as %s may not be on every connection", table, schema)
	}
	c := &catalog{table: tableInSQL(table), columns: make(map[string]catalogColumn)}
	if err := c.readColumns(ctx, d.reader(), columnsSQLite, name); err != nil {
		return nil, err
	}
	if len(c.columns) == 0 {
		return nil, fmt.Errorf("the database has no table %s", table)
	}
	var text string
	if err := d.reader().row(ctx, placeSQLite, name).Scan(&c.place, &text); err != nil {
		return nil, fmt.Errorf("the table %s in sqlite_master: %w", table, err)
	}
	if err := c.readKey(ctx, d.reader(), name, isLiteral.ReplaceAllString(text, "")); err != nil {
		return nil, err
	}
	return c, c.readIndexes(ctx, d.reader(), indexesSQLite, name)
}

func (c *catalog) readColumns(ctx context.Context, on runner, query, table string) error {
	rows, err := on.query(ctx, query, table)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		var col catalogColumn
		if err := rows.Scan(&name, &col.typ, &col.notNull, &col.hasDefault, &col.generated, &col.category); err != nil {
			return err
		}
		c.columns[inSQL(name)] = col
	}
	return rows.Err()
}

var (
	rowNumber     = regexp.MustCompile(`(?i)\bAUTOINCREMENT\b`)
	withoutNumber = regexp.MustCompile(`(?i)\bWITHOUT\s+ROWID\b`)
)

// readKey takes the primary key of SQLite, which may have no index. One column of
// type INTEGER is the number of the row then.
func (c *catalog) readKey(ctx context.Context, on runner, table, text string) error {
	rows, err := on.query(ctx, `SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk`, table)
	if err != nil {
		return err
	}
	defer rows.Close()
	key := tableIndex{unique: true}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		key.columns = append(key.columns, inSQL(name))
	}
	if key.keys = key.columns; key.keys != nil {
		c.indexes = append(c.indexes, key)
	}
	if len(key.columns) == 1 && strings.EqualFold(c.columns[key.columns[0]].typ, "INTEGER") && !withoutNumber.MatchString(text) {
		col := c.columns[key.columns[0]]
		col.hasDefault, col.reused = true, !rowNumber.MatchString(text)
		c.columns[key.columns[0]] = col
	}
	return rows.Err()
}

// column finds a column, or says that there is none.
func (c *catalog) column(name string) (catalogColumn, error) {
	col, ok := c.columns[name]
	switch {
	case !ok:
		return col, fmt.Errorf("the table %s has no column %s", c.table, name)
	case !anyName.MatchString(inCatalog(name)):
		return col, fmt.Errorf("the column %q of the table %s has a name of more than letters, digits and underscores, which SQL here cannot have", name, c.table)
	}
	return col, nil
}

// written finds a column that the library is to write.
func (c *catalog) written(name string) (catalogColumn, error) {
	col, err := c.column(name)
	if err == nil && col.generated {
		err = fmt.Errorf("the database computes the column %s of the table %s, and takes no value for it", name, c.table)
	}
	return col, err
}

var (
	integerType = regexp.MustCompile(`(?i)^(tiny|small|big)?int(eger|[0-9]*)?\b|^(small|big)?serial`)
	uuidType    = regexp.MustCompile(`(?i)^uuid$`)
	uuidText    = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
)

// key makes of the text of a key what the column compares with. ok is false for
// what the column cannot hold, or would hold as another text.
func (c catalogColumn) key(text string) (v any, ok bool) {
	switch {
	case c.isInteger():
		n, err := strconv.ParseInt(text, 10, c.bits())
		return n, err == nil && strconv.FormatInt(n, 10) == text
	case uuidType.MatchString(c.typ):
		return text, uuidText.MatchString(text)
	}
	return text, storable(text) && text != ""
}

// bits is the size of an integer. SQLite's are all the same.
func (c catalogColumn) bits() int {
	switch {
	case c.category == "" || c.typ == "bigint":
		return 64
	case c.typ == "smallint":
		return 16
	}
	return 32
}

// castType is the type for CAST. To a type with a length, CAST cuts a text, where
// an assignment fails and a comparison finds nothing.
func (c catalogColumn) castType(d Dialect) string {
	if d == SQLite {
		if c.isInteger() || strings.HasPrefix(strings.ToLower(c.typ), "bool") {
			return "INTEGER"
		}
		return "TEXT"
	}
	if c.category == "S" {
		return "text"
	}
	return c.typ
}

// identifier allows a name, or two with a dot between, in SQL.
var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_$]*(\.[A-Za-z_][A-Za-z0-9_$]*)?$`)
