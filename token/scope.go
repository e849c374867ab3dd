package token

import (
	"fmt"
	"strings"

	"github.com/scimkit/scimkit/scim"
)

// A Scope allows one kind of operation on one type of resources: "User:read",
// "Group:modify". Before the colon stands the name of a resource type, or * for
// all; behind it read, create, replace, modify or delete, or write for all of
// those that change something. Matching is exact; discovery needs no scope.
type Scope string

// The scopes that most tokens have.
const (
	ReadAll  Scope = "*:read"
	WriteAll Scope = "*:write"
)

// Scopes are what a token may do; none is nothing.
type Scopes []Scope

// Permit tells whether one of the scopes allows op. As a method value it is a
// [scim.Principal.Permit].
func (s Scopes) Permit(resourceType string, op scim.Operation) bool {
	for _, scope := range s {
		name, verb, _ := strings.Cut(string(scope), ":")
		if name != "*" && name != resourceType {
			continue
		}
		if verb == op.String() || verb == "write" && op != scim.OpRead {
			return true
		}
	}
	return false
}

const maxScopes = 50

// check refuses scopes that can never permit anything.
func (s Scopes) check() error {
	if len(s) > maxScopes {
		return fmt.Errorf("%w: more than %d scopes", ErrInvalid, maxScopes)
	}
	for _, scope := range s {
		name, verb, found := strings.Cut(string(scope), ":")
		switch verb {
		case "read", "write", "create", "replace", "modify", "delete":
		default:
			found = false
		}
		if !found || name == "" || len(scope) > 100 || !printable(name) {
			return fmt.Errorf("%w: %.100q is no scope; one is User:read or *:write", ErrInvalid, scope)
		}
	}
	return nil
}
