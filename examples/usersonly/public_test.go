package main

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/examples/internal/exampletest"
)

// TestNoFrames: no other site shows these pages in a frame, to have somebody click
// in them unseen.
func TestNoFrames(t *testing.T) {
	s := start(t, nil)
	nobody := func(r *http.Request) { r.Header.Del("Authorization") }
	for _, path := range []string{"/", "/me", settingsPath, "/none", "/style.css"} {
		for _, who := range []func(*http.Request){func(*http.Request) {}, nobody} {
			policy := s.do("GET", path, "", who).Header.Get("Content-Security-Policy")
			for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'", "form-action 'self'", "base-uri 'none'"} {
				if !strings.Contains(policy, want) {
					t.Errorf("%s: the policy has no %s: %q", path, want, policy)
				}
			}
			if strings.Contains(policy, "unsafe") {
				t.Errorf("%s: %q", path, policy)
			}
		}
	}
}

// TestSecureCookie: where the public URL is one of https, a session goes nowhere
// else.
func TestSecureCookie(t *testing.T) {
	s := start(t, nil)
	id := s.create(`{"userName":"a@example.com"}`)
	for url, secure := range map[string]bool{"https://abc.example": true, "http://localhost:8080": false} {
		s.URL = url
		r := httptest.NewRequest("POST", "/users/"+id+"/session", http.NoBody)
		r.SetBasicAuth(adminName, s.password)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if c := w.Result().Cookies(); len(c) != 1 || c[0].Secure != secure {
			t.Errorf("%s: %d %v", url, w.Code, c)
		}
	}
}

// TestEntraMappings: the set-up steps name the attributes that make Entra's
// changes fail.
func TestEntraMappings(t *testing.T) {
	s := start(t, nil)
	id := s.create(`{"userName":"a@example.com"}`)
	exampletest.Mappings(t, s.do("GET", settingsPath, "").body, "a@example.com", func(body string) int {
		return s.do("PATCH", scimPath+"/Users/"+id, body).StatusCode
	})
}

// TestStartThatFails: whatever ends the first start, SCIM is on after the next.
func TestStartThatFails(t *testing.T) {
	for _, table := range []string{"scim_tenants", "admins"} {
		db := openDB(t, exampletest.DB(t, filepath.Join(t.TempDir(), "usersonly.db")))
		a, err := newApp(t.Context(), db, config{URL: "http://localhost", Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		rename := func(from, to string) {
			if _, err := db.Exec("ALTER TABLE " + from + " RENAME TO " + to); err != nil {
				t.Fatal(err)
			}
		}
		rename(table, "away")
		if _, err := a.seed(t.Context()); err == nil {
			t.Errorf("without %s the start goes on", table)
		}
		rename("away", table)
		if _, err := a.seed(t.Context()); err != nil {
			t.Fatal(err)
		}
		if s, err := a.keys.Status(t.Context(), customer); err != nil || !s.Enabled {
			t.Errorf("the first start ended at %s, and after the second one SCIM is off: %v", table, err)
		}
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}
}
