package concurrency

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/scimkit/scimkit/internal/sqltest/rig"
)

// world is what the clients of TestOverlap change.
type world struct {
	*history
	nodes []*rig.Node
	app   *rig.Application // whose tables these are, or nil
	plans map[string]int   // by user, as the application has made them

	mu      sync.Mutex
	users   []string            // ids of now
	groups  []string            // the same
	named   map[string][]string // ids that had a name
	refused []refusal
	strange []string // answers that nothing explains
}

// refusal is an answer that says that one of registers had a value.
type refusal struct {
	span
	text      string
	registers []register
	value     string
}

const (
	overlapping = 32 // clients
	requests    = 25 // of each
)

// TestOverlap: 32 clients patch, put, delete and make again the same users and
// groups through three nodes, and so does the application whose tables these may
// be. Each value that is stored in the end is that of a request that no other
// came after, each refusal had its reason, and nobody is a member who is not
// there.
func TestOverlap(t *testing.T) {
	databases(t, overlap)
	t.Run("mapped/serializable", func(t *testing.T) { overlap(t, serializable(t).On(t)) })
}

func overlap(t *testing.T, d rig.Database) {
	w, workers := newWorld(t, d), overlapping
	if d.Foreign {
		workers += employees
	}
	together(workers, func(i int) {
		rng := rand.New(rand.NewPCG(1, uint64(i)))
		for n := range rig.Less(requests) {
			if text := fmt.Sprintf("%d-%d", i, n); i < overlapping {
				w.step(w.nodes[i%len(w.nodes)], rng, text)
			} else {
				w.work(rng, text)
			}
		}
	})
	for _, text := range w.verify(t) {
		t.Error(text)
	}
	check(t, d)
}

func newWorld(t *testing.T, d rig.Database) *world {
	w := &world{history: newHistory(), nodes: serve(t, d, 3, rig.Config{}), plans: make(map[string]int),
		users: make([]string, 10), groups: make([]string, 4), named: make(map[string][]string)}
	nodes := w.nodes
	if d.Foreign {
		w.app = d.Application(t)
		for i := range w.users {
			w.hire(i, "hired")
		}
	}
	for i := range w.users {
		w.createUser(nodes[0], i, "0")
	}
	for i := range w.groups {
		w.createGroup(nodes[0], i, nil)
	}
	return w
}

// pick gives one of users or groups, whom others may delete meanwhile.
func (w *world) pick(list []string, rng *rand.Rand) (i int, id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	i = rng.IntN(len(list))
	return i, list[i]
}

// step sends a request or two.
func (w *world) step(node *rig.Node, rng *rand.Rand, text string) {
	i, user := w.pick(w.users, rng)
	_, second := w.pick(w.users, rng)
	j, group := w.pick(w.groups, rng)
	switch rng.IntN(12) {
	case 0:
		w.remove(node, "/Users/", user)
		w.createUser(node, i, text)
	case 1:
		w.createUser(node, i, text) // most of the time there is one
	case 2:
		if rng.IntN(3) == 0 {
			w.remove(node, "/Groups/", group)
			w.createGroup(node, j, []string{user, second})
		}
	case 3, 4:
		w.changeUser(node, i, user, text, rng.IntN(2) == 0)
	case 5, 6:
		w.put(node, j, group, []string{user, second})
	case 7, 8:
		w.patch(node, group, []string{user, second}, nil)
	case 9:
		w.read(node, user, group, i)
	default:
		w.patch(node, group, nil, []string{user})
	}
}

// reasons are why a request may be refused, by status.
type reasons map[int]refusal

// judge notes an answer that is no success.
func (w *world) judge(a rig.Answer, s span, why reasons) {
	w.mu.Lock()
	defer w.mu.Unlock()
	r, ok := why[a.Status]
	switch {
	case a.OK():
	case ok:
		r.span, r.text = s, a.String()
		w.refused = append(w.refused, r)
	default:
		w.strange = append(w.strange, a.String())
	}
}

// states are those of resources.
func states(ids ...string) (all []register) {
	for _, id := range ids {
		all = append(all, state(id))
	}
	return all
}

