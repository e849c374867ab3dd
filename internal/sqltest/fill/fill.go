// Package fill fills the library's tables with many resources at once, for tests
// and benchmarks of large databases.
package fill

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// digits stand for the number of a resource wherever it has one.
const digits = "0000000000"

// chunk is how many rows one statement makes.
const chunk = 50_000

// ID is the id of resource number n, from 1.
func ID(n int) string { return fmt.Sprintf("r%010d", n) }

// UserName is that of user number n.
func UserName(n int) string { return fmt.Sprintf("user.%010d@example.com", n) }

// A Database is an empty one, opened.
type Database struct {
	DB      *sql.DB
	Dialect sqlstore.Dialect
	Store   *sqlstore.Store
}

// user is number 0, as the engine makes it of what an IdP sends.
const user = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
"id":"r0000000000","externalId":"ext-0000000000","userName":"user.0000000000@example.com",
"name":{"formatted":"Ms. Barbara J Jensen, III","familyName":"Jensen","givenName":"Barbara"},
"displayName":"Babs 0000000000","title":"Vice President","active":true,
"emails":[{"value":"user.0000000000@example.com","type":"work","primary":true},{"value":"babs.0000000000@jensen.example","type":"home"}],
"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"0000000000","department":"Tour Operations"}}`

// Users makes users 1 to n. The store makes number 0 and SQL copies of its rows.
func (d Database) Users(ctx context.Context, t *schema.ResourceType, n int) error {
	r, err := scim.ParseResource(t, []byte(user))
	if err != nil {
		return err
	}
	h := d.Store.Handler(t)
	if err := h.Create(ctx, r); err != nil {
		return err
	}
	for from := 1; from <= n; from += chunk {
		if err := d.copies(ctx, from, min(from+chunk-1, n)); err != nil {
			return err
		}
	}
	return h.Delete(ctx, ID(0), func(*scim.Resource) error { return nil })
}

// copies makes users from to to of number 0.
func (d Database) copies(ctx context.Context, from, to int) error {
	series, keys, text := `WITH RECURSIVE s (n) AS (SELECT ? UNION ALL SELECT n + 1 FROM s WHERE n < ?), x (text) AS (SELECT printf('%010d', n) FROM s)`,
		`jsonb({json(keys)})`, `?`
	if d.Dialect == sqlstore.PostgreSQL {
		series, keys = `WITH x (text) AS (SELECT lpad(n::text, 10, '0') FROM generate_series($1::int, $2::int) s (n))`,
			`CAST({keys::text} AS jsonb)`
		text = `$3`
	}
	for _, statement := range []string{
		`INSERT INTO scim_resources (tenant, type, id, doc, keys, name_key, external_key, display, version, created, modified) ` + series +
			` SELECT tenant, type, {id}, {doc}, ` + keys + `, {name_key}, {external_key}, {display}, version, created, modified
			FROM x CROSS JOIN scim_resources r WHERE r.type = 'User' AND r.id = ` + text,
		`INSERT INTO scim_names (tenant, type, attribute, value_key, id, uniq_key) ` + series +
			` SELECT tenant, type, attribute, {value_key}, {id}, {uniq_key} FROM x CROSS JOIN scim_names r WHERE r.type = 'User' AND r.id = ` + text,
	} {
		statement = strings.NewReplacer("{", "replace(", "}", ", '"+digits+"', x.text)").Replace(statement)
		if _, err := d.DB.ExecContext(ctx, statement, from, to, ID(0)); err != nil {
			return err
		}
	}
	return d.count(ctx, "User", to-from+1)
}

func (d Database) count(ctx context.Context, typ string, n int) error {
	_, err := d.DB.ExecContext(ctx, fmt.Sprintf(`INSERT INTO scim_counts (tenant, type, part, n) VALUES ('', '%s', 0, %d)
		ON CONFLICT (tenant, type, part) DO UPDATE SET n = scim_counts.n + excluded.n`, typ, n))
	return err
}

// Group makes a group with the first n users.
func (d Database) Group(ctx context.Context, t *schema.ResourceType, id string, n int) error {
	return d.GroupOf(ctx, t, id, 1, n)
}

// GroupOf makes a group with n users from number first on.
func (d Database) GroupOf(ctx context.Context, t *schema.ResourceType, id string, first, n int) error {
	r, err := scim.ParseResource(t, fmt.Appendf(nil, `{"id":%q,"externalId":%q,"displayName":%q}`, id, "ext-"+id, "Group "+id))
	if err != nil {
		return err
	}
	if err := d.Store.Handler(t).Create(ctx, r); err != nil {
		return err
	}
	_, err = d.DB.ExecContext(ctx, fmt.Sprintf(`INSERT INTO scim_members (tenant, list_type, list_id, member_type, member_id, place)
		SELECT tenant, 'Group', '%s', type, id, row_number() OVER (ORDER BY id) FROM scim_resources WHERE tenant = '' AND type = 'User' AND id >= '%s' ORDER BY id LIMIT %d`, id, ID(first), n))
	return err
}

// Analyze tells the database what it has.
func (d Database) Analyze(ctx context.Context) error {
	_, err := d.DB.ExecContext(ctx, "ANALYZE")
	return err
}
