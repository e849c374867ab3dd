package sqlfilter_test

import (
	"testing"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/filter/sqlfilter"
	"github.com/scimkit/scimkit/schema"
)

const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

var userType = schema.UserType()

// people are users in tables as an application has them.
func people(d sqlfilter.Dialect) sqlfilter.Columns {
	return sqlfilter.Columns{
		Dialect: d,
		Attributes: map[string]sqlfilter.Column{
			"id":                           {SQL: "u.id", Form: sqlfilter.Opaque},
			"userName":                     {SQL: "u.name_key", Form: sqlfilter.Key, NotEmpty: true},
			"externalId":                   {SQL: "u.external_id"},
			"title":                        {SQL: "u.title"},
			"active":                       {SQL: "u.disabled_at IS NULL"},
			"meta.created":                 {SQL: "u.created"},
			"meta.lastModified":            {SQL: "u.changed", Form: sqlfilter.UnixMicros},
			"name.givenName":               {SQL: "u.first_name"},
			`emails[type eq "work"].value`: {SQL: "u.work_mail", Form: sqlfilter.Key, Const: map[string]string{"primary": "true"}},
			`emails[type eq "home"].value`: {SQL: "u.home_mail", Form: sqlfilter.Key, Const: map[string]string{"primary": "false"}},
			`roles[value eq "admin"]`:      {SQL: "u.is_admin"},
			enterprise + ":employeeNumber": {SQL: "u.number", Form: sqlfilter.Key},
		},
		Lists: map[string][]sqlfilter.List{
			"groups": {{From: "members m", On: "m.user_id = u.id", Order: "m.group_id", Attributes: map[string]sqlfilter.Column{
				"value": {SQL: "m.group_id", Form: sqlfilter.Key}, "display": {SQL: "m.name"},
			}, Const: map[string]string{"type": "direct"}}},
		},
		Keys:     "u.keys",
		KeysOmit: []string{"photos", "emails", "roles", "groups"},
	}
}

func compiler(t testing.TB, columns sqlfilter.Columns) *sqlfilter.Compiler {
	t.Helper()
	c, err := sqlfilter.New(userType, columns)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// bind parses a filter on users.
func bind(t testing.TB, text string) *filter.Filter {
	t.Helper()
	return bindTo(t, userType, text)
}

func bindTo(t testing.TB, rt *schema.ResourceType, text string) *filter.Filter {
	t.Helper()
	e, err := filter.Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	f, err := filter.Bind(e, rt)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return f
}
