package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// backend is the place of a node, which may be there or not.
type backend struct {
	mu   sync.Mutex
	host string // and port; "" for none
	well bool
}

// set tells where the node is now, "" for nowhere.
func (b *backend) set(url string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.host = strings.TrimPrefix(url, "http://")
	b.well = b.host != ""
}

// mark notes how the node at host is, if it is still there.
func (b *backend) mark(host string, well bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.host == host {
		b.well = well && host != ""
	}
}

func (b *backend) at() (host string, well bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.host, b.well
}

// proxy passes requests to nodes that are well, in turn. It sends a request a
// second time only if that can do no harm: if it never reached a node, or only
// reads. Of any other that had no answer nobody knows what became of it, and the
// client is told to come again: 503 with Retry-After.
type proxy struct {
	nodes   []*backend
	turn    atomic.Uint64
	direct  *http.Transport
	reverse *httputil.ReverseProxy
	wait    time.Duration // for how long a request waits for a node to be there
	log     *slog.Logger
}

// maxBody is of requests, which are kept until they are answered.
const maxBody = 16 << 20

func newProxy(nodes []*backend, log *slog.Logger) *proxy {
	p := &proxy{nodes: nodes, wait: 5 * time.Second, log: log,
		direct: &http.Transport{MaxIdleConnsPerHost: 100, DialContext: (&net.Dialer{Timeout: 2 * time.Second}).DialContext}}
	p.reverse = &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = "http", "node", r.In.Host
			r.SetXForwarded()
		},
		Transport: p,
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			log.Warn("request had no answer", "method", r.Method, "path", r.URL.Path, "error", err)
			w.Header().Set("Retry-After", "1")
			problem(w, http.StatusServiceUnavailable, "The outcome of the request is not known, or no server is there. Please try again.")
		},
	}
	return p
}

// problem writes a SCIM error.
func problem(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/scim+json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]any{ // the client may have gone
		"schemas": []string{"urn:ietf:params:scim:api:messages:2.0:Error"}, "status": strconv.Itoa(status), "detail": detail,
	})
}

// ServeHTTP reads the body, so that it can be sent again.
func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		problem(w, http.StatusRequestEntityTooLarge, fmt.Sprintf("The body has more than %d bytes.", maxBody))
		return
	case err != nil:
		problem(w, http.StatusBadRequest, "The body could not be read.")
		return
	}
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	r.Body, _ = r.GetBody()
	r.ContentLength = int64(len(body))
	p.reverse.ServeHTTP(w, r)
}

// RoundTrip sends a request to a node, and perhaps to another one.
func (p *proxy) RoundTrip(r *http.Request) (*http.Response, error) {
	for try := 1; ; try++ {
		node, at, err := p.pick(r.Context())
		if err != nil {
			return nil, err
		}
		resp, err := p.send(r, at)
		if err == nil {
			return resp, nil
		}
		node.mark(at, false)
		reads := r.Method == http.MethodGet || r.Method == http.MethodHead
		if r.Context().Err() != nil || try == 5 || !reads && !neverSent(err) {
			return nil, err
		}
	}
}

// neverSent tells whether a request that failed with err has not reached a node.
func neverSent(err error) bool {
	var e *net.OpError
	return errors.As(err, &e) && e.Op == "dial"
}

// send sends a request and takes the whole answer: what a node that is killed
// leaves is half of one.
func (p *proxy) send(r *http.Request, at string) (*http.Response, error) {
	out := r.Clone(r.Context())
	out.URL.Host = at
	if r.GetBody != nil {
		out.Body, _ = r.GetBody() // cannot fail
	}
	resp, err := p.direct.RoundTrip(out)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

var errNobody = errors.New("no node is there")

// pick gives the next node that is well. It waits for one for a while.
func (p *proxy) pick(ctx context.Context) (node *backend, at string, err error) {
	end := time.Now().Add(p.wait)
	for {
		for range p.nodes {
			node = p.nodes[p.turn.Add(1)%uint64(len(p.nodes))]
			if at, well := node.at(); well {
				return node, at, nil
			}
		}
		if time.Now().After(end) || ctx.Err() != nil {
			return nil, "", errNobody
		}
		pause(ctx, 20*time.Millisecond)
	}
}

// watch asks the nodes how they are, until ctx is done.
func (p *proxy) watch(ctx context.Context, every time.Duration) {
	client := http.Client{Transport: p.direct, Timeout: 2 * time.Second}
	var wg sync.WaitGroup
	for _, node := range p.nodes {
		wg.Go(func() {
			for ctx.Err() == nil {
				at, was := node.at()
				if at != "" {
					well := p.ask(ctx, &client, at)
					if well != was && ctx.Err() == nil {
						p.log.Info("health", "url", "http://"+at, "well", well)
					}
					node.mark(at, well)
				}
				pause(ctx, every)
			}
		})
	}
	wg.Wait()
}

// ask asks one node.
func (p *proxy) ask(ctx context.Context, client *http.Client, at string) bool {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+at+healthPath, http.NoBody)
	if err != nil {
		return false
	}
	resp, err := client.Do(r)
	if err != nil {
		return false
	}
	resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}
