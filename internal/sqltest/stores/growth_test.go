package stores

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/internal/sqltest/blocks"
	"github.com/scimkit/scimkit/internal/sqltest/pgtest"
	"github.com/scimkit/scimkit/internal/sqltest/spy"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// grown is an application with so many users, of whom a twentieth is another
// tenant's, and a team for each 20 users, with 60 members.
func grown(t *testing.T, users int, policy sqlstore.Existing, groups string, analyzed bool) (*app, *blocks.Meter) {
	t.Helper()
	url := pgtest.URL(t)
	source, meter := blocks.Source(t, url)
	a := &app{T: t}
	a.db, _ = spy.Open(t, "pgx", source)
	a.db.SetMaxOpenConns(1)
	a.user, a.group = hostTypes()
	exec(t, a.db, hostTables[sqlstore.PostgreSQL]+"CREATE INDEX members_user ON team_members (user_id); CREATE INDEX phones_user ON user_phones (user_id)")
	tables := hostMapping(a.user, a.group, policy)
	options := sqlstore.Options{Tables: tables}
	if groups == "library's" {
		options.Tables = tables[:1]
		options.Types = append(options.Types, a.group)
	}
	a.mustOpen(sqlstore.PostgreSQL, options)
	for _, table := range []string{"users", "user_phones", "teams", "team_members", "scim_resources", "scim_members", "scim_names", "scim_counts"} {
		exec(t, a.db, "ALTER TABLE "+table+" SET (autovacuum_enabled = off)")
	}
	db, err := sql.Open("pgx", url) // without the meter
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	exec(t, db, fmt.Sprintf(`
INSERT INTO users (org, email, email_key, last_name) SELECT CASE WHEN n %% 20 = 0 THEN 'zeta' ELSE 'acme' END, 'u' || n || '@x.com', 'u' || n || '@x.com', 'L' || n FROM generate_series(1, %[1]d) n;
INSERT INTO user_phones (user_id, place, number, kind) SELECT id, 0, '+' || id, 'work' FROM users;
INSERT INTO teams (org, name, name_key) SELECT 'acme', 'Team' || n, 'team' || n FROM generate_series(1, %[1]d / 20) n;
INSERT INTO team_members SELECT t, u FROM generate_series(1, %[1]d / 20) t, generate_series(t * 20 - 39, t * 20 + 20) u WHERE u %% 20 <> 0 AND u BETWEEN 1 AND %[1]d;
INSERT INTO scim_resources (tenant, type, id, doc, keys, external_key, name_key, display, version, created, modified)
	SELECT org, 'User', 'u' || id, '{}', '{}', 'e' || id, email_key, email, 'v', 0, 0 FROM users;`, users))
	if groups == "library's" {
		exec(t, db, `
INSERT INTO scim_resources (tenant, type, id, doc, keys, name_key, display, version, created, modified)
	SELECT org, 'Group', 't' || id, '{"id":"t' || id || '","displayName":"' || name || '"}', jsonb_build_object('displayName', name_key), name_key, name, 'v', 0, 0 FROM teams;
INSERT INTO scim_members SELECT 'acme', 'Group', 't' || team_id, 'User', 'u' || user_id, 0 FROM team_members; DELETE FROM team_members`)
	} else {
		exec(t, db, `INSERT INTO scim_resources (tenant, type, id, doc, keys, name_key, display, version, created, modified)
	SELECT org, 'Group', 't' || id, '{}', '{}', name_key, name, 'v', 0, 0 FROM teams`)
	}
	if analyzed {
		exec(t, a.db, "ANALYZE")
	}
	exec(t, a.db, "SET statement_timeout = 10000") // a bad plan takes minutes
	return a, meter
}

