package document_test

import (
	"strings"
	"testing"
	"time"

	. "github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/schema"
)

// TestTypes reads one attribute of each data type (RFC 7643 section 2.3). want
// is the canonical text of the whole, or the error.
func TestTypes(t *testing.T) {
	const wrong = "invalidValue "
	for _, tt := range []struct{ group, body, want string }{
		{"string", `{"text":"é \u00e9\/"}`, `{"text":"é é/"}`},
		{"string", `{"text":""}`, `{"text":""}`},
		{"string", `{"text":5}`, wrong + "text: a string is expected, not a number"},
		{"string", `{"text":true}`, wrong + "text: a string is expected, not a boolean"},
		{"string", `{"text":{"x":1}}`, wrong + "text: a string is expected, not an object"},
		{"string", `{"text":["a"]}`, wrong + "text: one value is expected, not an array"},
		{"string", "{\"text\":\"\xff\"}", "invalidSyntax : not valid UTF-8"},
		{"strings", `{"texts":["b","a"]}`, `{"texts":["b","a"]}`},
		{"strings", `{"texts":"b"}`, wrong + "texts: an array is expected, not a string"},
		{"strings", `{"texts":["b",["a"]]}`, wrong + "texts: one value is expected, not an array"},
		{"strings", `{"texts":["b",{}]}`, wrong + "texts: a string is expected, not an object"},

		{"boolean", `{"flag":true}`, `{"flag":true}`},
		{"boolean", `{"flag":false}`, `{"flag":false}`},
		{"boolean", `{"flags":[true,false,true]}`, `{"flags":[true,false]}`},
		{"boolean", `{"flag":"yes"}`, wrong + "flag: true or false is expected, not a string"},
		{"boolean", `{"flag":"true"}`, wrong + "flag: true or false is expected, not a string"},
		{"boolean", `{"flag":""}`, wrong + "flag: a value of type boolean must not be empty"},
		{"boolean", `{"flag":1}`, wrong + "flag: true or false is expected, not a number"},
		{"boolean", `{"flag":{}}`, wrong + "flag: true or false is expected, not an object"},

		{"decimal", `{"ratio":1.50}`, `{"ratio":1.50}`},
		{"decimal", `{"ratio":-1E-7}`, `{"ratio":-1E-7}`},
		{"decimal", `{"ratio":7}`, `{"ratio":7}`},
		{"decimal", `{"ratio":"1.5"}`, wrong + "ratio: a number is expected, not a string"},
		{"decimal", `{"ratio":""}`, wrong + "ratio: a value of type decimal must not be empty"},
		{"decimal", `{"ratio":false}`, wrong + "ratio: a number is expected, not a boolean"},
		{"decimal", `{"ratio":.5}`, "invalidSyntax : a value is expected, not '.'"},

		{"integer", `{"count":-0}`, `{"count":-0}`},
		{"integer", `{"count":9223372036854775807}`, `{"count":9223372036854775807}`},
		{"integer", `{"count":9223372036854775808}`, wrong + "count: at most 64 bits"},
		{"integer", `{"count":1.5}`, wrong + "count: without fraction or exponent"},
		{"integer", `{"count":1.0}`, wrong + "count: without fraction or exponent"},
		{"integer", `{"count":1e3}`, wrong + "count: without fraction or exponent"},
		{"integer", `{"count":"1"}`, wrong + "count: a number is expected, not a string"},
		{"integer", `{"counts":[2,1,2]}`, `{"counts":[2,1]}`},

		{"dateTime", `{"when":"2011-05-13T04:42:34Z"}`, `{"when":"2011-05-13T04:42:34Z"}`},
		{"dateTime", `{"when":"2011-05-13T04:42:34.5+02:00"}`, `{"when":"2011-05-13T04:42:34.5+02:00"}`},
		{"dateTime", `{"when":"2011-05-13"}`, wrong + "when: a dateTime such as"},
		{"dateTime", `{"when":1305261754}`, wrong + "when: a string is expected, not a number"},
		{"dateTime", `{"when":""}`, wrong + "when: a value of type dateTime must not be empty"},

		{"binary", `{"blob":"QUI="}`, `{"blob":"QUI="}`},
		{"binary", `{"blob":"QUI"}`, `{"blob":"QUI"}`},
		{"binary", `{"blob":"!!"}`, wrong + "blob: base64 (RFC 4648 section 4) is expected"},
		{"binary", `{"blob":"QUJD\n"}`, wrong + "blob: base64"},

		{"reference", `{"link":"https://example.com/a"}`, `{"link":"https://example.com/a"}`},
		{"reference", `{"link":"not a uri %%"}`, wrong + "link: a URI is expected"},
		{"reference", `{"link":""}`, wrong + "link: a value of type reference must not be empty"},

		{"complex", `{"box":{"label":"a","notes":["b"]}}`, `{"box":{"label":"a","notes":["b"]}}`},
		{"complex", `{"box":"a"}`, wrong + "box: an object is expected, not a string"},
		{"complex", `{"box":[{"label":"a"}]}`, wrong + "box: one value is expected, not an array"},
		{"complex", `{"box":7}`, wrong + "box: an object is expected, not a number"},
		{"complex", `{"box":{"label":{}}}`, wrong + "box.label: a string is expected, not an object"},
		{"complex", `{"parts":{"value":"a"}}`, wrong + "parts: an array is expected, not an object"},
		{"complex", `{"parts":["a"]}`, wrong + "parts: an object is expected, not a string"},
		{"complex", `{"parts":[{"value":"a","size":"b"}]}`, wrong + "parts.size: a number is expected, not a string"},
		{"extension", `{"urn:example:Extra":{"level":1}}`, `{"urn:example:Extra":{"level":1}}`},
		{"extension", `{"URN:EXAMPLE:extra":{"LEVEL":1}}`, `{"urn:example:Extra":{"level":1}}`},
		{"extension", `{"urn:example:Extra":7}`, wrong + "urn:example:Extra: an object is expected, not a number"},
		{"extension", `{"urn:example:Extra":{"level":{}}}`, wrong + "urn:example:Extra:level: a number is expected, not an object"},

		{"no object", `[]`, "invalidSyntax : a JSON object is expected, not '['"},
		{"no object", ``, "invalidSyntax : the document ends where a JSON object is expected"},
		{"no object", `"a"`, "invalidSyntax : a JSON object is expected"},
		{"cut short", `{"text":`, "invalidSyntax : the document ends where a value is expected"},
		{"cut short", `{"parts":`, "invalidSyntax : the document ends where a value is expected"},
		{"cut short", `{"box":`, "invalidSyntax : the document ends where a value is expected"},
		{"trailing", `{"text":"a"}{}`, "invalidSyntax : at byte 12: there is data after the document"},
	} {
		t.Run(tt.group, func(t *testing.T) {
			got, err := read(t, customType, tt.body, Options{})
			if strings.HasPrefix(tt.want, "{") {
				problem(t, err, "")
				if got != tt.want {
					t.Errorf("%s\nis   %s\nwant %s", tt.body, got, tt.want)
				}
			} else {
				problem(t, err, tt.want)
			}
		})
	}
}

