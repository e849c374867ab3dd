package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/scimkit/scimkit/internal/idpcases"
	"github.com/scimkit/scimkit/scim"
)

// options are the opt-in cases of the catalogue and the option of each.
var options = map[string]func(*scim.Tolerance){
	"mspm-017":     func(*scim.Tolerance) {}, // needs none: BareValues is on by default
	"mspm-018":     func(t *scim.Tolerance) { t.PathCase = true },
	"mspm-019":     func(t *scim.Tolerance) { t.PathAliases = true },
	"onelogin-009": func(t *scim.Tolerance) { t.Scim11Members = true },
	"oracle-003":   func(t *scim.Tolerance) { t.PatchBare = true },
	"wso2-002":     func(t *scim.Tolerance) { t.BareWords = true },
	"gen-028":      func(t *scim.Tolerance) { t.LeadingSlash = true },
	"gen-038":      func(t *scim.Tolerance) { t.DoubleEscape = true },
}

// TestIdentityProviders replays what identity providers send: without a single
// option, but for the cases that say they need one.
func TestIdentityProviders(t *testing.T) {
	used := make(map[string]bool)
	idpcases.Test(t, func(t *testing.T, c idpcases.Case) (string, string) {
		var tolerance *scim.Tolerance
		if c.Strictness == "opt-in" {
			set, ok := options[c.ID]
			if !ok {
				t.Fatalf("no option is known for the opt-in case %s", c.ID)
			}
			used[c.ID] = true
			on := scim.Tolerant()
			set(&on)
			tolerance = &on
		}
		h, err := newHandler("idp-token", tolerance, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		srv := httptest.NewServer(h)
		t.Cleanup(srv.Close)
		return srv.URL + "/scim/v2", "idp-token"
	})
	for id := range options {
		if !used[id] {
			t.Errorf("the option for %s was not needed: there is no such opt-in case", id)
		}
	}
}

// TestRun starts the server as a user does: it prints what a client needs,
// serves, and ends when it is told to.
func TestRun(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- run(ctx, []string{"-addr", "127.0.0.1:0", "-token", "fixed"}, in) }()

	values := make(map[string]string)
	lines := bufio.NewScanner(out)
	for lines.Scan() && lines.Text() != "" {
		key, value, ok := strings.Cut(lines.Text(), "=")
		if !ok {
			t.Fatalf("output line %q is no key=value", lines.Text())
		}
		values[key] = value
	}
	if values["token"] != "fixed" || !strings.HasPrefix(values["base_url"], "http://127.0.0.1:") {
		t.Fatalf("output = %v", values)
	}
	req, err := http.NewRequestWithContext(ctx, "GET", values["base_url"]+"/Users", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer fixed")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK || !bytes.Contains(body, []byte(`"totalResults":0`)) {
		t.Errorf("GET /Users = %d %s", resp.StatusCode, body)
	}
	cancel()
	select {
	case err := <-done:
		if err != nil {
			t.Errorf("run = %v, want a clean end", err)
		}
	case <-time.After(10 * time.Second):
		t.Error("the server did not end")
	}
}

func TestRunRefuses(t *testing.T) {
	for _, args := range [][]string{{"-db", "postgres://x"}, {"-addr", "no such address"}, {"-nonsense"}} {
		if err := run(t.Context(), args, io.Discard); err == nil {
			t.Errorf("run(%q) = nil, want an error", args)
		}
	}
}
