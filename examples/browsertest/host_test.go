package browsertest

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/memstore"
	"github.com/scimkit/scimkit/token"
	"github.com/scimkit/scimkit/token/requestlog"
	"github.com/scimkit/scimkit/token/settings"
)

// A product is an application with a settings page for the administrator of one
// tenant.
type product struct {
	settings       string // URL of the page
	user, password string // of the administrator, by HTTP Basic
	groups         bool
	words          *strings.Replacer // for its texts, in place of those of the settings package

	home        string // URL of its own pages, "" if it has none
	base, token string // that it has announced
}

// host is a product with nothing but SCIM and its settings.
type host struct {
	product
	tokens *token.Manager
}

func newHost(t *testing.T, change ...func(*settings.Options)) *host {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	base := "http://" + server.Listener.Addr().String()
	requests := requestlog.NewMemory(requestlog.Options{})
	tokens, err := token.New(token.NewMemoryStore(), token.Options{Prefix: "lumenscim"})
	if err != nil {
		t.Fatal(err)
	}
	store, users, groups := memstore.New(memstore.Options{}), schema.UserType(), schema.GroupType()
	provider, err := scim.NewServer(scim.Config{
		Endpoints:     []scim.Endpoint{{Type: users, ForTenant: store.ForTenant(users)}, {Type: groups, ForTenant: store.ForTenant(groups)}},
		Authenticator: tokens, BaseURL: base + "/scim/v2/{tenant}", OnRequest: requestlog.Hook(requests), Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	o := settings.Options{
		Manager: tokens, Requests: requests, BaseURL: base + "/scim/v2/{tenant}", Product: "Lumen", Path: "/t/{tenant}/settings/scim",
		Authorize: func(r *http.Request) (settings.Access, error) {
			user, _, ok := r.BasicAuth()
			if !ok {
				return settings.Access{}, settings.ErrUnauthenticated
			}
			return settings.Access{Tenant: "acme", TenantName: "Acme Inc.", Actor: user + "@acme.example", Read: true, Write: user == "mira"}, nil
		},
	}
	for _, c := range change {
		c(&o)
	}
	page, err := settings.New(o)
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/scim/") {
			provider.ServeHTTP(w, r)
			return
		}
		if _, _, ok := r.BasicAuth(); !ok {
			w.Header().Set("WWW-Authenticate", `Basic realm="Lumen"`)
		}
		page.ServeHTTP(w, r)
	})
	server.Start()
	t.Cleanup(server.Close)
	t.Cleanup(func() { tokens.Close(context.Background()) })
	return &host{product{settings: base + "/t/acme/settings/scim/", user: "mira", password: "secret", groups: true, words: strings.NewReplacer()}, tokens}
}
