package token

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scimkit/scimkit/scim"
)

// clock is a clock that stands still.
type clock struct{ ns atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.ns.Store(time.Date(2026, 5, 1, 9, 0, 0, 0, time.UTC).UnixNano())
	return c
}

func (c *clock) now() time.Time          { return time.Unix(0, c.ns.Load()) }
func (c *clock) advance(d time.Duration) { c.ns.Add(int64(d)) }

// counting counts what is asked of a store, and fails where it is told to.
type counting struct {
	Store
	finds, tenants, touches, updates atomic.Int64

	mu   sync.Mutex
	fail error
	wait chan struct{} // Find waits for it
}

func (s *counting) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fail
}

func (s *counting) set(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = err
}

func (s *counting) Find(ctx context.Context, id string) (Token, Settings, error) {
	s.finds.Add(1)
	if s.wait != nil {
		<-s.wait
	}
	if err := s.failure(); err != nil {
		return Token{}, Settings{}, err
	}
	return s.Store.Find(ctx, id)
}

func (s *counting) Tenant(ctx context.Context, tenant string) (Tenant, error) {
	s.tenants.Add(1)
	if err := s.failure(); err != nil {
		return Tenant{}, err
	}
	return s.Store.Tenant(ctx, tenant)
}

func (s *counting) Touch(ctx context.Context, id string, at time.Time) error {
	s.touches.Add(1)
	if err := s.failure(); err != nil {
		return err
	}
	return s.Store.Touch(ctx, id, at)
}

func (s *counting) Update(ctx context.Context, tenant string, edit func(*Tenant) ([]Event, error)) error {
	s.updates.Add(1)
	if err := s.failure(); err != nil {
		return err
	}
	return s.Store.Update(ctx, tenant, edit)
}

// fixture is a Manager over a store that counts, with a clock that stands still.
type fixture struct {
	*Manager
	t     *testing.T
	store *counting
	clock *clock
}

func newFixture(t *testing.T, o Options) *fixture {
	t.Helper()
	return newFixtureOn(t, &counting{Store: NewMemoryStore()}, newClock(), o)
}

func newFixtureOn(t *testing.T, store *counting, clock *clock, o Options) *fixture {
	t.Helper()
	if o.Now == nil {
		o.Now = clock.now
	}
	m, err := New(store, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close(context.Background()) })
	return &fixture{m, t, store, clock}
}

// enabled makes a token for a tenant that is switched on.
func (f *fixture) enabled(tenant string) (text string, tok Token) {
	f.t.Helper()
	ok(f.t, f.SetEnabled(f.t.Context(), tenant, true, "mira"))
	s, tok, err := f.Generate(f.t.Context(), tenant, GenerateOptions{Name: "Okta", Actor: "mira"})
	ok(f.t, err)
	return s.Reveal(), tok
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func bearer(text string) *http.Request {
	r := httptest.NewRequest("GET", "/Users", nil)
	if text != "" {
		r.Header.Set("Authorization", "Bearer "+text)
	}
	return r
}

// status tells what the answer to a request with this token would be.
func (f *fixture) status(text, tenant string) int {
	f.t.Helper()
	return statusOf(f.Authenticate(bearer(text), tenant))
}

func statusOf(_ scim.Principal, err error) int {
	var e *scim.Error
	switch {
	case err == nil:
		return 200
	case errors.As(err, &e):
		return e.Status
	}
	return 503
}

// want checks statuses for tokens of the tenant acme.
func (f *fixture) want(status int, texts ...string) {
	f.t.Helper()
	for i, text := range texts {
		if got := f.status(text, "acme"); got != status {
			f.t.Errorf("token %d: %d, want %d", i, got, status)
		}
	}
}
