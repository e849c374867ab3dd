package scim_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scimkit/scimkit/scim"
)

// TestSlowBody: clients that announce a body and send none of it, or half, get
// an answer when Limits.ReadTimeout has passed, whatever the answer is, and
// hold nothing any longer.
func TestSlowBody(t *testing.T) {
	ten := newTenancy(t)
	s := ten.server(t, scim.Config{Limits: scim.Limits{ReadTimeout: 300 * time.Millisecond}})
	srv := httptest.NewServer(s)
	before := ten.rows()
	t.Cleanup(func() {
		srv.Close() // waits for the handlers
		wantAlive(t, s)
		if c := changedRows(before, ten.rows()); c != nil {
			t.Errorf("changed %q", c)
		}
	})
	good := "Authorization: Bearer token-acme\r\nContent-Type: application/scim+json\r\n"
	user := "/Users/" + aliceID
	for _, tt := range []struct {
		name, method, path, header, sent string
		status                           int
	}{
		{"POST without its body", "POST", "/Users", good + "Content-Length: 100\r\n", "", 408},
		{"POST that stops half-way", "POST", "/Users", good + "Content-Length: 100\r\n", `{"userName":"slow`, 408},
		{"POST of a whole document that is shorter than announced", "POST", "/Users", good + "Content-Length: 100\r\n", `{"userName":"slow"}`, 408},
		{"PUT without its body", "PUT", user, good + "Content-Length: 100\r\n", "", 408},
		{"PATCH without its body", "PATCH", user, good + "Content-Length: 100\r\n", "", 408},
		{"PATCH that stops half-way", "PATCH", user, good + "Content-Length: 100\r\n", patchBody(`{"op":"replace","path":"active","value":false}`)[:60], 408},
		{"chunked, without a chunk", "POST", "/Users", good + "Transfer-Encoding: chunked\r\n", "", 408},
		{"chunked, half of a chunk", "POST", "/Users", good + "Transfer-Encoding: chunked\r\n", "40\r\n{\"userName\":", 408},
		{"chunked, without an end", "POST", "/Users", good + "Transfer-Encoding: chunked\r\n", "13\r\n{\"userName\":\"slow\"}\r\n", 408},
		{"chunked, broken", "POST", "/Users", good + "Transfer-Encoding: chunked\r\n", "zz\r\n{}\r\n0\r\n\r\n", 400},
		{"without credentials", "POST", "/Users", "Content-Length: 100\r\n", "", 401},
		{"GET with a body", "GET", user, good + "Content-Length: 100\r\n", "", 200},
		{"DELETE of nothing with a body", "DELETE", "/Users/none", good + "Content-Length: 100\r\n", "x", 404},
		{"a method that is not there", "BREW", "/Users", good + "Content-Length: 100\r\n", "", 405},
		{"a path that is not there", "POST", "/Pots", good + "Transfer-Encoding: chunked\r\n", "", 404},
		{"a type that is not JSON", "POST", "/Users", "Authorization: Bearer token-acme\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n", "", 415},
		{"more than is allowed", "POST", "/Users", good + "Content-Length: 104857600\r\n", "{", 413},
		{"Expect, and nothing then", "POST", "/Users", good + "Content-Length: 100\r\nExpect: 100-continue\r\n", "", 408},
		{"Expect, without credentials", "POST", "/Users", "Content-Length: 100\r\nExpect: 100-continue\r\n", "", 401},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			conn, err := net.Dial("tcp", srv.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			conn.SetDeadline(time.Now().Add(10 * time.Second))
			fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: x\r\n%s\r\n%s", tt.method, tt.path, tt.header, tt.sent)
			a, err := readReply(bufio.NewReader(conn), tt.method)
			if err != nil {
				t.Fatalf("no answer: %v", err)
			}
			if f := a.fault(tt.method); a.status != tt.status || f != "" {
				t.Errorf("%d, want %d: %s %s", a.status, tt.status, a.body, f)
			}
			// The server is through with the connection: it closes it, because
			// nobody knows where on it the next request would begin.
			if n, err := io.Copy(io.Discard, conn); n > 0 || err != nil && strings.Contains(err.Error(), "timeout") {
				t.Errorf("the connection stays open: %d bytes more, %v", n, err)
			}
		})
	}
}

// TestSlowBodyHTTP2 is TestSlowBody for a stream of HTTP/2.
func TestSlowBodyHTTP2(t *testing.T) {
	ten := newTenancy(t)
	s := ten.server(t, scim.Config{Limits: scim.Limits{ReadTimeout: 200 * time.Millisecond}})
	srv := httptest.NewUnstartedServer(s)
	srv.EnableHTTP2 = true
	srv.StartTLS()
	defer srv.Close()
	before := ten.rows()
	for _, tt := range []struct {
		method, path, authorization, sent string
		status                            int
	}{
		{"POST", "/Users", "Bearer token-acme", "", 408},
		{"POST", "/Users", "Bearer token-acme", `{"userName":"slow"`, 408},
		{"PATCH", "/Users/" + aliceID, "Bearer token-acme", `{"Operations":[`, 408},
		{"POST", "/Users", "", "", 401},
		{"GET", "/Users/" + aliceID, "Bearer token-acme", "", 200},
	} {
		body, w := io.Pipe()
		go io.WriteString(w, tt.sent)
		r, err := http.NewRequestWithContext(t.Context(), tt.method, srv.URL+tt.path, body)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", tt.authorization)
		r.Header.Set("Content-Type", "application/scim+json")
		resp, err := srv.Client().Transport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		body.Close()
		a := reply{resp.StatusCode, resp.Header, text}
		if f := a.fault(tt.method); a.status != tt.status || f != "" || err != nil || resp.ProtoMajor != 2 {
			t.Errorf("%s %s: %d, want %d: %s %s %v", tt.method, tt.path, a.status, tt.status, a.body, f, err)
		}
	}
	wantAlive(t, s)
	if c := changedRows(before, ten.rows()); c != nil {
		t.Errorf("changed %q", c)
	}
}

