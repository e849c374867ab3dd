package browsertest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestOwnPages looks at the pages of the products themselves: who is there, who
// is signed in, and that deactivation shows.
func TestOwnPages(t *testing.T) {
	for _, name := range applications {
		t.Run(name, func(t *testing.T) {
			p := open(t, true)
			app := application(t, name)
			p.signIn(app.home, app.user, app.password)
			p.contains("main", "Nobody yet")
			p.look(name + "-pages-01-empty")
			client := okta(t, app.base, app.token)
			ids := people(client)
			if app.groups {
				team(client, "Engineering", ids)
				team(client, "A team whose name is longer than that of most, because of a reorganisation", ids[:2])
				team(client, "Empty", nil)
			} else {
				p.refusedForm(name, app.home)
			}
			p.do(chromedp.Navigate(app.home))
			p.contains("main", "Mira Holt", "deactivated")
			p.look(name + "-pages-03-people")

			p.click("main", "Sign in as Mira Holt")
			p.contains("main", "You are signed in as mira@example.com")
			p.look(name + "-pages-04-signed-in")
			client.send("PATCH", "/Users/"+ids[0], `{"Operations":[{"op":"replace","value":{"active":false}}]}`, 200)
			p.do(chromedp.Reload())
			p.contains("main", "You are signed out")
			p.look(name + "-pages-05-signed-out")
			p.do(chromedp.Navigate(app.home))
			p.click("main", "Sign in as Ida Vale")
			p.click("main", "Sign out")
			p.contains("main", "You are signed out")
			p.do(chromedp.Navigate(app.settings + "tokens/nobodys/revoke"))
			p.contains("h1", "This did not work")
			p.look(name + "-pages-06-no-such-token")
			p.quiet()
		})
	}
}

// people are those of a small company, with short and long names.
func people(i idp) (ids []string) {
	i.t.Helper()
	for n, who := range []string{"Mira Holt", "Ida Vale", "Maximiliane-Alexandrina von Hohenfeld-Niederbruck", "Bo Li", "Zoë Ünal"} {
		given, family, _ := strings.Cut(who, " ")
		email := strings.ToLower(given) + "@example.com"
		if n == 2 {
			email = "maximiliane-alexandrina.von-hohenfeld-niederbruck@subsidiary.example.com"
		}
		if n == 4 {
			email = "zoe.unal@example.com"
		}
		ids = append(ids, i.send("POST", "/Users", fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"externalId":"e%d","userName":%q,"displayName":%q,"title":"Engineer",`+
			`"name":{"givenName":%q,"familyName":%q},"emails":[{"value":%q,"type":"work","primary":true}],"active":%v}`, n, email, who, given, family, email, n != 3), 201))
	}
	return ids
}

func team(i idp, name string, ids []string) {
	i.t.Helper()
	var members []string
	for _, id := range ids {
		members = append(members, `{"value":"`+id+`"}`)
	}
	i.send("POST", "/Groups", fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":%q,"members":[%s]}`, name, strings.Join(members, ",")), 201)
}

// refusedForm fills in a form wrongly.
func (p *page) refusedForm(name, home string) {
	p.t.Helper()
	p.do(chromedp.Navigate(home), chromedp.SendKeys("[name=email]", "ida@example.com"), chromedp.SendKeys("[name=name]", "Ida"))
	p.click("main", "Add")
	p.contains("main", "There is a user with this e-mail address")
	if got := eval[string](p, `document.querySelector("[name=email]").value + document.querySelector("[name=name]").value`); got != "ida@example.comIda" {
		p.t.Errorf("of what was entered %q is left", got)
	}
	p.look(name + "-pages-02-refused")
}
