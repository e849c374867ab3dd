package rig

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/scimkit/scimkit/store/sqlstore"
)

// rules are statements that find what must not be in the tables, whatever
// happened: each row names one fault.
var rules = []struct{ name, query string }{
	{"a count that is wrong", `SELECT c.tenant || '/' || c.type FROM
		(SELECT tenant, type, sum(n) AS n FROM {p}counts GROUP BY tenant, type) c
		LEFT JOIN (SELECT tenant, type, count(*) AS n FROM {p}resources GROUP BY tenant, type) r
		ON r.tenant = c.tenant AND r.type = c.type WHERE c.n <> coalesce(r.n, 0)`},
	{"resources without a count", `SELECT DISTINCT r.tenant || '/' || r.type FROM {p}resources r
		WHERE NOT EXISTS (SELECT 1 FROM {p}counts c WHERE c.tenant = r.tenant AND c.type = r.type)`},
	{"a member that dangles", `SELECT m.list_id || ' has ' || m.member_id FROM {p}members m
		WHERE NOT EXISTS (SELECT 1 FROM {p}resources r WHERE r.tenant = m.tenant AND r.type = m.member_type AND r.id = m.member_id)`},
	{"members of a group that is not there", `SELECT m.list_id || ' has ' || m.member_id FROM {p}members m
		WHERE NOT EXISTS (SELECT 1 FROM {p}resources r WHERE r.tenant = m.tenant AND r.type = m.list_type AND r.id = m.list_id)`},
	{"a key of a resource that is not there", `SELECT n.attribute || ' of ' || n.id FROM {p}names n
		WHERE NOT EXISTS (SELECT 1 FROM {p}resources r WHERE r.tenant = n.tenant AND r.type = n.type AND r.id = n.id)`},
	{"a displayName without its key", `SELECT r.id FROM {p}resources r WHERE r.type = 'User' AND {keys:displayName} IS NOT NULL AND NOT EXISTS (
		SELECT 1 FROM {p}names n WHERE n.tenant = r.tenant AND n.type = r.type AND n.id = r.id
		AND n.attribute = 'displayName' AND n.value_key = {keys:displayName})`},
	{"an e-mail without its key", `SELECT r.id FROM {p}resources r WHERE {keys:emails.0.value} IS NOT NULL AND NOT EXISTS (
		SELECT 1 FROM {p}names n WHERE n.tenant = r.tenant AND n.type = r.type AND n.id = r.id
		AND n.attribute = 'emails.value' AND n.value_key = {keys:emails.0.value})`},
	{"a key of a value that is not there", `SELECT n.attribute || ' of ' || n.id FROM {p}names n
		JOIN {p}resources r ON r.tenant = n.tenant AND r.type = n.type AND r.id = n.id
		WHERE n.value_key <> CASE n.attribute WHEN 'displayName' THEN {keys:displayName} ELSE {keys:emails.0.value} END`},
	{"a name and another key", `SELECT r.id FROM {p}resources r
		WHERE coalesce(r.name_key, '') <> coalesce({keys:userName}, {keys:displayName}, '')`},
	{"an externalId and another key", `SELECT r.id FROM {p}resources r WHERE coalesce(r.external_key, '') <> coalesce({keys:externalId}, '')`},
	{"one name twice", `SELECT name_key FROM {p}resources WHERE name_key IS NOT NULL GROUP BY tenant, type, name_key HAVING count(*) > 1`},
}

// sqliteRules are what SQLite itself looks for.
var sqliteRules = []struct{ name, query string }{
	{"integrity_check", `SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok'`},
	{"foreign_key_check", `SELECT "table" || ' ' || coalesce("rowid", '') FROM pragma_foreign_key_check`},
}

type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// Check looks at all that is stored. Users and groups must be those of User and
// Group: with one e-mail at most.
func Check(ctx context.Context, db querier, d Database) error {
	all := rules
	if d.Foreign {
		all = foreignRules
	}
	if d.Dialect == sqlstore.SQLite {
		all = append(sqliteRules, all...)
	}
	var wrong []string
	for _, r := range all {
		found, err := texts(ctx, db, expand(d.Dialect, r.query))
		if err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
		if len(found) > 0 {
			wrong = append(wrong, fmt.Sprintf("%s: %d times: %.200q", r.name, len(found), found))
		}
	}
	if wrong != nil {
		return fmt.Errorf("the database holds %s", strings.Join(wrong, "; "))
	}
	return nil
}

// expand writes the names of tables, and of values in the column keys.
func expand(d sqlstore.Dialect, query string) string {
	query = strings.ReplaceAll(query, "{p}", Prefix)
	for {
		before, rest, ok := strings.Cut(query, "{keys:")
		if !ok {
			return query
		}
		path, after, _ := strings.Cut(rest, "}")
		value := `json_extract(r.keys, '$.` + strings.ReplaceAll(path, ".0.", "[0].") + `')`
		if d == sqlstore.PostgreSQL {
			value = `(r.keys #>> '{` + strings.ReplaceAll(path, ".", ",") + `}')`
		}
		query = before + value + after
	}
}

func texts(ctx context.Context, db querier, query string) (all []string, err error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, rows.Err()
}

// WithoutKeys takes foreign keys and unique indexes from the tables, and leaves
// what is in them: a database that does not hold up what a store does wrong.
func (d Database) WithoutKeys(ctx context.Context) error {
	db, err := d.Open(1)
	if err != nil {
		return err
	}
	defer db.Close()
	queries := []string{
		`CREATE TABLE {p}bare_members AS SELECT * FROM {p}members`, `DROP TABLE {p}members`, `ALTER TABLE {p}bare_members RENAME TO {p}members`,
		`CREATE TABLE {p}bare_names AS SELECT * FROM {p}names`, `DROP TABLE {p}names`, `ALTER TABLE {p}bare_names RENAME TO {p}names`,
		`DROP INDEX {p}resources_name_key`,
		`CREATE INDEX {p}bare_list ON {p}members (tenant, list_type, list_id, member_type, member_id)`,
	}
	if d.Foreign {
		queries = []string{`CREATE TABLE bare_members AS SELECT * FROM team_members`, `DROP TABLE team_members`, `ALTER TABLE bare_members RENAME TO team_members`,
			`CREATE TABLE bare_emails AS SELECT * FROM user_emails`, `DROP TABLE user_emails`, `ALTER TABLE bare_emails RENAME TO user_emails`,
			`DROP INDEX users_login`}
	}
	for _, query := range queries {
		if _, err := db.ExecContext(ctx, expand(d.Dialect, query)); err != nil {
			return fmt.Errorf("%s: %w", query, err)
		}
	}
	return nil
}
