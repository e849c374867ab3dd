package jwt

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/memstore"
	"github.com/scimkit/scimkit/token"
)

func TestNewRefuses(t *testing.T) {
	fine := Config{Issuers: []Issuer{{"a", "https://a.example/k"}}, Audience: "x", Tenant: func(context.Context, string, string) (string, error) { return "", nil }}
	if _, err := New(fine); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Config){
		"no issuer":      func(c *Config) { c.Issuers = nil },
		"no audience":    func(c *Config) { c.Audience = "" },
		"no tenant":      func(c *Config) { c.Tenant = nil },
		"http":           func(c *Config) { c.Issuers = []Issuer{{"a", "http://a.example/k"}} },
		"file":           func(c *Config) { c.Issuers = []Issuer{{"a", "file:///etc/passwd"}} },
		"no name":        func(c *Config) { c.Issuers = []Issuer{{"", "https://a.example/k"}} },
		"name twice":     func(c *Config) { c.Issuers = append(c.Issuers, c.Issuers[0]) },
		"HS256":          func(c *Config) { c.Algorithms = []string{"HS256"} },
		"none":           func(c *Config) { c.Algorithms = []string{"none"} },
		"no algorithm":   func(c *Config) { c.Algorithms = []string{} },
		"password in it": func(c *Config) { c.Issuers = []Issuer{{"a", "https://u:p@a.example/k"}} },
	} {
		c := fine
		c.Issuers = slices.Clone(fine.Issuers)
		change(&c)
		if _, err := New(c); err == nil {
			t.Errorf("%s is fine", name)
		}
	}
}

// TestAlgorithms: the three that are pinned work, with and without a key id.
func TestAlgorithms(t *testing.T) {
	f := newFixture(t, nil)
	for alg, kid := range map[jose.SignatureAlgorithm]string{jose.ES256: "ec", jose.RS256: "rs", jose.EdDSA: "ed"} {
		for _, id := range []string{kid, ""} {
			if got := f.status(sign(t, alg, f.iss.keys[kid], id, nil, f.iss.claims(nil))); got != 200 {
				t.Errorf("%s with key id %q: %d", alg, id, got)
			}
		}
	}
	only := newFixture(t, func(c *Config) { c.Algorithms = []string{"EdDSA"} })
	if got := only.status(only.iss.good(nil)); got != 401 {
		t.Errorf("ES256 where only EdDSA is pinned: %d", got)
	}
	p, err := f.Authenticate(request(f.iss.good(nil)), "acme")
	if err != nil || p.Tenant != "acme" || p.Subject != "jwt:okta-acme" || !p.Permit("User", scim.OpDelete) {
		t.Errorf("%+v, %v", p, err)
	}
	if n := f.iss.count(); n != 1 {
		t.Errorf("%d fetches", n)
	}
}

