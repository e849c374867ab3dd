package scim

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/quirk"
)

// request is one request on its way through the server. It is also the
// context that handlers get: it holds the principal and the deadline, and makes
// a timer only if someone waits for it. It is never used again, because a
// handler may keep its context.
type request struct {
	context.Context
	srv       *Server
	w         http.ResponseWriter
	r         *http.Request
	rt        route
	principal Principal
	policy    *policy
	log       quirk.Log
	handler   ResourceHandler
	baseURL   string
	deadline  time.Time
	timer     sync.Once
	timed     context.Context
	cancel    context.CancelFunc
	sent      bool
}

// scratch is memory that requests use one after the other.
type scratch struct {
	body []byte
	out  []byte
	tree document.Tree
}

const maxKeep = 1 << 20 // scratch memory larger than this is not kept

// ServeHTTP answers a SCIM request. Every answer, errors included, is SCIM.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rq := &request{Context: r.Context(), srv: s, w: w, r: r, policy: s.policy}
	defer rq.finish()
	if err := rq.serve(); err != nil {
		rq.fail(err)
	}
}

func (rq *request) serve() error {
	s := rq.srv
	if n := max(len(rq.r.RequestURI), len(rq.r.URL.Path)+len(rq.r.URL.RawQuery)); n > s.limits.TargetBytes {
		return &Error{Status: http.StatusRequestURITooLong, Detail: fmt.Sprintf("The request target is longer than the limit of %d bytes.", s.limits.TargetBytes)}
	}
	rq.rt = s.route(rq.r)
	if err := rq.authenticate(); err != nil {
		return err
	}
	rq.policy = s.tolerance(rq, rq.principal.Tenant)
	rq.log.Allowed = rq.policy.allowed
	for q := range rq.rt.used.All {
		if !rq.log.Try(q) {
			return errNoPath
		}
	}
	return rq.dispatch()
}

// authenticate finds the principal. The discovery endpoints may be public.
func (rq *request) authenticate() error {
	if rq.srv.config.PublicDiscovery && rq.rt.kind >= providerConfig && rq.rt.kind <= schemas && rq.r.Header["Authorization"] == nil {
		rq.principal.Tenant = rq.rt.tenant
		return nil
	}
	p, err := rq.srv.config.Authenticator.Authenticate(rq.r, rq.rt.tenant)
	if err != nil {
		var e *Error
		if errors.As(err, &e) {
			return err
		}
		rq.srv.log.LogAttrs(rq, slog.LevelError, "scim: authenticator failed", slog.Any("error", err))
		return ErrUnavailable
	}
	if rq.rt.tenant != "" && p.Tenant != rq.rt.tenant {
		return ErrUnauthorized
	}
	rq.principal = p
	return nil
}

var (
	errNoPath         = &Error{Status: http.StatusNotFound, Detail: "There is nothing at this path."}
	errNotImplemented = &Error{Status: http.StatusNotImplemented, Detail: "The service does not implement this endpoint."}
)

// dispatch finds the operation for the route and the method.
func (rq *request) dispatch() error {
	method := rq.r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	switch rq.rt.kind {
	case collection:
		switch method {
		case http.MethodGet:
			return rq.resource(OpRead, (*request).list)
		case http.MethodPost:
			return rq.resource(OpCreate, (*request).create)
		}
		return rq.notAllowed("GET, HEAD, POST")
	case item:
		switch method {
		case http.MethodGet:
			return rq.resource(OpRead, (*request).get)
		case http.MethodPut:
			return rq.resource(OpReplace, (*request).replace)
		case http.MethodPatch:
			return rq.resource(OpModify, (*request).modify)
		case http.MethodDelete:
			return rq.resource(OpDelete, (*request).delete)
		}
		return rq.notAllowed("GET, HEAD, PUT, PATCH, DELETE")
	case providerConfig, resourceTypes, schemas:
		if method != http.MethodGet {
			return rq.notAllowed("GET, HEAD")
		}
		return rq.discover()
	case notImplemented, rootPath:
		return errNotImplemented
	case wrongVersion:
		return badRequest("invalidVers", "This service speaks version v2 of the protocol.")
	}
	return errNoPath
}

func (rq *request) notAllowed(allow string) error {
	rq.w.Header()["Allow"] = []string{allow}
	return &Error{Status: http.StatusMethodNotAllowed, Detail: fmt.Sprintf("The method %.20q is not allowed here; allowed are %s.", rq.r.Method, allow)}
}

