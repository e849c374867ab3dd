package settings_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/token"
	"github.com/scimkit/scimkit/token/settings"
)

// TestSecretIsShownOnce: a secret is in the answer that made it, once, and never
// again in a page, an answer of the API, an event, a header or the log.
func TestSecretIsShownOnce(t *testing.T) {
	h := newHost(t)
	h.enable()
	var secrets []string
	seen := h.seen("")
	a := h.form("tokens", generateForm("Okta", seen))
	secrets = append(secrets, h.secret(a))
	once := func(a answer, secret string) {
		t.Helper()
		if n := strings.Count(a.body, secret); n != 1 {
			t.Errorf("the secret is %d times in the answer", n)
		}
		if strings.Contains(fmt.Sprint(a.header), secret) || a.header.Get("Cache-Control") != "no-store" || a.header.Get("Set-Cookie") != "" {
			t.Errorf("headers %v", a.header)
		}
	}
	once(a, secrets[0])
	rotate := "tokens/" + h.status().Tokens[0].ID + "/rotate"
	a = h.form(rotate, url.Values{"overlap": {"24"}, "seen": {h.seen(rotate)}})
	secrets = append(secrets, h.secret(a))
	once(a, secrets[1])
	h.form("tokens/"+h.status().Tokens[1].ID+"/complete", nil)
	var made tokenAnswer
	a = h.api("POST", "tokens", `{"name":"JSON"}`, &made)
	secrets = append(secrets, made.Token)
	once(a, made.Token)

	// Use them, also where they do not belong.
	for _, s := range secrets {
		h.scim("acme", s, "/Users/"+s)
		h.scim("acme", s, "/Users?filter="+url.QueryEscape(`userName eq "`+s+`"`))
		h.raw("GET", "/scim/v2/acme/"+s, "", "Authorization", "Basic "+s, "User-Agent", "test")
	}
	texts := []string{h.log.String(), fmt.Sprintf("%+v", h.events()), fmt.Sprintf("%+v", h.status())}
	for _, rt := range settings.Routes() {
		if rt.Method == "GET" {
			for _, tok := range h.status().Tokens {
				texts = append(texts, h.send("GET", strings.ReplaceAll(rt.Path, "{}", tok.ID), "").body)
			}
		}
	}
	texts = append(texts, h.form("tokens", generateForm("Okta", seen)).body)
	for _, s := range secrets {
		// Not even the part that is secret.
		secret := s[strings.LastIndexByte(s, '_')+1:]
		for _, text := range texts {
			if strings.Contains(text, secret) {
				t.Errorf("the secret is in %.500s", text)
			}
		}
	}
}

// TestNothingIsMarkup: what other people wrote stays text.
func TestNothingIsMarkup(t *testing.T) {
	const evil = `<img src=x onerror=alert(1)>`
	h := newHost(t, func(o *settings.Options, _ *token.Options) {
		o.Product = evil
		authorize := o.Authorize
		o.Authorize = func(r *http.Request) (settings.Access, error) {
			a, err := authorize(r)
			a.TenantName, a.Actor = evil, evil
			return a, err
		}
	})
	h.enable()
	secret := h.secret(h.form("tokens", generateForm(evil, h.seen(""))))
	h.raw("GET", "/scim/v2/acme/Users/"+url.PathEscape(evil), "", "Authorization", "Bearer "+secret, "User-Agent", evil)
	id := h.status().Tokens[0].ID
	for _, path := range []string{"", "tokens/" + id + "/rotate", "tokens/" + id + "/revoke", "?done"} {
		if body := h.send("GET", path, "").body; strings.Contains(body, "<img") || !strings.Contains(body, "&lt;img") {
			t.Errorf("%q: markup", path)
		}
	}
}
