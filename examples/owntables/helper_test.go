package main

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/scimkit/scimkit/examples/internal/exampletest"
	"github.com/scimkit/scimkit/examples/internal/host"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// server is the application under test.
type server struct {
	*app
	t   *testing.T
	url string
}

const fixed = "of-the-tests"

func openDB(t *testing.T, name string) *host.DB {
	t.Helper()
	db, err := host.Open(t.Context(), exampletest.DB(t, name), tables)
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

func start(t *testing.T, people int, existing sqlstore.Existing, change ...func(*config)) *server {
	t.Helper()
	db := openDB(t, "memory")
	c := config{People: people, Existing: existing, Password: "secret", Fixed: fixed, Log: slog.New(slog.DiscardHandler)}
	for _, f := range change {
		f(&c)
	}
	a, err := newApp(t.Context(), db, c)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(a)
	t.Cleanup(func() {
		srv.Close()
		if err := host.CloseTokens(a.tokens); err != nil {
			t.Error(err)
		}
	})
	return &server{a, t, srv.URL}
}

// do sends a request to SCIM and gives status and body.
func (s *server) do(method, path, body string) (int, map[string]any) {
	s.t.Helper()
	resp, text := exampletest.Send(s.t, method, s.url+scimPath+path, body, exampletest.Bearer(fixed))
	var m map[string]any
	if err := json.Unmarshal([]byte(text), &m); err != nil && text != "" {
		s.t.Fatal(err)
	}
	return resp.StatusCode, m
}

// must is do for a request that succeeds.
func (s *server) must(method, path, body string) map[string]any {
	s.t.Helper()
	status, m := s.do(method, path, body)
	if status >= 300 {
		s.t.Fatalf("%s %s %s = %d %v", method, path, body, status, m)
	}
	return m
}

// total is how many resources a filter finds.
func (s *server) total(path, filter string) int {
	s.t.Helper()
	n, _ := s.must("GET", path+"?count=1&filter="+url.QueryEscape(filter), "")["totalResults"].(float64)
	return int(n)
}

// cell asks the database.
func (s *server) cell(query string, args ...any) (text string) {
	s.t.Helper()
	err := s.db.Read(s.t.Context(), func(tx *host.Tx) error {
		return tx.QueryRowContext(s.t.Context(), query, args...).Scan(&text)
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return text
}

// page asks for a page of the application and gives status and body.
func (s *server) page(path, password string) (int, string) {
	s.t.Helper()
	resp, text := exampletest.Send(s.t, "GET", s.url+path, "", func(r *http.Request) { r.SetBasicAuth(adminName, password) })
	return resp.StatusCode, text
}
