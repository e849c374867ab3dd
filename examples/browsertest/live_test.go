package browsertest

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// live are functions for a page whose server is not there: fetch fails, and
// timers are fast, or never fire.
const live = `(() => {
	const fetch = window.fetch, setTimeout = window.setTimeout;
	window.asked = window.frozen = 0;
	window.fast = () => { window.setTimeout = (f, ms) => setTimeout(f, ms / 50); };
	window.freeze = () => { window.frozen = 0; window.setTimeout = () => { window.frozen++; }; };
	window.fail = () => { window.fetch = () => { window.asked++; return Promise.reject(new TypeError()); }; };
	window.recover = () => { window.fetch = fetch; };
	return true;
})()`

const staleText = "Live updates are interrupted"

// TestInterrupted: a page that cannot reach its server says so where people see it,
// goes on trying, and is up to date again once the server is there.
func TestInterrupted(t *testing.T) {
	p, h := open(t, true), newHost(t)
	p.signIn(h.settings, h.user, h.password)
	p.click(".switch", "Switch SCIM on")
	p.do(chromedp.SendKeys("#name", "Okta"))
	p.click(".generate form", "Generate token")
	base, secret := p.text("#base-url"), p.text("#secret")
	p.do(chromedp.Navigate(h.settings))
	run := func(script string) { eval[bool](p, "(() => {"+script+"; return true; })()") }
	eval[bool](p, live)

	if p.seen("#stale") {
		t.Error("the page complains from the start")
	}
	run(`fail(); fast()`)
	p.until(`asked > 12`)
	p.until(`!document.getElementById("stale").hidden`)
	if !p.seen("#stale") {
		t.Error("nobody can see the complaint")
	}
	p.contains("#stale", staleText)
	p.look("host-20-interrupted")
	okta(t, base, secret).provisionLikeOkta("mira@example.com")

	run(`freeze()`)
	p.until(`frozen > 0`)
	run(`recover(); dispatchEvent(new Event("online"))`)
	p.wait("#live-state", "Connected · Okta")
	p.until(`document.getElementById("stale").hidden`)

	run(`fast(); fail(); dispatchEvent(new Event("online"))`)
	p.until(`!document.getElementById("stale").hidden`)
	run(`freeze()`)
	p.until(`frozen > 0`)
	run(`recover(); document.dispatchEvent(new Event("visibilitychange"))`)
	p.until(`document.getElementById("stale").hidden`)

	run(`fast(); fail(); dispatchEvent(new Event("online"))`)
	p.until(`!document.getElementById("stale").hidden`)
	run(`recover()`) // and by itself
	p.until(`document.getElementById("stale").hidden`)
	p.quiet()
}

// until waits until an expression is true.
func (p *page) until(expression string) {
	p.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !eval[bool](p, expression) {
		if time.Now().After(deadline) {
			p.t.Fatalf("%s is not true:\n%s", expression, p.text("body"))
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// seen tells whether an element is there for people who look.
func (p *page) seen(selector string) bool {
	p.t.Helper()
	return eval[bool](p, fmt.Sprintf(`(() => {
		const box = document.querySelector(%q).getBoundingClientRect();
		return box.width > 100 && box.height > 10;
	})()`, selector))
}
