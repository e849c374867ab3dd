package stores

import (
	"errors"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// openApp opens a store on a database with the tables that ddl makes.
func openApp(t *testing.T, d sqlstore.Dialect, a *app, ddl string, table sqlstore.Table) error {
	t.Helper()
	exec(t, a.db, ddl)
	_, err := a.open(d, sqlstore.Options{Tables: []sqlstore.Table{table}})
	return err
}

// TestDeletedAt: what a client has deleted it can create again, another row, as
// often as it likes.
func TestDeletedAt(t *testing.T) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			a := &app{T: t, db: e.open(t), user: readOnly(schema.UserType(), "displayName")}
			table := variant(a.user, e.dialect)
			table.Existing = sqlstore.Refuse
			if err := openApp(t, e.dialect, a, variantTables[e.dialect], table); err != nil {
				t.Fatal(err)
			}
			seen := make(map[string]bool)
			for _, id := range []string{"1", "2", "3"} {
				r := a.new("dora@example.com")
				r.SetID("0199a7c0-0000-7000-8000-00000000000" + id)
				if err := a.users.Create(t.Context(), r); err != nil {
					t.Fatalf("creating it, %s: %v", id, err)
				}
				_, err := a.create("DORA@example.com")
				a.fails("creating it while it is there", err, scim.ErrConflict)
				seen[r.ID()] = true
				a.delete(r.ID())
			}
			a.is("how many rows there are", a.cell("SELECT count(*) FROM accounts"), "3")
			if len(seen) != 3 {
				t.Errorf("the ids are %v", seen)
			}
		})
	}
}

// TestPartialIndexes: an index counts where it is over all rows that SCIM sees,
// and must not be over deleted ones.
func TestPartialIndexes(t *testing.T) {
	const none, all = "email has no unique index", "DeletedAt needs a unique index WHERE deleted_at IS NULL"
	tests := []struct{ index, where, want string }{
		{"(org, email) WHERE deleted_at IS NULL", "", ""},
		{"(org, email) WHERE ( ( DELETED_AT  is\n null ) )", "", ""},
		{"(org, lower(email)) WHERE deleted_at IS NULL", "", ""},
		{"(org, email) WHERE deleted_at IS NULL AND plan <> 'Hidden'", "t.plan<>'Hidden'", ""},
		{"(org, email) WHERE plan <> 'Hidden' AND (deleted_at IS NULL)", "(t.plan <> 'Hidden') AND t.kind = 1", ""},
		{"(org, email) WHERE plan <> 'Hidden' AND (deleted_at IS NULL)", "", none},
		{"(org, email) WHERE plan <> 'hidden' AND (deleted_at IS NULL)", "t.plan <> 'Hidden'", none},
		{"(org, email) WHERE deleted_at IS NOT NULL", "", none},
		{"(org, email) WHERE deleted_at IS NULL AND kind = 1", "t.kind = 1 OR t.kind = 2", none},
		{"(org, kind) WHERE deleted_at IS NULL AND email IS NOT NULL", "t.email IS NOT NULL", none},
		{"(org) WHERE deleted_at IS NULL AND (email IS NOT NULL)", "t.email IS NOT NULL", none},
		{"(org, email, deleted_at)", "", none},
		{"(org, email)", "", all},
		{"(org, lower(email))", "", all},
	}
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			a := &app{T: t, db: e.open(t), user: schema.UserType()}
			when := map[sqlstore.Dialect]string{sqlstore.SQLite: "DATETIME", sqlstore.PostgreSQL: "timestamptz"}[e.dialect]
			for _, test := range tests {
				table := sqlstore.Table{Type: a.user, Name: "people", ID: "id", Tenant: "org", DeletedAt: "deleted_at", Where: test.where,
					Columns: map[string]sqlstore.Column{"userName": {Name: "email"}}}
				err := openApp(t, e.dialect, a, "DROP TABLE IF EXISTS people; CREATE TABLE people (id text PRIMARY KEY, org text NOT NULL, email text NOT NULL, plan text, kind int, deleted_at "+
					when+"); CREATE INDEX people_lower ON people (lower(email)); CREATE UNIQUE INDEX people_x ON people "+test.index, table)
				if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
					t.Errorf("%s, Where %q: %v, want %q", test.index, test.where, err, test.want)
				}
			}
		})
	}
}

