package settings

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"path"
	"strings"
	"unicode"
)

// New makes the handler. It refuses options that cannot work, templates that
// fail and texts that nothing shows, and says all that is wrong with them.
func New(o Options) (http.Handler, error) {
	err := o.complete()
	languages, err2 := newLanguages(&o)
	if err := errors.Join(err, err2); err != nil {
		return nil, fmt.Errorf("settings: invalid Options: %w", err)
	}
	h := &handler{Options: o, languages: languages, assets: newAssets(o.CSS), cross: http.NewCrossOriginProtection()}
	if err := h.rehearse(); err != nil {
		return nil, fmt.Errorf("settings: invalid Options: in Templates: %w", err)
	}
	return h, nil
}

type handler struct {
	Options
	languages map[string]*language
	assets    assets
	cross     *http.CrossOriginProtection

	// minting is held while it is checked whether a form was sent before,
	// and its secret made: a double click is two requests at once.
	minting locks
}

// A call is one request. It is what the functions behind the routes get.
type call struct {
	*handler
	w      http.ResponseWriter
	r      *http.Request
	access Access
	lang   *language
	root   string // the page, relative to the request
	id     string // of the token in the path
	json   bool
}

// A route is one method of one path, which is relative to where the handler is
// mounted. {} is the id of a token.
type route struct {
	method, path string
	serve        func(*call) error
	write        bool // needs Access.Write
}

var routes = []route{
	{"GET", "", (*call).showPage, false},
	{"POST", "switch", (*call).postSwitch, true},
	{"POST", "tokens", (*call).postGenerate, true},
	{"GET", "tokens/{}/rotate", (*call).showAction, true},
	{"POST", "tokens/{}/rotate", (*call).postRotate, true},
	{"GET", "tokens/{}/revoke", (*call).showAction, true},
	{"POST", "tokens/{}/revoke", (*call).postAction, true},
	{"GET", "tokens/{}/complete", (*call).showAction, true},
	{"POST", "tokens/{}/complete", (*call).postAction, true},
	{"GET", "tokens/{}/cancel", (*call).showAction, true},
	{"POST", "tokens/{}/cancel", (*call).postAction, true},

	{"GET", "api/status", (*call).getStatus, false},
	{"PATCH", "api/status", (*call).patchStatus, true},
	{"POST", "api/tokens", (*call).postToken, true},
	{"DELETE", "api/tokens/{}", (*call).deleteToken, true},
	{"POST", "api/tokens/{}/rotation", (*call).postRotation, true},
	{"DELETE", "api/tokens/{}/rotation", (*call).deleteRotation, true},
	{"POST", "api/tokens/{}/rotation/complete", (*call).postCompletion, true},
	{"GET", "api/requests", (*call).getRequests, false},
	{"GET", "api/events", (*call).getEvents, false},
}

// match tells whether a path is that of the route, and which id is in it.
func (rt *route) match(rel string) (id string, ok bool) {
	before, after, wild := strings.Cut(rt.path, "{}")
	if !wild {
		return "", rel == rt.path
	}
	rest, begins := strings.CutPrefix(rel, before)
	id, ends := strings.CutSuffix(rest, after)
	return id, begins && ends && id != "" && !strings.Contains(id, "/")
}

// policy allows nothing inline and nothing from elsewhere. What a form answers
// may not be framed, so that nobody is led to click on it unseen.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func setHeaders(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin") // no-referrer would take Origin from forms
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

// ServeHTTP answers a request to the page, its assets or the API.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	setHeaders(w.Header())
	rel, ok := h.relative(r.URL.Path)
	if ok && rel == "" && addSlash(w, r) {
		return
	}
	rel = strings.TrimPrefix(rel, "/")
	if name, isAsset := strings.CutPrefix(rel, "assets/"); ok && isAsset {
		h.assets.serve(w, r, name)
		return
	}
	root := strings.Repeat("../", strings.Count(rel, "/"))
	c := &call{handler: h, w: w, r: r, lang: h.languages["en"], root: "./" + root, json: strings.HasPrefix(rel, "api/")}
	if err := c.serve(rel, ok); err != nil {
		c.fail(err)
	}
}

