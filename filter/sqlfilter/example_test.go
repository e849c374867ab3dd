package sqlfilter_test

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/filter/sqlfilter"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
)

// parse stands for what a server has done when it calls a handler's List.
func parse(text string) *filter.Filter {
	e, err := filter.Parse(text)
	if err != nil {
		panic(err)
	}
	f, err := filter.Bind(e, schema.UserType())
	if err != nil {
		panic(err)
	}
	return f
}

// users is a table that was there before SCIM.
var users = sqlfilter.Columns{
	Dialect: sqlfilter.PostgreSQL,
	Attributes: map[string]sqlfilter.Column{
		"id": {SQL: "u.id", Form: sqlfilter.Opaque, Convert: func(id string) (any, bool) {
			n, err := strconv.ParseInt(id, 10, 64)
			return n, err == nil && strconv.FormatInt(n, 10) == id
		}},
		"userName":                     {SQL: "u.name_key", Form: sqlfilter.Key, NotEmpty: true},
		"active":                       {SQL: "u.disabled_at IS NULL"},
		"name.familyName":              {SQL: "NULLIF(u.last_name, '')"},
		"meta.lastModified":            {SQL: "u.changed_at"},
		`emails[type eq "work"].value`: {SQL: "u.email_key", Form: sqlfilter.Key},
		`roles[value eq "admin"]`:      {SQL: "u.is_admin"},
	},
	Lists: map[string][]sqlfilter.List{
		"groups": {{From: "members m", On: "m.user_id = u.id", Attributes: map[string]sqlfilter.Column{
			"value": {SQL: "m.group_id", Form: sqlfilter.Key},
		}}},
	},
}

func Example() {
	c, err := sqlfilter.New(schema.UserType(), users)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, text := range []string{
		`userName eq "Mira" and active eq true`,
		`emails[type eq "work" and value ew "@Example.com"]`,
		`not (groups.value eq "7") or roles.value eq "admin"`,
		`meta.lastModified ge "2011-05-13T04:42:34+02:00"`,
	} {
		where, err := c.Where(parse(text), 2) // $1 is the tenant
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("SELECT … FROM users u WHERE u.tenant = $1 AND", where.SQL)
		fmt.Println(where.Args...)
	}
	// Output:
	// SELECT … FROM users u WHERE u.tenant = $1 AND (u.name_key = $2::text AND (u.disabled_at IS NULL) IS TRUE)
	// mira
	// SELECT … FROM users u WHERE u.tenant = $1 AND (u.email_key IS NOT NULL AND right(u.email_key COLLATE "C", length($2::text)) = $2::text)
	// @example.com
	// SELECT … FROM users u WHERE u.tenant = $1 AND (NOT (EXISTS (SELECT 1 FROM members m WHERE (m.user_id = u.id) AND m.group_id = $2::text)) OR u.is_admin IS TRUE)
	// 7
	// SELECT … FROM users u WHERE u.tenant = $1 AND u.changed_at >= CAST($2::text AS timestamptz)
	// 2011-05-13T02:42:34.000000Z
}

func ExampleUnsupportedError() {
	c, err := sqlfilter.New(schema.UserType(), users)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = c.Where(parse(`nickName eq "Mi"`), 1)
	var cannot *sqlfilter.UnsupportedError
	fmt.Println(errors.As(err, &cannot), err)

	withScan := users
	withScan.Scan = true
	if c, err = sqlfilter.New(schema.UserType(), withScan); err != nil {
		fmt.Println(err)
		return
	}
	// The rows of this clause are matched in memory, up to a bound.
	where, err := c.Where(parse(`nickName eq "Mi" and active eq true`), 1)
	fmt.Println(where.SQL, where.Exact, err)
	// Output:
	// true nickName: this service provider does not filter by the attribute
	// (u.disabled_at IS NULL) IS TRUE false <nil>
}

func ExampleNew_error() {
	_, err := sqlfilter.New(schema.UserType(), sqlfilter.Columns{
		Dialect: sqlfilter.SQLite,
		Attributes: map[string]sqlfilter.Column{
			"username.first": {SQL: "u.first_name"},
			"active":         {SQL: "u.created", Form: sqlfilter.Time},
		},
	})
	fmt.Println(err)
	// Output:
	// sqlfilter: attribute active of User, column u.created: an attribute of type boolean cannot have the form Time
	// sqlfilter: attribute username.first of User, column u.first_name: username.first: userName is not complex and has no sub-attributes
}

// The last row of a page says where the next one begins.
func ExampleOrdering() {
	c, err := sqlfilter.New(schema.UserType(), users)
	if err != nil {
		fmt.Println(err)
		return
	}
	o, err := filter.NewOrder(schema.UserType(), "userName", false)
	if err != nil {
		fmt.Println(err)
		return
	}
	by, err := c.OrderBy(o)
	if err != nil {
		fmt.Println(err)
		return
	}
	after := by.After("mira", int64(42), 1)
	fmt.Println("SELECT", by.Key+",", by.ID+", … FROM users u")
	fmt.Println("WHERE", after.SQL)
	fmt.Println("ORDER BY", by.SQL, "LIMIT 100")
	fmt.Println(after.Args...)
	// Output:
	// SELECT u.name_key COLLATE "C", u.id, … FROM users u
	// WHERE (u.name_key COLLATE "C" >= $1::text AND (u.name_key COLLATE "C" > $1::text OR u.id > $2))
	// ORDER BY u.name_key COLLATE "C", u.id LIMIT 100
	// mira 42
}

func ExampleKeyOf() {
	key, err := sqlfilter.KeyOf(schema.UserType(), "userName", "Straße")
	fmt.Println(key, err)
	// Output: strasse <nil>
}

func ExampleKeys() {
	r, err := scim.ParseResource(schema.UserType(), []byte(`{"userName":"Mira","active":true,"emails":[{"value":"Mira@example.com"}]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(string(sqlfilter.Keys(r, "schemas", "meta")))
	// Output: {"userName":"mira","active":"true","emails":[{"value":"mira@example.com"}]}
}
