package jwt

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	josejwt "github.com/go-jose/go-jose/v4/jwt"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/token"
)

const leeway = time.Minute

// Authenticate checks the token of r; the package comment has the rules. A
// request whose credentials do not have the form of a JSON Web Token is
// [token.ErrOtherKind]. It implements [scim.Authenticator].
func (a *Authenticator) Authenticate(r *http.Request, tenant string) (scim.Principal, error) {
	text, ok := scim.BearerToken(r)
	if !ok || strings.Count(text, ".") != 2 {
		return scim.Principal{}, token.ErrOtherKind
	}
	issuer, claims, err := a.verify(r.Context(), text)
	if err != nil {
		return scim.Principal{}, err
	}
	client, _ := claims[a.config.ClientClaim].(string)
	if client == "" {
		return scim.Principal{}, scim.ErrUnauthorized
	}
	p := scim.Principal{Subject: fmt.Sprintf("jwt:%.100s", client)}
	p.Tenant, err = a.config.Tenant(r.Context(), issuer, client)
	switch {
	case errors.Is(err, token.ErrNotFound):
		return scim.Principal{}, scim.ErrUnauthorized
	case err != nil:
		return scim.Principal{}, fmt.Errorf("jwt: Tenant: %w", err)
	case tenant != "" && p.Tenant != tenant:
		return scim.Principal{}, scim.ErrUnauthorized
	}
	scopes, ok := a.scopes(claims[a.config.ScopeClaim])
	p.Permit = scopes.Permit
	if !ok {
		return p, scim.ErrForbidden
	}
	return p, nil
}

// verify checks the signature and the claims that every token has.
func (a *Authenticator) verify(ctx context.Context, text string) (issuer string, claims map[string]any, err error) {
	tok, err := josejwt.ParseSigned(text, a.algorithms)
	if err != nil || len(tok.Headers) != 1 || !plainHeader(&tok.Headers[0]) {
		return "", nil, scim.ErrUnauthorized
	}
	// What is wrong whatever the key is makes nobody fetch keys.
	var unverified josejwt.Claims
	if tok.UnsafeClaimsWithoutVerification(&unverified) != nil || a.issuers[unverified.Issuer] == nil || !a.fits(&unverified) {
		return "", nil, scim.ErrUnauthorized
	}
	h := &tok.Headers[0]
	keys, err := a.issuers[unverified.Issuer].find(ctx, h.KeyID, h.Algorithm)
	if err != nil {
		return "", nil, err
	}
	var std josejwt.Claims
	for _, k := range keys {
		if tok.Claims(k.public, &std, &claims) == nil {
			if !a.fits(&std) {
				break
			}
			return unverified.Issuer, claims, nil
		}
	}
	return "", nil, scim.ErrUnauthorized
}

// plainHeader refuses what would change the meaning of the token: extensions
// that must be understood, a payload that is not base64url, and types of tokens
// for other uses.
func plainHeader(h *jose.Header) bool {
	if len(h.KeyID) > 256 {
		return false
	}
	for _, name := range []jose.HeaderKey{"crit", "b64", "zip", "cty"} {
		if _, there := h.ExtraHeaders[name]; there {
			return false
		}
	}
	typ, there := h.ExtraHeaders[jose.HeaderType]
	if !there {
		return true
	}
	text, _ := typ.(string)
	switch strings.TrimPrefix(strings.ToLower(text), "application/") {
	case "at+jwt", "jwt":
		return true
	}
	return false
}

// fits checks aud, exp, which must be there, nbf and iat.
func (a *Authenticator) fits(c *josejwt.Claims) bool {
	now := a.config.Now()
	after := func(d *josejwt.NumericDate) bool { return d != nil && d.Time().After(now.Add(leeway)) }
	return slices.Contains(c.Audience, a.config.Audience) && c.Expiry != nil && now.Add(-leeway).Before(c.Expiry.Time()) && !after(c.NotBefore) && !after(c.IssuedAt)
}

// scopes gives what the scopes of a token permit. ok is false if none of them
// means anything here. Names match exactly.
func (a *Authenticator) scopes(claim any) (permitted token.Scopes, ok bool) {
	var names []string
	switch c := claim.(type) {
	case string:
		names = strings.Split(c, " ")
	case []any:
		for _, x := range c {
			if s, isText := x.(string); isText {
				names = append(names, s)
			}
		}
	}
	for _, name := range names {
		if s, there := a.config.Scopes[name]; there {
			permitted, ok = append(permitted, s...), true
		}
	}
	return permitted, ok
}
