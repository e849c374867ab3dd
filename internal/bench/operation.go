package bench

import (
	"bytes"
	"fmt"
	"strings"
)

// An operation is one row of the table.
type operation struct {
	name     string
	requests []request // played in turn; {x} is the id called x
	probe    *request  // asked after each request when answers are checked
	creates  bool      // each request makes a resource, which has to go again
	data     dataset   // what the handler holds
	bare     bool      // the peer without indexes is measured, too
	ignored  bool      // the peer does not do what is asked, but answers
	check    check
	inside   goals // in process
	tcp      goals
}

// A request is what is sent.
type request struct {
	Method, Target, Body string
}

// A dataset is what a handler holds: so many users, or people and groups.
type dataset struct {
	users   int // 0 is the usual number
	members bool
}

// goals are those of the project; zero is no goal. Growth has one of its own.
type goals struct {
	floor  float64 // at most so many times the floor
	peer   float64 // at least so many times as fast as the indexed peer
	bare   float64 // at least so many times as fast as the plain peer
	allocs float64
}

// operations are all rows. Each changes a user of its own. A member is added
// and taken out again, so that the group keeps its size.
func operations() []operation {
	list := []operation{
		{name: "get", requests: one("GET", "/Users/{user0}"), check: isUser,
			inside: goals{floor: 2.5, peer: 80, allocs: 2}, tcp: goals{floor: 1.1, peer: 2.8}},
		{name: "get_projected", requests: one("GET", "/Users/{user0}?attributes=userName,active,emails"), ignored: true, check: isProjected,
			inside: goals{floor: 6, allocs: 4}},
		{name: "eq", requests: one("GET", "/Users?filter=userName+eq+%22"+userName(1)+"%22"), bare: true, check: isFound,
			tcp: goals{floor: 1.15, bare: 90}},
		{name: "list_100", requests: one("GET", "/Users?count=100"), check: isList,
			inside: goals{floor: 3, peer: 200}, tcp: goals{floor: 1.1, peer: 60}},
		{name: "post", requests: []request{{"POST", "/Users", userBody(placeholder, "Engineer")}}, creates: true, check: isCreated,
			inside: goals{peer: 10, allocs: 20}, tcp: goals{floor: 1.6, peer: 4.5}},
		{name: "put", requests: []request{
			{"PUT", "/Users/{user2}", userBody(number(2), "Engineer")},
			{"PUT", "/Users/{user2}", userBody(number(2), "Architect")}}, check: isReplaced,
			inside: goals{peer: 10, allocs: 20}, tcp: goals{floor: 1.6, peer: 3.5}},
		{name: "patch_5", requests: []request{
			{"PATCH", "/Users/{user3}", entraPatch("Tour Operations", true)},
			{"PATCH", "/Users/{user3}", entraPatch("Theme Park", false)}}, check: isPatched,
			inside: goals{peer: 70, allocs: 30}, tcp: goals{floor: 1.8, peer: 27}},
		{name: "schemas", requests: one("GET", "/Schemas"), check: isSchemas,
			inside: goals{floor: 1.1}, tcp: goals{floor: 1.1, peer: 80}},
	}
	for _, n := range groupSizes {
		target := fmt.Sprintf("/Groups/{group%d}", n)
		op := operation{name: fmt.Sprintf("member_%d", n), data: dataset{members: true}, bare: true, check: isMember,
			requests: []request{{"PATCH", target, memberPatch("Add")}, {"PATCH", target, memberPatch("Remove")}},
			probe:    &request{Method: "GET", Target: target}}
		if n == 1000 {
			op.inside.bare = 300
		}
		list = append(list, op)
	}
	return list
}

func one(method, target string) []request { return []request{{Method: method, Target: target}} }

// equality is the look-up by userName among n users.
func equality(n int) operation {
	return operation{name: fmt.Sprintf("eq_%d", n), data: dataset{users: n}, check: isFound,
		requests: one("GET", "/Users?filter=userName+eq+%22"+userName(1)+"%22")}
}

// find gives the operation called name.
func find(name string) (operation, error) {
	for _, op := range append(operations(), equality(1000), equality(100_000)) {
		if op.name == name {
			return op, nil
		}
	}
	return operation{}, fmt.Errorf("there is no operation %q", name)
}

// resolve puts the ids of a side into the requests.
func resolve(list []request, ids map[string]string) []request {
	var pairs []string
	for name, id := range ids {
		pairs = append(pairs, "{"+name+"}", id)
	}
	r := strings.NewReplacer(pairs...)
	out := make([]request, len(list))
	for i, q := range list {
		out[i] = request{q.Method, r.Replace(q.Target), r.Replace(q.Body)}
	}
	return out
}

// places finds the placeholders in text.
func places(text []byte) []int {
	var at []int
	for from := 0; ; {
		i := bytes.Index(text[from:], []byte(placeholder))
		if i < 0 {
			return at
		}
		at = append(at, from+i)
		from += i + len(placeholder)
	}
}

// fill writes n over the placeholders at the given places.
func fill(text []byte, at []int, n uint64) {
	for _, p := range at {
		for i, rest := len(placeholder)-1, n; i >= 0; i, rest = i-1, rest/10 {
			text[p+i] = byte('0' + rest%10)
		}
	}
}
