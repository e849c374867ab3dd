package main

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/scimkit/scimkit/examples/internal/exampletest"
	"github.com/scimkit/scimkit/examples/internal/host"
)

// server is the application under test, as it is at the start.
type server struct {
	*app
	t      *testing.T
	admins map[string]admin // by tenant
}

func start(t *testing.T, change func(*config)) *server {
	t.Helper()
	return startOn(t, exampletest.DB(t, "memory"), change)
}

func startOn(t *testing.T, name string, change func(*config)) *server {
	t.Helper()
	db, err := host.Open(t.Context(), name, tables)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewUnstartedServer(nil)
	c := config{URL: "http://" + srv.Listener.Addr().String(), Log: slog.New(slog.DiscardHandler)}
	if change != nil {
		change(&c)
	}
	a, err := newApp(t.Context(), db, c)
	if err != nil {
		t.Fatal(err)
	}
	srv.Config.Handler = a
	srv.Start()
	t.Cleanup(func() {
		srv.Close()
		if err := a.Close(); err != nil {
			t.Error(err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	admins, err := a.seed(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s := &server{app: a, t: t, admins: make(map[string]admin)}
	for _, m := range admins {
		s.admins[m.Tenant] = m
	}
	return s
}

// reply is an answer that has been read.
type reply struct {
	*http.Response
	body string
}

// object is the body as JSON.
func (r *reply) object(t *testing.T) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(r.body), &m); err != nil {
		t.Fatalf("%v in %s", err, r.body)
	}
	return m
}

// do sends a request; auth is called with it if it is not nil. Redirects are
// not followed.
func (s *server) do(auth func(*http.Request), method, path, body string) *reply {
	s.t.Helper()
	if auth == nil {
		auth = func(*http.Request) {}
	}
	resp, text := exampletest.Send(s.t, method, s.URL+path, body, auth)
	return &reply{resp, text}
}

// as is an administrator of the tenant.
func (s *server) as(tenant string) func(*http.Request) {
	m := s.admins[tenant]
	return func(r *http.Request) { r.SetBasicAuth(m.Name, m.Password) }
}

// bearer is a provisioning client.
func bearer(token string) func(*http.Request) { return exampletest.Bearer(token) }

// newToken makes a token through the product's API.
func (s *server) newToken(tenant string) string {
	s.t.Helper()
	got := s.do(s.as(tenant), "POST", "/api/v2/"+tenant+"/tenant_info/scim_token", "")
	if got.StatusCode != http.StatusCreated {
		s.t.Fatalf("POST scim_token = %d %s", got.StatusCode, got.body)
	}
	token, _ := got.object(s.t)["token"].(string)
	return token
}

// create stores a resource through SCIM and gives its id.
func (s *server) create(token, path, body string) string {
	s.t.Helper()
	got := s.do(bearer(token), "POST", path, body)
	if got.StatusCode != http.StatusCreated {
		s.t.Fatalf("POST %s = %d %s", path, got.StatusCode, got.body)
	}
	id, _ := got.object(s.t)["id"].(string)
	return id
}

// plan makes SCIM a part of a tenant's plan and switches it on, or takes it out.
func (s *server) plan(tenant string, entitled bool) {
	s.t.Helper()
	ctx := s.t.Context()
	err := s.db.Write(ctx, func(tx *host.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE tenants SET entitled = $1 WHERE tenant = $2`, entitled, tenant)
		return err
	})
	if err == nil {
		err = s.tokens.SetEnabled(ctx, tenant, true, "test")
	}
	if err != nil {
		s.t.Fatal(err)
	}
}