// TestTrusted reads what a host made: its content is not checked, its types
// are, and readOnly attributes stay.
func TestTrusted(t *testing.T) {
	for body, want := range map[string]string{
		`{"computed":"a","when":"soon","blob":"!","link":"a b","must":""}`: `{"when":"soon","blob":"!","link":"a b","computed":"a","must":""}`,
		`{"text":"","box":{"owner":"a"}}`:                                  `{"text":"","box":{"owner":"a"}}`,
		`{"count":"1"}`:                                                    "invalidValue count: a number is expected, not a string",
		`{"count":""}`:                                                     "invalidValue count: a number is expected, not a string",
		`{"flag":"a"}`:                                                     "invalidValue flag: true or false is expected",
		`{"meta":{"resourceType":"X","location":"http://a","version":"W/\"1\""}}`: `{"meta":{"resourceType":"X","version":"W/\"1\""}}`,
	} {
		got, err := read(t, customType, body, Options{Trusted: true})
		if err != nil {
			problem(t, err, want)
		} else if got != want {
			t.Errorf("%s\nis   %s\nwant %s", body, got, want)
		}
	}
}

// TestReadOnly: what a client sends for readOnly attributes is left out, but
// its syntax is checked.
func TestReadOnly(t *testing.T) {
	for body, want := range map[string]string{
		`{"id":"x","meta":{"created":"1999-01-01T00:00:00Z"},"computed":"a","text":"b","box":{"label":"c","owner":"d"}}`: `{"text":"b","box":{"label":"c"}}`,
		`{"id":5,"meta":"odd","computed":{"a":[1]}}`: `{}`,
		`{"computed":{"a":1,"A":2}}`:                 "invalidSyntax : the name \"A\" is there twice",
		`{"computed":[}`:                             "invalidSyntax : a value is expected",
		`{"computed":"a","COMPUTED":"b"}`:            "invalidSyntax : the name \"COMPUTED\" is there twice",
	} {
		got, err := read(t, customType, body, Options{})
		if err != nil {
			problem(t, err, want)
		} else if got != want {
			t.Errorf("%s\nis   %s\nwant %s", body, got, want)
		}
	}
}

