package browsertest

import (
	"context"
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// products are the applications whose settings page is tried.
var products = []struct {
	name  string
	start func(t *testing.T) product
}{
	{"host", func(t *testing.T) product { return newHost(t).product }},
}

// TestJourney is what an administrator does, from switching SCIM on to switching
// it off, with and without JavaScript.
func TestJourney(t *testing.T) {
	for _, tt := range products {
		for _, script := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, script %v", tt.name, script), func(t *testing.T) {
				p := open(t, script)
				j := &journey{page: p, product: tt.start(t), name: tt.name}
				if !script {
					j.name += "-noscript"
				}
				j.run()
				p.quiet()
			})
		}
	}
}

type journey struct {
	*page
	product
	name string
}

// The texts of a journey are those of the settings package, and these put the
// product's in their place.

func (j *journey) click(within, text string) {
	j.t.Helper()
	j.page.click(within, j.words.Replace(text))
}

func (j *journey) press(within, text string) chromedp.Action[chromedp.Void] {
	j.t.Helper()
	return j.page.press(within, j.words.Replace(text))
}

func (j *journey) contains(selector string, wanted ...string) {
	j.t.Helper()
	for _, w := range wanted {
		j.page.contains(selector, j.words.Replace(w))
	}
}

func (j *journey) run() {
	j.signIn(j.settings, j.user, j.password)
	j.reset()
	j.contains("body", "SCIM is off", "There are no live tokens", "No requests have arrived yet")
	j.look(j.name + "-01-off")
	j.click(".switch", "Switch SCIM on")
	j.contains(".switch", "On")
	j.contains("#notice", "SCIM was switched on")
	j.contains("#live-state", "No token yet")
	base := j.text("#base-url")

	secret := j.generate("Okta")
	j.look(j.name + "-02-secret")
	j.gone(secret)
	j.contains("#live-state", "Waiting for the first request")
	j.do(j.press(".guides", "Okta"))
	j.contains("#guide-okta", "SCIM connector base URL", base, "userName")
	j.look(j.name + "-03-waiting")
	if j.script {
		j.do(j.press(".guides", "Microsoft Entra ID"))
		j.contains("#guide-entra", "Tenant URL", base, "paste your token")
		j.look(j.name + "-03-waiting-entra")
	}
	okta(j.t, base, secret).provisionLikeOkta("mira@example.com")
	j.turns("#live-state", "Connected · Okta")
	j.turns("#live-requests", "/Users/no-such-person")
	j.contains("#live-requests", "201", "404", "There is no such resource")
	j.look(j.name + "-04-connected")

	j.rotate(base, secret)
	j.refusals()
	j.revoke(base)
	j.click(".switch", "Switch SCIM off")
	j.contains("#live-state", "SCIM is off")
}

// reset takes back what an application sets up for its own demonstration.
func (j *journey) reset() {
	j.t.Helper()
	for j.has("#live-tokens .danger") {
		j.click("#live-tokens", "Revoke")
		j.click("main", "Revoke token")
	}
	if j.has("[role=switch][aria-checked=true]") {
		j.click(".switch", "Switch SCIM off")
	}
	j.do(chromedp.Navigate(j.settings))
}

// generate fills in the form and takes the secret from the page.
func (j *journey) generate(name string) string {
	j.t.Helper()
	if !j.has(".generate[open]") {
		j.do(j.press("#tokens-title ~ .generate", "Generate a token"))
	}
	j.do(chromedp.SendKeys("#name", name))
	j.click(".generate form", "Generate token")
	j.contains(".secret", "Your new token: "+name, "shown only this once")
	return j.secret()
}

var form = regexp.MustCompile(`^[a-z][a-z0-9]{1,15}(?:_[a-z0-9]{1,15})?_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$`)

// secret is the secret as somebody gets it: with the button, or by selecting it.
func (j *journey) secret() string {
	j.t.Helper()
	secret := j.text("#secret")
	if !form.MatchString(secret) {
		j.t.Fatalf("%q is not in the form of a token", secret)
	}
	if j.script {
		j.do(j.press(".secret", "Copy the token"))
		j.wait("#announcer", "Copied")
		if got := j.clipboard(); got != secret {
			j.t.Errorf("%q was copied", got)
		}
	} else {
		if eval[bool](j.page, `[...document.querySelectorAll("[data-copy]")].some((el) => el.checkVisibility())`) {
			j.t.Error("there are buttons that do nothing")
		}
		j.do(chromedp.Click("#secret"))
		if got := eval[string](j.page, `getSelection().toString().trim()`); got != secret {
			j.t.Errorf("a click selects %q", got)
		}
	}
	return secret
}

