package scim_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/scimkit/scimkit/internal/rawhttp"
	"github.com/scimkit/scimkit/scim"
)

// credentials of a request whose URL names acme, if it names a tenant.
var credentials = []struct{ name, header, tenant string }{
	{"no token", "", ""},
	{"a wrong token", "Bearer nonsense", ""},
	{"a token of the other tenant", "Bearer token-globex", "globex"},
	{"the right token", "Bearer token-acme", "acme"},
}

// A watch sees which requests reach the server.
type watch struct {
	http.Handler
	served atomic.Int64
}

func (w *watch) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	w.served.Add(1)
	w.Handler.ServeHTTP(rw, r)
}

// A breach says how an answer breaks the rules of S3 in security.md: "" if it
// does not.
func breach(a reply, method, tenant string, served, decisions int64) string {
	for _, other := range tenantNames {
		if other != tenant && (bytes.Contains(a.body, []byte(marker(other))) || strings.Contains(fmt.Sprint(a.header), marker(other))) {
			return fmt.Sprintf("data of the tenant %s reached one who is %q", other, tenant)
		}
	}
	if served == 0 { // net/http or its mux answered
		return ""
	}
	if f := a.fault(method); f != "" {
		return f
	}
	switch {
	case a.status == http.StatusRequestURITooLong && decisions == 0: // refused unread
	case decisions != 1:
		return fmt.Sprintf("status %d after %d decisions about who it is", a.status, decisions)
	case tenant == "" && a.status != http.StatusUnauthorized:
		return fmt.Sprintf("status %d without credentials", a.status)
	case a.status >= 500 && a.status != http.StatusNotImplemented:
		return fmt.Sprintf("status %d", a.status)
	}
	return ""
}

// TestPathSpellings is S3 of the security plan: however a path is spelled,
// somebody is asked who sends it, and nobody sees the data of others.
func TestPathSpellings(t *testing.T) {
	for _, m := range mounts {
		t.Run(m.name, func(t *testing.T) {
			ten := newTenancy(t)
			all := targets(m.path, "acme", "globex")
			if len(all) < 200 {
				t.Fatalf("%d targets, want at least 200", len(all))
			}
			before := ten.rows()
			found := 0
			try(t, ten, ten.server(t, scim.Config{BaseURL: m.baseURL}), m.wrap, all, func(target, cred, method, fault string, a reply) {
				if fault != "" {
					t.Errorf("%s %.200s with %s: %s", method, target, cred, fault)
				}
				if cred == "the right token" && a.status == http.StatusOK && bytes.Contains(a.body, []byte(marker("acme"))) {
					found++
				}
			})
			if found < 3 {
				t.Errorf("only %d targets found something: the test sees nothing", found)
			}
			if c := changedRows(before, ten.rows()); c != nil {
				t.Errorf("rows changed: %q", c)
			}
		})
	}
}

// try sends every target with every credential over raw sockets.
func try(t *testing.T, ten *tenancy, s http.Handler, wrap func(http.Handler) http.Handler, all []string, report func(target, cred, method, fault string, a reply)) {
	w := &watch{Handler: s}
	var h http.Handler = w
	if wrap != nil {
		h = wrap(w)
	}
	srv := httptest.NewServer(h)
	defer srv.Close()
	host := strings.TrimPrefix(srv.URL, "http://")
	for i, target := range all {
		for _, c := range credentials {
			method := "GET"
			fields := []rawhttp.Field{{Name: "X-HTTP-Method-Override", Value: "DELETE"}, {Name: "X-Method-Override", Value: "PUT"},
				{Name: "X-Original-URL", Value: "/scim/globex/v2/Users"}, {Name: "X-Rewrite-URL", Value: "/scim/globex/v2/Users"}}
			if i%5 == 1 {
				method = "HEAD"
			}
			if c.header != "" {
				fields = append(fields, rawhttp.Field{Name: "Authorization", Value: c.header})
			}
			served, decided := w.served.Load(), ten.decisions.Load()
			resp, err := rawhttp.Request{Method: method, Target: strings.ReplaceAll(target, "HOST", host), Header: fields}.Do(t.Context(), srv.URL)
			if err != nil {
				t.Fatal(err)
			}
			a := reply{resp.Status, resp.Header, resp.Body}
			report(target, c.name, method, breach(a, method, c.tenant, w.served.Load()-served, ten.decisions.Load()-decided), a)
		}
	}
}

