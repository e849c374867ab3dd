package patch

import (
	"fmt"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/quirk"
)

// TestMessage has whole messages: what they say under the letter of the RFC,
// and with a quirk.
func TestMessage(t *testing.T) {
	const op = `{"op":"add","path":"title","value":"a"}`
	for _, c := range []struct {
		name, body, strict string
		quirk              quirk.Set // with it, the title is a, or nothing changes
		changed            bool
	}{
		{"R-307 schemas", message("[" + op + "]"), "", 0, true},
		{"R-307 and another schema, other letter case", `{"schemas":["urn:x:y","URN:ietf:params:scim:api:messages:2.0:patchop"],"Operations":[` + op + `]}`, "", 0, true},
		{"R-307 no schemas", `{"Operations":[` + op + `]}`, invalidSyntax, quirk.Of(quirk.PatchNoSchemas), true},
		{"R-307 empty schemas", `{"schemas":[],"Operations":[` + op + `]}`, invalidSyntax, quirk.Of(quirk.PatchNoSchemas), true},
		{"R-307 null schemas", `{"schemas":null,"Operations":[` + op + `]}`, invalidSyntax, quirk.Of(quirk.PatchNoSchemas), true},
		{"R-307 wrong schema", `{"schemas":["` + userURN + `"],"Operations":[` + op + `]}`, invalidSyntax, 0, false},
		{"R-307 schemas are a string", `{"schemas":"` + Schema + `","Operations":[` + op + `]}`, invalidSyntax, 0, false},
		{"R-308 no operations", `{"schemas":["` + Schema + `"]}`, invalidSyntax, 0, false},
		{"R-308 empty operations", message("[]"), invalidSyntax, quirk.Of(quirk.PatchEmpty), false},
		{"R-308 operations are an object", message(op), invalidSyntax, 0, false},
		{"R-308 an operation is a string", message(`["add"]`), invalidSyntax, 0, false},
		{"R-309 no op", message(`[{"path":"title","value":"a"}]`), invalidSyntax, 0, false},
		{"R-309 move", message(`[{"op":"move","path":"title","value":"a"}]`), invalidSyntax, 0, false},
		{"R-309 op is a number", message(`[{"op":1,"path":"title","value":"a"}]`), invalidSyntax, 0, false},
		{"R-310 path is a number", message(`[{"op":"add","path":1,"value":"a"}]`), invalidPath, 0, false},
		{"R-310 null path is none", message(`[{"op":"add","path":null,"value":{"title":"a"}}]`), "", 0, true},
		{"patch-keys", `{"id":"7","Schemas":["` + Schema + `"],"operations":[` + op + `]}`, invalidSyntax, quirk.Of(quirk.PatchKeys), true},
		{"patch-bare", op, invalidSyntax, quirk.Of(quirk.PatchBare), true},
		{"leading-slash", message(`[{"op":"add","path":"/title","value":"a"}]`), invalidPath, quirk.Of(quirk.LeadingSlash), true},
		{"the body is an array", `[` + op + `]`, invalidSyntax, 0, false},
		{"the body is nothing", ``, invalidSyntax, 0, false},
		{"the body breaks off", message("[" + op), invalidSyntax, 0, false},
		{"twice the same key", message(`[{"op":"add","op":"remove","path":"title","value":"a"}]`), invalidSyntax, 0, false},
		{"twice the same key, letter case", message(`[{"op":"add","path":"title","value":"a","PATH":"nickName"}]`), invalidSyntax, 0, false},
		{"twice the same attribute", message(`[{"op":"add","value":{"title":"a","Title":"b"}}]`), invalidSyntax, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := load(t, userType, `{"userName":"a"}`)
			all := everything()
			if _, _, err := send(before, c.body, options(all&^c.quirk&^off)); scimType(err) != c.strict && c.quirk != 0 {
				t.Errorf("all but the quirk: %v, want %s", err, c.strict)
			}
			after, changed, err := send(before, c.body, strict())
			if scimType(err) != c.strict {
				t.Errorf("strict: %v, want %s", err, c.strict)
			}
			if c.quirk != 0 {
				o := options(c.quirk)
				if after, changed, err = send(before, c.body, o); err != nil {
					t.Fatal(err)
				}
				if o.Values.Log.Used&c.quirk != c.quirk {
					t.Error("the quirk is not noted")
				}
			}
			if changed != c.changed || err == nil && c.changed != strings.Contains(string(after.Bytes()), `"title":"a"`) {
				t.Errorf("changed %t, %s", changed, after.Bytes())
			}
		})
	}
}

