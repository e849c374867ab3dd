package bench

import (
	"cmp"
	"fmt"
	"net/http"
)

// The sides.
const (
	floor = "floor"
	ours  = "scimkit"
	best  = "elimity"
	plain = "elimity-plain"
)

// sizes say how much data there is.
type sizes struct {
	Users  int // whole users, for everything but members
	People int // small users, to be members
	Groups []int
}

var (
	fullSizes  = sizes{Users: 10_000, People: 100_001, Groups: groupSizes}
	smallSizes = sizes{Users: 200, People: 1001, Groups: []int{100, 1000}}
	groupSizes = []int{100, 1000, 10_000, 100_000}
)

// data is a handler with resources, and the ids of those that the requests
// name.
type data struct {
	handler http.Handler
	ids     map[string]string
}

// newData makes the data of a side: users, or people and groups.
func newData(side string, size sizes, set dataset) (*data, error) {
	var d *data
	var err error
	var fillGroup func(id string, people []string) error
	if side == ours {
		d, fillGroup, err = newOurs()
	} else {
		d, fillGroup, err = newElimity(side == best)
	}
	if err != nil {
		return nil, err
	}
	d.ids = make(map[string]string)
	if !set.members {
		return d, d.makeUsers(cmp.Or(set.users, size.Users))
	}
	return d, d.makeGroups(size, fillGroup)
}

// make creates a resource by POST and gives its id.
func (d *data) make(path, body string) (string, error) {
	a := perform(d.handler, request{"POST", path, body})
	if a.Status != http.StatusCreated {
		return "", fmt.Errorf("POST %s: status %d: %s", path, a.Status, a.Body)
	}
	return string(identify(a.Body)), nil
}

func (d *data) makeUsers(n int) error {
	for i := range n {
		id, err := d.make("/Users", userBody(number(i), "Engineer"))
		if err != nil {
			return err
		}
		if i < 10 {
			d.ids[fmt.Sprintf("user%d", i)] = id
		}
	}
	return nil
}

// makeGroups makes people, of whom the last is in no group.
func (d *data) makeGroups(size sizes, fillGroup func(id string, people []string) error) error {
	people := make([]string, size.People)
	for i := range people {
		var err error
		if people[i], err = d.make("/Users", smallUser(i)); err != nil {
			return err
		}
	}
	d.ids["spare"] = people[size.People-1]
	for _, n := range size.Groups {
		id, err := d.make("/Groups", group(fmt.Sprintf("Team of %d", n)))
		if err != nil {
			return err
		}
		if err := fillGroup(id, people[:n]); err != nil {
			return err
		}
		d.ids[fmt.Sprintf("group%d", n)] = id
	}
	return nil
}

// newElimity makes the peer. Members are put into it behind its back: it would
// take long.
func newElimity(indexed bool) (*data, func(string, []string) error, error) {
	users, groups := newPeer(indexed), newPeer(indexed)
	h, err := newPeerServer(users, groups)
	fillGroup := func(id string, people []string) error {
		list := make([]any, len(people))
		for i, p := range people {
			list[i] = map[string]any{"value": p}
		}
		r := groups.byID[id]
		groups.set(r, map[string]any{"displayName": r.attrs["displayName"], "members": list})
		return nil
	}
	return &data{handler: h}, fillGroup, err
}