// serve finds the route, asks who is there, and goes on.
func (c *call) serve(rel string, ok bool) error {
	if err := c.authorize(); err != nil {
		return err
	}
	if !ok || strings.Contains(rel, "//") {
		return problemNoPage
	}
	method := c.r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	var allowed []string
	for _, rt := range routes {
		id, matches := rt.match(rel)
		if !matches {
			continue
		}
		if rt.method != method {
			allowed = append(allowed, rt.method)
			continue
		}
		if rt.write && !c.access.Write {
			return problemReadOnly
		}
		c.id = id
		return rt.serve(c)
	}
	if allowed == nil {
		return problemNoPage
	}
	c.w.Header().Set("Allow", strings.Join(allowed, ", "))
	if method == http.MethodGet && !c.json {
		return c.redirect("") // the address of a form, typed in
	}
	return problemMethod
}

// authorize asks the host, and refuses what another site makes a browser send.
func (c *call) authorize() error {
	access, err := c.Authorize(c.r)
	if err == nil || errors.Is(err, ErrForbidden) {
		c.lang = c.language(access.Language)
	}
	switch {
	case errors.Is(err, ErrUnauthenticated):
		return problemUnauthenticated
	case errors.Is(err, ErrForbidden), err == nil && !access.Read && !access.Write:
		return problemForbidden
	case err != nil:
		return err
	case access.Actor == "":
		return errors.New("settings: Authorize gave no Actor")
	case len(access.Tenant) > 255 || strings.ContainsFunc(access.Tenant, func(r rune) bool { return !unicode.IsPrint(r) }):
		return errors.New("settings: Authorize gave a Tenant that no name is like")
	}
	access.Actor = cleanActor(access.Actor)
	c.access = access
	if err := c.cross.Check(c.r); err != nil {
		return problemCrossOrigin
	}
	return nil
}

// relative is the path without that of the mount.
func (h *handler) relative(p string) (string, bool) {
	mount := h.Path
	for mount != "" {
		var segment string
		segment, mount = cutSegment(mount)
		got, rest := cutSegment(p)
		wild := strings.HasPrefix(segment, "{") && strings.HasSuffix(segment, "}")
		if got != segment && (!wild || got == "") {
			return "", false
		}
		p = rest
	}
	return p, p == "" || p[0] == '/' || h.Path == ""
}

// cutSegment takes the first segment of a path that begins with a slash.
func cutSegment(p string) (segment, rest string) {
	p, ok := strings.CutPrefix(p, "/")
	if !ok {
		return "", p
	}
	i := strings.IndexByte(p, '/')
	if i < 0 {
		return p, ""
	}
	return p[:i], p[i:]
}

// addSlash sends a browser from …/scim to …/scim/: all other addresses are
// relative to that one. The prefix that the host took away is in RequestURI. It
// may have taken the slash as well.
func addSlash(w http.ResponseWriter, r *http.Request) bool {
	u, err := url.ParseRequestURI(r.RequestURI)
	if err != nil {
		u = r.URL
	}
	if u.Path == "" || strings.HasSuffix(u.Path, "/") {
		return false
	}
	w.Header().Set("Location", "./"+path.Base(u.EscapedPath())+"/")
	w.WriteHeader(http.StatusPermanentRedirect)
	return true
}

// redirect sends a browser to the page.
func (c *call) redirect(suffix string) error {
	c.w.Header().Set("Location", c.root+suffix)
	c.w.WriteHeader(http.StatusSeeOther)
	return nil
}

func (c *call) logError(err error) {
	c.Logger.LogAttrs(c.r.Context(), slog.LevelError, "settings: request failed",
		slog.String("method", c.r.Method), slog.String("tenant", c.access.Tenant), slog.Any("error", err))
}
