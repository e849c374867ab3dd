package token

import (
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/scim"
)

// fixed is an Authenticator that always says the same.
type fixed struct {
	tenant string
	err    error
	asked  *int
}

func (f fixed) Authenticate(*http.Request, string) (scim.Principal, error) {
	*f.asked++
	return scim.Principal{Tenant: f.tenant}, f.err
}

// TestChain: only credentials of another kind go on to the next.
func TestChain(t *testing.T) {
	f := newFixture(t, Options{})
	good, tok := f.enabled("acme")
	revoked, tok2, err := f.Generate(t.Context(), "acme", GenerateOptions{Actor: "mira"})
	ok(t, err)
	ok(t, f.Revoke(t.Context(), "acme", tok2.ID, "mira"))
	down := errors.New("down")
	for _, tt := range []struct {
		name   string
		auth   string
		second error
		status int
		asked  int
	}{
		{"good", "Bearer " + good, nil, 200, 0},
		{"unknown", "Bearer " + mintText("scim"), nil, 401, 0},
		{"revoked", "Bearer " + revoked.Reveal(), nil, 401, 0},
		{"another kind", "Bearer a.b.c", nil, 200, 1},
		{"no credentials", "", nil, 200, 1},
		{"malformed", "Bearer " + good[1:], nil, 200, 1},
		{"refused by the second", "Bearer a.b.c", scim.ErrUnauthorized, 401, 1},
		{"forbidden by the second", "Bearer a.b.c", scim.ErrForbidden, 403, 1},
		{"the second is down", "Bearer a.b.c", down, 503, 1},
		{"of no kind", "Bearer a.b.c", ErrOtherKind, 401, 1},
		{"of no kind, wrapped", "Bearer a.b.c", errors.Join(ErrOtherKind), 401, 1},
	} {
		asked := 0
		c := Chain(f.Manager, fixed{"acme", tt.second, &asked})
		r := bearer("")
		if tt.auth != "" {
			r.Header.Set("Authorization", tt.auth)
		}
		if got := statusOf(c.Authenticate(r, "acme")); got != tt.status || asked != tt.asked {
			t.Errorf("%s: %d, the second was asked %d times; want %d and %d", tt.name, got, asked, tt.status, tt.asked)
		}
	}
	// What the first cannot decide, the second does not either.
	f.store.set(down)
	asked := 0
	c := Chain(f.Manager, fixed{"acme", nil, &asked})
	if got := statusOf(c.Authenticate(bearer(mintText("scim")), "acme")); got != 503 || asked != 0 {
		t.Errorf("store down: %d, asked %d times", got, asked)
	}
	if got := statusOf(Chain().Authenticate(bearer(good), "acme")); got != 401 {
		t.Errorf("an empty chain: %d", got)
	}
	_ = tok
}

// TestChainHidesWork: in a chain, too, a refusal takes the same work, once.
func TestChainHidesWork(t *testing.T) {
	r := newRefusals(t, Options{CacheTTL: -1})
	asked := 0
	other := fixed{"", ErrOtherKind, &asked}
	for name, a := range map[string]scim.Authenticator{
		"first":    Chain(r.Manager, r.Guard(other), Basic(r.Manager), HeaderKey("X-Api-Key", r.Manager)),
		"last":     Chain(r.Guard(other), other, Chain(Basic(r.Manager), r.Manager)),
		"adapters": Chain(Basic(r.Manager), HeaderKey("X-Api-Key", r.Manager), r.Manager),
	} {
		r.server = serve(t, a, nil)
		for _, class := range classes {
			finds, macs := r.store.finds.Load(), r.macs.Load()
			if w := r.send(class); w.Code != 401 {
				t.Errorf("%s, %s: %d", name, class, w.Code)
			}
			if finds, macs = r.store.finds.Load()-finds, r.macs.Load()-macs; finds != 1 || macs != 1 {
				t.Errorf("%s, %s: %d look-ups, %d HMACs", name, class, finds, macs)
			}
		}
	}
}

