package settings

import (
	"regexp"
	"strings"

	"github.com/scimkit/scimkit/schema"
)

// enterprise begins the names of the enterprise extension (RFC 7643 section 4.3).
const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:"

// entraMappings are the target attributes of people that an application has in
// Entra ID from the start. Each that is left in the list is sent, and a PATCH with
// a path that the server does not have is refused with all that is in it.
var entraMappings = []string{
	"userName", "active", "displayName", "title", `emails[type eq "work"].value`, "preferredLanguage",
	"name.givenName", "name.familyName", "name.formatted",
	`addresses[type eq "work"].formatted`, `addresses[type eq "work"].streetAddress`, `addresses[type eq "work"].locality`,
	`addresses[type eq "work"].region`, `addresses[type eq "work"].postalCode`, `addresses[type eq "work"].country`,
	`phoneNumbers[type eq "work"].value`, `phoneNumbers[type eq "mobile"].value`, `phoneNumbers[type eq "fax"].value`,
	"externalId", enterprise + "employeeNumber", enterprise + "department", enterprise + "manager",
}

var valueFilter = regexp.MustCompile(`\[[^]]*\]`)

// missing are those of mappings that a User of the server does not have, or that
// nobody may write. It is nil if the types are not known.
func (o *Options) missing(mappings []string) []string {
	var all []string
	for _, t := range o.ResourceTypes {
		for _, path := range mappings {
			if t.Name == "User" && !writable(t, valueFilter.ReplaceAllLiteralString(path, "")) {
				all = append(all, path)
			}
		}
	}
	return all
}

// writable looks at both parts of a path: a.b of the core schema, or a name with
// the URN of its extension.
func writable(t *schema.ResourceType, path string) bool {
	a, ok := t.Attribute(path)
	if ok && !strings.HasPrefix(path, enterprise) {
		first, _, _ := strings.Cut(path, ".")
		whole, _ := t.Attribute(first)
		ok = whole != nil && whole.Mutability != schema.ReadOnly
	}
	return ok && a.Mutability != schema.ReadOnly
}
