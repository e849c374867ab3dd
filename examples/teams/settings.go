package main

import (
	"net/http"

	"github.com/scimkit/scimkit/token/settings"
)

// settingsPath is where the settings page of a tenant is mounted.
func settingsPath(tenant string) string { return "/app/" + tenant + "/settings/scim/" }

// newSettings makes the page on which an administrator switches SCIM on and makes
// a token. It stands behind forAdmins.
func (a *app) newSettings() (http.Handler, error) {
	return settings.New(settings.Options{
		Manager:  a.tokens,
		Requests: a.requests,
		BaseURL:  a.baseURL("{tenant}"),
		Path:     settingsPath("{tenant}"),
		Product:  "Teams",
		Logger:   a.Log,
		Authorize: func(r *http.Request) (settings.Access, error) {
			t, err := a.tenant(r.Context(), r.PathValue("tenant"))
			return settings.Access{Tenant: t.Name, TenantName: t.Title, Actor: actor(r), Read: true, Write: true}, err
		},
	})
}
