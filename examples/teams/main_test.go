package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/scimkit/scimkit/examples/internal/exampletest"
	"github.com/scimkit/scimkit/examples/internal/host"
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
	resp, _ := exampletest.Send(t, "GET", url, "", auth)
	return resp.StatusCode
}

// TestRun starts the server as a user does, again and again over one file: what
// is printed works, what was stored stays, and of what was printed before the
// tokens go on, and the passwords end.
func TestRun(t *testing.T) {
	db := filepath.Join(t.TempDir(), "teams.db")
	var last map[string]string
	var printed []string
	for range 3 {
		r := runIt(t, "-db", db)
		v := r.values
		printed = append(printed, v["token"])
		root, _, _ := strings.Cut(v["base_url"], "/scim/")
		if v["base_url"] != root+"/scim/v2/"+v["tenant"] || v["settings_url"] != root+settingsPath(v["tenant"]) {
			t.Errorf("output %v", v)
		}
		for i, token := range printed {
			if got := get(t, v["base_url"]+"/Users", bearer(token)); got != 200 {
				t.Errorf("start %d: GET /Users with the token of start %d = %d", len(printed), i+1, got)
			}
		}
		for i, n := range []string{"", "2"} {
			auth := func(r *http.Request) { r.SetBasicAuth(v["admin_user"+n], v["admin_password"+n]) }
			if got := get(t, root+"/api/v2/"+v["tenant"+n]+"/tenant_info", auth); got != 200 {
				t.Errorf("administrator %d: GET tenant_info = %d", i+1, got)
			}
		}
		if last != nil {
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
	// There is always room for one that an administrator makes.
	printed := map[string]bool{}
	for range host.MaxTokens + 1 {
		again = startOn(t, db, nil)
		text, err := host.PrintedToken(t.Context(), again.tokens, demoTenant, "", again.Log)
		if err != nil {
			t.Fatal(err)
		}
		printed[text] = true
	}
	if len(printed) != host.MaxTokens || !printed[""] {
		t.Errorf("%d tokens were printed, want %d and then none", len(printed)-1, host.MaxTokens-1)
	}
	delete(printed, "")
	printed[again.newToken(demoTenant)] = true
	for text := range printed {
		if got := again.users(text); got != 403 { // switched off
			t.Errorf("a token gives %d", got)
		}
	}
	if got := again.do(again.as("acme"), "POST", info+"/scim_token", ""); got.StatusCode != 201 {
		t.Errorf("with as many as there may be, a new token in place of the last one: %d %s", got.StatusCode, got.body)
	}
}

// TestMain makes the test's own binary the server, for TestKilled.
func TestMain(m *testing.M) {
	if db := os.Getenv("TEAMS_TEST_DB"); db != "" {
		if err := run(context.Background(), []string{"-addr", "127.0.0.1:0", "-db", db}, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// TestKilled: a server that is killed, also while it starts, leaves a database
// with which the next one starts, and which has all that was acknowledged.
func TestKilled(t *testing.T) {
	db := filepath.Join(t.TempDir(), "teams.db")
	begin := func() (*exec.Cmd, *bufio.Scanner) {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "TEAMS_TEST_DB="+db)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { cmd.Process.Kill() })
		return cmd, bufio.NewScanner(out)
	}
	made := 0
	for i := range 8 {
		cmd, lines := begin()
		if i%2 == 0 {
			time.Sleep(time.Duration(i) * 5 * time.Millisecond)
		} else {
			values := make(map[string]string)
			for lines.Scan() && lines.Text() != "" {
				key, value, _ := strings.Cut(lines.Text(), "=")
				values[key] = value
			}
			for range 5 {
				body := strings.NewReader(fmt.Sprintf(`{"userName":"p%d@acme.example"}`, made))
				r, err := http.NewRequestWithContext(t.Context(), "POST", values["base_url"]+"/Users", body)
				if err != nil {
					t.Fatal(err)
				}
				bearer(values["token"])(r)
				resp, err := http.DefaultClient.Do(r)
				if err != nil {
					t.Fatal(err)
				}
				resp.Body.Close()
				if resp.StatusCode != http.StatusCreated {
					t.Fatalf("start %d: POST /Users = %d", i, resp.StatusCode)
				}
				made++
			}
		}
		cmd.Process.Kill()
		cmd.Wait()
	}
	s := startOn(t, db, nil)
	got := s.do(bearer(s.newToken(demoTenant)), "GET", "/scim/v2/acme/Users?count=0", "").object(t)
	if got["totalResults"] != float64(made) {
		t.Errorf("%d people were made, and there are %v", made, got["totalResults"])
	}
}

func TestRunRefuses(t *testing.T) {
	for _, args := range [][]string{{"-db", "postgres://x"}, {"-db", "memory", "-addr", "no such address"}, {"-nonsense"}, {"-db", t.TempDir()}} {
		if err := run(t.Context(), args, io.Discard); err == nil {
			t.Errorf("run(%q) = nil, want an error", args)
		}
	}
}
