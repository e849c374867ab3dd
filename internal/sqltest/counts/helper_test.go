package counts

import (
	"database/sql"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/internal/sqltest/fill"
	"github.com/scimkit/scimkit/internal/sqltest/pgtest"
	"github.com/scimkit/scimkit/internal/sqltest/spy"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"

	_ "modernc.org/sqlite" // driver "sqlite"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// engine is a database that the tests run on.
type engine struct {
	name    string
	dialect sqlstore.Dialect
	driver  string
	source  func(t testing.TB) string // of an empty database
}

var engines = []engine{
	{"SQLite", sqlstore.SQLite, "sqlite", func(t testing.TB) string {
		return "file:" + filepath.Join(t.TempDir(), "test.db") + "?_pragma=journal_mode(WAL)&_pragma=synchronous(OFF)"
	}},
	{"PostgreSQL", sqlstore.PostgreSQL, "pgx", pgtest.URL},
}

// each runs a test on each engine.
func each(t *testing.T, run func(t *testing.T, e engine)) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) { run(t, e) })
	}
}

const secret = "correct-horse-battery-staple-2026"

// A node is a SCIM server on an engine, whose statements are seen.
type node struct {
	engine
	fill.Database
	users, groups *schema.ResourceType
	spy           *spy.Spy
	handler       http.Handler
}

func newNode(t testing.TB, e engine) *node {
	t.Helper()
	n := &node{engine: e, users: schema.UserType(), groups: schema.GroupType()}
	var db *sql.DB
	db, n.spy = spy.Open(t, e.driver, e.source(t))
	store, err := sqlstore.Open(t.Context(), db, e.dialect, sqlstore.Options{Relaxed: true, Types: []*schema.ResourceType{n.users, n.groups}})
	if err != nil {
		t.Fatal(err)
	}
	n.Database = fill.Database{DB: db, Dialect: e.dialect, Store: store}
	n.handler = n.serve(t, scim.StaticToken(secret))
	return n
}

func (n *node) serve(t testing.TB, auth scim.Authenticator) http.Handler {
	t.Helper()
	s, err := scim.NewServer(scim.Config{
		Endpoints: []scim.Endpoint{
			{Type: n.users, Handler: n.Store.Handler(n.users)},
			{Type: n.groups, Handler: n.Store.Handler(n.groups)},
		},
		Authenticator: auth, Limits: scim.Limits{InFlight: -1},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// must makes what a test begins with.
func (n *node) must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// do sends a request, "GET /Users", and gives what it cost.
func (n *node) do(t testing.TB, request, body string) (*httptest.ResponseRecorder, cost) {
	t.Helper()
	method, target, _ := strings.Cut(request, " ")
	req := httptest.NewRequest(method, "/scim/v2"+target, strings.NewReader(body))
	req.Header.Set("Authorization", "Bearer "+secret)
	if body != "" {
		req.Header.Set("Content-Type", "application/scim+json")
	}
	n.spy.Calls()
	rec := httptest.NewRecorder()
	n.handler.ServeHTTP(rec, req)
	return rec, costOf(n.spy.Calls())
}

// cost is what reached the database.
type cost struct {
	statements   []spy.Call
	transactions int
}

func costOf(calls []spy.Call) cost {
	var c cost
	for _, call := range calls {
		switch {
		case call.Text == "BEGIN":
			c.transactions++
		case call.Text == "COMMIT", call.Text == "ROLLBACK", strings.HasSuffix(call.Text, "BEGIN IMMEDIATE"), strings.HasPrefix(call.Text, "PRAGMA"):
		default:
			c.statements = append(c.statements, call)
		}
	}
	return c
}

func (c cost) String() string {
	var b strings.Builder
	for _, call := range c.statements {
		b.WriteString(strings.Join(strings.Fields(call.Text), " ") + "\n")
	}
	return b.String()
}
