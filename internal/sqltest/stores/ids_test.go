package stores

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// idTypes are the types of a host's keys: that of the id of people and teams, and
// that of the columns of the table that joins them.
var idTypes = []struct {
	dialect        sqlstore.Dialect
	name, id, join string
	ids            [3]string // the third is nobody's
}{
	{sqlstore.PostgreSQL, "smallint", "smallint", "smallint", [3]string{"1", "32767", "5"}},
	{sqlstore.PostgreSQL, "integer", "integer", "integer", [3]string{"1", "2147483647", "5"}},
	{sqlstore.PostgreSQL, "bigint", "bigint", "bigint", [3]string{"1", "9223372036854775807", "5"}},
	{sqlstore.PostgreSQL, "bigint, join of smallint", "bigint", "smallint", [3]string{"1", "32767", "5"}},
	{sqlstore.PostgreSQL, "domains", "number", "number", [3]string{"1", "2147483647", "5"}},
	{sqlstore.PostgreSQL, "uuid", "uuid", "uuid", [3]string{"0e5cd7b8-6a43-4b0f-9f4c-3f1d9a1c0001", "0e5cd7b8-6a43-4b0f-9f4c-3f1d9a1c0002", "0e5cd7b8-6a43-4b0f-9f4c-3f1d9a1c0009"}},
	{sqlstore.PostgreSQL, "varchar", "varchar(8)", "text", [3]string{"ann", "bobbobbo", "cid"}},
	{sqlstore.PostgreSQL, "char", "char(8)", "char(8)", [3]string{"ann", "bobbobbo", "cid"}},
	{sqlstore.PostgreSQL, "any case", "text COLLATE nocase", "text COLLATE nocase", [3]string{"ann", "bobbobbo", "cid"}},
	{sqlstore.SQLite, "integer", "INTEGER", "INTEGER", [3]string{"1", "9223372036854775807", "5"}},
	{sqlstore.SQLite, "int2", "INT2", "INT2", [3]string{"1", "40000", "5"}},
	{sqlstore.SQLite, "text", "TEXT", "TEXT", [3]string{"ann", "bob", "cid"}},
	{sqlstore.SQLite, "any case", "TEXT COLLATE NOCASE", "TEXT COLLATE NOCASE", [3]string{"ann", "bob", "cid"}},
	{sqlstore.SQLite, "no type", "", "", [3]string{"ann", "bob", "cid"}},
}

// strangeIDs name nobody, whatever the type of the keys is.
var strangeIDs = []string{
	"7", "0", "-1", "-0", "+1", "01", "1 ", " 1", "1.0", "1e0", "0x1", "40001", "32768", "65537", "-32769", "2147483648", "4294967297", "-2147483649",
	"9223372036854775806", "9223372036854775808", "18446744073709551617", "-9223372036854775809", "99999999999999999999999999", "NaN", "null", "true",
	"0e5cd7b8-6a43-4b0f-9f4c-3f1d9a1c0003", "0E5CD7B8-6A43-4B0F-9F4C-3F1D9A1C0001", "0e5cd7b86a434b0f9f4c3f1d9a1c0001", "{0e5cd7b8-6a43-4b0f-9f4c-3f1d9a1c0001}", "0e5cd7b8", "0e5cd7b8-6a43-4b0f-9f4c-3f1d9a1c000g",
	"ANN", "ann ", "Ann", "ａｎｎ", "bobbobbob", "no'one", `"`, "\\", "%", "\xff", "a\x00b", "", "😀", strings.Repeat("9", 3000), strings.Repeat("x", 20000),
}