// missing: one of the resources was gone.
func missing(ids ...string) refusal { return refusal{registers: states(ids...), value: gone} }

// taken: a resource has the name. Which there may be is known in the end.
func taken(name string) refusal {
	return refusal{registers: []register{{"name", name, ""}}, value: there}
}

func (w *world) created(list []string, i int, name, id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	list[i] = id
	if !slices.Contains(w.named[name], id) { // else it was adopted
		w.named[name] = append(w.named[name], id)
	}
}

func (w *world) createUser(node *rig.Node, i int, text string) {
	name := "u" + strconv.Itoa(i)
	a, s := w.do(func() rig.Answer { return node.Post("/Users", rig.User(name, text)) }, func(a rig.Answer, s span) {
		id := a.Resource().ID
		w.write(state(id), s, there)
		w.write(content(id), s, text)
		w.created(w.users, i, name, id)
	})
	w.judge(a, s, reasons{409: taken(name)})
}

func (w *world) createGroup(node *rig.Node, j int, users []string) {
	name := "g" + strconv.Itoa(j)
	a, s := w.do(func() rig.Answer { return node.Post("/Groups", rig.Group(name, users...)) }, func(a rig.Answer, s span) {
		id := a.Resource().ID
		w.write(state(id), s, there)
		for _, u := range users {
			w.write(member(u, id), s, there)
		}
		w.created(w.groups, j, name, id)
	})
	w.judge(a, s, reasons{409: taken(name), 400: missing(users...)})
}

func (w *world) remove(node *rig.Node, path, id string) {
	a, s := w.do(func() rig.Answer { return node.Delete(path + id) }, func(_ rig.Answer, s span) { w.write(state(id), s, gone) })
	w.judge(a, s, reasons{404: missing(id)})
}

func (w *world) changeUser(node *rig.Node, i int, id, text string, put bool) {
	send := func() rig.Answer { return node.Put("/Users/"+id, rig.User("u"+strconv.Itoa(i), text)) }
	if !put {
		send = func() rig.Answer {
			return node.Patch("/Users/"+id, rig.Patch(rig.Op("replace", "displayName", text), rig.Op("replace", "externalId", text),
				rig.Op("replace", "emails", []any{map[string]any{"value": text + "@example.com"}})))
		}
	}
	a, s := w.do(send, func(_ rig.Answer, s span) { w.write(content(id), s, text) })
	w.judge(a, s, reasons{404: missing(id)})
}

// put makes users the members of a group.
func (w *world) put(node *rig.Node, j int, group string, users []string) {
	send := func() rig.Answer { return node.Put("/Groups/"+group, rig.Group("g"+strconv.Itoa(j), users...)) }
	a, s := w.do(send, func(_ rig.Answer, s span) { w.puts[group] = append(w.puts[group], put{s, users}) })
	w.judge(a, s, reasons{404: missing(group), 400: missing(users...)})
}

func (w *world) patch(node *rig.Node, group string, add, remove []string) {
	var ops []map[string]any
	if len(add) > 0 {
		ops = append(ops, rig.Add(add...))
	}
	for _, u := range remove {
		ops = append(ops, rig.Remove(u))
	}
	a, s := w.do(func() rig.Answer { return node.Patch("/Groups/"+group, rig.Patch(ops...)) }, func(_ rig.Answer, s span) {
		for _, u := range add {
			w.write(member(u, group), s, there)
		}
		for _, u := range remove {
			w.write(member(u, group), s, "")
		}
	})
	w.judge(a, s, reasons{404: missing(group), 400: missing(add...)})
}

// read reads. Whatever others do, that works.
func (w *world) read(node *rig.Node, user, group string, i int) {
	for _, path := range []string{"/Users/" + user, "/Groups/" + group, "/Groups", rig.Filter("/Users", `displayName pr`),
		rig.Filter("/Users", fmt.Sprintf(`userName eq "u%d"`, i))} {
		a := node.Get(path)
		if a.Status != 404 {
			w.judge(a, span{}, nil)
		}
	}
}
