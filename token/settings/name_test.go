package settings_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/token"
	"github.com/scimkit/scimkit/token/settings"
)

// names are such as people and products have.
var names = []string{
	"Mira Holt", "Mira\u00a0Holt", "Zoë Ångström", "\u0936\u094d\u200d\u0930\u0940", "\u0645\u06cc\u200c\u062e", "田中 花子",
	"👩\u200d💻 Mira", "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f", "Mira\u3000Holt", strings.Repeat("ü", 60), strings.Repeat("ü", 100),
}

// TestTokenNames: a token may have any of them.
func TestTokenNames(t *testing.T) {
	for _, name := range append(names, `\ud800`) {
		h := newHost(t)
		text, err := json.Marshal(name)
		if err != nil {
			t.Fatal(err)
		}
		a := h.api("POST", "tokens", `{"name":`+string(text)+`}`, nil)
		if a.status != http.StatusCreated || h.status().Tokens[0].Name != name {
			t.Errorf("%q: %d %s", name, a.status, a.body)
		}
	}
	h := newHost(t)
	if a := h.api("POST", "tokens", `{"name":"\ud83d\ude00"}`, nil); a.status != http.StatusCreated || h.status().Tokens[0].Name != "\U0001f600" {
		t.Errorf("a pair of surrogates: %d %s", a.status, a.body)
	}
}

// TestActors: however the host names people, nobody is locked out by it, and the
// log of events has the name, or what is left of it.
func TestActors(t *testing.T) {
	cases := map[string]string{
		"Mira\tHolt\n": "Mira\ufffdHolt\ufffd", "a\xffb": "a\ufffdb", "\u202eMira": "\ufffdMira",
		strings.Repeat("x", 300): strings.Repeat("x", 255), "x" + strings.Repeat("ü", 300): "x" + strings.Repeat("ü", 254),
	}
	for _, name := range names {
		cases[name] = name
	}
	for actor, want := range cases {
		h := newHost(t, func(o *settings.Options, _ *token.Options) {
			o.Authorize = func(*http.Request) (settings.Access, error) {
				return settings.Access{Tenant: "acme", Actor: actor, Write: true}, nil
			}
		})
		if a := h.api("PATCH", "status", `{"enabled":true}`, nil); a.status != 200 {
			t.Errorf("%q: %d %s", actor, a.status, a.body)
			continue
		}
		if got := h.events()[0].Actor; got != want {
			t.Errorf("%q is %q in the log of events", actor, got)
		}
		if page := h.send("GET", "?done", "").body; !strings.Contains(page, `id="notice"`) {
			t.Errorf("%q: the page does not say what was done", actor)
		}
	}
}

// TestBadTenant: that is the host's mistake, and its log says so.
func TestBadTenant(t *testing.T) {
	for _, tenant := range []string{"a\nb", strings.Repeat("x", 256)} {
		h := newHost(t, func(o *settings.Options, _ *token.Options) {
			o.Authorize = func(*http.Request) (settings.Access, error) {
				return settings.Access{Tenant: tenant, Actor: "mira", Write: true}, nil
			}
		})
		if a := h.api("PATCH", "status", `{"enabled":true}`, nil); a.status != 500 || !strings.Contains(h.log.String(), "Authorize gave a Tenant") {
			t.Errorf("%d %s", a.status, a.body)
		}
	}
}
