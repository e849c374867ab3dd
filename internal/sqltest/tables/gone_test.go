package tables

import (
	"strings"
	"testing"

	"github.com/scimkit/scimkit/store/sqlstore"
)

// TestOpenWithoutDatabase: what Open says of a database that it cannot work
// with.
func TestOpenWithoutDatabase(t *testing.T) {
	lite, postgres := engineOf("SQLite"), engineOf("PostgreSQL")
	for _, tt := range []struct {
		name   string
		engine engine
		source func(t *testing.T) string
		want   string
	}{
		{"no folder", lite, func(t *testing.T) string { return "file:" + t.TempDir() + "/none/x.db" }, "unable to open database"},
		{"read-only file", lite, func(t *testing.T) string {
			source := lite.source(t)
			db, err := lite.pool(source)
			if err == nil {
				_, err = db.Exec(`PRAGMA journal_mode = WAL; CREATE TABLE t (a)`)
			}
			if err != nil {
				t.Fatal(err)
			}
			db.Close()
			return source + "?mode=ro"
		}, "readonly"},
		{"no server", postgres, func(*testing.T) string { return "postgres://x@127.0.0.1:1/x" }, "connect"},
		{"no database", postgres, func(t *testing.T) string { return strings.Replace(postgres.source(t), "/scimkit_test_", "/none_", 1) }, "does not exist"},
		{"read-only server", postgres, func(t *testing.T) string { return with(t, postgres.source(t), "default_transaction_read_only", "on") }, "read-only"},
		{"SQLite called PostgreSQL", engine{"", sqlstore.PostgreSQL, "sqlite", nil}, func(t *testing.T) string { return lite.source(t) }, "collation"},
		{"PostgreSQL called SQLite", engine{"", sqlstore.SQLite, "pgx", nil}, func(t *testing.T) string { return postgres.source(t) }, "syntax error"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := tt.engine.open(t.Context(), tt.source(t), sqlstore.Options{})
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "sqlstore: ") || strings.Contains(err.Error(), "503") {
				t.Errorf("Open = %v; want sqlstore: … %s", err, tt.want)
			}
		})
	}
}
