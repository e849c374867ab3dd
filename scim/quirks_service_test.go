package scim_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
)

// TestServeMuxRedirects has Q79: http.ServeMux answers a doubled slash by
// itself, with a redirect. The server does not get the POST, and a client that
// follows may send a GET. The package documentation says what to do.
func TestServeMuxRedirects(t *testing.T) {
	w := newQuirkWorld(t, nil, nil)
	mux := http.NewServeMux()
	mux.Handle("/v2/", w)
	if a := send(t, mux, "POST", "//Users", userOf(`"title":"x"`)); a.Status < 300 || a.Status > 399 {
		t.Errorf("behind a ServeMux: %d, and the documentation says that it redirects", a.Status)
	}
	before := http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/v2/") {
			w.ServeHTTP(rw, r)
			return
		}
		mux.ServeHTTP(rw, r)
	})
	must(t, before, 201, "POST", "//Users", userOf(`"title":"x"`))
}

// TestPatchResponses has Q85: each endpoint says what PATCH answers; a client
// that names attributes gets them.
func TestPatchResponses(t *testing.T) {
	for _, tt := range []struct {
		response      scim.PatchResponse
		users, groups int
	}{
		{scim.PatchAuto, 200, 204},
		{scim.PatchResource, 200, 200},
		{scim.PatchNoContent, 204, 204},
	} {
		w := newQuirkWorld(t, nil, func(c *scim.Config) {
			for i := range c.Endpoints {
				c.Endpoints[i].PatchResponse = tt.response
			}
		})
		for target, status := range map[string]int{
			"/Users/1": tt.users, "/Users/1?attributes=displayName": 200,
			"/Groups/3": tt.groups, "/Groups/3?attributes=displayName": 200, "/Groups/3?excludedAttributes=members": 200,
		} {
			a := send(t, w, "PATCH", target, patchOf(`{"op":"add","path":"displayName","value":"x"}`))
			if a.Status != status || a.Header.Get("Etag") == "" || (a.Body == "") != (status == 204) {
				t.Errorf("response %d, %s: %d %v %s", tt.response, target, a.Status, a.Header, a.Body)
			}
		}
	}
}

// TestRetryAfter has Q87: what passes tells the client when to come back, in
// whole seconds; what does not pass is no 5xx.
func TestRetryAfter(t *testing.T) {
	for _, tt := range []struct {
		err    error
		status int
		after  string
	}{
		{scim.ErrUnavailable, 503, "5"},
		{fmt.Errorf("pool: %w", scim.ErrUnavailable), 503, "5"},
		{context.DeadlineExceeded, 503, "5"},
		{&scim.Error{Status: 503, Detail: "Maintenance.", RetryAfter: 120}, 503, "120"},
		{&scim.Error{Status: 429, Detail: "Too many requests."}, 429, "5"},
		{scim.Conflict("userName"), 409, ""},
		{&scim.UnknownMembersError{Attribute: "members", IDs: []string{"9"}}, 400, ""},
		{errors.New("the disk is full"), 500, ""},
	} {
		users := newMapHandler(schema.UserType())
		users.fail = tt.err
		s := newServer(t, func(c *scim.Config) { c.Endpoints = []scim.Endpoint{{Type: users.typ, Handler: users}} })
		for method, body := range map[string]string{"POST": userOf(`"title":"x"`), "GET": "", "PUT": userOf(`"title":"x"`), "PATCH": patchOf(``), "DELETE": ""} {
			target := "/Users/1"
			if method == "POST" {
				target = "/Users"
			}
			a := send(t, s, method, target, body)
			if a.Status != tt.status || a.Header.Get("Retry-After") != tt.after || strings.Contains(a.Body, "disk") {
				t.Errorf("%v, %s: %d, Retry-After %q: %s", tt.err, method, a.Status, a.Header.Get("Retry-After"), a.Body)
			}
			if _, err := strconv.Atoi(a.Header.Get("Retry-After")); tt.after != "" && err != nil {
				t.Error(err)
			}
		}
	}
}

// TestDeletedMemberLeavesGroups has Q92.
func TestDeletedMemberLeavesGroups(t *testing.T) {
	w := newQuirkWorld(t, nil, nil)
	before := must(t, w, 200, "GET", "/Groups/3", "")
	must(t, w, 204, "DELETE", "/Users/1", "")
	after := must(t, w, 200, "GET", "/Groups/3", "")
	if members := after.object(t)["members"].([]any); len(members) != 1 || after.Header.Get("Etag") == before.Header.Get("Etag") {
		t.Errorf("%v %s", after.Header, after.Body)
	}
	must(t, w, 201, "POST", "/Users", `{"schemas":["`+userURN+`"],"userName":"mira"}`)
}

// slowHandler answers when its context is over.
type slowHandler struct{ scim.ResourceHandler }

func (slowHandler) Create(ctx context.Context, _ *scim.Resource) error {
	<-ctx.Done()
	return ctx.Err()
}

// TestSlowHandler has Q95: calls of the store are bounded, and the client is
// told to come back.
func TestSlowHandler(t *testing.T) {
	s := newServer(t, func(c *scim.Config) {
		c.Endpoints = c.Endpoints[:1]
		c.Endpoints[0].Handler = slowHandler{c.Endpoints[0].Handler}
		c.Limits.Timeout = 20 * time.Millisecond
	})
	a := send(t, s, "POST", "/Users", userOf(`"title":"x"`))
	if diff := a.isError(t, 503, ""); diff != "" || a.Header.Get("Retry-After") == "" {
		t.Errorf("%s %v", diff, a.Header)
	}
}

