package tables

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/scimkit/scimkit/internal/sqlschema"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// slow is a migration that is in its middle for a while.
var slow = sqlschema.Migration{
	Name:       "slow",
	SQL:        "CREATE TABLE {p}half (a {int});\nALTER TABLE {p}tokens ADD COLUMN half {int} NOT NULL DEFAULT 0;\n",
	PostgreSQL: "SELECT pg_sleep(2);\nCREATE TABLE {p}end (a {int});\n",
	SQLite: `CREATE TABLE {p}end AS WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 100000000)
		SELECT count(*) AS a FROM c;` + "\n",
}

// quick is the same without the waiting.
var quick = sqlschema.Migration{Name: "quick", SQL: strings.Replace(slow.SQL, ";\n", ";\nCREATE TABLE {p}end (a {int});\n", 1)}

func init() {
	nodes["migrate slowly"] = func(args []string) error {
		sqlschema.Migrations = append(sqlschema.Migrations, slow)
		return nodes["open"](args)
	}
	nodes["migrate quickly"] = func(args []string) error {
		sqlschema.Migrations = append(sqlschema.Migrations, quick)
		return nodes["open"](args)
	}
	// What a library would do that knows no transactions.
	nodes["migrate badly"] = func(args []string) error {
		db, err := engineOf(args[0]).pool(args[1])
		for _, s := range slow.Statements(args[0] != "PostgreSQL", "scim_") {
			if err == nil {
				_, err = db.Exec(s)
			}
		}
		return err
	}
}

// underWay waits until a node is in the middle of slow, or shows what it has done.
func underWay(t *testing.T, e engine, db *sql.DB, shows bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for {
		found := false
		switch {
		case e.name == "PostgreSQL":
			err := db.QueryRowContext(ctx, `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE state = 'active' AND query = 'SELECT pg_sleep(2)'
				AND datname = current_database())`).Scan(&found)
			if err != nil {
				t.Fatal(err)
			}
		case shows:
			_, err := db.ExecContext(ctx, `SELECT half FROM scim_tokens`)
			found = err == nil
		default: // it has the lock of whoever writes
			_, err := db.ExecContext(ctx, `CREATE TABLE probe (a); DROP TABLE probe`)
			found = err != nil && strings.Contains(err.Error(), "SQLITE_BUSY")
		}
		if found {
			return
		}
		if ctx.Err() != nil {
			t.Fatal("the migration does not begin")
		}
		time.Sleep(10 * time.Millisecond) // the node gets its turn
	}
}

// TestKilledMigration: of a migration whose node is killed nothing is there, and
// the next node applies it.
func TestKilledMigration(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		for _, tt := range []struct {
			node string
			half bool // the control
		}{{"migrate slowly", false}, {"migrate badly", true}} {
			source := e.source(t)
			db, _ := e.opened(t, source)
			cmd := node(tt.node, e.name, source)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			underWay(t, e, db, tt.half)
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			cmd.Wait()
			_, err := db.Exec(`SELECT half FROM scim_tokens, scim_half`)
			if half := err == nil; half != tt.half {
				t.Errorf("%s: half of it is there: %t, want %t", tt.node, half, tt.half)
			}
			if tt.half {
				continue
			}
			out, err := node("migrate quickly", e.name, source).CombinedOutput()
			if err != nil {
				t.Errorf("the next node: %v: %s", err, out)
			}
			if got, want := versions(t, db, "scim_"), allVersions()+fmt.Sprintf(", %d quick", len(sqlschema.Migrations)+1); got != want {
				t.Errorf("versions %s, want %s", got, want)
			}
			if _, err := db.Exec(`SELECT half FROM scim_tokens, scim_half, scim_end`); err != nil {
				t.Error(err)
			}
			_, _, err = e.open(t.Context(), source, sqlstore.Options{})
			if err == nil || !strings.Contains(err.Error(), "newer scimkit") {
				t.Errorf("the version before: %v", err)
			}
		}
	})
}

// TestTableInUse: a migration does not have others wait behind it for a table
// that is in use, and is tried again.
func TestTableInUse(t *testing.T) {
	e := engineOf("PostgreSQL")
	source := e.source(t)
	db, s := e.opened(t, source)
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	if _, err := tx.Exec(`SELECT * FROM scim_tokens`); err != nil {
		t.Fatal(err)
	}
	migrated := make(chan error, 1)
	go func() {
		out, err := node("migrate quickly", e.name, source).CombinedOutput()
		migrated <- errors.Join(err, text(out))
	}()
	waits := func() (n int) {
		err := db.QueryRow(`SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'ALTER TABLE%'
			AND datname = current_database()`).Scan(&n)
		if err != nil {
			t.Error(err)
		}
		return n
	}
	for waits() == 0 {
		time.Sleep(time.Millisecond)
	}
	if err := add(t.Context(), s.Tokens(), "acme", "A"); err != nil { // behind it, until it gives up
		t.Error(err)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := <-migrated; err != nil {
		t.Error(err)
	}
}
