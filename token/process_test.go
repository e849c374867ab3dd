package token_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/token"
	"github.com/scimkit/scimkit/token/tokentest"
)

// remoteStore is a token.Store over HTTP: Update compares and swaps, so edit may
// run again.
type remoteStore struct{ url string }

// message is what goes both ways.
type message struct {
	Tenant    string
	ID        string
	At        time.Time
	Before    int64
	Limit     int
	Version   int64
	Aggregate token.Tenant
	Token     token.Token
	Settings  token.Settings
	Events    []token.Event
	Error     string // "not found", "again" or a text
}

func (s remoteStore) call(ctx context.Context, method string, in message) (message, error) {
	body, err := json.Marshal(in)
	if err != nil {
		return message{}, err
	}
	r, err := http.NewRequestWithContext(ctx, "POST", s.url+"/"+method, bytes.NewReader(body))
	if err != nil {
		return message{}, err
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return message{}, err
	}
	defer resp.Body.Close()
	var out message
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		return message{}, err
	}
	switch out.Error {
	case "":
		return out, nil
	case "not found":
		return out, token.ErrNotFound
	case "again":
		return out, errAgain
	}
	return out, errors.New(out.Error)
}

var errAgain = errors.New("the tenant has changed")

func (s remoteStore) Find(ctx context.Context, id string) (token.Token, token.Settings, error) {
	m, err := s.call(ctx, "find", message{ID: id})
	return m.Token, m.Settings, err
}

func (s remoteStore) Tenant(ctx context.Context, tenant string) (token.Tenant, error) {
	m, err := s.call(ctx, "tenant", message{Tenant: tenant})
	return m.Aggregate, err
}

func (s remoteStore) Update(ctx context.Context, tenant string, edit func(*token.Tenant) ([]token.Event, error)) error {
	for {
		m, err := s.call(ctx, "tenant", message{Tenant: tenant})
		if err != nil {
			return err
		}
		events, err := edit(&m.Aggregate)
		if err != nil {
			return err
		}
		m.Tenant, m.Events = tenant, events
		out, err := s.call(ctx, "swap", m)
		if err == nil {
			copy(events, out.Events)
		}
		if !errors.Is(err, errAgain) {
			return err
		}
	}
}

func (s remoteStore) Touch(ctx context.Context, id string, at time.Time) error {
	_, err := s.call(ctx, "touch", message{ID: id, At: at})
	return err
}

func (s remoteStore) Events(ctx context.Context, tenant string, before int64, limit int) ([]token.Event, error) {
	m, err := s.call(ctx, "events", message{Tenant: tenant, Before: before, Limit: limit})
	return m.Events, err
}

// storeServer is the other end, over a memory store.
func storeServer(t *testing.T) string {
	store := token.NewMemoryStore()
	var mu sync.Mutex
	versions := map[string]int64{}
	handle := func(ctx context.Context, method string, in message) (out message, err error) {
		mu.Lock()
		defer mu.Unlock()
		switch method {
		case "find":
			out.Token, out.Settings, err = store.Find(ctx, in.ID)
		case "tenant":
			out.Aggregate, err = store.Tenant(ctx, in.Tenant)
			out.Version = versions[in.Tenant]
		case "swap":
			if versions[in.Tenant] != in.Version {
				return out, errAgain
			}
			err = store.Update(ctx, in.Tenant, func(t *token.Tenant) ([]token.Event, error) {
				*t = in.Aggregate
				return in.Events, nil
			})
			if out.Events = in.Events; err == nil {
				versions[in.Tenant]++
			}
		case "touch":
			err = store.Touch(ctx, in.ID, in.At)
		case "events":
			out.Events, err = store.Events(ctx, in.Tenant, in.Before, in.Limit)
		}
		return out, err
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in message
		json.NewDecoder(r.Body).Decode(&in)
		out, err := handle(r.Context(), strings.TrimPrefix(r.URL.Path, "/"), in)
		switch {
		case errors.Is(err, token.ErrNotFound):
			out.Error = "not found"
		case errors.Is(err, errAgain):
			out.Error = "again"
		case err != nil:
			out.Error = err.Error()
		}
		json.NewEncoder(w).Encode(out)
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

// TestRemoteStore: a store that compares and swaps keeps the contract, too.
func TestRemoteStore(t *testing.T) {
	tokentest.Run(t, func(t *testing.T) token.Store { return remoteStore{storeServer(t)} })
}

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
