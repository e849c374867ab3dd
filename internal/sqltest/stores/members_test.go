package stores

import (
	"strings"
	"testing"
	"time"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// withPlainDDL is withPlain with other tables, and groups of the library's where own
// is set.
func withPlainDDL(t *testing.T, own bool, ddl func(d sqlstore.Dialect, ddl string) string, test func(a *app, d sqlstore.Dialect)) {
	t.Helper()
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			a := &app{T: t, db: e.open(t), user: schema.UserType(), group: schema.GroupType()}
			exec(t, a.db, ddl(e.dialect, plainTables[e.dialect]))
			o := sqlstore.Options{Tables: plainMapping(a.user, a.group)}
			if own {
				o.Tables, o.Types = o.Tables[:1:1], []*schema.ResourceType{a.group}
			}
			a.mustOpen(e.dialect, o)
			test(a, e.dialect)
		})
	}
}

func rows(text string) func(sqlstore.Dialect, string) string {
	return func(_ sqlstore.Dialect, ddl string) string { return ddl + text }
}

const three = `INSERT INTO users (email) VALUES ('ann@example.com'), ('bob@example.com'), ('cy@example.com'); INSERT INTO teams (name) VALUES ('Staff'), ('Sales');`

// TestAdoptedMembers: a group that a client creates without members, as some do
// before they add them, keeps those that it has.
func TestAdoptedMembers(t *testing.T) {
	withPlainDDL(t, false, rows(three+"INSERT INTO team_members VALUES (1, 1), (1, 2), (2, 1)"), func(a *app, _ sqlstore.Dialect) {
		a.mustGroup("staff")
		a.is("the members after a creation without", a.shownMembers("1"), "1 2")
		a.mustGroup("Sales", "3")
		a.is("the members after a creation with one", a.shownMembers("2"), "3")
	})
}

// TestMembersTwice: a member with two rows is shown once.
func TestMembersTwice(t *testing.T) {
	noKey := func(_ sqlstore.Dialect, ddl string) string {
		return strings.Replace(ddl, ", PRIMARY KEY (team_id, user_id)", ", role text DEFAULT 'member'", 1) + three +
			"INSERT INTO team_members VALUES (1, 1, 'owner'), (1, 1, 'member'), (1, 2, 'member')"
	}
	withPlainDDL(t, false, noKey, func(a *app, _ sqlstore.Dialect) {
		a.is("the members", a.shownMembers("1"), "1 2")
		var u scim.User
		if err := a.get("1").Decode(&u); err != nil || len(u.Groups) != 1 {
			a.Errorf("the groups are %v, %v", u.Groups, err)
		}
		if err := a.add("1", "3"); err != nil {
			a.Error(err)
		}
		a.is("who is found by a member", a.findGroups(`members.value eq "1"`)[0].ID(), "1")
		if err := a.changeMembers("1", scim.ListDelta{Remove: []string{"1"}}); err != nil {
			a.Error(err)
		}
		a.is("the rows", a.cell("SELECT string_agg(user_id || role, ' ' ORDER BY user_id) FROM team_members"), "2member 3member")
	})
}

// TestOneTeamOnly: what a constraint on members does not let be is refused at once.
func TestOneTeamOnly(t *testing.T) {
	for name, test := range map[string]struct {
		key    string
		status int
		detail string
	}{
		"unique": {"PRIMARY KEY (team_id, user_id), UNIQUE (user_id)", 409, "members: the application lets a User be in one Group only."},
		"CHECK":  {"PRIMARY KEY (team_id, user_id), CHECK (team_id <> 2)", 400, "A value is not one that the service can store."},
	} {
		t.Run(name, func(t *testing.T) {
			withPlainDDL(t, false, func(_ sqlstore.Dialect, ddl string) string {
				return strings.Replace(ddl, "PRIMARY KEY (team_id, user_id)", test.key, 1) + three + "INSERT INTO team_members VALUES (1, 1)"
			}, func(a *app, _ sqlstore.Dialect) {
				begin := time.Now()
				a.refusal("adding it", a.add("2", "1"), test.status, test.detail)
				if took := time.Since(begin); took > time.Second {
					a.Errorf("that took %v", took)
				}
				if err := a.add("1", "2"); err != nil {
					a.Error(err)
				}
				a.is("the members", a.cell("SELECT string_agg(team_id || ' ' || user_id, ', ' ORDER BY user_id) FROM team_members"), "1 1, 1 2")
			})
		})
	}
}

// TestOwnGroupShows: a group of the library's shows what users are called by now.
func TestOwnGroupShows(t *testing.T) {
	withPlainDDL(t, true, rows(three), func(a *app, _ sqlstore.Dialect) {
		g := a.mustGroup("Staff", "1", "2")
		exec(a, a.db, "UPDATE users SET email = 'new@example.com' WHERE id = 1; UPDATE users SET email = 'other@example.com' WHERE id = 3")
		if err := a.add(g.ID(), "3"); err != nil {
			a.Fatal(err)
		}
		found, err := a.groups.Get(a.Context(), g.ID(), scim.GetOptions{})
		if err != nil {
			a.Fatal(err)
		}
		var group scim.Group
		if err := found.Decode(&group); err != nil {
			a.Fatal(err)
		}
		var names []string
		for _, m := range group.Members {
			names = append(names, m.Display)
		}
		a.is("the names", strings.Join(names, " "), "new@example.com bob@example.com other@example.com")
		a.is("how many are found by the new name", strings.Repeat("I", len(a.findGroups(`members.display eq "new@example.com"`))), "I")
		a.is("how many are found by the old name", strings.Repeat("I", len(a.findGroups(`members.display eq "ann@example.com"`))), "")
	})
}

