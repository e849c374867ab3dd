package crash

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/scimkit/scimkit/internal/sqltest/pgtest"
	"github.com/scimkit/scimkit/internal/sqltest/rig"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// patient has a bad database: what it wrote before stays.
type patient struct {
	*rig.Node
	user, group string
}

func newPatient(t *testing.T, n *rig.Node) *patient {
	t.Helper()
	p := &patient{Node: n}
	p.user = n.Post("/Users", rig.User("ann", "0")).Must(t).Resource().ID
	p.group = n.Post("/Groups", rig.Group("all", p.user)).Must(t).Resource().ID
	return p
}

// reads and writes send one request of each kind.
func (p *patient) reads() map[string]rig.Answer {
	return map[string]rig.Answer{
		"GET": p.Get("/Users/" + p.user), "list": p.Get("/Users"), "GET of a group": p.Get("/Groups/" + p.group),
		"filter": p.Get(rig.Filter("/Users", `userName eq "ann"`)), "search": p.Get(rig.Filter("/Groups", `displayName co "l"`)),
	}
}

func (p *patient) writes() map[string]rig.Answer {
	return map[string]rig.Answer{
		"POST":             p.Post("/Users", rig.User("bob", "0")),
		"PATCH":            p.Patch("/Users/"+p.user, rig.Patch(rig.Op("replace", "displayName", "1"))),
		"PUT":              p.Put("/Users/"+p.user, rig.User("ann", "1")),
		"PATCH of members": p.Patch("/Groups/"+p.group, rig.Patch(rig.Remove(p.user))),
		"PUT of a group":   p.Put("/Groups/"+p.group, rig.Group("none")),
		"DELETE":           p.Delete("/Users/" + p.user),
	}
}

// refused: each answer is a 503 with Retry-After that tells nothing of the
// database.
func refused(t *testing.T, answers map[string]rig.Answer) {
	t.Helper()
	for name, a := range answers {
		if a.Status != 503 || a.Header.Get("Retry-After") == "" || !strings.Contains(string(a.Body), "not available for the moment") {
			t.Errorf("%s: %v", name, a)
		}
	}
}

func answered(t *testing.T, answers map[string]rig.Answer) {
	t.Helper()
	for name, a := range answers {
		if !a.OK() {
			t.Errorf("%s: %v", name, a)
		}
	}
}

// whole: all is as newPatient has made it.
func (p *patient) whole(t *testing.T) {
	t.Helper()
	user, group := p.Get("/Users/"+p.user).Must(t).Resource(), p.Get("/Groups/"+p.group).Must(t).Resource()
	if user.DisplayName != "0" || len(group.MemberIDs()) != 1 || group.DisplayName != "all" {
		t.Errorf("%+v %+v", user, group)
	}
	if users, err := p.All("/Users"); err != nil || len(users) != 1 {
		t.Errorf("%d users, %v", len(users), err)
	}
}

// serve starts a node whose log is shown when the test fails.
func serve(t *testing.T, d rig.Database, c rig.Config) *rig.Node {
	t.Helper()
	n := rig.Serve(t, d, c)
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(n.Log())
		}
	})
	return n
}

// TestGone: PostgreSQL stops, and comes back.
func TestGone(t *testing.T) {
	s := pgtest.Start(t)
	d := rig.PostgreSQL(s.URL())
	p := newPatient(t, serve(t, d, rig.Config{}))
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	for range 2 { // with connections that were open, and with new ones
		refused(t, p.reads())
		refused(t, p.writes())
	}
	startFails(t, d, "connect")
	if err := s.Restart(); err != nil {
		t.Fatal(err)
	}
	for tries := 0; p.Get("/Users/"+p.user).Status == 503 && tries < 20; tries++ {
	}
	p.whole(t)
	answered(t, p.writes())
}

// startFails: a node does not start on a database, and the error names what is
// wrong.
func startFails(t *testing.T, d rig.Database, want string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	_, err := rig.NewHandler(ctx, d.Pool(t), d, rig.Config{})
	if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "sqlstore: ") {
		t.Errorf("start: %v, want sqlstore: … %q", err, want)
	}
}

// TestNoFile: SQLite's folder is not there.
func TestNoFile(t *testing.T) {
	startFails(t, rig.SQLite(filepath.Join(t.TempDir(), "none", "test.db"), "FULL"), "unable to open database file")
}

// TestNoDatabase: the file is none of SQLite's.
func TestNoDatabase(t *testing.T) {
	startFails(t, rig.SQLite("/proc/self/exe", "FULL"), "")
}

