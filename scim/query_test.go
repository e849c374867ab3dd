package scim_test

import (
	"fmt"
	"iter"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
)

func fiveUsers(t *testing.T) ([]*scim.Resource, iter.Seq[*scim.Resource]) {
	rt := schema.UserType()
	var all []*scim.Resource
	for i, title := range []string{"b", "", "c", "a", ""} {
		all = append(all, parse(t, rt, fmt.Sprintf(`{"id":"%d","userName":"u%d","title":%q}`, 5-i, 5-i, title)))
	}
	return all, func(yield func(*scim.Resource) bool) {
		for _, r := range all {
			if !yield(r) {
				return
			}
		}
	}
}

func TestQuerySelect(t *testing.T) {
	all, seq := fiveUsers(t) // 5 b, 4 –, 3 c, 2 a, 1 –
	rt := all[0].Type()
	order := func(by string, descending bool) *filter.Order {
		o, err := filter.NewOrder(rt, by, descending)
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	where := func(text string) *filter.Filter {
		e, err := filter.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		f, err := filter.Bind(e, rt)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	for _, tt := range []struct {
		name  string
		q     scim.Query
		total int
		ids   string
	}{
		{"everything, by id", scim.Query{StartIndex: 1, Count: 10}, 5, "12345"},
		{"a page", scim.Query{StartIndex: 2, Count: 2}, 5, "23"},
		{"the last page", scim.Query{StartIndex: 5, Count: 2}, 5, "5"},
		{"beyond the end", scim.Query{StartIndex: 6, Count: 2}, 5, ""},
		{"the number only", scim.Query{StartIndex: 1}, 5, ""},
		{"no start", scim.Query{Count: 1}, 5, "1"},
		{"more than an int holds", scim.Query{StartIndex: 3, Count: 1<<63 - 1}, 5, "345"},
		{"a filter", scim.Query{Filter: where(`title pr`), StartIndex: 1, Count: 2}, 3, "23"},
		{"no match", scim.Query{Filter: where(`title eq "z"`), StartIndex: 1, Count: 2}, 0, ""},
		{"sorted", scim.Query{Order: order("title", false), StartIndex: 1, Count: 5}, 5, "25314"},
		{"descending", scim.Query{Order: order("title", true), StartIndex: 1, Count: 3}, 5, "143"},
		{"sorted page of matches", scim.Query{Filter: where(`title pr`), Order: order("title", true), StartIndex: 2, Count: 1}, 3, "5"},
	} {
		p := tt.q.Select(seq)
		var ids strings.Builder
		for _, r := range p.Resources {
			ids.WriteString(r.ID())
		}
		if p.Total != tt.total || ids.String() != tt.ids {
			t.Errorf("%s: %d, %q, want %d, %q", tt.name, p.Total, ids.String(), tt.total, tt.ids)
		}
	}
	if q := (scim.Query{Filter: where(`title eq "a"`)}); !q.Match(all[3]) || q.Match(all[0]) || !(scim.Query{}).Match(all[0]) {
		t.Error("Match")
	}
}

func TestQueryCut(t *testing.T) {
	all, _ := fiveUsers(t)
	for _, tt := range []struct{ start, count, from, n int }{
		{1, 2, 0, 2}, {4, 2, 3, 2}, {5, 2, 4, 1}, {6, 2, 5, 0}, {1, 0, 0, 0}, {0, 1, 0, 1}, {-3, 1, 0, 1}, {1 << 40, 1 << 40, 5, 0},
	} {
		p := scim.Query{StartIndex: tt.start, Count: tt.count}.Cut(all)
		if p.Total != 5 || len(p.Resources) != tt.n || tt.n > 0 && p.Resources[0] != all[tt.from] {
			t.Errorf("Cut(%d, %d): %d of %d", tt.start, tt.count, len(p.Resources), p.Total)
		}
	}
}
