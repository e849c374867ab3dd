package main

import (
	"context"
	"crypto/subtle"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/scimkit/scimkit/examples/internal/host"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
	"github.com/scimkit/scimkit/token"
)

// config is what an app needs besides its database.
type config struct {
	BaseURL   string            // of SCIM; in tests "", and it is made from the request
	People    int               // in a new database
	Existing  sqlstore.Existing // what becomes of them when a client provisions them
	Password  string            // of the administrator
	Fixed     string            // see host.Authenticator
	Tolerance *scim.Tolerance
	Log       *slog.Logger
}

// app is the application as an http.Handler.
type app struct {
	config
	db     *host.DB
	tokens *token.Manager
	scim   http.Handler
	pages  http.Handler
}

// newApp opens the application and adds SCIM to it: the mapping, and where the
// server is mounted.
func newApp(ctx context.Context, db *host.DB, c config) (*app, error) {
	if err := seed(ctx, db, c.People); err != nil {
		return nil, err
	}
	a := &app{config: c, db: db}
	a.pages = a.routes()
	store, err := sqlstore.Open(ctx, db.DB, db.Dialect, sqlstore.Options{Tables: mapping(c.Existing)})
	if err != nil {
		return nil, err
	}
	if a.tokens, err = host.Tokens(ctx, store.Tokens(), "owntables", c.Log); err != nil {
		return nil, err
	}
	a.scim, err = scim.NewServer(scim.Config{
		Endpoints: []scim.Endpoint{
			{Type: users, Handler: store.Handler(users)},
			{Type: groups, Handler: store.Handler(groups)},
		},
		Authenticator: host.Authenticator(a.tokens, host.Customer, c.Fixed),
		BaseURL:       c.BaseURL,
		Tolerance:     c.Tolerance,
		Logger:        c.Log,
	})
	return a, err
}

const scimPath = "/scim/v2"

// ServeHTTP keeps SCIM away from the http.ServeMux of the pages, which redirects
// paths such as //Users: a client's POST would come back as a GET.
func (a *app) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == scimPath || strings.HasPrefix(r.URL.Path, scimPath+"/") {
		http.StripPrefix(scimPath, a.scim).ServeHTTP(w, r)
		return
	}
	a.pages.ServeHTTP(w, r)
}

// adminName is the administrator's.
const adminName = "mira@acme.example"

// forAdmins lets the administrator through, by HTTP Basic (RFC 7617).
func (a *app) forAdmins(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		name, password, _ := r.BasicAuth()
		if name != adminName || subtle.ConstantTimeCompare([]byte(password), []byte(a.Password)) != 1 {
			w.Header().Set("WWW-Authenticate", `Basic realm="Owntables", charset="UTF-8"`)
			http.Error(w, "The name and the password of an administrator are needed.", http.StatusUnauthorized)
			return
		}
		next(w, r)
	}
}

// parseExisting reads the flag -existing.
func parseExisting(text string) (sqlstore.Existing, error) {
	for i, name := range []string{"refuse", "adopt", "ask"} {
		if text == name {
			return []sqlstore.Existing{sqlstore.Refuse, sqlstore.Adopt, sqlstore.AskHost}[i], nil
		}
	}
	return 0, errors.New("-existing: adopt, refuse or ask")
}
