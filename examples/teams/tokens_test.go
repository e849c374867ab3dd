package main

import (
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/scimkit/scimkit/examples/internal/exampletest"
	"github.com/scimkit/scimkit/token"
)

func (s *server) tokensOf(tenant string) []token.Token {
	s.t.Helper()
	st, err := s.tokens.Status(s.t.Context(), tenant)
	if err != nil {
		s.t.Fatal(err)
	}
	return st.Tokens
}

// TestTokensAtOnce: whoever asks for the token at the same time, on whatever node,
// all get one, and one is left.
func TestTokensAtOnce(t *testing.T) {
	db := exampletest.DB(t, filepath.Join(t.TempDir(), "teams.db"))
	a, b := startOn(t, db, nil), startOn(t, db, nil)
	a.admins = b.admins // passwords of the last start
	for round := range 3 {
		var wg sync.WaitGroup
		tokens := make([]string, 8)
		for i := range tokens {
			wg.Go(func() {
				s := []*server{a, b}[i%2]
				got := s.do(s.as("acme"), "POST", info+"/scim_token", "")
				if got.StatusCode != http.StatusCreated {
					t.Errorf("round %d: %d %s", round, got.StatusCode, got.body)
					return
				}
				tokens[i], _ = got.object(t)["token"].(string)
			})
		}
		wg.Wait()
		c := startOn(t, db, nil) // believes nothing of before
		a.admins, b.admins = c.admins, c.admins
		live := 0
		for _, token := range tokens {
			if c.users(token) == 200 {
				live++
			}
		}
		if live != 1 {
			t.Errorf("round %d: %d of the tokens work", round, live)
		}
		if round == 1 { // and from none again
			for _, tok := range c.tokensOf("acme") {
				if err := c.tokens.Revoke(t.Context(), "acme", tok.ID, "test"); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// TestRotationUnderWay: it is not taken for somebody who was quicker.
func TestRotationUnderWay(t *testing.T) {
	s := start(t, nil)
	s.newToken("acme")
	old := s.tokensOf("acme")[0]
	if _, _, err := s.tokens.StartRotation(t.Context(), "acme", old.ID, token.RotateOptions{Actor: "test"}); err != nil {
		t.Fatal(err)
	}
	if got := s.do(s.as("acme"), "POST", info+"/scim_token", ""); got.StatusCode != http.StatusConflict || !strings.Contains(got.body, "rotation is under way") {
		t.Errorf("%d %s", got.StatusCode, got.body)
	}
}
