package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
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
	URL       string // of the application, without a path
	FixedKey  string // see host.Authenticator
	Tolerance *scim.Tolerance
	Log       *slog.Logger
}

// app is the application as an http.Handler.
type app struct {
	config
	db       *host.DB
	keys     *token.Manager
	requests *sqlstore.RequestLog // the last ones, for the settings page
	scim     http.Handler
	pages    http.Handler
}

// customer is the only tenant: nothing in a URL or in a table names it.
const customer = ""

func newApp(ctx context.Context, db *host.DB, c config) (*app, error) {
	// Keys and the log of requests are in the library's own tables.
	store, err := sqlstore.Open(ctx, db.DB, db.Dialect, sqlstore.Options{})
	if err != nil {
		return nil, err
	}
	a := &app{config: c, db: db, requests: store.RequestLog(sqlstore.RequestLogOptions{Logger: c.Log})}
	a.keys, err = token.New(store.Tokens(), token.Options{Prefix: "usersonly", MaxTokens: host.MaxTokens, Logger: c.Log})
	if err != nil {
		return nil, err
	}
	a.scim, err = scim.NewServer(scim.Config{
		Endpoints:     []scim.Endpoint{{Type: userType, Handler: users{db}}},
		Authenticator: host.Authenticator(a.keys, customer, c.FixedKey),
		BaseURL:       a.baseURL(),
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
	a.pages = a.routes(settings)
	return a, nil
}

// Close writes what is still to be written.
func (a *app) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return errors.Join(a.keys.Close(ctx), a.requests.Close(ctx))
}

// scimPath is where SCIM is.
const scimPath = "/api/scim/v2"

func (a *app) baseURL() string { return a.URL + scimPath }

// ServeHTTP keeps SCIM away from the http.ServeMux of the pages, which redirects
// paths such as //Users: a client's POST would come back as a GET.
func (a *app) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == scimPath || strings.HasPrefix(r.URL.Path, scimPath+"/") {
		a.scim.ServeHTTP(w, r)
		return
	}
	a.pages.ServeHTTP(w, r)
}

// adminName is the administrator's.
const adminName = "mira@example.com"

// seed gives the administrator a new password, and before that switches SCIM on
// when the database is new: a start that ends between the two leaves both to the
// next.
func (a *app) seed(ctx context.Context) (password string, err error) {
	password = rand.Text() // random and long; those that people choose need a slow hash
	digest := sha256.Sum256([]byte(password))
	fresh := false
	err = a.db.Read(ctx, func(tx *host.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT count(*) = 0 FROM admins`).Scan(&fresh)
	})
	if err == nil && fresh {
		err = a.keys.SetEnabled(ctx, customer, true, host.System)
	}
	if err != nil {
		return "", err
	}
	return password, a.db.Write(ctx, func(tx *host.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO admins (name, password) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET password = excluded.password`, adminName, digest[:])
		return err
	})
}

// isAdmin tells whether this is an administrator's password.
func (a *app) isAdmin(ctx context.Context, name, password string) (bool, error) {
	got := sha256.Sum256([]byte(password))
	var want []byte
	err := a.db.Read(ctx, func(tx *host.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT password FROM admins WHERE name = $1`, name).Scan(&want)
	})
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return subtle.ConstantTimeCompare(got[:], want) == 1, err
}
