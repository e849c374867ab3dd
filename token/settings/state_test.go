package settings_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/scimkit/scimkit/token"
	"github.com/scimkit/scimkit/token/requestlog"
	"github.com/scimkit/scimkit/token/settings"
)

// stateHost is a host with its log of requests.
func stateHost(t *testing.T) (*host, requestlog.Log) {
	t.Helper()
	var log requestlog.Log
	h := newHost(t, func(o *settings.Options, _ *token.Options) { log = o.Requests })
	return h, log
}

// is checks the state, in the API and on the page.
func (h *host) is(state, title string) (version string) {
	h.t.Helper()
	var got struct{ State, Version string }
	h.api("GET", "status", "", &got)
	page := h.send("GET", "", "").body
	if got.State != state || !strings.Contains(page, `data-state="`+state+`"`) || !strings.Contains(page, "<strong>"+title+"</strong>") {
		h.t.Errorf("the state is %q, want %q and %q on the page", got.State, state, title)
	}
	if steps := strings.Contains(page, "Receive the first request"); steps == (state == "connected") {
		h.t.Errorf("state %q, and the page has steps: %v", state, steps)
	}
	if got.Version == "" || !strings.Contains(page, `data-version="`+got.Version+`"`) {
		h.t.Errorf("version %q is not that of the page", got.Version)
	}
	return got.Version
}

func (h *host) set(on func(context.Context, string, bool, string) error, value bool) {
	h.t.Helper()
	if err := on(context.Background(), "acme", value, "test"); err != nil {
		h.t.Fatal(err)
	}
}

// TestState walks through all states: a request that was refused is not the one
// that the page waits for.
func TestState(t *testing.T) {
	h, _ := stateHost(t)
	h.is("off", "SCIM is off")
	h.enable()
	h.is("no_token", "No token yet")
	secret, _ := h.generate("Okta")
	h.is("waiting", "Waiting for the first request")

	h.set(h.tokens.SetEnabled, false)
	if got := h.scim("acme", secret, "/Users"); got != 403 {
		t.Fatal(got)
	}
	h.is("off", "SCIM is off")
	h.set(h.tokens.SetEnabled, true)
	h.is("waiting", "Waiting for the first request")
	h.set(h.tokens.SetPaused, true)
	if got := h.scim("acme", secret, "/Users"); got != 503 {
		t.Fatal(got)
	}
	h.is("paused", "SCIM is paused")
	h.set(h.tokens.SetPaused, false)
	h.scim("acme", "wrong", "/Users")
	h.is("waiting", "Waiting for the first request")

	if got := h.scim("acme", secret, "/Users/none"); got != 404 {
		t.Fatal(got)
	}
	h.is("connected", "Connected")
	if !strings.Contains(h.send("GET", "", "").body, "Connected</strong> · Okta") {
		t.Error("the page does not say who is connected")
	}
	h.generate("Second")
	h.is("connected", "Connected")
	for _, tok := range h.status().Tokens {
		if err := h.tokens.Revoke(context.Background(), "acme", tok.ID, "test"); err != nil {
			t.Fatal(err)
		}
	}
	h.is("no_token", "No token yet")
	h.generate("Third")
	h.is("waiting", "Waiting for the first request")
}

// TestStateOfOtherCredentials: a JSON Web Token or a fixed token connects as well,
// once it is let through.
func TestStateOfOtherCredentials(t *testing.T) {
	h, log := stateHost(t)
	h.enable()
	e := requestlog.Entry{Time: time.Now(), Tenant: "acme", Method: "GET", Path: "/Users", Subject: "okta"}
	for _, tt := range []struct {
		status        int
		authenticated bool
	}{{401, false}, {200, false}, {401, true}, {403, true}, {429, true}, {500, true}, {503, true}, {0, true}} {
		e.Status, e.Authenticated = tt.status, tt.authenticated
		log.Add(t.Context(), e)
		h.is("no_token", "No token yet")
	}
	e.Status = 201
	log.Add(t.Context(), e)
	h.is("connected", "Connected")
	page := h.send("GET", "", "").body
	if !strings.Contains(page, `<p>Last used <time datetime="`+e.Time.UTC().Format(time.RFC3339)) {
		t.Error("the page does not say when")
	}
}

// TestStateWithoutLog: without a log of requests, or with one that has none of
// them, the last use of a token is all that is known.
func TestStateWithoutLog(t *testing.T) {
	for name, log := range map[string]requestlog.Log{"none": nil, "a new one": requestlog.NewMemory(requestlog.Options{})} {
		h := newHost(t, func(o *settings.Options, _ *token.Options) { o.Requests = log })
		h.enable()
		secret, _ := h.generate("Okta")
		h.is("waiting", "Waiting for the first request")
		if h.scim("acme", secret, "/Users") != 200 {
			t.Fatal(name)
		}
		h.is("connected", "Connected")
	}
}

// TestRefusedCredentials: the page says so as long as nothing better has come.
func TestRefusedCredentials(t *testing.T) {
	h, _ := stateHost(t)
	h.enable()
	secret, _ := h.generate("Okta")
	const text = "Requests with wrong credentials have arrived"
	for _, tt := range []struct {
		secret string
		says   bool
	}{{secret, false}, {"wrong", true}, {secret, false}} {
		h.scim("acme", tt.secret, "/Users")
		if says := strings.Contains(h.send("GET", "", "").body, text); says != tt.says {
			t.Errorf("after %q: %v", tt.secret[:4], says)
		}
	}
}

// TestVersion: it changes with a request alone, also with one that another
// process has written late.
func TestVersion(t *testing.T) {
	h, log := stateHost(t)
	h.enable()
	secret, _ := h.generate("Okta")
	h.scim("acme", secret, "/Users")
	last := h.is("connected", "Connected")
	if again := h.is("connected", "Connected"); again != last {
		t.Error("the version changes by itself")
	}
	at := time.Now()
	for _, e := range []requestlog.Entry{
		{Time: at, Tenant: "acme", Status: 200, Authenticated: true, Path: "/Users/1"},
		{Time: at.Add(-time.Hour), Tenant: "acme", Status: 200, Authenticated: true, Path: "/Users/2"},
	} {
		log.Add(t.Context(), e)
		if version := h.is("connected", "Connected"); version == last {
			t.Errorf("the version is that of before %s", e.Path)
		} else {
			last = version
		}
	}
}
