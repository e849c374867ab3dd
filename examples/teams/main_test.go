package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/scimkit/scimkit/token"
)

// running is a server that run has started.
type running struct {
	values map[string]string
	stop   func() error
}

func runIt(t *testing.T, args ...string) running {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, append([]string{"-addr", "127.0.0.1:0"}, args...), in)
		in.Close()
	}()
	r := running{values: make(map[string]string)}
	r.stop = func() error {
		cancel()
		select {
		case err := <-done:
			return err
		case <-time.After(20 * time.Second):
			t.Fatal("the server did not end")
			return nil
		}
	}
	t.Cleanup(func() { cancel() })
	lines := bufio.NewScanner(out)
	for lines.Scan() && lines.Text() != "" {
		key, value, ok := strings.Cut(lines.Text(), "=")
		if !ok {
			t.Fatalf("output line %q is no key=value", lines.Text())
		}
		r.values[key] = value
	}
	if len(r.values) == 0 {
		t.Fatalf("no output: %v", r.stop())
	}
	return r
}

// get gives the status of an answer.
func get(t *testing.T, url string, auth func(*http.Request)) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	auth(r)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}

// TestRun starts the server as a user does, twice over one file: what is printed
// works, what was stored stays, and what was printed before ends.
func TestRun(t *testing.T) {
	db := filepath.Join(t.TempDir(), "teams.db")
	var last map[string]string
	for range 3 {
		r := runIt(t, "-db", db)
		v := r.values
		root, _, _ := strings.Cut(v["base_url"], "/scim/")
		if v["base_url"] != root+"/scim/v2/"+v["tenant"] || v["settings_url"] != root+settingsPath(v["tenant"]) {
			t.Errorf("output %v", v)
		}
		if got := get(t, v["base_url"]+"/Users", bearer(v["token"])); got != 200 {
			t.Errorf("GET /Users with the token that was printed = %d", got)
		}
		for i, n := range []string{"", "2"} {
			auth := func(r *http.Request) { r.SetBasicAuth(v["admin_user"+n], v["admin_password"+n]) }
			if got := get(t, root+"/api/v2/"+v["tenant"+n]+"/tenant_info", auth); got != 200 {
				t.Errorf("administrator %d: GET tenant_info = %d", i+1, got)
			}
		}
		if last != nil {
			if got := get(t, v["base_url"]+"/Users", bearer(last["token"])); got != 401 {
				t.Errorf("the token of the last start gives %d", got)
			}
			if last["admin_password"] == v["admin_password"] {
				t.Error("the password is that of the last start")
			}
		}
		if err := r.stop(); err != nil {
			t.Errorf("run = %v, want a clean end", err)
		}
		last = v
	}
	r := runIt(t, "-db", db, "-token", "fixed")
	if got := get(t, r.values["base_url"]+"/Users", bearer("fixed")); got != 200 || r.values["token"] != "fixed" {
		t.Errorf("with -token: %d, output %v", got, r.values)
	}
}

// TestStartAgain: a start finds what is there, also what an administrator has
// switched off, and never fails for want of room for the token to be printed.
func TestStartAgain(t *testing.T) {
	db := filepath.Join(t.TempDir(), "teams.db")
	s := startOn(t, db, nil)
	for range 2 { // what a start that was killed anywhere leaves, a next one completes
		if _, err := s.seed(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.tokens.SetEnabled(t.Context(), demoTenant, false, "test"); err != nil {
		t.Fatal(err)
	}
	again := startOn(t, db, nil)
	if st, err := again.tokens.Status(t.Context(), demoTenant); err != nil || st.Enabled {
		t.Errorf("what was switched off is on again: %v", err)
	}
	generate := func() string {
		text, err := again.startToken(t.Context(), demoTenant)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	for range 3 {
		if generate() == "" {
			t.Error("no token is printed, and there is room")
		}
	}
	// What an administrator has made, in place of what was printed or beside
	// it, stays.
	kept := []string{again.newToken(demoTenant)}
	second, _, err := again.tokens.Generate(t.Context(), demoTenant, token.GenerateOptions{Actor: "test"})
	if err != nil {
		t.Fatal(err)
	}
	if got := generate(); got != "" {
		t.Errorf("%q is printed, and there is no room", got)
	}
	for _, k := range append(kept, second.Reveal()) {
		if got := again.users(k); got != 403 { // switched off
			t.Errorf("a token that an administrator has made gives %d", got)
		}
	}
}

func TestRunRefuses(t *testing.T) {
	for _, args := range [][]string{{"-db", "postgres://x"}, {"-db", "memory", "-addr", "no such address"}, {"-nonsense"}, {"-db", t.TempDir()}} {
		if err := run(t.Context(), args, io.Discard); err == nil {
			t.Errorf("run(%q) = nil, want an error", args)
		}
	}
}