// TestReadOnly: a database that takes no writes is read, and each write is
// refused.
func TestReadOnly(t *testing.T) {
	settings := map[sqlstore.Dialect]string{sqlstore.SQLite: "mode=ro", sqlstore.PostgreSQL: "default_transaction_read_only=on"}
	databases(t, func(t *testing.T, d rig.Database) {
		only := d.With(settings[d.Dialect])
		if d.Dialect == sqlstore.PostgreSQL {
			startFails(t, only, "read-only") // there are no tables yet
		}
		p := newPatient(t, serve(t, d, rig.Config{}))
		p.Node = serve(t, only, rig.Config{})
		answered(t, p.reads())
		refused(t, p.writes())
		p.whole(t)
	})
}

// TestFull: SQLite's file may not grow. What is there stays readable and right,
// and when there is room again, all works.
func TestFull(t *testing.T) {
	d := rig.SQLite(filepath.Join(t.TempDir(), "test.db"), "FULL")
	n := serve(t, d, rig.Config{})
	pages := 0
	if err := n.DB.QueryRow("PRAGMA page_count").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	full := serve(t, d.With(fmt.Sprintf("_pragma=max_page_count(%d)", pages+8)), rig.Config{})
	stored := 0
	for ; stored < 1000; stored++ {
		a := full.Post("/Users", rig.User(fmt.Sprint("u", stored), strings.Repeat("x", 400)))
		if !a.OK() {
			refused(t, map[string]rig.Answer{"POST": a})
			break
		}
	}
	users, err := full.All("/Users")
	if err != nil || len(users) != stored || stored == 0 || stored == 1000 {
		t.Errorf("%d users of %d, %v", len(users), stored, err)
	}
	if err := rig.Check(t.Context(), n.DB, d); err != nil {
		t.Error(err)
	}
	n.Post("/Users", rig.User("more", "x")).Must(t)
}

// TestWrongVersion: a database of a version that is not known is left alone.
func TestWrongVersion(t *testing.T) {
	for _, tt := range []struct{ name, damage, want string }{
		{"newer", `INSERT INTO scim_schema (version, name, checksum, applied_at) VALUES (99, 'later', 'x', 0)`, "newer"},
		{"another", `UPDATE scim_schema SET checksum = 'x' WHERE version = 1`, "checksum"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			databases(t, func(t *testing.T, d rig.Database) {
				p := newPatient(t, serve(t, d, rig.Config{}))
				if _, err := p.DB.Exec(tt.damage); err != nil {
					t.Fatal(err)
				}
				startFails(t, d, tt.want)
				p.whole(t)
			})
		})
	}
}

// TestTimeouts: the database gives up waiting for a lock or for a statement. The
// request is refused, and nothing of it stays.
func TestTimeouts(t *testing.T) {
	for _, setting := range []string{"lock_timeout=100", "statement_timeout=100"} {
		t.Run(setting, func(t *testing.T) {
			d := rig.PostgreSQL(pgtest.URL(t))
			p := newPatient(t, serve(t, d, rig.Config{}))
			tx, err := p.DB.Begin()
			if err != nil {
				t.Fatal(err)
			}
			defer tx.Rollback()
			if _, err := tx.Exec(`SELECT 1 FROM scim_resources FOR UPDATE`); err != nil {
				t.Fatal(err)
			}
			hasty := &patient{serve(t, d.With(setting), rig.Config{}), p.user, p.group}
			writes := hasty.writes()
			answered(t, map[string]rig.Answer{"POST": writes["POST"]}) // which waits for nobody
			delete(writes, "POST")
			refused(t, writes)
			if err := tx.Rollback(); err != nil {
				t.Fatal(err)
			}
			answered(t, hasty.writes2())
		})
	}
}

// writes2 is what a client sends again.
func (p *patient) writes2() map[string]rig.Answer {
	return map[string]rig.Answer{
		"PATCH":            p.Patch("/Users/"+p.user, rig.Patch(rig.Op("replace", "displayName", "1"))),
		"PATCH of members": p.Patch("/Groups/"+p.group, rig.Patch(rig.Remove(p.user))),
		"DELETE":           p.Delete("/Users/" + p.user),
	}
}

// TestBusy: another program holds SQLite's lock, and the request's time runs out.
func TestBusy(t *testing.T) {
	d := rig.SQLite(filepath.Join(t.TempDir(), "test.db"), "FULL")
	p := newPatient(t, serve(t, d, rig.Config{Limits: scim.Limits{Timeout: 300 * time.Millisecond}}))
	other, err := d.Pool(t).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := other.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	answered(t, p.reads())
	refused(t, p.writes())
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("%v for 6 requests that have 300 ms each", took)
	}
	if _, err := other.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	p.whole(t)
	answered(t, p.writes2())
}
