package crash

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/scimkit/scimkit/internal/sqltest/pgtest"
	"github.com/scimkit/scimkit/internal/sqltest/rig"
	"github.com/scimkit/scimkit/scim"
)

// scene is a node behind a proxy, one that is not, and what both have.
type scene struct {
	proxy        *proxy
	node, direct *rig.Node
	user, group  string
	n            int
}

// reset makes a user and a group with a member.
func (s *scene) reset(t *testing.T) {
	t.Helper()
	s.n++
	other := s.direct.Post("/Users", rig.User(fmt.Sprint("other-", s.n), "0")).Must(t).Resource().ID
	s.user = s.direct.Post("/Users", rig.User(s.name(), "0")).Must(t).Resource().ID
	s.group = s.direct.Post("/Groups", rig.Group(fmt.Sprint("g-", s.n), other)).Must(t).Resource().ID
}

func (s *scene) name() string { return fmt.Sprint("ann-", s.n) }

// A deed is a request that meets a cut.
type deed struct {
	name string
	do   func(s *scene) rig.Answer
	done func(t *testing.T, s *scene) bool // whether it is there, as the other node tells
}

var deeds = []deed{
	{"create", func(s *scene) rig.Answer { return s.node.Post("/Users", rig.User("new-"+s.name(), "1")) },
		func(t *testing.T, s *scene) bool { return s.found(t, "new-"+s.name()) }},
	{"create a group", func(s *scene) rig.Answer { return s.node.Post("/Groups", rig.Group("new-"+s.name(), s.user)) },
		func(t *testing.T, s *scene) bool {
			return len(s.direct.Get("/Users/"+s.user).Must(t).Resource().Groups) == 1
		}},
	{"PATCH", func(s *scene) rig.Answer {
		return s.node.Patch("/Users/"+s.user, rig.Patch(rig.Op("replace", "displayName", "1")))
	}, changed},
	{"PUT", func(s *scene) rig.Answer { return s.node.Put("/Users/"+s.user, rig.User(s.name(), "1")) }, changed},
	{"PATCH of members", func(s *scene) rig.Answer { return s.node.Patch("/Groups/"+s.group, rig.Patch(rig.Add(s.user))) },
		func(t *testing.T, s *scene) bool {
			return slices.Contains(s.direct.Get("/Groups/"+s.group).Must(t).Resource().MemberIDs(), s.user)
		}},
	{"delete", func(s *scene) rig.Answer { return s.node.Delete("/Users/" + s.user) },
		func(t *testing.T, s *scene) bool { return s.direct.Get("/Users/"+s.user).Status == 404 }},
}

func changed(t *testing.T, s *scene) bool {
	return s.direct.Get("/Users/"+s.user).Must(t).Resource().DisplayName == "1"
}

// found tells whether there is a user, and one at most.
func (s *scene) found(t *testing.T, name string) bool {
	t.Helper()
	all, err := s.direct.All("/Users")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, u := range all {
		if u.UserName == name {
			n++
		}
	}
	if n > 1 {
		t.Errorf("%d users are called %s", n, name)
	}
	return n == 1
}

// slow makes COMMIT take a while in a database: longer than a node needs to
// look what became of it, also where the driver has it cancelled.
const slow = `CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
		'BEGIN PERFORM pg_sleep(0.1); RETURN NULL; EXCEPTION WHEN query_canceled THEN PERFORM pg_sleep(0.2); RETURN NULL; END';
	CREATE CONSTRAINT TRIGGER slow AFTER INSERT OR UPDATE OR DELETE ON scim_resources
		DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow()`

// TestCommitWithoutAnswer: connections end before COMMIT, in the middle of it and
// after it. Each time the answer says what is true: the request is done, once.
func TestCommitWithoutAnswer(t *testing.T) {
	for _, c := range []struct {
		name string
		cut
		slow bool
	}{{"before", before, false}, {"during", during, false}, {"during a slow one", during, true}, {"afterward", afterward, false}} {
		for _, as := range []string{"read committed", "serializable", "mapped"} {
			t.Run(c.name+", "+as, func(t *testing.T) {
				s := newScene(t, as)
				if c.slow {
					if _, err := s.direct.DB.Exec(slow); err != nil {
						t.Fatal(err)
					}
				}
				for i, x := range deeds {
					s.reset(t)
					s.proxy.arm(c.cut, nil)
					a := x.do(s)
					if a.Status == 503 && s.proxy.cuts == i { // the connection of the last one, before COMMIT
						a = x.do(s)
					}
					if !a.OK() || !x.done(t, s) {
						t.Errorf("%s: %v", x.name, a)
					}
					if s.proxy.cuts != i+1 {
						t.Fatalf("%s: %d cuts, want %d", x.name, s.proxy.cuts, i+1)
					}
				}
			})
		}
	}
}

