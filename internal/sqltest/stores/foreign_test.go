package stores

import (
	"context"
	"database/sql"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/scimkit/scimkit/internal/sqltest/foreign"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
	"github.com/scimkit/scimkit/store/storetest"
)

// TestForeignTables: the contract holds with most attributes in columns, beside
// rows that clients do not see and the host is asked about, in every locale.
func TestForeignTables(t *testing.T) {
	t.Parallel()
	for _, e := range locales {
		t.Run(e.name, func(t *testing.T) {
			db := e.open(t)
			exec(t, db, foreign.Tables(e.dialect, foreign.Numbers))
			users, groups := schema.UserType(), schema.GroupType()
			tables := foreign.Mapping(foreign.Numbers, users, groups, sqlstore.AskHost)
			var asked atomic.Int64
			for i := range tables {
				tables[i].Ask = func(context.Context, *scim.Resource, *scim.Resource) error {
					asked.Add(1)
					return nil
				}
			}
			s := mustOpen(t, db, e.dialect, sqlstore.Options{Tables: tables})
			open := twoTenants(s, users, groups)
			storetest.Run(t, func(t *testing.T) storetest.Host {
				h := open(t)
				for _, org := range h.Tenants {
					hidden(t, db, org)
				}
				h.MayRefuse, h.Adjust = true, lowered
				return h
			})
			if n := asked.Load(); n != 0 {
				t.Errorf("the host was asked %d times about rows that nobody wants to create", n)
			}
			adoptHidden(t, s, users)
			if asked.Load() != 1 {
				t.Errorf("the host was asked %d times", asked.Load())
			}
		})
	}
}

// hidden makes people and a team of the application's.
func hidden(t *testing.T, db *sql.DB, org string) {
	t.Helper()
	const rows = `
		INSERT INTO users (org, login, login_key, label, label_key) VALUES ('{org}', 'hidden-1', 'hidden-1', 'Ann', 'ann'), ('{org}', 'hidden-2', 'hidden-2', NULL, NULL);
		INSERT INTO user_emails (org, user_id, place, address) SELECT org, id, 1, login || '@example.com' FROM users WHERE org = '{org}';
		INSERT INTO teams (org, name, name_key) VALUES ('{org}', 'hidden', 'hidden');
		INSERT INTO team_members (org, team_id, user_id) SELECT u.org, t.id, u.id FROM users u JOIN teams t ON t.org = u.org WHERE u.org = '{org}'`
	exec(t, db, strings.ReplaceAll(rows, "{org}", org))
}

// adoptHidden creates a user who is there.
func adoptHidden(t *testing.T, s *sqlstore.Store, users *schema.ResourceType) {
	t.Helper()
	h, err := s.ForTenant(users)(t.Context(), "a1")
	if err != nil {
		t.Fatal(err)
	}
	r, err := scim.NewResource(users, &scim.User{UserName: "Hidden-1"})
	if err == nil {
		err = h.Create(t.Context(), r)
	}
	if err != nil || r.String("displayName") != "Ann" || len(r.ID()) < 2 {
		t.Errorf("the user is %s, %q: %v", r.ID(), r.String("displayName"), err)
	}
}

// lowered keeps texts that have no column with a key to letters that every
// database lowers, and to what is no empty text.
func lowered(t *schema.ResourceType, attributes map[string]any) {
	for name, v := range attributes {
		if name != "userName" && name != "displayName" {
			attributes[name] = plain(v)
		}
	}
}

func plain(v any) any {
	switch v := v.(type) {
	case string:
		if v = ascii(v); v == "" {
			return "x"
		}
		return v
	case map[string]any:
		for name, sub := range v {
			v[name] = plain(sub)
		}
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
	}
	return v
}

// TestLongElements: the elements of a list may have more columns than there are
// digits.
func TestLongElements(t *testing.T) {
	thing := &schema.ResourceType{Name: "Thing", Endpoint: "/Things", Schema: &schema.Schema{ID: "urn:example:Thing", Name: "Thing",
		Attributes: []schema.Attribute{{Name: "parts", Type: schema.Complex, MultiValued: true}}}}
	columns, element := map[string]string{}, map[string]any{}
	table := "CREATE TABLE things (id TEXT NOT NULL PRIMARY KEY); CREATE TABLE parts (thing TEXT NOT NULL"
	for c := 'a'; c <= 'm'; c++ {
		name := string(c)
		parts := &thing.Schema.Attributes[0]
		parts.SubAttributes = append(parts.SubAttributes, schema.Attribute{Name: name})
		columns[name], element[name] = "part_"+name, "of "+name
		table += ", part_" + name + " TEXT"
	}
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			db := e.open(t)
			exec(t, db, table+")")
			s := mustOpen(t, db, e.dialect, sqlstore.Options{Tables: []sqlstore.Table{{Type: thing, Name: "things", ID: "id",
				Lists: map[string]sqlstore.List{"parts": {Table: "parts", Owner: "thing", Columns: columns}}}}})
			r, err := scim.NewResource(thing, nil)
			if err == nil {
				err = r.Set("parts", []any{element})
			}
			if err == nil {
				err = s.Handler(thing).Create(t.Context(), r)
			}
			if err != nil {
				t.Fatal(err)
			}
			found, err := s.Handler(thing).Get(t.Context(), r.ID(), scim.GetOptions{})
			if err != nil || found.String("parts.a") != "of a" || found.String("parts.m") != "of m" {
				t.Errorf("%v, %v", found, err)
			}
		})
	}
}
