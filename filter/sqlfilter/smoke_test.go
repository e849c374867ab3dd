package sqlfilter

import (
	"testing"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/schema"
)

func TestSmoke(t *testing.T) {
	for _, d := range []Dialect{PostgreSQL, SQLite, MySQL} {
		cols := Columns{Dialect: d, Keys: "u.keys", Attributes: map[string]Column{
			"id":                          {SQL: "u.id", NotEmpty: true},
			"userName":                    {SQL: "u.user_name_key", Form: Key, NotEmpty: true},
			"active":                      {SQL: "u.disabled_at IS NULL"},
			"title":                       {SQL: "u.title"},
			"meta.created":                {SQL: "u.created"},
			"emails[type eq \"work\"].value": {SQL: "u.email", Form: Key, Const: map[string]string{"primary": "true"}},
			"emails[type eq \"home\"].value": {SQL: "u.email2", Form: Key},
			"roles[value eq \"admin\"]":      {SQL: "u.is_admin"},
		}, Lists: map[string][]List{"groups": {{From: "members m", On: "m.user_id = u.id", Attributes: map[string]Column{"value": {SQL: "m.group_id"}}}}}}
		c, err := New(schema.UserType(), cols)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{
			`userName eq "A"`, `userName sw "A" and active eq true`, `not (userName eq "x" or title ne "y")`,
			`emails.value eq "a@b"`, `emails[type eq "work" and value ew "x"]`, `emails.primary eq true`, `emails.type eq "home"`, `roles.value eq "admin"`, `roles.value ne "user"`,
			`groups.value eq "1"`, `not (groups[value eq "1"])`, `phoneNumbers.value co "1"`, `phoneNumbers[type eq "work" and primary eq false]`, `name.familyName eq "x" or name.familyName eq "y" or active ne true`,
			`name pr`, `meta.created gt "2011-05-13T04:42:34.1234567Z"`, `title pr`, `emails pr`, `nickName eq null`, `emails.value ne "x"`, `title ew "z"`,
		} {
			e, err := filter.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			f, err := filter.Bind(e, schema.UserType())
			if err != nil {
				t.Fatal(err)
			}
			cl, err := c.Where(f, 1)
			t.Log(text, "\n   ", cl.SQL, cl.Args, err)
		}
		for _, by := range []string{"userName", "title", "emails", "phoneNumbers.value", "id", "meta.created", "name.familyName"} {
			o, err := filter.NewOrder(schema.UserType(), by, by == "title")
			if err != nil {
				t.Fatal(err)
			}
			got, err := c.OrderBy(o)
			t.Log(by, "\n   ", got.SQL, "\n   ", got.After("k", "i", 3).SQL, got.After(nil, "i", 1).SQL, err)
		}
	}
}