// TestCommitErrorTellsNothing: the control. Who takes the error of a COMMIT for a
// failure is wrong in two of the three cases.
func TestCommitErrorTellsNothing(t *testing.T) {
	for name, c := range map[string]struct {
		cut
		there int
	}{"before": {before, 0}, "during": {during, 1}, "afterward": {afterward, 1}} {
		t.Run(name, func(t *testing.T) {
			d := rig.PostgreSQL(pgtest.URL(t))
			pool := d.Pool(t)
			p, behind := newProxy(t, d)
			if _, err := pool.Exec(`CREATE TABLE t (a int)`); err != nil {
				t.Fatal(err)
			}
			tx, err := behind.Pool(t).Begin()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := tx.Exec(`INSERT INTO t VALUES (1)`); err != nil {
				t.Fatal(err)
			}
			p.arm(c.cut, nil)
			if err := tx.Commit(); err == nil {
				t.Error("COMMIT was answered")
			}
			if err := d.Settle(t.Context(), pool); err != nil {
				t.Fatal(err)
			}
			n := 0
			if err := pool.QueryRow(`SELECT count(*) FROM t`).Scan(&n); err != nil || n != c.there {
				t.Errorf("%d rows, %v, want %d", n, err, c.there)
			}
		})
	}
}

// newScene has an isolation, or the tables of an application, whose rows are adopted,
// or asked about.
func newScene(t *testing.T, as string) *scene {
	t.Helper()
	d, isolation, c := rig.PostgreSQL(pgtest.URL(t)), as, rig.Config{}
	pool := d.Pool(t)
	if as == "mapped" || as == "asked" {
		d, isolation = d.On(t), "read committed"
	}
	if as == "asked" {
		c.Ask = func(context.Context, *scim.Resource, *scim.Resource) error { return nil }
	}
	if _, err := pool.Exec(`DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation = ''` + isolation + `''', current_database()); END $$`); err != nil {
		t.Fatal(err)
	}
	s := &scene{direct: rig.Serve(t, d, c)}
	var behind rig.Database
	s.proxy, behind = newProxy(t, d)
	s.node = rig.Serve(t, behind, c)
	t.Cleanup(func() {
		if err := rig.Check(context.Background(), pool, d); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Log(s.node.Log())
		}
	})
	return s
}

// TestCommitOvertaken: before the node hears of its COMMIT, another one changes
// the same resource again. What the answer says is true of what has happened:
// the second change stays, and nobody is told that a request failed that was
// done.
func TestCommitOvertaken(t *testing.T) {
	tag := func(s *scene) string { return s.direct.Get("/Users/" + s.user).Header.Get("ETag") }
	overtaken := []struct {
		name   string
		do     func(s *scene) rig.Answer
		meet   func(s *scene)
		status []int
		want   func(s *scene) string // displayName of the user in the end
	}{
		{"PATCH, then PATCH of the same",
			func(s *scene) rig.Answer {
				return s.node.Patch("/Users/"+s.user, rig.Patch(rig.Op("replace", "displayName", "1")))
			},
			func(s *scene) {
				s.direct.Patch("/Users/"+s.user, rig.Patch(rig.Op("replace", "displayName", "2")))
			}, []int{200, 503}, func(*scene) string { return "2" }},
		{"PATCH with If-Match, then PATCH of another attribute",
			func(s *scene) rig.Answer {
				return s.node.Do("PATCH", "/Users/"+s.user, rig.Patch(rig.Op("replace", "displayName", "1")), "If-Match", tag(s))
			},
			func(s *scene) {
				s.direct.Patch("/Users/"+s.user, rig.Patch(rig.Op("replace", "externalId", "2")))
			}, []int{200, 503}, func(*scene) string { return "1" }},
		{"PATCH, then DELETE",
			func(s *scene) rig.Answer {
				return s.node.Patch("/Users/"+s.user, rig.Patch(rig.Op("replace", "displayName", "1")))
			},
			func(s *scene) { s.direct.Delete("/Users/" + s.user) }, []int{200, 404, 503}, func(*scene) string { return "" }},
		{"DELETE, then creation of the same name",
			func(s *scene) rig.Answer { return s.node.Delete("/Users/" + s.user) },
			func(s *scene) { s.direct.Post("/Users", rig.User(s.name(), "2")) }, []int{204}, func(*scene) string { return "" }},
	}
	for _, as := range []string{"read committed", "mapped"} {
		for _, tt := range overtaken {
			t.Run(as+"/"+tt.name, func(t *testing.T) {
				s := newScene(t, as)
				s.reset(t)
				s.proxy.arm(afterward, func() { tt.meet(s) })
				tt.do(s).Must(t, tt.status...)
				if got := s.direct.Get("/Users/" + s.user).Resource().DisplayName; got != tt.want(s) {
					t.Errorf("displayName is %q, want %q", got, tt.want(s))
				}
			})
		}
	}
}
