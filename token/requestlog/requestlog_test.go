package requestlog

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/token"
)

func recent(t *testing.T, m *Memory, tenant string, limit int) []Entry {
	t.Helper()
	all, err := m.Recent(t.Context(), tenant, limit)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestHook(t *testing.T) {
	m := NewMemory(Options{})
	hook := Hook(m)
	quirks := scim.Quirks()[:2]
	secret := generate(t)
	for _, info := range []scim.RequestInfo{
		{Method: "GET", Path: "/scim/Users", Status: 200, Tenant: "acme", Subject: "token:1", Authenticated: true, UserAgent: "Okta SCIM Client 1.0.0", Quirks: quirks, Duration: time.Second},
		{Method: "PATCH", Path: "/scim/Users/1", Status: 400, Tenant: "acme", Authenticated: true, ScimType: "invalidFilter", Detail: `offset 3: "hun\"ter2" is no value; "x`},
		{Method: "POST", Path: "/scim/Users", Status: 409, Tenant: "acme", Authenticated: true, ScimType: "uniqueness", Detail: `The value of "userName" is in use.`},
		{Method: "GET\n", Path: "/scim/" + secret + "/Users/\u202e" + strings.Repeat("x ", 150), Status: 404, Tenant: "acme", Authenticated: true, UserAgent: strings.Repeat("u ", 500) + "/1", Detail: strings.Repeat("d ", 500)},
		{Method: "GET", Path: "/scim/Users", Status: 401, Tenant: "acme", Detail: "The request needs valid credentials."},
	} {
		hook(t.Context(), info)
	}
	want := []Entry{
		{Tenant: "acme", Method: "GET", Path: "/scim/Users", Status: 401, Detail: "The request needs valid credentials."},
		{Tenant: "acme", Method: "GET�", Path: "/scim/[secret]/Users/�" + strings.Repeat("x ", 89) + "…", Status: 404, Authenticated: true, Client: strings.Repeat("u ", 20) + "…", Detail: strings.Repeat("d ", 150) + "…"},
		{Tenant: "acme", Method: "POST", Path: "/scim/Users", Status: 409, Authenticated: true, ScimType: "uniqueness", Detail: `The value of "userName" is in use.`},
		{Tenant: "acme", Method: "PATCH", Path: "/scim/Users/1", Status: 400, Authenticated: true, ScimType: "invalidFilter", Detail: `offset 3: "…" is no value; "…"`},
		{Tenant: "acme", Method: "GET", Path: "/scim/Users", Status: 200, Authenticated: true, Subject: "token:1", Client: "Okta", Quirks: []string{quirks[0].String(), quirks[1].String()}, Duration: time.Second},
	}
	got := recent(t, m, "acme", 10)
	if d := cmp.Diff(want, got, cmpopts.IgnoreFields(Entry{}, "Time")); d != "" {
		t.Error(d)
	}
	if time.Since(got[0].Time) > time.Minute {
		t.Errorf("%v", got[0].Time)
	}
}

// TestSecretsInOddPlaces: a token that was pasted where none belongs is in no
// entry, however it is written.
func TestSecretsInOddPlaces(t *testing.T) {
	secret := generate(t)
	jwt := "eyJhbGciOiJFUzI1NiIsImtpZCI6IjEifQ.eyJpc3MiOiJodHRwczovL2lkcC5leGFtcGxlIn0.c2lnbmF0dXJlLXNpZ25hdHVyZQ"
	for _, s := range []string{secret, jwt} {
		escaped := strings.NewReplacer("_", "%5F", ".", "%2E", "a", "%61").Replace(s)
		for _, path := range []string{s, escaped, strings.ReplaceAll(escaped, "%", "%25"), "Bearer%20" + s, s + "%0A", s + "%20", "token=" + s, s + ";v", "x" + s, "Users/" + s} {
			m := NewMemory(Options{})
			Hook(m)(t.Context(), scim.RequestInfo{Path: "/scim/" + path, Status: 404, Tenant: "acme", Authenticated: true, UserAgent: s, Detail: "no " + s})
			for _, e := range recent(t, m, "acme", 1) {
				for _, text := range []string{e.Path, e.Client, e.Detail} {
					if !strings.Contains(text, "[secret]") || strings.Contains(text, s[20:50]) {
						t.Errorf("%s: entry has %q", path, text)
					}
				}
			}
		}
	}
}

func generate(t *testing.T) string {
	m, err := token.New(token.NewMemoryStore(), token.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s, _, err := m.Generate(t.Context(), "acme", token.GenerateOptions{Actor: "mira"})
	if err != nil {
		t.Fatal(err)
	}
	return s.Reveal()
}

// entry is one at the n-th second.
func entry(tenant string, n int, authenticated bool) Entry {
	return Entry{Tenant: tenant, Status: n, Time: time.Unix(int64(n), 0), Authenticated: authenticated}
}

func statuses(entries []Entry) string {
	var s []string
	for _, e := range entries {
		s = append(s, fmt.Sprint(e.Status))
	}
	return strings.Join(s, " ")
}

func TestMemory(t *testing.T) {
	m := NewMemory(Options{PerTenant: 3})
	for i := range 7 {
		m.Add(t.Context(), entry("acme", 2*i, true))
		m.Add(t.Context(), entry("other", 2*i+1, true))
	}
	for _, tt := range []struct {
		limit int
		want  string
	}{{10, "12 10 8"}, {3, "12 10 8"}, {2, "12 10"}, {0, ""}, {-1, ""}} {
		if got := statuses(recent(t, m, "acme", tt.limit)); got != tt.want {
			t.Errorf("limit %d: %s, want %s", tt.limit, got, tt.want)
		}
	}
	if got := statuses(recent(t, m, "other", 1)); got != "13" {
		t.Errorf("other: %s", got)
	}
	if got := recent(t, m, "nobody", 10); len(got) != 0 {
		t.Errorf("%v", got)
	}
}

// TestStrangers: requests that were refused push out nothing and make up no
// tenants.
func TestStrangers(t *testing.T) {
	m := NewMemory(Options{PerTenant: 3, Tenants: 5})
	m.Add(t.Context(), entry("acme", 1, true))
	for i := range 1000 {
		m.Add(t.Context(), entry(fmt.Sprint("made up ", i), i, false))
		m.Add(t.Context(), entry("acme", 1000+i, false))
	}
	if len(m.tenants) != 1 {
		t.Errorf("%d tenants", len(m.tenants))
	}
	got := recent(t, m, "acme", 100)
	if len(got) != 11 || got[10].Status != 1 || got[0].Status != 1999 {
		t.Errorf("%s", statuses(got))
	}
	// A tenant that somebody looks at is known: its first attempts show.
	recent(t, m, "new", 1)
	m.Add(t.Context(), entry("new", 401, false))
	if got := statuses(recent(t, m, "new", 10)); got != "401" {
		t.Errorf("%s", got)
	}
}

func TestTenantsAreBounded(t *testing.T) {
	m := NewMemory(Options{Tenants: 10})
	for i := range 100 {
		m.Add(t.Context(), entry(fmt.Sprint(i), i, true))
		m.Add(t.Context(), entry("busy", i, true))
	}
	if len(m.tenants) != 10 || m.tenants["busy"] == nil || m.tenants["99"] == nil || m.tenants["50"] != nil {
		t.Errorf("%d tenants", len(m.tenants))
	}
}

func TestParallel(t *testing.T) {
	m := NewMemory(Options{PerTenant: 20})
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 100 {
				m.Add(context.Background(), entry(fmt.Sprint(j%3), i, true))
				m.Recent(context.Background(), "1", 5)
			}
		})
	}
	wg.Wait()
	if got := recent(t, m, "1", 100); len(got) != 20 {
		t.Errorf("%d entries", len(got))
	}
}

