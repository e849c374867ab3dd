package main

import (
	"context"
	"net/http"

	"github.com/scimkit/scimkit/examples/internal/host"
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

// startToken is what is printed as token= at the start.
func (a *app) startToken(ctx context.Context, tenant string) (string, error) {
	if a.FixedToken != "" {
		return a.FixedToken, nil
	}
	text, err := host.StartToken(ctx, a.tokens, tenant)
	if err == nil && text == "" {
		a.Log.Warn("no token is printed, because there are as many as there may be: revoke some on the settings page, or use -token", "tenant", tenant)
	}
	return text, err
}