// resource prepares an operation on resources: permission, id, handler, base
// URL and deadline.
func (rq *request) resource(op Operation, do func(*request) error) error {
	ep := rq.rt.ep
	if p := rq.principal.Permit; p != nil && !p(ep.model.Name, op) {
		return ErrForbidden
	}
	if rq.rt.kind == item && !rq.srv.plausibleID(rq.rt.id) {
		return ErrNotFound
	}
	if d := rq.srv.limits.Timeout; d > 0 {
		rq.deadline = time.Now().Add(d)
	}
	rq.handler = ep.Handler
	if ep.ForTenant != nil {
		h, err := ep.ForTenant(rq, rq.principal.Tenant)
		if err != nil {
			return err
		}
		if h == nil {
			return errors.New("ForTenant gave no handler and no error")
		}
		rq.handler = h
	}
	rq.baseURL = rq.srv.urlOf(rq.r, &rq.rt, rq.principal.Tenant)
	return do(rq)
}

// plausibleID tells whether id may be the id of a resource at all.
func (s *Server) plausibleID(id string) bool {
	return id != "" && len(id) <= s.limits.IDBytes && !strings.Contains(id, "bulkId")
}

// Deadline is the earlier one of the client's context and the limit.
func (rq *request) Deadline() (time.Time, bool) {
	if d, ok := rq.Context.Deadline(); ok && (rq.deadline.IsZero() || d.Before(rq.deadline)) {
		return d, true
	}
	return rq.deadline, !rq.deadline.IsZero()
}

// Done makes the timer when it is first asked for.
func (rq *request) Done() <-chan struct{} {
	return rq.withTimer().Done()
}

// Err tells whether the context is over.
func (rq *request) Err() error {
	if err := rq.Context.Err(); err != nil {
		return err
	}
	if !rq.deadline.IsZero() && !time.Now().Before(rq.deadline) {
		return context.DeadlineExceeded
	}
	return nil
}

// Value gives the principal to PrincipalFrom.
func (rq *request) Value(key any) any {
	if _, ok := key.(principalKey); ok {
		return &rq.principal
	}
	return rq.Context.Value(key)
}

func (rq *request) withTimer() context.Context {
	rq.timer.Do(func() {
		if rq.deadline.IsZero() {
			rq.timed = rq.Context
			return
		}
		rq.timed, rq.cancel = context.WithDeadline(rq.Context, rq.deadline)
	})
	return rq.timed
}

// finish recovers from a panic, ends the timer and tells of quirks.
func (rq *request) finish() {
	if p := recover(); p != nil {
		if p == http.ErrAbortHandler {
			panic(p)
		}
		rq.srv.log.LogAttrs(rq.Context, slog.LevelError, "scim: panic",
			slog.String("method", rq.r.Method), slog.String("panic", fmt.Sprintf("%.500v", p)), slog.String("stack", string(debug.Stack())))
		if rq.sent {
			panic(http.ErrAbortHandler)
		}
		rq.fail(errPanic)
	}
	if rq.cancel != nil {
		rq.cancel()
	}
	if rq.log.Used != 0 {
		rq.tellQuirks()
	}
}

var errPanic = &Error{Status: http.StatusInternalServerError, Detail: "The service failed to process the request."}

func (rq *request) tellQuirks() {
	s := rq.srv
	debugging := s.log.Enabled(rq.Context, slog.LevelDebug)
	for q := range rq.log.Used.All {
		s.quirks[q].Add(1)
		if debugging {
			s.log.LogAttrs(rq.Context, slog.LevelDebug, "scim: quirk", slog.String("quirk", q.String()),
				slog.String("method", rq.r.Method), slog.String("tenant", rq.principal.Tenant))
		}
		if s.config.OnQuirk != nil {
			s.config.OnQuirk(rq, q)
		}
	}
}

// fail answers with an error.
func (rq *request) fail(err error) {
	e, told := toError(err)
	if !told {
		rq.srv.log.LogAttrs(rq.Context, slog.LevelError, "scim: request failed",
			slog.String("method", rq.r.Method), slog.String("tenant", rq.principal.Tenant), slog.Any("error", err))
	}
	h := rq.w.Header()
	switch {
	case e.Status == http.StatusUnauthorized:
		h["Www-Authenticate"] = []string{rq.srv.config.Challenge}
	case e.RetryAfter > 0:
		h["Retry-After"] = []string{strconv.Itoa(e.RetryAfter)}
	case e.Status == http.StatusServiceUnavailable || e.Status == http.StatusTooManyRequests:
		h["Retry-After"] = []string{"5"}
	}
	rq.send(e.Status, appendError(nil, e))
}

