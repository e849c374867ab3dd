package exampletest

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// Send sends a request with the changes, and gives the answer and its body.
// Redirects are not followed.
func Send(t testing.TB, method, url, body string, changes ...func(*http.Request)) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range changes {
		change(r)
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(text)
}

// Bearer is the change to a request of someone with a token.
func Bearer(token string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
}

// SCIM is the change to a request with a body of SCIM.
func SCIM(r *http.Request) { r.Header.Set("Content-Type", "application/scim+json") }
