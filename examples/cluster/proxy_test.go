package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scimkit/scimkit/examples/internal/exampletest"
)

// node is one that a test has made.
type node struct {
	*httptest.Server
	requests atomic.Int64
}

// startNode starts one that answers with do.
func startNode(t *testing.T, do http.HandlerFunc) *node {
	t.Helper()
	n := &node{}
	n.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != healthPath {
			n.requests.Add(1)
		}
		do(w, r)
	}))
	t.Cleanup(n.Close)
	return n
}

func echo(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.Write([]byte(r.Method + " " + r.Host + " " + string(body)))
}

// hangUp ends the connection when the request is there.
func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// half gives half of an answer.
func half(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "1000")
	w.Write([]byte("half"))
	http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// through sends a request through a proxy of the nodes.
func through(t *testing.T, nodes []*backend, method, body string) (*http.Response, string) {
	t.Helper()
	p := newProxy(nodes, slog.New(slog.DiscardHandler))
	p.wait = 50 * time.Millisecond
	srv := httptest.NewServer(p)
	defer srv.Close()
	return exampletest.Send(t, method, srv.URL+"/scim/v2/Users", body, func(r *http.Request) { r.Host = "scim.example" })
}

// backends has the node first that is at first asked last, as turns begin with the
// second.
func backends(urls ...string) []*backend {
	list := make([]*backend, len(urls))
	for i, url := range urls {
		list[(i+1)%len(urls)] = new(backend)
		list[(i+1)%len(urls)].set(url)
	}
	return list
}

// TestSentAgain: what a node that fails leaves is sent to the next one if that can
// do no harm, and if not, the client is told to come again.
func TestSentAgain(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for _, tt := range []struct {
		name, method string
		first        http.HandlerFunc // nil: nobody is there
		again        bool
	}{
		{"never reached", "POST", nil, true},
		{"never reached", "PATCH", nil, true},
		{"hung up", "GET", hangUp, true},
		{"hung up", "POST", hangUp, false},
		{"hung up", "PUT", hangUp, false},
		{"hung up", "PATCH", hangUp, false},
		{"hung up", "DELETE", hangUp, false},
		{"half an answer", "GET", half, true},
		{"half an answer", "POST", half, false},
	} {
		t.Run(tt.name+" "+tt.method, func(t *testing.T) {
			second := startNode(t, echo)
			first := gone.URL
			if tt.first != nil {
				first = startNode(t, tt.first).URL
			}
			resp, text := through(t, backends(first, second.URL), tt.method, "body")
			if tt.again {
				if resp.StatusCode != 200 || text != tt.method+" scim.example body" || second.requests.Load() != 1 {
					t.Errorf("the answer is %d %q", resp.StatusCode, text)
				}
				return
			}
			if resp.StatusCode != 503 || resp.Header.Get("Retry-After") == "" || resp.Header.Get("Content-Type") != "application/scim+json" || second.requests.Load() != 0 {
				t.Errorf("the answer is %d %v %q, and the other node was asked %d times", resp.StatusCode, resp.Header, text, second.requests.Load())
			}
		})
	}
}

func TestNobodyThere(t *testing.T) {
	resp, text := through(t, []*backend{{}, {}}, "GET", "")
	if resp.StatusCode != 503 || resp.Header.Get("Retry-After") == "" || !strings.Contains(text, `"status":"503"`) {
		t.Errorf("the answer is %d %v %s", resp.StatusCode, resp.Header, text)
	}
}

func TestTooLarge(t *testing.T) {
	n := startNode(t, echo)
	resp, text := through(t, backends(n.URL), "POST", strings.Repeat("x", maxBody+1))
	if resp.StatusCode != 413 || !strings.Contains(text, "urn:ietf:params:scim:api:messages:2.0:Error") || n.requests.Load() != 0 {
		t.Errorf("the answer is %d %s", resp.StatusCode, text)
	}
}

// TestWatch: a node that is not well gets no requests until it is.
func TestWatch(t *testing.T) {
	var ill atomic.Bool
	ill.Store(true)
	n := startNode(t, func(w http.ResponseWriter, _ *http.Request) {
		if ill.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	nodes := backends(n.URL)
	p := newProxy(nodes, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); p.watch(ctx, time.Millisecond) }()
	for _, want := range []bool{false, true, false} {
		ill.Store(!want)
		for {
			if _, well := nodes[0].at(); well == want {
				break
			}
			pause(t.Context(), time.Millisecond) // the test ends when it takes too long
		}
	}
	cancel()
	<-done
}
