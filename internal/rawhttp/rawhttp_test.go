package rawhttp

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

func TestDoSendsAsSpelled(t *testing.T) {
	var target, host, body string
	var header http.Header
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, _ := io.ReadAll(r.Body)
		target, host, body, header = r.RequestURI, r.Host, string(data), r.Header
		w.Header().Set("X-Answer", "42")
		w.WriteHeader(http.StatusTeapot)
		io.WriteString(w, "short and stout")
	}))
	defer srv.Close()

	req := Request{
		Method: "POST",
		Target: "//Users/%41%2f..?filter=a+eq+%22{b}%22",
		Header: []Field{{"host", "scim.example"}, {"User-Agent", ""}},
		Body:   []byte("{}"),
	}
	resp, err := req.Do(t.Context(), srv.URL+"/v2/")
	if err != nil {
		t.Fatal(err)
	}
	if want := "/v2//Users/%41%2f..?filter=a+eq+%22{b}%22"; target != want {
		t.Errorf("target %q, want %q", target, want)
	}
	if host != "scim.example" || body != "{}" {
		t.Errorf("host %q, body %q", host, body)
	}
	if _, ok := header["Accept-Encoding"]; ok || header.Get("User-Agent") != "" {
		t.Errorf("headers nobody asked for: %v", header)
	}
	if resp.Status != 418 || string(resp.Body) != "short and stout" || resp.Header.Get("X-Answer") != "42" {
		t.Errorf("response %+v", resp)
	}
}

func TestDoWithoutBody(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength != 0 {
			t.Errorf("content length %d", r.ContentLength)
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	defer srv.Close()
	resp, err := Request{Method: "DELETE", Target: "/x"}.Do(t.Context(), srv.URL)
	if err != nil || resp.Status != 204 || len(resp.Body) != 0 {
		t.Fatalf("%+v, %v", resp, err)
	}
}

func TestDoStopsWithItsContext(t *testing.T) {
	release := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer srv.Close()
	defer close(release)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := (Request{Method: "GET", Target: "/"}).Do(ctx, srv.URL); err == nil {
		t.Fatal("no error from a server that does not answer")
	}
}

func TestDoRefusesOtherSchemes(t *testing.T) {
	if _, err := (Request{Method: "GET", Target: "/"}).Do(t.Context(), "ftp://localhost"); err == nil {
		t.Fatal("ftp accepted")
	}
}

func TestDoReadsAnEarlyAnswer(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
	}))
	defer srv.Close()
	resp, err := Request{Method: "POST", Target: "/", Body: make([]byte, 8<<20)}.Do(t.Context(), srv.URL)
	if err != nil || resp.Status != 413 {
		t.Fatalf("%+v, %v", resp, err)
	}
}
