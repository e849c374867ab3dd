package token_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/token"
)

// TestTenantWall is S1: with a token of one tenant, everything of another is what
// an unknown tenant is, and within a tenant a foreign id is an unknown one.
func TestTenantWall(t *testing.T) {
	for name, change := range map[string]func(c *scim.Config){
		"as it is": nil,
		"guarded": func(c *scim.Config) {
			m := c.Authenticator.(*token.Manager)
			c.Authenticator = token.Chain(m.Guard(m))
		},
	} {
		for _, hole := range newWall(t, token.NewMemoryStore(), change).holes() {
			t.Errorf("%s: %s", name, hole)
		}
	}
}

// TestTenantWallSees is the control: each planted fault makes a hole, and the wall
// test finds it where it is.
func TestTenantWallSees(t *testing.T) {
	for name, tt := range map[string]struct {
		mutant func(c *scim.Config)
		want   string // of a hole
	}{
		"a handler drops the tenant": {func(c *scim.Config) {
			next := c.Endpoints[0].ForTenant
			c.Endpoints[0].ForTenant = func(ctx context.Context, _ string) (scim.ResourceHandler, error) { return next(ctx, "shared") }
		}, "GET /Users has something of b"},
		"a handler drops the tenant of an id": {func(c *scim.Config) {
			next, all := c.Endpoints[0].ForTenant, map[string]scim.ResourceHandler{}
			c.Endpoints[0].ForTenant = func(ctx context.Context, tenant string) (scim.ResourceHandler, error) {
				h, err := next(ctx, tenant)
				all[tenant] = h
				return anyTenant{h, all}, err
			}
		}, "GET of the user of b: 200"},
		"an authenticator drops the tenant": {func(c *scim.Config) {
			next := c.Authenticator
			c.Authenticator = scim.AuthenticatorFunc(func(r *http.Request, tenant string) (scim.Principal, error) {
				p, err := next.Authenticate(r, "")
				if tenant != "" {
					p.Tenant = tenant
				}
				return p, err
			})
		}, "GET /Users at b: 200"},
		"a refusal names the tenant": {func(c *scim.Config) {
			next := c.Authenticator
			c.Authenticator = scim.AuthenticatorFunc(func(r *http.Request, tenant string) (scim.Principal, error) {
				p, err := next.Authenticate(r, tenant)
				if err != nil && tenant == "b" {
					return p, &scim.Error{Status: 401, Detail: "This is b's."}
				}
				return p, err
			})
		}, "GET /Users at b: 401"},
	} {
		holes := newWall(t, token.NewMemoryStore(), tt.mutant).holes()
		if !slices.ContainsFunc(holes, func(hole string) bool { return strings.HasPrefix(hole, tt.want) }) {
			t.Errorf("%s: %q is not among %d holes", name, tt.want, len(holes))
		}
	}
}

// anyTenant is a handler that finds the resources of all tenants by their ids.
type anyTenant struct {
	scim.ResourceHandler
	all map[string]scim.ResourceHandler
}

func (h anyTenant) Get(ctx context.Context, id string, opt scim.GetOptions) (*scim.Resource, error) {
	for _, other := range h.all {
		if r, err := other.Get(ctx, id, opt); err == nil {
			return r, nil
		}
	}
	return nil, scim.ErrNotFound
}

// confusedStore finds tokens as though they were another tenant's. The digest
// binds a token to its tenant, so that this opens nothing.
type confusedStore struct {
	token.Store
	tenant string
}

func (s *confusedStore) Find(ctx context.Context, id string) (token.Token, token.Settings, error) {
	t, settings, err := s.Store.Find(ctx, id)
	if s.tenant != "" {
		t.Tenant = s.tenant
	}
	return t, settings, err
}

// TestStoreThatConfusesTenants: a store that says that a token is of another
// tenant lets it in nowhere.
func TestStoreThatConfusesTenants(t *testing.T) {
	store := &confusedStore{Store: token.NewMemoryStore()}
	s := newService(t, store, token.Options{CacheTTL: -1}, nil)
	a, b := s.generate("a"), s.generate("b")
	for _, tt := range []struct {
		says   string
		status [2]int // of a's token at a, and at b
	}{{"", [2]int{200, 401}}, {"b", [2]int{401, 401}}} {
		store.tenant = tt.says
		for i, tenant := range []string{"a", "b"} {
			if w := s.send("GET", "/"+tenant+"/Users", "", a); w.Code != tt.status[i] {
				t.Errorf("the store says %q: %d at %s", tt.says, w.Code, tenant)
			}
		}
		if w := s.send("GET", "/b/Users", "", b); w.Code != 200 {
			t.Errorf("b's own token: %d", w.Code)
		}
	}
}

// wall is a service with three tenants, which have a user of the same name each,
// and one that tells whose it is.
type wall struct {
	*service
	own, ids map[string]string // by tenant: a token, and the id of the user that tells
	deleted  map[string]string // by tenant: the id of a user that is gone
}

