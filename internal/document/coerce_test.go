package document_test

import (
	"fmt"
	"strings"
	"testing"

	. "github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/internal/quirk"
)

// coercions are what identity providers send in place of what the schema
// wants. Each is refused without the quirks, or read as strict says, and read
// as tolerant says with them.
var coercions = []struct {
	typ                    *model.Type
	quirks                 string
	body, strict, tolerant string
}{
	// Q20, Q21
	{userType, "string-boolean", `{"active":"False"}`, "invalidValue active: true or false is expected, not a string", `{"active":false}`},
	{userType, "string-boolean", `{"active":"TRUE"}`, "invalidValue active: true or false is expected, not a string", `{"active":true}`},
	{userType, "string-boolean", `{"emails":[{"value":"a","primary":"True"}]}`, "invalidValue emails.primary: true or false",
		`{"emails":[{"value":"a","primary":true}]}`},
	{userType, "string-boolean", `{"active":"\u0074rue"}`, "invalidValue active: true or false", `{"active":true}`},
	{userType, "", `{"active":"yes"}`, "invalidValue active: true or false", "invalidValue active: true or false is expected, not a string"},
	{userType, "", `{"active":" true"}`, "invalidValue active: true or false", "invalidValue active: true or false"},
	{userType, "", `{"active":"ﬀalse"}`, "invalidValue active: true or false", "invalidValue active: true or false"},
	{userType, "empty-string", `{"active":""}`, "invalidValue active: a value of type boolean must not be empty", `{}`},

	// Q22
	{groupType, "unwrap", `{"displayName":["Team Cobalt"]}`, "invalidValue displayName: one value is expected, not an array", `{"displayName":"Team Cobalt"}`},
	{userType, "unwrap", `{"name":[{"givenName":"a"}]}`, "invalidValue name: one value is expected", `{"name":{"givenName":"a"}}`},
	{userType, "unwrap", `{"emails":[{"value":["a"]}]}`, "invalidValue emails.value: one value", `{"emails":[{"value":"a"}]}`},
	{userType, "unwrap", `{"title":[],"active":[null]}`, "invalidValue title: one value", `{}`},
	{userType, "unwrap", `{"` + enterpriseURN + `":[{"department":"a"}]}`, "invalidValue " + enterpriseURN + ": one value", `{"` + enterpriseURN + `":{"department":"a"}}`},
	{userType, "", `{"title":["a","b"]}`, "invalidValue title: one value", "invalidValue title: the attribute has one value, not several"},
	{userType, "", `{"title":["a",null]}`, "invalidValue title: one value", "invalidValue title: the attribute has one value, not several"},
	{userType, "", `{"title":[["a"]]}`, "invalidValue title: one value", "invalidValue title: one value is expected, not an array of arrays"},
	{userType, "", `{"title":["a"`, "invalidValue title: one value", "invalidSyntax : ',' or ']' is expected"},

	// Q23
	{userType, "wrap", `{"emails":{"value":"a"}}`, "invalidValue emails: an array is expected, not an object", `{"emails":[{"value":"a"}]}`},
	{userType, "wrap", `{"emails":"a"}`, "invalidValue emails: an array is expected, not a string", `{"emails":[{"value":"a"}]}`},
	{groupType, "wrap", `{"members":["u1",{"value":"u2"}]}`, "invalidValue members: an object is expected, not a string", `{"members":[{"value":"u1"},{"value":"u2"}]}`},
	{customType, "wrap", `{"texts":"a"}`, "invalidValue texts: an array is expected, not a string", `{"texts":["a"]}`},
	{userType, "wrap empty-string", `{"emails":""}`, "invalidValue emails: an array", `{}`},
	{userType, "wrap empty-string", `{"emails":["",{"value":"a"}]}`, "invalidValue emails: an object", `{"emails":[{"value":"a"}]}`},
	{userType, "wrap", `{"emails":{}}`, "invalidValue emails: an array", `{}`},
	{userType, "", `{"emails":5}`, "invalidValue emails: an array", "invalidValue emails: an array is expected, not a number"},
	{userType, "", `{"emails":[5]}`, "invalidValue emails: an object is expected, not a number", "invalidValue emails: an object is expected, not a number"},
	{userType, "", `{"addresses":["a"]}`, "invalidValue addresses: an object is expected, not a string", "invalidValue addresses: an object is expected, not a string"},
	{userType, "", `{"name":"a"}`, "invalidValue name: an object is expected, not a string", "invalidValue name: an object is expected, not a string"},
	{userType, "", `{"emails":[["a"]]}`, "invalidValue emails: one value", "invalidValue emails: one value is expected, not an array"},

	// Q24
	{userType, "reference-shape", enterprise(`"manager":"m-1"`), "invalidValue " + enterpriseURN + ":manager: an object is expected, not a string",
		enterprise(`"manager":{"value":"m-1"}`)},
	{userType, "unwrap reference-shape", enterprise(`"manager":["m-1"]`), "invalidValue " + enterpriseURN + ":manager: one value", enterprise(`"manager":{"value":"m-1"}`)},
	{userType, "unwrap", enterprise(`"manager":[{"value":"m-1"}]`), "invalidValue " + enterpriseURN + ":manager: one value", enterprise(`"manager":{"value":"m-1"}`)},
	{userType, "", enterprise(`"manager":{"value":"m-1","$ref":null}`), enterprise(`"manager":{"value":"m-1"}`), enterprise(`"manager":{"value":"m-1"}`)},

	// Q25
	{userType, "reference-shape reference-empty", enterprise(`"manager":""`), "invalidValue " + enterpriseURN + ":manager: an object", `{}`},
	{userType, "reference-empty", enterprise(`"manager":{"value":""},"department":"a"`), "invalidValue " + enterpriseURN + ":manager.value: the id of a resource must not be empty", enterprise(`"department":"a"`)},
	{userType, "", enterprise(`"manager":null`), `{}`, `{}`},

	// Q27
	{userType, "empty-string", `{"title":"","userName":"a"}`, `{"userName":"a","title":""}`, `{"userName":"a"}`},
	{userType, "empty-string", `{"emails":[{"type":"work","primary":true,"value":""},{"value":"a"}]}`,
		`{"emails":[{"value":"","type":"work","primary":true},{"value":"a"}]}`, `{"emails":[{"value":"a"}]}`},
	{userType, "empty-string", `{"emails":[{"display":"a","type":"work","value":""}]}`,
		`{"emails":[{"value":"","display":"a","type":"work"}]}`, `{"emails":[{"display":"a","type":"work"}]}`},
	{userType, "empty-string", `{"name":{"givenName":"","familyName":""}}`, `{"name":{"familyName":"","givenName":""}}`, `{}`},
	{userType, "empty-string", `{"profileUrl":""}`, "invalidValue profileUrl: a value of type reference must not be empty", `{}`},
	{customType, "empty-string", `{"texts":["a",""],"count":""}`, "invalidValue count: a value of type integer must not be empty", `{"texts":["a"]}`},
	{customType, "empty-string", `{"parts":[{"value":"","type":"a"},{"value":"b"}]}`,
		"invalidValue parts.value: the attribute is required and must not be empty", `{"parts":[{"value":"b"}]}`},
	{userType, "", `{"userName":""}`, "invalidValue userName: the attribute is required and must not be empty",
		"invalidValue userName: the attribute is required and must not be empty"},
	{customType, "", `{"box":{"label":""}}`, "invalidValue box.label: the attribute is required and must not be empty",
		"invalidValue box.label: the attribute is required and must not be empty"},
	{userType, "", `{"emails":[{"type":"work"}]}`, `{"emails":[{"type":"work"}]}`, `{"emails":[{"type":"work"}]}`},

	// Q19, Q26, Q52: nothing to do
	{userType, "", `{"emails":[{"value":"notAnAddress"}],"roles":[{"value":"{\"id\":\"a\"}"}]}`,
		`{"emails":[{"value":"notAnAddress"}],"roles":[{"value":"{\"id\":\"a\"}"}]}`, `{"emails":[{"value":"notAnAddress"}],"roles":[{"value":"{\"id\":\"a\"}"}]}`},
}

