package main

import (
	"net/http"

	"github.com/scimkit/scimkit/token/settings"
)

// settingsPath is where the security settings are.
const settingsPath = "/settings/security/"

// newSettings makes the page on which an administrator switches SCIM on and makes
// a key. It stands behind forAdmins.
func (a *app) newSettings() (http.Handler, error) {
	return settings.New(settings.Options{
		Manager:  a.keys,
		Requests: a.requests,
		BaseURL:  a.baseURL(),
		Path:     settingsPath,
		Product:  "Usersonly",
		Types:    []string{userType.Name}, // set-up steps without groups
		Logger:   a.Log,
		Authorize: func(r *http.Request) (settings.Access, error) {
			name, _, _ := r.BasicAuth()
			return settings.Access{Tenant: customer, Actor: name, Read: true, Write: true}, nil
		},
	})
}
