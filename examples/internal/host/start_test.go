package host

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/scimkit/scimkit/store/sqlstore"
	"github.com/scimkit/scimkit/token"
)

// TestStartToken: whoever made a token, and however often the server starts, the
// token goes on; and there is room for one that a person makes.
func TestStartToken(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.db")
	begin := func() *token.Manager {
		db := opened(t, file)
		store, err := sqlstore.Open(t.Context(), db.DB, db.Dialect, sqlstore.Options{})
		if err != nil {
			t.Fatal(err)
		}
		m, err := token.New(store.Tokens(), token.Options{MaxTokens: 4})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	m := begin()
	if err := m.SetEnabled(t.Context(), "a", true, "mira"); err != nil {
		t.Fatal(err)
	}
	pasted, made, err := m.Generate(t.Context(), "a", token.GenerateOptions{Actor: "mira"})
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{pasted.Reveal()}
	for i, want := range []bool{true, true, false, false} {
		text, err := StartToken(t.Context(), begin(), "a")
		if err != nil || (text != "") != want {
			t.Fatalf("start %d: %q, %v", i+1, text, err)
		}
		if text != "" {
			texts = append(texts, text)
		}
	}
	for i, text := range texts {
		r := httptest.NewRequest("GET", "/Users", http.NoBody)
		r.Header.Set("Authorization", "Bearer "+text)
		if _, err := m.Authenticate(r, "a"); err != nil {
			t.Errorf("token %d: %v", i, err)
		}
	}
	if _, _, err := m.StartRotation(t.Context(), "a", made.ID, token.RotateOptions{Actor: "mira"}); err != nil {
		t.Errorf("a rotation after the starts: %v", err)
	}
	if text, err := StartToken(t.Context(), begin(), "a"); text != "" || err != nil {
		t.Errorf("with no room at all: %q, %v", text, err)
	}
	// What has ended takes no room.
	for _, old := range must(m.Status(t.Context(), "a")).Tokens {
		if err := m.Revoke(t.Context(), "a", old.ID, "mira"); err != nil {
			t.Fatal(err)
		}
	}
	if text, err := StartToken(t.Context(), begin(), "a"); text == "" || err != nil {
		t.Errorf("after all were revoked: %q, %v", text, err)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
