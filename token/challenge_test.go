package token_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"testing"

	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/token"
)

// TestForbiddenChallenges: a 403 of a tenant for which SCIM is switched off, or
// is not part of the plan, carries a challenge as a 401 does (RFC 6750 section 3).
func TestForbiddenChallenges(t *testing.T) {
	entitled := true
	m, err := token.New(token.NewMemoryStore(), token.Options{CacheTTL: -1, Entitled: func(ctx context.Context, tenant string) (bool, string, error) {
		return entitled, "sales@acme.example", nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close(t.Context())
	secret, _, err := m.Generate(t.Context(), "acme", token.GenerateOptions{Actor: "mira"})
	if err != nil {
		t.Fatal(err)
	}
	for _, entitled = range []bool{true, false} {
		r := httptest.NewRequest("GET", "/Users", nil)
		r.Header.Set("Authorization", "Bearer "+secret.Reveal())
		_, err := m.Authenticate(r, "acme")
		var e *scim.Error
		if !errors.As(err, &e) || e.Status != 403 || e.Challenge != `Bearer realm="scim"` {
			t.Errorf("entitled %v: %v with challenge %v", entitled, err, e)
		}
	}
}
