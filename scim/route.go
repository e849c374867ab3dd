package scim

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/scimkit/scimkit/internal/quirk"
)

// kind is what a URL names.
type kind uint8

const (
	unknownPath kind = iota
	rootPath
	collection
	item
	providerConfig
	resourceTypes
	schemas
	notImplemented // /Bulk, /Me, /.search
	wrongVersion
)

// route is a URL understood.
type route struct {
	kind   kind
	ep     *endpoint
	id     string // decoded: of a resource, a schema or a resource type
	tenant string // that the URL names, decoded; "" if none
	mount  string // the escaped path before the endpoint
	used   quirk.Set
}

var fixedPaths = map[string]kind{
	"ServiceProviderConfig": providerConfig,
	"ResourceTypes":         resourceTypes,
	"Schemas":               schemas,
	"Bulk":                  notImplemented,
	"Me":                    notImplemented,
	".search":               notImplemented,
}

var pathAliases = map[string]string{
	"ServiceProviderConfigs": "ServiceProviderConfig",
	"serviceConfiguration":   "ServiceProviderConfig",
}

// segment is one part of a path.
type segment struct {
	text  string // decoded
	start int    // of the escaped text
}

// route finds what r asks for. Every segment is decoded once, by itself; one
// that then holds a slash, a percent sign, a control character, or is a dot
// segment names nothing.
func (s *Server) route(r *http.Request) route {
	path := r.URL.EscapedPath()
	var store [8]segment
	segs, slashes, ok := split(store[:0], path)
	rt := route{mount: path}
	if !ok {
		return rt
	}
	if slashes {
		rt.used |= quirk.Of(quirk.Slashes)
	}
	if len(segs) == 0 {
		rt.kind, rt.mount = rootPath, ""
		return rt
	}
	for i := s.base.length(segs); i < len(segs); i++ {
		if s.match(&rt, segs[i:]) {
			rt.mount = strings.TrimRight(path[:segs[i].start], "/")
			s.findTenant(&rt, r, segs[:i])
			return rt
		}
	}
	before := segs // where BaseURL says nothing, all of an unknown path may be before the endpoint
	if n := s.base.length(segs); n > 0 {
		before = segs[:n]
	}
	s.findTenant(&rt, r, before)
	if s.base.text != "" && strings.TrimRight(path, "/") == s.base.path(rt.tenant) || mountedAt(r, len(segs)) {
		rt.kind = rootPath
	}
	return rt
}

// mountedAt tells whether a path of n segments is where the host's mux has the
// server: all of a pattern that ends in a slash. What http.StripPrefix leaves
// is another path than that of the pattern.
func mountedAt(r *http.Request, n int) bool {
	_, pattern, found := strings.Cut(r.Pattern, "/")
	pattern, subtree := strings.CutSuffix("/"+pattern, "/")
	return found && subtree && strings.Count(pattern, "/") == n && stripped(r) == ""
}

// split cuts an escaped path into decoded segments. slashes tells whether it
// had doubled or trailing ones.
func split(segs []segment, path string) (_ []segment, slashes, ok bool) {
	for i := 0; i < len(path); {
		if path[i] == '/' {
			i++
			slashes = slashes || i == len(path) && i > 1 || i < len(path) && path[i] == '/'
			continue
		}
		end := i + strings.IndexByte(path[i:], '/')
		if end < i {
			end = len(path)
		}
		text, ok := decodeSegment(path[i:end])
		if !ok {
			return nil, false, false
		}
		segs = append(segs, segment{text, i})
		i = end
	}
	return segs, slashes, true
}

func decodeSegment(raw string) (string, bool) {
	text := raw
	if strings.IndexByte(raw, '%') >= 0 {
		var err error
		if text, err = url.PathUnescape(raw); err != nil {
			return "", false
		}
	}
	return text, plain(text)
}

