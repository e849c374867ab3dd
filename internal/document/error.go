package document

import "fmt"

// Error says why a document or a value was refused.
type Error struct {
	Type   string // scimType of RFC 7644 table 9: invalidSyntax, invalidValue, mutability …
	Path   string // the attribute, "" if it is the document itself
	Detail string // one sentence for the client
}

func (e *Error) Error() string {
	if e.Path == "" {
		return e.Detail
	}
	return e.Path + ": " + e.Detail
}

// The scimTypes that this package gives.
const (
	InvalidSyntax = "invalidSyntax"
	InvalidValue  = "invalidValue"
	Mutability    = "mutability"
)

func invalid(path, format string, args ...any) *Error {
	return &Error{InvalidValue, path, fmt.Sprintf(format, args...)}
}