func enterprise(members string) string { return `{"` + enterpriseURN + `":{` + members + `}}` }

func TestCoercions(t *testing.T) {
	for _, tt := range coercions {
		t.Run(tt.quirks, func(t *testing.T) {
			check := func(want string, log *quirk.Log) {
				t.Helper()
				got, err := read(t, tt.typ, tt.body, Options{Log: log})
				if !strings.HasPrefix(want, "{") {
					problem(t, err, want)
				} else if err != nil || got != want {
					t.Errorf("%s\nis   %s %v\nwant %s", tt.body, got, err, want)
				}
			}
			check(tt.strict, nil)
			check(tt.strict, &quirk.Log{})
			var q quirks
			check(tt.tolerant, q.log(quirk.StringBoolean, quirk.Unwrap, quirk.Wrap, quirk.ReferenceShape, quirk.ReferenceEmpty, quirk.EmptyString))
			if strings.HasPrefix(tt.tolerant, "{") && q.used() != tt.quirks {
				t.Errorf("%s: quirks %q, want %q", tt.body, q.used(), tt.quirks)
			}
		})
	}
}

// TestUnassigned: null, an empty array and absence are the same (RFC 7643
// section 2.5), and so is an object without content.
func TestUnassigned(t *testing.T) {
	for _, typ := range []*model.Type{userType, groupType, customType} {
		for id := model.Root + 1; id < typ.Attrs[model.Root].End; id++ {
			a := typ.Attr(id)
			names := []string{a.Name}
			for up := a.Parent; up != model.Root; up = typ.Attrs[up].Parent {
				names = append([]string{typ.Attrs[up].Name}, names...)
			}
			for _, value := range []string{"null", "[]", "{}", "[null]", "[{}]", "[null,{},null]"} {
				if value[0] == '[' && !a.Multi || strings.Contains(value, "{}") && a.Kind != model.Complex || value == "{}" && a.Multi {
					continue
				}
				body := value
				for i := len(names) - 1; i >= 0; i-- {
					body = `{"` + names[i] + `":` + body + `}`
					if i > 0 && typ.Attrs[parentOf(typ, names[:i])].Multi {
						body = "[" + body + "]"
					}
				}
				for _, trusted := range []bool{true, false} {
					if got, err := read(t, typ, body, Options{Trusted: trusted}); err != nil || got != "{}" {
						t.Errorf("%s is %s, %v", body, got, err)
					}
				}
			}
		}
	}
}

