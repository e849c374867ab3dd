package filter_test

import (
	"strings"
	"testing"

	"github.com/scimkit/scimkit/schema"
)

const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

// gadget has an attribute of each type.
var gadget = &schema.ResourceType{
	Name: "Gadget", Endpoint: "/Gadgets",
	Schema: &schema.Schema{ID: "urn:example:schemas:Gadget", Name: "Gadget", Attributes: []schema.Attribute{
		{Name: "text"}, {Name: "exact", CaseExact: true}, {Name: "flag", Type: schema.Boolean},
		{Name: "int", Type: schema.Integer}, {Name: "dec", Type: schema.Decimal},
		{Name: "time", Type: schema.DateTime}, {Name: "bin", Type: schema.Binary},
		{Name: "uri", Type: schema.Reference, ReferenceTypes: []string{"uri"}},
		{Name: "texts", MultiValued: true}, {Name: "ints", Type: schema.Integer, MultiValued: true},
		{Name: "part", Type: schema.Complex, SubAttributes: []schema.Attribute{{Name: "a"}, {Name: "many", MultiValued: true}}},
		{Name: "parts", Type: schema.Complex, MultiValued: true, SubAttributes: []schema.Attribute{
			{Name: "value"}, {Name: "type"}, {Name: "primary", Type: schema.Boolean}, {Name: "n", Type: schema.Integer}, {Name: "many", MultiValued: true},
		}},
		{Name: "secret", Returned: schema.ReturnedNever}, {Name: "silent", Mutability: schema.WriteOnly, Returned: schema.ReturnedNever},
		{Name: "asked", Returned: schema.ReturnedRequest},
	}},
	Extensions: []schema.Extension{
		{Schema: &schema.Schema{ID: "urn:example:ext:1.0:One", Name: "One", Attributes: []schema.Attribute{
			{Name: "mine"}, {Name: "both"},
			{Name: "list", Type: schema.Complex, MultiValued: true, SubAttributes: []schema.Attribute{{Name: "value"}, {Name: "type"}}},
		}}},
		{Schema: &schema.Schema{ID: "urn:example:ext:1.0:Two", Name: "Two", Attributes: []schema.Attribute{{Name: "both"}}}},
	},
}

