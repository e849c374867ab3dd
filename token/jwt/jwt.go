// Package jwt lets provisioning clients in that bear a JSON Web Token of the
// host's own OAuth 2.0 issuer (RFC 6750, RFC 9068).
//
//	clients, err := jwt.New(jwt.Config{
//		Issuers:  []jwt.Issuer{{Name: "https://login.example.com", KeysURL: "https://login.example.com/jwks.json"}},
//		Audience: "https://api.example.com/scim/v2",
//		Tenant: func(ctx context.Context, issuer, client string) (string, error) {
//			return db.TenantOfClient(ctx, client) // token.ErrNotFound if there is none
//		},
//	})
//	server, err := scim.NewServer(scim.Config{
//		Endpoints:     endpoints,
//		Authenticator: token.Chain(tokens, tokens.Guard(clients)),
//	})
//
// Guard applies the switches of a tenant (enabled, paused, entitled) and its
// rate limit to these clients, too.
//
// # What is checked
//
// The token is a signed one in the compact form, of at most 4,096 characters.
// Its algorithm is one of those pinned, and what the algorithm wants of a key is
// what the key is: a public key never verifies an HMAC. The issuer is one of
// those listed, and only the keys of that issuer count; keys and addresses of
// keys in the token's header are not looked at. aud holds the audience; exp is
// there and has not passed; nbf and iat have; all with a minute of leeway. The
// type is at+jwt, JWT or none, so that tokens for other uses do not pass
// (RFC 8725 section 3.11). Issuer and client name a tenant that the host knows.
// Whatever of that fails gives the same 401, but for a key that may be new (see
// below). A token without a scope that means something here is 403.
//
// # Keys
//
// The keys of an issuer are fetched over https when they are first needed, at
// most 1 MiB, without following redirects. They are fetched again every hour,
// and when a token names a key that is not there, at most once a minute. A key
// that its issuer takes back thus goes on working for an hour. While the issuer
// cannot be reached, known keys are used for a day. Without keys, the answer is
// 503 and not 401: what cannot be checked is not wrong.
//
// The same goes for a key that is not there, within the minute in which keys are
// not fetched again: the issuer may have begun to use it since, and an identity
// provider that gets 401 gives up. The answer is 503, and Retry-After says when
// the minute is over. The request that then makes the keys be fetched gets 401 if
// the key still is not there. This tells a stranger no more than the issuer's key
// set does, which is public, and that this issuer and audience are the right
// ones; and it makes nobody fetch keys more often. A token whose audience or times
// are wrong is 401 before any key is looked for.
package jwt

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/token"
)

// An Issuer is an authorization server whose tokens are believed.
type Issuer struct {
	Name    string // the claim iss, exactly
	KeysURL string // of its JSON Web Key Set (RFC 7517), https
}

// A Config says which tokens to believe. Issuers, Audience and Tenant are
// required.
type Config struct {
	Issuers  []Issuer
	Audience string // one of the token's aud, exactly

	// Tenant gives the tenant of an issuer's client. token.ErrNotFound
	// says that there is none, which is 401; any other error is 503.
	Tenant func(ctx context.Context, issuer, client string) (tenant string, err error)

	// Algorithms are some of ES256, RS256 and EdDSA; nil means all.
	Algorithms []string

	// Scopes says what a scope of the token permits. nil stands for the
	// scope "scim", which permits everything.
	Scopes map[string]token.Scopes

	// ScopeClaim and ClientClaim name the claims that hold the scopes (a
	// string with blanks, or an array) and the client: "scope" and
	// "client_id" of RFC 9068 if empty. Some issuers say "scp" and "azp",
	// "appid" or "cid".
	ScopeClaim, ClientClaim string

	// Client fetches keys; http.DefaultClient if nil. It never follows a
	// redirect here.
	Client *http.Client

	Now    func() time.Time // time.Now if nil
	Logger *slog.Logger     // for keys that could not be fetched; slog.Default() if nil
}

// An Authenticator is a [scim.Authenticator] for JSON Web Tokens.
type Authenticator struct {
	config     Config
	algorithms []jose.SignatureAlgorithm
	issuers    map[string]*keySet
}

var known = []string{string(jose.ES256), string(jose.RS256), string(jose.EdDSA)}

// New makes an Authenticator. It fetches nothing yet.
func New(c Config) (*Authenticator, error) {
	if c.Algorithms == nil {
		c.Algorithms = known
	}
	if c.Scopes == nil {
		c.Scopes = map[string]token.Scopes{"scim": {token.ReadAll, token.WriteAll}}
	}
	c.ScopeClaim, c.ClientClaim = or(c.ScopeClaim, "scope"), or(c.ClientClaim, "client_id")
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Client == nil {
		c.Client = http.DefaultClient
	}
	client := *c.Client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	a := &Authenticator{config: c, issuers: map[string]*keySet{}}
	var errs []error
	if len(c.Issuers) == 0 || c.Audience == "" || c.Tenant == nil {
		errs = append(errs, errors.New("the fields Issuers, Audience and Tenant are needed"))
	}
	if len(c.Algorithms) == 0 {
		errs = append(errs, errors.New("there are no Algorithms"))
	}
	for _, alg := range c.Algorithms {
		if !slices.Contains(known, alg) {
			errs = append(errs, fmt.Errorf("algorithm %q is none of %v", alg, known))
		}
		a.algorithms = append(a.algorithms, jose.SignatureAlgorithm(alg))
	}
	for i, iss := range c.Issuers {
		u, err := url.Parse(iss.KeysURL)
		switch {
		case iss.Name == "" || a.issuers[iss.Name] != nil:
			errs = append(errs, fmt.Errorf("issuer %d: Name is missing or there twice", i))
		case err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil:
			errs = append(errs, fmt.Errorf("issuer %d: KeysURL is no https URL", i))
		}
		a.issuers[iss.Name] = &keySet{url: iss.KeysURL, client: &client, now: c.Now, log: c.Logger}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("jwt: invalid Config: %w", err)
	}
	return a, nil
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

var _ scim.Authenticator = (*Authenticator)(nil)
