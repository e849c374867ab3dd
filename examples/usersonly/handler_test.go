package main

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/examples/internal/exampletest"
	"github.com/scimkit/scimkit/examples/internal/host"
	"github.com/scimkit/scimkit/internal/idptest"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/storetest"
)

// TestHandler runs the contract against a file, where who reads does not wait for
// who writes. All other tests are in memory.
func TestHandler(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) storetest.Host {
		return storetest.Host{
			Endpoints: []scim.Endpoint{{Type: userType, Handler: users{openDB(t, exampletest.DB(t, filepath.Join(t.TempDir(), "users.db")))}}},
			Adjust: func(_ *scim.ResourceType, attributes map[string]any) {
				if attributes["active"] == nil {
					attributes["active"] = true // nobody is neither active nor not
				}
			},
		}
	})
}

// lacks are the cases that need what the product does not have.
var lacks = []idptest.Lack{
	{Endpoint: "/Groups", Cases: []string{
		"authentik-005", "authentik-006", "authentik-007", "entra-040", "entra-041", "entra-043", "entra-044", "entra-046",
		"entra-048", "entra-049", "gen-006", "gen-014", "gen-018", "gen-037", "gen-042", "jumpcloud-003",
		"jumpcloud-007", "keycloak-002", "keycloak-005", "mspm-004", "mspm-006", "mspm-021", "msval-007", "msval-011",
		"msval-013", "msval-015", "okta-017", "okta-018", "okta-020", "okta-022", "oktaaiw-003", "oktaspec-013",
		"onelogin-003", "onelogin-008", "onelogin-009", "sfdc-001", "ssosync-002", "wso2-002", "wso2-005", "wso2-006",
	}},
	{Extension: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", Cases: []string{
		"entra-010", "entra-024", "entra-026", "entra-027", "entra-028", "entra-039",
		"entraflag-005", "entraflag-006", "msval-006", "sailpoint-006",
	}},
	{Attribute: "phoneNumbers", Cases: []string{"entra-021", "gen-019"}},
	{Attribute: "preferredLanguage", Cases: []string{"msval-003"}},
	{Attribute: "roles", Cases: []string{"entra-032", "entra-033", "keycloak-003"}},
	{Attribute: "addresses", Cases: []string{"mspm-014"}},
}

// TestIdentityProviders replays what identity providers send, over HTTP, with a
// generated key.
func TestIdentityProviders(t *testing.T) {
	idptest.Run(t, lacks, func(t *testing.T, tolerance *scim.Tolerance) (string, string) {
		s := start(t, func(c *config) { c.Tolerance = tolerance })
		return s.baseURL(), s.key
	})
}

// TestNoAddress: a userName that is no e-mail address is refused and changes
// nothing.
func TestNoAddress(t *testing.T) {
	s := start(t, nil)
	path := scimPath + "/Users/" + s.create(`{"userName":"ada@example.com"}`)
	for _, name := range []string{"ada", "ada@", "Ada <ada@example.com>", strings.Repeat("a", 260) + "@x.example"} {
		for _, tt := range []struct{ method, path, body string }{
			{"POST", scimPath + "/Users", `{"userName":%q}`},
			{"PUT", path, `{"userName":%q}`},
			{"PATCH", path, `{"Operations":[{"op":"replace","path":"userName","value":%q}]}`},
		} {
			got := s.do(tt.method, tt.path, fmt.Sprintf(tt.body, name))
			if got.StatusCode != http.StatusBadRequest || got.object(t)["scimType"] != "invalidValue" {
				t.Errorf("%s with %.40q = %d %s", tt.method, name, got.StatusCode, got.body)
			}
		}
	}
	if got := s.do("GET", scimPath+"/Users", "").object(t); got["totalResults"] != 1.0 {
		t.Errorf("then there are %v", got)
	}
}

// TestTooMany: a question that needs all rows is refused where there are too
// many, and others are answered.
func TestTooMany(t *testing.T) {
	s := start(t, nil)
	err := s.db.Write(t.Context(), func(tx *host.Tx) error {
		_, err := tx.Exec(`WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < $1)
			INSERT INTO users SELECT 'u' || n, 'u' || n || '@x.example', 'u' || n || '@x.example', '', '', '', '', '', '', TRUE, 1, 1, '1' FROM n`, maxScan+1)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for query, status := range map[string]int{
		`filter=userName+co+%22u77%22`: 400, `sortBy=userName&count=1`: 400, `filter=userName+eq+%22U77@x.example%22`: 200, `startIndex=9999`: 200,
	} {
		got := s.do("GET", scimPath+"/Users?"+query, "")
		if got.StatusCode != status || status == 400 && got.object(t)["scimType"] != "tooMany" {
			t.Errorf("%s = %d %.300s", query, got.StatusCode, got.body)
		}
	}
}