// TestDeletedBeside: the statement that the documentation gives removes what was
// beside rows that the application has deleted, and nothing else.
func TestDeletedBeside(t *testing.T) {
	withPlainDDL(t, true, rows(three), func(a *app, _ sqlstore.Dialect) {
		g := a.mustGroup("Staff", "1", "2")
		exec(a, a.db, "DELETE FROM users WHERE id = 1")
		a.is("the members", a.shownMembers(g.ID()), "2")
		exec(a, a.db, "DELETE FROM scim_resources WHERE type = 'User' AND id NOT IN (SELECT CAST(id AS text) FROM users)")
		a.is("what is there", a.cell("SELECT string_agg(type || ' ' || CASE WHEN type = 'User' THEN id ELSE '' END, ', ' ORDER BY type, id) FROM scim_resources"), "Group , User 2")
		a.is("the members", a.shownMembers(g.ID()), "2")
	})
}

// triggers refuse, or leave as it is, what the application does not want.
var triggers = map[sqlstore.Dialect]string{
	sqlstore.SQLite: `
CREATE TRIGGER no_insert BEFORE INSERT ON users WHEN NEW.email LIKE '%@bad' BEGIN SELECT RAISE(ABORT, 'secret rule'); END;
CREATE TRIGGER no_update BEFORE UPDATE ON users WHEN NEW.nick = 'bad' BEGIN SELECT RAISE(ABORT, 'secret rule'); END;
CREATE TRIGGER no_delete BEFORE DELETE ON users WHEN OLD.id = 1 BEGIN SELECT RAISE(ABORT, 'secret rule'); END;
CREATE TRIGGER quiet_update BEFORE UPDATE ON users WHEN NEW.nick = 'quiet' BEGIN SELECT RAISE(IGNORE); END;
CREATE TRIGGER quiet_delete BEFORE DELETE ON users WHEN OLD.id = 2 BEGIN SELECT RAISE(IGNORE); END;
CREATE TRIGGER no_member BEFORE INSERT ON team_members WHEN NEW.user_id = 2 BEGIN SELECT RAISE(ABORT, 'secret rule'); END;`,
	sqlstore.PostgreSQL: `
CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'secret rule'; END $$;
CREATE FUNCTION quiet() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER no_insert BEFORE INSERT ON users FOR EACH ROW WHEN (NEW.email LIKE '%@bad') EXECUTE FUNCTION no();
CREATE TRIGGER no_update BEFORE UPDATE ON users FOR EACH ROW WHEN (NEW.nick = 'bad') EXECUTE FUNCTION no();
CREATE TRIGGER no_delete BEFORE DELETE ON users FOR EACH ROW WHEN (OLD.id = 1) EXECUTE FUNCTION no();
CREATE TRIGGER quiet_update BEFORE UPDATE ON users FOR EACH ROW WHEN (NEW.nick = 'quiet') EXECUTE FUNCTION quiet();
CREATE TRIGGER quiet_insert BEFORE INSERT ON users FOR EACH ROW WHEN (NEW.email LIKE '%@quiet') EXECUTE FUNCTION quiet();
CREATE TRIGGER quiet_delete BEFORE DELETE ON users FOR EACH ROW WHEN (OLD.id = 2) EXECUTE FUNCTION quiet();
CREATE TRIGGER no_member BEFORE INSERT ON team_members FOR EACH ROW WHEN (NEW.user_id = 2) EXECUTE FUNCTION no();`,
}

// TestTriggers: what a trigger refuses, or quietly does not do, is no success, and its
// text is not for clients.
func TestTriggers(t *testing.T) {
	withPlainDDL(t, false, func(d sqlstore.Dialect, ddl string) string { return ddl + three + triggers[d] }, func(a *app, d sqlstore.Dialect) {
		const refused, kept = "The application does not take the change.", "The application does not let the User go."
		_, err := a.create("eve@bad")
		a.refusal("creating it", err, 400, refused)
		if d == sqlstore.PostgreSQL { // SQLite says that NULL came back, or the id of another row
			_, err = a.create("eve@quiet")
			a.refusal("creating it quietly", err, 400, refused)
		}
		for _, nick := range []string{"bad", "quiet"} {
			_, err := a.users.Update(a.Context(), "3", func(r *scim.Resource) error { return r.Set("nickName", nick) })
			a.refusal("changing it, "+nick, err, 400, refused)
		}
		for _, id := range []string{"1", "2"} {
			a.refusal("deleting "+id, a.users.Delete(a.Context(), id, func(*scim.Resource) error { return nil }), 409, kept)
		}
		a.refusal("adding a member", a.add("1", "2"), 400, refused)
		a.is("the users", a.cell("SELECT string_agg(email || coalesce(nick, ''), ' ' ORDER BY id) FROM users"), "ann@example.com bob@example.com cy@example.com")
		a.delete("3")
	})
}