// withIDs runs a test on each type of key, with the groups in the host's tables or
// in the library's.
func withIDs(t *testing.T, test func(a *app, ids [3]string)) {
	for _, e := range engines {
		for _, k := range idTypes {
			if k.dialect != e.dialect {
				continue
			}
			for _, where := range []string{"host's groups", "library's groups"} {
				t.Run(e.name+"/"+k.name+"/"+where, func(t *testing.T) {
					a := &app{T: t, db: e.open(t), user: schema.UserType(), group: flatGroups()}
					if e.dialect == sqlstore.PostgreSQL {
						exec(t, a.db, `CREATE SEQUENCE made START 100; CREATE DOMAIN number AS integer; CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`)
					}
					made := ""
					switch {
					case k.id == "INTEGER":
						made = " AUTOINCREMENT"
					case k.id == "INT2":
						made = " DEFAULT (100 + abs(random() % 30000))"
					case k.ids[2] == "5":
						made = " DEFAULT nextval('made')"
					case strings.Contains(k.id, "char("):
						made = " DEFAULT substr(md5(CAST(random() AS text)), 1, 8)"
					}
					exec(t, a.db, fmt.Sprintf(`CREATE TABLE people (id %[1]s NOT NULL PRIMARY KEY%[5]s, email text NOT NULL UNIQUE); CREATE INDEX people_email ON people (lower(email));
						CREATE TABLE teams (id %[1]s NOT NULL PRIMARY KEY%[5]s, name text NOT NULL UNIQUE); CREATE INDEX teams_name ON teams (lower(name));
						CREATE TABLE team_people (team %[2]s NOT NULL, person %[2]s NOT NULL, PRIMARY KEY (team, person));
						INSERT INTO people VALUES ('%[3]s', 'a@x.com'), ('%[4]s', 'b@x.com'); INSERT INTO teams VALUES ('%[3]s', 'A')`, k.id, k.join, k.ids[0], k.ids[1], made))
					tables := []sqlstore.Table{
						{Type: a.user, Name: "people", ID: "id", Existing: sqlstore.Adopt, Columns: map[string]sqlstore.Column{"userName": {Name: "email"}}},
						{Type: a.group, Name: "teams", ID: "id", Existing: sqlstore.Adopt, Columns: map[string]sqlstore.Column{"displayName": {Name: "name"}},
							Members: &sqlstore.Members{Table: "team_people", Owner: "team", Member: "person", Type: a.user}},
					}
					options := sqlstore.Options{Tables: tables}
					if where != "host's groups" {
						options.Tables, options.Types = tables[:1], []*schema.ResourceType{a.group}
					}
					a.mustOpen(e.dialect, options)
					test(a, k.ids)
				})
			}
		}
	}
}

// quoted is a literal of a filter.
func quoted(id string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(id) + `"`
}

// TestStrangeIDs: an id that the column cannot hold, or would hold as another, is
// that of nobody, wherever a client sends it.
func TestStrangeIDs(t *testing.T) {
	t.Parallel()
	withIDs(t, func(a *app, ids [3]string) {
		g, _ := scim.NewResource(a.group, &scim.Group{DisplayName: "Staff", Members: []scim.Reference{{Value: ids[0]}, {Value: ids[1]}}})
		g.SetID(ids[1])
		if err := a.groups.Create(a.Context(), g); err != nil {
			a.Fatal(err)
		}
		for _, id := range strangeIDs {
			for _, h := range []scim.ResourceHandler{a.users, a.groups} {
				a.nobody(h, id)
			}
			a.noMember(g.ID(), id, ids[2])
			if utf8.ValidString(id) && !strings.Contains(id, "\x00") {
				a.notFound(id)
			}
		}
		a.is("the members", a.shownMembers(g.ID()), ids[0]+" "+ids[1])
		for _, id := range ids[:2] {
			a.is("who has the id "+id, strings.Join(a.find("id eq "+quoted(id)), " "), id)
			if len(a.findGroups("members.value eq "+quoted(id))) != 1 {
				a.Errorf("no group has the member %s", id)
			}
			if err := a.users.Delete(a.Context(), id, func(*scim.Resource) error { return nil }); err != nil {
				a.Error(err)
			}
		}
	})
}

