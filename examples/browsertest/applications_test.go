package browsertest

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/examples/internal/exampletest"
)

func init() {
	for _, name := range applications {
		products = append(products, struct {
			name  string
			start func(t *testing.T) product
		}{name, func(t *testing.T) product { return application(t, name) }})
	}
}

var applications = []string{"teams", "usersonly"}

// words are what the examples say in place of what other products say.
var words = map[string]*strings.Replacer{
	"teams": strings.NewReplacer("Switch SCIM on", "Enable SCIM Token", "Switch SCIM off", "Disable SCIM Token",
		"Generate a token", "Generate Token", "Generate token", "Generate Token"),
	"usersonly": strings.NewReplacer("tokens", "SCIM keys", "Tokens", "SCIM keys", "token", "SCIM key", "Token", "SCIM key"),
}

// application is an example that somebody has started.
func application(t *testing.T, name string) product {
	t.Helper()
	v := exampletest.Start(t, exampletest.Build(t, name), "-db", filepath.Join(t.TempDir(), "x.db")).Values
	home := v["base_url"][:strings.Index(v["base_url"], "/api/scim")+1]
	if name == "teams" {
		home = v["settings_url"][:strings.Index(v["settings_url"], "settings/")]
	}
	return product{settings: v["settings_url"], user: v["admin_user"], password: v["admin_password"], groups: name == "teams",
		words: words[name], home: home, base: v["base_url"], token: v["token"]}
}
