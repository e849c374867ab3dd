package stores

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// TestRestOfMany: the application may change more rows at once than get new keys at
// once.
func TestRestOfMany(t *testing.T) {
	for _, e := range engines {
		for name, policy := range map[string]sqlstore.Existing{"Refuse": sqlstore.Refuse, "Adopt": sqlstore.Adopt} {
			t.Run(e.name+"/"+name, func(t *testing.T) {
				const n = 1200
				a := &app{T: t, db: e.open(t)}
				exec(t, a.db, restTables(e.dialect, "text"))
				a.openRest(e.dialect, policy, true)
				var rows []string
				for i := range n {
					email := fmt.Sprintf("u%d@example.com", i)
					rows = append(rows, fmt.Sprintf(`('acme', '%s', '%s', 'X', '{"title":"T%d"}')`, email, email, i))
				}
				exec(t, a.db, "INSERT INTO users (org, email, email_key, last_name, extra) VALUES "+strings.Join(rows, ", "))
				if policy == sqlstore.Refuse { // as if clients had made them
					keys := map[sqlstore.Dialect]string{sqlstore.SQLite: "jsonb('{}')", sqlstore.PostgreSQL: "CAST('{}' AS jsonb)"}[e.dialect]
					exec(t, a.db, `INSERT INTO scim_resources (tenant, type, id, doc, keys, display, version, created, modified)
						SELECT 'acme', 'User', 'u' || CAST(id AS text), '{}', `+keys+`, '', 'v', 1, 1 FROM users`)
				}
				exec(t, a.db, "ANALYZE") // rows that come all at once
				for _, word := range []string{"T", "New"} {
					exec(t, a.db, `UPDATE users SET extra = replace(extra, '"T', '"`+word+`')`)
					for _, i := range []int{0, 499, 500, 501, 999, 1000, 1199} {
						a.finds(fmt.Sprintf(`title eq "%s%d"`, strings.ToLower(word), i), fmt.Sprint("u", i+1))
					}
					a.is("how many there are", fmt.Sprint(a.total(`title pr and not (title co "x")`)), fmt.Sprint(n))
				}
				a.is("how many have the old one", fmt.Sprint(a.total(`title sw "t"`)), "0")
			})
		}
	}
}

// TestRestAtOnce: clients that change a resource, the application that changes its
// column, and those who look for it, all at once, leave it such that it is found by
// what it has. Nobody's change of another attribute is lost.
func TestRestAtOnce(t *testing.T) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			a := &app{T: t, db: e.open(t)}
			exec(t, a.db, restTables(e.dialect, "text"))
			a.openRest(e.dialect, sqlstore.Adopt, true)
			exec(t, a.db, `INSERT INTO users (org, email, email_key, last_name, extra) VALUES ('acme', 'ann@example.com', 'ann@example.com', 'Lee', '{"title":"N0","nickName":"M0"}')`)
			var wg sync.WaitGroup
			const rounds = 15
			for range 3 {
				wg.Go(func() {
					for range rounds {
						if _, err := a.users.List(context.Background(), scim.Query{Filter: a.bound(`title pr`), StartIndex: 1, Count: 10}); err != nil {
							t.Error(err)
						}
					}
				})
			}
			wg.Go(func() {
				for i := range rounds {
					_, err := a.users.Update(context.Background(), "u1", func(r *scim.Resource) error { return r.Set("nickName", fmt.Sprint("M", i+1)) })
					if err != nil {
						t.Error(err)
					}
				}
			})
			app, err := a.db.Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer app.Close()
			if e.dialect == sqlstore.SQLite {
				if _, err := app.ExecContext(t.Context(), "PRAGMA busy_timeout = 30000"); err != nil {
					t.Fatal(err)
				}
			}
			wg.Go(func() {
				for i := range rounds {
					if _, err := app.ExecContext(t.Context(), fmt.Sprintf(`UPDATE users SET extra = replace(extra, '"N%d"', '"N%d"')`, i, i+1)); err != nil {
						t.Error(err)
					}
				}
			})
			wg.Wait()
			a.finds(fmt.Sprintf(`title eq "n%d" and nickName eq "m%d"`, rounds, rounds), "u1")
			a.holds("the column", a.extra(1), fmt.Sprintf(`{"title":"N%d","nickName":"M%d"}`, rounds, rounds))
		})
	}
}

// TestRestAndDeletedAt: what is deleted keeps its column, and is not found.
func TestRestAndDeletedAt(t *testing.T) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			a := &app{T: t, db: e.open(t), user: readOnly(schema.UserType(), "displayName")}
			table := variant(a.user, e.dialect)
			delete(table.Columns, "title")
			table.Rest = "more"
			if err := openApp(t, e.dialect, a, variantTables[e.dialect]+"ALTER TABLE accounts ADD more text", table); err != nil {
				t.Fatal(err)
			}
			r := a.new("dora@example.com")
			r.SetID("0199a7c0-0000-7000-8000-000000000001")
			r.Set("title", "Boss")
			if err := a.users.Create(t.Context(), r); err != nil {
				t.Fatal(err)
			}
			a.finds(`title eq "boss"`, r.ID())
			a.delete(r.ID())
			a.finds(`title pr`, "")
			exec(t, a.db, `UPDATE accounts SET more = '{"title":"Late","x":1}'`)
			a.finds(`title pr`, "")
			exec(t, a.db, `UPDATE accounts SET gone = NULL`)
			a.finds(`title eq "late"`, r.ID())
			a.finds(`title eq "boss" or meta.created pr`, "")
		})
	}
}

// TestRestOfGroups: groups have a column for the rest, too, and their members stay in
// their table.
func TestRestOfGroups(t *testing.T) {
	withRestApp(t, sqlstore.Adopt, func(a *app) {
		r, err := scim.ParseResource(a.group, []byte(`{"displayName":"Staff","externalId":"g-1","members":[{"value":"u1"},{"value":"u2"}]}`))
		if err != nil {
			t.Fatal(err)
		}
		if err := a.groups.Create(a.Context(), r); err != nil {
			t.Fatal(err)
		}
		a.is("the column", strings.ReplaceAll(a.cell("SELECT extra FROM teams"), " ", ""), `{"externalId":"g-1"}`)
		a.finds(`groups.value eq "`+r.ID()+`" and title eq "boss"`, "u2")
		exec(a, a.db, `UPDATE teams SET extra = '{"externalId":"g-2","members":[{"value":"u7"}],"color":"red"}'`)
		g, err := a.groups.Get(a.Context(), r.ID(), scim.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		a.is("the external id", g.String("externalId"), "g-2")
		a.is("how many members there are", fmt.Sprint(len(g.Values("members"))), "2")
	})
}
