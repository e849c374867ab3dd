package scim

import (
	"time"
)

// RequestInfo is what [Config.OnRequest] gets of a request. It holds nothing
// of headers, query and body but the User-Agent, and no secret of the
// authentication.
type RequestInfo struct {
	Method string
	Path   string // escaped, without the query
	Status int    // 0 if a panic or the host's abort left the client without an answer

	// ScimType and Detail are those of the error message (RFC 7644 section
	// 3.12), "" if there was none. A Detail may quote what the client sent:
	// a word of a filter, a name of an attribute.
	ScimType, Detail string

	// Tenant and Subject are those of the principal, also of one that was
	// refused for another reason than its credentials (see [Authenticator]).
	// Where there is none because the credentials were refused,
	// Authenticated is false and Tenant is what the URL names, which anyone
	// may have made up.
	Tenant        string
	Subject       string
	Authenticated bool

	UserAgent string
	Quirks    []Quirk
	Duration  time.Duration
}

// tellRequest calls Config.OnRequest.
func (rq *request) tellRequest() {
	info := RequestInfo{
		Method: rq.r.Method, Path: rq.r.URL.EscapedPath(), Status: rq.status,
		Tenant: rq.rt.tenant, UserAgent: rq.r.UserAgent(), Duration: time.Since(rq.start),
	}
	if rq.failed != nil {
		info.ScimType, info.Detail = rq.failed.Type, rq.failed.Detail
	}
	if rq.authenticated {
		info.Tenant, info.Subject, info.Authenticated = rq.principal.Tenant, rq.principal.Subject, true
	}
	for q := range rq.log.Used.All {
		info.Quirks = append(info.Quirks, q)
	}
	rq.srv.config.OnRequest(rq, info)
}
