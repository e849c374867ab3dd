package stores

import (
	"strings"
	"testing"

	"github.com/scimkit/scimkit/internal/sqltest/spy"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// ignored is a trigger that quietly does not do what happens to the rows of a table.
func ignored(d sqlstore.Dialect, event, table, when string) string {
	if d == sqlstore.SQLite {
		return "CREATE TRIGGER ignored BEFORE " + event + " ON " + table + " WHEN " + when + " BEGIN SELECT RAISE(IGNORE); END;"
	}
	return "CREATE FUNCTION ignored() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;" +
		"CREATE TRIGGER ignored BEFORE " + event + " ON " + table + " FOR EACH ROW WHEN (" + when + ") EXECUTE FUNCTION ignored();"
}

// loose are tables whose members have no foreign keys, with members.
func loose(ddl string) string {
	return strings.NewReplacer(" REFERENCES users", "", " REFERENCES teams", "").Replace(ddl) + three + "INSERT INTO team_members (team_id, user_id) VALUES (1, 1), (1, 2);"
}

const keptMember = "members: the application keeps a member in the Group."

// TestKeptMembers: where the application quietly keeps the row of a member, no client
// is told that it went.
func TestKeptMembers(t *testing.T) {
	withPlainDDL(t, false, func(d sqlstore.Dialect, ddl string) string {
		return loose(ddl) + ignored(d, "DELETE", "team_members", "OLD.user_id = 1")
	}, func(a *app, _ sqlstore.Dialect) {
		a.refusal("removing it", a.changeMembers("1", scim.ListDelta{Remove: []string{"1", "2"}}), 409, keptMember)
		a.refusal("removing all", a.changeMembers("1", scim.ListDelta{Replace: true}), 409, keptMember)
		_, err := a.groups.Update(a.Context(), "1", func(r *scim.Resource) error { return r.Set("members", nil) })
		a.refusal("a group without", err, 409, keptMember)
		_, err = a.createGroup("staff", "3")
		a.refusal("adopting the group with another", err, 409, keptMember)
		check := func(*scim.Resource) error { return nil }
		a.refusal("deleting the user", a.users.Delete(a.Context(), "1", check), 409, "The application does not let the User go.")
		a.refusal("deleting the group", a.groups.Delete(a.Context(), "1", check), 409, "The application does not let the Group go.")
		a.is("the members", a.shownMembers("1"), "1 2")
		a.must(a.changeMembers("1", scim.ListDelta{Replace: true, Add: []scim.Member{{Value: "1"}}}), "")
		a.delete("2")
		a.is("the rows", a.cell("SELECT string_agg(user_id || '', ' ') FROM team_members"), "1")
	})
}

// TestKeptMemberTwice: of the two rows of a member, the application keeps one.
func TestKeptMemberTwice(t *testing.T) {
	withPlainDDL(t, false, func(d sqlstore.Dialect, ddl string) string {
		ddl = strings.Replace(ddl, ", PRIMARY KEY (team_id, user_id)", ", role text DEFAULT 'member'", 1)
		return loose(ddl) + "INSERT INTO team_members VALUES (1, 1, 'owner');" + ignored(d, "DELETE", "team_members", "OLD.role = 'owner'")
	}, func(a *app, _ sqlstore.Dialect) {
		a.refusal("removing it", a.changeMembers("1", scim.ListDelta{Remove: []string{"1"}}), 409, keptMember)
		a.is("the rows", a.cell("SELECT count(*) FROM team_members"), "3")
	})
}

// TestKeptMemberByPolicy: row-level security has no policy by which rows may go.
func TestKeptMemberByPolicy(t *testing.T) {
	e := engines[1]
	a := &app{T: t, db: e.open(t), user: schema.UserType(), group: schema.GroupType()}
	a.db.SetMaxOpenConns(1)
	exec(t, a.db, loose(plainTables[e.dialect])+`CREATE ROLE keeper; GRANT ALL ON SCHEMA public TO keeper; GRANT ALL ON ALL TABLES IN SCHEMA public TO keeper;
		ALTER TABLE team_members ENABLE ROW LEVEL SECURITY; CREATE POLICY reads ON team_members FOR SELECT USING (true); SET ROLE keeper`)
	defer exec(t, a.db, "RESET ROLE; DROP OWNED BY keeper; DROP ROLE keeper")
	a.mustOpen(e.dialect, sqlstore.Options{Tables: plainMapping(a.user, a.group)})
	a.refusal("removing it", a.changeMembers("1", scim.ListDelta{Remove: []string{"1"}}), 409, keptMember)
	a.refusal("removing all", a.changeMembers("1", scim.ListDelta{Replace: true}), 409, keptMember)
	a.is("the members", a.shownMembers("1"), "1 2")
}

// withKeptPhone runs a test with the user ann, whose telephone 1 has a trigger.
func withKeptPhone(t *testing.T, event, when string, test func(a *app, ann *scim.Resource)) {
	for _, e := range engines {
		t.Run(e.name+"/"+event, func(t *testing.T) {
			a := &app{T: t, db: e.open(t), user: schema.UserType()}
			table := peopleOf(a.user)
			table.Lists = map[string]sqlstore.List{"phoneNumbers": {Table: "phones", Owner: "person", Columns: map[string]string{"value": "number", "type": "kind"}}}
			a.must(openApp(t, e.dialect, a, ddl(e.dialect, peopleRow+"); CREATE INDEX people_email ON people (lower(email)); CREATE TABLE phones (person bigint NOT NULL, number text, kind text);")+
				ignored(e.dialect, event, "phones", when), table), "")
			test(a, a.parse(`{"userName":"ann","phoneNumbers":[{"value":"1","type":"work"},{"value":"2","type":"home"}]}`))
		})
	}
}

// TestKeptPhone: nobody is told that a telephone went, or changed, or came, or that a
// user went, where the application quietly does not let it be.
func TestKeptPhone(t *testing.T) {
	set := func(a *app, id string, phones ...any) error {
		_, err := a.users.Update(a.Context(), id, func(r *scim.Resource) error { return r.Set("phoneNumbers", phones) })
		return err
	}
	phone := func(value, typ string) any { return map[string]any{"value": value, "type": typ} }
	const refused = "The application does not take the change."
	withKeptPhone(t, "DELETE", "OLD.number = '1'", func(a *app, ann *scim.Resource) {
		a.refusal("removing it", set(a, ann.ID(), phone("2", "home")), 409, "The application keeps an element of phoneNumbers.")
		a.refusal("deleting the user", a.users.Delete(a.Context(), ann.ID(), func(*scim.Resource) error { return nil }), 409, "The application does not let the User go.")
		a.must(set(a, ann.ID(), phone("1", "work")), "")
		a.is("the rows", a.cell("SELECT string_agg(number, ' ') FROM phones"), "1")
		a.delete(a.parse(`{"userName":"bob","phoneNumbers":[{"value":"2"}]}`).ID())
	})
	withKeptPhone(t, "UPDATE", "OLD.number = '1'", func(a *app, ann *scim.Resource) {
		a.refusal("changing it", set(a, ann.ID(), phone("3", "work"), phone("2", "home")), 400, refused)
		a.must(set(a, ann.ID(), phone("1", "work"), phone("3", "home")), "")
	})
	withKeptPhone(t, "INSERT", "NEW.number = '3'", func(a *app, ann *scim.Resource) {
		a.refusal("adding one", set(a, ann.ID(), phone("1", "work"), phone("2", "home"), phone("3", "fax")), 400, refused)
		a.must(set(a, ann.ID(), phone("1", "work"), phone("2", "home"), phone("4", "fax")), "")
	})
}

// takesBack are triggers by which nobody is disabled.
var takesBack = map[sqlstore.Dialect]string{
	sqlstore.SQLite: `
CREATE TRIGGER kept AFTER UPDATE ON people WHEN OLD.disabled_at IS NULL BEGIN UPDATE people SET disabled_at = NULL WHERE id = NEW.id; END;
CREATE TRIGGER made AFTER INSERT ON people BEGIN UPDATE people SET disabled_at = NULL WHERE id = NEW.id; END;`,
	sqlstore.PostgreSQL: `
CREATE FUNCTION kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_OP = 'INSERT' OR OLD.disabled_at IS NULL THEN NEW.disabled_at := NULL; END IF; RETURN NEW; END $$;
CREATE TRIGGER kept BEFORE INSERT OR UPDATE ON people FOR EACH ROW EXECUTE FUNCTION kept();`,
}

// TestDeactivationTakenBack: who stays enabled, as the application wants it, is not
// said to be disabled.
func TestDeactivationTakenBack(t *testing.T) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			a := &app{T: t, db: e.open(t), user: schema.UserType()}
			table := peopleOf(a.user)
			table.Columns["active"] = sqlstore.Until("disabled_at")
			a.must(openApp(t, e.dialect, a, ddl(e.dialect, peopleRow+", disabled_at {time}); CREATE INDEX people_email ON people (lower(email)); INSERT INTO people (email, disabled_at) VALUES ('bob', '2020-01-01 00:00:00');")+takesBack[e.dialect], table), "")
			ann := a.parse(`{"userName":"ann","active":true}`)
			_, err := a.users.Update(a.Context(), ann.ID(), func(r *scim.Resource) error { return r.Set("active", false) })
			a.refusal("disabling one", err, 400, "The application does not take the change.")
			r := a.new("eve")
			r.Set("active", false)
			a.refusal("creating one", a.users.Create(a.Context(), r), 400, "The application does not take the change.")
			for id, active := range map[string]bool{"1": false, ann.ID(): true} { // what is said of others, and already so
				a.update(id, func(r *scim.Resource) error { return r.Set("title", "Boss") })
				if got := a.get(id).Bool("active"); got != active {
					a.Errorf("%s is active: %v", id, got)
				}
			}
			a.update("1", func(r *scim.Resource) error { return r.Set("active", true) })
		})
	}
}

