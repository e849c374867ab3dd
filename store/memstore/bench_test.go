package memstore_test

import (
	"fmt"
	"testing"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/memstore"
)

// benchUsers is how many users the store has.
const benchUsers = 10000

// A bench is a store with many users, and a benchmark of it.
type bench struct {
	*testing.B
	user, group   *schema.ResourceType
	users, groups scim.ResourceHandler
	ids           []string
}

func (b *bench) must(err error) {
	if err != nil {
		b.Helper()
		b.Fatal(err)
	}
}

// measure runs f again and again.
func (b *bench) measure(name string, f func(i int) error) {
	b.Run(name, func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			if err := f(i); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// Benchmark measures the store without the engine.
func Benchmark(b *testing.B) {
	store := memstore.New(memstore.Options{})
	s := &bench{B: b, user: schema.UserType(), group: schema.GroupType()}
	s.users, s.groups = store.Handler(s.user), store.Handler(s.group)
	for i := range benchUsers {
		r, err := scim.ParseResource(s.user, userJSON(i))
		s.must(err)
		s.must(s.users.Create(b.Context(), r))
		s.ids = append(s.ids, r.ID())
	}
	s.read()
	s.write()
	for _, size := range []int{10, 1000, benchUsers - 1} {
		s.members(size)
	}
}

func (b *bench) read() {
	b.measure("Get", func(int) error {
		_, err := b.users.Get(b.Context(), b.ids[benchUsers/2], scim.GetOptions{})
		return err
	})
	for _, text := range []string{`userName eq "person.number007777@contoso.example.com"`, `title co "nothing"`} {
		e, err := filter.Parse(text)
		b.must(err)
		f, err := filter.Bind(e, b.user)
		b.must(err)
		b.measure(text, func(int) error {
			_, err := b.users.List(b.Context(), scim.Query{Filter: f, StartIndex: 1, Count: 100})
			return err
		})
	}
	b.measure("List 100", func(int) error {
		_, err := b.users.List(b.Context(), scim.Query{StartIndex: benchUsers / 2, Count: 100})
		return err
	})
}

func (b *bench) write() {
	b.measure("Update", func(int) error {
		_, err := b.users.Update(b.Context(), b.ids[benchUsers/2], func(r *scim.Resource) error {
			r.SetMeta(r.Meta())
			return nil
		})
		return err
	})
	r, err := scim.ParseResource(b.user, userJSON(benchUsers+1))
	b.must(err)
	b.measure("Create and Delete", func(i int) error {
		r.SetID(fmt.Sprint(i))
		if err := b.users.Create(b.Context(), r); err != nil {
			return err
		}
		return b.users.Delete(b.Context(), r.ID(), func(*scim.Resource) error { return nil })
	})
}

// members measures one of a group that has as many others.
func (b *bench) members(size int) {
	g, err := scim.ParseResource(b.group, fmt.Appendf(nil, `{"displayName":"g%d"}`, size))
	b.must(err)
	b.must(g.Set("members", b.ids[:size]))
	b.must(b.groups.Create(b.Context(), g))
	last := b.ids[benchUsers-1]
	b.measure(fmt.Sprintf("add and remove a member of %d", size), func(i int) error {
		d := scim.ListDelta{Attribute: "members", Add: []scim.Member{{Value: last}}}
		if i%2 == 1 {
			d.Add, d.Remove = nil, []string{last}
		}
		_, err := b.groups.(scim.ListUpdater).UpdateList(b.Context(), g.ID(), d, func(r *scim.Resource, _ bool) error {
			r.SetMeta(scim.Meta{Version: fmt.Sprint(i)})
			return nil
		})
		return err
	})
}