// growing are requests about a user, whose number is no multiple of 20, and a team.
var growing = []struct {
	name string
	do   func(a *app, user, team int) error
}{
	{"a user", func(a *app, u, _ int) error {
		_, err := a.users.Get(a.Context(), uid(u), scim.GetOptions{})
		return err
	}},
	{"a group", func(a *app, _, g int) error {
		_, err := a.groups.Get(a.Context(), tid(g), scim.GetOptions{})
		return err
	}},
	{"userName", func(a *app, u, _ int) error { return a.one(fmt.Sprintf(`userName eq "U%d@x.com"`, u)) }},
	{"id", func(a *app, u, _ int) error { return a.one(`id eq "` + uid(u) + `"`) }},
	{"externalId", func(a *app, u, _ int) error { return a.one(fmt.Sprintf(`externalId eq "e%d"`, u)) }},
	{"groups.value", func(a *app, _, g int) error { return a.some(a.find(`groups.value eq "` + tid(g) + `"`)) }},
	{"members.value", func(a *app, u, _ int) error {
		e, err := filter.Parse(`members.value eq "` + uid(u) + `"`)
		if err != nil {
			return err
		}
		f, err := filter.Bind(e, a.group)
		if err != nil {
			return err
		}
		p, err := a.groups.List(a.Context(), scim.Query{Filter: f, StartIndex: 1, Count: 10, Omit: []string{"members"}})
		if err == nil && p.Total == 0 {
			err = errors.New("nothing is found")
		}
		return err
	}},
	{"displayName of a group", func(a *app, _, g int) error {
		if len(a.findGroups(fmt.Sprintf(`displayName eq "TEAM%d"`, g))) != 1 {
			return errors.New("it is not found")
		}
		return nil
	}},
	{"a new user", func(a *app, u, _ int) error {
		r := a.new(fmt.Sprintf("new%d@x.com", u))
		r.Set("phoneNumbers", []any{map[string]any{"value": "1"}})
		return a.users.Create(a.Context(), r)
	}},
	{"a new group", func(a *app, u, _ int) error {
		_, err := a.createGroup(fmt.Sprint("New", u), uid(u), uid(u+1))
		return err
	}},
	{"a change", func(a *app, u, _ int) error {
		_, err := a.users.Update(a.Context(), uid(u), func(r *scim.Resource) error { return errors.Join(r.Set("title", "x"), r.Set("name.familyName", "New")) })
		return err
	}},
	{"another name", func(a *app, u, _ int) error {
		_, err := a.users.Update(a.Context(), uid(u), func(r *scim.Resource) error { return r.Set("userName", fmt.Sprintf("other%d@x.com", u)) })
		return err
	}},
	{"new members", func(a *app, u, g int) error {
		return a.changeMembers(tid(g), scim.ListDelta{Add: []scim.Member{{Value: uid(u - 303)}, {Value: uid(u - 304)}, {Value: uid(u - 305)}}})
	}},
	{"fewer members", func(a *app, _, g int) error {
		return a.changeMembers(tid(g), scim.ListDelta{Remove: []string{uid(20*g + 1)}})
	}},
	{"other members", func(a *app, u, g int) error {
		return a.changeMembers(tid(g), scim.ListDelta{Replace: true, Add: []scim.Member{{Value: uid(u)}}})
	}},
	{"a user goes", func(a *app, u, _ int) error {
		return a.users.Delete(a.Context(), uid(u+2), func(*scim.Resource) error { return nil })
	}},
	{"a group goes", func(a *app, _, g int) error {
		return a.groups.Delete(a.Context(), tid(g), func(*scim.Resource) error { return nil })
	}},
}

func uid(n int) string { return fmt.Sprint("u", n) }
func tid(n int) string { return fmt.Sprint("t", n) }

func (a *app) one(f string) error { return a.some(a.find(f)[:1]) }

func (a *app) some(ids []string) error {
	if len(ids) == 0 {
		return errors.New("nothing is found")
	}
	return nil
}

// TestHostGrowth: with ten times as many rows in the host's tables, PostgreSQL
// does not touch more pages for what is about a few of them, whether it has
// statistics or not yet. The control does.
func TestHostGrowth(t *testing.T) {
	t.Parallel()
	for _, policy := range []sqlstore.Existing{sqlstore.Refuse, sqlstore.Adopt} {
		for _, groups := range []string{"host's", "library's"} {
			for _, analyzed := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/%s groups/analyzed %v", []string{"Refuse", "Adopt"}[policy], groups, analyzed), func(t *testing.T) {
					few, many := hostPages(t, 2_000, policy, groups, analyzed), hostPages(t, 20_000, policy, groups, analyzed)
					for name := range few {
						a, b := blocks.Pages(few[name]), blocks.Pages(many[name])
						// 200 pages are the entries of all people in an index.
						grows := b > 2*a+200
						if name == "the control" {
							grows = b < 5*a
						}
						if grows {
							t.Errorf("%s: %d pages, and %d with ten times as many users", name, a, b)
							for _, s := range many[name] {
								if s.Pages > 60 {
									t.Logf("%d pages: %s", s.Pages, s.Plan)
								}
							}
						}
					}
				})
			}
		}
	}
}

// hostPages gives the statements of the last of seven requests of each kind.
func hostPages(t *testing.T, users int, policy sqlstore.Existing, groups string, analyzed bool) map[string][]blocks.Statement {
	t.Helper()
	a, meter := grown(t, users, policy, groups, analyzed)
	all := make(map[string][]blocks.Statement)
	for _, g := range growing {
		if groups != "host's" && strings.HasPrefix(g.name, "a new group") {
			continue
		}
		for i := range 7 {
			meter.Take()
			if err := g.do(a, users-20*i-38, users/20-2*i-4); err != nil {
				t.Fatalf("%s: %v", g.name, err)
			}
			all[g.name] = meter.Take()
		}
	}
	meter.Take()
	a.find(`name.familyName co "none"`)
	all["the control"] = meter.Take()
	return all
}