// TestClaims: each claim, wrong.
func TestClaims(t *testing.T) {
	f := newFixture(t, nil)
	unix := func(d time.Duration) int64 { return now.Add(d).Unix() }
	for _, tt := range []struct {
		name    string
		changes map[string]any
		status  int
	}{
		{"right", nil, 200},
		{"iss, wrong", map[string]any{"iss": "https://evil.example"}, 401},
		{"iss, a slash more", map[string]any{"iss": f.iss.name + "/"}, 401},
		{"iss, letter case", map[string]any{"iss": strings.ToUpper(f.iss.name)}, 401},
		{"iss, missing", map[string]any{"iss": nil}, 401},
		{"iss, empty", map[string]any{"iss": ""}, 401},
		{"iss, array", map[string]any{"iss": []string{f.iss.name}}, 401},
		{"aud, several", map[string]any{"aud": []string{"x", "https://api.example.com/scim"}}, 200},
		{"aud, wrong", map[string]any{"aud": "https://api.example.com"}, 401},
		{"aud, longer", map[string]any{"aud": "https://api.example.com/scim/"}, 401},
		{"aud, missing", map[string]any{"aud": nil}, 401},
		{"aud, empty", map[string]any{"aud": []string{}}, 401},
		{"aud, object", map[string]any{"aud": map[string]any{"a": 1}}, 401},
		{"exp, missing", map[string]any{"exp": nil}, 401},
		{"exp, just within the leeway", map[string]any{"exp": unix(-59 * time.Second)}, 200},
		{"exp, a minute ago", map[string]any{"exp": unix(-60 * time.Second)}, 401},
		{"exp, text", map[string]any{"exp": "tomorrow"}, 401},
		{"exp, zero", map[string]any{"exp": 0}, 401},
		{"exp, negative", map[string]any{"exp": -1}, 401},
		{"exp, huge", map[string]any{"exp": json.Number("1e300")}, 401},
		{"nbf, within the leeway", map[string]any{"nbf": unix(60 * time.Second)}, 200},
		{"nbf, later", map[string]any{"nbf": unix(61 * time.Second)}, 401},
		{"nbf, missing", map[string]any{"nbf": nil}, 200},
		{"iat, later", map[string]any{"iat": unix(61 * time.Second)}, 401},
		{"client, unknown", map[string]any{"client_id": "nobody"}, 401},
		{"client, missing", map[string]any{"client_id": nil}, 401},
		{"client, empty", map[string]any{"client_id": ""}, 401},
		{"client, number", map[string]any{"client_id": 7}, 401},
		{"client of another tenant", map[string]any{"client_id": "okta-other"}, 401},
		{"client, database down", map[string]any{"client_id": "down"}, 503},
		{"scope, missing", map[string]any{"scope": nil}, 403},
		{"scope, empty", map[string]any{"scope": ""}, 403},
		{"scope, another", map[string]any{"scope": "openid profile"}, 403},
		{"scope, longer", map[string]any{"scope": "scim:read xscim scimx"}, 403},
		{"scope, letter case", map[string]any{"scope": "SCIM"}, 403},
		{"scope, array", map[string]any{"scope": []string{"openid", "scim"}}, 200},
		{"scope, array of all sorts", map[string]any{"scope": []any{1, nil, []string{"scim"}}}, 403},
		{"scope, object", map[string]any{"scope": map[string]any{"scim": true}}, 403},
		{"another tenant's client without a scope", map[string]any{"client_id": "okta-other", "scope": ""}, 401},
	} {
		p, err := f.Authenticate(request(f.iss.good(tt.changes)), "acme")
		if got := statusOf(p, err); got != tt.status {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.status)
		}
		// Who was refused for its scopes has proved who it is.
		if known := tt.status == 200 || tt.status == 403; known != (p.Subject == "jwt:okta-acme" && p.Tenant == "acme") || !known && p.Subject+p.Tenant != "" {
			t.Errorf("%s: %d with principal %+v", tt.name, tt.status, p)
		}
		if tt.status == 403 && (p.Permit == nil || p.Permit("User", scim.OpRead)) {
			t.Errorf("%s: the principal may read", tt.name)
		}
	}
}