// TestDropRefs: $ref of references to resources goes, that of others stays.
func TestDropRefs(t *testing.T) {
	log := &quirks{}
	got, err := read(t, groupType, `{"members":[{"value":"a","$ref":"/Users/a","type":"User"},{"value":"b","$REF":5}]}`, Options{DropRefs: true, Log: log.log()})
	problem(t, err, "")
	if want := `{"members":[{"value":"a","type":"User"},{"value":"b"}]}`; got != want || log.used() != "reference-rebuilt" {
		t.Errorf("%s (%s), want %s", got, log.used(), want)
	}
	got, err = read(t, groupType, `{"members":[{"value":"a","$ref":"../Users/a"}]}`, Options{})
	if want := `{"members":[{"value":"a","$ref":"../Users/a"}]}`; err != nil || got != want {
		t.Errorf("%s %v, want %s", got, err, want)
	}
	typ := (&schema.ResourceType{Name: "T", Endpoint: "/Ts", Schema: &schema.Schema{ID: "urn:example:T", Name: "T", Attributes: []schema.Attribute{
		{Name: "site", Type: schema.Complex, SubAttributes: []schema.Attribute{
			{Name: "value"}, {Name: "$ref", Type: schema.Reference, ReferenceTypes: []string{"external"}}}}}}}).Model()
	got, err = read(t, typ, `{"site":{"value":"a","$ref":"http://a"}}`, Options{DropRefs: true})
	if want := `{"site":{"value":"a","$ref":"http://a"}}`; err != nil || got != want {
		t.Errorf("%s %v, want %s", got, err, want)
	}
}

