// Quickstart is a SCIM service provider in one file: users and groups, kept in
// memory, for any identity provider to connect to.
//
//	go run ./examples/quickstart
//
// It prints its base URL and a bearer token, one key=value a line, then an
// empty line, and logs to standard error.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/memstore"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

// run serves until ctx is done.
func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("quickstart", flag.ContinueOnError)
	addr := flags.String("addr", "127.0.0.1:8080", "address to listen on; port 0 picks one")
	db := flags.String("db", "memory", "where to keep the data; memory is the only choice for now")
	token := flags.String("token", "", "bearer token; a random one if empty")
	verbose := flags.Bool("v", false, "log each tolerated deviation of a client")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *db != "memory" {
		return fmt.Errorf("-db %q: only memory is there", *db)
	}
	if *token == "" {
		*token = rand.Text()
	}
	level := slog.LevelInfo
	if *verbose {
		level = slog.LevelDebug
	}
	handler, err := newHandler(*token, nil, slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level})))
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "base_url=http://%s/scim/v2\ntoken=%s\n\n", listener.Addr(), *token)
	return serve(ctx, listener, handler)
}

// newHandler is the whole set-up: two resource types, a store, a token. The
// server is the root handler, not behind a http.ServeMux: a ServeMux redirects
// paths such as //Users, and a client's POST would come back as a GET.
func newHandler(token string, tolerance *scim.Tolerance, log *slog.Logger) (*scim.Server, error) {
	users, groups := schema.UserType(), schema.GroupType()
	store := memstore.New(memstore.Options{})
	return scim.NewServer(scim.Config{
		Endpoints: []scim.Endpoint{
			{Type: users, Handler: store.Handler(users)},
			{Type: groups, Handler: store.Handler(groups)},
		},
		Authenticator: scim.StaticToken(token),
		Tolerance:     tolerance,
		Logger:        log,
	})
}

func serve(ctx context.Context, l net.Listener, h http.Handler) error {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	ended := make(chan error, 1)
	go func() {
		<-ctx.Done()
		deadline, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		err := server.Shutdown(deadline)
		if errors.Is(err, context.DeadlineExceeded) {
			err = server.Close() // browsers hold connections open on which they never ask
		}
		ended <- err
	}()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-ended
}
