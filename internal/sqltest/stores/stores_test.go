package stores

import (
	"database/sql"
	"fmt"
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

type engine struct {
	name    string
	dialect sqlstore.Dialect
	open    func(t testing.TB) *sql.DB
}

// engines are the databases that the tests run on; locales have one more, in which
// letters sort in another order, and perhaps are lowered in another way.
var (
	engines = []engine{
		{"SQLite", sqlstore.SQLite, sqliteFile},
		{"PostgreSQL", sqlstore.PostgreSQL, func(t testing.TB) *sql.DB { return pgtest.Open(t) }},
	}
	locales = append(engines[:2:2], engine{"PostgreSQL, " + pgtest.CLocale, sqlstore.PostgreSQL,
		func(t testing.TB) *sql.DB { return pgtest.OpenIn(t, pgtest.CLocale) }})
)

// twoTenants gives storetest a database that all its tests share: each has two
// tenants of its own.
func twoTenants(s *sqlstore.Store, types ...*schema.ResourceType) func(t *testing.T) storetest.Host {
	n := 0
	return func(*testing.T) storetest.Host {
		n++
		h := storetest.Host{Tenants: []string{fmt.Sprint("a", n), fmt.Sprint("b", n)}}
		for _, rt := range types {
			h.Endpoints = append(h.Endpoints, scim.Endpoint{Type: rt, ForTenant: s.ForTenant(rt)})
		}
		return h
	}
}

func TestStore(t *testing.T) {
	t.Parallel()
	for _, e := range locales {
		t.Run(e.name, func(t *testing.T) {
			users, groups := schema.UserType(), schema.GroupType()
			s := mustOpen(t, e.open(t), e.dialect, sqlstore.Options{Types: []*schema.ResourceType{users, groups}})
			storetest.Run(t, twoTenants(s, users, groups))
		})
	}
}
