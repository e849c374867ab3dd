package settings_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/scimkit/scimkit/token"
)

// slowStore holds the changes of one tenant back.
type slowStore struct {
	token.Store
	tenant  string
	release chan struct{}
	waiting atomic.Int32
}

func (s *slowStore) Update(ctx context.Context, tenant string, edit func(*token.Tenant) ([]token.Event, error)) error {
	if tenant == s.tenant {
		s.waiting.Add(1)
		select {
		case <-s.release:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return s.Store.Update(ctx, tenant, edit)
}

// sendForm sends the form that generates a token, as the first change.
func sendForm(ctx context.Context, h http.Handler, tenant string) int {
	r := httptest.NewRequestWithContext(ctx, "POST", "/tokens", strings.NewReader(generateForm("Okta", "0").Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Session", tenant+":admin")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code
}

// TestDoubleClick: while one form is at work, the same one waits. Other tenants do
// not, and who gives up is not waited for.
func TestDoubleClick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &slowStore{Store: token.NewMemoryStore(), tenant: "acme", release: make(chan struct{})}
		m, err := token.New(store, token.Options{})
		if err != nil {
			t.Fatal(err)
		}
		o := options(t)
		o.Manager = m
		h := must(t, o)
		got := make(chan int, 3)
		for range 2 {
			go func() { got <- sendForm(t.Context(), h, "acme") }()
		}
		synctest.Wait()
		if n := store.waiting.Load(); n != 1 {
			t.Errorf("%d changes at a time", n)
		}
		if status := sendForm(t.Context(), h, "other"); status != 200 {
			t.Errorf("another tenant: %d", status)
		}
		ctx, cancel := context.WithCancel(t.Context())
		go func() { got <- sendForm(ctx, h, "acme") }()
		synctest.Wait()
		cancel()
		if status := <-got; status != 500 {
			t.Errorf("who gave up: %d", status)
		}
		close(store.release)
		all := []int{<-got, <-got}
		slices.Sort(all)
		s, err := m.Status(t.Context(), "acme")
		if err != nil || len(s.Tokens) != 1 || !slices.Equal(all, []int{200, 409}) {
			t.Errorf("%d tokens, answers %v, %v", len(s.Tokens), all, err)
		}
	})
}
