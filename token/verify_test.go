package token

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
)

// refusals are requests that get 401, one of each class.
type refusals struct {
	*fixture
	server http.Handler
	auth   map[string][]string // class -> Authorization
}

var classes = []string{"missing", "malformed", "unknown", "wrong secret", "expired", "revoked", "rotated", "foreign", "two headers", "another scheme"}

func newRefusals(t *testing.T, o Options) *refusals {
	o.MaxTokens = 10
	r := &refusals{fixture: newFixture(t, o), auth: map[string][]string{}}
	r.enabled("acme")
	ctx := t.Context()
	gen := func(o GenerateOptions) (string, Token) {
		o.Actor = "mira"
		s, tok, err := r.Generate(ctx, "acme", o)
		ok(t, err)
		return s.Reveal(), tok
	}
	bearer := func(s string) []string { return []string{"Bearer " + s} }
	good, _ := gen(GenerateOptions{})
	expired, _ := gen(GenerateOptions{ExpiresIn: time.Minute})
	revoked, tok := gen(GenerateOptions{})
	ok(t, r.Revoke(ctx, "acme", tok.ID, "mira"))
	rotated, tok := gen(GenerateOptions{})
	_, _, err := r.StartRotation(ctx, "acme", tok.ID, RotateOptions{Overlap: time.Minute, Actor: "mira"})
	ok(t, err)
	foreign, _ := r.enabled("other")
	wrong := good[:len(good)-10] + "0000" + good[len(good)-6:]
	wrong = wrong[:len(wrong)-6] + checksum(wrong[:len(wrong)-6])
	r.clock.advance(2 * time.Minute)

	r.auth["missing"] = nil
	r.auth["malformed"] = bearer(good[:len(good)-1])
	r.auth["unknown"] = bearer(mintText("scim"))
	r.auth["wrong secret"] = bearer(wrong)
	r.auth["expired"] = bearer(expired)
	r.auth["revoked"] = bearer(revoked)
	r.auth["rotated"] = bearer(rotated)
	r.auth["foreign"] = bearer(foreign)
	r.auth["two headers"] = []string{"Bearer " + good, "Bearer " + good}
	r.auth["another scheme"] = []string{"Digest " + good}
	r.server = serve(t, r.Manager, nil)
	return r
}

// serve is a server whose resources nobody asks for here.
func serve(t *testing.T, a scim.Authenticator, change func(*scim.Config)) *scim.Server {
	t.Helper()
	c := scim.Config{
		Endpoints: []scim.Endpoint{{Type: schema.UserType(), ForTenant: func(context.Context, string) (scim.ResourceHandler, error) {
			return nil, scim.ErrNotFound
		}}},
		Authenticator: a, BaseURL: "https://example.com/{tenant}",
		Logger: slog.New(slog.DiscardHandler),
	}
	if change != nil {
		change(&c)
	}
	s, err := scim.NewServer(c)
	ok(t, err)
	return s
}

func (r *refusals) send(class string) *httptest.ResponseRecorder {
	req := httptest.NewRequest("GET", "/acme/Users", nil)
	if a := r.auth[class]; a != nil {
		req.Header["Authorization"] = a
	}
	w := httptest.NewRecorder()
	r.server.ServeHTTP(w, req)
	return w
}

