package host

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/token"
)

// System is who does what no person asked for.
const System = "system"

// MaxTokens is how many live tokens a tenant of an example may have: more than
// usual, because each start adds one.
const MaxTokens = 10

// Customer is the only tenant of an example that has one customer: nothing in a
// URL or in a table names it.
const Customer = ""

// Tokens are those of an example with one customer, for whom SCIM is switched
// on. See [CloseTokens].
func Tokens(ctx context.Context, s token.Store, prefix string, log *slog.Logger) (*token.Manager, error) {
	m, err := token.New(s, token.Options{Prefix: prefix, MaxTokens: MaxTokens, Logger: log})
	if err != nil {
		return nil, err
	}
	return m, m.SetEnabled(ctx, Customer, true, System)
}

// CloseTokens writes what is still to be written.
func CloseTokens(m *token.Manager) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return m.Close(ctx)
}

// StartToken makes a token to be printed at the start. Only digests are stored,
// so that of an earlier start cannot be printed again, and none is ended for the
// new one: any of them may stand in an identity provider by now. Where there is
// room for one more only, that is left for a rotation, and the token is "".
func StartToken(ctx context.Context, m *token.Manager, tenant string) (string, error) {
	s, err := m.Status(ctx, tenant)
	if err != nil {
		return "", err
	}
	live := 0
	for i := range s.Tokens {
		if Works(&s.Tokens[i]) {
			live++
		}
	}
	if live+1 >= m.Limits().MaxTokens {
		return "", nil
	}
	secret, _, err := m.Generate(ctx, tenant, token.GenerateOptions{Name: "Printed at the start", Actor: System})
	if errors.Is(err, token.ErrLimit) { // another process starts at the same time
		return "", nil
	}
	return secret.Reveal(), err
}

// Authenticator lets the tokens of m through and, if there is one, the fixed
// token of the flag -token. That is for test suites, which want to know it
// beforehand: it is in no store and on no page, but the switches of the tenant
// hold for it, too.
func Authenticator(m *token.Manager, tenant, fixed string) scim.Authenticator {
	if fixed == "" {
		return m
	}
	static := scim.StaticToken(fixed)
	return token.Chain(m.Guard(scim.AuthenticatorFunc(func(r *http.Request, t string) (scim.Principal, error) {
		p, err := static.Authenticate(r, t)
		if err != nil {
			return p, token.ErrOtherKind
		}
		p.Tenant = tenant
		return p, nil
	})), m)
}

// PrintedToken is what is printed as token= at the start: the fixed one, or one
// of StartToken.
func PrintedToken(ctx context.Context, m *token.Manager, tenant, fixed string, log *slog.Logger) (string, error) {
	if fixed != "" {
		return fixed, nil
	}
	text, err := StartToken(ctx, m, tenant)
	if err == nil && text == "" {
		log.Warn("no token is printed, because there are as many as there may be: revoke some, or use -token", "tenant", tenant)
	}
	return text, err
}

// Works tells whether a token is good for anything.
func Works(t *token.Token) bool {
	s := t.State(time.Now())
	return s == token.Active || s == token.Rotating
}
