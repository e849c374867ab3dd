package main

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/scimkit/scimkit/examples/internal/exampletest"
	"github.com/scimkit/scimkit/examples/internal/host"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/storetest"
)

// openDB opens a database with the tenants a and b.
func openDB(t *testing.T, name string) *host.DB {
	t.Helper()
	db, err := host.Open(t.Context(), name, tables,
		`INSERT INTO tenants (tenant, title, entitled) VALUES ('a', 'A', TRUE), ('b', 'B', TRUE) ON CONFLICT DO NOTHING`)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// TestHandlers runs the contract against a file, where who reads does not wait
// for who writes. All other tests are in memory.
func TestHandlers(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) storetest.Host {
		db := openDB(t, exampletest.DB(t, filepath.Join(t.TempDir(), "teams.db")))
		return storetest.Host{
			Endpoints: []scim.Endpoint{
				{Type: userType, ForTenant: func(_ context.Context, tenant string) (scim.ResourceHandler, error) { return people{db, tenant}, nil }},
				{Type: teamType, ForTenant: func(_ context.Context, tenant string) (scim.ResourceHandler, error) { return teams{db, tenant}, nil }},
			},
			Adjust: adjust,
		}
	})
}

// adjust keeps to what the product makes of a user: always active or not, one
// e-mail address, one photo.
func adjust(t *scim.ResourceType, attributes map[string]any) {
	if t != userType {
		return
	}
	if attributes["active"] == nil {
		attributes["active"] = true
	}
	attributes["emails"] = []any{map[string]any{"value": attributes["userName"], "type": "work", "primary": true}}
	if photos, ok := attributes["photos"].([]any); ok {
		photo := photos[0].(map[string]any)
		photo["type"] = "photo"
		attributes["photos"] = []any{photo}
	}
}
