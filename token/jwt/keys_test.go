package jwt

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/scimkit/scimkit/scim"
)

// TestKeysDown: without keys 503, with keys from before they go on working.
func TestKeysDown(t *testing.T) {
	var followed *issuer // whose keys a redirect leads to
	other := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		json.NewEncoder(w).Encode(followed.set())
	}))
	defer other.Close()
	for name, h := range map[string]http.HandlerFunc{
		"500":      func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) },
		"404":      func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) },
		"redirect": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL, http.StatusFound) },
		"no JSON":  func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("<html>")) },
		"no keys":  func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(`{"keys":[]}`)) },
		"null":     func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(`null`)) },
		"too large": func(w http.ResponseWriter, _ *http.Request) {
			w.Write([]byte(`{"keys":[` + strings.Repeat(" ", maxSet)))
		},
		"abort": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"symmetric": func(w http.ResponseWriter, _ *http.Request) {
			w.Write([]byte(`{"keys":[{"kty":"oct","k":"AAAA","kid":"ec"},{"kty":"x"},7,null]}`))
		},
	} {
		f := newFixture(t, nil)
		followed = f.iss
		good := f.iss.good(nil)
		f.iss.answers(h)
		if got := f.status(good); got != 503 {
			t.Errorf("%s, at first: %d", name, got)
		}
		before := f.iss.count()
		for range 20 {
			if got := f.status(good); got != 503 {
				t.Errorf("%s, again: %d", name, got)
			}
		}
		if n := f.iss.count() - before; n != 0 {
			t.Errorf("%s: %d fetches at once", name, n)
		}
		f.iss.answers(nil)
		f.advance(retryAfter + 1)
		if got := f.status(good); got != 200 {
			t.Errorf("%s, when it is up again: %d", name, got)
		}
		f.iss.answers(h)
		f.advance(50 * time.Minute)
		if got := f.status(good); got != 200 {
			t.Errorf("%s, with keys from before: %d", name, got)
		}
	}
}

// TestKeysOfLongAgo: a day without the issuer is too long.
func TestKeysOfLongAgo(t *testing.T) {
	f := newFixture(t, nil)
	long := f.iss.good(map[string]any{"exp": now.Add(100 * time.Hour).Unix()})
	if got := f.status(long); got != 200 {
		t.Fatal(got)
	}
	f.iss.answers(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) })
	for range 24 {
		f.advance(time.Hour)
		if got := f.status(long); got != 200 {
			t.Fatal(got)
		}
	}
	f.advance(time.Hour)
	if got := f.status(long); got != 503 {
		t.Errorf("after 25 hours: %d", got)
	}
}

// TestKeysRotate: a key that is new is fetched when a token names it, but at most
// once a minute; one that is gone works for an hour.
func TestKeysRotate(t *testing.T) {
	f := newFixture(t, nil)
	long := map[string]any{"exp": now.Add(100 * time.Hour).Unix()}
	old := f.iss.good(long)
	f.status(old)
	evil := newKeys(t)
	unknown := sign(t, jose.ES256, evil["ec"], "new", nil, f.iss.claims(long))
	want := func(what, text string, status, fetches int) {
		t.Helper()
		if got, n := f.status(text), f.iss.count(); got != status || n != fetches {
			t.Fatalf("%s: %d after %d fetches, want %d after %d", what, got, n, status, fetches)
		}
	}
	for range 100 {
		want("an unknown key within a minute", unknown, 503, 1)
	}
	f.advance(unknownAfter + 1)
	want("an unknown key after a minute", unknown, 401, 2)
	for range 100 {
		want("an unknown key within the next minute", unknown, 503, 2)
	}
	f.iss.mu.Lock()
	delete(f.iss.keys, "ec")
	f.iss.keys["new"] = evil["ec"]
	f.iss.mu.Unlock()
	f.advance(unknownAfter + 1)
	want("the new key", unknown, 200, 3)
	want("the old key within a minute", old, 503, 3)
	f.advance(unknownAfter + 1)
	want("the old key", old, 401, 4)
	// A fetch that fails makes an unknown key 503: it may be new.
	f.iss.answers(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) })
	f.advance(unknownAfter + 1)
	want("an unknown key while the issuer is down", old, 503, 5)
	want("a known key while the issuer is down", unknown, 200, 5)
}

