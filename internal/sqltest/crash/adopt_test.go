package crash

import (
	"testing"

	"github.com/scimkit/scimkit/internal/sqltest/foreign"
	"github.com/scimkit/scimkit/internal/sqltest/rig"
)

// An adoption is a creation that takes over a row of the application's.
type adoption struct {
	name, row string // row makes the one that is there, called {name}
	do        func(s *scene) rig.Answer
	id        string // SQL of the id of row
	done      string // SQL that finds out what is written of it where
}

var adoptions = []adoption{
	{"a user", `INSERT INTO users (org, login, login_key, plan) VALUES ($1, $2, $2, 7) RETURNING 'u' || id`,
		func(s *scene) rig.Answer { return s.node.Post("/Users", rig.User(s.name(), "1")) }, "",
		`SELECT (SELECT count(*) FROM users WHERE login_key = $1 AND plan = 7 AND label = '1'),
			(SELECT count(*) FROM user_emails WHERE 'u' || user_id = $2 AND address = '1@example.com'),
			(SELECT count(*) FROM scim_resources WHERE id = $2 AND version <> '' AND external_key = '1')`},
	{"a group", `INSERT INTO teams (org, name, name_key) VALUES ($1, $2, $2) RETURNING 't' || id`,
		func(s *scene) rig.Answer { return s.node.Post("/Groups", rig.Group(s.name(), s.user)) }, "",
		`SELECT (SELECT count(*) FROM teams WHERE name_key = $1), (SELECT count(*) FROM team_members WHERE 't' || team_id = $2),
			(SELECT count(*) FROM scim_resources WHERE id = $2 AND version <> '')`},
}

// there makes the row of the application's.
func (x *adoption) there(t *testing.T, s *scene) {
	t.Helper()
	s.n++
	s.user = s.direct.Post("/Users", rig.User("member-"+s.name(), "0")).Must(t).Resource().ID
	if err := s.direct.DB.QueryRow(x.row, foreign.Org, s.name()).Scan(&x.id); err != nil {
		t.Fatal(err)
	}
}

// adopted tells whether the row has become the resource: in all tables, or in none.
func (x *adoption) adopted(t *testing.T, s *scene) bool {
	t.Helper()
	var row, list, beside int
	if err := s.direct.DB.QueryRow(x.done, s.name(), x.id).Scan(&row, &list, &beside); err != nil {
		t.Error(err)
	}
	if x.name == "a group" {
		row, list = row*beside, list*row // its row is there as it was
	}
	if row != list || list != beside || beside > 1 {
		t.Errorf("%s is half adopted: %d %d %d", x.name, row, list, beside)
	}
	return beside == 1
}

// TestAdoptionWithoutAnswer: COMMIT of an adoption has no answer. What the answer to
// the client says is true, whether it took place or not: the row is adopted, once.
// What is there before the node hears of the end is the control: the same error
// means the one and the other.
func TestAdoptionWithoutAnswer(t *testing.T) {
	for _, c := range []struct {
		name string
		cut
		slow, sure, landed bool
	}{{"before", before, false, true, false}, {"during", during, false, false, false},
		{"during a slow one", during, true, true, false}, {"afterward", afterward, false, true, true}} {
		for _, as := range []string{"mapped", "asked"} {
			t.Run(c.name+", "+as, func(t *testing.T) {
				s := newScene(t, as)
				if c.slow {
					if _, err := s.direct.DB.Exec(slow); err != nil {
						t.Fatal(err)
					}
				}
				for i, x := range adoptions {
					x.there(t, s)
					s.proxy.arm(c.cut, func() {
						if there := x.adopted(t, s); c.sure && there != c.landed {
							t.Errorf("%s: adopted before the node hears of it: %v", x.name, there)
						}
					})
					a := x.do(s)
					if a.Status == 503 && s.proxy.cuts == i { // the connection of the last one, before COMMIT
						a = x.do(s)
					}
					if a.Status != 201 || a.Resource().ID != x.id || !x.adopted(t, s) {
						t.Errorf("%s: %v, want 201 and %s", x.name, a, x.id)
					}
					if s.proxy.cuts != i+1 {
						t.Fatalf("%s: %d cuts, want %d", x.name, s.proxy.cuts, i+1)
					}
				}
			})
		}
	}
}

// TestAdoptionOvertaken: before the node hears of its COMMIT, another one is at the
// row. Who adopts it stays the one who has, and the answer claims nothing else.
func TestAdoptionOvertaken(t *testing.T) {
	for _, tt := range []struct {
		name string
		cut
		meet   func(s *scene, id string) rig.Answer
		status []int
		want   string // displayName in the end
	}{
		{"adopted, then changed", afterward, func(s *scene, id string) rig.Answer {
			return s.direct.Patch("/Users/"+id, rig.Patch(rig.Op("replace", "displayName", "2")))
		}, []int{201, 503}, "2"},
		{"adopted, then created", afterward, func(s *scene, _ string) rig.Answer {
			return rig.Answer{Status: 200 + s.direct.Post("/Users", rig.User(s.name(), "2")).Status - 409}
		}, []int{201}, "1"},
		{"not adopted, but by another", before, func(s *scene, _ string) rig.Answer {
			return s.direct.Post("/Users", rig.User(s.name(), "2"))
		}, []int{409, 503}, "2"},
	} {
		for _, as := range []string{"mapped", "asked"} {
			t.Run(as+"/"+tt.name, func(t *testing.T) {
				s, x := newScene(t, as), adoptions[0]
				x.there(t, s)
				s.proxy.arm(tt.cut, func() {
					if a := tt.meet(s, x.id); !a.OK() {
						t.Errorf("the other one: %v", a)
					}
				})
				x.do(s).Must(t, tt.status...)
				u := s.direct.Get("/Users/" + x.id).Must(t).Resource()
				if u.DisplayName != tt.want || len(u.Emails) != 1 {
					t.Errorf("the user is %+v, want displayName %q", u, tt.want)
				}
			})
		}
	}
}