// TestForgeries is S12: what has been tried against JWT libraries.
func TestForgeries(t *testing.T) {
	f := newFixture(t, nil)
	claims := f.iss.claims(nil)
	payload, _ := json.Marshal(claims)
	good := f.iss.good(nil)
	parts := strings.Split(good, ".")
	raw := func(header string, signature []byte) string {
		return b64(header) + "." + b64(string(payload)) + "." + b64(string(signature))
	}
	hs := func(header string, key []byte) string {
		m := hmac.New(sha256.New, key)
		m.Write([]byte(b64(header) + "." + b64(string(payload))))
		return raw(header, m.Sum(nil))
	}
	der, err := x509.MarshalPKIXPublicKey(f.iss.keys["rs"].Public())
	if err != nil {
		t.Fatal(err)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	jwk, _ := jose.JSONWebKey{Key: f.iss.keys["rs"].Public(), KeyID: "rs"}.MarshalJSON()
	evil := newKeys(t)
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	evilJWK := jose.JSONWebKey{Key: evil["ec"].Public(), KeyID: "ec"}
	other := newIssuer(t)
	other.name = f.iss.name

	forgeries := map[string]string{
		"none":               raw(`{"alg":"none","typ":"at+jwt"}`, nil),
		"None":               raw(`{"alg":"None"}`, nil),
		"no alg":             raw(`{"typ":"JWT"}`, nil),
		"alg is null":        raw(`{"alg":null}`, nil),
		"alg twice":          raw(`{"alg":"ES256","alg":"none","kid":"ec"}`, nil),
		"none, signed":       raw(`{"alg":"none","kid":"ec"}`, []byte("x")),
		"signature stripped": parts[0] + "." + parts[1] + ".",
		"HS256, PEM":         hs(`{"alg":"HS256","kid":"rs"}`, public),
		"HS256, DER":         hs(`{"alg":"HS256","kid":"rs"}`, der),
		"HS256, JWK":         hs(`{"alg":"HS256","kid":"rs"}`, jwk),
		"HS256, empty key":   hs(`{"alg":"HS256"}`, nil),
		"HS256 of RS256":     hs(`{"alg":"RS256","kid":"rs"}`, public),
		"another key":        sign(t, jose.ES256, evil["ec"], "ec", nil, claims),
		"another key, RSA":   sign(t, jose.RS256, evil["rs"], "rs", nil, claims),
		"another issuer's":   other.good(nil),
		"own key in header":  sign(t, jose.ES256, evil["ec"], "", map[string]any{"jwk": evilJWK}, claims),
		"address of keys":    sign(t, jose.ES256, evil["ec"], "ec", map[string]any{"jku": other.URL}, claims),
		"address of certs":   sign(t, jose.ES256, evil["ec"], "ec", map[string]any{"x5u": other.URL}, claims),
		"RS384":              sign(t, jose.RS384, f.iss.keys["rs"], "rs", nil, claims),
		"PS256":              sign(t, jose.PS256, f.iss.keys["rs"], "rs", nil, claims),
		"ES384":              sign(t, jose.ES384, p384, "ec", nil, claims),
		"key of another alg": sign(t, jose.ES256, f.iss.keys["ec"], "rs", nil, claims),
		"kid, path":          sign(t, jose.ES256, evil["ec"], "../../../../dev/null", nil, claims),
		"kid, SQL":           sign(t, jose.ES256, evil["ec"], "x' UNION SELECT 'AAAA", nil, claims),
		"kid, URL":           sign(t, jose.ES256, evil["ec"], other.URL, nil, claims),
		"kid, long":          sign(t, jose.ES256, f.iss.keys["ec"], strings.Repeat("e", 300), nil, claims),
		"crit":               sign(t, jose.ES256, f.iss.keys["ec"], "ec", map[string]any{"crit": []string{"exp"}, "exp": 1}, claims),
		"b64":                sign(t, jose.ES256, f.iss.keys["ec"], "ec", map[string]any{"b64": true}, claims),
		"zip":                sign(t, jose.ES256, f.iss.keys["ec"], "ec", map[string]any{"zip": "DEF"}, claims),
		"nested":             sign(t, jose.ES256, f.iss.keys["ec"], "ec", map[string]any{"cty": "JWT"}, claims),
		"logout token":       sign(t, jose.ES256, f.iss.keys["ec"], "ec", map[string]any{"typ": "logout+jwt"}, claims),
		"type is no text":    sign(t, jose.ES256, f.iss.keys["ec"], "ec", map[string]any{"typ": 1}, claims),
		"payload swapped":    parts[0] + "." + b64(strings.Replace(string(payload), "okta-acme", "okta-other", 1)) + "." + parts[2],
		"padding":            parts[0] + "." + parts[1] + "." + parts[2] + "==",
		"no JSON":            sign(t, jose.ES256, f.iss.keys["ec"], "ec", nil, "text"),
		"claim twice":        f.twice(payload),
		"empty parts":        "..",
		"junk":               "a.b.c",
		"zero signature":     raw(`{"alg":"ES256","kid":"ec"}`, make([]byte, 64)),
		"JSON serialization": "eyJ.eyJ." + strings.Repeat("A", 3000),
	}
	if got := f.status(good); got != 200 {
		t.Errorf("the right one: %d", got)
	}
	for name, text := range forgeries {
		want := 401
		switch name {
		case "kid, path", "kid, SQL", "kid, URL": // may be new: see TestUnknownKey
			want = 503
		}
		if got := f.status(text); got != want {
			t.Errorf("%s: %d, want %d", name, got, want)
		}
	}
	if n := other.count(); n != 0 {
		t.Errorf("keys were fetched from an address in a token")
	}
	for _, typ := range []string{"JWT", "jwt", "at+jwt", "application/at+jwt"} {
		if got := f.status(sign(t, jose.ES256, f.iss.keys["ec"], "ec", map[string]any{"typ": typ}, claims)); got != 200 {
			t.Errorf("type %s: %d", typ, got)
		}
	}
}

// twice signs claims in which aud is there twice, the right one first.
func (f *fixture) twice(payload []byte) string {
	text := strings.Replace(string(payload), `{`, `{"aud":"https://evil.example",`, 1)
	return sign(f.t, jose.ES256, f.iss.keys["ec"], "ec", nil, json.RawMessage(text))
}

// TestOtherKind: only what has not the form of a JWT is left to others.
func TestOtherKind(t *testing.T) {
	f := newFixture(t, nil)
	m, err := token.New(token.NewMemoryStore(), token.Options{})
	if err != nil {
		t.Fatal(err)
	}
	secret, _, err := m.Generate(t.Context(), "acme", token.GenerateOptions{Actor: "mira"})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{"": true, "abc": true, "a.b": true, "a.b.c.d": true, "a.b.c.d.e": true, secret.Reveal(): true, "a.b.c": false, "..": false, f.iss.good(map[string]any{"aud": "x"}): false} {
		if _, err := f.Authenticate(request(text), "acme"); errors.Is(err, token.ErrOtherKind) != want || err == nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	r := request(f.iss.good(nil))
	r.Header.Add("Authorization", "Bearer "+f.iss.good(nil))
	if _, err := f.Authenticate(r, "acme"); !errors.Is(err, token.ErrOtherKind) {
		t.Errorf("two headers: %v", err)
	}
}

// TestWithTokens: a server with a Manager and JWTs in a chain, guarded.
func TestWithTokens(t *testing.T) {
	f := newFixture(t, func(c *Config) {
		c.Scopes = map[string]token.Scopes{"scim": {token.ReadAll, token.WriteAll}, "scim.read": {token.ReadAll}}
	})
	m, err := token.New(token.NewMemoryStore(), token.Options{})
	if err != nil {
		t.Fatal(err)
	}
	secret, _, err := m.Generate(t.Context(), "acme", token.GenerateOptions{Actor: "mira"})
	if err != nil {
		t.Fatal(err)
	}
	users, people := schema.UserType(), memstore.New(memstore.Options{})
	server, err := scim.NewServer(scim.Config{
		Endpoints:     []scim.Endpoint{{Type: users, ForTenant: people.ForTenant(users)}},
		Authenticator: token.Chain(m, m.Guard(f.Authenticator)),
		BaseURL:       "https://api.example.com/scim/{tenant}",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := func(method, tenant, bearer string, status int) *httptest.ResponseRecorder {
		t.Helper()
		body := ""
		if method == "POST" {
			body = fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":%q}`, rand.Text())
		}
		r := httptest.NewRequest(method, "/scim/"+tenant+"/Users", strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+bearer)
		r.Header.Set("Content-Type", "application/scim+json")
		w := httptest.NewRecorder()
		if server.ServeHTTP(w, r); w.Code != status {
			t.Errorf("%s %s: %d, want %d: %s", method, tenant, w.Code, status, w.Body)
		}
		return w
	}
	jwt, read := f.iss.good(nil), f.iss.good(map[string]any{"scope": "scim.read"})
	want("GET", "acme", secret.Reveal(), 403)
	want("GET", "acme", jwt, 403)
	if err := m.SetEnabled(t.Context(), "acme", true, "mira"); err != nil {
		t.Fatal(err)
	}
	want("GET", "acme", secret.Reveal(), 200)
	want("GET", "acme", jwt, 200)
	want("POST", "acme", jwt, 201)
	want("GET", "acme", read, 200)
	for _, w := range []*httptest.ResponseRecorder{want("POST", "acme", read, 403), want("GET", "acme", f.iss.good(map[string]any{"scope": "openid"}), 403)} {
		if got := w.Header().Get("WWW-Authenticate"); got != `Bearer realm="scim", error="insufficient_scope"` {
			t.Errorf("%q", got)
		}
	}
	bodies := map[string]bool{}
	for _, text := range []string{"", "x", jwt[:len(jwt)-2], f.iss.good(map[string]any{"exp": 1}), f.iss.good(map[string]any{"client_id": "okta-other"}), secret.Reveal()[1:]} {
		w := want("GET", "acme", text, 401)
		bodies[w.Body.String()+fmt.Sprint(w.Header())] = true
	}
	want("GET", "other", jwt, 401)
	if len(bodies) != 1 {
		t.Errorf("401 comes in %d forms", len(bodies))
	}
}

func FuzzAuthenticate(f *testing.F) {
	a, err := New(Config{Issuers: []Issuer{{"https://login.example.com", "https://127.0.0.1:1/"}}, Audience: "x",
		Tenant: func(context.Context, string, string) (string, error) { return "acme", nil }, Client: &http.Client{Transport: failing{}}})
	if err != nil {
		f.Fatal(err)
	}
	payload := b64(`{"iss":"https://login.example.com","aud":"x","exp":9999999999,"client_id":"c","scope":"scim"}`)
	for _, header := range []string{`{"alg":"none"}`, `{"alg":"ES256","kid":"a"}`, `{"alg":"RS256","crit":["b64"],"b64":false}`, `{"alg":"EdDSA","jwk":{"kty":"oct","k":"AA"}}`, `{}`, ``} {
		f.Add(b64(header) + "." + payload + ".AAAA")
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header["Authorization"] = []string{"Bearer " + text}
		if got := statusOf(a.Authenticate(r, "acme")); got != 401 && got != 503 {
			t.Fatalf("%q: %d", text, got)
		}
	})
}

// failing is a transport that never gets anything, not even without a panic.
type failing struct{}

func (failing) RoundTrip(*http.Request) (*http.Response, error) { panic("transport") }
