package tables

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scimkit/scimkit/internal/sqlschema"
	"github.com/scimkit/scimkit/internal/sqltest/spy"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// catalogue gives a line for each column and index of the tables with a prefix.
func catalogue(t testing.TB, e engine, db *sql.DB, prefix string) []string {
	t.Helper()
	query := `SELECT 'index ' || replace(indexdef, 'public.', '') FROM pg_indexes WHERE tablename LIKE $1 || '%'
		UNION ALL SELECT concat_ws(' ', table_name, column_name, data_type, is_nullable, collation_name) FROM information_schema.columns
			WHERE table_name LIKE $1 || '%'
		UNION ALL SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid::regclass::text LIKE $1 || '%'
		ORDER BY 1`
	if e.name != "PostgreSQL" {
		query = `SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_master WHERE name LIKE $1 || '%' ORDER BY 1`
	}
	rows, err := db.Query(query, prefix)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		list = append(list, strings.ReplaceAll(line, " IF NOT EXISTS", ""))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

// versions gives the migrations that a database has had.
func versions(t testing.TB, db *sql.DB, prefix string) string {
	t.Helper()
	rows, err := db.Query(`SELECT version, name FROM ` + prefix + `schema ORDER BY version`)
	if err != nil {
		return err.Error()
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var n int
		var name string
		if err := rows.Scan(&n, &name); err != nil {
			t.Fatal(err)
		}
		list = append(list, fmt.Sprintf("%d %s", n, name))
	}
	return strings.Join(list, ", ")
}

// allVersions is what versions gives of a database that is up to date.
func allVersions() string {
	list := []string{"0 lock"}
	for i, m := range sqlschema.Migrations {
		list = append(list, fmt.Sprintf("%d %s", i+1, m.Name))
	}
	return strings.Join(list, ", ")
}

// TestSchema: what Schema prints makes what Open makes.
func TestSchema(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		migrated, _ := e.opened(t, e.source(t))
		source := e.source(t)
		printed, err := e.pool(source)
		if err != nil {
			t.Fatal(err)
		}
		defer printed.Close()
		check := func() error {
			_, err := sqlstore.Open(t.Context(), printed, e.dialect, sqlstore.Options{CheckOnly: true})
			return err
		}
		if err := check(); err == nil || !strings.Contains(err.Error(), "run what Schema prints") {
			t.Errorf("an empty database: %v", err)
		}
		if got := catalogue(t, e, printed, "scim_"); got != nil {
			t.Errorf("CheckOnly made %v", got)
		}
		if _, err := printed.Exec(sqlstore.Schema(e.dialect, "")); err != nil {
			t.Fatal(err)
		}
		if err := check(); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(catalogue(t, e, migrated, "scim_"), catalogue(t, e, printed, "scim_")); diff != "" {
			t.Error("Open and Schema differ:\n", diff)
		}
		if got := versions(t, printed, "scim_"); got != allVersions() {
			t.Errorf("versions %s, want %s", got, allVersions())
		}
		var recent bool
		if err := printed.QueryRow(`SELECT min(applied_at) > 1700000000000000 AND max(applied_at) < 9000000000000000 FROM scim_schema`).Scan(&recent); err != nil || !recent {
			t.Errorf("applied_at are no microseconds, %v", err)
		}
		e.opened(t, source)
		if got := versions(t, printed, "scim_"); got != allVersions() {
			t.Errorf("after Open, versions %s, want %s", got, allVersions())
		}
	})
}

// TestPrefix: stores with different prefixes share a database and nothing else.
func TestPrefix(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		source := e.source(t)
		db, plain := e.opened(t, source)
		long := strings.Repeat("x", 29) + "_"
		_, other, err := e.open(t.Context(), source, sqlstore.Options{Prefix: long})
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(add(t.Context(), plain.Tokens(), "acme", "A"), add(t.Context(), other.Tokens(), "acme", "A")); err != nil {
			t.Error(err)
		}
		if a, b := len(catalogue(t, e, db, "scim_")), len(catalogue(t, e, db, long)); a != b || a == 0 {
			t.Errorf("%d and %d columns and indexes, want as many", a, b)
		}
		for _, bad := range []string{"Scim_", "scim-", "a b", "1_", `x"; --`, "sqlite_", "pg_", "a.b_", "acme.", ".scim_", "a.b.c_", "pg_x.scim_", "Acme.scim_", "acme.1_", long + "x", "ä_"} {
			if _, _, err := e.open(t.Context(), source, sqlstore.Options{Prefix: bad}); err == nil {
				t.Errorf("the prefix %q was taken", bad)
			}
			func() {
				defer func() { recover() }()
				t.Errorf("Schema with the prefix %q gave %d bytes", bad, len(sqlstore.Schema(e.dialect, bad)))
			}()
		}
	})
}

