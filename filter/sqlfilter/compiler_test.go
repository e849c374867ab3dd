package sqlfilter_test

import (
	"strings"
	"testing"

	"github.com/scimkit/scimkit/filter/sqlfilter"
	"github.com/scimkit/scimkit/schema"
)

func TestNewErrors(t *testing.T) {
	type columns = map[string]sqlfilter.Column
	member := func(l sqlfilter.List) sqlfilter.Columns {
		return sqlfilter.Columns{Dialect: sqlfilter.SQLite, Lists: map[string][]sqlfilter.List{"groups": {l}}}
	}
	at := func(path string, c sqlfilter.Column) sqlfilter.Columns {
		return sqlfilter.Columns{Dialect: sqlfilter.SQLite, Attributes: columns{path: c}}
	}
	tests := []struct {
		name    string
		columns sqlfilter.Columns
		want    []string
	}{
		{"no dialect", sqlfilter.Columns{}, []string{"dialect 0", "User"}},
		{"an unknown attribute", at("userNam", sqlfilter.Column{SQL: "u.name"}), []string{"userNam", "u.name"}},
		{"an unknown sub-attribute", at("name.first", sqlfilter.Column{SQL: "u.first"}), []string{"name.first", "u.first"}},
		{"no path", at("user name", sqlfilter.Column{SQL: "u.name"}), []string{"user name", "u.name"}},
		{"no SQL", at("userName", sqlfilter.Column{SQL: " "}), []string{"userName", "SQL is missing"}},
		{"a schema", at(enterprise, sqlfilter.Column{SQL: "u.x"}), []string{enterprise, "complex"}},
		{"a complex attribute", at("name", sqlfilter.Column{SQL: "u.name"}), []string{"name", "u.name", "complex"}},
		{"a form of another type", at("active", sqlfilter.Column{SQL: "u.active", Form: sqlfilter.Text}), []string{"active", "u.active", "boolean", "Text"}},
		{"numbers as time", at("meta.created", sqlfilter.Column{SQL: "u.n", Form: sqlfilter.Number}), []string{"meta.created", "dateTime", "Number"}},
		{"the location", at("meta.location", sqlfilter.Column{SQL: "u.url"}), []string{"meta.location", "follows from the id"}},
		{"a single value with brackets", at(`name[givenName eq "x"].familyName`, sqlfilter.Column{SQL: "u.x"}), []string{"single-valued"}},
		{"a single value with constants", at("title", sqlfilter.Column{SQL: "u.x", Const: map[string]string{"type": "x"}}), []string{"title", "single-valued"}},
		{"brackets that are no constants", at(`emails[type ne "work"].value`, sqlfilter.Column{SQL: "u.x"}), []string{"emails", "always has"}},
		{"brackets with or", at(`emails[type eq "a" or type eq "b"].value`, sqlfilter.Column{SQL: "u.x"}), []string{"emails", "always has"}},
		{"brackets with unknown names", at(`emails[kind eq "work"].value`, sqlfilter.Column{SQL: "u.x"}), []string{"kind"}},
		{"unknown behind brackets", at(`emails[type eq "work"].address`, sqlfilter.Column{SQL: "u.x"}), []string{"address"}},
		{"an unknown constant", at("emails.value", sqlfilter.Column{SQL: "u.x", Const: map[string]string{"kind": "x"}}), []string{"kind"}},
		{"a constant of another type", at("emails.value", sqlfilter.Column{SQL: "u.x", Const: map[string]string{"primary": "yes"}}), []string{"primary", "yes"}},
		{"existence as text", at(`roles[value eq "a"]`, sqlfilter.Column{SQL: "u.x", Form: sqlfilter.Text}), []string{"roles", "Boolean"}},
		{"a $ref", at("groups.$ref", sqlfilter.Column{SQL: "u.x"}), []string{"groups.$ref", "follows from the id"}},
		{"two columns of one attribute", sqlfilter.Columns{Dialect: sqlfilter.SQLite, Attributes: columns{"title": {SQL: "u.a"}, "Title": {SQL: "u.b"}}}, []string{"title", "u.a", "another column"}},
		{"two existences", sqlfilter.Columns{Dialect: sqlfilter.SQLite, Attributes: columns{`roles[value eq "a"]`: {SQL: "u.a"}, `ROLES[value eq "a"]`: {SQL: "u.b"}}}, []string{"another column"}},
		{"a list without table", member(sqlfilter.List{On: "x"}), []string{"groups", "SQL is missing"}},
		{"a list without condition", member(sqlfilter.List{From: "m"}), []string{"groups", "column m", "SQL is missing"}},
		{"a list of unknown sub-attributes", member(sqlfilter.List{From: "m", On: "x", Attributes: columns{"owner": {SQL: "m.owner"}}}), []string{"owner", "m.owner"}},
		{"a list with constants in columns", member(sqlfilter.List{From: "m", On: "x", Attributes: columns{"value": {SQL: "m.v", Const: map[string]string{"type": "x"}}}}), []string{"m.v", "constants of a list"}},
		{"a list of a single value", sqlfilter.Columns{Dialect: sqlfilter.SQLite, Lists: map[string][]sqlfilter.List{"title": {{From: "m", On: "x"}}}}, []string{"title", "multi-valued"}},
		{"a list with brackets", sqlfilter.Columns{Dialect: sqlfilter.SQLite, Lists: map[string][]sqlfilter.List{`emails[type eq "a"]`: {{From: "m", On: "x"}}}}, []string{"brackets"}},
		{"leaving out what is unknown", sqlfilter.Columns{Dialect: sqlfilter.SQLite, Keys: "k", KeysOmit: []string{"member"}}, []string{"member"}},
	}
	for _, test := range tests {
		_, err := sqlfilter.New(schema.UserType(), test.columns)
		if err == nil {
			t.Errorf("%s: no error", test.name)
			continue
		}
		for _, want := range test.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q does not name %q", test.name, err, want)
			}
		}
	}
	broken := &schema.ResourceType{Name: "Broken"}
	if _, err := sqlfilter.New(broken, people(sqlfilter.SQLite)); err == nil {
		t.Error("an invalid resource type: no error")
	}
}

// TestNewErrorsJoined: one call tells all that is wrong.
func TestNewErrorsJoined(t *testing.T) {
	_, err := sqlfilter.New(schema.UserType(), sqlfilter.Columns{Dialect: sqlfilter.SQLite, Attributes: map[string]sqlfilter.Column{
		"a": {SQL: "u.a"}, "b": {SQL: "u.b"}, "title": {SQL: "u.title"},
	}})
	if err == nil || strings.Count(err.Error(), "\n") != 1 {
		t.Errorf("%v", err)
	}
}

func TestNames(t *testing.T) {
	for got, want := range map[string]string{
		sqlfilter.PostgreSQL.String(): "PostgreSQL", sqlfilter.Dialect(9).String(): "dialect 9",
		sqlfilter.UnixMicros.String(): "UnixMicros", sqlfilter.Form(99).String(): "unknown form",
		sqlfilter.PostgreSQL.Placeholder(12): "$12", sqlfilter.SQLite.Placeholder(3): "+?3", sqlfilter.MySQL.Placeholder(3): "?",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