// TestAdapters: HTTP Basic and keys in other headers.
func TestAdapters(t *testing.T) {
	f := newFixture(t, Options{})
	good, _ := f.enabled("acme")
	basic := func(s string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(s)) }
	header := func(kv ...string) http.Header {
		h := http.Header{}
		for i := 0; i < len(kv); i += 2 {
			h.Add(kv[i], kv[i+1])
		}
		return h
	}
	both := Chain(f.Manager, Basic(f.Manager), HeaderKey("X-Api-Key", f.Manager))
	for _, tt := range []struct {
		name   string
		a      scim.Authenticator
		h      http.Header
		status int
	}{
		{"bearer", both, header("Authorization", "Bearer "+good), 200},
		{"basic", both, header("Authorization", basic("scim:"+good)), 200},
		{"basic, no user", both, header("Authorization", basic(":"+good)), 200},
		{"basic, token as user", both, header("Authorization", basic(good+":")), 401},
		{"basic, no colon", both, header("Authorization", basic(good)), 401},
		{"basic, unknown", both, header("Authorization", basic(":"+mintText("scim"))), 401},
		{"basic, a second password", both, header("Authorization", basic(":"+good+":x")), 401},
		{"basic, twice", both, header("Authorization", basic(":"+good), "Authorization", basic(":"+good)), 401},
		{"basic, line", both, header("Authorization", basic(":"+good+"\n")), 401},
		{"basic, empty", both, header("Authorization", basic(":")), 401},
		{"basic, no base64", both, header("Authorization", "Basic "+good), 401},
		{"basic alone", Basic(f.Manager), header("Authorization", basic(":"+good)), 200},
		{"basic alone, bearer", Basic(f.Manager), header("Authorization", "Bearer "+good), 401},
		{"manager alone, basic", f.Manager, header("Authorization", basic(":"+good)), 401},
		{"key", both, header("X-Api-Key", good), 200},
		{"key, any case", HeaderKey("x-api-KEY", f.Manager), header("X-Api-Key", good), 200},
		{"key, twice", both, header("X-Api-Key", good, "X-Api-Key", good), 401},
		{"key, with bearer in it", both, header("X-Api-Key", "Bearer "+good), 401},
		{"key, empty", both, header("X-Api-Key", ""), 401},
		{"key and wrong bearer", both, header("X-Api-Key", good, "Authorization", "Bearer "+mintText("scim")), 401},
		{"key and malformed bearer", both, header("X-Api-Key", good, "Authorization", "Bearer x"), 401},
		{"key and empty authorization", both, header("X-Api-Key", good, "Authorization", ""), 401},
		{"another header", both, header("X-Other", good), 401},
		{"bare token", HeaderKey("authorization", f.Manager), header("Authorization", good), 200},
		{"bare token, both ways", Chain(f.Manager, HeaderKey("Authorization", f.Manager)), header("Authorization", "Bearer "+good), 200},
	} {
		r := httptest.NewRequest("GET", "/Users", nil)
		r.Header = tt.h
		before := r.Header.Clone()
		if got := statusOf(tt.a.Authenticate(r, "acme")); got != tt.status {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.status)
		}
		if len(r.Header) != len(before) || r.Header.Get("Authorization") != before.Get("Authorization") {
			t.Errorf("%s: the request was changed", tt.name)
		}
	}
}

func TestGuard(t *testing.T) {
	f := newFixture(t, Options{Rate: 25})
	ctx := t.Context()
	asked := 0
	a := f.Guard(fixed{"acme", nil, &asked})
	want := func(status int, tenant string) {
		t.Helper()
		if got := statusOf(a.Authenticate(bearer("a.b.c"), tenant)); got != status {
			t.Errorf("%d, want %d", got, status)
		}
	}
	want(403, "acme")
	want(401, "other") // nothing of acme is told
	ok(t, f.SetEnabled(ctx, "acme", true, "mira"))
	want(200, "acme")
	want(200, "")
	ok(t, f.SetPaused(ctx, "acme", true, "mira"))
	want(503, "acme")
	ok(t, f.SetPaused(ctx, "acme", false, "mira"))
	before := f.store.tenants.Load()
	for range 46 {
		want(200, "acme")
	}
	want(429, "acme")
	if n := f.store.tenants.Load() - before; n != 1 {
		t.Errorf("%d look-ups", n)
	}
	f.clock.advance(10e9)
	f.store.set(errors.New("down"))
	want(503, "acme")
	f.store.set(nil)
	if got := statusOf(f.Guard(fixed{"acme", scim.ErrForbidden, &asked}).Authenticate(bearer("a.b.c"), "acme")); got != 403 {
		t.Errorf("%d", got)
	}
}

// FuzzAuthorizationHeader: whatever stands in the header, the answer is 401, or
// 200 for exactly the forms in which a token may be sent.
func FuzzAuthorizationHeader(f *testing.F) {
	m, err := New(NewMemoryStore(), Options{CacheTTL: -1})
	if err != nil {
		f.Fatal(err)
	}
	ctx := f.Context()
	must(0, m.SetEnabled(ctx, "acme", true, "mira"))
	s, _, err := m.Generate(ctx, "acme", GenerateOptions{Actor: "mira"})
	if err != nil {
		f.Fatal(err)
	}
	good := s.Reveal()
	for _, h := range []string{"", "Bearer", "Bearer ", "Bearer \t", "bearer undefined", "Bearer TOKEN", "bEaReR   TOKEN  ", "TOKEN", "Bearer TOKEN, Bearer TOKEN", "Bearer TOKEN\x00", "Basic OlRPS0VO", "Bearer\tTOKEN", "Bearer TOKEN TOKEN", "BearerTOKEN", " Bearer TOKEN", "Bearer \"TOKEN\"", "Token TOKEN"} {
		f.Add(h)
	}
	all := Chain(m, Basic(m))
	f.Fuzz(func(t *testing.T, h string) {
		// The fuzzer cannot guess a token: TOKEN stands for one.
		value := replaceToken(h, good)
		r := httptest.NewRequest("GET", "/", nil)
		r.Header["Authorization"] = []string{value}
		status := statusOf(m.Authenticate(r, "acme"))
		if allowed := bearerForm(h); status != 401 && !(status == 200 && allowed) || allowed && status != 200 {
			t.Fatalf("%q: %d", h, status)
		}
		if got := statusOf(all.Authenticate(r, "acme")); got != 200 && got != 401 || got == 200 && status != 200 && !passwordForm(r, good) {
			t.Fatalf("%q, with Basic: %d", h, got)
		}
	})
}

var bearerRE = regexp.MustCompile(`^(?i:bearer) +TOKEN *$`)

func bearerForm(h string) bool { return bearerRE.MatchString(h) && strings.Count(h, "TOKEN") == 1 }

func replaceToken(h, token string) string { return strings.ReplaceAll(h, "TOKEN", token) }

func passwordForm(r *http.Request, token string) bool {
	_, password, ok := r.BasicAuth()
	return ok && strings.Trim(password, " ") == token
}
