package patch

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/scimkit/scimkit/internal/document"
)

// The scimTypes of RFC 7644 table 9 that PATCH gives; the status is 400.
const (
	invalidSyntax = document.InvalidSyntax
	invalidValue  = document.InvalidValue
	mutability    = document.Mutability
	invalidPath   = "invalidPath"
	invalidFilter = "invalidFilter"
	noTarget      = "noTarget"
)

// noOperation is the index of no operation: the fault is the message's, or
// shows only in the result.
const noOperation = -1

// Error says why a request was refused. Nothing of it has been applied.
type Error struct {
	Type   string // scimType
	Op     int    // index of the operation, -1 if the fault is none's alone
	Path   string // the operation's path, or the attribute
	Detail string // what is wrong, with the rule
}

// Error is one sentence for the client: which operation, which attribute,
// which rule.
func (e *Error) Error() string {
	switch {
	case e.Op == noOperation && e.Path == "":
		return e.Detail
	case e.Op == noOperation:
		return fmt.Sprintf("%s: %s", e.Path, e.Detail)
	case e.Path == "":
		return fmt.Sprintf("Operations[%d]: %s", e.Op, e.Detail)
	}
	return fmt.Sprintf("Operations[%d], %s: %s", e.Op, e.Path, e.Detail)
}

// convert makes an Error of what the reader of documents says.
func convert(index int, path string, err error) *Error {
	var de *document.Error
	if !errors.As(err, &de) {
		return &Error{invalidValue, index, clip(path), err.Error()}
	}
	if path == "" || path == de.Path {
		return &Error{de.Type, index, clip(de.Path), de.Detail}
	}
	return &Error{de.Type, index, clip(path), de.Error()}
}

// clip keeps what a client wrote from filling the answer.
func clip(s string) string {
	const most = 120
	if len(s) <= most {
		return s
	}
	n := most
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

func (a *applier) fail(scimType, format string, args ...any) *Error {
	return &Error{scimType, a.op.index, clip(a.op.name), fmt.Sprintf(format, args...)}
}

func (a *applier) convert(err error) *Error { return convert(a.op.index, a.op.name, err) }