// TestParallelPatches has Q96: no client sends If-Match, and no change is lost.
func TestParallelPatches(t *testing.T) {
	const clients = 16
	w := newQuirkWorld(t, nil, nil)
	for i := range clients {
		newUser(t, w, fmt.Sprintf(`"userName":"p%d"`, i))
	}
	must(t, w, 200, "PUT", "/Groups/3", groupOf(`"members":[]`))
	var all sync.WaitGroup
	for i := range clients {
		all.Go(func() {
			for target, operation := range map[string]string{
				"/Groups/3": fmt.Sprintf(`{"op":"add","path":"members","value":[{"value":"%d"}]}`, 4+i),
				"/Users/1":  fmt.Sprintf(`{"op":"add","path":"roles","value":[{"value":"%d"}]}`, i),
			} {
				if a := send(t, w, "PATCH", target, patchOf(operation)); a.Status >= 300 {
					t.Errorf("%s: %d: %s", target, a.Status, a.Body)
				}
			}
		})
	}
	all.Wait()
	for target, name := range map[string]string{"/Groups/3": "members", "/Users/1": "roles"} {
		if list, _ := w.get(t, target)[name].([]any); len(list) != clients {
			t.Errorf("%s of %s: %d of %d are there", name, target, len(list), clients)
		}
	}
}

// basicOrKey checks two kinds that clients other than Entra and Okta send.
func basicOrKey(r *http.Request, _ string) (scim.Principal, error) {
	name, password, ok := r.BasicAuth()
	if ok && name == "okta" && password == "secret" || r.Header.Get("X-Api-Key") == "secret" {
		return scim.Principal{Subject: "client"}, nil
	}
	return scim.Principal{}, scim.ErrUnauthorized
}

// TestCredentials has Q100.
func TestCredentials(t *testing.T) {
	for _, tt := range []struct {
		auth        scim.Authenticator
		name, value string
		status      int
	}{
		{scim.StaticToken("secret"), "Authorization", "Bearer secret", 200},
		{scim.StaticToken("secret"), "Authorization", "bearer secret", 200},
		{scim.StaticToken("secret"), "Authorization", "Bearer other", 401},
		{scim.StaticToken("secret"), "Authorization", "", 401},
		{scim.AuthenticatorFunc(basicOrKey), "Authorization", "Basic b2t0YTpzZWNyZXQ=", 200},
		{scim.AuthenticatorFunc(basicOrKey), "X-Api-Key", "secret", 200},
		{scim.AuthenticatorFunc(basicOrKey), "X-Api-Key", "other", 401},
	} {
		s := newServer(t, func(c *scim.Config) { c.Authenticator, c.Challenge = tt.auth, `Basic realm="scim"` })
		a := send(t, s, "GET", "/Users", "", tt.name, tt.value)
		if a.Status != tt.status {
			t.Errorf("%s: %s: %d, want %d", tt.name, tt.value, a.Status, tt.status)
		}
		if a.Status == 401 && (a.isError(t, 401, "") != "" || a.Header.Get("Www-Authenticate") != `Basic realm="scim"`) {
			t.Errorf("%v %s", a.Header, a.Body)
		}
	}
}

// TestHeadersThatDoNotMatter has Q101 and Q102.
func TestHeadersThatDoNotMatter(t *testing.T) {
	w := newQuirkWorld(t, nil, nil)
	want := must(t, w, 200, "GET", "/Users", "")
	for _, header := range [][]string{
		{"User-Agent", "", "Accept", "*/*"},
		{"User-Agent", "Okta SCIM Client 1.0.0", "Accept-Charset", "utf-8", "Accept-Encoding", "gzip,deflate", "Connection", "Keep-Alive"},
		{"User-Agent", "Microsoft-Provisioning", "Accept", "text/html"},
	} {
		if diff := cmp.Diff(want, must(t, w, 200, "GET", "/Users", "", header...)); diff != "" {
			t.Errorf("%q:\n%s", header, diff)
		}
	}
	if w.applied(t) != "" {
		t.Errorf("quirks %v", w.told)
	}
}

// TestMinimalClient has Q105: filters with eq, and PATCH of displayName,
// active and members, are all that the two large providers need.
func TestMinimalClient(t *testing.T) {
	w := newQuirkWorld(t, nil, nil)
	user := newUser(t, w, `"userName":"lena","externalId":"e-1","active":true`)
	for _, filter := range []string{"userName+eq+%22LENA%22", "externalId+eq+%22e-1%22", "id+eq+%22" + user + "%22"} {
		if got := w.get(t, "/Users?filter="+filter)["totalResults"]; got != 1.0 {
			t.Errorf("%s finds %v", filter, got)
		}
	}
	must(t, w, 200, "PATCH", "/Users/"+user, patchOf(`{"op":"replace","path":"active","value":false}`))
	must(t, w, 204, "PATCH", "/Groups/3", patchOf(`{"op":"replace","path":"displayName","value":"Crew"}`))
	must(t, w, 204, "PATCH", "/Groups/3", patchOf(`{"op":"add","path":"members","value":[{"value":"`+user+`"}]}`))
	must(t, w, 204, "PATCH", "/Groups/3", patchOf(`{"op":"remove","path":"members[value eq \"1\"]"}`))
	group := w.get(t, "/Groups?filter=displayName+eq+%22crew%22")
	if got := group["totalResults"]; got != 1.0 || w.get(t, "/Users/"+user)["active"] != false {
		t.Errorf("%v", group)
	}
	must(t, w, 204, "DELETE", "/Users/"+user, "")
	if len(w.get(t, "/Groups/3")["members"].([]any)) != 1 || w.applied(t) != "" {
		t.Errorf("quirks %v", w.told)
	}
}
