package patch

import (
	"fmt"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/internal/document"
)

const storedUser = `{"id":"2819c223-7f76-453a-919d-413861904646","externalId":"701984","userName":"bjensen@example.com",
"name":{"formatted":"Ms. Barbara J Jensen, III","familyName":"Jensen","givenName":"Barbara","middleName":"Jane","honorificPrefix":"Ms."},
"displayName":"Babs Jensen","nickName":"Babs","title":"Tour Guide","userType":"Employee","preferredLanguage":"en-US","active":true,
"emails":[{"value":"bjensen@example.com","type":"work","primary":true},{"value":"babs@jensen.org","type":"home"}],
"addresses":[{"type":"work","streetAddress":"100 Universal City Plaza","locality":"Hollywood","region":"CA","postalCode":"91608","country":"US","primary":true}],
"phoneNumbers":[{"value":"tel:555-555-5555","type":"work"},{"value":"tel:555-555-4444","type":"mobile"}],
"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"701984","costCenter":"4130","department":"Tour Operations","manager":{"value":"26118915"}},
"meta":{"resourceType":"User","created":"2010-01-23T04:56:22Z","lastModified":"2011-05-13T04:42:34Z","version":"W/\"3694e05e9dff590\""}}`

// entra is what Microsoft Entra ID sends for a changed user.
var entra = []byte(message(`[
	{"op":"Replace","path":"displayName","value":"Barbara Vale"},
	{"op":"Replace","path":"name.familyName","value":"Vale"},
	{"op":"Replace","path":"emails[type eq \"work\"].value","value":"bvale@example.com"},
	{"op":"Add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department","value":"Orbit"},
	{"op":"Replace","path":"active","value":"False"}]`))

func BenchmarkEntra5(b *testing.B) {
	before := load(b, userType, storedUser)
	tree := document.NewTree(userType)
	o := tolerant()
	o.Values.DropRefs = true
	b.ReportAllocs()
	for b.Loop() {
		r, err := Parse(entra, userType, o)
		if err != nil {
			b.Fatal(err)
		}
		if _, changed, err := r.Edit(tree, before); !changed || err != nil {
			b.Fatal(changed, err)
		}
	}
}

func BenchmarkParseEntra5(b *testing.B) {
	o := tolerant()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(entra, userType, o); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDeactivate(b *testing.B) {
	before := load(b, userType, storedUser)
	tree := document.NewTree(userType)
	o := tolerant()
	body := []byte(message(`[{"op":"replace","value":{"active":false}}]`))
	b.ReportAllocs()
	for b.Loop() {
		r, err := Parse(body, userType, o)
		if err != nil {
			b.Fatal(err)
		}
		if _, changed, err := r.Edit(tree, before); !changed || err != nil {
			b.Fatal(changed, err)
		}
	}
}

// BenchmarkDelta grows with the values in the request and with nothing else.
func BenchmarkDelta(b *testing.B) {
	for _, n := range []int{1, 100, 10000} {
		list := make([]string, n)
		for i := range list {
			list[i] = fmt.Sprintf(`{"value":"2819c223-7f76-453a-919d-%012d"}`, i)
		}
		body := []byte(message(`[{"op":"Add","path":"members","value":[` + strings.Join(list, ",") + `]}]`))
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			o := tolerant()
			b.ReportAllocs()
			for b.Loop() {
				r, err := Parse(body, groupType, o)
				if err != nil {
					b.Fatal(err)
				}
				if d, _, ok := r.Split(members); !ok || len(d.Add) != n {
					b.Fatal(d)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/value")
		})
	}
}

// BenchmarkWorst has the most expensive requests that the limits allow.
func BenchmarkWorst(b *testing.B) {
	big := make([]string, 20000)
	for i := range big {
		big[i] = fmt.Sprintf("m%d", i)
	}
	repeat := func(n int, format string) string {
		ops := make([]string, n)
		for i := range ops {
			ops[i] = fmt.Sprintf(format, i)
		}
		return "[" + strings.Join(ops, ",") + "]"
	}
	emails := make([]string, 999)
	for i := range emails {
		emails[i] = fmt.Sprintf(`{"value":"e%d"}`, i)
	}
	user := load(b, userType, `{"userName":"a","emails":[`+strings.Join(emails, ",")+`]}`)
	for _, c := range []struct {
		name   string
		before *document.Doc
		ops    string
	}{
		{"members by filter", group(b, big), repeat(1000, `{"op":"remove","path":"members[value eq \"m%d\"]"}`)},
		{"members one by one", group(b, big), repeat(1000, `{"op":"add","path":"members","value":{"value":"n%d"}}`)},
		{"emails by filter", user, repeat(1000, `{"op":"replace","path":"emails[value eq \"e%d\"].display","value":"x"}`)},
		{"emails one by one", user, repeat(1000, `{"op":"add","path":"emails","value":{"value":"e%d","display":"x"}}`)},
	} {
		b.Run(c.name, func(b *testing.B) {
			tree := document.NewTree(c.before.Type())
			o := tolerant()
			for b.Loop() {
				r, err := Parse([]byte(message(c.ops)), c.before.Type(), o)
				if err != nil {
					b.Fatal(err)
				}
				if _, _, err := r.Edit(tree, c.before); err != nil {
					b.Log(err)
				}
			}
		})
	}
}

// BenchmarkFloor reads and writes the resource without changing it.
func BenchmarkFloor(b *testing.B) {
	before := load(b, userType, storedUser)
	tree := document.NewTree(userType)
	b.ReportAllocs()
	for b.Loop() {
		tree.Reset(userType)
		tree.Load(before)
		if err := tree.Finish(nil); err != nil {
			b.Fatal(err)
		}
		tree.Doc()
	}
}
