//go:build unix

package main

import (
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/scimkit/scimkit/examples/internal/exampletest"
)

// database is a PostgreSQL for a test, or the test is skipped, but not in CI.
func database(t *testing.T) string {
	t.Helper()
	name := exampletest.DB(t, "memory")
	if _, err := findPostgres(); name == "memory" && err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skipf("SKIPPED, NOT TESTED: %v", err)
	}
	return name
}

var startedNode = regexp.MustCompile(`msg="node started" node=(\d+) pid=(\d+)`)

// pids are those of the nodes that run, by what the log says.
func pids(log string) map[string]int {
	running := map[string]int{}
	for _, m := range startedNode.FindAllStringSubmatch(log, -1) {
		running[m[1]], _ = strconv.Atoi(m[2])
	}
	return running
}

// TestCluster: nodes are killed and start again while identity providers
// provision. They see nothing but success, 503 with Retry-After, and 409 for what
// they send again; in the end all that was acknowledged is there, and no more.
func TestCluster(t *testing.T) {
	db := database(t)
	p := exampletest.Start(t, exampletest.Build(t, "cluster"), "-db", db, "-token", "of-the-tests")
	base := p.Values["base_url"]
	var over atomic.Bool
	var wg sync.WaitGroup
	providers, errs := make([]*provider, 4), make([]error, 4)
	for i := range providers {
		providers[i] = &provider{base: base, name: "p" + strconv.Itoa(i), names: map[string]string{}, members: map[string]bool{}}
		rng := rand.New(rand.NewPCG(1, uint64(i)))
		wg.Go(func() {
			for n := 0; !over.Load() && errs[i] == nil; n++ {
				errs[i] = providers[i].step(n, rng)
			}
		})
	}
	kills := killNodes(p, 15)
	over.Store(true)
	wg.Wait()
	acks, replays, conflicts := 0, 0, 0
	for i, x := range providers {
		if err := errors.Join(errs[i], x.verify()); err != nil {
			t.Error(err)
		}
		acks, replays, conflicts = acks+x.acks, replays+x.replays, conflicts+x.conflicts
	}
	t.Logf("%d kills, %d acknowledged requests, %d replays, %d of them conflicts", kills, acks, replays, conflicts)
	if kills < 10 || acks < 50 {
		t.Errorf("%d kills and %d acknowledged requests are too few to tell anything\n%s", kills, acks, p.Stderr())
	}
	// The test sees what is lost, and what should not be there.
	lost := *providers[0]
	lost.names = map[string]string{"no-such-user": "x"}
	more := *providers[0]
	more.members = map[string]bool{}
	if lost.verify() == nil || len(providers[0].members) > 0 && more.verify() == nil {
		t.Error("the test does not see what is lost, or too much")
	}
}

// killNodes kills nodes that run, so many times, each when all have started again
// or a moment later, and tells how many there were to kill.
func killNodes(p *exampletest.Process, times int) (kills int) {
	rng := rand.New(rand.NewPCG(2, 2))
	killed := map[int]bool{}
	for end := time.Now().Add(time.Minute); kills < times && time.Now().Before(end); {
		time.Sleep(time.Duration(100+rng.IntN(200)) * time.Millisecond)
		for _, pid := range pids(p.Stderr()) {
			if !killed[pid] && rng.IntN(2) == 0 && kills < times {
				killed[pid] = true
				if syscall.Kill(pid, syscall.SIGKILL) == nil {
					kills++
				}
			}
		}
	}
	return kills
}

// TestStays: what the database holds is there after the next start, and the token of
// before goes on.
func TestStays(t *testing.T) {
	binary, db := exampletest.Build(t, "cluster"), database(t)
	if db == "memory" {
		db = shortDir(t)
	}
	first := exampletest.Start(t, binary, "-db", db, "-nodes", "1")
	token := first.Values["token"]
	post := func(base string) int {
		resp, _ := exampletest.Send(t, "POST", base+"/Users", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"mira@example.com"}`,
			exampletest.Bearer(token), exampletest.SCIM)
		return resp.StatusCode
	}
	if got := post(first.Values["base_url"]); got != 201 {
		t.Errorf("POST /Users = %d", got)
	}
	first.Stop()
	second := exampletest.Start(t, binary, "-db", db, "-nodes", "1")
	if got := post(second.Values["base_url"]); got != 409 {
		t.Errorf("POST /Users after the next start = %d", got)
	}
}

// shortDir is a folder that the user postgres reaches, too.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "cluster")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func TestRunRefuses(t *testing.T) {
	for _, args := range [][]string{{"-db", ""}, {"-nodes", "0"}, {"-addr", "no such address"}, {"-nonsense"}, {"-addr", "127.0.0.1:0", "-db", "mysql://x"}} {
		if err := run(t.Context(), args, io.Discard); err == nil {
			t.Errorf("run(%q) = nil, want an error", args)
		}
	}
	if err := runNode(t.Context(), "no order", strings.NewReader(""), io.Discard); err == nil {
		t.Error("a node without an order: no error")
	}
}