func TestMatch(t *testing.T) {
	tests := []struct {
		req, body, filter string
		want              bool
	}{
		// Multi-valued: any value; ne: any value differs, or there is none.
		{"R-215", `{"texts":["a","b"]}`, `texts eq "b"`, true},
		{"R-215", `{"ints":[1,20]}`, `ints gt 10`, true},
		{"R-215", `{"part":{"many":["a","b"]}}`, `part.many eq "b"`, true},
		{"R-215", `{"parts":[{"many":["a"]},{"many":["b","c"]}]}`, `parts.many eq "c"`, true},
		{"R-215", `{"urn:example:ext:1.0:One":{"list":[{"value":"x"},{"value":"y"}]}}`, `urn:example:ext:1.0:One:list.value eq "Y"`, true},
		{"R-216", `{"texts":["a","b"]}`, `texts ne "a"`, true},
		{"R-216", `{"texts":["a","a"]}`, `texts ne "a"`, false},
		{"R-216", `{"texts":["a","b"]}`, `not (texts eq "a")`, false},
		{"R-216", `{"parts":[{"type":"a"},{"value":"no type"}]}`, `parts.type ne "a"`, false},
		{"R-216", `{"parts":[{"type":"a"},{"value":"no type"}]}`, `parts[type ne "a"]`, true},
		{"R-217", `{}`, `text ne "a"`, true},
		{"R-217", `{}`, `texts ne "a"`, true},
		{"R-217", `{}`, `parts.type ne "a"`, true},
		{"R-217", `{}`, `parts[type ne "a"]`, false},
		{"R-217", `{}`, `flag ne true`, true},
		{"R-217", `{}`, `int ne 1`, true},
		{"R-217", `{}`, `time ne "2011-05-13T04:42:34Z"`, true},
		// One element meets all conditions.
		{"R-206", `{"parts":[{"type":"a","n":1},{"type":"b","n":2}]}`, `parts[type eq "a" and n eq 2]`, false},
		{"R-206", `{"parts":[{"type":"a","n":1},{"type":"b","n":2}]}`, `parts[type eq "b" and n eq 2]`, true},
		{"R-206", `{"parts":[{"type":"a","n":1},{"type":"b","n":2}]}`, `parts[type eq "c" or not (n lt 2)]`, true},
		{"R-206", `{"parts":[{"many":["x","y"]}]}`, `parts[many eq "x" and many eq "y"]`, true},
		{"R-206", `{"texts":["abc","xyz"]}`, `texts[value sw "a" and value ew "z"]`, false},
		{"R-206", `{"texts":["abc","xyz"]}`, `texts[value sw "a" and value ew "c"]`, true},
		{"R-206", `{"parts":[{"many":["x"]},{"many":["y","z"]}]}`, `parts.many[value sw "z" and value ew "z"]`, true},
		{"R-206", `{"parts":[{"many":["x"]},{"n":1}]}`, `parts.many[value eq "z"]`, false},
		{"R-206", `{"part":{"a":"x"}}`, `part[a eq "x"]`, true},
		{"R-206", `{"urn:example:ext:1.0:One":{"list":[{"value":"x","type":"t"}]}}`, `urn:example:ext:1.0:One:list[value eq "x" and type eq "t"]`, true},
		{"R-206", `{"urn:example:ext:1.0:One":{"mine":"x","both":"y"}}`, `urn:example:ext:1.0:One[mine eq "x" and both eq "y"]`, true},
		// primary.
		{"R-014", `{"parts":[{"value":"x"}]}`, `parts.primary eq true`, false},
		{"R-014", `{"parts":[{"value":"x"}]}`, `parts.primary eq false`, true},
		{"R-014", `{"parts":[{"value":"x"}]}`, `parts.primary ne true`, true},
		{"R-014", `{"parts":[{"value":"x"}]}`, `parts.primary ne false`, false},
		{"R-014", `{"parts":[{"value":"x"}]}`, `parts[primary eq false]`, true},
		{"R-014", `{"parts":[{"value":"x"}]}`, `parts[primary pr]`, false},
		{"R-014", `{"parts":[{"value":"x"}]}`, `parts[primary eq null]`, true},
		{"R-014", `{}`, `parts.primary eq false`, false},
		{"", `{}`, `flag eq false`, false},
		// Strings.
		{"R-218", `{"text":"BJensen"}`, `text eq "bjENSEN"`, true},
		{"R-218", `{"text":"BJensen"}`, `text ne "bjENSEN"`, false},
		{"R-218", `{"exact":"BJensen"}`, `exact eq "bjENSEN"`, false},
		{"R-218", `{"exact":"BJensen"}`, `exact eq "BJensen"`, true},
		{"R-218", `{"text":"ÉCOLE"}`, `text eq "école"`, true},
		{"R-218", `{"text":"ΣΊΣΥΦΟΣ"}`, `text eq "Σίσυφος"`, true},
		{"R-218", `{"text":"Straße"}`, `text eq "STRASSE"`, true},
		{"R-218", `{"text":"İstanbul"}`, `text eq "istanbul"`, false},
		{"R-219", "{\"text\":\"e\u0301\"}", `text eq "\u00e9"`, true},
		{"R-219", "{\"text\":\"\u00e9\"}", `text eq "e\u0301"`, true},
		{"R-219", "{\"exact\":\"e\u0301\"}", `exact eq "\u00e9"`, true},
		{"R-219", "{\"exact\":\"e\u0301\"}", `exact eq "e"`, false},
		{"R-219", "{\"text\":\"ae\u0301\"}", `text eq "ae"`, false},
		{"R-219", "{\"text\":\"ＪＵＬＩＥＴ\"}", `text eq "juliet"`, true},
		{"R-220", `{"text":"Barbara"}`, `text co "BAR"`, true},
		{"R-220", `{"text":"Barbara"}`, `text sw "ara"`, false},
		{"R-220", `{"text":"Barbara"}`, `text ew "ARA"`, true},
		{"R-220", `{"exact":"Barbara"}`, `exact ew "ARA"`, false},
		{"R-220", `{"text":"ÉCOLE"}`, `text sw "é"`, true},
		{"R-220", `{"uri":"https://a/B"}`, `uri co "/B"`, true},
		{"R-220", `{"uri":"https://a/B"}`, `uri co "/b"`, false},
		{"R-221", `{"text":"x"}`, `text co ""`, true},
		{"R-221", `{"text":"x"}`, `text sw ""`, true},
		{"R-221", `{"text":"x"}`, `text ew ""`, true},
		{"R-221", `{}`, `text co ""`, false},
		{"R-221", `{"texts":["x"]}`, `texts co ""`, true},
		{"R-220", `{"text":"say \"hi\" \\ \u0001"}`, `text eq "SAY \"hi\" \\ \u0001"`, true},
		{"R-220", `{"exact":"say \"hi\""}`, `exact ew "\""`, true},
		{"R-220", `{"text":"` + strings.Repeat("Ab", 500) + `"}`, `text co "bab"`, true},
		{"R-220", `{"text":"` + strings.Repeat("Ab", 500) + `c"}`, `text eq "` + strings.Repeat("aB", 500) + `C"`, true},
		{"R-220", `{"exact":"` + strings.Repeat("Ab", 500) + `"}`, `exact co "aa"`, false},
		{"R-220", `{"uri":"a"}`, `uri eq "a"`, true},
		// pr and null.
		{"R-222", `{"text":""}`, `text pr`, false},
		{"R-222", `{"text":"x"}`, `text pr`, true},
		{"R-222", `{"part":{}}`, `part pr`, false},
		{"R-222", `{"part":{"a":"x"}}`, `part pr`, true},
		{"R-222", `{"flag":false}`, `flag pr`, true},
		{"R-222", `{"int":0}`, `int pr`, true},
		{"R-222", `{"texts":[""]}`, `texts pr`, false},
		{"R-222", `{"parts":[{"type":"a"}]}`, `parts.value pr`, false},
		{"R-222", `{"urn:example:ext:1.0:One":{"mine":"x"}}`, `urn:example:ext:1.0:One pr`, true},
		{"R-222", `{}`, `urn:example:ext:1.0:One pr`, false},
		{"R-019", `{"texts":[]}`, `texts pr`, false},
		{"R-019", `{"text":null}`, `text pr`, false},
		{"R-228", `{}`, `text eq null`, true},
		{"R-228", `{"text":"x"}`, `text eq null`, false},
		{"R-228", `{"text":"x"}`, `text ne null`, true},
		{"R-228", `{"texts":[]}`, `texts eq null`, true},
		{"R-228", `{"parts":[{"value":"x"}]}`, `parts eq null`, false},
		{"R-228", `{"parts":[{"value":"x"}]}`, `parts[type eq null]`, true},
		{"R-228", `{}`, `part ne null`, false},
		// Order.
		{"R-223", `{"text":"b"}`, `text gt "A"`, true},
		{"R-223", `{"text":"b"}`, `text le "B"`, true},
		{"R-223", `{"exact":"b"}`, `exact gt "B"`, true},
		{"R-223", `{"exact":"B"}`, `exact gt "a"`, false},
		{"R-223", `{}`, `text lt "a"`, false},
		{"R-223", `{"int":9}`, `int lt 10`, true},
		{"R-223", `{"int":9223372036854775807}`, `int lt 9223372036854775808`, true},
		{"R-223", `{"int":9007199254740993}`, `int eq 9007199254740992`, false},
		{"R-223", `{"int":100}`, `int eq 1e2`, true},
		{"R-225", `{"dec":0.1}`, `dec eq 1e-1`, true},
		{"R-225", `{"dec":0.10000000000000000000000000000000001}`, `dec gt 0.1`, true},
		{"R-225", `{"dec":-0}`, `dec eq 0`, true},
		{"R-225", `{"dec":1e400}`, `dec gt 1e399`, true},
		{"R-225", `{"dec":-1e400}`, `dec lt -1e399`, true},
		{"R-225", `{"uri":"b"}`, `uri gt "a"`, true},
		{"R-049", `{"bin":"QUJD"}`, `bin eq "qujd"`, false},
		{"R-049", `{"bin":"QUJD"}`, `bin eq "QUJD"`, true},
		{"R-047", `{"time":"2011-05-13T04:42:34+02:00"}`, `time eq "2011-05-13T02:42:34Z"`, true},
		{"R-223", `{"time":"2011-05-13T04:42:34.1234567Z"}`, `time gt "2011-05-13T04:42:34.123456Z"`, true},
		{"R-223", `{"time":"2011-05-13T04:42:34.5000Z"}`, `time eq "2011-05-13T04:42:34.5Z"`, true},
		{"R-223", `{"time":"0001-01-01T00:00:00Z"}`, `time lt "1970-01-01T00:00:00Z"`, true},
		{"R-223", `{"time":"2016-12-31T23:59:60Z"}`, `time gt "2016-12-31T23:59:59.999Z"`, true},
		// schemas, id, meta, projection.
		{"R-230", `{"schemas":["urn:example:schemas:Gadget","urn:example:ext:1.0:One"]}`, `schemas eq "urn:example:ext:1.0:One"`, true},
		{"R-231", `{"meta":{"resourceType":"Gadget"}}`, `meta.resourceType eq "Gadget"`, true},
		{"R-231", `{"meta":{"resourceType":"Gadget"}}`, `meta.resourceType eq "Other"`, false},
		{"R-232", `{"asked":"x"}`, `asked eq "x"`, true},
		{"", `{"id":"Ab"}`, `id eq "Ab"`, true},
		{"", `{"id":"Ab"}`, `id eq "ab"`, false},
		// URIs that the response computes compare by the id.
		{"R-018", `{"id":"a b"}`, `meta.location eq "https://example.com/v2/Gadgets/a%20b"`, true},
		{"R-018", `{"id":"x"}`, `meta.location ne "/Gadgets/y"`, true},
		{"R-018", `{"id":"x"}`, `meta.location pr`, true},
		// Logic.
		{"R-204", `{"int":1}`, `int eq 1 or int eq 2 and int eq 3`, true},
		{"R-204", `{"int":1}`, `(int eq 1 or int eq 2) and int eq 3`, false},
		{"R-204", `{"int":1}`, `not (int eq 2) and int eq 1`, true},
	}
	m := gadget.Model()
	for _, test := range tests {
		f, err := bind(test.filter, m, nil)
		if err != nil {
			t.Errorf("%s: %v", test.filter, err)
			continue
		}
		r := read(t, m, test.body)
		if got := f.Match(r); got != test.want {
			t.Errorf("%s %s on %s: %v, want %v", test.req, test.filter, test.body, got, test.want)
		}
		if again := mustBind(t, f.Expr().String(), m, nil); again.Match(r) != test.want {
			t.Errorf("%s: Expr means something else: %s", test.filter, f.Expr())
		}
	}
}
