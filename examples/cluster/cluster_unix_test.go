//go:build unix

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
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

// provider is an identity provider that provisions: users of its own, and a group
// with some of them. It sends one request after the other and again what was
// answered with 503, so that its acknowledged requests say what must be stored.
type provider struct {
	base, name string
	names      map[string]string // displayName of users, by id
	members    map[string]bool   // of the group
	group      string
	acks       int
	replays    int // requests that were sent again
	conflicts  int // replays that found what they were to make
}

// call sends a request until it has another answer than 503 with Retry-After.
// again says that it was sent before.
func (p *provider) call(method, path, body string) (status int, m map[string]any, again bool, err error) {
	for {
		status, header, m, err := send(method, p.base+path, body)
		if err != nil || status != http.StatusServiceUnavailable {
			return status, m, again, err
		}
		if header.Get("Retry-After") == "" {
			return status, m, again, errors.New("503 without Retry-After")
		}
		again = true
		p.replays++
		time.Sleep(10 * time.Millisecond) // less than Retry-After, to have more happen
	}
}

func send(method, url, body string) (int, http.Header, map[string]any, error) {
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		return 0, nil, nil, err
	}
	r.Header.Set("Authorization", "Bearer of-the-tests")
	r.Header.Set("Content-Type", "application/scim+json")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil, nil, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, nil, nil, err
	}
	var m map[string]any
	if len(text) > 0 {
		err = json.Unmarshal(text, &m)
	}
	return resp.StatusCode, resp.Header, m, err
}

// create makes a resource, or finds it after a replay.
func (p *provider) create(path, attribute, value, body string) (id string, err error) {
	status, m, again, err := p.call("POST", path, body)
	if err == nil && status == http.StatusConflict && again {
		p.conflicts++
		status, m, _, err = p.call("GET", path+"?filter="+url.QueryEscape(attribute+` eq "`+value+`"`), "")
		found, _ := m["Resources"].([]any)
		if err == nil && status == http.StatusOK && len(found) == 1 {
			m, status = found[0].(map[string]any), http.StatusCreated
		}
	}
	if err != nil || status != http.StatusCreated {
		return "", fmt.Errorf("POST %s = %d %v %w", path, status, m, err)
	}
	p.acks++
	id, _ = m["id"].(string)
	return id, nil
}

// patch changes a resource. All its changes are such that a replay does no harm.
func (p *provider) patch(path, operation string) error {
	status, m, _, err := p.call("PATCH", path, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[`+operation+`]}`)
	if err != nil || status != http.StatusOK && status != http.StatusNoContent {
		return fmt.Errorf("PATCH %s = %d %v %w", path, status, m, err)
	}
	p.acks++
	return nil
}

// step is a user more, who gets a name and comes into the group; and perhaps one
// who leaves it.
func (p *provider) step(n int, rng *rand.Rand) error {
	if p.group == "" {
		id, err := p.create("/Groups", "displayName", p.name, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"`+p.name+`"}`)
		if err != nil {
			return err
		}
		p.group = id
	}
	name := fmt.Sprintf("%s-%d@example.com", p.name, n)
	id, err := p.create("/Users", "userName", name, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"`+name+`"}`)
	if err != nil {
		return err
	}
	p.names[id] = ""
	if err := p.patch("/Users/"+id, `{"op":"replace","path":"displayName","value":"`+name+` changed"}`); err != nil {
		return err
	}
	p.names[id] = name + " changed"
	if err := p.patch("/Groups/"+p.group, `{"op":"add","path":"members","value":[{"value":"`+id+`"}]}`); err != nil {
		return err
	}
	p.members[id] = true
	if rng.IntN(3) == 0 {
		if err := p.patch("/Groups/"+p.group, `{"op":"remove","path":"members[value eq \"`+id+`\"]"}`); err != nil {
			return err
		}
		delete(p.members, id)
	}
	return nil
}

// verify tells what of the acknowledged is not stored, or more than that.
func (p *provider) verify() error {
	var errs []error
	for id, name := range p.names {
		status, m, _, err := p.call("GET", "/Users/"+id, "")
		if err != nil || status != 200 || m["displayName"] != name {
			errs = append(errs, fmt.Errorf("user %s is %d %v, want %q: %w", id, status, m["displayName"], name, err))
		}
	}
	_, m, _, err := p.call("GET", "/Groups/"+p.group, "")
	list, _ := m["members"].([]any)
	var have, want []string
	for _, e := range list {
		have = append(have, e.(map[string]any)["value"].(string))
	}
	for id := range p.members {
		want = append(want, id)
	}
	slices.Sort(have)
	slices.Sort(want)
	if err != nil || !slices.Equal(have, want) {
		errs = append(errs, fmt.Errorf("the group has %v, want %v: %w", have, want, err))
	}
	return errors.Join(errs...)
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
		r, err := http.NewRequestWithContext(t.Context(), "POST", base+"/Users", strings.NewReader(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"mira@example.com"}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Content-Type", "application/scim+json")
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
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
