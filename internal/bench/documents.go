package bench

import (
	"fmt"
	"strings"
)

const (
	userURN       = "urn:ietf:params:scim:schemas:core:2.0:User"
	groupURN      = "urn:ietf:params:scim:schemas:core:2.0:Group"
	enterpriseURN = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	mediaType     = "application/scim+json"
	token         = "token-for-benchmarks-0123456789abcdef"
	host          = "example.com"
)

// placeholder stands for the number of a user in a request that makes users.
const placeholder = "~number~~~"

// number is the number of user i as its documents show it, of the length of
// the placeholder.
func number(i int) string { return fmt.Sprintf("%0*d", len(placeholder), i) }

func userName(i int) string { return "mira.holt" + number(i) + "@example.test" }

// userBody is a user as an identity provider sends it: 1.1 KB, with the
// enterprise extension (RFC 7643 section 4.3).
func userBody(number, title string) string {
	return strings.NewReplacer("NUMBER", number, "TITLE", title).Replace(`{"schemas":["` + userURN + `","` + enterpriseURN + `"],` +
		`"externalId":"00u-NUMBER","userName":"mira.holtNUMBER@example.test",` +
		`"name":{"formatted":"Ms. Mira Holt","familyName":"Holt","givenName":"Mira","honorificPrefix":"Ms."},` +
		`"displayName":"Mira Holt","nickName":"Mira","title":"TITLE","userType":"Employee","preferredLanguage":"en-US",` +
		`"locale":"en-US","timezone":"Europe/Berlin","active":true,` +
		`"emails":[{"value":"mira.holtNUMBER@example.test","type":"work","primary":true},{"value":"mira@home.example","type":"home"}],` +
		`"phoneNumbers":[{"value":"+1-201-555-0123","type":"work"},{"value":"+1-201-555-0124","type":"mobile"}],` +
		`"addresses":[{"streetAddress":"100 Universal City Plaza","locality":"Hollywood","region":"CA","postalCode":"91608","country":"US","type":"work"}],` +
		`"` + enterpriseURN + `":{"employeeNumber":"701984","costCenter":"4130","organization":"Universal Studios",` +
		`"division":"Theme Park","department":"Tour Operations","manager":{"value":"26118915-6090-4610-87e4-49d8ca9f808d"}}}`)
}

// smallUser is a user who is there to be the member of groups.
func smallUser(i int) string {
	return `{"schemas":["` + userURN + `"],"userName":"` + userName(i) + `"}`
}

// entraPatch is what Entra ID sends when a user changes department.
func entraPatch(department string, active bool) string {
	return fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[`+
		`{"op":"Replace","path":"displayName","value":"Mira Holt (%[1]s)"},`+
		`{"op":"Replace","path":"active","value":%[2]t},`+
		`{"op":"Add","path":"name.familyName","value":"Holt %[1]s"},`+
		`{"op":"Add","path":"emails[type eq \"work\"].value","value":"mira.%[3]s@example.test"},`+
		`{"op":"Add","path":"`+enterpriseURN+`:department","value":"%[1]s"}]}`,
		department, active, strings.ToLower(strings.ReplaceAll(department, " ", ".")))
}

// memberPatch is what Entra ID sends to add a member, and what it should send
// to remove one.
func memberPatch(op string) string {
	path, value := "members", `,"value":[{"value":"{spare}"}]`
	if op == "Remove" {
		path, value = `members[value eq \"{spare}\"]`, ""
	}
	return `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"` + op + `","path":"` + path + `"` + value + `}]}`
}

// group is an empty group.
func group(name string) string {
	return `{"schemas":["` + groupURN + `"],"displayName":"` + name + `"}`
}
