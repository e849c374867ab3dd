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

	"github.com/scimkit/scimkit/examples/internal/exampletest"
)

// TestRun starts the server as a user does, again and again over one file: what
// is printed works, and so do the keys that were printed before.
func TestRun(t *testing.T) {
	db := filepath.Join(t.TempDir(), "usersonly.db")
	var last map[string]string
	var printed []string
	for i, args := range [][]string{{}, {}, {}, {"-token", "fixed"}} {
		values, stop := runIt(t, append(args, "-db", db)...)
		root, ok := strings.CutSuffix(values["base_url"], scimPath)
		if !ok || values["settings_url"] != root+settingsPath {
			t.Errorf("output %v", values)
		}
		printed = append(printed, values["token"])
		for at, key := range printed {
			if got := status(t, values["base_url"]+"/Users", exampletest.Bearer(key)); got != 200 {
				t.Errorf("start %d: GET /Users with the key of start %d = %d", i+1, at+1, got)
			}
		}
		if got := status(t, root+"/", func(r *http.Request) { r.SetBasicAuth(values["admin_user"], values["admin_password"]) }); got != 200 {
			t.Errorf("start %d: GET / = %d", i+1, got)
		}
		if len(args) == 0 && last["admin_password"] == values["admin_password"] {
			t.Errorf("start %d: the password is that of the start before", i+1)
		}
		if err := stop(); err != nil {
			t.Errorf("run = %v, want a clean end", err)
		}
		last = values
	}
	if last["token"] != "fixed" {
		t.Errorf("with -token the output is %v", last)
	}
}

// runIt starts run and reads what it prints.
func runIt(t *testing.T, args ...string) (values map[string]string, stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	out, in := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, append(args, "-addr", "127.0.0.1:0"), in)
		in.Close()
	}()
	values = make(map[string]string)
	lines := bufio.NewScanner(out)
	for lines.Scan() && lines.Text() != "" {
		key, value, ok := strings.Cut(lines.Text(), "=")
		if !ok {
			t.Fatalf("output line %q is no key=value", lines.Text())
		}
		values[key] = value
	}
	return values, func() error {
		cancel()
		select {
		case err := <-done:
			return err
		case <-time.After(20 * time.Second):
			t.Fatal("the server did not end")
			return nil
		}
	}
}

// status gives the status of an answer.
func status(t *testing.T, url string, auth func(*http.Request)) int {
	t.Helper()
	resp, _ := exampletest.Send(t, "GET", url, "", auth)
	return resp.StatusCode
}

// TestSwitchedOff: what an administrator has switched off is off after the next
// start, for the fixed key, too.
func TestSwitchedOff(t *testing.T) {
	s := start(t, func(c *config) { c.FixedKey = "fixed" })
	fixed := func(r *http.Request) { r.Header.Set("Authorization", "Bearer fixed") }
	if got := s.do("GET", scimPath+"/Users", "", fixed); got.StatusCode != 200 {
		t.Errorf("the fixed key gives %d", got.StatusCode)
	}
	if err := s.keys.SetEnabled(t.Context(), customer, false, adminName); err != nil {
		t.Fatal(err)
	}
	if _, err := s.seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*http.Request){"the fixed key": fixed, "a generated one": func(*http.Request) {}} {
		if got := s.do("GET", scimPath+"/Users", "", change); got.StatusCode != 403 || got.object(t)["status"] != "403" {
			t.Errorf("switched off, %s gives %d %s", name, got.StatusCode, got.body)
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
