package main

import "net/http"

// settingsPath is where the settings page of a tenant is mounted.
func settingsPath(tenant string) string { return "/app/" + tenant + "/settings/scim/" }

// settings is the page on which an administrator switches SCIM on and makes a
// token. forAdmins has let the request through: actor(r) is who asks,
// r.PathValue("tenant") for which tenant.
func (a *app) settings() http.Handler { return http.NotFoundHandler() }
