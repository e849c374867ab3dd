package exampletest_test

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/examples/internal/exampletest"
)

// TestPreamble: all examples take the same flags, print what a client needs and
// nothing else, and end when they are told to. That of cluster has tests of its
// own, as it needs a PostgreSQL.
func TestPreamble(t *testing.T) {
	for name, more := range map[string]string{
		"quickstart": "",
		"owntables":  " admin_user admin_password",
		"teams":      " settings_url tenant admin_user admin_password tenant2 admin_user2 admin_password2",
		"usersonly":  " settings_url admin_user admin_password",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			binary := exampletest.Build(t, name)
			for _, db := range []string{"memory", filepath.Join(t.TempDir(), "x.db"), exampletest.DB(t, "memory")} {
				p := exampletest.Start(t, binary, "-db", db, "-token", "fixed")
				var keys []string
				for line := range strings.Lines(p.Stdout()) {
					key, _, _ := strings.Cut(strings.TrimSpace(line), "=")
					keys = append(keys, key)
				}
				if got := strings.Join(keys, " "); got != "base_url token"+more+" " {
					t.Errorf("the keys are %q", got)
				}
				resp, _ := exampletest.Send(t, "GET", p.Values["base_url"]+"/Users", "", exampletest.Bearer("fixed"))
				if resp.StatusCode != http.StatusOK {
					t.Errorf("GET /Users = %d", resp.StatusCode)
				}
				p.Stop() // fails the test if it does not end well
				if log := p.Stderr(); log != "" && !strings.HasPrefix(log, "time=") {
					t.Errorf("on standard error: %s", log)
				}
			}
		})
	}
}
