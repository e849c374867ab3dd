// Package rawhttp sends HTTP/1.1 requests for tests exactly as they are
// spelled. net/http's client re-encodes paths, adds headers of its own and
// refuses to send what a server must be able to refuse.
package rawhttp

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// A Field is one header line.
type Field struct{ Name, Value string }

// A Request is written as it stands. Host, Content-Length (where there is a
// body) and Connection are added unless Header has them; nothing else is.
type Request struct {
	Method string
	Target string // after the path of the base URL, untouched
	Header []Field
	Body   []byte // nil: no body and no Content-Length
}

// A Response is the whole answer.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// Do sends r to the server at base, an http or https URL whose path is put
// before the target, on a connection of its own.
func (r Request) Do(ctx context.Context, base string) (*Response, error) {
	u, err := url.Parse(base)
	if err != nil {
		return nil, err
	}
	conn, err := dial(ctx, u)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()

	// Written beside the reading, because the answer may come before the
	// server has read the request (413); where writing fails, so does reading.
	go conn.Write(r.wire(u))
	resp, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: r.Method})
	if err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return nil, fmt.Errorf("%s %s: %w", r.Method, r.Target, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("%s %s: reading the body: %w", r.Method, r.Target, err)
	}
	return &Response{Status: resp.StatusCode, Header: resp.Header, Body: body}, nil
}

func dial(ctx context.Context, u *url.URL) (net.Conn, error) {
	switch u.Scheme {
	case "http":
		var d net.Dialer
		return d.DialContext(ctx, "tcp", hostPort(u, "80"))
	case "https":
		d := tls.Dialer{Config: &tls.Config{ServerName: u.Hostname()}}
		return d.DialContext(ctx, "tcp", hostPort(u, "443"))
	}
	return nil, fmt.Errorf("base URL %q is neither http nor https", u)
}

func hostPort(u *url.URL, port string) string {
	if p := u.Port(); p != "" {
		port = p
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// wire gives the bytes of the request.
func (r Request) wire(u *url.URL) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\n", r.Method, strings.TrimRight(u.EscapedPath(), "/")+r.Target)
	r.field(&b, "Host", u.Host)
	for _, f := range r.Header {
		fmt.Fprintf(&b, "%s: %s\r\n", f.Name, f.Value)
	}
	if r.Body != nil {
		r.field(&b, "Content-Length", strconv.Itoa(len(r.Body)))
	}
	r.field(&b, "Connection", "close")
	b.WriteString("\r\n")
	b.Write(r.Body)
	return b.Bytes()
}

// field writes a header line unless the request has that header itself.
func (r Request) field(b *bytes.Buffer, name, value string) {
	for _, f := range r.Header {
		if strings.EqualFold(f.Name, name) {
			return
		}
	}
	fmt.Fprintf(b, "%s: %s\r\n", name, value)
}
