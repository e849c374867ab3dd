package filter_test

import (
	"strings"
	"testing"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/schema"
)

const benchUser = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
"id":"2819c223-7f76-453a-919d-413861904646","externalId":"701984","userName":"bjensen@example.com",
"name":{"formatted":"Ms. Barbara J Jensen III","familyName":"Jensen","givenName":"Barbara"},
"displayName":"Babs \"B\" Jensen","title":"Führungskraft","nickName":"a nickname that is longer than most, and indeed longer than the space that a comparison has on the stack for its key, so that it takes another","userType":"Employee","active":true,
"emails":[{"value":"babs@jensen.org","type":"home"},{"value":"bjensen@example.com","type":"work","primary":true}],
"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"701984","department":"Tour Operations","manager":{"value":"26118915-6090-4610-87e4-49d8ca9f808d"}},
"meta":{"resourceType":"User","created":"2010-01-23T04:56:22Z","lastModified":"2011-05-13T04:42:34.1234567+02:00","version":"W/\"3694e05e9dff590\""}}`

var parseBenchmarks = []string{
	`userName eq "bjensen@example.com"`,
	`externalId eq "701984" and active eq true`,
	`emails[type eq "work" and value co "@example.com"]`,
	`urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "Tour"`,
	`meta.lastModified gt "2011-05-13T04:42:34Z"`,
	`title pr and (userType eq "Employee" or userType eq "Intern")`,
}

var matchBenchmarks = []string{
	`userName eq "nobody@example.com"`,
	`userName eq "BJENSEN@example.com"`,
	`externalId eq "701984"`,
	`active eq true`,
	`displayName eq "Babs \"B\" Jensen"`,
	`displayName co "jensen"`,
	`title eq "führungskräfte"`,
	`nickName co "xyz"`,
	`name.familyName sw "J"`,
	`emails.value co "@example.org"`,
	`emails[type eq "work" and value ew "@example.com"]`,
	`meta.lastModified gt "2011-05-13T04:42:34Z"`,
	`urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "Sales"`,
	`title pr and not (userType ne "Employee" or active eq false)`,
	`schemas eq "urn:example:x"`,
}

func BenchmarkParse(b *testing.B) {
	for _, text := range parseBenchmarks {
		b.Run(name(text), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := filter.Parse(text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// The worst text within the default limits.
func BenchmarkParseAtTheCap(b *testing.B) {
	text := strings.Repeat(`a eq "\n" and `, 499) + `a eq "b"`
	b.ReportAllocs()
	for b.Loop() {
		if _, err := filter.Parse(text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBind(b *testing.B) {
	m := schema.UserType().Model()
	for _, text := range parseBenchmarks {
		b.Run(name(text), func(b *testing.B) {
			e, err := filter.Parse(text)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := filter.BindIn(e, m, 0, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkMatch(b *testing.B) {
	r := user(b, benchUser)
	for _, text := range matchBenchmarks {
		b.Run(name(text), func(b *testing.B) {
			f := mustBind(b, text, schema.UserType().Model(), nil)
			b.ReportAllocs()
			for b.Loop() {
				f.Match(r)
			}
		})
	}
}

// 500 ids asked for at once.
func BenchmarkMatchLookup(b *testing.B) {
	r := user(b, benchUser)
	f := mustBind(b, strings.Repeat(`id eq "a" or `, 499)+`id eq "b"`, schema.UserType().Model(), nil)
	b.ReportAllocs()
	for b.Loop() {
		f.Match(r)
	}
}

// The floor of a simple comparison: a field of a struct, behind an interface
// and in any letter case.
func BenchmarkTypedCompare(b *testing.B) {
	type typed struct{ userName string }
	users := []any{&typed{"bjensen@example.com"}, &typed{"bjensen@example.org"}}
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		if u := users[i&1].(*typed); strings.EqualFold(u.userName, "BJENSEN@example.com") != (i&1 == 0) {
			b.Fatal(u)
		}
		i++
	}
}

func name(text string) string {
	text = strings.ReplaceAll(strings.ReplaceAll(text, " ", "_"), "/", "")
	return strings.ReplaceAll(text, "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", "enterprise")
}