// TestMemberNotTaken: a member whom the application quietly does not take is refused,
// without further attempts.
func TestMemberNotTaken(t *testing.T) {
	for _, e := range sources {
		t.Run(e.driver, func(t *testing.T) {
			db, seen := spy.Open(t, e.driver, e.source(t))
			a := &app{T: t, db: db, user: schema.UserType(), group: schema.GroupType()}
			exec(t, db, plainTables[e.dialect]+three+ignored(e.dialect, "INSERT", "team_members", "NEW.user_id = 2"))
			a.mustOpen(e.dialect, sqlstore.Options{Tables: plainMapping(a.user, a.group)})
			seen.Statements()
			a.refusal("adding it", a.changeMembers("1", scim.ListDelta{Add: []scim.Member{{Value: "1"}, {Value: "2"}}}), 400, "The application does not take the change.")
			_, err := a.createGroup("New", "2")
			a.refusal("creating a group with it", err, 400, "The application does not take the change.")
			tries := 0
			for _, s := range seen.Statements() {
				if strings.HasPrefix(s, "INSERT INTO team_members") {
					tries++
				}
			}
			a.is("the attempts", strings.Repeat("I", tries), "II")
			a.must(a.add("1", "1"), "")
			a.is("the rows", a.cell("SELECT string_agg(user_id || '', ' ') FROM team_members"), "1")
		})
	}
}

