package scim_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/scimkit/scimkit/scim"
)

func TestOnRequest(t *testing.T) {
	var got []scim.RequestInfo
	h := newServer(t, func(c *scim.Config) {
		c.OnRequest = func(ctx context.Context, info scim.RequestInfo) {
			if _, ok := scim.PrincipalFrom(ctx); !ok {
				t.Error("the context has no principal")
			}
			got = append(got, info)
		}
	})
	send(t, h, "GET", "/Users/?filter=userName+eq+%22mira%22", "", "User-Agent", "Okta SCIM Client 1.0.0")
	send(t, h, "GET", "/Users?filter=userName+equals+1", "")
	send(t, h, "GET", "/Users", "", "Authorization", "Bearer wrong")
	send(t, h, "DELETE", "/Users/a%20b", "")
	want := []scim.RequestInfo{
		{Method: "GET", Path: "/v2/Users/", Status: 200, Subject: "token", Authenticated: true, UserAgent: "Okta SCIM Client 1.0.0"},
		{Method: "GET", Path: "/v2/Users", Status: 400, Subject: "token", Authenticated: true, ScimType: "invalidFilter"},
		{Method: "GET", Path: "/v2/Users", Status: 401, Detail: scim.ErrUnauthorized.Detail},
		{Method: "DELETE", Path: "/v2/Users/a%20b", Status: 404, Subject: "token", Authenticated: true, Detail: scim.ErrNotFound.Detail},
	}
	if len(got) == len(want) {
		if len(got[0].Quirks) != 1 || got[0].Quirks[0].String() != "slashes" || got[0].Duration <= 0 {
			t.Errorf("quirks %v, duration %v", got[0].Quirks, got[0].Duration)
		}
		if !strings.Contains(got[1].Detail, "operator") {
			t.Errorf("detail %q", got[1].Detail)
		}
		got[1].Detail = ""
	}
	if d := cmp.Diff(want, got, cmpopts.IgnoreFields(scim.RequestInfo{}, "Quirks", "Duration")); d != "" {
		t.Error(d)
	}
}

func TestOnRequestAfterPanic(t *testing.T) {
	var status []int
	h := newServer(t, func(c *scim.Config) {
		c.OnRequest = func(_ context.Context, info scim.RequestInfo) { status = append(status, info.Status) }
		c.Authenticator = scim.AuthenticatorFunc(func(r *http.Request, _ string) (scim.Principal, error) {
			if r.Header.Get("Authorization") == "" {
				panic(http.ErrAbortHandler)
			}
			panic("authenticator")
		})
	})
	send(t, h, "GET", "/Users", "")
	func() {
		defer func() {
			if p := recover(); p != http.ErrAbortHandler {
				t.Errorf("panic %v", p)
			}
		}()
		send(t, h, "GET", "/Users", "", "Authorization", "")
	}()
	if d := cmp.Diff([]int{500, 0}, status); d != "" {
		t.Error(d)
	}
}

// TestChallenge: RFC 6750 section 3.
func TestChallenge(t *testing.T) {
	own := errors.Join(&scim.Error{Status: 401, Detail: "No.", Challenge: `Basic realm="scim"`})
	for _, tt := range []struct {
		name   string
		err    error
		permit bool
		status int
		want   string
	}{
		{"unauthorized", scim.ErrUnauthorized, true, 401, `Bearer realm="scim"`},
		{"a challenge of its own", own, true, 401, `Basic realm="scim"`},
		{"scope", nil, false, 403, `Bearer realm="scim", error="insufficient_scope"`},
		{"forbidden for another reason", &scim.Error{Status: 403, Detail: "No."}, true, 403, ""},
		{"fine", nil, true, 200, ""},
	} {
		h := newServer(t, func(c *scim.Config) {
			c.Authenticator = scim.AuthenticatorFunc(func(*http.Request, string) (scim.Principal, error) {
				return scim.Principal{Permit: func(string, scim.Operation) bool { return tt.permit }}, tt.err
			})
		})
		if a := send(t, h, "GET", "/Users", ""); a.Status != tt.status || a.Header.Get("WWW-Authenticate") != tt.want {
			t.Errorf("%s: %d %q, want %d %q", tt.name, a.Status, a.Header.Get("WWW-Authenticate"), tt.status, tt.want)
		}
	}
}
