// Owntables is an application that was there before SCIM: it has users, teams and
// team_members with thousands of rows, foreign keys, and pages of its own. SCIM is
// added to it by the mapping in scim.go, at
//
//	/scim/v2
//
// Who is there already is found by e-mail address and taken over (-existing adopt),
// refused (refuse), or the host decides (ask). The plan of a person is never
// touched; who is deactivated gets a time in disabled_at. The library's own tables
// lie beside, for tokens and for what has no column.
//
//	go run ./examples/owntables
//
// It prints what a client and an administrator need, one key=value a line, then
// an empty line, and logs to standard error. Each start makes a token and ends
// none of those from before; with nine of them, token= stays empty. With -token
// it is always the same.
package main

import (
	"context"
	"crypto/rand"
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
		fmt.Fprintln(os.Stderr, "owntables:", err)
		os.Exit(1)
	}
}

// run serves until ctx is done.
func run(ctx context.Context, args []string, out io.Writer) (err error) {
	flags := flag.NewFlagSet("owntables", flag.ContinueOnError)
	addr := flags.String("addr", "127.0.0.1:8080", "address to listen on; port 0 picks one")
	public := flags.String("url", "", host.URLUsage)
	name := flags.String("db", "owntables.db", host.Usage)
	fixed := flags.String("token", "", "a bearer token that never changes, for test suites; without it each start makes one")
	policy := flags.String("existing", "adopt", "what becomes of people and teams that are there already: adopt, refuse or ask")
	people := flags.Int("people", 5000, "how many people a new database has")
	if err := host.Parse(flags, args); err != nil {
		return err
	}
	existing, err := parseExisting(*policy)
	if err != nil {
		return err
	}
	listener, root, err := host.Listen(*addr, *public)
	if err != nil {
		return err
	}
	defer listener.Close()
	db, err := host.Open(ctx, *name, tables)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	a, err := newApp(ctx, db, config{
		BaseURL: root + scimPath, People: *people, Existing: existing, Password: rand.Text(), Fixed: *fixed,
		Log: slog.New(slog.NewTextHandler(os.Stderr, nil)),
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, host.CloseTokens(a.tokens)) }()
	token, err := host.PrintedToken(ctx, a.tokens, host.Customer, *fixed, a.Log)
	if err != nil {
		return err
	}
	if err := host.Announce(out, "base_url", root+scimPath, "token", token,
		"admin_user", adminName, "admin_password", a.Password); err != nil {
		return err
	}
	return host.Serve(ctx, listener, a)
}
