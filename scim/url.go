package scim

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/scimkit/scimkit/internal/model"
)

// baseURL is Config.BaseURL made ready.
type baseURL struct {
	text   string // without trailing slash; "" if not configured
	before string // up to {tenant}
	after  string // behind {tenant}
	tenant bool
	depth  int // {tenant} is this many path segments before the endpoint
	segs   []string
}

func parseBaseURL(text string) (baseURL, error) {
	if text == "" {
		return baseURL{}, nil
	}
	u, err := url.Parse(strings.ReplaceAll(text, "{tenant}", "tenant"))
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return baseURL{}, fmt.Errorf("BaseURL %q: an absolute http or https URL without query is needed (RFC 7644 section 1.3)", text)
	}
	b := baseURL{text: strings.TrimRight(text, "/")}
	b.before, b.after, b.tenant = strings.Cut(b.text, "{tenant}")
	segment := strings.HasSuffix(b.before, "/") && (b.after == "" || b.after[0] == '/')
	if b.tenant && (!segment || !strings.HasPrefix(b.before, u.Scheme+"://"+u.Host+"/") || strings.Contains(b.after, "{tenant}")) {
		return baseURL{}, fmt.Errorf("BaseURL %q: {tenant} may stand once, for one segment of the path", text)
	}
	b.segs = strings.FieldsFunc(b.text[len(u.Scheme+"://"+u.Host):], func(r rune) bool { return r == '/' })
	if b.tenant {
		b.depth = strings.Count(b.after, "/") + 1
	}
	return b, nil
}

// otherVersion tells whether the segment just before the endpoint asks for a
// version of the protocol that is not served (RFC 7644 section 3.13). What the
// base URL ends in is no version of the protocol, whatever it looks like.
func (b *baseURL) otherVersion(v string) bool {
	if n := len(b.segs); n > 0 && b.segs[n-1] == v {
		return false
	}
	return len(v) > 1 && v[0] == 'v' && v != "v2" && strings.Trim(v[1:], "0123456789") == ""
}

// length tells how many segments of a path are those of the base URL: all or
// none.
func (b *baseURL) length(segs []segment) int {
	if len(segs) < len(b.segs) {
		return 0
	}
	for i, want := range b.segs {
		if want != segs[i].text && want != "{tenant}" {
			return 0
		}
	}
	return len(b.segs)
}

// path is the path of the base URL for a tenant.
func (b *baseURL) path(tenant string) string {
	u, err := url.Parse(b.of(tenant))
	if err != nil {
		return ""
	}
	return u.EscapedPath()
}

// of is the base URL for a tenant.
func (b *baseURL) of(tenant string) string {
	if !b.tenant {
		return b.text
	}
	return b.before + url.PathEscape(tenant) + b.after
}

var errHost = &Error{Status: http.StatusBadRequest, Detail: "The Host of the request is no host and port."}

// maxMount bounds the path before the endpoint where URLs are made of it: an
// answer holds it once for each resource and reference.
const maxMount = 512

// urlBase is the base of the URLs in the answer. What clients make up is
// bounded, because one byte of it becomes thousands.
func (rq *request) urlBase() (string, error) {
	s, r := rq.srv, rq.r
	if s.base.text != "" {
		return s.base.of(rq.principal.Tenant), nil
	}
	scheme, host := "http", r.Host
	if r.TLS != nil {
		scheme = "https"
	}
	if len(s.config.TrustedProxies) > 0 && s.trusts(r.RemoteAddr) {
		if p := r.Header.Get("X-Forwarded-Proto"); p == "http" || p == "https" {
			scheme = p
		}
		if h := r.Header.Get("X-Forwarded-Host"); plainHost(h) {
			host = h
		}
	}
	if host != "" && !plainHost(host) { // HTTP/1.0 has none
		return "", errHost
	}
	before := stripped(r)
	if len(before)+len(rq.rt.mount) > maxMount {
		return "", errNoPath
	}
	return rq.sc.join(scheme, "://", host, before, rq.rt.mount), nil
}

// stripped is the part of the request's path that http.StripPrefix took away.
func stripped(r *http.Request) string {
	path := r.RequestURI
	if !strings.HasPrefix(path, "/") {
		return ""
	}
	if i := strings.IndexByte(path, '?'); i >= 0 {
		path = path[:i]
	}
	if rest := r.URL.EscapedPath(); len(path) > len(rest) {
		if before, ok := strings.CutSuffix(path, rest); ok {
			return strings.TrimRight(before, "/")
		}
	}
	return ""
}

func (s *Server) trusts(remote string) bool {
	ap, err := netip.ParseAddrPort(remote)
	if err != nil {
		return false
	}
	for _, p := range s.config.TrustedProxies {
		if p.Contains(ap.Addr().Unmap()) {
			return true
		}
	}
	return false
}

// plainHost tells whether h is a host and port and nothing else.
func plainHost(h string) bool {
	for i := 0; i < len(h); i++ {
		c := h[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte(".-_:[]", c) >= 0) {
			return false
		}
	}
	return h != "" && len(h) <= 255
}

// plainID tells whether an id can stand in a URL and in JSON as it is.
func plainID(id []byte) bool {
	for _, c := range id {
		if !plainChars[c] {
			return false
		}
	}
	return true
}

var plainChars = charSet("-_.")

// charSet holds the letters and digits of ASCII, and others.
func charSet(others string) (set [256]bool) {
	for _, c := range []byte("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" + others) {
		set[c] = true
	}
	return set
}

// locate is the URL of a resource.
func (rq *request) locate(r *Resource) string {
	v, _ := r.doc.Get(model.IDAttr)
	var buf [64]byte
	id := v.Bytes(buf[:0])
	if !plainID(id) {
		id = []byte(url.PathEscape(string(id)))
	}
	text := &rq.sc.text
	start := rq.sc.room(len(rq.baseURL) + len(rq.rt.ep.model.Endpoint) + 1 + len(id))
	text.WriteString(rq.baseURL)
	text.WriteString(rq.rt.ep.model.Endpoint)
	text.WriteByte('/')
	text.Write(id)
	return text.String()[start:]
}
