package scim

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/scimkit/scimkit/internal/model"
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
	byDefault model.ID // the attribute that setDefaults has set, Root if none
	clock     clock
	flight    *flight // nil if the request is not counted
	status    int     // of the answer, 0 before
	failed    *Error  // the answer, if it is an error

	authenticated bool
	start         time.Time // for OnRequest

	sc       *scratch  // nil once the request has been answered
	etag     [1]string // memory of headers
	location [1]string
}

// ServeHTTP answers a SCIM request. Every answer, errors included, is SCIM.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rq := &request{Context: r.Context(), srv: s, w: w, r: r, policy: s.policy, sc: s.take()}
	if s.config.OnRequest != nil {
		rq.start = time.Now()
	}
	defer rq.finish()
	rq.startReading()
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
	if rq.rt.used != 0 {
		for q := range rq.rt.used.All {
			if !rq.log.Try(q) {
				return errNoPath
			}
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
		return rq.refuse(p, err)
	}
	if rq.elsewhere(&p) {
		return ErrUnauthorized
	}
	rq.principal, rq.authenticated = p, true
	return nil
}

// elsewhere tells whether p is of another tenant than the URL names.
func (rq *request) elsewhere(p *Principal) bool {
	return rq.rt.tenant != "" && p.Tenant != rq.rt.tenant
}

// refuse gives the answer to a request that the Authenticator refused, and notes
// the principal that came with the error if it counts: see [Authenticator].
func (rq *request) refuse(p Principal, err error) error {
	var e *Error
	switch {
	case !errors.As(err, &e):
		rq.srv.log.LogAttrs(rq, slog.LevelError, "scim: authenticator failed", slog.Any("error", err))
		err = ErrUnavailable
	case e.Status == http.StatusUnauthorized:
		return err
	case p.Tenant != "" && rq.elsewhere(&p):
		return ErrUnauthorized // what is in the way is the other tenant's own
	}
	if (p.Tenant != "" || p.Subject != "") && !rq.elsewhere(&p) {
		rq.principal, rq.authenticated = p, true
	}
	return err
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
	var err error
	if rq.baseURL, err = rq.urlBase(); err != nil {
		return err
	}
	if most := rq.srv.limits.InFlight; most != noLimit {
		if rq.flight = rq.srv.flights.take(rq.principal.Tenant, most); rq.flight == nil {
			return errInFlight
		}
	}
	rq.clock.allow(rq.srv.limits.Timeout)
	rq.handler = ep.Handler
	if ep.ForTenant != nil {
		if rq.principal.Tenant == "" {
			return errors.New("the principal has no tenant, and the endpoint needs one: see Endpoint.ForTenant")
		}
		h, err := ep.ForTenant(rq, rq.principal.Tenant)
		if err != nil {
			return err
		}
		if h == nil {
			return errors.New("ForTenant gave no handler and no error")
		}
		rq.handler = h
	}
	return do(rq)
}

// plausibleID tells whether id may be the id of a resource at all.
func (s *Server) plausibleID(id string) bool {
	return id != "" && len(id) <= s.limits.IDBytes && !strings.Contains(id, "bulkId")
}
