package settings

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/scimkit/scimkit/token"
)

// A problem is why something was not done. Its code is also the key of its
// text: error.<code>.
type problem struct {
	status int
	code   string
	field  string // of the form or the body, "" for none
	args   []any  // of the text
	detail string // for developers, in place of the text
}

func (p *problem) Error() string { return "settings: " + p.code }

var (
	problemUnauthenticated = &problem{status: http.StatusUnauthorized, code: "unauthenticated"}
	problemForbidden       = &problem{status: http.StatusForbidden, code: "forbidden"}
	problemReadOnly        = &problem{status: http.StatusForbidden, code: "read_only"}
	problemCrossOrigin     = &problem{status: http.StatusForbidden, code: "cross_origin"}
	problemUnentitled      = &problem{status: http.StatusForbidden, code: "unentitled"}
	problemNoPage          = &problem{status: http.StatusNotFound, code: "no_page"}
	problemNotFound        = &problem{status: http.StatusNotFound, code: "not_found"}
	problemMethod          = &problem{status: http.StatusMethodNotAllowed, code: "method"}
	problemState           = &problem{status: http.StatusConflict, code: "state"}
	problemStale           = &problem{status: http.StatusConflict, code: "stale"}
	problemLimit           = &problem{status: http.StatusConflict, code: "limit"}
	problemForm            = &problem{status: http.StatusBadRequest, code: "form"}
	problemInternal        = &problem{status: http.StatusInternalServerError, code: "internal"}
)

// problemOf tells what to say of an error. What the host's own code and stores
// say is for the log only.
func (c *call) problemOf(err error) *problem {
	var p *problem
	switch {
	case errors.As(err, &p):
		return p
	case errors.Is(err, token.ErrNotFound):
		return problemNotFound
	case errors.Is(err, token.ErrLimit):
		return problemLimit
	case errors.Is(err, token.ErrNotEntitled):
		return problemUnentitled
	case errors.Is(err, token.ErrState):
		return problemState
	case errors.Is(err, token.ErrInvalid):
		_, detail, _ := strings.Cut(err.Error(), token.ErrInvalid.Error()+": ")
		return &problem{status: http.StatusBadRequest, code: "invalid", args: []any{"detail", detail}}
	}
	if !errors.Is(err, context.Canceled) {
		c.logError(err)
	}
	return problemInternal
}

// fail answers with an error that no form is there for.
func (c *call) fail(err error) {
	p := c.problemOf(err)
	if c.json {
		c.failJSON(p)
		return
	}
	v := c.emptyView()
	v.Problem, v.Alone = c.lang.problem(p), true
	if err := c.render(p.status, v); err != nil {
		c.logError(err)
		http.Error(c.w, http.StatusText(p.status), p.status)
	}
}

type jsonError struct {
	Code    string `json:"code"`
	Field   string `json:"field,omitempty"`
	Message string `json:"message"`
}

// failJSON answers in English: the reader is a developer.
func (c *call) failJSON(p *problem) {
	message := p.detail
	if message == "" {
		message = c.languages["en"].texts.plain("error."+p.code, p.args...)
	}
	c.sendJSON(p.status, map[string]jsonError{"error": {p.code, p.field, message}})
}

func (c *call) sendJSON(status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	c.w.Header().Set("Content-Type", "application/json")
	c.w.WriteHeader(status)
	c.w.Write(append(body, '\n')) // the client went away: nothing is left to be done
	return nil
}