// TestRefusalsAreAlike is S9: body, headers and work of a 401 say nothing of why.
// Work is counted, because a clock on a busy machine proves nothing: look-ups
// and HMACs, the first time, from the cache, and when that has forgotten.
func TestRefusalsAreAlike(t *testing.T) {
	for _, ttl := range []time.Duration{0, -1, time.Minute} {
		r := newRefusals(t, Options{CacheTTL: ttl})
		var first string
		for _, class := range classes {
			var got strings.Builder
			for round := range 4 {
				if round == 2 {
					r.clock.advance(time.Second)
				}
				finds, macs := r.store.finds.Load(), r.macs.Load()
				w := r.send(class)
				fmt.Fprintf(&got, "%d %v %s: %d look-ups, %d HMACs\n", w.Code, w.Header(), w.Body, r.store.finds.Load()-finds, r.macs.Load()-macs)
				if w.Code != 401 || w.Header().Get("WWW-Authenticate") != `Bearer realm="scim"` {
					t.Errorf("%s: %d %v", class, w.Code, w.Header())
				}
			}
			if first == "" {
				first = got.String()
				if want := map[time.Duration]int{0: 2, -1: 4, time.Minute: 2}[ttl]; strings.Count(first, ": 1 look-ups") != want {
					t.Errorf("TTL %v: refusals are not kept for a second:\n%s", ttl, first)
				}
				if !strings.Contains(first, ": 1 look-ups, 1 HMACs") {
					t.Error(first)
				}
			}
			if got.String() != first {
				t.Errorf("TTL %v: %s:\n%s\n%s:\n%s", ttl, classes[0], first, class, &got)
			}
		}
		// The tenant itself may be unknown.
		finds := r.store.finds.Load()
		if _, err := r.Authenticate(bearer(mintText("scim")), "nobody"); statusOf(scim.Principal{}, err) != 401 || r.store.finds.Load() != finds+1 {
			t.Errorf("unknown tenant: %v", err)
		}
	}
}

// TestRefusalsAreAlikeInTime is the statistical form of S9: Welch's t for pairs
// of classes over 100,000 calls. It needs a quiet machine, and runs where
// SCIMKIT_TIMING is set.
func TestRefusalsAreAlikeInTime(t *testing.T) {
	calls := 2000
	if os.Getenv("SCIMKIT_TIMING") != "" {
		calls = 100_000
	}
	r := newRefusals(t, Options{CacheTTL: -1})
	sample := map[string][]float64{}
	for range calls / len(classes) {
		for _, i := range rand.Perm(len(classes)) { // whatever else runs, runs for all
			began := time.Now()
			r.send(classes[i])
			sample[classes[i]] = append(sample[classes[i]], float64(time.Since(began)))
		}
	}
	for _, class := range classes {
		x := welch(sample["unknown"], sample[class])
		t.Logf("unknown and %s: t = %.2f, medians %.0f and %.0f ns", class, x, median(sample["unknown"]), median(sample[class]))
		if os.Getenv("SCIMKIT_TIMING") != "" && math.Abs(x) > 4.5 && (class == "wrong secret" || class == "foreign") {
			t.Errorf("unknown and %s differ: t = %.2f", class, x)
		}
	}
}

// welch is Welch's t of two samples without their slowest twentieth, which is
// the machine's.
func welch(a, b []float64) float64 {
	var mean, variance [2]float64
	for i, s := range [][]float64{a, b} {
		s = slices.Sorted(slices.Values(s))
		s = s[:len(s)*19/20]
		for _, x := range s {
			mean[i] += x / float64(len(s))
		}
		for _, x := range s {
			variance[i] += (x - mean[i]) * (x - mean[i]) / float64(len(s)-1) / float64(len(s))
		}
	}
	return (mean[0] - mean[1]) / math.Sqrt(variance[0]+variance[1])
}

func median(s []float64) float64 { return slices.Sorted(slices.Values(s))[len(s)/2] }

// TestStoreDown: a store that fails is 503 and never 401, whatever the token.
func TestStoreDown(t *testing.T) {
	r := newRefusals(t, Options{})
	good, _ := r.enabled("fine")
	r.store.set(errors.New("connection refused to 10.0.0.7 as scim_user"))
	for _, class := range append(slices.Clone(classes), "good") {
		r.auth["good"] = []string{"Bearer " + good}
		w := r.send(class)
		if w.Code != 503 || w.Header().Get("Retry-After") == "" || strings.Contains(w.Body.String(), "10.0.0.7") {
			t.Errorf("%s: %d %v %s", class, w.Code, w.Header(), w.Body)
		}
	}
	r.store.set(nil)
	if got := r.status(good, "fine"); got != 200 {
		t.Errorf("after the outage: %d", got)
	}
	r.store.set(errors.New("again"))
	r.clock.advance(5*time.Second - 1)
	if got := r.status(good, "fine"); got != 200 {
		t.Errorf("from the cache: %d", got)
	}
	r.clock.advance(1)
	if got := r.status(good, "fine"); got != 503 {
		t.Errorf("after the TTL: %d", got)
	}
}

