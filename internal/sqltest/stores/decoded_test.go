package stores

import (
	"errors"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// TestDecoded: what Decode makes of a column, only Decode knows: a filter or an
// order on it is refused, or done in memory, and never answered from the column.
func TestDecoded(t *testing.T) {
	departments := map[string]string{"10": "Support", "20": "Sales"}
	decode := func(f func(column string) any) func(any) (any, error) {
		return func(v any) (any, error) {
			s, _ := v.(string)
			return f(s), nil
		}
	}
	for _, e := range engines {
		for _, scan := range []int{0, 10} {
			t.Run(e.name+"/"+map[bool]string{true: "Scan", false: "refused"}[scan > 0], func(t *testing.T) {
				a := &app{T: t, db: e.open(t), user: schema.UserType()}
				exec(t, a.db, ddl(e.dialect, `CREATE TABLE people (id {id}, email text NOT NULL UNIQUE, status text NOT NULL, dept text, nick text, addr text); CREATE INDEX people_email ON people (lower(email));
					INSERT INTO people (email, status, dept, nick, addr) VALUES ('a', 'active', '10', 'n', '1@x'), ('b', 'off', '20', 'n', '2@x')`))
				table := peopleOf(a.user)
				table.Columns["active"] = sqlstore.Column{Name: "status", Encode: keep, Decode: decode(func(s string) any { return s == "active" })}
				table.Columns["displayName"] = sqlstore.Column{Name: "dept", Encode: keep, Decode: decode(func(s string) any { return departments[s] })}
				table.Columns["nickName"] = sqlstore.Column{Name: "nick", SQL: "t.nick || '!'", Encode: keep, Decode: decode(func(s string) any { return s })}
				table.Columns[`emails[type eq "work"].value`] = sqlstore.Column{Name: "addr", Encode: keep, Decode: decode(func(s string) any { return "mail" + s })}
				a.mustOpen(e.dialect, sqlstore.Options{Scan: scan, Tables: []sqlstore.Table{table}})
				a.is("what is decoded", a.get("1").String("displayName"), "Support")
				a.is("the control", strings.Join(a.find(`nickName eq "N!"`), " "), "1 2")
				for f, want := range map[string]string{
					"active eq true": "1", "not (active eq false)": "1", `displayName eq "sales"`: "2", "displayName pr": "1 2", `displayName eq "10"`: "",
					`userName eq "b" and active eq true`: "", `emails.value eq "mail1@x"`: "1", `emails[type eq "work" and value eq "1@x"]`: "",
				} {
					if scan > 0 {
						a.finds(f, want)
						continue
					}
					bound := bind(t, a.user, f)
					_, err := a.users.List(t.Context(), scim.Query{Filter: bound, StartIndex: 1, Count: 10})
					a.unsupported(f, err)
				}
				order, _ := filter.NewOrder(a.user, "displayName", false)
				p, err := a.users.List(t.Context(), scim.Query{Order: order, StartIndex: 1, Count: 10})
				if scan == 0 {
					a.unsupported("sorting", err)
				} else if err != nil || p.Resources[0].ID() != "2" {
					t.Errorf("sorting: %v, %v", p.Resources, err)
				}
			})
		}
	}
}

func (a *app) unsupported(what string, err error) {
	a.Helper()
	var refusal *scim.Error
	if !errors.As(err, &refusal) || refusal.Status != 400 || refusal.Type != "invalidFilter" {
		a.Errorf("%s: %v, want 400 invalidFilter", what, err)
	}
}
