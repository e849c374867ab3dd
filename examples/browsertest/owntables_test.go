package browsertest

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/scimkit/scimkit/examples/internal/exampletest"
)

// TestOwntables looks at the pages of an application that was there before SCIM,
// which show what clients do to it.
func TestOwntables(t *testing.T) {
	p := open(t, true)
	v := exampletest.Start(t, exampletest.Build(t, "owntables"), "-db", filepath.Join(t.TempDir(), "x.db"), "-people", "230").Values
	home := strings.TrimSuffix(v["base_url"], "scim/v2")
	idp := okta(t, v["base_url"], v["token"])
	idp.send("PATCH", "/Users/u1", `{"Operations":[{"op":"replace","value":{"active":false}}]}`, 200)
	p.signIn(home, v["admin_user"], v["admin_password"])
	p.contains("#person-1", "Ada Abel", "free", "disabled")
	p.contains("main", "1 to 100 of 230")
	p.look("owntables-pages-01-people")
	p.do(chromedp.Navigate(home + "?page=3"))
	p.contains("main", "201 to 230 of 230", "Earlier")
	p.do(chromedp.Navigate(home + "teams"))
	p.contains("main", "Sales Berlin", "1 to 42 of 42")
	p.look("owntables-pages-02-teams")
	p.quiet()
}