func newWall(t *testing.T, store token.Store, change func(*scim.Config)) *wall {
	t.Helper()
	w := &wall{newService(t, store, token.Options{}, change), map[string]string{}, map[string]string{}, map[string]string{}}
	for _, tenant := range []string{"a", "b", "c"} {
		w.own[tenant] = w.generate(tenant)
		w.deleted[tenant] = w.user(tenant, "gone "+tenant)
		if a := w.send("DELETE", "/"+tenant+"/Users/"+w.deleted[tenant], "", w.own[tenant]); a.Code != 204 {
			t.Fatal(a.Code, a.Body)
		}
		w.ids[tenant] = w.user(tenant, "belongs to "+tenant)
	}
	return w
}

// user makes a user and gives its id.
func (w *wall) user(tenant, name string) string {
	var v struct{ ID string }
	body := fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":%q,"externalId":%q}`, name, tenant)
	a := w.send("POST", "/"+tenant+"/Users", body, w.own[tenant])
	if err := json.Unmarshal(a.Body.Bytes(), &v); err != nil || v.ID == "" {
		w.t.Fatal(a.Code, a.Body)
	}
	return v.ID
}

// holes are the places where something of one tenant shows to another.
func (w *wall) holes() (holes []string) {
	hole := func(format string, args ...any) { holes = append(holes, fmt.Sprintf(format, args...)) }
	for tenant, bearer := range w.own {
		if a := w.send("POST", "/"+tenant+"/Users", mira, bearer); a.Code != 201 {
			hole("%s cannot have a user mira: %d", tenant, a.Code)
		}
	}
	for _, at := range w.paths() {
		method, path, _ := strings.Cut(at, " ")
		want := w.send(method, "/nobody"+path, "", w.own["a"])
		nothing := strings.Contains(path, "%00") || strings.Contains(path, "%2f") || strings.Contains(path, "/..") // is not even looked at
		if want.Code != 401 && !(want.Code == 404 && nothing) {
			hole("%s of an unknown tenant: %d", at, want.Code)
		}
		for _, tenant := range []string{"b", "c", "%62", "B", "b."} {
			got := w.send(method, "/"+tenant+path, "", w.own["a"])
			if got.Code != want.Code || got.Body.String() != want.Body.String() || fmt.Sprint(got.Header()) != fmt.Sprint(want.Header()) {
				hole("%s at %s: %d %v %s", at, tenant, got.Code, got.Header(), got.Body)
			}
		}
		for _, foreign := range []string{"b", "c"} { // nothing of others in an answer to a
			got := w.send(method, "/a"+path, "", w.own["a"])
			all := got.Body.String() + fmt.Sprint(got.Header())
			if strings.Contains(all, "belongs to "+foreign) || strings.Contains(all, w.ids[foreign]) && !strings.Contains(path, w.ids[foreign]) {
				hole("%s has something of %s: %s", at, foreign, all)
			}
		}
	}
	return append(holes, w.idHoles()...)
}

// idHoles are those of ids, and of names that are no tenant's.
func (w *wall) idHoles() (holes []string) {
	hole := func(format string, args ...any) { holes = append(holes, fmt.Sprintf(format, args...)) }
	for tenant, own := range w.ids { // within its own tenant, a foreign id is an unknown one
		for i, id := range []string{own, w.deleted[tenant]} {
			for _, method := range []string{"GET", "PUT", "PATCH", "DELETE"} {
				body := map[string]string{"PUT": mira, "PATCH": rename}[method]
				got, want := w.send(method, "/a/Users/"+id, body, w.own["a"]), w.send(method, "/a/Users/unknown", body, w.own["a"])
				mine := tenant == "a" && i == 0
				if mine && method == "GET" && got.Code != 200 {
					hole("a's own user: %d", got.Code)
				}
				if !mine && (got.Code != 404 || got.Body.String() != want.Body.String()) {
					hole("%s of the user of %s: %d %s, want %s", method, tenant, got.Code, got.Body, want.Body)
				}
			}
		}
	}
	for _, tenant := range []string{"b%00", "b%2f", "a%2f..%2fb", "a/../b", "b;a", "b%5c"} { // names of no tenant
		for _, bearer := range []string{w.own["a"], w.own["b"]} {
			if a := w.send("GET", "/"+tenant+"/Users", "", bearer); a.Code != 401 && a.Code != 404 {
				hole("%s: %d %s", tenant, a.Code, a.Body)
			}
		}
	}
	return holes
}

// paths are all that may be asked for, with and without ids.
func (w *wall) paths() (paths []string) {
	targets := []string{"/Users", "/Users?filter=userName+eq+%22mira%22", "/Users?filter=externalId+eq+%22b%22", "/Groups", "/Users/unknown", "/ServiceProviderConfig", "/Schemas", "/ResourceTypes", "/Bulk", "/.search", "/Users/.search", "/Me", "/nothing",
		"/Users/%00", "/Users/bulkId:1", "/Users/x%2fy", "/Users/..", "/Users/" + strings.Repeat("x", 300), "/Users/" + w.deleted["a"], "/Users/" + w.deleted["b"]}
	for _, id := range w.ids {
		targets = append(targets, "/Users/"+id, "/Users/%"+fmt.Sprintf("%x", id[0])+id[1:], "/Users/"+strings.ToUpper(id))
	}
	for _, method := range []string{"GET", "PUT", "PATCH", "POST", "OPTIONS", "DELETE"} {
		for _, target := range targets {
			if method != "DELETE" || !strings.Contains(target, w.ids["a"][1:]) { // it is needed
				paths = append(paths, method+" "+target)
			}
		}
	}
	return paths
}