// TestUnknownKey: what a token with a key that is not there gets within the minute
// in which keys are not fetched again, and that nothing else gets it.
func TestUnknownKey(t *testing.T) {
	evil := newKeys(t)
	for _, tt := range []struct {
		name    string
		kid     string
		changes map[string]any
		status  int
		fetches bool // once the minute is over
	}{
		{"right but for the key", "new", nil, 503, true},
		{"an unknown client", "new", map[string]any{"client_id": "nobody"}, 503, true}, // asked after the signature
		{"no key named, wrong signature", "", nil, 401, false},
		{"known key, wrong signature", "ec", nil, 401, false},
		{"key of another algorithm", "rs", nil, 401, true},
		{"unknown issuer", "new", map[string]any{"iss": "https://evil.example"}, 401, false},
		{"wrong audience", "new", map[string]any{"aud": "https://evil.example"}, 401, false},
		{"expired", "new", map[string]any{"exp": now.Add(-time.Hour).Unix()}, 401, false},
		{"not yet", "new", map[string]any{"nbf": now.Add(time.Hour).Unix()}, 401, false},
	} {
		f := newFixture(t, nil)
		if got := f.status(f.iss.good(nil)); got != 200 {
			t.Fatal(got)
		}
		text := sign(t, jose.ES256, evil["ec"], tt.kid, nil, f.iss.claims(tt.changes))
		for _, at := range []struct {
			after time.Duration
			retry int
		}{{0, 61}, {500 * time.Millisecond, 60}, {30 * time.Second, 30}, {29500 * time.Millisecond, 1}} { // up to a minute
			f.advance(at.after)
			p, err := f.Authenticate(request(text), "acme")
			if got := statusOf(p, err); got != tt.status || p.Subject != "" {
				t.Errorf("%s: %d of %q, want %d", tt.name, got, p.Subject, tt.status)
			}
			var e *scim.Error
			if tt.status == 503 && (!errors.As(err, &e) || e.RetryAfter != at.retry) {
				t.Errorf("%s: %v, want Retry-After %d", tt.name, err, at.retry)
			}
		}
		if n := f.iss.count(); n != 1 {
			t.Errorf("%s: %d fetches within a minute", tt.name, n)
		}
		f.advance(time.Second)
		if got := f.status(text); got != 401 {
			t.Errorf("%s, after a minute: %d", tt.name, got)
		}
		if n := f.iss.count(); (n == 2) != tt.fetches {
			t.Errorf("%s: %d fetches", tt.name, n)
		}
	}
}

// TestKeysTakenBack: without any unknown key, a key that is gone stops working
// after an hour and one request.
func TestKeysTakenBack(t *testing.T) {
	f := newFixture(t, nil)
	good := f.iss.good(map[string]any{"exp": now.Add(100 * time.Hour).Unix()})
	f.status(good)
	f.iss.mu.Lock()
	delete(f.iss.keys, "ec")
	f.iss.mu.Unlock()
	f.advance(refreshAfter + 1)
	f.status(good) // begins to fetch and does not wait
	for f.iss.count() < 2 {
		time.Sleep(time.Millisecond)
	}
	deadline := time.Now().Add(5 * time.Second)
	for f.status(good) == 200 {
		if time.Now().After(deadline) {
			t.Fatal("the key goes on working")
		}
		time.Sleep(time.Millisecond)
	}
}

// TestOneFetch: requests at the same time wait for one fetch.
func TestOneFetch(t *testing.T) {
	f := newFixture(t, nil)
	good := f.iss.good(nil)
	goOn := make(chan bool)
	f.iss.answers(func(w http.ResponseWriter, _ *http.Request) {
		<-goOn
		json.NewEncoder(w).Encode(f.iss.set())
	})
	results := make(chan int)
	for i := range 20 {
		go func() {
			r := request(good)
			if i == 0 {
				ctx, cancel := context.WithTimeout(r.Context(), time.Millisecond)
				defer cancel()
				r = r.WithContext(ctx)
			}
			results <- statusOf(f.Authenticate(r, "acme"))
		}()
	}
	time.Sleep(50 * time.Millisecond)
	close(goOn)
	got := map[int]int{}
	for range 20 {
		got[<-results]++
	}
	if got[200] < 19 || f.iss.count() != 1 {
		t.Errorf("%v, %d fetches", got, f.iss.count())
	}
}

func TestParseKeys(t *testing.T) {
	small, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	keys := newKeys(t)
	p384, _ := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	show := func(k jose.JSONWebKey) string { return string(must(k.MarshalJSON())) }
	set := func(keys ...string) string { return `{"keys":[` + strings.Join(keys, ",") + `]}` }
	for name, tt := range map[string]struct {
		set  string
		want string
	}{
		"all":            {set(show(jose.JSONWebKey{Key: keys["ec"].Public(), KeyID: "a"}), show(jose.JSONWebKey{Key: small.Public(), KeyID: "b"}), show(jose.JSONWebKey{Key: keys["ed"].Public(), KeyID: "c"})), "a ES256, b RS256, c EdDSA"},
		"for encryption": {set(show(jose.JSONWebKey{Key: keys["ec"].Public(), Use: "enc"})), ""},
		"another alg":    {set(show(jose.JSONWebKey{Key: keys["rs"].Public(), Algorithm: "PS256"})), ""},
		"another curve":  {set(show(jose.JSONWebKey{Key: p384.Public()})), ""},
		"private":        {set(show(jose.JSONWebKey{Key: keys["ec"]})), ""},
		"symmetric":      {set(show(jose.JSONWebKey{Key: []byte("01234567890123456789012345678901"), Algorithm: "RS256"})), ""},
		"some are odd":   {set(`{"kty":"new"}`, `{}`, `[]`, show(jose.JSONWebKey{Key: keys["ed"].Public(), KeyID: "c"})), "c EdDSA"},
		"1024 bits":      {set(`{"kty":"RSA","e":"AQAB","n":"` + b64(strings.Repeat("\xff", 128)) + `"}`), ""},
	} {
		got, err := parseKeys([]byte(tt.set))
		var names []string
		for _, k := range got {
			names = append(names, k.id+" "+k.alg)
		}
		if s := strings.Join(names, ", "); s != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("%s: %q, %v", name, s, err)
		}
	}
	many := slices.Repeat([]string{show(jose.JSONWebKey{Key: keys["ed"].Public()})}, 500)
	if got := must(parseKeys([]byte(set(many...)))); len(got) != maxKeys {
		t.Errorf("%d keys", len(got))
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
