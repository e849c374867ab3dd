package filter_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/internal/quirk"
	"github.com/scimkit/scimkit/schema"
)

func TestBindNames(t *testing.T) {
	for in, want := range map[string]string{
		`USERNAME eq "x"`: `userName eq "x"`,
		`Name.FAMILYNAME pr and EMAILS[TYPE eq "x"]`:                 `name.familyName pr and emails[type eq "x"]`,
		`urn:ietf:params:scim:schemas:core:2.0:user:UserName sw "J"`: `userName sw "J"`,
		`urn:ietf:params:scim:schemas:core:2.0:User:meta.created pr`: `meta.created pr`,
		strings.ToUpper(enterprise) + `:MANAGER.VALUE pr`:            enterprise + `:manager.value pr`,
		enterprise + ` pr`: enterprise + ` pr`,
		enterprise + `[department eq "x" and manager.value pr]`:            enterprise + `[department eq "x" and manager.value pr]`,
		`meta.location eq "https://example.com/v2/Users/7"`:                `id eq "7"`,
		`not (userName eq "x" or (title pr and active ne false)) or id pr`: `not (userName eq "x" or title pr and active ne false) or id pr`,
	} {
		f, err := bind(in, schema.UserType().Model(), nil)
		if err != nil || f.Expr().String() != want {
			t.Errorf("%s: %v, %v; want %s", in, f, err, want)
		}
	}
}

func TestBindErrors(t *testing.T) {
	tests := []struct{ in, attr, msg string }{
		{`unknown eq "x"`, "unknown", "the resource type Gadget has no such attribute"},
		{`text.x eq "x"`, "text.x", "text is not complex and has no sub-attributes"},
		{`part.x eq "x"`, "part.x", "part has no such sub-attribute"},
		{`urn:example:schemas:Other:text eq "x"`, "urn:example:schemas:Other:text", "has no schema of this name"},
		{`urn:example:ext:1.0:One:text eq "x"`, "urn:example:ext:1.0:One:text", "has no such sub-attribute"},
		{`urn:example:schemas:Gadget pr`, "urn:example:schemas:Gadget", "an attribute is expected behind the schema URI"},
		{`urn:example:schemas:Gadget.text pr`, "urn:example:schemas:Gadget.text", "a colon is expected"},
		{`mine eq "x"`, "mine", "the attribute is written urn:example:ext:1.0:One:mine"},
		{`both eq "x"`, "both", "has no such attribute"},
		{`flag gt true`, "flag", `"gt" does not apply to an attribute of type boolean`},
		{`flag co "t"`, "flag", `"co" does not apply to an attribute of type boolean`},
		{`flag eq "true"`, "flag", `the attribute has the type boolean; it compares with true or false, not with "true"`},
		{`flag eq 1`, "flag", "not with 1"},
		{`bin gt "AA=="`, "bin", `"gt" does not apply to an attribute of type binary`},
		{`int co "1"`, "int", `"co" does not apply to an attribute of type integer`},
		{`int eq "1"`, "int", "it compares with a number"},
		{`dec sw 1`, "dec", `"sw" does not apply to an attribute of type decimal`},
		{`dec eq true`, "dec", "it compares with a number"},
		{`time co "2011"`, "time", `"co" does not apply to an attribute of type dateTime`},
		{`time gt "yesterday"`, "time", "a dateTime such as"},
		{`time gt "2011-05-13"`, "time", "a dateTime such as"},
		{`time gt "2011-02-30T00:00:00Z"`, "time", "a dateTime such as"},
		{`time gt 2011`, "time", "a dateTime such as"},
		{`text eq 1`, "text", "a string in double quotes, not with 1"},
		{`text gt true`, "text", "a string in double quotes, not with true"},
		{`text co null`, "text", `"co" does not compare with null`},
		{`uri eq 1`, "uri", "a string in double quotes"},
		{`part eq "x"`, "part", `the attribute is complex; "eq" needs one of its sub-attributes`},
		{`parts gt "x"`, "parts", `the attribute is complex; "gt" needs one of its sub-attributes`},
		{`secret eq "x"`, "secret", "the attribute is never returned"},
		{`secret pr`, "secret", "the attribute is never returned"},
		{`not (silent sw "x")`, "silent", "the attribute is never returned"},
		{`text[value eq "x"]`, "text", "the attribute has neither elements nor sub-attributes"},
		{`parts[foo eq "x"]`, "foo", "parts has no such sub-attribute"},
		{`parts[parts.type eq "x"]`, "parts.type", "parts has no such sub-attribute"},
		{`parts[urn:example:schemas:Gadget:text eq "x"]`, "urn:example:schemas:Gadget:text", "without a schema URI"},
		{`texts[foo eq "x"]`, "foo", "texts has no such sub-attribute"},
		{`texts[value.x eq "x"]`, "value.x", "texts is not complex"},
		{`meta[location eq "/x/1"]`, "location", "does not stand between brackets"},
		{`meta.location co "x"`, "meta.location", "computed URI"},
		{`meta.location eq "x"`, "meta.location", "the URI of a resource is expected"},
		{`meta.location eq "x/"`, "meta.location", "the URI of a resource is expected"},
	}
	m := gadget.Model()
	for _, test := range tests {
		f, err := bind(test.in, m, nil)
		var bound *filter.BindError
		if !errors.As(err, &bound) {
			t.Errorf("%s: got %v, %v; want a BindError", test.in, f, err)
			continue
		}
		if bound.Attr != test.attr || !strings.Contains(bound.Msg, test.msg) {
			t.Errorf("%s: %v; want %s: %s", test.in, err, test.attr, test.msg)
		}
		if err.Error() != bound.Attr+": "+bound.Msg {
			t.Errorf("%s: %v", test.in, err)
		}
	}
	if _, err := bind(`password sw "a"`, schema.UserType().Model(), everything()); err == nil {
		t.Error("password can be guessed through filters (R-233)")
	}
}