// gone checks that the secret does not come back.
func (j *journey) gone(secret string) {
	j.t.Helper()
	html := `document.documentElement.outerHTML.split(` + fmt.Sprintf("%q", secret) + `).length - 1`
	if n := eval[int](j.page, html); n != 1 {
		j.t.Errorf("the secret is on the page %d times", n)
	}
	tokens := `document.querySelectorAll("#live-tokens .token").length`
	before := eval[int](j.page, tokens)
	for _, again := range []struct {
		name string
		do   chromedp.Action[chromedp.Void]
	}{{"reload", chromedp.Reload()}, {"leave", chromedp.Navigate(j.settings)}, {"go back", chromedp.NavigateBack()}} {
		// Going back is refused by the browser itself, where it does not
		// send the form again.
		ctx, cancel := context.WithTimeout(j.ctx, 10*time.Second)
		err := chromedp.Do(ctx, again.do)
		cancel()
		if err != nil && again.name != "go back" {
			j.t.Fatal(err)
		}
		if n := eval[int](j.page, html); n != 0 {
			j.t.Errorf("%s: the secret is on the page", again.name)
		}
		if again.name == "reload" {
			j.contains("#problem", "after this page had been loaded")
		}
	}
	j.do(chromedp.Navigate(j.settings))
	if n := eval[int](j.page, tokens); n != before {
		j.t.Errorf("there were %d tokens, and are %d", before, n)
	}
}

// turns waits for what the page shows by itself, or after a reload.
func (j *journey) turns(selector, text string) {
	j.t.Helper()
	if !j.script {
		if j.has("#live-state .without-script") {
			j.click("#live-state", "Check again")
		} else {
			j.do(chromedp.Navigate(j.settings))
		}
	}
	j.wait(selector, text)
}

func (j *journey) rotate(base, old string) {
	j.t.Helper()
	j.click("#live-tokens", "Rotate")
	j.contains("main", "During the overlap both work")
	j.look(j.name + "-05-rotate")
	j.do(j.press("fieldset", "After 7 days"))
	j.click("main", "Rotate token")
	j.contains(".secret", "goes on working until")
	secret := j.secret()
	j.gone(secret)
	j.contains("#live-tokens", "Being replaced", "then")
	entra(j.t, base, secret).provisionLikeEntra("ida@example.com")
	okta(j.t, base, old).send("GET", "/Users?startIndex=1&count=2", "", 200)
	j.turns("#live-requests", "string-boolean")
	j.contains("#live-requests", "Microsoft Entra ID")
	j.look(j.name + "-06-rotating")
	j.click("#live-tokens", "Complete rotation")
	j.look(j.name + "-07-complete")
	j.click("main", "Complete rotation")
	j.contains("#notice", "was completed")
	okta(j.t, base, old).send("GET", "/Users", "", 401)
	j.turns("#live-requests", "401")
	j.look(j.name + "-08-refused")

	j.click("#live-tokens", "Rotate")
	j.click("main", "Rotate token")
	j.click(".secret", "I have copied the token")
	j.click("#live-tokens", "Cancel rotation")
	j.contains("main", "The new token is revoked")
	j.look(j.name + "-09-cancel")
	j.click("main", "Cancel rotation")
	j.contains("#notice", "was cancelled")
	entra(j.t, base, secret).send("GET", "/Users", "", 200)
}

// refusals are forms that are wrong.
func (j *journey) refusals() {
	j.t.Helper()
	j.do(j.press("#tokens-title ~ .generate", "Generate a token"))
	j.do(chromedp.SendKeys("#name", "Audit"), chromedp.Click(`[name=access][value=custom]`))
	j.click(".generate form", "Generate token")
	j.contains("#problem", "Choose at least one operation", "Nothing was changed")
	j.focused("problem")
	if got := eval[string](j.page, `document.getElementById("name").value`); got != "Audit" {
		j.t.Errorf("the name is %q", got)
	}
	j.look(j.name + "-10-error")
	j.do(chromedp.Click(`[value="User:read"]`))
	j.click(".generate form", "Generate token")
	j.contains(".secret", "Your new token: Audit")
	j.click(".secret", "I have copied the token")
	j.contains("#live-tokens", "Chosen operations: User:read")
}

func (j *journey) revoke(base string) {
	j.t.Helper()
	for _, last := range []bool{false, true} {
		j.click("#live-tokens", "Revoke")
		j.contains("h1", "Revoke this token?")
		if got := j.has(".note.bad"); got != last {
			j.t.Errorf("the warning of the last token is there: %v", got)
		}
		if last {
			j.look(j.name + "-11-revoke")
		}
		j.click("main", "Revoke token")
		j.contains("#notice", "was revoked")
	}
	j.contains("#live-tokens", "There are no live tokens")
	j.do(chromedp.Click(".ended summary"))
	j.contains(".ended", "Revoked", "mira")
	j.look(j.name + "-12-ended")
}
