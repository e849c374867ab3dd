package settings_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/memstore"
	"github.com/scimkit/scimkit/token"
	"github.com/scimkit/scimkit/token/requestlog"
	"github.com/scimkit/scimkit/token/settings"
)

// host is an application with SCIM and its settings. Who is signed in stands in
// the header Session: "acme:admin", "acme:reader", "acme:nobody".
type host struct {
	t      *testing.T
	server *httptest.Server
	tokens *token.Manager
	store  *brokenStore
	log    *syncWriter

	mu  sync.Mutex
	now time.Time
}

const mount = "/app/settings/scim"

func newHost(t *testing.T, change ...func(*settings.Options, *token.Options)) *host {
	t.Helper()
	h := &host{t: t, store: &brokenStore{Store: token.NewMemoryStore()}, log: &syncWriter{}, now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	logger := slog.New(slog.NewTextHandler(h.log, nil))
	requests := requestlog.NewMemory(requestlog.Options{})
	h.server = httptest.NewUnstartedServer(nil)
	base := "http://" + h.server.Listener.Addr().String()
	o := settings.Options{
		BaseURL: base + "/scim/v2/{tenant}", Product: "Lumen", Authorize: authorize,
		Requests: requests, Now: h.clock, Logger: logger,
	}
	to := token.Options{Prefix: "acmescim", Now: h.clock, Logger: logger, CacheTTL: -1}
	for _, c := range change {
		c(&o, &to)
	}
	var err error
	if h.tokens, err = token.New(h.store, to); err != nil {
		t.Fatal(err)
	}
	o.Manager = h.tokens
	page, err := settings.New(o)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle(mount+"/", http.StripPrefix(mount, page))
	scimHandler := newSCIM(t, base, h.tokens, requests, logger)
	h.server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/scim/") {
			scimHandler.ServeHTTP(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
	h.server.Start()
	t.Cleanup(h.server.Close)
	t.Cleanup(func() { h.tokens.Close(context.Background()) })
	return h
}

func newSCIM(t *testing.T, base string, tokens *token.Manager, requests requestlog.Log, logger *slog.Logger) http.Handler {
	store := memstore.New(memstore.Options{})
	users := schema.UserType()
	server, err := scim.NewServer(scim.Config{
		Endpoints:     []scim.Endpoint{{Type: users, ForTenant: store.ForTenant(users)}},
		Authenticator: tokens, BaseURL: base + "/scim/v2/{tenant}", OnRequest: requestlog.Hook(requests), Logger: logger,
	})
	if err != nil {
		t.Fatal(err)
	}
	return server
}

func authorize(r *http.Request) (settings.Access, error) {
	tenant, role, ok := strings.Cut(r.Header.Get("Session"), ":")
	switch {
	case !ok:
		return settings.Access{}, settings.ErrUnauthenticated
	case role == "broken":
		return settings.Access{}, errHost
	}
	return settings.Access{
		Tenant: tenant, Actor: role + "@" + tenant + ".example", TenantName: strings.ToUpper(tenant),
		Read: role == "reader", Write: role == "admin", Language: r.Header.Get("Language"),
	}, nil
}

func (h *host) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *host) sleep(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

// An answer is what came of a request.
type answer struct {
	status int
	header http.Header
	body   string
}

// send sends a request to the settings. Headers are pairs.
func (h *host) send(method, path, body string, headers ...string) answer {
	h.t.Helper()
	return h.raw(method, mount+"/"+path, body, append([]string{"Session", "acme:admin"}, headers...)...)
}

func (h *host) raw(method, path, body string, headers ...string) answer {
	h.t.Helper()
	r, err := http.NewRequest(method, h.server.URL+path, strings.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(data)}
}

// form sends a form as a browser does.
func (h *host) form(path string, fields url.Values, headers ...string) answer {
	h.t.Helper()
	return h.send("POST", path, fields.Encode(), append([]string{
		"Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin"}, headers...)...)
}

// api sends JSON and reads JSON.
func (h *host) api(method, path, body string, into any, headers ...string) answer {
	h.t.Helper()
	a := h.send(method, "api/"+path, body, append([]string{"Content-Type", "application/json"}, headers...)...)
	if into != nil {
		if err := json.Unmarshal([]byte(a.body), into); err != nil {
			h.t.Fatalf("%s %s: %d %q: %v", method, path, a.status, a.body, err)
		}
	}
	return a
}

// scim sends a request to the SCIM server as an identity provider.
func (h *host) scim(tenant, secret, path string) int {
	h.t.Helper()
	return h.raw("GET", "/scim/v2/"+tenant+path, "", "Authorization", "Bearer "+secret, "User-Agent", "Okta SCIM Client 1.0.0").status
}

func (h *host) status() token.Status {
	h.t.Helper()
	s, err := h.tokens.Status(context.Background(), "acme")
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

func (h *host) events() []token.Event {
	h.t.Helper()
	all, err := h.tokens.Events(context.Background(), "acme", 0, 1000)
	if err != nil {
		h.t.Fatal(err)
	}
	return all
}

// generate makes a token past the page.
func (h *host) generate(name string) (string, token.Token) {
	h.t.Helper()
	secret, tok, err := h.tokens.Generate(context.Background(), "acme", token.GenerateOptions{Name: name, Actor: "test"})
	if err != nil {
		h.t.Fatal(err)
	}
	return secret.Reveal(), tok
}

// brokenStore fails when it is told to.
type brokenStore struct {
	token.Store
	mu    sync.Mutex
	fails error
}

func (s *brokenStore) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fails = err
}

func (s *brokenStore) Tenant(ctx context.Context, tenant string) (token.Tenant, error) {
	s.mu.Lock()
	err := s.fails
	s.mu.Unlock()
	if err != nil {
		return token.Tenant{}, err
	}
	return s.Store.Tenant(ctx, tenant)
}

type syncWriter struct {
	mu sync.Mutex
	b  strings.Builder
}

func (w *syncWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.Write(p)
}

func (w *syncWriter) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.String()
}