func TestClient(t *testing.T) {
	for agent, want := range map[string]string{
		"":                                 "",
		"Okta SCIM Client 1.0.0":           "Okta",
		"azure-ad-scim/1.0":                "Microsoft Entra ID",
		"Microsoft.Azure.SyncFabric":       "Microsoft Entra ID",
		"JumpCloud-SCIM/2":                 "JumpCloud",
		"Google-Auto-Provisioning":         "Google Workspace",
		"PingFederate/11":                  "Ping Identity",
		"curl/8.5.0":                       "curl",
		"Go-http-client/1.1":               "Go-http-client",
		"\x1b[31mred/1":                    "�[31mred",
		"Mozilla/5.0 (Windows) OneLogin/1": "OneLogin",
	} {
		if got := Client(agent); got != want {
			t.Errorf("%q: %q, want %q", agent, got, want)
		}
	}
}

func FuzzUnquoted(f *testing.F) {
	for _, s := range []string{`a "b" c`, `"`, `"\"x" y "z`, `""`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		// The marker stands in quotes, however the text around it ends.
		got := unquoted("invalidFilter", strings.ReplaceAll(s, `"`, `'`)+fmt.Sprintf("%q", "MARKER"+s))
		if strings.Contains(got, "MARKER") {
			t.Fatalf("%q", got)
		}
	})
}
