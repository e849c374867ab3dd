package sqlfilter_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/filter/sqlfilter"
)

var update = flag.Bool("update", false, "rewrite testdata/clauses.txt")

const clausesFile = "testdata/clauses.txt"

// TestClauses compares with testdata/clauses.txt: each filter is followed by
// its clause in each dialect, and the arguments.
func TestClauses(t *testing.T) {
	want, err := os.ReadFile(clausesFile)
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, line := range strings.Split(string(want), "\n") {
		if strings.HasPrefix(line, "#") || line == "" {
			fmt.Fprintln(&got, line)
		}
		if line == "" || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "\t") {
			continue
		}
		fmt.Fprintln(&got, line)
		for d := sqlfilter.PostgreSQL; d <= sqlfilter.MySQL; d++ {
			c, err := compiler(t, people(d)).Where(bind(t, line), 1)
			if err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			fmt.Fprintf(&got, "\t%s: %s", d, c.SQL)
			for _, arg := range c.Args {
				fmt.Fprintf(&got, " | %#v", arg)
			}
			fmt.Fprintln(&got)
		}
	}
	text := strings.TrimRight(got.String(), "\n") + "\n"
	if *update {
		if err := os.WriteFile(clausesFile, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(want), text); diff != "" {
		t.Errorf("-want +got; -update rewrites the file\n%s", diff)
	}
}

// TestWherePlaceholders: clauses stand behind other arguments of a statement.
func TestWherePlaceholders(t *testing.T) {
	c, err := compiler(t, people(sqlfilter.PostgreSQL)).Where(bind(t, `userName eq "a" and externalId eq "b"`), 7)
	if err != nil {
		t.Fatal(err)
	}
	if want := `(u.name_key = $7::text AND u.external_id = $8::text)`; c.SQL != want || !c.Exact {
		t.Errorf("%s, exact %v", c.SQL, c.Exact)
	}
	all, err := compiler(t, people(sqlfilter.SQLite)).Where(nil, 1)
	if err != nil || all.SQL != "TRUE" || len(all.Args) != 0 || !all.Exact {
		t.Errorf("no filter: %+v, %v", all, err)
	}
}

// TestUnsupported: what has no column is an error, or becomes a scan whose
// clause holds for more rows, whatever stands around it.
func TestUnsupported(t *testing.T) {
	tests := []struct{ filter, attr, scan string }{
		{`photos.value pr`, "photos", `TRUE`},
		{`userName eq "a" and photos pr`, "photos", `u.name_key = +?1`},
		{`userName eq "a" or photos pr`, "photos", `TRUE`},
		{`not (photos pr)`, "photos", `TRUE`},
		{`not (userName eq "a" and not (photos pr))`, "photos", `TRUE`},
		{`not (title eq "a" or photos pr) and active eq true`, "photos", `((lower(u.title) = +?1) IS NOT TRUE AND (u.disabled_at IS NULL) IS TRUE)`},
		{`groups[value eq "g" and type eq "x"] and groups.type co "d"`, "", `FALSE`},
		{`photos[value eq "a"]`, "photos", `TRUE`},
		{`id sw "1"`, "id", `TRUE`},
		{`id sw "1" and id eq "12"`, "id", `u.id = +?1`},
		{`emails[display co "a" and value eq "b"]`, "emails.display", `((u.home_mail IS NOT NULL AND u.home_mail = +?1) OR (u.work_mail IS NOT NULL AND u.work_mail = +?2))`},
		{`not (emails[display co "a"])`, "emails.display", `TRUE`},
		{`photos.value eq "a" or photos.value eq "b"`, "photos", `TRUE`},
	}
	for _, test := range tests {
		columns := people(sqlfilter.SQLite)
		f := bind(t, test.filter)
		_, err := compiler(t, columns).Where(f, 1)
		var cannot *sqlfilter.UnsupportedError
		if test.attr != "" && (!errors.As(err, &cannot) || cannot.Attr != test.attr || cannot.Msg == "") {
			t.Errorf("%s: error %v, want one about %s", test.filter, err, test.attr)
		}
		columns.Scan = true
		c, err := compiler(t, columns).Where(f, 1)
		if err != nil || c.SQL != test.scan || c.Exact != (test.attr == "") || strings.Count(c.SQL, "?") != len(c.Args) {
			t.Errorf("%s: %+v, %v, want %s", test.filter, c, err, test.scan)
		}
	}
}