// readReply reads an answer, past a 100 Continue.
func readReply(r *bufio.Reader, method string) (reply, error) {
	for {
		resp, err := http.ReadResponse(r, &http.Request{Method: method})
		if err != nil {
			return reply{}, err
		}
		if resp.StatusCode == http.StatusContinue {
			continue
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		return reply{resp.StatusCode, resp.Header, body}, err
	}
}

// TestKeepAlive: the time limit for bodies ends with the body; connections
// live on, and a handler may take longer than its client took to send.
func TestKeepAlive(t *testing.T) {
	ten := newTenancy(t)
	s := ten.server(t, scim.Config{Limits: scim.Limits{ReadTimeout: 100 * time.Millisecond}})
	slow := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.ServeHTTP(w, r)
		time.Sleep(150 * time.Millisecond)
		if err := r.Context().Err(); err != nil {
			t.Errorf("the request's context is over: %v", err)
		}
	})
	srv := httptest.NewServer(slow)
	defer srv.Close()
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	r := bufio.NewReader(conn)
	for i := range 3 {
		body := userBody(fmt.Sprintf("alive%d@acme", i))
		fmt.Fprintf(conn, "POST /Users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer token-acme\r\nContent-Type: application/scim+json\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
		if a, err := readReply(r, "POST"); err != nil || a.status != 201 {
			t.Fatalf("request %d: %d %s %v", i, a.status, a.body, err)
		}
		time.Sleep(150 * time.Millisecond)
	}
}

// TestClientGoesAway: a body that ends before its announced end because the
// client is gone stores nothing.
func TestClientGoesAway(t *testing.T) {
	ten := newTenancy(t)
	s := ten.server(t, scim.Config{})
	srv := httptest.NewServer(s)
	before := ten.rows()
	for _, header := range []string{"Content-Length: 100\r\n", "Transfer-Encoding: chunked\r\n"} {
		conn, err := net.Dial("tcp", srv.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		body := `{"userName":"gone"}`
		if strings.HasPrefix(header, "Transfer") {
			body = "13\r\n" + body + "\r\n"
		}
		fmt.Fprintf(conn, "POST /Users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer token-acme\r\n%s\r\n%s", header, body)
		conn.(*net.TCPConn).CloseWrite()
		a, err := readReply(bufio.NewReader(conn), "POST")
		conn.Close()
		if err != nil {
			t.Fatal(err)
		}
		wantError(t, a, 400, "invalidSyntax", "ends before")
	}
	srv.Close() // waits for the handlers
	if c := changedRows(before, ten.rows()); c != nil {
		t.Errorf("changed %q", c)
	}
}

// TestHugeBody: 100 MiB are refused when the limit is passed, announced or
// not, and hardly any of it is read.
func TestHugeBody(t *testing.T) {
	const size = 100 << 20
	ten := newTenancy(t)
	s := ten.server(t, scim.Config{})
	srv := httptest.NewServer(s)
	defer srv.Close()
	before := ten.rows()
	for _, chunked := range []bool{false, true} {
		for _, rq := range []struct{ method, path, limit string }{
			{"POST", "/Users", "262144"}, {"PUT", "/Users/" + aliceID, "262144"}, {"PATCH", "/Users/" + aliceID, "1048576"},
			{"POST", "/Groups", "4194304"}, {"PUT", "/Groups/" + groupID, "4194304"}, {"PATCH", "/Groups/" + groupID, "4194304"},
		} {
			var sent counter
			r, err := http.NewRequestWithContext(t.Context(), rq.method, srv.URL+rq.path, io.TeeReader(io.LimitReader(spaces{}, size), &sent))
			if err != nil {
				t.Fatal(err)
			}
			if r.ContentLength = size; chunked {
				r.ContentLength = -1
			}
			r.Header.Set("Authorization", "Bearer token-acme")
			r.Header.Set("Content-Type", "application/json")
			resp, err := http.DefaultTransport.RoundTrip(r)
			if err != nil {
				t.Fatalf("%s %s chunked=%v: %v", rq.method, rq.path, chunked, err)
			}
			body, _ := io.ReadAll(resp.Body)
			resp.Body.Close()
			wantError(t, reply{resp.StatusCode, resp.Header, body}, 413, "", "limit of "+rq.limit+" bytes")
			if n := sent.Load(); n > 50<<20 {
				t.Errorf("%s %s chunked=%v: the server took %d bytes", rq.method, rq.path, chunked, n)
			}
		}
	}
	wantAlive(t, s)
	if c := changedRows(before, ten.rows()); c != nil {
		t.Errorf("changed %q", c)
	}
}

// spaces is endless white space, which JSON allows.
type spaces struct{}

func (spaces) Read(p []byte) (int, error) {
	return copy(p, bytes.Repeat([]byte{' '}, min(len(p), 32<<10))), nil
}

// counter counts what is written to it; the transport still writes when the
// answer is there.
type counter struct{ atomic.Int64 }

func (c *counter) Write(p []byte) (int, error) {
	c.Add(int64(len(p)))
	return len(p), nil
}
