package concurrency

import (
	"context"
	"errors"
	"flag"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/scimkit/scimkit/internal/sqltest/pgtest"
	"github.com/scimkit/scimkit/internal/sqltest/rig"
	"github.com/scimkit/scimkit/scim"
)

var rounds = flag.Int("rounds", rig.Less(6), "how often to race")

func TestMain(m *testing.M) {
	flag.Parse()
	pgtest.Main(m)
}

// databases runs a test on each: with the library's tables, and with those of an
// application.
func databases(t *testing.T, test func(t *testing.T, d rig.Database)) {
	own(t, test)
	mapped(t, test)
}

// own has the library's tables. PostgreSQL is also tried with an isolation in
// which transactions that meet fail.
func own(t *testing.T, test func(t *testing.T, d rig.Database)) {
	t.Run("SQLite", func(t *testing.T) { test(t, sqlite(t)) })
	t.Run("PostgreSQL", func(t *testing.T) { test(t, rig.PostgreSQL(pgtest.URL(t))) })
	t.Run("serializable", func(t *testing.T) { test(t, serializable(t)) })
}

// mapped has the tables of an application.
func mapped(t *testing.T, test func(t *testing.T, d rig.Database)) {
	t.Run("mapped/SQLite", func(t *testing.T) { test(t, sqlite(t).On(t)) })
	t.Run("mapped/PostgreSQL", func(t *testing.T) { test(t, rig.PostgreSQL(pgtest.URL(t)).On(t)) })
}

func sqlite(t *testing.T) rig.Database {
	return rig.SQLite(filepath.Join(t.TempDir(), "test.db"), "FULL")
}

func serializable(t *testing.T) rig.Database {
	return rig.PostgreSQL(pgtest.URL(t)).With(rig.Serializable)
}

// serve starts nodes on one database.
func serve(t *testing.T, d rig.Database, n int, c rig.Config) []*rig.Node {
	t.Helper()
	var nodes []*rig.Node
	for range n {
		nodes = append(nodes, rig.Serve(t, d, c))
	}
	t.Cleanup(func() {
		if t.Failed() {
			for _, n := range nodes {
				t.Logf("log: %s", n.Log())
			}
		}
	})
	return nodes
}

// makeUsers makes users and gives their ids.
func makeUsers(t *testing.T, c rig.Client, prefix string, n int) []string {
	t.Helper()
	ids := make([]string, n)
	each(n, 8, func(i int) {
		name := prefix + string(rune('a'+i%26)) + strings.Repeat("x", i/26)
		ids[i] = c.Post("/Users", rig.User(name, name)).Resource().ID
	})
	if slices.Contains(ids, "") {
		t.Fatal("a user could not be made")
	}
	return ids
}

// each calls f with 0 to n-1, so many at a time.
func each(n, atOnce int, f func(i int)) {
	var wg sync.WaitGroup
	next := make(chan int)
	for range atOnce {
		wg.Go(func() {
			for i := range next {
				f(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
}

// together calls f with 0 to n-1, all at once.
func together(n int, f func(i int)) {
	var wg sync.WaitGroup
	begin := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-begin
			f(i)
		})
	}
	close(begin)
	wg.Wait()
}

// check looks at all that is stored.
func check(t *testing.T, d rig.Database) {
	t.Helper()
	if err := rig.Check(t.Context(), d.Pool(t), d); err != nil {
		t.Error(err)
	}
}

// unlocked is a control: a store that reads, edits and writes without a lock.
// The first two to come have both read before one writes.
type unlocked struct {
	scim.ResourceHandler
	read func()
}

// newUnlocked makes the control. read is called when a resource was read.
func newUnlocked(read func()) func(scim.ResourceHandler) scim.ResourceHandler {
	return func(h scim.ResourceHandler) scim.ResourceHandler { return unlocked{h, read} }
}

// meet gives a function that comes back when it was called twice.
func meet() func() {
	var mu sync.Mutex
	calls, both := 0, make(chan struct{})
	return func() {
		mu.Lock()
		if calls++; calls == 2 {
			close(both)
		}
		mu.Unlock()
		<-both
	}
}

func (u unlocked) Update(ctx context.Context, id string, edit func(*scim.Resource) error) (*scim.Resource, error) {
	r, err := u.Get(ctx, id, scim.GetOptions{})
	if err != nil {
		return nil, err
	}
	u.read()
	if err := edit(r); err != nil {
		return nil, err
	}
	return u.ResourceHandler.Update(ctx, id, func(is *scim.Resource) error {
		*is = *r.Clone()
		return nil
	})
}

// updateList is UpdateList of h, if it has one.
func updateList(h scim.ResourceHandler, ctx context.Context, id string, d scim.ListDelta, edit func(*scim.Resource, bool) error) (*scim.Resource, error) {
	if u, ok := h.(scim.ListUpdater); ok {
		return u.UpdateList(ctx, id, d, edit)
	}
	return nil, errors.ErrUnsupported
}