func parentOf(typ *model.Type, names []string) model.ID {
	id := model.Root
	for _, name := range names {
		id = typ.SubString(id, name)
	}
	return id
}

// TestLimits has each limit at its value and one over it.
func TestLimits(t *testing.T) {
	const syntax, value = "invalidSyntax ", "invalidValue "
	text := func(n int) string { return strings.Repeat("a", n) }
	for _, tt := range []struct {
		name   string
		limits Limits
		typ    *model.Type
		body   func(n int) string
		most   int
		want   string
	}{
		{"string", limits, userType, func(n int) string { return `{"title":"` + text(n) + `"}` }, 8192,
			syntax + "title: the length of the value in bytes is over the limit of 8192"},
		{"string with escapes", limits, userType, func(n int) string { return `{"title":"` + strings.Repeat(`\u0061`, n) + `"}` }, 8192,
			syntax + "title: over the limit of 8192"},
		{"dateTime", limits, customType, func(n int) string { return `{"when":"2011-05-13T04:42:34.` + strings.Repeat("1", n-20) + `"}` }, 8192,
			syntax + "when: over the limit of 8192"},
		{"binary", limits, customType, func(n int) string { return `{"blob":"` + text(n+n%4) + `"}` }, 65536,
			syntax + "blob: the length of the value in bytes is over the limit of 65536"},
		{"reference", limits, userType, func(n int) string { return `{"photos":[{"value":"` + text(n) + `"}]}` }, 65536,
			syntax + "photos.value: over the limit of 65536"},
		{"unknown string", limits, userType, func(n int) string { return `{"x":"` + text(n) + `"}` }, 65536,
			syntax + ": the length of a string is over the limit of 65536"},
		{"unknown string with escapes", limits, userType, func(n int) string { return `{"x":"` + strings.Repeat(`\n`, n) + `"}` }, 65536,
			syntax + ": the length of a string is over the limit of 65536"},
		{"name", limits, userType, func(n int) string { return `{"` + text(n) + `":1}` }, 65536, syntax + ": the length of a name is over the limit of 65536"},
		{"number", limits, customType, func(n int) string { return `{"ratio":` + strings.Repeat("1", n) + `}` }, 64,
			syntax + ": the length of a number is over the limit of 64"},
		{"depth", limits, userType, func(n int) string { return `{"x":` + strings.Repeat("[", n-1) + strings.Repeat("]", n-1) + `}` }, 32,
			syntax + ": the nesting depth is over the limit of 32"},
		{"depth of a readOnly attribute", limits, userType, func(n int) string { return strings.Repeat(`{"meta":`, n) + "1" + strings.Repeat("}", n) }, 32,
			syntax + ": the nesting depth is over the limit of 32"},
		{"depth without limit", Limits{Depth: 1 << 30}, userType, func(n int) string { return strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n) }, 1000,
			syntax + ": the nesting depth is over the limit of 1000"},
		{"values", limits, userType, func(n int) string { return `{"x":[` + repeat("1", n-2) + `]}` }, 250_000,
			syntax + ": the number of values is over the limit of 250000"},
		{"elements", limits, userType, func(n int) string { return `{"emails":[` + elements(n) + `]}` }, 1000,
			value + "emails: the list is longer than the limit of 1000 elements"},
		{"members", limits, groupType, func(n int) string { return `{"members":[` + elements(n) + `]}` }, 20_000,
			value + "members: the list is longer than the limit of 20000 elements"},
		{"userName", limits, userType, func(n int) string { return `{"userName":"` + strings.Repeat("é", n) + `"}` }, 320,
			value + "userName: the value is longer than the limit of 320 characters"},
		{"externalId", limits, userType, func(n int) string { return `{"externalId":"` + strings.Repeat("日", n) + `"}` }, 512,
			value + "externalId: the value is longer than the limit of 512 characters"},
		{"displayName", limits, groupType, func(n int) string { return `{"displayName":"` + text(n) + `"}` }, 512,
			value + "displayName: the value is longer than the limit of 512 characters"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, o := range []Options{{Limits: tt.limits}, {Limits: tt.limits, Unknown: KeepUnknown}} {
				_, err := read(t, tt.typ, tt.body(tt.most), o)
				problem(t, err, "")
				_, err = read(t, tt.typ, tt.body(tt.most+1), o)
				problem(t, err, tt.want)
			}
			if tt.limits.Depth == 32 {
				if _, err := read(t, tt.typ, tt.body(tt.most+1), Options{}); err != nil {
					t.Errorf("without limit: %v", err)
				}
			}
		})
	}
	// One limit without the other is no limit for strings of unknown kind.
	body := fmt.Sprintf(`{"x":%q}`, text(100_000))
	for _, l := range []Limits{{String: 10}, {LongString: 10}} {
		if _, err := read(t, userType, body, Options{Limits: l}); err != nil {
			t.Errorf("%+v: %v", l, err)
		}
	}
}
