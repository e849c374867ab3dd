package stores

import (
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/scimkit/scimkit/internal/sqltest/pgtest"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
	"github.com/scimkit/scimkit/store/storetest"
	_ "modernc.org/sqlite"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func sqliteFile(t testing.TB) *sql.DB {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "test.db")+"?_pragma=journal_mode(WAL)&_pragma=synchronous(OFF)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// engines are the databases that the tests run on.
var engines = []struct {
	name    string
	dialect sqlstore.Dialect
	open    func(t testing.TB) *sql.DB
}{
	{"SQLite", sqlstore.SQLite, sqliteFile},
	{"PostgreSQL", sqlstore.PostgreSQL, func(t testing.TB) *sql.DB { return pgtest.Open(t) }},
}

func TestStore(t *testing.T) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			storetest.Run(t, func(t *testing.T) storetest.Host {
				users, groups := schema.UserType(), schema.GroupType()
				db := e.open(t)
				s, err := sqlstore.Open(t.Context(), db, e.dialect, sqlstore.Options{Relaxed: true, Types: []*schema.ResourceType{users, groups}})
				if err != nil {
					t.Fatal(err)
				}
				return storetest.Host{Endpoints: []scim.Endpoint{
					{Type: users, ForTenant: s.ForTenant(users)},
					{Type: groups, ForTenant: s.ForTenant(groups)},
				}}
			})
		})
	}
}
