package stores

import (
	"errors"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/internal/sqltest/spy"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// TestTypeAltered: requests go on while the application gives a column another type,
// after which PostgreSQL refuses what was prepared, once on each connection.
func TestTypeAltered(t *testing.T) {
	a := &app{T: t, db: engines[1].open(t), user: schema.UserType()}
	ddl, table := typed(a, sqlstore.PostgreSQL, "title", "varchar(10)")
	a.must(openApp(t, sqlstore.PostgreSQL, a, ddl, table), "")
	r := a.parse(`{"userName":"ann","title":"Boss"}`)
	list := func(f string) func() error {
		return func() error {
			q := scim.Query{StartIndex: 1, Count: 1}
			if f != "" {
				q.Filter = a.bound(f)
			}
			_, err := a.users.List(t.Context(), q)
			return err
		}
	}
	for i, request := range []func() error{
		func() error { _, err := a.users.Get(t.Context(), r.ID(), scim.GetOptions{}); return err },
		list(""),
		list(`title eq "Boss"`),
		func() error {
			_, err := a.users.Update(t.Context(), r.ID(), func(r *scim.Resource) error { return r.Set("title", "Boss") })
			return err
		},
		func() error {
			return a.users.Delete(t.Context(), r.ID(), func(*scim.Resource) error { return scim.ErrForbidden })
		},
	} {
		want := request()
		for _, typ := range []string{"text", "varchar(10)"} {
			exec(t, a.db, "ALTER TABLE people ALTER COLUMN c TYPE "+typ)
			if err := request(); !errors.Is(err, want) {
				t.Errorf("request %d after the change to %s: %v, want %v", i, typ, err, want)
			}
		}
	}
}

// TestFeatureRefused: a trigger that refuses with the same code is not asked again.
func TestFeatureRefused(t *testing.T) {
	e := sources[1]
	db, seen := spy.Open(t, e.driver, e.source(t))
	a := &app{T: t, db: db, user: schema.UserType()}
	ddl, table := typed(a, e.dialect, "title", "text")
	a.must(openApp(t, e.dialect, a, ddl, table), "")
	r := a.parse(`{"userName":"ann"}`)
	exec(t, db, `CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = 'feature_not_supported'; END $$;
		CREATE TRIGGER no BEFORE UPDATE ON people FOR EACH ROW EXECUTE FUNCTION no()`)
	seen.Statements()
	_, err := a.users.Update(t.Context(), r.ID(), func(r *scim.Resource) error { return r.Set("title", "Boss") })
	if err == nil || errors.Is(err, scim.ErrUnavailable) || !strings.Contains(err.Error(), "0A000") {
		t.Errorf("the error is %v", err)
	}
	tries := ""
	for _, s := range seen.Statements() {
		if strings.HasPrefix(s, "UPDATE people") {
			tries += "U"
		}
	}
	a.is("the attempts", tries, "U")
}
