// Usersonly is a product in small that has users and no groups, for one customer:
// its security settings make a SCIM key, with which an identity provider imports
// users, pushes new ones, updates profiles and deactivates, at
//
//	/api/scim/v2
//
// There is no Group anywhere, not even in discovery. The product has its own
// table of users, in SQLite or PostgreSQL (-db), and handler.go over it is what a
// host writes.
//
//	go run ./examples/usersonly
//
// It prints what a client and an administrator need, one key=value a line, then
// an empty line, and logs to standard error. Each start makes a key to print and
// new passwords for administrators, and ends none of the keys from before: an
// identity provider may have them. When there are nine, token= stays empty until
// one is revoked in the security settings. With -token it is always the same.
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
		fmt.Fprintln(os.Stderr, "usersonly:", err)
		os.Exit(1)
	}
}

// run serves until ctx is done.
func run(ctx context.Context, args []string, out io.Writer) (err error) {
	flags := flag.NewFlagSet("usersonly", flag.ContinueOnError)
	addr := flags.String("addr", "127.0.0.1:8080", "address to listen on; port 0 picks one")
	public := flags.String("url", "", host.URLUsage)
	name := flags.String("db", "usersonly.db", host.Usage)
	fixed := flags.String("token", "", "a SCIM key that never changes, for test suites; without it each start makes one")
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
		URL:      root,
		FixedKey: *fixed,
		Log:      slog.New(slog.NewTextHandler(os.Stderr, nil)),
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	password, err := a.seed(ctx)
	if err != nil {
		return err
	}
	key, err := host.PrintedToken(ctx, a.keys, customer, *fixed, a.Log)
	if err != nil {
		return err
	}
	if err := host.Announce(out, "base_url", a.baseURL(), "token", key, "settings_url", a.URL+settingsPath,
		"admin_user", adminName, "admin_password", password); err != nil {
		return err
	}
	return host.Serve(ctx, listener, a)
}
