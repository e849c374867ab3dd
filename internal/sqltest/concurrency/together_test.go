package concurrency

import (
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
		ids := make([]string, 6)
		for i := range ids {
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

// changeAtOnce changes the empty group by requests that come while another one is under
// way, and empties it again.
func changeAtOnce(t *testing.T, h scim.ListUpdater, group string, u []string) {
	t.Helper()
	member := func(ids ...string) (all []scim.Member) {
		for _, id := range ids {
			all = append(all, scim.Member{Value: id})
		}
		return all
	}
	first, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	requests := []struct {
		scim.ListDelta
		edit func(changed bool) error
		want any
	}{
		{scim.ListDelta{Add: member(u[0])}, func(bool) error { once.Do(func() { close(first); <-release }); return nil }, nil},
		{scim.ListDelta{Add: member(u[1])}, nil, nil},
		{scim.ListDelta{Add: member(u[2])}, func(bool) error { return errNo }, errNo},
		{scim.ListDelta{Add: member(u[3])}, func(bool) error { panic("no") }, "no"},
		{scim.ListDelta{Add: member(u[4], "nobody")}, nil, "unknown"},
		{scim.ListDelta{Add: member(u[5])}, nil, nil},
		{scim.ListDelta{Add: member(u[5])}, nil, nil},
		{scim.ListDelta{Add: member(u[1])}, nil, nil},
	}
	versions := make([]string, len(requests))
	news := make([]bool, len(requests))
	var wg, begun sync.WaitGroup
	for i, q := range requests {
		q.Attribute = "members"
		begun.Add(1)
		wg.Go(func() {
			defer func() {
				if p := recover(); p != nil && p != q.want {
					t.Errorf("request %d: panic %v", i, p)
				}
			}()
			begun.Done()
			r, err := h.UpdateList(t.Context(), group, q.ListDelta, func(_ *scim.Resource, changed bool) error {
				news[i] = changed
				if q.edit == nil {
					return nil
				}
				return q.edit(changed)
			})
			var unknown *scim.UnknownMembersError
			switch {
			case err == nil && q.want == nil:
				versions[i] = r.Meta().Version
			case q.want == errNo && err == errNo, i == 4 && errors.As(err, &unknown) && slices.Equal(unknown.IDs, []string{"nobody"}):
			default:
				t.Errorf("request %d: %v", i, err)
			}
		})
		if i == 0 {
			<-first
		}
	}
	begun.Wait()
	close(release)
	wg.Wait()
	if news[5] == news[6] || news[1] == news[7] || versions[5] == versions[0] || versions[1] == versions[0] {
		t.Errorf("changed: %v, versions %q", news, versions)
	}
	got, want := empty(t, h.(scim.ResourceHandler), group), []string{u[0], u[1], u[5]}
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
