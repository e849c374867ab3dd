package scim

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/scimkit/scimkit/internal/document"
)

// finish recovers from a panic, tells of quirks and of the request, and ends
// the timer.
func (rq *request) finish() {
	p := recover()
	switch p {
	case nil:
		rq.srv.give(rq.sc) // after a panic someone may still write to it
	case http.ErrAbortHandler:
	default:
		rq.srv.log.LogAttrs(rq.Context, slog.LevelError, "scim: panic",
			slog.String("method", rq.r.Method), slog.String("panic", fmt.Sprintf("%.500v", p)), slog.String("stack", string(debug.Stack())))
		p = http.ErrAbortHandler
		if rq.status == 0 {
			rq.fail(errPanic)
			p = nil
		}
	}
	rq.sc = nil
	if rq.log.Used != 0 {
		rq.tellQuirks()
	}
	if rq.srv.config.OnRequest != nil {
		rq.tellRequest()
	}
	rq.clock.end(context.Canceled)
	if rq.flight != nil {
		rq.flight.end()
	}
	if p != nil {
		panic(p)
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
	rq.failed = e
	h := rq.w.Header()
	if e.Challenge != "" {
		h["Www-Authenticate"] = []string{e.Challenge}
	}
	switch {
	case e.Status == http.StatusUnauthorized && e.Challenge == "":
		h["Www-Authenticate"] = []string{rq.srv.config.Challenge}
	case e.RetryAfter > 0:
		h["Retry-After"] = []string{strconv.Itoa(e.RetryAfter)}
	case e.Status == http.StatusServiceUnavailable || e.Status == http.StatusTooManyRequests:
		h["Retry-After"] = []string{"5"}
	}
	rq.send(e.Status, appendError(nil, e))
}

const maxDetail = 1000 // bytes

// appendError writes the error message (RFC 7644 section 3.12).
func appendError(dst []byte, e *Error) []byte {
	dst = append(dst, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"`...)
	dst = append(strconv.AppendInt(dst, int64(e.Status), 10), '"')
	if e.Type != "" {
		dst = document.AppendString(append(dst, `,"scimType":`...), e.Type)
	}
	if detail := e.Detail; detail != "" {
		if len(detail) > maxDetail { // it quotes what the client sent, which may be long
			detail = strings.ToValidUTF8(detail[:maxDetail], "") + "…"
		}
		dst = document.AppendString(append(dst, `,"detail":`...), strings.ToValidUTF8(detail, "\uFFFD"))
	}
	return append(dst, '}')
}

var mediaType = []string{"application/scim+json"}

func (rq *request) writeHeader(status int) {
	rq.status = status
	rq.w.WriteHeader(status)
}

// send writes an answer with a body.
func (rq *request) send(status int, body []byte) {
	h := rq.w.Header()
	h["Content-Type"] = mediaType
	if len(body) > 2000 { // net/http knows the length of shorter ones
		h["Content-Length"] = []string{strconv.Itoa(len(body))}
	}
	rq.writeHeader(status)
	if rq.r.Method != http.MethodHead {
		rq.w.Write(body) // the client went away: nothing is left to be done
	}
}
