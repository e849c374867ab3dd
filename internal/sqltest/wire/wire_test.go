// Package wire plays what goes over the wire, the transcripts of the protocol and
// what identity providers send, against resources in databases.
package wire

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/scimkit/scimkit/internal/idptest"
	"github.com/scimkit/scimkit/internal/sqltest/foreign"
	"github.com/scimkit/scimkit/internal/sqltest/pgtest"
	"github.com/scimkit/scimkit/internal/transcript"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
	_ "modernc.org/sqlite" // driver "sqlite"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// engine is a database for all tests on it; each has a tenant of its own.
type engine struct {
	store   *sqlstore.Store
	mapped  bool
	types   []*schema.ResourceType // User, Group, Device
	tenants atomic.Int64
}

// engines runs a test on each database, with the library's tables and with those
// of an application that has a place for most of what a client sends.
func engines(t *testing.T, test func(t *testing.T, e *engine)) {
	open := func(d sqlstore.Dialect, db func(t *testing.T) *sql.DB, mapped bool) func(*testing.T) {
		return func(t *testing.T) {
			e := &engine{mapped: mapped, types: []*schema.ResourceType{schema.UserType(), schema.GroupType(), transcript.Device()}}
			pool, o := db(t), sqlstore.Options{Types: e.types, Relaxed: true}
			if mapped {
				if _, err := pool.Exec(foreign.Tables(d, foreign.UUIDs) + devices[d]); err != nil {
					t.Fatal(err)
				}
				o.Types, o.Tables = nil, append(foreign.Mapping(foreign.UUIDs, e.types[0], e.types[1], sqlstore.Adopt), deviceTable(e.types[2]))
			}
			var err error
			if e.store, err = sqlstore.Open(t.Context(), pool, d, o); err != nil {
				t.Fatal(err)
			}
			test(t, e)
		}
	}
	sqlite := func(t *testing.T) *sql.DB {
		db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "wire.db")+"?_pragma=synchronous(OFF)")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		return db
	}
	postgreSQL := func(t *testing.T) *sql.DB { return pgtest.Open(t) }
	t.Run("SQLite", open(sqlstore.SQLite, sqlite, false))
	t.Run("PostgreSQL", open(sqlstore.PostgreSQL, postgreSQL, false))
	t.Run("mapped/SQLite", open(sqlstore.SQLite, sqlite, true))
	t.Run("mapped/PostgreSQL", open(sqlstore.PostgreSQL, postgreSQL, true))
}

// devices is the application's table of devices.
var devices = map[sqlstore.Dialect]string{
	sqlstore.SQLite: `CREATE TABLE devices (
		id TEXT NOT NULL PRIMARY KEY, org TEXT NOT NULL, label TEXT NOT NULL, serial TEXT, state TEXT, pin TEXT, vendor TEXT, slots INTEGER,
		made_by TEXT, made_in INTEGER, owner TEXT)`,
	sqlstore.PostgreSQL: `CREATE TABLE devices (
		id uuid PRIMARY KEY, org text NOT NULL, label text NOT NULL, serial text, state text, pin text, vendor text, slots int,
		made_by text, made_in int, owner text)`,
}

func deviceTable(t *schema.ResourceType) sqlstore.Table {
	return sqlstore.Table{Type: t, Name: "devices", ID: "id", Tenant: "org", Existing: sqlstore.Adopt, Columns: map[string]sqlstore.Column{
		"label": {Name: "label"}, "serial": {Name: "serial"}, "state": {Name: "state"}, "pin": {Name: "pin", Encode: hash}, "vendor": {Name: "vendor"},
		"slots": {Name: "slots"}, "made.by": {Name: "made_by"}, "made.year": {Name: "made_in"}, "owner.value": {Name: "owner"},
	}}
}

// endpoints are those of a tenant of which there is nothing yet.
func (e *engine) endpoints(t *testing.T, n int) []scim.Endpoint {
	tenant := strconv.FormatInt(e.tenants.Add(1), 10)
	var all []scim.Endpoint
	for _, rt := range e.types[:n] {
		h, err := e.store.ForTenant(rt)(t.Context(), tenant)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, scim.Endpoint{Type: rt, Handler: h})
	}
	return all
}

// lacks are what the application's tables have no place for, by folder. They are
// no lacks of anything that identity providers send.
var lacks = map[string][]transcript.Lack{
	"rfc7644": {
		{Script: "3.3-create-strict", Answers: []int{7}, Rule: "a column with an empty text has no value"},
		{Script: "3.5.2-patch-members", Answers: []int{10, 16}, Rule: "the members of a team are users, in the order of their ids"},
	},
	"okta": {{Script: "group-push", Answers: []int{11}, Rule: "the members of a team are in the order of their ids"}},
}

// TestTranscripts plays the transcripts of package scim unchanged.
func TestTranscripts(t *testing.T) {
	engines(t, func(t *testing.T, e *engine) {
		for _, folder := range []string{"rfc7644", "entra", "okta"} {
			var but []transcript.Lack
			if e.mapped {
				but = lacks[folder]
			}
			transcript.Run(t, "../../../scim/testdata/"+folder+"/*.txtar", func(t *testing.T, s transcript.Script) http.Handler {
				return transcript.Open(t, s, func(n int) []scim.Endpoint { return e.endpoints(t, n) })
			}, but...)
		}
	})
}

// TestIdentityProviders replays what identity providers send, every case.
func TestIdentityProviders(t *testing.T) {
	engines(t, func(t *testing.T, e *engine) {
		idptest.Run(t, nil, func(t *testing.T, tolerance *scim.Tolerance) (string, string) {
			h, err := scim.NewServer(scim.Config{Authenticator: scim.StaticToken("idp-token"), Endpoints: e.endpoints(t, 2), Tolerance: tolerance})
			if err != nil {
				t.Fatal(err)
			}
			srv := httptest.NewServer(http.StripPrefix("/scim/v2", h))
			t.Cleanup(srv.Close)
			return srv.URL + "/scim/v2", "idp-token"
		})
	})
}

// hash is what a column has of a secret.
func hash(v any) (any, error) {
	sum := sha256.Sum256([]byte(v.(string)))
	return hex.EncodeToString(sum[:]), nil
}
