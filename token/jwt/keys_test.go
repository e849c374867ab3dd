package jwt

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
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
	for range 100 {
		if got := f.status(unknown); got != 401 {
			t.Fatalf("unknown key: %d", got)
		}
	}
	if n := f.iss.count(); n != 1 {
		t.Errorf("%d fetches for an unknown key within a minute", n)
	}
	f.advance(unknownAfter + 1)
	for range 100 {
		f.status(unknown)
	}
	if n := f.iss.count(); n != 2 {
		t.Errorf("%d fetches for an unknown key after a minute", n)
	}
	f.iss.mu.Lock()
	delete(f.iss.keys, "ec")
	f.iss.keys["new"] = evil["ec"]
	f.iss.mu.Unlock()
	f.advance(unknownAfter + 1)
	if got := f.status(unknown); got != 200 {
		t.Errorf("the new key: %d", got)
	}
	if got := f.status(old); got != 401 {
		t.Errorf("the old key: %d", got)
	}
	// A fetch that fails makes an unknown key 503: it may be new.
	f.iss.answers(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) })
	f.advance(unknownAfter + 1)
	if got := f.status(old); got != 503 {
		t.Errorf("an unknown key while the issuer is down: %d", got)
	}
	if got := f.status(unknown); got != 200 {
		t.Errorf("a known key while the issuer is down: %d", got)
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
	for f.status(good) != 401 {
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
