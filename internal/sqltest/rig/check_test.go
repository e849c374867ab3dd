package rig

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/internal/sqltest/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func databases(t *testing.T, test func(t *testing.T, d Database)) {
	t.Run("SQLite", func(t *testing.T) { test(t, SQLite(filepath.Join(t.TempDir(), "test.db"), "OFF")) })
	t.Run("PostgreSQL", func(t *testing.T) { test(t, PostgreSQL(pgtest.URL(t))) })
}

// TestCheck: Check finds every damage, and none where there is none.
func TestCheck(t *testing.T) {
	databases(t, func(t *testing.T, d Database) {
		n := Serve(t, d, Config{})
		id := n.Post("/Users", User("Ann", "Ann-0")).Must(t).Resource().ID
		n.Post("/Users", User("bob", "bob-0")).Must(t)
		n.Post("/Groups", Group("all", id)).Must(t)
		if err := Check(t.Context(), n.DB, d); err != nil {
			t.Fatalf("without damage: %v", err)
		}
		for _, tt := range []struct{ damage, want string }{
			{`UPDATE {p}counts SET n = n + 1`, "a count that is wrong"},
			{`DELETE FROM {p}counts`, "resources without a count"},
			{`DELETE FROM {p}names WHERE attribute = 'displayName'`, "a displayName without its key"},
			{`DELETE FROM {p}names WHERE attribute = 'emails.value'`, "an e-mail without its key"},
			{`UPDATE {p}names SET value_key = value_key || 'x'`, "a key of a value that is not there"},
			{`UPDATE {p}resources SET name_key = name_key || 'x' WHERE type = 'User'`, "a name and another key"},
			{`UPDATE {p}resources SET external_key = 'x'`, "an externalId and another key"},
		} {
			complains(t, n, d, tt.damage, tt.want)
		}
	})
}

// complains: after damage, which is taken back, Check says want.
func complains(t *testing.T, n *Node, d Database, damage, want string) {
	t.Helper()
	tx, err := n.DB.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	if _, err := tx.Exec(expand(d.Dialect, damage)); err != nil {
		t.Fatal(err)
	}
	if err := Check(t.Context(), tx, d); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: %v, want %q", damage, err, want)
	}
}

// TestCheckWithoutKeys: what foreign keys and unique indexes keep out is found
// where there are none.
func TestCheckWithoutKeys(t *testing.T) {
	databases(t, func(t *testing.T, d Database) {
		n := Serve(t, d, Config{})
		for _, name := range []string{"ann", "bob"} {
			id := n.Post("/Users", User(name, name+"-0")).Must(t).Resource().ID
			n.Post("/Groups", Group("of "+name, id)).Must(t)
		}
		if err := d.WithoutKeys(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct{ damage, want string }{
			{`DELETE FROM {p}resources WHERE type = 'User'`, "a member that dangles"},
			{`DELETE FROM {p}resources WHERE type = 'Group'`, "members of a group that is not there"},
			{`DELETE FROM {p}resources`, "a key of a resource that is not there"},
			{`UPDATE {p}resources SET name_key = 'x' WHERE type = 'User'`, "one name twice"},
		} {
			complains(t, n, d, tt.damage, tt.want)
		}
	})
}
