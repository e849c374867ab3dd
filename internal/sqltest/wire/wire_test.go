// Package wire plays what goes over the wire, the transcripts of the protocol and
// what identity providers send, against resources in databases.
package wire

import (
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scimkit/scimkit/internal/idpcases"
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
			e := &engine{types: []*schema.ResourceType{schema.UserType(), schema.GroupType(), deviceType()}}
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

// TestTranscripts plays the transcripts of package scim unchanged. Its test says
// what their settings mean.
func TestTranscripts(t *testing.T) {
	engines(t, func(t *testing.T, e *engine) {
		for _, folder := range []string{"rfc7644", "entra", "okta"} {
			transcript.Run(t, "../../../scim/testdata/"+folder+"/*.txtar", e.transcript)
		}
	})
}

func (e *engine) transcript(t *testing.T, s transcript.Script) http.Handler {
	c, types, users := scim.Config{Authenticator: scim.StaticToken(transcript.Token)}, 2, 0
	for key, value := range s.Config {
		switch key {
		case "config":
			strict := scim.Strict()
			c.Tolerance = &strict
		case "base":
			c.BaseURL = value
		case "types":
			types = 3
		case "users":
			users, _ = strconv.Atoi(value)
		case "max-results":
			c.Limits.MaxResults, _ = strconv.Atoi(value)
		default:
			t.Fatalf("the transcript has an unknown setting %q", key)
		}
	}
	c.Endpoints = e.endpoints(t, types)
	server, err := scim.NewServer(c)
	if err != nil {
		t.Fatal(err)
	}
	for i := range users {
		addUser(t, server, fmt.Sprintf(`{"schemas":[%q],"userName":"user%d"}`, e.types[0].Schema.ID, i+1))
	}
	return server
}

func addUser(t *testing.T, h http.Handler, body string) {
	t.Helper()
	r := httptest.NewRequest("POST", "/Users", strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+transcript.Token)
	r.Header.Set("Content-Type", "application/scim+json")
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, r); w.Code != 201 {
		t.Fatal(w.Body)
	}
	time.Sleep(2 * time.Millisecond) // ids have milliseconds and give the order
}

// options are the opt-in cases of the catalogue and the option of each.
var options = map[string]func(*scim.Tolerance){
	"mspm-017":     func(*scim.Tolerance) {}, // needs none: BareValues is on by default
	"mspm-018":     func(t *scim.Tolerance) { t.PathCase = true },
	"mspm-019":     func(t *scim.Tolerance) { t.PathAliases = true },
	"onelogin-009": func(t *scim.Tolerance) { t.Scim11Members = true },
	"oracle-003":   func(t *scim.Tolerance) { t.PatchBare = true },
	"wso2-002":     func(t *scim.Tolerance) { t.BareWords = true },
	"gen-028":      func(t *scim.Tolerance) { t.LeadingSlash = true },
	"gen-038":      func(t *scim.Tolerance) { t.DoubleEscape = true },
}

// TestIdentityProviders replays what identity providers send, every case.
func TestIdentityProviders(t *testing.T) {
	engines(t, func(t *testing.T, e *engine) {
		idpcases.Test(t, func(t *testing.T, c idpcases.Case) (string, string) {
			config := scim.Config{Authenticator: scim.StaticToken("idp-token"), Endpoints: e.endpoints(t, 2)}
			if c.Strictness == "opt-in" {
				on := scim.Tolerant()
				set, ok := options[c.ID]
				if !ok {
					t.Fatalf("no option is known for the opt-in case %s", c.ID)
				}
				set(&on)
				config.Tolerance = &on
			}
			h, err := scim.NewServer(config)
			if err != nil {
				t.Fatal(err)
			}
			srv := httptest.NewServer(http.StripPrefix("/scim/v2", h))
			t.Cleanup(srv.Close)
			return srv.URL + "/scim/v2", "idp-token"
		})
	})
}

// deviceType has what the RFC's own types lack: attributes that are immutable,
// alone and inside of others, and one that is returned on request only.
func deviceType() *schema.ResourceType {
	return &schema.ResourceType{
		Name: "Device", Endpoint: "/Devices", Description: "A device",
		Schema: &schema.Schema{ID: "urn:example:schemas:Device", Name: "Device", Attributes: []schema.Attribute{
			{Name: "label", Required: true},
			{Name: "serial", Mutability: schema.Immutable, CaseExact: true},
			{Name: "state", Mutability: schema.ReadOnly},
			{Name: "pin", Mutability: schema.WriteOnly, Returned: schema.ReturnedNever},
			{Name: "notes", Returned: schema.ReturnedRequest},
			{Name: "vendor", Returned: schema.ReturnedAlways},
			{Name: "slots", Type: schema.Integer},
			{Name: "made", Type: schema.Complex, SubAttributes: []schema.Attribute{
				{Name: "by", Mutability: schema.Immutable},
				{Name: "year", Type: schema.Integer},
				{Name: "checked", Mutability: schema.ReadOnly},
			}},
			{Name: "owner", Type: schema.Complex, SubAttributes: []schema.Attribute{
				{Name: "value", CaseExact: true},
				{Name: "$ref", Type: schema.Reference, ReferenceTypes: []string{"User"}},
			}},
		}},
	}
}
