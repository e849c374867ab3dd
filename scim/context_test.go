package scim_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
)

// listing serves users with this List.
func listing(t *testing.T, limits scim.Limits, list func(context.Context, scim.Query) (scim.Page, error)) *scim.Server {
	t.Helper()
	users := schema.UserType()
	return newServer(t, func(c *scim.Config) {
		c.Limits = limits
		c.Logger = slog.New(slog.DiscardHandler)
		c.Endpoints = []scim.Endpoint{{Type: users, Handler: rogue{ResourceHandler: newMapHandler(users), list: list}}}
	})
}

// TestContextShared: goroutines of a handler may ask the context whatever they
// like, also when the request is over.
func TestContextShared(t *testing.T) {
	var wg sync.WaitGroup
	s := listing(t, scim.Limits{}, func(ctx context.Context, _ scim.Query) (scim.Page, error) {
		for range 4 {
			wg.Go(func() {
				for range 200 {
					ctx.Done()
					ctx.Deadline()
					if ctx.Err() != nil {
						break
					}
					runtime.Gosched()
				}
				select {
				case <-ctx.Done():
				case <-time.After(10 * time.Second):
					t.Error("the context outlives the request")
				}
				if ctx.Err() != context.Canceled {
					t.Errorf("error %v", ctx.Err())
				}
			})
		}
		return scim.Page{}, nil
	})
	for range 20 {
		must(t, s, 200, "GET", "/Users", "")
	}
	wg.Wait()
}

// TestContextAfterwards: a context that nobody asked during the request is
// over afterwards, with and without a limit.
func TestContextAfterwards(t *testing.T) {
	for _, limit := range []time.Duration{0, -1} {
		var kept context.Context
		s := listing(t, scim.Limits{Timeout: limit}, func(ctx context.Context, _ scim.Query) (scim.Page, error) {
			kept = ctx
			return scim.Page{}, ctx.Err()
		})
		must(t, s, 200, "GET", "/Users", "")
		if err := kept.Err(); err != context.Canceled {
			t.Errorf("limit %v: %v", limit, err)
		}
		select {
		case <-kept.Done():
		default:
			t.Errorf("limit %v: not done", limit)
		}
		if n := testing.AllocsPerRun(100, func() { kept.Done() }); n > 0 {
			t.Errorf("limit %v: %v allocations for a context that is over", limit, n)
		}
	}
}

// TestContextEnds: the deadline and the client end the context.
func TestContextEnds(t *testing.T) {
	wait := func(ctx context.Context, _ scim.Query) (scim.Page, error) {
		<-ctx.Done()
		return scim.Page{}, context.Cause(ctx)
	}
	must(t, listing(t, scim.Limits{Timeout: 20 * time.Millisecond}, wait), 503, "GET", "/Users", "")
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	r := httptest.NewRequestWithContext(ctx, "GET", "/v2/Users", nil)
	r.Header.Set("Authorization", "Bearer secret")
	if a := serve(listing(t, scim.Limits{Timeout: -1}, wait), r); a.status != 503 {
		t.Errorf("%d", a.status)
	}
}

// slowBody gives a body after a while.
type slowBody struct {
	after time.Duration
	*strings.Reader
}

func (b slowBody) Read(p []byte) (int, error) {
	time.Sleep(b.after)
	return b.Reader.Read(p)
}

// TestTimeoutAfterBody: Limits.Timeout is the handler's; the time that the
// client takes to send is not counted.
func TestTimeoutAfterBody(t *testing.T) {
	users := schema.UserType()
	h := newMapHandler(users)
	s := newServer(t, func(c *scim.Config) {
		c.Limits.Timeout = 300 * time.Millisecond
		c.Endpoints = []scim.Endpoint{{Type: users, Handler: rogue{ResourceHandler: h, create: func(ctx context.Context, r *scim.Resource) error {
			if d, ok := ctx.Deadline(); !ok || time.Until(d) < 150*time.Millisecond {
				return errors.New("no time is left")
			}
			return h.Create(ctx, r)
		}}}}
	})
	r := httptest.NewRequest("POST", "/v2/Users", slowBody{200 * time.Millisecond, strings.NewReader(`{"userName":"x"}`)})
	r.Header.Set("Authorization", "Bearer secret")
	r.Header.Set("Content-Type", "application/scim+json")
	if a := serve(s, r); a.status != 201 {
		t.Errorf("%d %s", a.status, a.body)
	}
}