// TestRows: what is in the store authenticates nothing, and rows that were
// moved or made by hand neither.
func TestRows(t *testing.T) {
	f := newFixture(t, Options{CacheTTL: -1, Keys: []Key{NewKey("k2", make([]byte, 32)), NewKey("k1", []byte(strings.Repeat("k", 32)))}})
	ctx := t.Context()
	good, tok := f.enabled("acme")
	stored := must(f.store.Tenant(ctx, "acme")).Tokens[0]
	f.want(200, good)
	f.want(401, stored.ID, string(stored.Digest), fmt.Sprintf("%x", stored.Digest), "scim_"+stored.ID+"_"+fmt.Sprintf("%x", stored.Digest)[:49])

	replace := func(change func(*Token)) {
		ok(t, f.store.Update(ctx, "acme", func(t *Tenant) ([]Event, error) {
			t.Tokens[0] = stored.clone()
			change(&t.Tokens[0])
			return nil, nil
		}))
	}
	_, secret, _ := split(good)
	for name, change := range map[string]func(*Token){
		"no digest":        func(t *Token) { t.Digest = nil },
		"digest, cut":      func(t *Token) { t.Digest = t.Digest[:16] },
		"digest, zero":     func(t *Token) { t.Digest = make([]byte, 32) },
		"another key":      func(t *Token) { t.KeyID = "k1" },
		"sealed with none": func(t *Token) { t.Digest = Key{}.seal("acme", tok.ID, secret) },
		"another id":       func(t *Token) { t.Digest = f.keys[0].seal("acme", "x"+tok.ID[1:], secret) },
		"another tenant":   func(t *Token) { t.Digest = f.keys[0].seal("other", tok.ID, secret) },
	} {
		replace(change)
		if got := f.status(good, "acme"); got != 401 {
			t.Errorf("%s: %d", name, got)
		}
	}
	for _, id := range []string{"", "k3"} { // a key that is not there says nothing of the token
		replace(func(t *Token) { t.KeyID, t.Digest = id, Key{}.seal("acme", tok.ID, secret) })
		if got := f.status(good, "acme"); got != 503 {
			t.Errorf("key %q: %d", id, got)
		}
	}
	// The row in another tenant.
	replace(func(*Token) {})
	f.want(200, good)
	ok(t, f.store.Update(ctx, "acme", func(t *Tenant) ([]Event, error) { t.Tokens = nil; return nil, nil }))
	ok(t, f.store.Update(ctx, "evil", func(t *Tenant) ([]Event, error) {
		t.Enabled, t.Tokens = true, []Token{stored}
		return nil, nil
	}))
	for _, tenant := range []string{"acme", "evil", ""} {
		if got := f.status(good, tenant); got != 401 {
			t.Errorf("moved to another tenant, as %q: %d", tenant, got)
		}
	}
}

// TestKeyring: old keys verify, the first seals.
func TestKeyring(t *testing.T) {
	store, clock := &counting{Store: NewMemoryStore()}, newClock()
	k1, k2 := NewKey("1", []byte(strings.Repeat("a", 32))), NewKey("2", []byte(strings.Repeat("b", 32)))
	with := func(keys ...Key) *fixture { return newFixtureOn(t, store, clock, Options{Keys: keys, MaxTokens: 9}) }
	none, tok0 := with().enabled("acme")
	one, tok1 := with(k1, Key{}).enabled("acme")
	two, tok2 := with(k2, k1, Key{}).enabled("acme")
	if tok0.KeyID != "" || tok1.KeyID != "1" || tok2.KeyID != "2" {
		t.Errorf("%q %q %q", tok0.KeyID, tok1.KeyID, tok2.KeyID)
	}
	with(k2, k1, Key{}).want(200, none, one, two)
	f := with(k2, k1)
	f.want(200, one, two)
	f.want(503, none)
	f = with(k2)
	f.want(503, none, one)
	f.want(200, two)
	with(NewKey("2", []byte(strings.Repeat("c", 32)))).want(401, two)
}

