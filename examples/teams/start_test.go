package main

import (
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/scimkit/scimkit/examples/internal/exampletest"
	"github.com/scimkit/scimkit/examples/internal/host"
)

// TestStartThatFails: whatever ends the first start, SCIM is on after the next.
func TestStartThatFails(t *testing.T) {
	for _, table := range []string{"scim_tenants", "tenants", "admins"} {
		db, err := host.Open(t.Context(), exampletest.DB(t, filepath.Join(t.TempDir(), "teams.db")), tables)
		if err != nil {
			t.Fatal(err)
		}
		a, err := newApp(t.Context(), db, config{URL: "http://localhost", Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		rename := func(from, to string) {
			if _, err := db.Exec("ALTER TABLE " + from + " RENAME TO " + to); err != nil {
				t.Fatal(err)
			}
		}
		rename(table, "away")
		if _, err := a.seed(t.Context()); err == nil {
			t.Errorf("without %s the start goes on", table)
		}
		rename("away", table)
		if _, err := a.seed(t.Context()); err != nil {
			t.Fatal(err)
		}
		if s, err := a.tokens.Status(t.Context(), demoTenant); err != nil || !s.Enabled {
			t.Errorf("the first start ended at %s, and after the second one SCIM is off: %v", table, err)
		}
		if err := a.Close(); err != nil {
			t.Error(err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}
