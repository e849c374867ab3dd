package sqlfilter_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/filter/sqlfilter"
	"github.com/scimkit/scimkit/schema"
)

func order(t testing.TB, by string, descending bool) *filter.Order {
	t.Helper()
	o, err := filter.NewOrder(userType, by, descending)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestOrderBy(t *testing.T) {
	const phones = "(SELECT NULLIF(json_extract(scim.value, '$.value'), '') FROM json_each(u.keys, '$.phoneNumbers') AS scim" +
		" ORDER BY coalesce(json_extract(scim.value, '$.primary'), '') = 'true' DESC, scim.key LIMIT 1)"
	tests := []struct {
		dialect    sqlfilter.Dialect
		by         string
		descending bool
		want       string
	}{
		{sqlfilter.PostgreSQL, "userName", false, `u.name_key COLLATE "C", u.id`},
		{sqlfilter.PostgreSQL, "userName", true, `u.name_key COLLATE "C" DESC, u.id`},
		{sqlfilter.PostgreSQL, "title", false, `lower(NULLIF(u.title, '')) COLLATE "C" NULLS LAST, u.id`},
		{sqlfilter.PostgreSQL, "title", true, `lower(NULLIF(u.title, '')) COLLATE "C" DESC NULLS FIRST, u.id`},
		{sqlfilter.PostgreSQL, "id", true, `u.id DESC`},
		{sqlfilter.PostgreSQL, "meta.location", false, `u.id`},
		{sqlfilter.PostgreSQL, "meta.created", false, `u.created NULLS LAST, u.id`},
		{sqlfilter.PostgreSQL, "active", false, `(u.disabled_at IS NULL) NULLS LAST, u.id`},
		{sqlfilter.PostgreSQL, "name.familyName", false, `NULLIF((u.keys::jsonb->'name'->>'familyName'), '') COLLATE "C" NULLS LAST, u.id`},
		{sqlfilter.PostgreSQL, "emails", false, `CASE WHEN u.work_mail IS NOT NULL THEN NULLIF(u.work_mail, '') COLLATE "C" WHEN u.home_mail IS NOT NULL THEN NULLIF(u.home_mail, '') COLLATE "C" END NULLS LAST, u.id`},
		{sqlfilter.PostgreSQL, "groups", false, `(SELECT NULLIF(m.group_id, '') COLLATE "C" FROM members m WHERE (m.user_id = u.id) ORDER BY m.group_id LIMIT 1) NULLS LAST, u.id`},
		{sqlfilter.PostgreSQL, "schemas", false, `NULLIF((u.keys::jsonb->'schemas'->>0), '') COLLATE "C" NULLS LAST, u.id`},
		{sqlfilter.SQLite, "title", true, `lower(NULLIF(u.title, '')) DESC NULLS FIRST, u.id`},
		{sqlfilter.SQLite, "meta.created", false, `strftime('%Y-%m-%dT%H:%M:%f', u.created) NULLS LAST, u.id`},
		{sqlfilter.SQLite, "phoneNumbers", false, phones + " NULLS LAST, u.id"},
		{sqlfilter.SQLite, "schemas", false, `NULLIF(json_extract(u.keys, '$.schemas[0]'), '') NULLS LAST, u.id`},
		{sqlfilter.MySQL, "userName", false, `CAST(u.name_key AS BINARY), u.id`},
		{sqlfilter.MySQL, "meta.created", true, `u.created IS NULL DESC, u.created DESC, u.id`},
	}
	for _, test := range tests {
		got, err := compiler(t, people(test.dialect)).OrderBy(order(t, test.by, test.descending))
		if err != nil || got.SQL != test.want {
			t.Errorf("%s by %s: %s, %v, want %s", test.dialect, test.by, got.SQL, err, test.want)
		}
	}
	byID, err := compiler(t, people(sqlfilter.SQLite)).OrderBy(nil)
	if err != nil || byID.SQL != "u.id" || byID.ID != "u.id" || byID.Key != "" {
		t.Errorf("no order: %+v, %v", byID, err)
	}
}

func TestOrderByUnsupported(t *testing.T) {
	columns := people(sqlfilter.SQLite)
	for _, by := range []string{"photos", "emails.display", "emails.type", "roles", "groups.type"} {
		_, err := compiler(t, columns).OrderBy(order(t, by, false))
		var cannot *sqlfilter.UnsupportedError
		if !errors.As(err, &cannot) || cannot.Attr == "" {
			t.Errorf("by %s: %v", by, err)
		}
	}
	c, err := sqlfilter.New(schema.UserType(), sqlfilter.Columns{Dialect: sqlfilter.SQLite})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.OrderBy(nil); err == nil {
		t.Error("an order without a column for the id: no error")
	}
}

func TestAfter(t *testing.T) {
	tests := []struct {
		dialect    sqlfilter.Dialect
		by         string
		descending bool
		key        any
		want       sqlfilter.Clause
	}{
		{sqlfilter.PostgreSQL, "", false, nil, sqlfilter.Clause{SQL: `u.id > $4`, Args: []any{9}}},
		{sqlfilter.PostgreSQL, "id", true, nil, sqlfilter.Clause{SQL: `u.id < $4`, Args: []any{9}}},
		{sqlfilter.PostgreSQL, "userName", false, "m", sqlfilter.Clause{SQL: `(u.name_key COLLATE "C" >= $4::text AND (u.name_key COLLATE "C" > $4::text OR u.id > $5))`, Args: []any{"m", 9}}},
		{sqlfilter.PostgreSQL, "userName", true, "m", sqlfilter.Clause{SQL: `(u.name_key COLLATE "C" <= $4::text AND (u.name_key COLLATE "C" < $4::text OR u.id > $5))`, Args: []any{"m", 9}}},
		{sqlfilter.PostgreSQL, "meta.created", false, 7, sqlfilter.Clause{SQL: `((u.created >= $4 AND (u.created > $4 OR u.id > $5)) OR u.created IS NULL)`, Args: []any{7, 9}}},
		{sqlfilter.PostgreSQL, "meta.created", false, nil, sqlfilter.Clause{SQL: `(u.created IS NULL AND u.id > $4)`, Args: []any{9}}},
		{sqlfilter.PostgreSQL, "meta.created", true, 7, sqlfilter.Clause{SQL: `(u.created <= $4 AND (u.created < $4 OR u.id > $5))`, Args: []any{7, 9}}},
		{sqlfilter.PostgreSQL, "meta.created", true, nil, sqlfilter.Clause{SQL: `((u.created IS NULL AND u.id > $4) OR u.created IS NOT NULL)`, Args: []any{9}}},
		{sqlfilter.MySQL, "userName", false, "m", sqlfilter.Clause{
			SQL:  `(CAST(u.name_key AS BINARY) >= CAST(? AS BINARY) AND (CAST(u.name_key AS BINARY) > CAST(? AS BINARY) OR u.id > ?))`,
			Args: []any{"m", "m", 9},
		}},
	}
	for _, test := range tests {
		var o *filter.Order
		if test.by != "" {
			o = order(t, test.by, test.descending)
		}
		by, err := compiler(t, people(test.dialect)).OrderBy(o)
		if err != nil {
			t.Fatal(err)
		}
		test.want.Exact = true
		if diff := cmp.Diff(test.want, by.After(test.key, 9, 4)); diff != "" {
			t.Errorf("%s by %q, descending %v, after %v: %s", test.dialect, test.by, test.descending, test.key, diff)
		}
	}
}