// TestCache: what is kept, for how long, and how much of it.
func TestCache(t *testing.T) {
	f := newFixture(t, Options{})
	good, tok := f.enabled("acme")
	looks := func(want int64, what string) {
		t.Helper()
		if got := f.store.finds.Swap(0); got != want {
			t.Errorf("%s: %d look-ups, want %d", what, got, want)
		}
	}
	for range 10 {
		f.want(200, good)
	}
	looks(1, "granted")
	f.clock.advance(5*time.Second - 1)
	f.want(200, good)
	looks(0, "within the TTL")
	f.clock.advance(1)
	f.want(200, good)
	looks(1, "after the TTL")
	ok(t, f.SetPaused(t.Context(), "other", true, "mira"))
	f.want(200, good)
	looks(0, "after a change of another tenant")
	ok(t, f.Revoke(t.Context(), "acme", tok.ID, "mira"))
	f.want(401, good)
	looks(1, "after a revocation")

	for range cacheBound*2 + 100 {
		f.status(mintText("scim"), "acme")
	}
	if n := len(f.found.kept[refused].young) + len(f.found.kept[refused].old); n > 2*cacheBound {
		t.Errorf("%d refusals are kept", n)
	}
	if n := len(f.found.flights); n != 0 {
		t.Errorf("%d look-ups under way", n)
	}
}

// TestFloodKeepsGranted: refusals do not push out what was granted.
func TestFloodKeepsGranted(t *testing.T) {
	f := newFixture(t, Options{CacheTTL: time.Minute})
	good, _ := f.enabled("acme")
	f.want(200, good)
	for range 3 * cacheBound {
		f.status(mintText("scim"), "acme")
	}
	f.store.finds.Store(0)
	f.want(200, good)
	if n := f.store.finds.Load(); n != 0 {
		t.Errorf("%d look-ups", n)
	}
}

// TestOneLookUp: requests at the same time wait for one look-up, also if the
// first of them goes away; a panic in it does not leave the others waiting.
func TestOneLookUp(t *testing.T) {
	f := newFixture(t, Options{})
	good, _ := f.enabled("acme")
	f.store.wait = make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { f.Authenticate(bearer(good).WithContext(ctx), "acme") })
	for f.store.finds.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	for range 20 {
		wg.Go(func() {
			if got := f.status(good, "acme"); got != 200 {
				t.Errorf("%d", got)
			}
		})
	}
	wg.Go(func() { // one that waits may leave, too
		if got := statusOf(f.Authenticate(bearer(good).WithContext(ctx), "acme")); got != 503 && got != 200 {
			t.Errorf("%d", got)
		}
	})
	cancel()
	time.Sleep(20 * time.Millisecond)
	close(f.store.wait)
	wg.Wait()
	if n := f.store.finds.Load(); n != 1 {
		t.Errorf("%d look-ups", n)
	}
}

func TestLookUpPanics(t *testing.T) {
	c := cache[int, int]{ttl: time.Minute}
	began, goOn := make(chan bool), make(chan bool)
	go func() {
		defer func() { recover() }()
		c.fill(t.Context(), 1, time.Now, func() (int, int, error) {
			close(began)
			<-goOn
			panic("store")
		})
	}()
	<-began
	done := make(chan error)
	go func() {
		_, err := c.fill(t.Context(), 1, time.Now, func() (int, int, error) { return 2, granted, nil })
		done <- err
	}()
	time.Sleep(10 * time.Millisecond)
	close(goOn)
	if err := <-done; err != nil && err != errLookFailed {
		t.Error(err)
	}
	if v, err := c.fill(t.Context(), 1, time.Now, func() (int, int, error) { return 3, granted, nil }); err != nil || v < 2 {
		t.Errorf("%d, %v", v, err)
	}
}

