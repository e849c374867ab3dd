// Teams is a product in small that many customers share: each tenant has its
// people and teams, pages to look at them, an API for its administrators, and
// SCIM, if that is part of its plan, at
//
//	/scim/v2/{tenant}
//
// The product has its own tables, in SQLite or PostgreSQL (-db), and the handlers
// over them are written by hand: people_handler.go and teams_handler.go are what a host writes.
//
//	go run ./examples/teams
//
// It prints what a client and an administrator need, one key=value a line, then
// an empty line, and logs to standard error. Each start makes a token to print and
// new passwords for administrators, and ends none of the tokens from before: an
// identity provider may have them. When there are nine, token= stays empty until
// one is revoked on the settings page. With -token it is always the same.
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
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "teams:", err)
		os.Exit(1)
	}
}

// run serves until ctx is done.
func run(ctx context.Context, args []string, out io.Writer) (err error) {
	flags := flag.NewFlagSet("teams", flag.ContinueOnError)
	addr := flags.String("addr", "127.0.0.1:8080", "address to listen on; port 0 picks one")
	public := flags.String("url", "", host.URLUsage)
	name := flags.String("db", "teams.db", host.Usage)
	fixed := flags.String("token", "", "a bearer token of the tenant acme that never changes, for test suites; without it each start makes one")
	if err := host.Parse(flags, args); err != nil {
		return err
	}
	db, err := host.Open(ctx, *name, tables)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	listener, root, err := host.Listen(*addr, *public)
	if err != nil {
		return err
	}
	defer listener.Close()
	a, err := newApp(ctx, db, config{
		URL:        root,
		FixedToken: *fixed,
		Log:        slog.New(slog.NewTextHandler(os.Stderr, nil)),
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	demo, err := a.seed(ctx)
	if err != nil {
		return err
	}
	token, err := host.PrintedToken(ctx, a.tokens, demoTenant, *fixed, a.Log)
	if err != nil {
		return err
	}
	if err := host.Announce(out,
		"base_url", a.baseURL(demo[0].Tenant), "token", token, "settings_url", a.settingsURL(demo[0].Tenant),
		"tenant", demo[0].Tenant, "admin_user", demo[0].Name, "admin_password", demo[0].Password,
		"tenant2", demo[1].Tenant, "admin_user2", demo[1].Name, "admin_password2", demo[1].Password,
	); err != nil {
		return err
	}
	return host.Serve(ctx, listener, a)
}
