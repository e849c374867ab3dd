package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/examples/internal/exampletest"
)

// TestNoFrames: no other site shows these pages in a frame, to have somebody click
// in them unseen.
func TestNoFrames(t *testing.T) {
	s := start(t, nil)
	for path, auth := range map[string]func(*http.Request){
		"/app/acme/": s.as("acme"), "/app/acme/me": nil, settingsPath("acme"): s.as("acme"), info: s.as("acme"),
		"/app/globex/": s.as("acme"), "/none": nil, "/style.css": nil,
	} {
		policy := s.do(auth, "GET", path, "").Header.Get("Content-Security-Policy")
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

// TestSecureCookie: where the public URL is one of https, a session goes nowhere
// else.
func TestSecureCookie(t *testing.T) {
	s := start(t, nil)
	b := s.settle("acme")
	for url, secure := range map[string]bool{"https://abc.example": true, "http://localhost:8080": false} {
		s.URL = url
		r := httptest.NewRequest("POST", "/app/acme/people/"+b.person+"/session", http.NoBody)
		s.as("acme")(r)
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
	b := s.settle("acme")
	page := s.do(s.as("acme"), "GET", settingsPath("acme"), "").body
	token := s.newToken("acme")
	exampletest.Mappings(t, page, b.email, func(body string) int {
		return s.do(bearer(token), "PATCH", "/scim/v2/acme/Users/"+b.person, body).StatusCode
	})
}