// itself are triggers that write the row of a member, and keep the one of the statement.
var itself = map[sqlstore.Dialect]string{
	sqlstore.SQLite: "CREATE TRIGGER itself BEFORE INSERT ON team_members BEGIN INSERT INTO team_members VALUES (NEW.team_id, NEW.user_id); SELECT RAISE(IGNORE); END;",
	sqlstore.PostgreSQL: "CREATE FUNCTION itself() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO team_members VALUES (NEW.team_id, NEW.user_id); RETURN NULL; END $$;" +
		"CREATE TRIGGER itself BEFORE INSERT ON team_members FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION itself();",
}

// TestMemberOfTrigger: a member whom the application adds itself, instead of the
// statement, has come.
func TestMemberOfTrigger(t *testing.T) {
	withPlainDDL(t, false, func(d sqlstore.Dialect, ddl string) string { return ddl + three + itself[d] }, func(a *app, _ sqlstore.Dialect) {
		a.must(a.changeMembers("1", scim.ListDelta{Add: []scim.Member{{Value: "1"}, {Value: "2"}}}), "")
		a.mustGroup("New", "3")
		a.is("the rows", a.cell("SELECT string_agg(team_id || ' ' || user_id, ', ' ORDER BY user_id) FROM team_members"), "1 1, 1 2, 3 3")
	})
}
