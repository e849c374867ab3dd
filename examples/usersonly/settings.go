package main

import "net/http"

// settingsPath is where the security settings are.
const settingsPath = "/settings/security/"

// settings is the page on which an administrator switches SCIM on and makes a
// key. forAdmins has let the request through.
func (a *app) settings() http.Handler { return http.NotFoundHandler() }
