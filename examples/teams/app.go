package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/scimkit/scimkit/examples/internal/host"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
	"github.com/scimkit/scimkit/token"
	"github.com/scimkit/scimkit/token/requestlog"
)

// config is what an app needs besides its database.
type config struct {
	URL        string // of the application, without a path
	FixedToken string // see host.Authenticator
	Tolerance  *scim.Tolerance
	Log        *slog.Logger
}

// app is the application as an http.Handler.
type app struct {
	config
	db       *host.DB
	tokens   *token.Manager
	requests *sqlstore.RequestLog // the last ones of each tenant, for the settings page
	scim     http.Handler
	rest     http.Handler // pages and API
}

func newApp(ctx context.Context, db *host.DB, c config) (*app, error) {
	// Tokens and the log of requests are in the library's own tables.
	store, err := sqlstore.Open(ctx, db.DB, db.Dialect, sqlstore.Options{})
	if err != nil {
		return nil, err
	}
	a := &app{config: c, db: db, requests: store.RequestLog(sqlstore.RequestLogOptions{Logger: c.Log})}
	a.tokens, err = token.New(tokenStore{store.Tokens()}, token.Options{
		Prefix:    "teams",
		MaxTokens: host.MaxTokens,
		Entitled:  a.entitled,
		Logger:    c.Log,
	})
	if err != nil {
		return nil, err
	}
	a.scim, err = scim.NewServer(scim.Config{
		Endpoints: []scim.Endpoint{
			{Type: userType, ForTenant: func(_ context.Context, tenant string) (scim.ResourceHandler, error) { return people{db, tenant}, nil }},
			{Type: teamType, ForTenant: func(_ context.Context, tenant string) (scim.ResourceHandler, error) { return teams{db, tenant}, nil }},
		},
		Authenticator: host.Authenticator(a.tokens, demoTenant, c.FixedToken),
		BaseURL:       a.baseURL("{tenant}"),
		OnRequest:     requestlog.Hook(a.requests),
		Tolerance:     c.Tolerance,
		Logger:        c.Log,
	})
	if err != nil {
		return nil, err
	}
	settings, err := a.newSettings()
	if err != nil {
		return nil, err
	}
	a.rest = a.routes(settings)
	return a, nil
}

// Close writes what is still to be written.
func (a *app) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return errors.Join(a.tokens.Close(ctx), a.requests.Close(ctx))
}

// baseURL is what a tenant's administrator copies into the identity provider.
func (a *app) baseURL(tenant string) string { return a.URL + "/scim/v2/" + tenant }

// settingsURL is where that administrator finds it.
func (a *app) settingsURL(tenant string) string { return a.URL + settingsPath(tenant) }

// ServeHTTP keeps SCIM away from the http.ServeMux of the rest, which redirects
// paths such as //Users: a client's POST would come back as a GET.
func (a *app) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/scim/") {
		a.scim.ServeHTTP(w, r)
		return
	}
	a.rest.ServeHTTP(w, r)
}

// routes are those of the pages and the API. All of them are for the
// administrators of the tenant in the path, but for what a person sees who has
// signed in. Nothing takes a change from the page of another site.
func (a *app) routes(settings http.Handler) http.Handler {
	mux := http.NewServeMux()
	for pattern, h := range map[string]http.HandlerFunc{
		"GET /api/v2/{tenant}/tenant_info":             a.getTenantInfo,
		"PATCH /api/v2/{tenant}/tenant_info":           a.patchTenantInfo,
		"POST /api/v2/{tenant}/tenant_info/scim_token": a.postToken,
		"GET /app/{tenant}/{$}":                        a.showTenant,
		"POST /app/{tenant}/people/{id}/session":       a.openSession,
	} {
		mux.HandleFunc(pattern, a.forAdmins(h))
	}
	for path, allowed := range map[string]string{
		"/api/v2/{tenant}/tenant_info":            "GET, PATCH",
		"/api/v2/{tenant}/tenant_info/scim_token": "POST",
		"/api/": "",
	} {
		mux.HandleFunc(path, notThere(allowed))
	}
	mux.HandleFunc("GET /app/{tenant}/me", a.showMe)
	mux.HandleFunc("POST /app/{tenant}/me/sign-out", a.endSession)
	mux.HandleFunc("GET /style.css", host.ServeStyle)
	cross := http.NewCrossOriginProtection()
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		problem(w, r, http.StatusForbidden, "The request came from another site and was refused.")
	}))
	all := http.NewServeMux()
	all.Handle("/", cross.Handler(mux))
	all.Handle(settingsPath("{tenant}"), a.forAdmins(settings.ServeHTTP)) // sees to that itself
	return secured(all)
}

// secured sets the headers of pages that hold no code and are in no frame.
func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}
