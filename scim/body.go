package scim

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"strings"

	"github.com/scimkit/scimkit/internal/quirk"
)

// body reads the body of the request, at most limit bytes.
func (rq *request) body(limit int) ([]byte, error) {
	if err := rq.checkMedia(); err != nil {
		return nil, err
	}
	if rq.r.ContentLength > int64(limit) {
		return nil, rq.tooLarge(limit)
	}
	buf := bytes.NewBuffer(rq.sc.body[:0])
	rq.sc.limited = io.LimitedReader{R: rq.r.Body, N: int64(limit) + 1}
	n, err := buf.ReadFrom(&rq.sc.limited)
	rq.sc.body = buf.Bytes()
	switch {
	case err != nil:
		return nil, readError(err)
	case n > int64(limit):
		return nil, rq.tooLarge(limit)
	}
	rq.endReading()
	rq.clock.allow(rq.srv.limits.Timeout) // the client's time to send is not the handler's
	return rq.sc.body, nil
}

func (rq *request) tooLarge(limit int) error {
	e := &Error{Status: http.StatusRequestEntityTooLarge, Detail: fmt.Sprintf("The body is larger than the limit of %d bytes.", limit)}
	if rq.rt.ep.listName != nil && rq.r.Method != http.MethodPatch {
		e.Detail += " Use PATCH to change a long list of " + rq.rt.ep.listName[0] + "."
	}
	return e
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
	for _, enc := range h["Content-Encoding"] {
		if enc != "" && !strings.EqualFold(enc, "identity") {
			return &Error{Status: http.StatusUnsupportedMediaType, Detail: fmt.Sprintf("The content encoding %.40q is not supported.", enc)}
		}
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
