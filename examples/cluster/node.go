package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/scimkit/scimkit/examples/internal/host"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// orderVariable has the order of a process that is to be a node.
const orderVariable = "SCIMKIT_CLUSTER_NODE"

// order is what a node is told.
type order struct {
	Database string
	BaseURL  string // of the proxy
	Token    string // see host.Authenticator
	Name     string
}

var users, groups = schema.UserType(), schema.GroupType()

// runNode is a node: it keeps nothing but what is in the database, so that any
// number of them may be killed and started at any time. It ends with ctx or with
// its standard input, which is when the process that started it has gone.
func runNode(ctx context.Context, text string, in io.Reader, out io.Writer) (err error) {
	var o order
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, nil)).With("node", o.Name)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		io.Copy(io.Discard, in)
		cancel()
	}()
	db, err := host.Open(ctx, o.Database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	store, err := sqlstore.Open(ctx, db.DB, db.Dialect, sqlstore.Options{Types: []*schema.ResourceType{users, groups}})
	if err != nil {
		return err
	}
	tokens, err := host.Tokens(ctx, store.Tokens(), "cluster", log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, host.CloseTokens(tokens)) }()
	handler, err := scim.NewServer(scim.Config{
		Endpoints: []scim.Endpoint{
			{Type: users, Handler: store.Handler(users)},
			{Type: groups, Handler: store.Handler(groups)},
		},
		Authenticator: host.Authenticator(tokens, host.Customer, o.Token),
		BaseURL:       o.BaseURL,
		Logger:        log,
	})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer listener.Close()
	if err := host.Announce(out, "node_url", "http://"+listener.Addr().String()); err != nil {
		return err
	}
	return host.Serve(ctx, listener, withHealth(db, handler))
}

// healthPath is where the proxy asks a node how it is.
const healthPath = "/healthz"

// withHealth answers there: a node is well that reaches the database.
func withHealth(db *host.DB, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != healthPath {
			next.ServeHTTP(w, r)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), time.Second)
		defer cancel()
		if err := db.PingContext(ctx); err != nil {
			http.Error(w, "The database does not answer.", http.StatusServiceUnavailable)
		}
	})
}
