// Quickstart is a SCIM service provider in one file: users and groups, for any
// identity provider to connect to. They are kept in the library's own tables, in
// a SQLite file or where -db says.
//
//	go run ./examples/quickstart
//
// It prints its base URL and a bearer token, one key=value a line, then an empty
// line, and logs to standard error. Each start makes a token and ends none of
// those from before; with nine of them, token= stays empty. With -token it is
// always the same.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/scimkit/scimkit/examples/internal/host"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

// scimPath is where SCIM is.
const scimPath = "/scim/v2"

// users and groups are what there is. There may be more types, and your own.
var users, groups = schema.UserType(), schema.GroupType()

// run serves until ctx is done.
func run(ctx context.Context, args []string, out io.Writer) (err error) {
	flags := flag.NewFlagSet("quickstart", flag.ContinueOnError)
	addr := flags.String("addr", "127.0.0.1:8080", "address to listen on; port 0 picks one")
	public := flags.String("url", "", host.URLUsage)
	name := flags.String("db", "quickstart.db", host.Usage)
	fixed := flags.String("token", "", "a bearer token that never changes, for test suites; without it each start makes one")
	verbose := flags.Bool("v", false, "log each tolerated deviation of a client")
	if err := host.Parse(flags, args); err != nil {
		return err
	}
	level := slog.LevelInfo
	if *verbose {
		level = slog.LevelDebug
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
	listener, root, err := host.Listen(*addr, *public)
	if err != nil {
		return err
	}
	defer listener.Close()
	db, err := host.Open(ctx, *name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	store, err := sqlstore.Open(ctx, db.DB, db.Dialect, sqlstore.Options{Types: []*schema.ResourceType{users, groups}})
	if err != nil {
		return err
	}
	tokens, err := host.Tokens(ctx, store.Tokens(), "quickstart", log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, host.CloseTokens(tokens)) }()
	baseURL := root + scimPath
	handler, err := newHandler(store, host.Authenticator(tokens, host.Customer, *fixed), baseURL, nil, log)
	if err != nil {
		return err
	}
	printed, err := host.PrintedToken(ctx, tokens, host.Customer, *fixed, log)
	if err != nil {
		return err
	}
	if err := host.Announce(out, "base_url", baseURL, "token", printed); err != nil {
		return err
	}
	return host.Serve(ctx, listener, handler)
}

// store is what sqlstore.Store and memstore.Store have in common.
type store interface {
	Handler(t *schema.ResourceType) scim.ResourceHandler
}

// newHandler is the whole set-up: two resource types, a store, tokens. The
// server is the root handler, not behind a http.ServeMux: a ServeMux redirects
// paths such as //Users, and a client's POST would come back as a GET.
func newHandler(s store, who scim.Authenticator, baseURL string, tolerance *scim.Tolerance, log *slog.Logger) (*scim.Server, error) {
	return scim.NewServer(scim.Config{
		Endpoints: []scim.Endpoint{
			{Type: users, Handler: s.Handler(users)},
			{Type: groups, Handler: s.Handler(groups)},
		},
		Authenticator: who,
		BaseURL:       baseURL,
		Tolerance:     tolerance,
		Logger:        log,
	})
}
