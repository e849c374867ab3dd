// Package wire plays what goes over the wire, the transcripts of the protocol and
// what identity providers send, against resources in databases.
package wire

import (
	"database/sql"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/scimkit/scimkit/internal/idptest"
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
	types   []*schema.ResourceType // User, Group, Device
	tenants atomic.Int64
}

func engines(t *testing.T, test func(t *testing.T, e *engine)) {
	open := func(d sqlstore.Dialect, db func(t *testing.T) *sql.DB) func(*testing.T) {
		return func(t *testing.T) {
			e := &engine{types: []*schema.ResourceType{schema.UserType(), schema.GroupType(), transcript.Device()}}
			var err error
			e.store, err = sqlstore.Open(t.Context(), db(t), d, sqlstore.Options{Types: e.types, Relaxed: true})
			if err != nil {
				t.Fatal(err)
			}
			test(t, e)
		}
	}
	t.Run("SQLite", open(sqlstore.SQLite, func(t *testing.T) *sql.DB {
		db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "wire.db")+"?_pragma=synchronous(OFF)")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		return db
	}))
	t.Run("PostgreSQL", open(sqlstore.PostgreSQL, func(t *testing.T) *sql.DB { return pgtest.Open(t) }))
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

// TestTranscripts plays the transcripts of package scim unchanged.
func TestTranscripts(t *testing.T) {
	engines(t, func(t *testing.T, e *engine) {
		for _, folder := range []string{"rfc7644", "entra", "okta"} {
			transcript.Run(t, "../../../scim/testdata/"+folder+"/*.txtar", func(t *testing.T, s transcript.Script) http.Handler {
				return transcript.Open(t, s, func(n int) []scim.Endpoint { return e.endpoints(t, n) })
			})
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