// Expressions that no parser makes.
func TestBindStrangeExpressions(t *testing.T) {
	m := gadget.Model()
	text := filter.AttrPath{Name: "text"}
	for _, e := range []filter.Expr{
		nil, &filter.And{}, &filter.Or{Terms: []filter.Expr{nil}}, &filter.Not{}, &filter.Compare{}, &filter.ValuePath{Attr: filter.AttrPath{Name: "parts"}},
		&filter.Compare{Attr: text, Op: 99, Value: filter.Value{Kind: filter.String}},
		&filter.ValuePath{Attr: filter.AttrPath{Name: "parts"}, Filter: &filter.ValuePath{Attr: filter.AttrPath{Name: "many"}}},
	} {
		if f, err := filter.BindIn(e, m, model.Root, nil); err == nil {
			t.Errorf("%#v is bound as %v", e, f)
		}
	}
	if f, err := filter.Bind(&filter.Compare{Attr: text, Op: filter.Pr}, gadget); err != nil || f.String() != "text pr" {
		t.Errorf("%v, %v", f, err)
	}
	if got := filter.Op(99).String(); got != "?" {
		t.Errorf("operator 99 is %s", got)
	}
}

func TestResolve(t *testing.T) {
	m := schema.UserType().Model()
	tests := []struct {
		path, want string
		q          quirk.Set
	}{
		{"USERNAME", "userName", 0},
		{"name.givenName", "name.givenName", 0},
		{"urn:ietf:params:scim:schemas:core:2.0:User:name.givenName", "name.givenName", 0},
		{enterprise, enterprise, 0},
		{enterprise + ":manager.value", enterprise + ":manager.value", 0},
		{"manager", enterprise + ":manager", quirk.Of(quirk.ShortName)},
		{enterprise + ".manager", enterprise + ":manager", quirk.Of(quirk.URNDot)},
		{enterprise + ".manager.value", enterprise + ":manager.value", quirk.Of(quirk.URNDot)},
	}
	for _, test := range tests {
		log := &quirk.Log{Allowed: test.q}
		p := filter.Parser{Log: log}
		path, err := p.ParsePath(test.path)
		if err != nil {
			t.Errorf("%s: %v", test.path, err)
			continue
		}
		id, err := filter.Resolve(path.Attr, m, model.Root, log)
		if err != nil || m.Attr(id).Path != test.want || log.Used != test.q {
			t.Errorf("%s: %v, %v, note %b", test.path, id, err, log.Used)
		}
	}
	path, _ := filter.ParsePath("urn:ietf:params:scim:schemas:core:2.0:User")
	if id, err := filter.Resolve(path.Attr, m, model.Root, nil); id != model.Root || err != nil {
		t.Errorf("the core schema is %v, %v", id, err)
	}
}

func TestEquals(t *testing.T) {
	m := schema.UserType().Model()
	tests := []struct {
		filter, path, value string
		ok                  bool
	}{
		{`userName eq "Mira"`, "userName", "Mira", true},
		{`USERNAME eq "Mira"`, "userName", "Mira", true},
		{`active eq true and (title pr and userName eq "Mira")`, "userName", "Mira", true},
		{`userName eq "a" or userName eq "b"`, "userName", "", false},
		{`not (userName eq "a")`, "userName", "", false},
		{`userName sw "a"`, "userName", "", false},
		{`userName eq null`, "userName", "", false},
		{`title eq "userName"`, "userName", "", false},
		{`emails.value eq "x"`, "emails.value", "x", true},
		{`emails eq "x"`, "emails.value", "x", true},
		{`emails[type eq "work" and value eq "x"]`, "emails.value", "x", true},
		{`emails[type eq "work" or value eq "x"]`, "emails.value", "", false},
		{`emails[value eq "x"]`, "emails", "", false},
		{`emails[value eq "x"]`, "emailsX", "", false},
		{enterprise + `:employeeNumber eq "7"`, enterprise + ":employeeNumber", "7", true},
		{enterprise + `[employeeNumber eq "7"]`, enterprise + ":employeeNumber", "7", true},
		{`active eq true`, "active", "true", true},
	}
	for _, test := range tests {
		value, ok := mustBind(t, test.filter, m, nil).Equals(test.path)
		if value != test.value || ok != test.ok {
			t.Errorf("%s: Equals(%s) is %q, %v", test.filter, test.path, value, ok)
		}
	}
}
