package host

import (
	"context"
	"errors"
	"time"

	"github.com/scimkit/scimkit/token"
)

// System is who does what no person asked for.
const System = "system"

// MaxTokens is how many live tokens a tenant of an example may have: more than
// usual, because each start adds one.
const MaxTokens = 10

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

// Works tells whether a token is good for anything.
func Works(t *token.Token) bool {
	s := t.State(time.Now())
	return s == token.Active || s == token.Rotating
}
