// Package rig has what tests of sqlstore under load and under faults share:
// SCIM servers over a database, in the process of the test or in one of their
// own that can be killed; clients that know what must be stored after any end;
// and what must hold of every database.
package rig

import (
	"context"
	"database/sql"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/scimkit/scimkit/internal/sqltest/foreign"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"

	_ "github.com/jackc/pgx/v5/stdlib" // driver "pgx"
	_ "modernc.org/sqlite"             // driver "sqlite"
)

// Prefix begins the names of the tables.
const Prefix = "scim_"

// A Database is where nodes keep resources: in the library's tables, or in those
// of an application.
type Database struct {
	Dialect sqlstore.Dialect
	DSN     string
	Foreign bool // the application's
}

// SQLite is a database in a file, with synchronous FULL or less.
func SQLite(file, synchronous string) Database {
	return Database{Dialect: sqlstore.SQLite, DSN: "file:" + (&url.URL{Path: file}).EscapedPath() +
		"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(" + synchronous + ")"}
}

// PostgreSQL is a database at a URL.
func PostgreSQL(url string) Database { return Database{Dialect: sqlstore.PostgreSQL, DSN: url} }

// With adds settings to the DSN.
func (d Database) With(settings string) Database {
	mark := "?"
	if strings.Contains(d.DSN, "?") {
		mark = "&"
	}
	d.DSN += mark + settings
	return d
}

// Serializable is a setting of PostgreSQL with which transactions that meet
// fail. There a request may need more tries than the store makes.
const Serializable = "default_transaction_isolation=serializable"

// Driver is the name of the driver.
func (d Database) Driver() string {
	if d.Dialect == sqlstore.SQLite {
		return "sqlite"
	}
	return "pgx"
}

// Open gives a pool of its own.
func (d Database) Open(conns int) (*sql.DB, error) {
	db, err := sql.Open(d.Driver(), d.DSN)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db, nil
}

// Pool is Open for a test, at whose end it is closed.
func (d Database) Pool(t testing.TB) *sql.DB {
	t.Helper()
	db, err := d.Open(4)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// A Config says what a node is like. Its zero value is a node as hosts have it.
type Config struct {
	DB        *sql.DB                                         // its pool; one of its own
	Conns     int                                             // of its own pool; 8
	Wrap      func(scim.ResourceHandler) scim.ResourceHandler // what stands before the store; nothing
	Tolerance *scim.Tolerance
	Limits    scim.Limits
	Logger    *slog.Logger // Serve has one of its own

	// Ask decides about rows of an application's; they are adopted.
	Ask func(ctx context.Context, existing, wanted *scim.Resource) error
}

// A Node is a SCIM server with a pool of its own.
type Node struct {
	Client
	DB  *sql.DB
	log *tail
}

// Log is the end of what the node has written to its log.
func (n *Node) Log() string { return n.log.String() }

// NewHandler makes the server of a node.
func NewHandler(ctx context.Context, db *sql.DB, d Database, c Config) (http.Handler, error) {
	types, tenant := []*schema.ResourceType{schema.UserType(), schema.GroupType()}, ""
	o := sqlstore.Options{Types: types, Prefix: Prefix, Relaxed: !strings.Contains(d.DSN, "synchronous(FULL)")}
	if d.Foreign {
		o.Types, o.Tables, tenant = nil, mapping(types[0], types[1], c), foreign.Org
	}
	store, err := sqlstore.Open(ctx, db, d.Dialect, o)
	if err != nil {
		return nil, err
	}
	if c.Wrap == nil {
		c.Wrap = func(h scim.ResourceHandler) scim.ResourceHandler { return h }
	}
	var endpoints []scim.Endpoint
	for _, rt := range types {
		h, err := store.ForTenant(rt)(ctx, tenant)
		if err != nil {
			return nil, err
		}
		endpoints = append(endpoints, scim.Endpoint{Type: rt, Handler: c.Wrap(h)})
	}
	c.Limits.InFlight = -1
	return scim.NewServer(scim.Config{
		Endpoints:     endpoints,
		Authenticator: scim.StaticToken(token),
		Tolerance:     c.Tolerance, Limits: c.Limits, Logger: c.Logger,
	})
}

// Serve starts a node in the process of the test, at whose end it stops.
func Serve(t testing.TB, d Database, c Config) *Node {
	t.Helper()
	if c.Conns == 0 {
		c.Conns = 8
	}
	db := c.DB
	if db == nil {
		var err error
		if db, err = d.Open(c.Conns); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
	}
	log := &tail{}
	c.Logger = slog.New(slog.NewTextHandler(log, nil))
	h, err := NewHandler(t.Context(), db, d, c)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return &Node{Client{s.URL, strings.Contains(d.DSN, Serializable)}, db, log}
}

// Settle waits until no connection to PostgreSQL that a killed process had is at
// work: a COMMIT that it sent may be done after its end.
func (d Database) Settle(ctx context.Context, pool *sql.DB) error {
	if d.Dialect == sqlstore.SQLite {
		return nil
	}
	for {
		busy := 0
		err := pool.QueryRowContext(ctx, `SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'`).Scan(&busy)
		if err != nil || busy == 0 {
			return err
		}
		time.Sleep(time.Millisecond)
	}
}
