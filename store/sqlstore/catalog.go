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
	table   string
	plain   *regexp.Regexp // names that need no quotes
	columns map[string]catalogColumn
	unique  []uniqueIndex
}

type catalogColumn struct {
	typ        string // in the words of the database, for CAST
	category   string // PostgreSQL's: B boolean, D date or time, N number, S text
	notNull    bool
	hasDefault bool // or is made by the database in another way
}

// uniqueIndex is over columns, and perhaps expressions, whose text it has. A
// partial one is over the rows that where is true of.
type uniqueIndex struct {
	columns []string
	text    string // without where
	where   string
}

const (
	columnsPostgreSQL = `SELECT a.attname, CASE t.typtype WHEN 'd' THEN format_type(t.typbasetype, t.typtypmod) ELSE format_type(a.atttypid, a.atttypmod) END,
		a.attnotnull OR t.typnotnull, a.atthasdef OR a.attidentity <> '', CAST(t.typcategory AS text) FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
		WHERE a.attrelid = to_regclass(?) AND a.attnum > 0 AND NOT a.attisdropped`
	columnsSQLite = `SELECT name, type, "notnull" OR pk > 0, dflt_value IS NOT NULL OR hidden > 1
		OR pk = 1 AND type = 'INTEGER' COLLATE NOCASE, '' FROM pragma_table_xinfo(?)`
	indexesPostgreSQL = `SELECT i.indexrelid, a.attname, pg_get_indexdef(i.indexrelid),
		coalesce(pg_get_expr(i.indpred, i.indrelid), '') FROM pg_index i
		LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey) AND a.attnum > 0
		WHERE i.indrelid = to_regclass(?) AND i.indisunique ORDER BY i.indexrelid`
	indexesSQLite = `SELECT l.name, i.name, coalesce(m.sql, ''), CASE l.partial WHEN 1 THEN ';' ELSE '' END FROM pragma_index_list(?) l
		JOIN pragma_index_info(l.name) i LEFT JOIN sqlite_master m ON m.name = l.name
		WHERE l."unique" = 1 ORDER BY l.seq`
	keySQLite = `SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk`
)

// lookAt reads what the database says of a table.
func (d *database) lookAt(ctx context.Context, table string) (*catalog, error) {
	c := &catalog{table: table, plain: plainSQLite, columns: make(map[string]catalogColumn)}
	if d.dialect.Dialect == PostgreSQL {
		c.plain = plainPostgreSQL
	}
	columns, indexes := columnsPostgreSQL, indexesPostgreSQL
	if d.dialect.Dialect == SQLite {
		columns, indexes = columnsSQLite, indexesSQLite
	}
	if err := c.readColumns(ctx, d.reader(), columns); err != nil {
		return nil, err
	}
	if len(c.columns) == 0 {
		return nil, fmt.Errorf("the database has no table %s", table)
	}
	return c, c.readIndexes(ctx, d.reader(), d.dialect.Dialect, indexes)
}

func (c *catalog) readColumns(ctx context.Context, on runner, query string) error {
	rows, err := on.query(ctx, query, c.table)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		var col catalogColumn
		if err := rows.Scan(&name, &col.typ, &col.notNull, &col.hasDefault, &col.category); err != nil {
			return err
		}
		c.columns[name] = col
	}
	return rows.Err()
}

func (c *catalog) readIndexes(ctx context.Context, on runner, d Dialect, query string) error {
	if d == SQLite {
		if err := c.readKey(ctx, on); err != nil {
			return err
		}
	}
	rows, err := on.query(ctx, query, c.table)
	if err != nil {
		return err
	}
	defer rows.Close()
	last := ""
	for rows.Next() {
		var index, text, where string
		var column *string
		if err := rows.Scan(&index, &column, &text, &where); err != nil {
			return err
		}
		if index != last {
			c.unique = append(c.unique, newIndex(text, where))
		}
		last = index
		x := &c.unique[len(c.unique)-1]
		if column != nil {
			x.columns = append(x.columns, *column)
		}
	}
	return rows.Err()
}

// readKey takes the primary key of SQLite, which may have no index.
func (c *catalog) readKey(ctx context.Context, on runner) error {
	rows, err := on.query(ctx, keySQLite, c.table)
	if err != nil {
		return err
	}
	defer rows.Close()
	var key uniqueIndex
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		key.columns = append(key.columns, name)
	}
	if key.columns != nil {
		c.unique = append(c.unique, key)
	}
	return rows.Err()
}

// column finds a column, or says that there is none.
func (c *catalog) column(name string) (catalogColumn, error) {
	col, ok := c.columns[name]
	switch {
	case !ok:
		return col, fmt.Errorf("the table %s has no column %s", c.table, name)
	case !c.plain.MatchString(name):
		return col, fmt.Errorf("the column %q of the table %s has a name that needs quotes; a view can give it another", name, c.table)
	}
	return col, nil
}

// joined checks the column of a table that joins to one with keys, of the zero
// value if it is not known. Without a name, there is nothing to check.
func (c *catalog) joined(name string, key catalogColumn) error {
	if name == "" {
		return nil
	}
	col, err := c.column(name)
	if err == nil && !key.joins(col) {
		err = fmt.Errorf("the column %s of the table %s, of type %s, does not compare with one of type %s", name, c.table, col.typ, key.typ)
	}
	return err
}

var (
	plainSQLite     = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	plainPostgreSQL = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)

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

// checkSQL refuses what would be a parameter of a statement.
func checkSQL(text string) error {
	if strings.ContainsAny(text, "{}") {
		return fmt.Errorf("%q: braces are not possible", text)
	}
	return nil
}