// TestRevokedDuringLookUp: a look-up that began before a revocation is not kept,
// and nobody who comes after it waits for it.
func TestRevokedDuringLookUp(t *testing.T) {
	f := newFixture(t, Options{CacheTTL: time.Minute})
	good, tok := f.enabled("acme")
	read, goOn := make(chan bool), make(chan bool)
	slow := &slowFind{Store: f.store.Store, read: read, goOn: goOn}
	f.Manager.store = slow
	early := make(chan int)
	go func() { early <- f.status(good, "acme") }()
	<-read // it has read the token as it was
	ok(t, f.Revoke(t.Context(), "acme", tok.ID, "mira"))
	f.want(401, good)
	close(goOn)
	<-early // began before, may be either
	f.want(401, good)
}

// slowFind holds back the answer of the first Find.
type slowFind struct {
	Store
	held       atomic.Bool
	read, goOn chan bool
}

func (s *slowFind) Find(ctx context.Context, id string) (Token, Settings, error) {
	t, set, err := s.Store.Find(ctx, id)
	if !s.held.Swap(true) {
		close(s.read)
		<-s.goOn
	}
	return t, set, err
}

// TestOtherManager is R13 with two Managers on one store: whoever revokes sees
// it at once, the other within the TTL.
func TestOtherManager(t *testing.T) {
	for _, ttl := range []time.Duration{-1, time.Second, 5 * time.Second, time.Minute} {
		store, clock := &counting{Store: NewMemoryStore()}, newClock()
		a := newFixtureOn(t, store, clock, Options{CacheTTL: ttl})
		b := newFixtureOn(t, store, clock, Options{CacheTTL: ttl})
		good, tok := a.enabled("acme")
		a.want(200, good)
		b.want(200, good)
		ok(t, a.SetEnabled(t.Context(), "acme", false, "mira"))
		a.want(403, good)
		clock.advance(max(ttl, 0))
		b.want(403, good)
		ok(t, a.SetEnabled(t.Context(), "acme", true, "mira"))
		clock.advance(max(ttl, 0))
		b.want(200, good)
		ok(t, a.Revoke(t.Context(), "acme", tok.ID, "mira"))
		a.want(401, good)
		if ttl > 0 {
			clock.advance(ttl - 1)
			b.want(200, good) // shows that the cache is there
			clock.advance(1)
		}
		b.want(401, good)
	}
}

// TestTenantInURL: a token is of its tenant; without one in the URL it names it.
func TestTenantInURL(t *testing.T) {
	f := newFixture(t, Options{})
	good, _ := f.enabled("acme")
	single, _ := f.enabled("")
	for _, tt := range []struct {
		text, tenant, want string
		status             int
	}{{good, "acme", "acme", 200}, {good, "", "acme", 200}, {good, "Acme", "", 401}, {good, "other", "", 401}, {single, "", "", 200}, {single, "acme", "", 401}} {
		p, err := f.Authenticate(bearer(tt.text), tt.tenant)
		if got := statusOf(p, err); got != tt.status || p.Tenant != tt.want {
			t.Errorf("tenant %q: %d, principal of %q", tt.tenant, got, p.Tenant)
		}
	}
}

