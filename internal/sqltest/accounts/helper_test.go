package accounts

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/internal/sqltest/pgtest"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"

	_ "modernc.org/sqlite" // driver "sqlite"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

const secret = "correct-horse-battery-staple-2026"

// app is an application with accounts, whose SCIM server is called over HTTP.
type app struct {
	*testing.T
	dialect sqlstore.Dialect
	db      *sql.DB
	user    *schema.ResourceType
	handler http.Handler
	log     bytes.Buffer
}

type columns = map[string]sqlstore.Column

// each runs a test on each engine.
func each(t *testing.T, test func(a *app)) {
	t.Run("SQLite", func(t *testing.T) { test(onSQLite(t)) })
	t.Run("PostgreSQL", func(t *testing.T) { test(onPostgreSQL(t)) })
}

func onSQLite(t *testing.T) *app {
	db, err := sql.Open("sqlite", "file:"+strings.ReplaceAll(filepath.Join(t.TempDir(), "test.db"), "#", "%23")+"?_pragma=synchronous(OFF)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return &app{T: t, dialect: sqlstore.SQLite, db: db, user: schema.UserType()}
}

func onPostgreSQL(t *testing.T) *app {
	return &app{T: t, dialect: sqlstore.PostgreSQL, db: pgtest.Open(t), user: schema.UserType()}
}

// exec runs SQL in which {id} and {time} are types of columns.
func (a *app) exec(text string) {
	a.Helper()
	id, time := "INTEGER PRIMARY KEY AUTOINCREMENT", "DATETIME"
	if a.dialect == sqlstore.PostgreSQL {
		id, time = "bigserial PRIMARY KEY", "timestamptz"
	}
	if _, err := a.db.Exec(strings.NewReplacer("{id}", id, "{time}", time).Replace(text)); err != nil {
		a.Fatal(err)
	}
}

// usual are the columns of most tests' accounts.
const usual = `CREATE TABLE users (id {id}, email text NOT NULL UNIQUE, first_name text, last_name text, disabled_at {time}); CREATE INDEX users_email ON users (lower(email));`

// table maps the accounts: what is in usual, or else what change says.
func (a *app) table(change ...func(*sqlstore.Table)) sqlstore.Table {
	t := sqlstore.Table{Type: a.user, Name: "users", ID: "id", Existing: sqlstore.Adopt, Columns: columns{
		"userName": {Name: "email"}, `emails[type eq "work"].value`: {Name: "email"},
		"name.givenName": {Name: "first_name"}, "name.familyName": {Name: "last_name"}, "active": sqlstore.Until("disabled_at"),
	}}
	for _, c := range change {
		c(&t)
	}
	return t
}

func policy(p sqlstore.Existing) func(*sqlstore.Table) {
	return func(t *sqlstore.Table) { t.Existing = p }
}

// only maps nothing but these columns.
func only(c columns) func(*sqlstore.Table) {
	return func(t *sqlstore.Table) { t.Columns = c }
}

// open starts the SCIM server.
func (a *app) open(table sqlstore.Table) {
	a.Helper()
	store, err := sqlstore.Open(a.Context(), a.db, a.dialect, sqlstore.Options{Relaxed: true, Tables: []sqlstore.Table{table}})
	if err != nil {
		a.Fatal(err)
	}
	a.handler, err = scim.NewServer(scim.Config{Logger: slog.New(slog.NewTextHandler(&a.log, nil)), Authenticator: scim.StaticToken(secret),
		Endpoints: []scim.Endpoint{{Type: a.user, Handler: store.Handler(a.user)}}})
	if err != nil {
		a.Fatal(err)
	}
}

// answer is what the server says.
type answer struct {
	Status int `json:"-"`
	ID     string
	Name   string `json:"userName"`
	Active *bool
	Emails []struct{ Value string }
	Meta   struct{ Created, LastModified string }
	Detail string
	body   string
}

func (a *app) do(method, path, body string) (got answer) {
	a.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+secret)
	r.Header.Set("Content-Type", "application/scim+json")
	w := httptest.NewRecorder()
	a.handler.ServeHTTP(w, r)
	got.Status, got.body = w.Code, w.Body.String()
	if w.Body.Len() > 0 {
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			a.Fatalf("%s %s: %v in %s", method, path, err, w.Body)
		}
	}
	if got.Status >= 500 {
		a.Errorf("%s %s: %s; the log: %s", method, path, got.body, &a.log)
	}
	return got
}

// read decodes what is at path.
func (a *app) read(path string, v any) {
	a.Helper()
	if err := json.Unmarshal([]byte(a.do("GET", path, "").body), v); err != nil {
		a.Fatal(err)
	}
}

// listed is what a client sees of users.
type listed []struct {
	ID           string
	Active       *bool
	PhoneNumbers []struct {
		Value, Type string
		Primary     *bool
	}
}

// list gives the users that a filter finds.
func (a *app) list(filter string) listed {
	a.Helper()
	var all struct{ Resources listed }
	a.read("/Users?filter="+url.QueryEscape(filter), &all)
	return all.Resources
}

// found gives the ids of the users that a filter finds, one behind the other.
func (a *app) found(filter string) (ids string) {
	a.Helper()
	for _, r := range a.list(filter) {
		ids += r.ID
	}
	return ids
}

// user is the body of a POST or PUT.
func user(attributes string) string {
	return `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],` + attributes + `}`
}

func (a *app) post(attributes string) answer {
	a.Helper()
	return a.do("POST", "/Users", user(attributes))
}

func (a *app) put(id, attributes string) answer {
	a.Helper()
	return a.do("PUT", "/Users/"+id, user(attributes))
}

func (a *app) patch(id, operation string) answer {
	a.Helper()
	return a.do("PATCH", "/Users/"+id, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[`+operation+`]}`)
}

// replace is a PATCH of one value.
func (a *app) replace(id, path string, value any) answer {
	a.Helper()
	op, err := json.Marshal(map[string]any{"op": "replace", "path": path, "value": value})
	if err != nil {
		a.Fatal(err)
	}
	return a.patch(id, string(op))
}

// row gives what a query for one row gives, as text.
func (a *app) row(query string) string {
	a.Helper()
	rows, err := a.db.Query(query)
	if err != nil {
		a.Fatal(err)
	}
	defer rows.Close()
	names, _ := rows.Columns()
	cells := make([]any, len(names))
	for i := range cells {
		cells[i] = new(sql.NullString)
	}
	var all []string
	for rows.Next() {
		if err := rows.Scan(cells...); err != nil {
			a.Fatal(err)
		}
		for _, c := range cells {
			all = append(all, c.(*sql.NullString).String)
		}
	}
	return strings.Join(all, "|")
}

func (a *app) is(what string, got, want any) {
	a.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		a.Errorf("%s: %v, want %v", what, got, want)
	}
}

// says checks the status of an answer.
func (a *app) says(what string, got answer, status int) {
	a.Helper()
	if got.Status != status {
		a.Errorf("%s: %d, want %d: %s", what, got.Status, status, got.body)
	}
}
