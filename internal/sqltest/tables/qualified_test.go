package tables

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scimkit/scimkit/store/sqlstore"
	"github.com/scimkit/scimkit/token"
	"github.com/scimkit/scimkit/token/requestlog"
	"github.com/scimkit/scimkit/token/tokentest"
)

// TestQualified: the library's tables are in a schema of PostgreSQL's that the
// prefix names, all of them, and their indexes, be it that Open makes them or what
// Schema prints.
func TestQualified(t *testing.T) {
	const prefix = "acme.scim_"
	e := engineOf("PostgreSQL")
	open := func(t *testing.T, print bool) *sqlstore.Store {
		t.Helper()
		db, err := e.pool(e.source(t))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		script := "CREATE SCHEMA acme;\n"
		if print {
			script += sqlstore.Schema(e.dialect, prefix)
		}
		if _, err := db.Exec(script); err != nil {
			t.Fatal(err)
		}
		s, err := sqlstore.Open(t.Context(), db, e.dialect, sqlstore.Options{Prefix: prefix, CheckOnly: print})
		if err != nil {
			t.Fatal(err)
		}
		var in, out int
		if err := db.QueryRow(`SELECT count(*) FILTER (WHERE relnamespace = to_regnamespace('acme')), count(*) FILTER (WHERE relnamespace <> to_regnamespace('acme'))
			FROM pg_class WHERE relname LIKE 'scim%'`).Scan(&in, &out); err != nil || in < 20 || out != 0 {
			t.Fatalf("%d tables and indexes in the schema, %d beside it, %v", in, out, err)
		}
		return s
	}
	tokentest.Run(t, func(t *testing.T) token.Store { return open(t, false).Tokens() })
	l := logOf(t, open(t, true), 0)
	want := request("acme", true, 1)
	l.Add(t.Context(), want)
	if diff := cmp.Diff([]requestlog.Entry{want}, recent(t, l, "acme", 100)); diff != "" {
		t.Error(diff)
	}
}
