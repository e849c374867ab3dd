package settings_test

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/scimkit/scimkit/token"
	"github.com/scimkit/scimkit/token/settings"
)

// TestSuccessorThatEnded: what cannot be completed is not offered, on the page
// and by itself.
func TestSuccessorThatEnded(t *testing.T) {
	for name, tt := range map[string]struct {
		end              func(h *host, successor *token.Token)
		complete, cancel bool // are offered
	}{
		"works":   {func(*host, *token.Token) {}, true, true},
		"revoked": {func(h *host, next *token.Token) { next.RevokedAt = h.clock() }, false, true},
		"expired": {func(h *host, next *token.Token) { next.ExpiresAt = h.clock().Add(-time.Second) }, false, true},
	} {
		h := newHost(t)
		_, old := h.generate("Okta")
		if _, _, err := h.tokens.StartRotation(t.Context(), "acme", old.ID, token.RotateOptions{Actor: "mira"}); err != nil {
			t.Fatal(err)
		}
		if err := h.store.Update(t.Context(), "acme", func(tenant *token.Tenant) ([]token.Event, error) {
			tt.end(h, &tenant.Tokens[1])
			return nil, nil
		}); err != nil {
			t.Fatal(err)
		}
		page := h.send("GET", "", "").body
		for action, offered := range map[string]bool{"complete": tt.complete, "cancel": tt.cancel} {
			path := "tokens/" + old.ID + "/" + action
			if strings.Contains(page, `"./`+path+`"`) != offered {
				t.Errorf("%s: the page offers to %s: %v", name, action, !offered)
			}
			if a := h.send("GET", path, ""); (a.status == 200) != offered {
				t.Errorf("%s: %s: %d", name, action, a.status)
			}
		}
		if tt.complete {
			continue
		}
		if a := h.form("tokens/"+old.ID+"/complete", nil); a.status != 409 {
			t.Errorf("%s: complete: %d", name, a.status)
		}
		if a := h.form("tokens/"+old.ID+"/cancel", nil); a.status != 303 || h.status().Tokens[1].State(h.clock()) != token.Active {
			t.Errorf("%s: cancel: %d", name, a.status)
		}
	}
}

// TestNoRotationWithoutEntitlement: a tenant that is no longer entitled gets no
// new secret by rotation either.
func TestNoRotationWithoutEntitlement(t *testing.T) {
	entitled := true
	h := newHost(t, func(_ *settings.Options, o *token.Options) {
		o.Entitled = func(context.Context, string) (bool, string, error) { return entitled, "", nil }
	})
	_, tok := h.generate("Okta")
	entitled = false
	before := h.state()
	for _, overlap := range []string{"0", "24"} {
		if a := h.form("tokens/"+tok.ID+"/rotate", url.Values{"overlap": {overlap}, "seen": {"1000"}}); a.status != 403 || !strings.Contains(a.body, "not part of your plan") {
			t.Errorf("overlap %s: %d", overlap, a.status)
		}
	}
	for _, body := range []string{`{"overlap":0}`, `{"overlap":3600}`} {
		if a := h.api("POST", "tokens/"+tok.ID+"/rotation", body, nil); a.status != 403 || !strings.Contains(a.body, `"unentitled"`) {
			t.Errorf("%s: %d %s", body, a.status, a.body)
		}
	}
	if d := cmp.Diff(before, h.state()); d != "" {
		t.Error(d)
	}
}
