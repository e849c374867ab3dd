package main

import (
	"io/fs"
	"net/http"
	"strings"

	"github.com/scimkit/scimkit/examples/internal/host"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/token/settings"
)

// settingsPath is where the security settings are.
const settingsPath = "/settings/security/"

// newSettings makes the page on which an administrator switches SCIM on and makes
// a key. It stands behind forAdmins.
func (a *app) newSettings() (http.Handler, error) {
	bar, err := fs.Sub(pageFiles, "pages/settings")
	if err != nil {
		return nil, err
	}
	return settings.New(settings.Options{
		Manager:  a.keys,
		Requests: a.requests,
		BaseURL:  a.baseURL(),
		Path:     settingsPath,
		Product:  "Usersonly",
		// Set-up steps without groups, which say what the product does not have.
		ResourceTypes: []*scim.ResourceType{userType},
		Templates:     bar, // that of the product's own pages
		CSS:           host.Bar,
		Texts:         map[string]map[string]string{"en": texts()},
		Logger:        a.Log,
		Authorize: func(r *http.Request) (settings.Access, error) {
			name, _, _ := r.BasicAuth()
			return settings.Access{Tenant: customer, Actor: name, Read: true, Write: true}, nil
		},
	})
}

// texts are those of the page, where tokens are called SCIM keys: all but what is
// bold, which is what an identity provider calls things.
func texts() map[string]string {
	words := strings.NewReplacer("{token}", "{token}", // the place of a value
		"tokens", "SCIM keys", "Tokens", "SCIM keys", "token", "SCIM key", "Token", "SCIM key")
	all := settings.Texts()
	for key, text := range all {
		parts := strings.Split(text, "**")
		for i := 0; i < len(parts); i += 2 {
			parts[i] = words.Replace(parts[i])
		}
		all[key] = strings.Join(parts, "**")
	}
	return all
}