func TestScim11Members(t *testing.T) {
	body := `{"schemas":["urn:scim:schemas:core:1.0"],"displayName":"N","members":[{"value":"a","operation":"delete"},{"value":"c"}]}`
	before := load(t, groupType, `{"displayName":"G",`+twoMembers+`}`)
	if _, _, err := send(before, body, tolerant()); scimType(err) != invalidSyntax {
		t.Errorf("it is on: %v", err)
	}
	after, _, err := send(before, body, strict(quirk.Scim11Members))
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"schemas":["` + groupURN + `"],"displayName":"N","members":[{"value":"b"},{"value":"c"}]}`; string(after.Bytes()) != want {
		t.Errorf("%s, want %s", after.Bytes(), want)
	}
}

// TestLimits goes over each limit by one.
func TestLimits(t *testing.T) {
	repeat := func(n int, f func(int) string) string {
		list := make([]string, n)
		for i := range list {
			list[i] = f(i)
		}
		return strings.Join(list, ",")
	}
	title := func(int) string { return `{"op":"add","path":"title","value":"a"}` }
	member := func(i int) string { return fmt.Sprintf(`{"value":"m%d"}`, i) }
	depth := func(n int) string {
		return `[{"op":"remove","path":"emails[` + strings.Repeat("(", n-1) + `type eq \"a\"` + strings.Repeat(")", n-1) + `]"}]`
	}
	path := func(n int) string {
		return `[{"op":"remove","path":"emails[type eq \"` + strings.Repeat("x", n-len(`emails[type eq ""]`)) + `\"]"}]`
	}
	keys := func(n int) string {
		return `[{"op":"add","value":{` + repeat(n, func(i int) string {
			return `"emails[type eq` + strings.Repeat(" ", 1+i%500) + `\"w\"` + strings.Repeat(" ", i/500) + `].value":"w"`
		}) + `}}]`
	}
	group := func(n int) string { return `[{"op":"add","path":"members","value":[` + repeat(n, member) + `]}]` }
	email := func(i int) string { return fmt.Sprintf(`{"op":"add","path":"emails","value":{"value":"m%d"}}`, i) }
	for _, c := range []struct {
		name, ops, typ, limit string
		over                  bool
	}{
		{"operations", "[" + repeat(1000, title) + "]", "", "", false},
		{"operations", "[" + repeat(1001, title) + "]", invalidValue, "limit of 1000", true},
		{"path", path(1024), "", "", false},
		{"path", path(1025), invalidPath, "limit of 1024 bytes", true},
		{"filter depth", depth(8), "", "", false},
		{"filter depth", depth(9), invalidFilter, "limit of 8", true},
		{"keys with filters", keys(1000), "", "", false},
		{"keys with filters", keys(1001), invalidValue, "limit of 1000 operations", true},
		{"members", group(20000), "", "", false},
		{"members", group(20001), invalidValue, "limit of 20000", true},
		{"elements", "[" + repeat(1000, email) + "]", "", "", false},
		{"elements", `[{"op":"add","path":"emails","value":[` + repeat(1000, member) + `]},{"op":"add","path":"emails","value":{"value":"o"}}]`, invalidValue, "elements than the limit of 1000", true},
		{"elements by a filter", `[{"op":"add","path":"emails","value":[` + repeat(1000, member) + `]},{"op":"add","path":"emails[value eq \"o\"].type","value":"o"}]`, invalidValue, "elements than the limit of 1000", true},
	} {
		t.Run(fmt.Sprintf("%s %t", c.name, c.over), func(t *testing.T) {
			typ, before := userType, `{"userName":"a"}`
			if c.name == "members" {
				typ, before = groupType, `{"displayName":"G"}`
			}
			_, _, err := send(load(t, typ, before), message(c.ops), tolerant())
			if scimType(err) != c.typ {
				t.Fatalf("%v, want %q", err, c.typ)
			}
			if err != nil && !strings.Contains(err.Error(), c.limit) {
				t.Errorf("%v does not name the %s", err, c.limit)
			}
		})
	}
	keeping := tolerant()
	keeping.Values.Unknown = document.KeepUnknown
	ghosts := func(n int) string {
		return `[{"op":"add","value":{` + repeat(n, func(i int) string { return fmt.Sprintf(`"ghost%d":1`, i) }) + `}}]`
	}
	for n, want := range map[int]string{1000: "", 1001: invalidValue} {
		if _, _, err := send(load(t, userType, `{"userName":"a"}`), message(ghosts(n)), keeping); scimType(err) != want {
			t.Errorf("%d attributes outside the schema: %v", n, err)
		}
	}
	o := Options{Limits: Limits{Operations: 2, PathBytes: 5, FilterDepth: 1}, Values: document.Options{Limits: document.Limits{Elements: 1}}}
	for ops, want := range map[string]string{
		"[" + repeat(3, title) + "]":                                                        invalidValue,
		`[{"op":"remove","path":"locale"}]`:                                                 invalidPath,
		`[{"op":"add","path":"ims","value":[{"value":"a"},{"value":"b"}]}]`:                 invalidValue,
		`[{"op":"add","path":"title","value":"a"},{"op":"add","path":"title","value":"a"}]`: "",
	} {
		if _, _, err := send(load(t, userType, `{"userName":"a"}`), message(ops), o); scimType(err) != want {
			t.Errorf("%s: %v, want %q", ops, err, want)
		}
	}
}

// TestErrorText reads as a client would: which operation, which attribute,
// which rule.
func TestErrorText(t *testing.T) {
	for ops, want := range map[string]string{
		`[{"op":"add","path":"title","value":"a"},{"op":"replace","path":"emails[type eq \"work\"].value","value":"x"}]`: `Operations[1], emails[type eq "work"].value: no element of emails is selected`,
		`[{"op":"add","value":{"active":7}}]`:                                `Operations[0], active: true or false is expected, not a number`,
		`[{"op":"add","path":"emails","value":[{"value":"a","primary":7}]}]`: `Operations[0], emails: emails.primary: true or false is expected, not a number`,
		`[{"op":"replace","path":"id","value":"x"}]`:                         `Operations[0], id: the attribute id is readOnly`,
		`[{"op":"remove","path":"userName"}]`:                                `Operations[0], userName: the attribute userName is required: it cannot be removed`,
		`[{"op":"remove"}]`:                                                  `Operations[0]: "remove" needs a path (RFC 7644 section 3.5.2.2)`,
		`[{"op":"remove","path":"` + strings.Repeat("é", 200) + `"}]`:        `Operations[0], ` + strings.Repeat("é", 60) + `…: resource type User has no such attribute`,
		`[]`: `"Operations" is empty`,
	} {
		_, _, err := send(load(t, userType, `{"userName":"a"}`), message(ops), strict())
		if err == nil || err.Error() != want {
			t.Errorf("%s:\n%v, want\n%s", ops, err, want)
		}
	}
}
