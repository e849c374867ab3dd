package stores

import (
	"errors"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// standing is a trigger that has what happens to the rows of a table stand still while
// another connection has the advisory lock 7.
func standing(event, table string) string {
	return "CREATE FUNCTION standing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock(7);" +
		" IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$;" +
		"CREATE TRIGGER standing BEFORE " + event + " ON " + table + " FOR EACH ROW EXECUTE FUNCTION standing()"
}

// during runs first until it stands still, then second until it waits, too, or is
// done, and then both to their ends.
func (a *app) during(first, second func()) {
	a.Helper()
	conn, err := a.db.Conn(a.Context())
	if err != nil {
		a.Fatal(err)
	}
	defer conn.Close()
	lock := func(does string) {
		if _, err := conn.ExecContext(a.Context(), "SELECT pg_advisory_"+does+"(7)"); err != nil {
			a.Fatal(err)
		}
	}
	lock("lock")
	var ends []chan struct{}
	for i, f := range []func(){first, second} {
		done := make(chan struct{})
		go func() {
			defer close(done)
			f()
		}()
		a.waiting(i+1, done)
		ends = append(ends, done)
	}
	lock("unlock")
	for _, done := range ends {
		<-done
	}
}

// waiting comes back when n connections wait for locks, or when done is closed.
func (a *app) waiting(n int, done <-chan struct{}) {
	a.Helper()
	for a.cell("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") != strconv.Itoa(n) {
		select {
		case <-done:
			return
		default:
			runtime.Gosched()
		}
	}
}

// TestMemberLeaves: a user is deleted while a client puts them into a group. Whichever
// comes first, nobody is in a group who is not there. (SQLite has one writer.)
func TestMemberLeaves(t *testing.T) {
	const d, ofTeam, ofGroup = sqlstore.PostgreSQL, "team_members WHERE user_id = 3", "scim_members WHERE member_id = '3'"
	keys := func(ddl string) string { return ddl + three }
	for _, tt := range []struct {
		name    string
		ddl     func(string) string
		soft    bool
		members string // their rows; groups are the application's or the library's
	}{
		{"DeletedAt", keys, true, ofTeam},
		{"no foreign keys", loose, false, ofTeam},
		{"DeletedAt, no foreign keys", loose, true, ofTeam},
		{"own groups", keys, false, ofGroup},
		{"DeletedAt, own groups", keys, true, ofGroup},
	} {
		for _, addsFirst := range []bool{true, false} {
			t.Run(tt.name+map[bool]string{true: ", added first", false: ", deleted first"}[addsFirst], func(t *testing.T) {
				a := &app{T: t, db: engines[1].open(t), user: schema.UserType(), group: schema.GroupType()}
				exec(t, a.db, tt.ddl(plainTables[d]))
				o := sqlstore.Options{Tables: plainMapping(a.user, a.group)}
				gone := "SELECT count(*) FROM users WHERE id = 3"
				if tt.soft {
					exec(t, a.db, "ALTER TABLE users ADD left_at timestamptz, DROP CONSTRAINT users_email_key; CREATE UNIQUE INDEX ON users (email) WHERE left_at IS NULL")
					o.Tables[0].DeletedAt = "left_at"
					gone += " AND left_at IS NULL"
				}
				if tt.members == ofGroup {
					o.Tables, o.Types = o.Tables[:1], []*schema.ResourceType{a.group}
				}
				a.mustOpen(d, o)
				g := a.mustGroup("Owners")
				a.leaves(g.ID(), "3", strings.Fields(tt.members)[0], addsFirst)
				a.is("who is there", a.cell(gone), "0")
				a.is("the rows", a.cell("SELECT count(*) FROM "+tt.members), "0")
			})
		}
	}
}

// leaves deletes a user while they are put into a group.
func (a *app) leaves(group, id, members string, addsFirst bool) {
	a.Helper()
	var added, deleted error
	add := func() { added = a.add(group, id) }
	remove := func() { deleted = a.users.Delete(a.Context(), id, func(*scim.Resource) error { return nil }) }
	if addsFirst {
		exec(a, a.db, standing("INSERT", members))
		a.during(add, remove)
	} else {
		exec(a, a.db, standing("UPDATE OR DELETE", "users"))
		a.during(remove, add)
	}
	var unknown *scim.UnknownMembersError
	if addsFirst && added != nil || !addsFirst && !errors.As(added, &unknown) {
		a.Errorf("adding it: %v", added)
	}
	a.must(deleted, "")
}

// TestDeletedFromAllTeams: who is deleted is in no team any more, be it one that
// clients see or not, and nobody else leaves one.
func TestDeletedFromAllTeams(t *testing.T) {
	for _, e := range engines {
		for _, soft := range []bool{false, true} {
			t.Run(e.name+map[bool]string{true: ", DeletedAt"}[soft], func(t *testing.T) {
				a := &app{T: t, db: e.open(t), user: schema.UserType(), group: schema.GroupType()}
				text := plainTables[e.dialect]
				o := sqlstore.Options{Tables: plainMapping(a.user, a.group)}
				if o.Tables[1].Where = "t.name <> 'Sales'"; soft {
					text = strings.Replace(text, "NOT NULL UNIQUE, first_name", ddl(e.dialect, "NOT NULL, left_at {time}, first_name"), 1) +
						"CREATE UNIQUE INDEX users_email_there ON users (email) WHERE left_at IS NULL;"
					o.Tables[0].DeletedAt = "left_at"
				}
				exec(t, a.db, text+three+"INSERT INTO team_members VALUES (1, 1), (1, 2), (2, 1), (2, 2)")
				a.mustOpen(e.dialect, o)
				a.must(a.changeMembers("1", scim.ListDelta{Replace: true}), "")
				const rows = "SELECT string_agg(team_id || ' ' || user_id, ', ' ORDER BY team_id, user_id) FROM team_members"
				a.is("the rows when a team is empty", a.cell(rows), "2 1, 2 2")
				a.delete("1")
				a.is("the rows when one is deleted", a.cell(rows), "2 2")
			})
		}
	}
}
