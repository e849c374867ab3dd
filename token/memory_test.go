package token_test

import (
	"testing"

	"github.com/scimkit/scimkit/token"
	"github.com/scimkit/scimkit/token/tokentest"
)

func TestMemoryStore(t *testing.T) {
	tokentest.Run(t, func(*testing.T) token.Store { return token.NewMemoryStore() })
}