// TestComplete: what has no column has no value.
func TestComplete(t *testing.T) {
	columns := people(sqlfilter.SQLite)
	columns.Keys, columns.KeysOmit, columns.Complete = "", nil, true
	c := compiler(t, columns)
	for text, want := range map[string]string{
		`nickName eq "x"`:                           `FALSE`,
		`nickName ne "x"`:                           `TRUE`,
		`nickName pr`:                               `FALSE`,
		`nickName eq null`:                          `TRUE`,
		`photos.value ne "x"`:                       `TRUE`,
		`photos[value ne "x"]`:                      `FALSE`,
		`emails.display pr`:                         `FALSE`,
		`emails[type eq "work" and display ne "x"]`: `u.work_mail IS NOT NULL`,
		`roles.primary eq false`:                    `u.is_admin IS TRUE`,
		`roles.primary ne false`:                    `u.is_admin IS NOT TRUE`,
		`name pr`:                                   `u.first_name IS NOT NULL`,
		`meta.resourceType eq "User"`:               `TRUE`,
		`meta.resourceType eq "user"`:               `FALSE`,
		`meta pr`:                                   `TRUE`,
		`schemas eq "` + enterprise + `"`:           `u.number IS NOT NULL`,
		`schemas eq "urn:ietf:params:scim:schemas:core:2.0:User"`: `TRUE`,
		`schemas ne "urn:ietf:params:scim:schemas:core:2.0:User"`: `u.number IS NOT NULL`,
		enterprise + `:manager.value ne "1"`:                      `TRUE`,
	} {
		got, err := c.Where(bind(t, text), 1)
		if err != nil || got.SQL != want || !got.Exact {
			t.Errorf("%s: %+v, %v, want %s", text, got, err, want)
		}
	}
}

// TestRest: elements of the key document count beside those of columns.
func TestRest(t *testing.T) {
	c := compiler(t, sqlfilter.Columns{Dialect: sqlfilter.SQLite, Keys: "u.keys", Attributes: map[string]sqlfilter.Column{
		`emails[type eq "work"].value`: {SQL: "u.mail", Form: sqlfilter.Key},
	}})
	for text, want := range map[string]string{
		`emails.value eq "x"`:     `(u.mail = +?1 OR EXISTS (SELECT 1 FROM json_each(u.keys, '$.emails') AS scim1 WHERE json_extract(scim1.value, '$.value') = +?2))`,
		`emails[type eq "other"]`: `EXISTS (SELECT 1 FROM json_each(u.keys, '$.emails') AS scim1 WHERE json_extract(scim1.value, '$.type') = +?1)`,
		`emails[display eq "x"]`:  `EXISTS (SELECT 1 FROM json_each(u.keys, '$.emails') AS scim1 WHERE json_extract(scim1.value, '$.display') = +?1)`,
		`emails eq null`:          `NOT ((u.mail IS NOT NULL OR EXISTS (SELECT 1 FROM json_each(u.keys, '$.emails') AS scim1)))`,
	} {
		got, err := c.Where(bind(t, text), 1)
		if err != nil || got.SQL != want || !got.Exact {
			t.Errorf("%s: %+v, %v, want %s", text, got, err, want)
		}
	}
}