func TestEntitled(t *testing.T) {
	var calls int
	entitled, ask, failure := false, "sales@example.com", error(nil)
	f := newFixture(t, Options{Entitled: func(_ context.Context, tenant string) (bool, string, error) {
		calls++
		return entitled, ask, failure
	}})
	good, _ := f.enabled("acme")
	detail := func() string {
		_, err := f.Authenticate(bearer(good), "acme")
		var e *scim.Error
		errors.As(err, &e)
		if e == nil {
			return fmt.Sprint(err)
		}
		return fmt.Sprint(e.Status, " ", e.Detail)
	}
	if got := detail(); got != "403 SCIM provisioning is not part of your plan. Ask sales@example.com." {
		t.Error(got)
	}
	s := must(f.Status(t.Context(), "acme"))
	if s.Entitled || s.Ask != ask || !s.Enabled {
		t.Errorf("%+v", s)
	}
	calls = 0
	detail()
	if f.status(mintText("scim"), "acme") != 401 || calls != 0 {
		t.Errorf("asked %d times", calls)
	}
	f.clock.advance(5 * time.Second)
	ask = ""
	if got := detail(); got != "403 SCIM provisioning is not part of your plan." {
		t.Error(got)
	}
	f.clock.advance(5 * time.Second)
	failure = errors.New("billing is down")
	f.want(503, good)
	f.clock.advance(5 * time.Second)
	failure, entitled = nil, true
	f.want(200, good)
}

func TestPausedSaysWhen(t *testing.T) {
	f := newFixture(t, Options{})
	good, _ := f.enabled("acme")
	ok(t, f.SetPaused(t.Context(), "acme", true, "mira"))
	w := httptest.NewRecorder()
	r := bearer(good)
	r.URL.Path, r.RequestURI = "/acme/Users", "/acme/Users"
	serve(t, f.Manager, nil).ServeHTTP(w, r)
	if w.Code != 503 || w.Header().Get("Retry-After") != "60" || !strings.Contains(w.Body.String(), "paused") {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
}

// TestDecoysAreApart: a token that was sent in a wrong way is not refused when it
// is sent in the right one.
func TestDecoysAreApart(t *testing.T) {
	f := newFixture(t, Options{})
	good, _ := f.enabled("acme")
	for _, h := range []string{good, "Bearer" + good, "\n" + good, "Basic " + good} {
		r := bearer("")
		r.Header["Authorization"] = []string{h}
		if got := statusOf(f.Authenticate(r, "acme")); got != 401 {
			t.Errorf("%d", got)
		}
		f.want(200, good)
	}
}

// sloppy finds ids in any letter case, and says that it failed to store what it
// did store.
type sloppy struct {
	Store
	id   string
	fail atomic.Bool
}

func (s *sloppy) Find(ctx context.Context, id string) (Token, Settings, error) {
	if strings.EqualFold(id, s.id) {
		id = s.id
	}
	return s.Store.Find(ctx, id)
}

func (s *sloppy) Update(ctx context.Context, tenant string, edit func(*Tenant) ([]Event, error)) error {
	err := s.Store.Update(ctx, tenant, edit)
	if s.fail.Load() {
		return errors.New("connection lost at COMMIT")
	}
	return err
}

func TestSloppyStore(t *testing.T) {
	store := &sloppy{Store: NewMemoryStore()}
	m, err := New(store, Options{CacheTTL: time.Minute})
	ok(t, err)
	f := &fixture{Manager: m, t: t, clock: newClock()}
	good, tok := f.enabled("acme")
	store.id = tok.ID
	f.want(200, good)
	for _, id := range []string{strings.ToLower(tok.ID), strings.ToUpper(tok.ID)} {
		if other := strings.Replace(good[:len(good)-crcLen], tok.ID, id, 1); id != tok.ID {
			f.want(401, other+checksum(other))
		}
	}
	// An outcome that is not known: this Manager looks again.
	store.fail.Store(true)
	if m.Revoke(t.Context(), "acme", tok.ID, "mira") == nil {
		t.Error("no error")
	}
	f.want(401, good)
}

// TestTellsAfterForgetting: whoever hears of a revocation finds it in effect.
func TestTellsAfterForgetting(t *testing.T) {
	var f *fixture
	var good string
	f = newFixture(t, Options{OnEvent: func(_ context.Context, e Event) {
		if e.Action == "token.revoked" {
			f.want(401, good)
		}
	}})
	text, tok := f.enabled("acme")
	good = text
	f.want(200, good)
	ok(t, f.Revoke(t.Context(), "acme", tok.ID, "mira"))
}
