package token

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/scimkit/scimkit/scim"
)

func TestRate(t *testing.T) {
	f := newFixture(t, Options{Rate: 25})
	good, _ := f.enabled("acme")
	other, _ := f.enabled("other")
	for range 1000 { // a stranger uses up nothing
		f.status(mintText("scim"), "acme")
		f.status(other, "acme")
	}
	for range 50 {
		f.want(200, good)
	}
	_, err := f.Authenticate(bearer(good), "acme")
	var e *scim.Error
	if !errors.As(err, &e) || e.Status != 429 || e.RetryAfter != 1 {
		t.Errorf("%+v", err)
	}
	w := httptest.NewRecorder()
	r := bearer(good)
	r.URL.Path, r.RequestURI = "/acme/Users", "/acme/Users"
	serve(t, f.Manager, nil).ServeHTTP(w, r)
	if w.Code != 429 || w.Header().Get("Retry-After") != "1" || w.Header().Get("Content-Type") != "application/scim+json" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if got := f.status(other, "other"); got != 200 {
		t.Errorf("the other tenant: %d", got)
	}
	// 25 a second go through for ever.
	for range 500 {
		f.clock.advance(40 * time.Millisecond)
		f.want(200, good)
		if f.status(good, "acme") != 429 {
			t.Fatal("more than 25 a second")
		}
	}
}

func TestRateWaits(t *testing.T) {
	l := newLimiter(25, 25)
	now := newClock().now()
	for range 25 {
		if l.take("acme", now) != 0 {
			t.Fatal("refused")
		}
	}
	for i := range 3 {
		if got := l.take("acme", now); got != 1 { // what is refused uses up nothing
			t.Errorf("refused %d: wait %d", i, got)
		}
	}
	if l.take("acme", now.Add(40*time.Millisecond)) != 0 {
		t.Error("refused after a 25th of a second")
	}
}

// TestRateForgets: the buckets of tenants that are gone are dropped.
func TestRateForgets(t *testing.T) {
	l := newLimiter(25, 25)
	now := newClock().now()
	for i := range 20_000 {
		l.take(fmt.Sprint(i), now.Add(time.Duration(i)*time.Millisecond))
	}
	if n := len(l.buckets); n > 2100 {
		t.Errorf("%d buckets", n)
	}
}
