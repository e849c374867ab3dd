package main

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/examples/internal/exampletest"
	"github.com/scimkit/scimkit/examples/internal/host"
	"github.com/scimkit/scimkit/token"
)

// server is the application under test, as it is at the start, with a key that
// was generated.
type server struct {
	*app
	t             *testing.T
	key, password string
}

func openDB(t *testing.T, name string) *host.DB {
	t.Helper()
	db, err := host.Open(t.Context(), name, tables)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func start(t *testing.T, change func(*config)) *server {
	t.Helper()
	db := openDB(t, exampletest.DB(t, "memory"))
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
	})
	s := &server{app: a, t: t}
	if s.password, err = a.seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	secret, _, err := a.keys.Generate(t.Context(), customer, token.GenerateOptions{Actor: adminName})
	if err != nil {
		t.Fatal(err)
	}
	s.key = secret.Reveal()
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

// do sends a request, to SCIM with the key, to pages as an administrator, and
// nowhere with both; change may change that. Redirects are not followed.
func (s *server) do(method, path, body string, change ...func(*http.Request)) *reply {
	s.t.Helper()
	who := func(r *http.Request) { r.SetBasicAuth(adminName, s.password) }
	if strings.HasPrefix(path, scimPath) {
		who = exampletest.Bearer(s.key)
	}
	resp, text := exampletest.Send(s.t, method, s.URL+path, body, append([]func(*http.Request){who}, change...)...)
	return &reply{resp, text}
}

// create stores a user and gives the id.
func (s *server) create(body string) string {
	s.t.Helper()
	got := s.do("POST", scimPath+"/Users", body)
	if got.StatusCode != http.StatusCreated {
		s.t.Fatalf("POST %s = %d %s", body, got.StatusCode, got.body)
	}
	id, _ := got.object(s.t)["id"].(string)
	return id
}
