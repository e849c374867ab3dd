package scim

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/patch"
)

// An Error is what a client is told (RFC 7644 section 3.12). It is always a
// pointer. A handler returns one to say more than the sentinels do.
type Error struct {
	Status int    // HTTP status, 400 to 599
	Type   string // scimType of RFC 7644 table 9, or ""
	Detail string // one sentence; it reaches the client as it is
	// RetryAfter is for 429 and 503: how long the client should wait, in
	// seconds; 0 leaves the header out of others and means 5 there.
	RetryAfter int
	// Challenge is the WWW-Authenticate header (RFC 6750 section 3), for 401
	// and 403; if it is empty, a 401 has that of Config.Challenge.
	Challenge string
}

func (e *Error) Error() string {
	s := fmt.Sprintf("scim: %d", e.Status)
	if e.Type != "" {
		s += " " + e.Type
	}
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	return s
}

// Is makes errors that say the same status and type the same error, so that
// errors.Is(err, ErrConflict) holds for every conflict.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Status == e.Status && t.Type == e.Type
}

// The errors that handlers and authenticators return most.
var (
	ErrNotFound     = &Error{Status: http.StatusNotFound, Detail: "There is no such resource."}
	ErrConflict     = &Error{Status: http.StatusConflict, Type: "uniqueness", Detail: "A value that must be unique is already in use."}
	ErrUnauthorized = &Error{Status: http.StatusUnauthorized, Detail: "The request needs valid credentials."}
	ErrForbidden    = &Error{Status: http.StatusForbidden, Detail: "The credentials do not allow this operation.", Challenge: `Bearer realm="scim", error="insufficient_scope"`}
	ErrUnavailable  = &Error{Status: http.StatusServiceUnavailable, Detail: "The service is not available for the moment."}
)

// Conflict is ErrConflict that names the attribute.
func Conflict(attribute string) *Error {
	return &Error{Status: http.StatusConflict, Type: "uniqueness", Detail: fmt.Sprintf("The value of %s is already in use.", attribute)}
}

// An UnknownMembersError says that values of a list of references, such as the
// members of a group, name no resource of the tenant. The client is told 400
// invalidValue; with [Tolerance.SkipUnknownMembers] the engine leaves the
// values out and tries again.
type UnknownMembersError struct {
	Attribute string   // "members"
	IDs       []string // the unknown values
}

func (e *UnknownMembersError) Error() string {
	const most = 10
	ids, more := e.IDs, ""
	if len(ids) > most {
		ids, more = ids[:most], ", …"
	}
	return fmt.Sprintf("%s: there is no resource with the id %s%s", e.Attribute, strings.Join(ids, ", "), more)
}

// badRequest is a 400 with a scimType.
func badRequest(scimType, format string, args ...any) *Error {
	return &Error{Status: http.StatusBadRequest, Type: scimType, Detail: fmt.Sprintf(format, args...)}
}

// told makes an error of the lower layers, which is about what the client has
// sent, one that the client is told. It looks at err itself and not at what err
// wraps: a handler reads documents and filters, too, and what is wrong with
// those is not the client's.
func told(err error) error {
	switch e := err.(type) {
	case *document.Error:
		return badRequest(e.Type, "%s", e)
	case *patch.Error:
		return badRequest(e.Type, "%s", e)
	case *filter.SyntaxError, *filter.BindError:
		return badRequest("invalidFilter", "%s", e)
	}
	return err
}

// toError is the one place where errors become what a client is told. ok is
// false for errors that the client must not see: those are logged and become a
// bare 500, as does an *Error whose status says no error.
func toError(err error) (e *Error, ok bool) {
	var members *UnknownMembersError
	switch {
	case errors.As(err, &e) && e != nil && e.Status >= 400 && e.Status < 600:
		return e, true
	case errors.As(err, &members):
		return badRequest("invalidValue", "%s", members), true
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return ErrUnavailable, false
	}
	return &Error{Status: http.StatusInternalServerError, Detail: "The service failed to process the request."}, false
}
