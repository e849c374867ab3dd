package browsertest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// missing skips a test for want of a tool, or fails it in CI.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal("CI needs " + what)
	}
	t.Skip("SKIPPED, NOT TESTED: there is no " + what)
}

func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{os.Getenv("CHROMIUM"), "chromium", "chromium-browser", "google-chrome", "chromium-headless-shell"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	missing(t, "Chromium (apt-get install chromium)")
	return ""
}

// A page is a tab of a browser with a profile of its own.
type page struct {
	t      *testing.T
	ctx    context.Context
	script bool

	mu      sync.Mutex
	console []string // errors, also those of the Content-Security-Policy
}

// open starts a browser. With script off, pages run none.
func open(t *testing.T, script bool) *page {
	t.Helper()
	path := chromium(t)
	alloc, cancel := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.WSURLReadTimeout(time.Minute))...)
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil { // waits for the process
			t.Log(err)
		}
	})
	p := &page{t: t, ctx: ctx, script: script}
	// The browser starts here, and lives as long as this context.
	messages := chromedp.Console(ctx)
	go func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			p.note(m)
		}
	}()
	p.emulate(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: "Europe/Berlin"})
		return err
	})
	p.allowScript(script)
	p.size(1180)
	return p
}

func (p *page) note(m chromedp.ConsoleMessage) {
	if m.Type != "error" && m.Type != chromedp.ConsoleException || strings.Contains(m.Text, "status of 4") {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.console = append(p.console, m.Text)
}

// quiet fails for errors in the console.
func (p *page) quiet() {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, line := range p.console {
		p.t.Error("console:", line)
	}
}

// do runs actions within a time.
func (p *page) do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 30*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		p.t.Fatalf("%v\n%s", err, p.text("body"))
	}
}

func (p *page) emulate(f func(ctx context.Context, t *chromedp.Target) error) {
	p.t.Helper()
	p.do(chromedp.Func(f))
}

// allowScript is for pages that are loaded after it, and for what tests run in
// them.
func (p *page) allowScript(allow bool) {
	p.t.Helper()
	p.emulate(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !allow})
		return err
	})
}

func (p *page) size(width int64) {
	p.t.Helper()
	p.do(chromedp.EmulateViewport(width, 900))
}

func (p *page) scheme(name string) {
	p.t.Helper()
	p.emulate(func(ctx context.Context, t *chromedp.Target) error {
		features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}, {Name: "prefers-reduced-motion", Value: "reduce"}}
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features})
		return err
	})
}

// signIn lets the browser know a name and a password, and opens a page. A page
// whose own URL has them may not fetch anything.
func (p *page) signIn(address, user, password string) {
	p.t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		p.t.Fatal(err)
	}
	u.User = url.UserPassword(user, password)
	p.do(chromedp.Navigate(u.String()), chromedp.Navigate(address))
}

// click clicks on the first button, link or summary with a text or label in the
// element that a selector finds, and waits for the page that comes of it.
func (p *page) click(within, text string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 30*time.Second)
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, p.press(within, text)); err != nil {
		p.t.Fatalf("click on %q: %v\n%s", text, err, p.text("body"))
	}
}

// press is a click that loads nothing.
func (p *page) press(within, text string) chromedp.Action[chromedp.Void] {
	p.t.Helper()
	mark := fmt.Sprintf(`(() => {
		document.querySelectorAll("[data-target]").forEach((el) => el.removeAttribute("data-target"));
		const all = [...document.querySelectorAll(%q + " :is(a, button, summary, label)")];
		const el = all.find((el) => [el.innerText?.trim(), el.getAttribute("aria-label"), el.title].includes(%q));
		el?.setAttribute("data-target", "");
		return !!el;
	})()`, within, text)
	if !eval[bool](p, mark) {
		p.t.Fatalf("nothing to click on in %s is called %q\n%s", within, text, p.text("body"))
	}
	return chromedp.Click("[data-target]", chromedp.NodeVisible)
}

// eval evaluates an expression.
func eval[T any](p *page, expression string) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 30*time.Second)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// text is the text of the first element that a selector finds.
func (p *page) text(selector string) string {
	p.t.Helper()
	return eval[string](p, fmt.Sprintf(`document.querySelector(%q)?.innerText ?? "(there is none)"`, selector))
}

func (p *page) has(selector string) bool {
	p.t.Helper()
	return eval[bool](p, fmt.Sprintf(`!!document.querySelector(%q)`, selector))
}

// wait waits until an element has a text.
func (p *page) wait(selector, text string) {
	p.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !strings.Contains(p.text(selector), text) {
		if time.Now().After(deadline) {
			p.t.Fatalf("%s is not %q:\n%s", selector, text, p.text("body"))
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// focused waits until the element of an id has the focus: browsers give it some
// time after the page is loaded.
func (p *page) focused(id string) {
	p.t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for got := ""; got != id; got = eval[string](p, `document.activeElement.id`) {
		if time.Now().After(deadline) {
			p.t.Errorf("the focus is at %q, not at %q", got, id)
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// contains checks the text of an element.
func (p *page) contains(selector string, wanted ...string) {
	p.t.Helper()
	got := p.text(selector)
	for _, w := range wanted {
		if !strings.Contains(got, w) {
			p.t.Errorf("%s has no %q: %q", selector, w, got)
		}
	}
}

// shot writes a picture of the whole page to the folder of SCIMKIT_SCREENSHOTS.
func (p *page) shot(name string) {
	p.t.Helper()
	dir := os.Getenv("SCIMKIT_SCREENSHOTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.MkdirAll(dir, 0o755)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644)
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

// clipboard is what was copied.
func (p *page) clipboard() string {
	p.t.Helper()
	_, err := chromedp.CallBrowser(p.ctx, browser.SetPermission, browser.SetPermissionParams{
		Permission: &browser.PermissionDescriptor{Name: "clipboard-read"}, Setting: browser.PermissionSettingGranted,
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return eval[string](p, `navigator.clipboard.readText()`)
}