// TestPathSpellingsCanFail shows that TestPathSpellings sees what it is for: a
// server whose authenticator believes the URL, and a host that checks the
// token by the prefix of the path before it routes.
func TestPathSpellingsCanFail(t *testing.T) {
	t.Run("believes the URL", func(t *testing.T) {
		ten := newTenancy(t)
		gullible := scim.AuthenticatorFunc(func(r *http.Request, tenant string) (scim.Principal, error) {
			_, err := ten.Authenticate(r, tenant)
			if tenant == "" {
				return scim.Principal{}, scim.ErrUnauthorized
			}
			return scim.Principal{Tenant: tenant}, err
		})
		s := ten.server(t, scim.Config{Authenticator: gullible, BaseURL: "https://scim.example/scim/{tenant}/v2"})
		faults := 0
		try(t, ten, s, nil, targets(mounts[6].path, "acme", "globex")[:40], func(_, _, _, fault string, _ reply) {
			if fault != "" {
				faults++
			}
		})
		if faults == 0 {
			t.Error("no fault found in a server that gives everyone's data to everyone")
		}
	})
	t.Run("checks a prefix", func(t *testing.T) {
		ten := newTenancy(t)
		open := scim.AuthenticatorFunc(func(*http.Request, string) (scim.Principal, error) {
			ten.decisions.Add(1)
			return scim.Principal{Tenant: "acme"}, nil
		})
		s := ten.server(t, scim.Config{Authenticator: open})
		guard := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if _, ok := scim.BearerToken(r); !ok && strings.HasPrefix(r.RequestURI, "/scim/") {
				http.Error(w, "no", http.StatusUnauthorized)
				return
			}
			s.ServeHTTP(w, r)
		})
		faults := 0
		try(t, ten, guard, nil, targets(mounts[1].path, "acme", "globex"), func(_, cred, _, fault string, _ reply) {
			if fault != "" && cred == "no token" {
				faults++
			}
		})
		if faults == 0 {
			t.Error("no fault found in a host that authenticates by a prefix of the path")
		}
	})
}

// TestPathSpellingsHTTP2 is TestPathSpellings with the pseudo-header :path.
func TestPathSpellingsHTTP2(t *testing.T) {
	for _, m := range mounts {
		t.Run(m.name, func(t *testing.T) {
			ten := newTenancy(t)
			w := &watch{Handler: ten.server(t, scim.Config{BaseURL: m.baseURL})}
			var h http.Handler = w
			if m.wrap != nil {
				h = m.wrap(w)
			}
			srv := httptest.NewUnstartedServer(h)
			srv.EnableHTTP2 = true
			srv.StartTLS()
			defer srv.Close()
			sent := 0
			for _, target := range targets(m.path, "acme", "globex") {
				if _, err := url.ParseRequestURI(target); err != nil {
					continue // net/http ends such a stream unserved, and its client tries for ever
				}
				for _, c := range credentials {
					served, decided := w.served.Load(), ten.decisions.Load()
					a, err := askHTTP2(t.Context(), srv, target, c.header)
					if err != nil { // the client or the server refuses to frame it
						if w.served.Load() != served {
							t.Errorf("%.200s: %v after the server saw it", target, err)
						}
						continue
					}
					sent++
					if fault := breach(a, "GET", c.tenant, w.served.Load()-served, ten.decisions.Load()-decided); fault != "" {
						t.Errorf("%.200s with %s: %s", target, c.name, fault)
					}
				}
			}
			if sent < 200 {
				t.Errorf("only %d requests were sent", sent)
			}
		})
	}
}

// askHTTP2 sends target as :path as it is spelled.
func askHTTP2(ctx context.Context, srv *httptest.Server, target, authorization string) (reply, error) {
	host := strings.TrimPrefix(srv.URL, "https://")
	r := (&http.Request{Method: "GET", URL: &url.URL{Scheme: "https", Host: host, Opaque: "//" + host + target}, Header: http.Header{}}).WithContext(ctx)
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	resp, err := srv.Client().Transport.RoundTrip(r)
	if err != nil {
		return reply{}, err
	}
	defer resp.Body.Close()
	if resp.ProtoMajor != 2 {
		return reply{}, fmt.Errorf("protocol %s", resp.Proto)
	}
	body, err := io.ReadAll(resp.Body)
	return reply{resp.StatusCode, resp.Header, body}, err
}
