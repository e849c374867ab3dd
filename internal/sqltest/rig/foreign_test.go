package rig

import (
	"database/sql"
	"errors"
	"testing"
)

// TestCheckForeign: Check finds every damage to an application's tables and to what
// is beside them, and none where there is none.
func TestCheckForeign(t *testing.T) {
	databases(t, func(t *testing.T, d Database) {
		d = d.On(t)
		n := Serve(t, d, Config{})
		hired := d.Application(t).Hire("carl", "carl-0").Must(t, 201).Resource().ID
		for _, name := range []string{"ann", "bob"} {
			id := n.Post("/Users", User(name, name+"-0")).Must(t).Resource().ID
			n.Post("/Groups", Group("of "+name, id, hired)).Must(t)
		}
		if err := Check(t.Context(), n.DB, d); err != nil {
			t.Fatalf("without damage: %v", err)
		}
		for _, tt := range []struct{ damage, want string }{
			{`UPDATE {p}resources SET id = id || '9' WHERE type = 'Group'`, "a row beside none"},
			{`UPDATE users SET login_key = 'x' WHERE login = 'ann'`, "a name and another key"},
			{`UPDATE teams SET name_key = 'x' WHERE name = 'of ann'`, "a name and another key"},
		} {
			complains(t, n, d, tt.damage, tt.want)
		}
		if err := d.WithoutKeys(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct{ damage, want string }{
			{`DELETE FROM users WHERE login = 'ann'`, "a member that dangles"},
			{`DELETE FROM users WHERE login = 'ann'`, "an address of a user who is not there"},
			{`DELETE FROM teams`, "members of a group that is not there"},
			{`UPDATE team_members SET org = 'zeta'`, "a member that dangles"},
			{`UPDATE users SET login_key = 'x'`, "one name twice"},
		} {
			complains(t, n, d, tt.damage, tt.want)
		}
	})
}

// TestApplication: what the application says of its writes is so.
func TestApplication(t *testing.T) {
	databases(t, func(t *testing.T, d Database) {
		d = d.On(t)
		n, a := Serve(t, d, Config{}), d.Application(t)
		user := a.Hire("ann", "ann-0").Must(t, 201).Resource().ID
		a.Hire("ann", "other").Must(t, 409)
		team := n.Post("/Groups", Group("all")).Must(t).Resource().ID
		a.Join(user, team).Must(t, 204)
		a.Join(user, team).Must(t, 204)
		a.Join("u99", team).Must(t, 400)
		a.Join(user, "t99").Must(t, 400)
		if ids := n.Get("/Groups/" + team).Must(t).Resource().MemberIDs(); len(ids) != 1 || ids[0] != user {
			t.Errorf("members %q, want %q", ids, user)
		}
		if name := n.Get("/Users/" + user).Must(t).Resource().DisplayName; name != "ann-0" {
			t.Errorf("the name is %q", name)
		}
		a.Leave(user, team).Must(t, 204)
		if ids := n.Get("/Groups/" + team).Must(t).Resource().MemberIDs(); len(ids) != 0 {
			t.Errorf("members %q, want none", ids)
		}
		a.Upgrade(user).Must(t, 204)
		a.Upgrade(user).Must(t, 204)
		a.Upgrade("u99").Must(t, 404)
		if plan, err := a.Plan(user); err != nil || plan != 2 {
			t.Errorf("the plan is %d, %v", plan, err)
		}
		if a := a.do(func(*sql.Tx) (Answer, error) { return Answer{}, errors.New("another") }); a.Err == nil {
			t.Errorf("an error is answered by %v", a)
		}
	})
}
