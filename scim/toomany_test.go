package scim_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
)

// untouched is a body that must not be read.
type untouched struct{ t *testing.T }

func (u untouched) Read([]byte) (int, error) {
	u.t.Error("the body is read")
	return 0, io.EOF
}

// TestInFlight: one request more of one tenant than Limits.InFlight is 429 with
// Retry-After, before its body is read; other tenants do not notice.
func TestInFlight(t *testing.T) {
	for _, tt := range []struct{ limit, n int }{{0, 64}, {3, 3}, {-1, 0}} {
		users := schema.UserType()
		begun, release := make(chan bool), make(chan bool)
		h := rogue{ResourceHandler: newMapHandler(users), get: func(context.Context, string) (*scim.Resource, error) {
			begun <- true
			<-release
			panic("also after a panic")
		}}
		s := newServer(t, func(c *scim.Config) {
			c.Limits.InFlight, c.Logger = tt.limit, new(logBook).logger()
			c.Endpoints = []scim.Endpoint{{Type: users, ForTenant: func(context.Context, string) (scim.ResourceHandler, error) { return h, nil }}}
			c.Authenticator = scim.AuthenticatorFunc(func(r *http.Request, _ string) (scim.Principal, error) {
				token, ok := scim.BearerToken(r)
				if !ok {
					return scim.Principal{}, scim.ErrUnauthorized
				}
				return scim.Principal{Tenant: token}, nil
			})
		})
		n := tt.n
		if n == 0 {
			n = 70
		}
		var wg sync.WaitGroup
		for range n {
			wg.Go(func() { send(t, s, "GET", "/Users/1", "") })
			<-begun
		}
		if tt.n == 0 {
			must(t, s, 200, "GET", "/Users", "")
		} else {
			r := httptest.NewRequest("POST", "/v2/Users", untouched{t})
			r.Header.Set("Authorization", "Bearer secret")
			r.Header.Set("Content-Type", "application/scim+json")
			if a := serve(s, r); a.status != 429 || a.header.Get("Retry-After") != "1" || !strings.Contains(string(a.body), "tenant") {
				t.Errorf("limit %d: %d %v %s", tt.limit, a.status, a.header, a.body)
			}
		}
		must(t, s, 200, "GET", "/Users", "", "Authorization", "Bearer other")
		must(t, s, 200, "GET", "/Schemas", "")
		must(t, s, 401, "GET", "/Users", "", "Authorization", "")
		close(release)
		wg.Wait()
		must(t, s, 200, "GET", "/Users", "")
	}
}
