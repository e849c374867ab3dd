package memstore_test

import (
	"fmt"
	"testing"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/memstore"
)

// Benchmark measures the store without the engine, over 10,000 users.
func Benchmark(b *testing.B) {
	const n = 10000
	users, groups := schema.UserType(), schema.GroupType()
	store := memstore.New(memstore.Options{})
	h, g := store.Handler(users), store.Handler(groups)
	ctx := b.Context()
	check := func(err error) {
		if err != nil {
			b.Fatal(err)
		}
	}
	var ids []string
	for i := range n {
		r, err := scim.ParseResource(users, userJSON(i))
		check(err)
		check(h.Create(ctx, r))
		ids = append(ids, r.ID())
	}
	bind := func(text string, rt *schema.ResourceType) *filter.Filter {
		e, err := filter.Parse(text)
		check(err)
		f, err := filter.Bind(e, rt)
		check(err)
		return f
	}
	b.Run("Get", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, err := h.Get(ctx, ids[n/2], scim.GetOptions{})
			check(err)
		}
	})
	for _, text := range []string{`userName eq "person.number007777@contoso.example.com"`, `title co "nothing"`} {
		f := bind(text, users)
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, err := h.List(ctx, scim.Query{Filter: f, StartIndex: 1, Count: 100})
				check(err)
			}
		})
	}
	b.Run("List 100", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, err := h.List(ctx, scim.Query{StartIndex: n / 2, Count: 100})
			check(err)
		}
	})
	b.Run("Update", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, err := h.Update(ctx, ids[n/2], func(r *scim.Resource) error {
				r.SetMeta(r.Meta())
				return nil
			})
			check(err)
		}
	})
	b.Run("Create and Delete", func(b *testing.B) {
		r, err := scim.ParseResource(users, userJSON(n+1))
		check(err)
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			r.SetID(fmt.Sprint(i))
			check(h.Create(ctx, r))
			check(h.Delete(ctx, r.ID(), func(*scim.Resource) error { return nil }))
		}
	})
	for _, size := range []int{10, 1000, n - 1} {
		r, err := scim.ParseResource(groups, fmt.Appendf(nil, `{"displayName":"g%d"}`, size))
		check(err)
		check(r.Set("members", ids[:size]))
		check(g.Create(ctx, r))
		b.Run(fmt.Sprintf("add and remove a member of %d", size), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				d := scim.ListDelta{Attribute: "members", Add: []scim.Member{{Value: ids[n-1]}}}
				if i%2 == 1 {
					d.Add, d.Remove = nil, []string{ids[n-1]}
				}
				_, err := g.(scim.ListUpdater).UpdateList(ctx, r.ID(), d, func(r *scim.Resource, _ bool) error {
					r.SetMeta(scim.Meta{Version: fmt.Sprint(i)})
					return nil
				})
				check(err)
			}
		})
	}
}