// TestLongListValue: a value that a column of a list is too short for is refused,
// not cut. SQLite's columns have no lengths.
func TestLongListValue(t *testing.T) {
	postgres := engines[1]
	a := &app{T: t, db: postgres.open(t)}
	exec(t, a.db, "CREATE DOMAIN label AS varchar(8)")
	exec(t, a.db, strings.NewReplacer("number text", "number varchar(8)", "kind text", "kind label").Replace(hostTables[postgres.dialect]))
	a.user, a.group = hostTypes()
	a.mustOpen(postgres.dialect, sqlstore.Options{Tables: hostMapping(a.user, a.group, sqlstore.Refuse)})
	for _, test := range []struct {
		value, kind string
		fits        bool
	}{{"12345678", "eightier", true}, {"123456789", "home", false}, {"1", "ninechars", false}} {
		r := a.new("x" + test.value + "@example.com")
		r.Set("phoneNumbers", []any{map[string]any{"value": test.value, "type": test.kind}})
		if err := a.users.Create(t.Context(), r); (err == nil) != test.fits {
			t.Errorf("%s, %s: %v", test.value, test.kind, err)
		}
	}
	a.is("what is stored", a.cell("SELECT string_agg(number || ' ' || kind, ',') FROM user_phones"), "12345678 eightier")
}

// TestLongMember: an id that a column is too short for is that of nobody.
func TestLongMember(t *testing.T) {
	postgres := engines[1]
	a := &app{T: t, db: postgres.open(t)}
	exec(t, a.db, `CREATE TABLE people (id varchar(8) PRIMARY KEY DEFAULT substr(md5(CAST(random() AS text)), 1, 8), email text NOT NULL UNIQUE); CREATE INDEX people_email ON people (lower(email));
CREATE TABLE teams (id bigserial PRIMARY KEY, name text NOT NULL UNIQUE); CREATE INDEX teams_name ON teams (lower(name));
CREATE TABLE team_members (team_id bigint NOT NULL, user_id varchar(8) NOT NULL, PRIMARY KEY (team_id, user_id));
INSERT INTO people VALUES ('12345678', 'ann@example.com')`)
	a.user, a.group = hostTypes()
	a.mustOpen(postgres.dialect, sqlstore.Options{Tables: []sqlstore.Table{
		{Type: a.user, Name: "people", ID: "id", Existing: sqlstore.Adopt, Columns: map[string]sqlstore.Column{"userName": {Name: "email"}}},
		{Type: a.group, Name: "teams", ID: "id", Columns: map[string]sqlstore.Column{"displayName": {Name: "name"}},
			Members: &sqlstore.Members{Table: "team_members", Owner: "team_id", Member: "user_id", Type: a.user}},
	}})
	for id, known := range map[string]bool{"12345678": true, "123456789": false} {
		_, err := a.createGroup("of "+id, id)
		var unknown *scim.UnknownMembersError
		if known != (err == nil) || !known && !errors.As(err, &unknown) {
			t.Errorf("the member %s: %v", id, err)
		}
	}
}

// TestMovedRow: a row that the application moves to another tenant, hides or
// deletes by a time does not keep its name from new ones. What it hides for a
// while keeps what SCIM knows of it.
func TestMovedRow(t *testing.T) {
	for name, hide := range map[string]string{
		"another tenant": "org = 'zeta'", "Where": "plan = 'hidden'", "DeletedAt": "deleted_at = '2026-01-02 03:04:05'",
	} {
		for _, e := range engines {
			t.Run(e.name+"/"+name, func(t *testing.T) {
				a := &app{T: t, db: e.open(t), user: schema.UserType()}
				ddl := strings.NewReplacer(", UNIQUE (org, email), UNIQUE (org, email_key)", ", deleted_at TIMESTAMP").Replace(hostTables[e.dialect]) +
					"CREATE UNIQUE INDEX users_email ON users (org, email_key) WHERE deleted_at IS NULL AND plan <> 'hidden'"
				table := hostMapping(a.user, schema.GroupType(), sqlstore.Refuse)[0]
				table.Lists, table.DeletedAt, table.Where = nil, "deleted_at", "t.plan <> 'hidden'"
				if err := openApp(t, e.dialect, a, ddl, table); err != nil {
					t.Fatal(err)
				}
				r := a.new("ann@example.com")
				r.Set("title", "Boss")
				if err := a.users.Create(t.Context(), r); err != nil {
					t.Fatal(err)
				}
				_, err := a.create("ann@example.com")
				a.fails("creating it while it is there", err, scim.ErrConflict)
				exec(t, a.db, "UPDATE users SET "+hide)
				again, err := a.create("ann@example.com")
				if err != nil {
					t.Fatalf("creating it again: %v", err)
				}
				if again.ID() == r.ID() {
					t.Error("the id is the same")
				}
				exec(t, a.db, "UPDATE users SET email = 'b@example.com', email_key = 'b@example.com', org = 'acme', plan = 'free', deleted_at = NULL WHERE id = "+strings.TrimPrefix(r.ID(), "u"))
				a.is("the title of what is back", a.get(r.ID()).String("title"), "Boss")
			})
		}
	}
}