func TestParseTime(t *testing.T) {
	at := func(s string) time.Time {
		v, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for in, want := range map[string]string{
		"2011-05-13T04:42:34Z":                "2011-05-13T04:42:34Z",
		"2011-05-13T04:42:34":                 "2011-05-13T04:42:34Z",
		"2011-05-13T04:42:34.5Z":              "2011-05-13T04:42:34.5Z",
		"2011-05-13T04:42:34.123456789999":    "2011-05-13T04:42:34.123456789Z",
		"2011-05-13T04:42:34+02:00":           "2011-05-13T02:42:34Z",
		"2011-05-13T04:42:34-05:30":           "2011-05-13T10:12:34Z",
		"2011-05-13T04:42:34+14:00":           "2011-05-12T14:42:34Z",
		"2011-12-31T24:00:00Z":                "2012-01-01T00:00:00Z",
		"2012-02-29T23:59:59.999Z":            "2012-02-29T23:59:59.999Z",
		"0001-01-01T00:00:00Z":                "0001-01-01T00:00:00Z",
		"9999-12-31T23:59:59Z":                "9999-12-31T23:59:59Z",
		"2011-05-13T24:00:00.000-00:00":       "2011-05-14T00:00:00Z",
		"2011-05-13T04:42:34.00000000000000Z": "2011-05-13T04:42:34Z",
	} {
		if got, ok := ParseTime([]byte(in)); !ok || !got.Equal(at(want)) {
			t.Errorf("%s: %v %v, want %s", in, got, ok, want)
		}
	}
	for _, in := range []string{
		"", "2011-05-13", "2011-05-13 04:42:34Z", "2011-05-13t04:42:34Z", "2011-05-13T04:42Z", "2011-05-13T4:42:34.5Z", "2011-5-13T04:42:34Z",
		"2011-02-29T00:00:00Z", "2011-04-31T00:00:00Z", "2011-00-01T00:00:00Z", "2011-13-01T00:00:00Z", "2011-01-00T00:00:00Z", "2011-01-32T00:00:00Z",
		"2011-05-13T25:00:00Z", "2011-05-13T24:00:01Z", "2011-05-13T24:01:00Z", "2011-05-13T24:00:00.1Z", "2011-05-13T04:60:00Z", "2011-05-13T04:42:60Z",
		"2011-05-13T04:42:34z", "2011-05-13T04:42:34.Z", "2011-05-13T04:42:34,5Z", "2011-05-13T04:42:34 Z", "2011-05-13T04:42:34+2:00", "2011-05-13T04:42:34+0200",
		"2011-05-13T04:42:34+14:01", "2011-05-13T04:42:34+02:60", "2011-05-13T04:42:34±02:00", "2011-05-13T04:42:34*02:00", "2011-05-13T04:42:34ZZ",
		"20110513T044234Z", "11-05-13T04:42:34Z", "-2011-05-13T04:42:34Z", "2011-05-13T04:42:34Z ", " 2011-05-13T04:42:34Z", "now", "२०११-०५-१३T04:42:34Z",
	} {
		if got, ok := ParseTime([]byte(in)); ok {
			t.Errorf("%q is %v", in, got)
		}
	}
}

// TestFormats has binary values and references, which are long.
func TestFormats(t *testing.T) {
	for _, tt := range []struct {
		attr, good string
		bad        string
	}{
		{"blob", "QQ== QQ QUI= QUI QUJD ++++ //// AAAA", "A QQ= QQ=== QUI== QUJD= QUJDQ = == QQ==QQ== A=A= -_-_ QU.D QU\tD é AAAAA ="},
		{"link", "http://a https://a/b?c=d&e=f#g urn:ietf:params:scim:schemas:core:2.0:User /Users/1 ../Users/1 Users/1 ?a #a //a/b a:b a+b-c.d1:e " +
			"mailto:a@b http://[::1]:80/ a/b:c a?b:c a#b:c %20 a%C3%a9 http://a/é data:image/png;base64,AA== a;b=c,d (a)'!*~_-. http://u:p@h:1/ *",
			"%% %2 %zz a%2 a% <a> a|b a^b a`b {a} a\"b a\\\\b a\\tb a\\u007fb :a 1a:b é:b a_b:c %41:b -a:b +a: a\\u0001"},
	} {
		for _, v := range strings.Split(tt.good, " ") {
			if _, err := read(t, customType, `{"`+tt.attr+`":"`+v+`"}`, Options{}); err != nil {
				t.Errorf("%s %q: %v", tt.attr, v, err)
			}
		}
		for _, v := range strings.Split(tt.bad, " ") {
			_, err := read(t, customType, `{"`+tt.attr+`":`+string(AppendString(nil, unquote(v)))+`}`, Options{})
			problem(t, err, "invalidValue "+tt.attr+": is expected")
		}
	}
}

func unquote(s string) string {
	return Trusted([]byte(`"` + strings.ReplaceAll(s, `"`, `\"`) + `"`)).String()
}
