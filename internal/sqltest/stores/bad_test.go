package stores

import (
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/internal/sqltest/pgtest"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// badSources are databases again, whose DSN can say that they are read only.
var badSources = []struct {
	driver, readOnly string
	dialect          sqlstore.Dialect
	source           func(t *testing.T) (source string, stop func(*sql.DB) error)
}{
	{"sqlite", "&mode=ro", sqlstore.SQLite, func(t *testing.T) (string, func(*sql.DB) error) {
		return "file:" + filepath.Join(t.TempDir(), "test.db") + "?_pragma=synchronous(OFF)", (*sql.DB).Close
	}},
	{"pgx", "&default_transaction_read_only=on", sqlstore.PostgreSQL, func(t *testing.T) (string, func(*sql.DB) error) {
		s := pgtest.Start(t)
		return s.URL(), func(*sql.DB) error { return s.Stop() }
	}},
}

// mapped opens the host's tables on a source.
func (a *app) mapped(driver, source string, d sqlstore.Dialect) error {
	a.Helper()
	db, err := sql.Open(driver, source)
	if err != nil {
		a.Fatal(err)
	}
	a.Cleanup(func() { db.Close() })
	a.db = db
	a.user, a.group = hostTypes()
	_, err = a.open(d, sqlstore.Options{Tables: hostMapping(a.user, a.group, sqlstore.Adopt)})
	return err
}

// requests are one of each kind about the user u1 and the group t1.
func (a *app) requests() (reads, writes map[string]error) {
	a.Helper()
	_, get := a.users.Get(a.Context(), "u1", scim.GetOptions{})
	_, list := a.users.List(a.Context(), scim.Query{StartIndex: 1, Count: 10})
	_, create := a.create("bob@example.com")
	_, update := a.users.Update(a.Context(), "u1", func(r *scim.Resource) error { return r.Set("name.givenName", "New") })
	members := a.add("t1", "u1")
	remove := a.users.Delete(a.Context(), "u1", func(*scim.Resource) error { return nil })
	return map[string]error{"get": get, "list": list}, map[string]error{"create": create, "update": update, "members": members, "delete": remove}
}

// TestBadDatabase: a mapping on a database that takes no writes, has gone or is of
// another version is answered with 503, or a clear error when it is opened.
func TestBadDatabase(t *testing.T) {
	for _, e := range badSources {
		t.Run(e.driver, func(t *testing.T) {
			source, stop := e.source(t)
			a := &app{T: t}
			db, err := sql.Open(e.driver, source)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			exec(t, db, hostTables[e.dialect])
			if err := a.mapped(e.driver, source, e.dialect); err != nil {
				t.Fatal(err)
			}
			exec(t, a.db, `INSERT INTO users (org, email, email_key, last_name) VALUES ('acme', 'ann@example.com', 'ann@example.com', 'Lee');
				INSERT INTO teams (org, name, name_key) VALUES ('acme', 'Staff', 'staff')`)
			only := &app{T: t}
			if err := only.mapped(e.driver, source+e.readOnly, e.dialect); err != nil {
				t.Fatal(err)
			}
			reads, writes := only.requests()
			for what, err := range reads {
				if err != nil {
					t.Errorf("read only: %s: %v", what, err)
				}
			}
			unavailable(t, "read only", writes)
			a.is("the name", a.get("u1").String("name.givenName"), "")
			if err := stop(a.db); err != nil {
				t.Fatal(err)
			}
			reads, writes = a.requests()
			unavailable(t, "gone", reads)
			unavailable(t, "gone", writes)
			if e.dialect == sqlstore.PostgreSQL {
				if err := (&app{T: t}).mapped(e.driver, source, e.dialect); err == nil || !strings.HasPrefix(err.Error(), "sqlstore: ") {
					t.Errorf("opening what is gone: %v", err)
				}
				return
			}
			exec(t, db, "INSERT INTO scim_schema (version, name, checksum, applied_at) VALUES (99, 'later', 'x', 0)")
			if err := (&app{T: t}).mapped(e.driver, source, e.dialect); err == nil || !strings.Contains(err.Error(), "newer") {
				t.Errorf("opening what is newer: %v", err)
			}
		})
	}
}

func unavailable(t *testing.T, how string, all map[string]error) {
	t.Helper()
	for what, err := range all {
		if !errors.Is(err, scim.ErrUnavailable) {
			t.Errorf("%s: %s: %v", how, what, err)
		}
	}
}
