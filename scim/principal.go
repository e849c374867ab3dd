package scim

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"
)

// An Authenticator finds out who sends a request.
type Authenticator interface {
	// Authenticate gives the principal of r. tenant is the tenant that the
	// URL names, decoded, "" if it names none; the engine refuses a
	// principal of another tenant, with the same answer as for unknown
	// credentials. ErrUnauthorized is 401, ErrForbidden 403, any *Error
	// what it says; every other error is logged and answered by 503 with
	// Retry-After, because a store that is down must not look like wrong
	// credentials.
	//
	// With an error, a Principal says who was refused, for
	// [Config.OnRequest]: the credentials were right, and something else is
	// in the way, such as a rate limit. It counts if it has a Tenant or a
	// Subject, its Tenant is what the URL names, if it names one, and the
	// answer is not 401. The request is refused all the same, before
	// anything of the host but OnRequest sees it.
	Authenticate(r *http.Request, tenant string) (Principal, error)
}

// AuthenticatorFunc is a function that is an Authenticator.
type AuthenticatorFunc func(r *http.Request, tenant string) (Principal, error)

// Authenticate calls f.
func (f AuthenticatorFunc) Authenticate(r *http.Request, tenant string) (Principal, error) {
	return f(r, tenant)
}

// A Principal is a provisioning client that has proved who it is.
type Principal struct {
	Tenant  string // "" where there is one tenant only
	Subject string // names the credentials in logs; never a secret

	// Permit tells whether the principal may do op with resources of the
	// named type; nil permits everything. What it refuses is 403.
	Permit func(resourceType string, op Operation) bool
}

// An Operation is what a request does with resources of a type.
type Operation uint8

// The operations.
const (
	OpRead    Operation = iota // GET
	OpCreate                   // POST
	OpReplace                  // PUT
	OpModify                   // PATCH
	OpDelete                   // DELETE
)

var operationNames = [...]string{"read", "create", "replace", "modify", "delete"}

// String gives the operation's name in lower case.
func (o Operation) String() string { return operationNames[o] }

// StaticToken accepts requests that bear this one token (RFC 6750 section
// 2.1), for one tenant. Comparing takes the same time for every token. It
// panics if token is empty.
func StaticToken(token string) Authenticator {
	if token == "" {
		panic("scim: StaticToken needs a token")
	}
	want := sha256.Sum256([]byte(token))
	return staticToken(func(r *http.Request, _ string) (Principal, error) {
		got, ok := BearerToken(r)
		var buf [128]byte
		sum := sha256.Sum256(append(buf[:0], got...))
		if subtle.ConstantTimeCompare(sum[:], want[:]) != 1 || !ok {
			return Principal{}, ErrUnauthorized
		}
		return Principal{Subject: "token"}, nil
	})
}

// staticToken is a type of its own because it has no tenant, which NewServer
// refuses where there are many.
type staticToken func(r *http.Request, tenant string) (Principal, error)

func (f staticToken) Authenticate(r *http.Request, tenant string) (Principal, error) {
	return f(r, tenant)
}

// BearerToken gives the bearer token of r. It is strict: exactly one
// Authorization header, the scheme Bearer in any letter case, one token of 1
// to 4,096 characters of RFC 6750's alphabet.
func BearerToken(r *http.Request) (token string, ok bool) {
	h := r.Header["Authorization"]
	if len(h) != 1 {
		return "", false
	}
	scheme, token, found := strings.Cut(h[0], " ")
	token = strings.Trim(token, " ")
	if !found || len(scheme) != 6 || !strings.EqualFold(scheme, "bearer") || token == "" || len(token) > 4096 {
		return "", false
	}
	for i := 0; i < len(token); i++ {
		if !tokenChars[token[i]] {
			return "", false
		}
	}
	return token, true
}

var tokenChars = charSet("-._~+/=")

// principalKey is the context key of the Principal.
type principalKey struct{}

// PrincipalFrom gives the principal of the request that ctx belongs to.
func PrincipalFrom(ctx context.Context) (Principal, bool) {
	p, ok := ctx.Value(principalKey{}).(*Principal)
	if !ok {
		return Principal{}, false
	}
	return *p, true
}