// appendError writes the error message (RFC 7644 section 3.12).
func appendError(dst []byte, e *Error) []byte {
	dst = append(dst, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"`...)
	dst = append(strconv.AppendInt(dst, int64(e.Status), 10), '"')
	if e.Type != "" {
		dst = document.AppendString(append(dst, `,"scimType":`...), e.Type)
	}
	if e.Detail != "" {
		dst = document.AppendString(append(dst, `,"detail":`...), strings.ToValidUTF8(e.Detail, "\uFFFD"))
	}
	return append(dst, '}')
}

var mediaType = []string{"application/scim+json"}

// send writes an answer with a body.
func (rq *request) send(status int, body []byte) {
	h := rq.w.Header()
	h["Content-Type"] = mediaType
	if len(body) > 2000 { // net/http knows the length of shorter ones
		h["Content-Length"] = []string{strconv.Itoa(len(body))}
	}
	rq.sent = true
	rq.w.WriteHeader(status)
	if rq.r.Method != http.MethodHead {
		rq.w.Write(body) // the client went away: nothing is left to be done
	}
}

// body reads the body of the request into sc, at most limit bytes.
func (rq *request) body(sc *scratch, limit int) ([]byte, error) {
	if err := rq.checkMedia(); err != nil {
		return nil, err
	}
	tooLarge := &Error{Status: http.StatusRequestEntityTooLarge, Detail: fmt.Sprintf("The body is larger than the limit of %d bytes.", limit)}
	if rq.rt.ep.listName != nil && rq.r.Method != http.MethodPatch {
		tooLarge.Detail += " Use PATCH to change a long list of " + rq.rt.ep.listName[0] + "."
	}
	if rq.r.ContentLength > int64(limit) {
		return nil, tooLarge
	}
	if d := rq.srv.limits.ReadTimeout; d > 0 {
		c := http.NewResponseController(rq.w)
		if c.SetReadDeadline(time.Now().Add(d)) == nil {
			defer c.SetReadDeadline(time.Time{})
		}
	}
	buf := bytes.NewBuffer(sc.body[:0])
	n, err := buf.ReadFrom(io.LimitReader(rq.r.Body, int64(limit)+1))
	sc.body = buf.Bytes()
	switch {
	case err != nil:
		return nil, readError(err)
	case n > int64(limit):
		return nil, tooLarge
	}
	return sc.body, nil
}

// readError is what a body that does not arrive is answered with.
func readError(err error) error {
	var timeout net.Error
	var tooBig *http.MaxBytesError
	switch {
	case errors.As(err, &timeout) && timeout.Timeout():
		return &Error{Status: http.StatusRequestTimeout, Detail: "The body did not arrive in time."}
	case errors.As(err, &tooBig):
		return &Error{Status: http.StatusRequestEntityTooLarge, Detail: fmt.Sprintf("The body is larger than the limit of %d bytes.", tooBig.Limit)}
	}
	return badRequest("invalidSyntax", "The body ends before its announced end.")
}

// checkMedia refuses bodies that are not JSON in UTF-8 (RFC 7644 section 3.8).
func (rq *request) checkMedia() error {
	h := rq.r.Header
	if enc := h.Get("Content-Encoding"); enc != "" && !strings.EqualFold(enc, "identity") {
		return &Error{Status: http.StatusUnsupportedMediaType, Detail: fmt.Sprintf("The content encoding %.40q is not supported.", enc)}
	}
	ct := h.Get("Content-Type")
	if ct == "application/scim+json" || ct == "application/json" || ct == "application/scim+json; charset=utf-8" {
		return nil
	}
	refused := &Error{Status: http.StatusUnsupportedMediaType, Detail: fmt.Sprintf("The content type %.80q is not supported; use application/scim+json.", ct)}
	if ct == "" {
		if rq.log.Try(quirk.MediaType) {
			return nil
		}
		return refused
	}
	media, params, err := mime.ParseMediaType(ct)
	if cs, ok := params["charset"]; err != nil || ok && !strings.EqualFold(cs, "utf-8") && !strings.EqualFold(cs, "utf8") {
		return refused
	}
	switch media {
	case "application/scim+json", "application/json":
		return nil
	case "text/json":
		if rq.log.Try(quirk.TextJSON) {
			return nil
		}
	}
	return refused
}

// take gets scratch memory; give returns it.
func (s *Server) take() *scratch { return s.scratch.Get().(*scratch) }

func (s *Server) give(sc *scratch) {
	if cap(sc.body) <= maxKeep && cap(sc.out) <= maxKeep && sc.tree.Size() <= maxKeep {
		s.scratch.Put(sc)
	}
}
