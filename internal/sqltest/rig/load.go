package rig

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/google/go-cmp/cmp"
)

// facts are sentences about what is stored: "user c1-7 is 12", "group c1-8",
// "c1-7 in shared-0".
type facts map[string]bool

// A Load is what clients do at once. Each has users and groups of its own, and
// puts its users into groups that all share. It sends one request after the
// other, so that its answers tell what must be stored whenever that ends: what
// was acknowledged, and of a request that had no answer all or nothing.
type Load struct {
	clients []*client
	shared  []string // names of groups
	ids     map[string]string
	Acks    int // how many requests were acknowledged
}

// client is one of a Load.
type client struct {
	prefix string
	shared []string
	rng    *rand.Rand
	n      int
	ids    map[string]string // by name
	known  facts             // what was acknowledged
	doubt  facts             // what is stored if the request without an answer was done; nil for none
	fault  error             // an answer that nothing can explain
}

// NewLoad makes clients and the groups that they share.
func NewLoad(c Client, clients int, seed uint64) (*Load, error) {
	l := &Load{ids: make(map[string]string)}
	for i := range 3 {
		name := "shared-" + strconv.Itoa(i)
		a := c.Post("/Groups", Group(name))
		if !a.OK() {
			return nil, fmt.Errorf("POST /Groups: %v", a)
		}
		l.shared = append(l.shared, name)
		l.ids[name] = a.Resource().ID
	}
	for i := range clients {
		l.clients = append(l.clients, &client{prefix: "c" + strconv.Itoa(i) + "-", shared: l.shared,
			rng: rand.New(rand.NewPCG(seed, uint64(i))), ids: maps.Clone(l.ids), known: facts{}})
	}
	return l, nil
}

// Run sends requests to nodes, one for each client in turn. When enough were
// acknowledged, it calls cut, once, while the requests go on. A client ends when
// a request fails, or cut is over.
func (l *Load) Run(enough int, cut func() error, nodes ...Client) error {
	var acks atomic.Int64
	var once sync.Once
	var wg sync.WaitGroup
	var cutErr error
	over := make(chan struct{})
	for i, c := range l.clients {
		wg.Go(func() {
			for !closed(over) && c.step(nodes[i%len(nodes)]) {
				if acks.Add(1) == int64(enough) {
					go once.Do(func() { cutErr = cut(); close(over) })
				}
			}
		})
	}
	wg.Wait()
	// They may have failed by themselves.
	once.Do(func() { cutErr = fmt.Errorf("all clients have failed before the cut"); close(over) })
	<-over
	l.Acks += int(acks.Load())
	for _, c := range l.clients {
		if c.fault != nil {
			return c.fault
		}
	}
	return cutErr
}

func closed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// step sends a request, and tells whether it was acknowledged.
func (c *client) step(node Client) bool {
	c.n++
	name := c.prefix + strconv.Itoa(c.n)
	users, groups := c.named("user "), c.named("group ")
	pick := func(names []string) string { return names[c.rng.IntN(len(names))] }
	what := c.rng.IntN(10)
	switch {
	case len(users) < 4 || what == 0 && len(users) < 16:
		return c.createUser(node, name)
	case what == 1 && len(groups) < 4:
		return c.createGroup(node, name, users[:2])
	case what == 2 && len(groups) > 0:
		return c.delete(node, "/Groups/", pick(groups))
	case what == 3:
		return c.delete(node, "/Users/", pick(users))
	case what <= 5:
		return c.changeUser(node, pick(users), what == 4)
	case what <= 7:
		return c.addMembers(node, pick(slices.Concat(c.shared, groups)), pick(users), pick(users))
	}
	return c.removeMembers(node, pick(slices.Concat(c.shared, groups)), pick(users), pick(users))
}