// TestOr: an or asks each list once, and each attribute once for equality.
func TestOr(t *testing.T) {
	for text, want := range map[string]string{
		`groups.value eq "a" or title pr or groups.display co "b" or groups[value sw "c" and type eq "direct"] or groups.value eq "d"`: `(EXISTS (SELECT 1 FROM members m WHERE (m.user_id = u.id)` +
			` AND (m.group_id IN ($1::text, $2::text) OR strpos(lower(m.name) COLLATE "C", $3::text) > 0 OR (m.group_id COLLATE "C" >= $4::text AND m.group_id COLLATE "C" < $5::text))) OR u.title <> '')`,
		`emails.type eq "work" or emails.value eq "x"`:           `(u.home_mail = $1::text OR (u.work_mail IS NOT NULL OR u.work_mail = $2::text))`,
		`groups.value ne "a" or groups.value eq null`:            `((EXISTS (SELECT 1 FROM members m WHERE (m.user_id = u.id) AND m.group_id <> $1::text) OR NOT (EXISTS (SELECT 1 FROM members m WHERE (m.user_id = u.id) AND m.group_id IS NOT NULL))) OR NOT (EXISTS (SELECT 1 FROM members m WHERE (m.user_id = u.id) AND m.group_id <> '')))`,
		`groups[value eq "a" or display eq "b" or value eq "c"]`: `EXISTS (SELECT 1 FROM members m WHERE (m.user_id = u.id) AND (m.group_id IN ($1::text, $2::text) OR lower(m.name) = $3::text))`,
	} {
		got, err := compiler(t, people(sqlfilter.PostgreSQL)).Where(bind(t, text), 1)
		if err != nil || got.SQL != want {
			t.Errorf("%s:\n%s, %v\n%s", text, got.SQL, err, want)
		}
	}
}

// TestStrangeLiterals: what a database cannot be asked about never reaches it.
func TestStrangeLiterals(t *testing.T) {
	ask := func(op filter.Op, text string) (sqlfilter.Clause, error) {
		t.Helper()
		f, err := filter.Bind(&filter.Compare{Attr: filter.AttrPath{Name: "externalId"}, Op: op, Value: filter.Value{Kind: filter.String, Text: text}}, userType)
		if err != nil {
			t.Fatal(err)
		}
		return compiler(t, people(sqlfilter.PostgreSQL)).Where(f, 1)
	}
	for op, want := range map[filter.Op]string{
		filter.Eq: `FALSE`, filter.Ne: `TRUE`, filter.Co: `FALSE`, filter.Sw: `FALSE`, filter.Ew: `FALSE`,
		filter.Gt: `u.external_id COLLATE "C" > $1::text`, filter.Ge: `u.external_id COLLATE "C" > $1::text`,
		filter.Lt: `u.external_id COLLATE "C" <= $1::text`, filter.Le: `u.external_id COLLATE "C" <= $1::text`,
	} {
		c, err := ask(op, "ab\x00c")
		if err != nil || c.SQL != want || len(c.Args) == 1 && c.Args[0] != "ab" {
			t.Errorf("%s: %+v, %v, want %s", op, c, err, want)
		}
	}
	var cannot *sqlfilter.UnsupportedError
	if _, err := ask(filter.Eq, "a\xff"); !errors.As(err, &cannot) {
		t.Errorf("invalid UTF-8: %v", err)
	}
	c, err := ask(filter.Sw, "\U0010FFFF")
	if err != nil || c.SQL != `u.external_id COLLATE "C" >= $1::text` {
		t.Errorf("the last character: %+v, %v", c, err)
	}
	c, err = ask(filter.Sw, "a\U0010FFFF")
	if err != nil || len(c.Args) != 2 || c.Args[1] != "b" {
		t.Errorf("the last character at the end: %+v, %v", c, err)
	}
	c, err = ask(filter.Sw, "\uD7FF")
	if err != nil || len(c.Args) != 2 || c.Args[1] != "\uE000" {
		t.Errorf("before the surrogates: %+v, %v", c, err)
	}
}
