package main

import (
	"io/fs"
	"net/http"

	"github.com/scimkit/scimkit/examples/internal/host"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/token/settings"
)

// settingsPath is where the settings page of a tenant is mounted.
func settingsPath(tenant string) string { return "/app/" + tenant + "/settings/scim/" }

// newSettings makes the page on which an administrator switches SCIM on and makes
// a token. It stands behind forAdmins.
func (a *app) newSettings() (http.Handler, error) {
	bar, err := fs.Sub(pageFiles, "pages/settings")
	if err != nil {
		return nil, err
	}
	return settings.New(settings.Options{
		Manager:  a.tokens,
		Requests: a.requests,
		BaseURL:  a.baseURL("{tenant}"),
		Path:     settingsPath("{tenant}"),
		Product:  "Teams",
		// The set-up steps say what the product does not have.
		ResourceTypes: []*scim.ResourceType{userType, teamType},
		Templates:     bar, // that of the product's own pages
		CSS:           host.Bar,
		Texts:         map[string]map[string]string{"en": texts},
		Logger:        a.Log,
		Authorize: func(r *http.Request) (settings.Access, error) {
			t, err := a.tenant(r.Context(), r.PathValue("tenant"))
			return settings.Access{Tenant: t.Name, TenantName: t.Title, Actor: actor(r), Read: true, Write: true}, err
		},
	})
}

// texts are what the product's documentation calls things, where that is not what
// settings.Texts has.
var texts = map[string]string{
	"switch.label":        "Enable SCIM Token",
	"switch.turn_on":      "Enable SCIM Token",
	"switch.turn_off":     "Disable SCIM Token",
	"step.enable":         "Enable SCIM Token",
	"step.token":          "Generate Token",
	"generate.title":      "Generate Token",
	"generate.submit":     "Generate Token",
	"state.no_token.text": "Choose Generate Token, then enter the token in your identity provider.",
}
