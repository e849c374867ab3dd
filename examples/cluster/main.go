// Cluster is a SCIM service of several nodes on one PostgreSQL, behind a small
// reverse proxy, on one machine and started by one command:
//
//	go run ./examples/cluster
//
// Nodes are processes that keep nothing, all of them the same. Kill one, with
// kill -9 too, and it starts again; the log has their process ids. Clients notice
// no more than now and then a 503 with Retry-After: the proxy sends a request to
// another node if it never reached the first, or only reads.
//
// The PostgreSQL is that of this machine, with its data in the folder that -db
// names, or it is elsewhere: -db postgres://user:password@host/database.
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
	"strings"
	"syscall"
	"time"

	"github.com/scimkit/scimkit/examples/internal/host"
	"github.com/scimkit/scimkit/store/sqlstore"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := error(nil)
	if text, ok := os.LookupEnv(orderVariable); ok {
		err = runNode(ctx, text, os.Stdin, os.Stdout)
	} else {
		err = run(ctx, os.Args[1:], os.Stdout)
	}
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "cluster:", err)
		os.Exit(1)
	}
}

// run serves until ctx is done.
func run(ctx context.Context, args []string, out io.Writer) (err error) {
	flags := flag.NewFlagSet("cluster", flag.ContinueOnError)
	addr := flags.String("addr", "127.0.0.1:8080", "address to listen on; port 0 picks one")
	public := flags.String("url", "", host.URLUsage)
	name := flags.String("db", "cluster.db", "folder for a PostgreSQL that is started here, memory for one that forgets, or postgres://user:password@host/database")
	fixed := flags.String("token", "", "a bearer token that never changes, for test suites; without it each start makes one")
	count := flags.Int("nodes", 3, "how many nodes")
	if err := host.Parse(flags, args); err != nil {
		return err
	}
	if *count < 1 || *name == "" {
		return errors.New("-nodes: at least one; -db: a folder, memory or a URL")
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	listener, root, err := host.Listen(*addr, *public)
	if err != nil {
		return err
	}
	defer listener.Close()
	database, closeDatabase, err := openDatabase(ctx, *name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeDatabase()) }()
	printed, err := startToken(ctx, database, *fixed, log)
	if err != nil {
		return err
	}
	baseURL := root + "/scim/v2"
	p, endNodes := startNodes(ctx, *count, order{Database: database, BaseURL: baseURL, Token: *fixed}, log)
	defer endNodes()
	if err := allThere(ctx, p.nodes); err != nil {
		return err
	}
	if err := host.Announce(out, "base_url", baseURL, "token", printed); err != nil {
		return err
	}
	return host.Serve(ctx, listener, p)
}

// openDatabase gives the URL of the database that -db means, and what ends it.
func openDatabase(ctx context.Context, name string) (url string, end func() error, err error) {
	if strings.Contains(name, "://") {
		return name, func() error { return nil }, nil
	}
	gone := ""
	if name == "memory" {
		if name, err = os.MkdirTemp("", "cluster"); err != nil {
			return "", nil, err
		}
		gone = name
	}
	forget := func() error {
		if gone == "" {
			return nil
		}
		return os.RemoveAll(gone)
	}
	pg, err := startPostgres(ctx, name)
	if err != nil {
		return "", nil, errors.Join(err, forget())
	}
	return pg.URL(), func() error { return errors.Join(pg.Close(), forget()) }, nil
}

// startToken makes the tables and the token that is printed.
func startToken(ctx context.Context, database, fixed string, log *slog.Logger) (text string, err error) {
	db, err := host.Open(ctx, database)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	store, err := sqlstore.Open(ctx, db.DB, db.Dialect, sqlstore.Options{})
	if err != nil {
		return "", err
	}
	tokens, err := host.Tokens(ctx, store.Tokens(), "cluster", log)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, host.CloseTokens(tokens)) }()
	return host.PrintedToken(ctx, tokens, host.Customer, fixed, log)
}

// startNodes starts nodes, and the proxy that knows how they are. They end when end
// is called, not with ctx: requests under way are answered first.
func startNodes(ctx context.Context, count int, o order, log *slog.Logger) (p *proxy, end func()) {
	nodes := make([]*backend, count)
	for i := range nodes {
		nodes[i] = new(backend)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		superviseAll(ctx, nodes, o, log)
	}()
	p = newProxy(nodes, log)
	go p.watch(ctx, 200*time.Millisecond)
	return p, func() {
		cancel()
		<-ended
	}
}

// allThere waits until all nodes have started.
func allThere(ctx context.Context, nodes []*backend) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for _, n := range nodes {
		for {
			if _, well := n.at(); well {
				break
			}
			if ctx.Err() != nil {
				return errors.New("the nodes do not start")
			}
			pause(ctx, 20*time.Millisecond)
		}
	}
	return nil
}
