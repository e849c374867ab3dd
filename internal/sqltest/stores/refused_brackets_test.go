package stores

import (
	"errors"
	"testing"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

const mailRow = peopleRow + ", work text, home text, flag boolean)"

// mailsIn maps elements of emails.
func mailsIn(columns map[string]string) func(*sqlstore.Table) {
	return func(m *sqlstore.Table) {
		for path, name := range columns {
			m.Columns[path] = sqlstore.Column{Name: name}
		}
	}
}

// Elements of lists in columns.
var refusedBrackets = []rowTest{
	{"two elements", mailRow, mailsIn(map[string]string{`emails[type eq "work"].value`: "work", `emails[type eq "home"].value`: "home"}), "", ""},
	{"one element in two spellings", mailRow, mailsIn(map[string]string{`emails[type eq "work"].value`: "work", `emails[Type eq "Work"].Value`: "home"}), "", "which is in the column"},
	{"one attribute in two spellings", mailRow, mailsIn(map[string]string{"title": "work", "TITLE": "home"}), "", "it is title, which is in the column"},
	{"what may be one element", mailRow, mailsIn(map[string]string{`emails[type eq "work"].value`: "work", `emails[primary eq true].value`: "home"}), "", "one value would be in two columns"},
	{"what may be one element, in one column", mailRow, mailsIn(map[string]string{`emails[type eq "work"].value`: "work", `emails[primary eq true].value`: "work"}), "", ""},
	{"brackets that ask for a column", mailRow, mailsIn(map[string]string{`emails[type eq "work"].primary`: "flag", `emails[primary eq true].value`: "home"}), "", "would depend on what is in a column"},
	{"what the brackets say", mailRow, mailsIn(map[string]string{`emails[type eq "work"].type`: "work"}), "", "the brackets say what it always is"},
	{"brackets with or", mailRow, mailsIn(map[string]string{`emails[type eq "work" or type eq "home"].value`: "work"}), "", "eq, joined by and"},
	{"brackets of what is no list", mailRow, mailsIn(map[string]string{`name[givenName eq "a"].familyName`: "work"}), "", "name"},
	{"a list with a table, too", mailRow + "; CREATE TABLE mails (user_id bigint NOT NULL, v text)", func(m *sqlstore.Table) {
		m.Columns[`emails[type eq "work"].value`] = sqlstore.Column{Name: "work"}
		m.Lists = map[string]sqlstore.List{"emails": {Table: "mails", Owner: "user_id", Columns: map[string]string{"value": "v"}}}
	}, "", `the column work, for emails[type eq "work"].value, is of a list whose elements are rows of the table mails`},
}

// TestSpelling: a path in another spelling than that of the schema is the same one.
func TestSpelling(t *testing.T) {
	for _, path := range []string{"TITLE", " title ", "urn:ietf:params:scim:schemas:core:2.0:User:title", "name.GivenName",
		`Emails[Type EQ "work"].Value`, ` emails[ type eq "work" ].value `} {
		t.Run(path, func(t *testing.T) {
			a := &app{T: t, db: engines[0].open(t), user: schema.UserType()}
			table := peopleOf(a.user)
			table.Columns[path] = sqlstore.Column{Name: "c"}
			if err := openApp(t, engines[0].dialect, a, ddl(engines[0].dialect, peopleRow+", c text)"+peopleByName), table); err != nil {
				t.Fatal(err)
			}
			a.parse(`{"userName":"ann","title":"v","name":{"givenName":"v"},"emails":[{"value":"v","type":"work"}]}`)
			a.is("the column", a.cell("SELECT c FROM people"), "v")
			exec(t, a.db, "UPDATE people SET c = 'w'")
			a.update("1", func(r *scim.Resource) error { return r.Set("nickName", "x") })
			a.is("what stays", a.cell("SELECT c FROM people"), "w")
		})
	}
}

// TestNoType: a table without a type is an error that names it.
func TestNoType(t *testing.T) {
	a := &app{T: t, db: engines[0].open(t)}
	a.opens(engines[0].dialect, `the table "people" has no Type`, sqlstore.Table{Name: "people", ID: "id"})
	_, err := openStore(t, a.db, engines[0].dialect, sqlstore.Options{Types: []*schema.ResourceType{nil}})
	says(t, err, "has no Type")
	if errors.Is(err, scim.ErrUnavailable) {
		t.Error("it is not for a retry")
	}
}