// plain tells whether text, a segment that has been decoded, may name anything.
func plain(text string) bool {
	for i := 0; i < len(text); i++ {
		if c := text[i]; c < ' ' || c == 0x7f || c == '/' || c == '\\' || c == '%' {
			return false
		}
	}
	return text != "." && text != ".."
}

// match tells whether segs, from its first on, is a URL of the server. The
// first match from the left decides, so that an id may be called like an
// endpoint.
func (s *Server) match(rt *route, segs []segment) bool {
	before := rt.used
	if s.matches(rt, segs) {
		return true
	}
	rt.used = before
	return false
}

func (s *Server) matches(rt *route, segs []segment) bool {
	name := segs[0].text
	var k kind
	ep := s.byPath[name]
	if ep == nil {
		var ok bool
		if k, ok = fixedPaths[name]; !ok {
			if k, ep, ok = s.alias(rt, name); !ok {
				return false
			}
		}
	}
	switch rest := segs[1:]; {
	case ep != nil && len(rest) == 0:
		rt.kind = collection
	case ep != nil && len(rest) == 1 && rest[0].text == ".search":
		rt.kind = notImplemented
	case ep != nil && len(rest) == 1:
		rt.kind, rt.id = item, rest[0].text
	case ep == nil && len(rest) == 0:
		rt.kind = k
	case len(rest) == 1 && (k == schemas || k == resourceTypes):
		rt.kind, rt.id = k, rest[0].text
	default:
		return false
	}
	rt.ep = ep
	return true
}

// alias finds an endpoint by a name in another letter case or by another name
// (quirks PathCase and PathAlias). Whether that is tolerated is asked later,
// when the tenant is known.
func (s *Server) alias(rt *route, name string) (kind, *endpoint, bool) {
	if real, ok := pathAliases[name]; ok {
		rt.used |= quirk.Of(quirk.PathAlias)
		return fixedPaths[real], nil, true
	}
	for path, k := range fixedPaths {
		if strings.EqualFold(path, name) {
			rt.used |= quirk.Of(quirk.PathCase)
			return k, nil, true
		}
	}
	for _, ep := range s.endpoints {
		if strings.EqualFold(ep.path, name) {
			rt.used |= quirk.Of(quirk.PathCase)
			return 0, ep, true
		}
	}
	return 0, nil, false
}

// findTenant reads the tenant from the segments before the endpoint, where
// BaseURL has it, or from the pattern of the host's own mux. Hosts look it up
// before anybody has proved who they are, so it is plain.
func (s *Server) findTenant(rt *route, r *http.Request, before []segment) {
	named := true
	if t := r.PathValue("tenant"); t != "" {
		rt.tenant = t
	} else if s.base.tenant {
		rt.tenant, named = s.base.tenantOf(r, before)
	}
	if !named || rt.tenant != "" && !plainTenant(rt.tenant) {
		rt.tenant, rt.kind = "", unknownPath
	}
	if len(before) > 0 && rt.kind != unknownPath && s.base.otherVersion(before[len(before)-1].text) {
		rt.kind = wrongVersion
	}
}

// tenantOf reads the tenant from the segments before the endpoint, with those
// that http.StripPrefix took away. A path that is too short to name one is not
// under the base URL: it must not be served to whatever tenant has the token.
func (b *baseURL) tenantOf(r *http.Request, before []segment) (tenant string, ok bool) {
	if i := len(before) - b.depth; i >= 0 {
		return before[i].text, true
	}
	var store [8]segment
	gone, _, ok := split(store[:0], stripped(r))
	i := len(gone) + len(before) - b.depth
	if !ok || i < 0 || len(gone) == 0 {
		return "", false
	}
	return gone[i].text, true
}

const maxTenant = 63

// plainTenant tells whether text may name a tenant: letters, digits and, but
// not as the first, dots, dashes and underscores.
func plainTenant(text string) bool {
	return text != "" && len(text) <= maxTenant && strings.IndexByte("._-", text[0]) < 0 && plainID([]byte(text))
}
