package concurrency

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/scimkit/scimkit/internal/sqltest/rig"
	"github.com/scimkit/scimkit/internal/sqltest/spy"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// TestTogether: changes of one group that share a transaction are as if they came
// one after the other. What one of them is refused for, or panics with, is its own
// affair.
func TestTogether(t *testing.T) {
	own(t, func(t *testing.T, d rig.Database) {
		db, s := spy.Open(t, d.Driver(), d.DSN)
		users, groups := schema.UserType(), schema.GroupType()
		store, err := sqlstore.Open(t.Context(), db, d.Dialect, sqlstore.Options{Types: []*schema.ResourceType{users, groups}})
		if err != nil {
			t.Fatal(err)
		}
		h := store.Handler(groups).(interface {
			scim.ResourceHandler
			scim.ListUpdater
		})
		ids := make([]string, nobody+1)
		ids[nobody] = "nobody"
		for i := range nobody {
			ids[i] = create(t, store.Handler(users), users, "userName", fmt.Sprint("u", i))
		}
		group := create(t, h, groups, "displayName", "all")
		s.Statements()
		shared := false
		for range rig.Less(12) {
			changeAtOnce(t, h, group, ids)
			shared = shared || writes(s) < 6 // of 8 requests, two write nothing
		}
		if !shared {
			t.Error("no requests have shared a transaction")
		}
	})
}

func create(t *testing.T, h scim.ResourceHandler, rt *schema.ResourceType, attribute, value string) string {
	t.Helper()
	r, err := scim.ParseResource(rt, fmt.Appendf(nil, `{"schemas":[%q],%q:%q}`, rt.Schema.ID, attribute, value))
	if err == nil {
		err = h.Create(t.Context(), r)
	}
	if err != nil {
		t.Fatal(err)
	}
	return r.ID()
}

// writes counts the transactions that were begun, or are one statement.
func writes(s *spy.Spy) (n int) {
	for _, text := range s.Statements() {
		if text == "BEGIN" || isSwap(text) {
			n++
		}
	}
	return n
}

var errNo = errors.New("no")

// nobody is the number of an id that no user has.
const nobody = 6

// A change adds users, by their numbers, to a group.
type change struct {
	what string
	add  []int
	edit func() error
	want func(outcome) bool
}

type outcome struct {
	changed  bool // as edit was told
	version  string
	err      error
	panicked any
}

func nothing() error         { return nil }
func refuse() error          { return errNo }
func panics() error          { panic(errNo) }
func stored(o outcome) bool  { return o.err == nil && o.panicked == nil }
func refused(o outcome) bool { return o.err == errNo }
func ended(o outcome) bool   { return o.panicked == errNo }
func unknown(o outcome) bool {
	var unknown *scim.UnknownMembersError
	return errors.As(o.err, &unknown) && slices.Equal(unknown.IDs, []string{"nobody"})
}

// changes are sent at once, while the first one is under way.
var changes = []change{
	{"the first", []int{0}, nothing, stored},
	{"another member", []int{1}, nothing, stored},
	{"what edit refuses", []int{2}, refuse, refused},
	{"what ends in a panic", []int{3}, panics, ended},
	{"a member that there is not", []int{4, nobody}, nothing, unknown},
	{"one of two that add the same", []int{5}, nothing, stored},
	{"the other one", []int{5}, nothing, stored},
	{"a member of before", []int{1}, nothing, stored},
}

// send sends the change to a group.
func (c change) send(ctx context.Context, h scim.ListUpdater, group string, users []string) (o outcome) {
	defer func() { o.panicked = recover() }()
	d := scim.ListDelta{Attribute: "members"}
	for _, n := range c.add {
		d.Add = append(d.Add, scim.Member{Value: users[n]})
	}
	r, err := h.UpdateList(ctx, group, d, func(_ *scim.Resource, changed bool) error {
		o.changed = changed
		return c.edit()
	})
	if o.err = err; err == nil {
		o.version = r.Meta().Version
	}
	return o
}

// changeAtOnce changes the empty group by all of changes, and empties it again.
func changeAtOnce(t *testing.T, h scim.ListUpdater, group string, users []string) {
	t.Helper()
	first, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	wait := func() error {
		once.Do(func() { close(first); <-release })
		return nil
	}
	o := make([]outcome, len(changes))
	var wg, begun sync.WaitGroup
	for i, c := range changes {
		if i == 0 {
			c.edit = wait
		}
		begun.Add(1)
		wg.Go(func() {
			begun.Done()
			o[i] = c.send(t.Context(), h, group, users)
		})
		if i == 0 {
			<-first
		}
	}
	begun.Wait()
	close(release)
	wg.Wait()
	for i, c := range changes {
		if !c.want(o[i]) {
			t.Errorf("%s: %+v", c.what, o[i])
		}
	}
	if o[5].changed == o[6].changed || o[1].changed == o[7].changed || o[5].version == o[0].version || o[1].version == o[0].version {
		t.Errorf("of two that add the same, one changes the group, and its version: %+v", o)
	}
	got, want := empty(t, h.(scim.ResourceHandler), group), []string{users[0], users[1], users[5]}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("members %q, want %q", got, want)
	}
}

// empty empties the group, and gives who was in it.
func empty(t *testing.T, h scim.ResourceHandler, group string) (ids []string) {
	t.Helper()
	r, err := h.Get(t.Context(), group, scim.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range r.Values("members") {
		ids = append(ids, v.String("value"))
	}
	_, err = h.(scim.ListUpdater).UpdateList(t.Context(), group, scim.ListDelta{Attribute: "members", Replace: true},
		func(*scim.Resource, bool) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(ids)
	return ids
}