// named are the users or groups of the client.
func (c *client) named(kind string) (names []string) {
	for f := range c.known {
		if name, ok := strings.CutPrefix(f, kind); ok {
			name, _, _ = strings.Cut(name, " ")
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// done notes the answer to a request that makes next of what is known.
func (c *client) done(a Answer, next facts) bool {
	switch {
	case a.OK():
		c.known = next
		return true
	case a.Err == nil && (a.Status != 503 || a.Header.Get("Retry-After") == ""):
		c.fault = fmt.Errorf("the answer is %v, with Retry-After %q", a, a.Header.Get("Retry-After"))
	}
	c.doubt = next
	return false
}

func userFact(name, content string) string { return "user " + name + " is " + content }

func (c *client) createUser(node Client, name string) bool {
	content := name + "-0"
	next := maps.Clone(c.known)
	next[userFact(name, content)] = true
	a := node.Post("/Users", User(name, content))
	c.ids[name] = a.Resource().ID
	return c.done(a, next)
}

func (c *client) createGroup(node Client, name string, users []string) bool {
	next := maps.Clone(c.known)
	next["group "+name] = true
	var ids []string
	for _, u := range users {
		next[u+" in "+name] = true
		ids = append(ids, c.ids[u])
	}
	a := node.Post("/Groups", Group(name, ids...))
	c.ids[name] = a.Resource().ID
	return c.done(a, next)
}

// delete removes a resource and, with it, its memberships or members.
func (c *client) delete(node Client, path, name string) bool {
	next := facts{}
	for f := range c.known {
		if !slices.Contains(strings.Fields(f), name) {
			next[f] = true
		}
	}
	return c.done(node.Delete(path+c.ids[name]), next)
}

func (c *client) changeUser(node Client, name string, put bool) bool {
	content := name + "-" + strconv.Itoa(c.n)
	next := facts{}
	for f := range c.known {
		if !strings.HasPrefix(f, "user "+name+" ") {
			next[f] = true
		}
	}
	next[userFact(name, content)] = true
	path := "/Users/" + c.ids[name]
	if put {
		return c.done(node.Put(path, User(name, content)), next)
	}
	return c.done(node.Patch(path, Patch(Op("replace", "displayName", content), Op("replace", "externalId", content),
		Op("replace", "emails", []any{map[string]any{"value": content + "@example.com"}}))), next)
}

func (c *client) addMembers(node Client, group string, users ...string) bool {
	next := maps.Clone(c.known)
	var ids []string
	for _, u := range users {
		next[u+" in "+group] = true
		ids = append(ids, c.ids[u])
	}
	return c.done(node.Patch("/Groups/"+c.ids[group], Patch(Add(ids...))), next)
}

func (c *client) removeMembers(node Client, group string, users ...string) bool {
	next := maps.Clone(c.known)
	var ops []map[string]any
	for _, u := range users {
		delete(next, u+" in "+group)
		ops = append(ops, Remove(c.ids[u]))
	}
	return c.done(node.Patch("/Groups/"+c.ids[group], Patch(ops...)), next)
}

// ErrLost says that what is stored is not what was acknowledged.
var ErrLost = errors.New("what is stored is not what was acknowledged")

// Verify compares what a node has stored with what the answers were, and takes
// that for what is known from then on. Its complaints are an ErrLost.
func (l *Load) Verify(node Client) error {
	stored, ids, err := read(node)
	if err != nil {
		return err
	}
	var wrong []string
	for _, c := range l.clients {
		mine := facts{}
		for f := range stored {
			if strings.HasPrefix(f, c.prefix) || strings.HasPrefix(f, "user "+c.prefix) || strings.HasPrefix(f, "group "+c.prefix) {
				mine[f] = true
				delete(stored, f)
			}
		}
		if !maps.Equal(mine, c.known) && (c.doubt == nil || !maps.Equal(mine, c.doubt)) {
			wrong = append(wrong, "acknowledged (-) and stored (+):\n"+cmp.Diff(c.known, mine))
		}
		c.known, c.doubt = mine, nil
		maps.Copy(c.ids, ids)
	}
	for _, name := range l.shared {
		if !stored["group "+name] {
			wrong = append(wrong, "the group "+name+" is lost")
		}
		delete(stored, "group "+name)
	}
	for f := range stored {
		wrong = append(wrong, f+", which nobody has written")
	}
	if wrong != nil {
		return fmt.Errorf("%w: %s", ErrLost, strings.Join(wrong, "\n"))
	}
	return nil
}

// read makes facts of all that a node has.
func read(node Client) (facts, map[string]string, error) {
	users, err := node.All("/Users")
	if err != nil {
		return nil, nil, err
	}
	groups, err := node.All("/Groups")
	if err != nil {
		return nil, nil, err
	}
	stored, ids, names := facts{}, map[string]string{}, map[string]string{}
	for _, u := range users {
		ids[u.UserName], names[u.ID] = u.ID, u.UserName
		if len(u.Emails) != 1 || u.Emails[0].Value != u.DisplayName+"@example.com" || u.ExternalID != u.DisplayName {
			return nil, nil, fmt.Errorf("a user with half a change: %+v", u)
		}
		stored[userFact(u.UserName, u.DisplayName)] = true
	}
	if len(ids) != len(users) {
		return nil, nil, fmt.Errorf("%d users have %d names", len(users), len(ids))
	}
	for _, g := range groups {
		ids[g.DisplayName] = g.ID
		stored["group "+g.DisplayName] = true
		for _, m := range g.Members {
			stored[names[m.Value]+" in "+g.DisplayName] = true
		}
	}
	return stored, ids, nil
}

// Less is n, or a tenth of it under the race detector.
func Less(n int) int {
	if Race {
		return (n + 9) / 10
	}
	return n
}