// nobody: there is no resource called id.
func (a *app) nobody(h scim.ResourceHandler, id string) {
	a.Helper()
	_, err := h.Get(a.Context(), id, scim.GetOptions{})
	a.fails(fmt.Sprintf("getting %.60q", id), err, scim.ErrNotFound)
	_, err = h.Update(a.Context(), id, func(*scim.Resource) error { return nil })
	a.fails(fmt.Sprintf("changing %.60q", id), err, scim.ErrNotFound)
	a.fails(fmt.Sprintf("deleting %.60q", id), h.Delete(a.Context(), id, func(*scim.Resource) error { return nil }), scim.ErrNotFound)
	if l, ok := h.(scim.ListUpdater); ok && h == a.groups {
		_, err = l.UpdateList(a.Context(), id, scim.ListDelta{Attribute: "members"}, func(*scim.Resource, bool) error { return nil })
		a.fails(fmt.Sprintf("changing the members of %.60q", id), err, scim.ErrNotFound)
	}
}

// noMember: id is not that of somebody who can be in the group g.
func (a *app) noMember(g, id, free string) {
	a.Helper()
	var unknown *scim.UnknownMembersError
	if err := a.add(g, id); !errors.As(err, &unknown) {
		a.Errorf("adding %.60q: %v", id, err)
	}
	if err := a.changeMembers(g, scim.ListDelta{Remove: []string{id}}); err != nil {
		a.Errorf("removing %.60q: %v", id, err)
	}
	if id == "" {
		return // no value is no member
	}
	other, _ := scim.NewResource(a.group, &scim.Group{DisplayName: "Other", Members: []scim.Reference{{Value: id}}})
	other.SetID(free)
	if err := a.groups.Create(a.Context(), other); !errors.As(err, &unknown) {
		a.Errorf("a group of %.60q: %v", id, err)
	}
}

// notFound: no filter by id finds anything, and ne finds all.
func (a *app) notFound(id string) {
	a.Helper()
	id = id[:min(len(id), 1000)] // as much as a filter takes
	for _, f := range []string{"id eq %s", "groups.value eq %s", "groups[value eq %s]", `id eq %s and userName eq "a@x.com"`, `not (id ne %s)`} {
		f = fmt.Sprintf(f, quoted(id))
		a.finds(f, "")
	}
	for _, f := range []string{"members.value eq %s", "members[value eq %s]", "id eq %s", `members.value eq %s and displayName eq "Staff"`} {
		f = fmt.Sprintf(f, quoted(id))
		if len(a.findGroups(f)) > 0 {
			a.Errorf("%.90s finds a group", f)
		}
	}
	if got := a.find("id ne " + quoted(id)); len(got) != 2 {
		a.Errorf("id ne %.60q finds %v", id, got)
	}
	for _, op := range []string{"gt", "le", "sw", "co"} {
		a.find("id " + op + " " + quoted(id))
	}
}

// TestKeysThatDoNotFit: keys that PostgreSQL cannot compare are refused when the
// store is opened.
func TestKeysThatDoNotFit(t *testing.T) {
	postgres := engines[1]
	for name, test := range map[string]struct{ from, to, want string }{
		"id":             {"users (\n\tid bigserial PRIMARY KEY", "users (\n\tid numeric PRIMARY KEY", "the id: a column of type numeric"},
		"tenant":         {"org text", "org jsonb", "the tenant: a column of type jsonb"},
		"owner":          {"team_id bigint", "team_id text", "the column team_id of the table team_members, of type text, does not compare with one of type bigint"},
		"member":         {"user_id bigint NOT NULL REFERENCES users, PRIMARY", "user_id uuid NOT NULL, PRIMARY", "the column user_id of the table team_members, of type uuid, does not compare with one of type bigint"},
		"owner of lists": {"user_phones (user_id bigint NOT NULL REFERENCES users", "user_phones (user_id text NOT NULL", "the column user_id of the table user_phones, of type text"},
	} {
		t.Run(name, func(t *testing.T) {
			ddl := strings.Replace(hostTables[postgres.dialect], test.from, test.to, 1)
			if ddl == hostTables[postgres.dialect] {
				t.Fatal("nothing is changed")
			}
			if name == "id" || name == "owner" {
				ddl = strings.NewReplacer(" REFERENCES users", "", " REFERENCES teams", "").Replace(ddl)
			}
			db := postgres.open(t)
			exec(t, db, ddl)
			users, groups := hostTypes()
			_, err := openStore(t, db, postgres.dialect, sqlstore.Options{Tables: hostMapping(users, groups, sqlstore.Refuse)})
			says(t, err, test.want)
		})
	}
}