// TestUpToDate: a database that is up to date is only looked at, for a user who
// may not make tables.
func TestUpToDate(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		source := e.source(t)
		e.opened(t, source)
		db, seen := spy.Open(t, e.driver, source)
		if _, err := sqlstore.Open(t.Context(), db, e.dialect, sqlstore.Options{}); err != nil {
			t.Fatal(err)
		}
		list := slices.DeleteFunc(seen.Statements(), func(s string) bool { return strings.HasPrefix(s, "PRAGMA ") })
		if len(list) != 1 || !strings.HasPrefix(list[0], "SELECT ") {
			t.Errorf("statements %q, want one SELECT", list)
		}
	})
}

// TestOpenRefuses: a database that is not of this library's making is refused,
// and left as it is.
func TestOpenRefuses(t *testing.T) {
	n := len(sqlschema.Migrations)
	first := sqlschema.Migrations[0].Name
	for _, tt := range []struct{ name, change, want string }{
		{"newer", fmt.Sprintf(`INSERT INTO scim_schema VALUES (%d, 'later', 'x', 1)`, n+1), fmt.Sprintf("of version %d, of a newer scimkit: this one knows no version after %d", n+1, n)},
		{"much newer", fmt.Sprintf(`INSERT INTO scim_schema VALUES (%d, 'later', 'x', 1), (%d, 'later', 'x', 1)`, n+1, n+2), "of a newer scimkit"},
		{"other content", `UPDATE scim_schema SET checksum = 'x' WHERE version = 1`, "migration 1 (" + first + ") is not the one"},
		{"a hole", `DELETE FROM scim_schema WHERE version = 1`, "but not migration 1"},
		{"tables of somebody else", `DELETE FROM scim_schema WHERE version > 0`, "already exists"},
	} {
		each(t, func(t *testing.T, e engine) {
			source := e.source(t)
			db, _ := e.opened(t, source)
			if _, err := db.Exec(tt.change); err != nil {
				t.Fatal(err)
			}
			before := append(catalogue(t, e, db, "scim_"), versions(t, db, "scim_"))
			for _, checkOnly := range []bool{true, false} {
				_, _, err := e.open(t.Context(), source, sqlstore.Options{CheckOnly: checkOnly})
				if err == nil || !strings.Contains(err.Error(), tt.want) && !(checkOnly && tt.want == "already exists") {
					t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
				}
			}
			if diff := cmp.Diff(before, append(catalogue(t, e, db, "scim_"), versions(t, db, "scim_"))); diff != "" {
				t.Error("the database has changed:\n", diff)
			}
		})
	}
	if _, err := sqlstore.Open(t.Context(), nil, 0, sqlstore.Options{}); err == nil || !strings.Contains(err.Error(), "dialect") {
		t.Errorf("no dialect: %v", err)
	}
}

func init() {
	nodes["open"] = func(args []string) error {
		db, _, err := engineOf(args[0]).open(context.Background(), args[1], sqlstore.Options{})
		if err == nil {
			db.Close()
		}
		return err
	}
}

// TestMigrateAtOnce: eight pools and eight processes start at once on an empty
// database, and each migration is applied once.
func TestMigrateAtOnce(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		want := catalogue(t, e, first(e.opened(t, e.source(t))), "scim_")
		run := func(name string, start func(source string) func() error) {
			for range 3 {
				source := e.source(t)
				begin := make(chan struct{})
				var wg sync.WaitGroup
				for range 8 {
					open := start(source)
					wg.Go(func() {
						<-begin
						if err := open(); err != nil {
							t.Errorf("%s: %v", name, err)
						}
					})
				}
				close(begin)
				wg.Wait()
				db, err := e.pool(source)
				if err != nil {
					t.Fatal(err)
				}
				if got := versions(t, db, "scim_"); got != allVersions() {
					t.Errorf("%s: versions %s, want %s", name, got, allVersions())
				}
				if diff := cmp.Diff(want, catalogue(t, e, db, "scim_")); diff != "" {
					t.Errorf("%s:\n%s", name, diff)
				}
				db.Close()
			}
		}
		run("pools", func(source string) func() error {
			return func() error { return nodes["open"]([]string{e.name, source}) }
		})
		run("processes", func(source string) func() error {
			cmd := node("open", e.name, source)
			return func() error {
				out, err := cmd.CombinedOutput()
				return errors.Join(err, text(out))
			}
		})
	})
}

func first[A, B any](a A, _ B) A { return a }

// text is an error of what a process wrote, nil for nothing.
func text(out []byte) error {
	if len(out) == 0 {
		return nil
	}
	return errors.New(string(out))
}
