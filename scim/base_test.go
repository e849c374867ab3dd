package scim_test

import (
	"fmt"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/internal/rawhttp"
	"github.com/scimkit/scimkit/scim"
)

// TestLongBase: what a client makes up as Host and as the path before the
// endpoint does not come back once for each member of a group.
func TestLongBase(t *testing.T) {
	s := newServer(t, func(c *scim.Config) { c.BaseURL, c.Limits.TargetBytes = "", -1 })
	group := must(t, s, 201, "POST", "/Groups", `{"displayName":"g","members":[`+list(`{"value":"%d","type":"User"}`, 300)+`]}`).text(t, "id")
	srv := httptest.NewServer(s)
	defer srv.Close()
	for _, tt := range []struct {
		host, mount string
		status      int
	}{
		{"example.com:8080", "/v2", 200},
		{"my_host", "", 200},
		{"[::1]:80", "", 200},
		{strings.Repeat("h", 255), "/" + strings.Repeat("m", 511), 200},
		{strings.Repeat("h", 256), "", 400},
		{strings.Repeat("h", 900_000), "", 400},
		{"a,b", "", 400},
		{"a'b", "", 400},
		{"", "", 200}, // as in HTTP/1.0
		{"h", "/" + strings.Repeat("m", 512), 404},
		{"h", strings.Repeat("/%41", 129), 404},
	} {
		for _, path := range []string{"/Groups/" + group, "/Groups", "/Schemas"} {
			for token, status := range map[string]int{"secret": tt.status, "wrong": 401} {
				resp, err := rawhttp.Request{Method: "GET", Target: tt.mount + path, Header: []rawhttp.Field{
					{Name: "Host", Value: tt.host}, {Name: "Authorization", Value: "Bearer " + token}}}.Do(t.Context(), srv.URL)
				if err != nil {
					t.Fatal(err)
				}
				if resp.Status != status || len(resp.Body) > 1<<20 {
					t.Errorf("Host %.40q, %.40s%s, token %s: %d with %d bytes, want %d", tt.host, tt.mount, path, token, resp.Status, len(resp.Body), status)
				}
			}
		}
	}
}

// TestInventedHosts: the discovery answers for hosts that clients invent are
// not kept for ever.
func TestInventedHosts(t *testing.T) {
	s := newServer(t, func(c *scim.Config) { c.BaseURL = "" })
	before := heap()
	for i := range 250 {
		r := httptest.NewRequest("GET", "/Schemas", nil)
		r.Host = fmt.Sprintf("host-%d", i)
		r.Header.Set("Authorization", "Bearer secret")
		if a := serve(s, r); a.status != 200 || !strings.Contains(string(a.body), r.Host) {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	if grown := int64(heap() - before); grown > 6<<20 {
		t.Errorf("%d bytes are kept", grown)
	}
	runtime.KeepAlive(s)
}
