package token_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/token"
)

const (
	nodeStore = "SCIMKIT_TEST_STORE"
	nodeTTL   = "SCIMKIT_TEST_TTL"
)

// TestMain makes a node of the test binary where TestTwoProcesses asks for one.
func TestMain(m *testing.M) {
	if os.Getenv(nodeStore) == "" {
		os.Exit(m.Run())
	}
	if err := node(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// node is one process with a Manager: /verify is a client's request, /revoke and
// /disable an administrator's. It ends with its standard input.
func node() error {
	ttl, err := time.ParseDuration(os.Getenv(nodeTTL))
	if err != nil {
		return err
	}
	m, err := token.New(remoteStore{os.Getenv(nodeStore)}, token.Options{CacheTTL: ttl})
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/verify", func(w http.ResponseWriter, r *http.Request) {
		_, err := m.Authenticate(r, "acme")
		var e *scim.Error
		switch {
		case errors.As(err, &e):
			w.WriteHeader(e.Status)
		case err != nil:
			w.WriteHeader(503)
		}
	})
	mux.HandleFunc("/revoke", func(w http.ResponseWriter, r *http.Request) {
		if err := m.Revoke(r.Context(), "acme", r.FormValue("id"), "mira"); err != nil {
			w.WriteHeader(500)
		}
	})
	mux.HandleFunc("/disable", func(w http.ResponseWriter, r *http.Request) {
		if err := m.SetEnabled(r.Context(), "acme", false, "mira"); err != nil {
			w.WriteHeader(500)
		}
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println("http://" + l.Addr().String())
	go http.Serve(l, mux)
	io.Copy(io.Discard, os.Stdin)
	return m.Close(context.Background())
}

func startNode(t *testing.T, store string, ttl time.Duration) (url string) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), nodeStore+"="+store, nodeTTL+"="+ttl.String())
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stdin.Close()
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(line)
}

// ask sends a request and gives its status.
func ask(t *testing.T, url, bearer string) int {
	r, err := http.NewRequest("GET", url, nil)
	if err != nil {
		t.Error(err)
		return 0
	}
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Error(err)
		return 0
	}
	io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
	return resp.StatusCode
}

// TestTwoProcesses is R13: under load on two processes over one store, what one
// of them revokes or disables is refused by it at once and by the other within
// the TTL. The control is a process that may believe for longer: it must go on
// letting the token in, or the test would show nothing.
func TestTwoProcesses(t *testing.T) {
	const ttl = time.Second
	store := storeServer(t)
	admin := newService(t, remoteStore{store}, token.Options{CacheTTL: -1}, nil)
	for _, change := range []struct {
		path   string
		status int
	}{{"/revoke", 401}, {"/disable", 403}} {
		secret := admin.generate("acme")
		status, err := admin.Status(t.Context(), "acme")
		if err != nil {
			t.Fatal(err)
		}
		here, there, control := startNode(t, store, ttl), startNode(t, store, ttl), startNode(t, store, time.Minute)
		for _, node := range []string{here, there, control} {
			if got := ask(t, node+"/verify", secret); got != 200 {
				t.Fatalf("before: %d", got)
			}
		}
		var last atomic.Int64 // when the load was last let in by the other process
		stop := make(chan bool)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
					}
					sent := time.Now()
					if ask(t, there+"/verify", secret) == 200 {
						last.Store(max(last.Load(), sent.UnixNano()))
					}
				}
			})
		}
		time.Sleep(300 * time.Millisecond)
		if got := ask(t, here+change.path+"?id="+status.Tokens[0].ID, ""); got != 200 {
			t.Fatalf("%s: %d", change.path, got)
		}
		done := time.Now()
		if got := ask(t, here+"/verify", secret); got != change.status {
			t.Errorf("%s, the same process: %d", change.path, got)
		}
		time.Sleep(ttl + 300*time.Millisecond)
		if got := ask(t, control+"/verify", secret); got != 200 {
			t.Errorf("%s, the control: %d", change.path, got)
		}
		close(stop)
		wg.Wait()
		if got := ask(t, there+"/verify", secret); got != change.status {
			t.Errorf("%s, the other process: %d", change.path, got)
		}
		late := time.Unix(0, last.Load()).Sub(done)
		t.Logf("%s: the other process let in for %v after it", change.path, late)
		if late > ttl {
			t.Errorf("%s: the other process let in for %v after it, more than %v", change.path, late, ttl)
		}
		if err := admin.SetEnabled(t.Context(), "acme", true, "mira"); err != nil {
			t.Fatal(err)
		}
	}
}
