package main

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/token"
)

// authenticator is who may use SCIM.
func (a *app) authenticator() scim.Authenticator {
	if a.FixedToken == "" {
		return a.tokens
	}
	return token.Chain(a.tokens.Guard(fixedToken(demoTenant, a.FixedToken)), a.tokens)
}

// fixedToken is for test suites, which want a token that they know beforehand. It
// is in no store and on no page, but the switches of the tenant hold for it, too.
func fixedToken(tenant, text string) scim.Authenticator {
	static := scim.StaticToken(text)
	return scim.AuthenticatorFunc(func(r *http.Request, t string) (scim.Principal, error) {
		p, err := static.Authenticate(r, t)
		if err != nil {
			return p, token.ErrOtherKind
		}
		p.Tenant = tenant
		return p, nil
	})
}

// system is who does things that no person asked for.
const system = "system"

// startToken makes a token to be printed at the start, in place of the one of the
// last start. It is "" if the tenant has as many others as it may have.
func (a *app) startToken(ctx context.Context, tenant string) (string, error) {
	status, err := a.tokens.Status(ctx, tenant)
	if err != nil {
		return "", err
	}
	for _, t := range status.Tokens {
		if t.CreatedBy == system && works(&t) {
			if err := a.tokens.Revoke(ctx, tenant, t.ID, system); err != nil {
				return "", err
			}
		}
	}
	secret, _, err := a.tokens.Generate(ctx, tenant, token.GenerateOptions{Name: "Printed at the start", Actor: system})
	if errors.Is(err, token.ErrLimit) {
		a.Log.Warn("no token is printed, because the tenant has as many as it may have", "tenant", tenant)
		return "", nil
	}
	return secret.Reveal(), err
}

// works tells whether a token is good for anything.
func works(t *token.Token) bool {
	s := t.State(time.Now())
	return s == token.Active || s == token.Rotating
}
