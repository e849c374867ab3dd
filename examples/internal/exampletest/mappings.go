package exampletest

import (
	"fmt"
	"html"
	"net/http"
	"strings"
	"testing"
)

const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:"

// mappings are what Entra ID sends of a person by default, with values.
var mappings = map[string]any{
	"active": "True", "displayName": "Mira Holt", "title": "Analyst", "preferredLanguage": "en-GB",
	"name.givenName": "Mira", "name.familyName": "Holt", "name.formatted": "Mira Holt", "externalId": "x-1",
	`addresses[type eq "work"].formatted`: "1 Quay St", `addresses[type eq "work"].streetAddress`: "1 Quay St",
	`addresses[type eq "work"].locality`: "Northport", `addresses[type eq "work"].region`: "N",
	`addresses[type eq "work"].postalCode`: "1", `addresses[type eq "work"].country`: "NO",
	`phoneNumbers[type eq "work"].value`: "+1 555 0103", `phoneNumbers[type eq "mobile"].value`: "+1 555 0104",
	`phoneNumbers[type eq "fax"].value`: "+1 555 0105",
	enterprise + "employeeNumber":       "7", enterprise + "department": "Orbit", enterprise + "manager": "no-such-person",
}

// Mappings tries what Entra ID sends by default: the settings page must list what
// the product refuses as mappings to be deleted, and nothing else. patch sends a
// body to a person whose userName, an e-mail address, is login.
func Mappings(t *testing.T, page, login string, patch func(body string) (status int)) {
	t.Helper()
	page = page[strings.Index(page, `id="guide-entra"`):]
	_, list, ok := strings.Cut(html.UnescapeString(page[:strings.Index(page, "</details>")]), "delete the rows")
	if list, _, _ = strings.Cut(list, "</li>"); !ok {
		t.Fatal("the page has no list of mappings to delete")
	}
	all := map[string]any{"userName": login, `emails[type eq "work"].value`: login}
	for path, value := range mappings {
		all[path] = value
	}
	refused := 0
	for path, value := range all {
		got := patch(fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"Replace","path":%q,"value":%q}]}`, path, value))
		if got == http.StatusBadRequest {
			refused++
		}
		if listed := strings.Contains(list, "<code>"+path+"</code>"); listed != (got == http.StatusBadRequest) || got >= 500 {
			t.Errorf("%s is answered by %d, and on the page as one to delete: %v", path, got, listed)
		}
	}
	if refused == 0 || refused == len(all) {
		t.Errorf("%d of %d are refused: this shows nothing", refused, len(all))
	}
}
