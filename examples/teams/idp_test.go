package main

import (
	"testing"

	"github.com/scimkit/scimkit/internal/idptest"
	"github.com/scimkit/scimkit/scim"
)

// lacks are the cases that need what a team product does not have.
var lacks = []idptest.Lack{
	{Attribute: "displayName", Cases: []string{
		"auth0-002", "entra-012", "mspm-002", "msval-003", "msval-008", "okta-006", "ping-003",
	}},
	{Attribute: "title", Cases: []string{"entra-013", "entra-014", "entra-053", "entra-054", "oracle-002"}},
	{Attribute: "phoneNumbers", Cases: []string{"entra-021", "gen-019"}},
	{Attribute: "addresses", Cases: []string{"mspm-014"}},
	{Attribute: "roles", Cases: []string{"entra-032", "entra-033", "keycloak-003"}},
	{Attribute: "emails.display", Cases: []string{"gen-020"}},
	{Extension: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", Cases: []string{
		"entra-010", "entra-024", "entra-026", "entra-027", "entra-028", "entra-039",
		"entraflag-005", "entraflag-006", "msval-006", "sailpoint-006",
	}},
	{Rule: "a second e-mail address, or another than userName", Cases: []string{
		"entra-019", "entra-020", "entra-023", "entraflag-003", "gen-002", "mspm-012", "mspm-013", "msval-017",
	}},
}

// TestIdentityProviders replays what identity providers send, over HTTP, with a
// token that the product's API has made.
func TestIdentityProviders(t *testing.T) {
	idptest.Run(t, lacks, func(t *testing.T, tolerance *scim.Tolerance) (string, string) {
		s := start(t, func(c *config) { c.Tolerance = tolerance })
		return s.baseURL(demoTenant), s.newToken(demoTenant)
	})
}
