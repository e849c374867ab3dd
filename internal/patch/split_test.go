package patch

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
)

var members = List(groupType)

func TestList(t *testing.T) {
	if got := groupType.Attr(members).Path; got != "members" {
		t.Errorf("the list of a group is %s", got)
	}
	if got := List(userType); got != model.None {
		t.Errorf("a user has the list %s", userType.Attr(got).Path)
	}
}

func TestSplit(t *testing.T) {
	m := func(values ...string) (list []Member) {
		for _, v := range values {
			list = append(list, Member{Value: v})
		}
		return list
	}
	for _, c := range []struct {
		name, ops string
		delta     *Delta
		rest      int
	}{
		{"no members", `[{"op":"replace","path":"displayName","value":"N"}]`, nil, 1},
		{"add", `[{"op":"add","path":"members","value":[{"value":"a","type":"User","display":"A"},{"value":"b"}]}]`, &Delta{Add: []Member{{"a", "User", "A"}, {Value: "b"}}}, 0},
		{"add one", `[{"op":"add","path":"MEMBERS","value":{"value":"a"}}]`, &Delta{Add: m("a")}, 0},
		{"remove by list", `[{"op":"remove","path":"members","value":[{"value":"a"},{"value":"b"}]}]`, &Delta{Remove: []string{"a", "b"}}, 0},
		{"remove by filter", `[{"op":"remove","path":"members[value eq \"a\"]"}]`, &Delta{Remove: []string{"a"}}, 0},
		{"remove by a chain of or", `[{"op":"remove","path":"members[value eq \"a\" or Value eq \"b\" or (value eq \"c\")]"}]`, &Delta{Remove: []string{"a", "b", "c"}}, 0},
		{"remove by $ref", `[{"op":"remove","path":"members[$ref eq \"https://x.com/Users/a\"]"}]`, &Delta{Remove: []string{"a"}}, 0},
		{"remove all", `[{"op":"remove","path":"members"}]`, &Delta{Replace: true}, 0},
		{"remove null", `[{"op":"remove","path":"members","value":null}]`, &Delta{Replace: true}, 0},
		{"replace", `[{"op":"replace","path":"members","value":[{"value":"a"}]}]`, &Delta{Replace: true, Add: m("a")}, 0},
		{"replace by nothing", `[{"op":"replace","path":"members","value":[]}]`, &Delta{Replace: true}, 0},
		{"without path", `[{"op":"replace","value":{"displayName":"N","members":[{"value":"a"}]}}]`, &Delta{Replace: true, Add: m("a")}, 1},
		{"add without path", `[{"op":"add","value":{"displayName":"N","members":[{"value":"a"}]}}]`, &Delta{Add: m("a")}, 1},
		{"core URI", `[{"op":"add","path":"` + groupURN + `:members","value":[{"value":"a"}]}]`, &Delta{Add: m("a")}, 0},
		{"add, then remove", `[{"op":"add","path":"members","value":[{"value":"a"},{"value":"b"}]},{"op":"remove","path":"members[value eq \"a\"]"}]`, &Delta{Add: m("b"), Remove: []string{"a"}}, 0},
		{"remove, then add", `[{"op":"remove","path":"members[value eq \"a\"]"},{"op":"add","path":"members","value":[{"value":"a"}]}]`, &Delta{Add: m("a")}, 0},
		{"add, then remove all", `[{"op":"add","path":"members","value":[{"value":"a"}]},{"op":"remove","path":"members"}]`, &Delta{Replace: true}, 0},
		{"remove all, add, remove one", `[{"op":"remove","path":"members"},{"op":"add","path":"members","value":[{"value":"a"},{"value":"b"}]},{"op":"remove","path":"members[value eq \"a\"]"},{"op":"remove","path":"members[value eq \"z\"]"}]`, &Delta{Replace: true, Add: m("b")}, 0},
		{"nothing listed", `[{"op":"remove","path":"members","value":[]},{"op":"replace","path":"displayName","value":"N"}]`, nil, 1},
		{"nothing to add", `[{"op":"add","path":"members","value":[]}]`, &Delta{}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := parse(t, c.ops)
			d, rest, ok := r.Split(members)
			if !ok {
				t.Fatal("no delta")
			}
			if diff := cmp.Diff(c.delta, d); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if len(rest.ops) != c.rest {
				t.Errorf("%d operations remain, want %d", len(rest.ops), c.rest)
			}
		})
	}
}

func parse(t testing.TB, ops string) *Request {
	t.Helper()
	r, err := Parse([]byte(message(ops)), groupType, tolerant())
	if err != nil {
		t.Fatalf("%s: %v", ops, err)
	}
	return r
}

func TestSplitNeedsTheList(t *testing.T) {
	for _, ops := range []string{
		`[{"op":"remove","path":"members[type eq \"User\"]"}]`,
		`[{"op":"remove","path":"members[value eq \"a\" and type eq \"User\"]"}]`,
		`[{"op":"remove","path":"members[value ne \"a\"]"}]`,
		`[{"op":"remove","path":"members[value sw \"a\"]"}]`,
		`[{"op":"replace","path":"members[value eq \"a\"].display","value":"A"}]`,
		`[{"op":"replace","path":"members[value eq \"a\"]","value":{"display":"A"}}]`,
		`[{"op":"remove","path":"members.display"}]`,
		`[{"op":"add","path":"members","value":[{"value":"a"}]},{"op":"add","path":"members","value":[{"display":"A"}]}]`,
		`[{"op":"add","path":"members","value":7}]`,
	} {
		if _, _, ok := parse(t, ops).Split(members); ok {
			t.Errorf("%s: a delta", ops)
		}
	}
}

// reference is membership as everybody understands it: a list without
// duplicates.
type reference []string

func (m *reference) add(v string) {
	if !slices.Contains(*m, v) {
		*m = append(*m, v)
	}
}

func (m *reference) remove(v string) {
	*m = slices.DeleteFunc(*m, func(x string) bool { return x == v })
}

// step gives one random operation and does it to m.
func (m *reference) step(r *rand.Rand) string {
	var values []string
	for range r.IntN(4) {
		values = append(values, fmt.Sprintf("m%d", r.IntN(12)))
	}
	var list []string
	for _, v := range values {
		list = append(list, fmt.Sprintf(`{"value":%q}`, v))
	}
	array := "[" + strings.Join(list, ",") + "]"
	each := func(f func(string)) {
		for _, v := range values {
			f(v)
		}
	}
	switch r.IntN(8) {
	case 0, 1:
		each(m.add)
		return `{"op":"Add","path":"members","value":` + array + `}`
	case 2:
		each(m.add)
		return `{"op":"add","value":{"members":` + array + `}}`
	case 3:
		each(m.remove)
		return `{"op":"Remove","path":"members","value":` + array + `}`
	case 4, 5:
		if len(values) == 0 {
			values = []string{"m1"}
		}
		each(m.remove)
		return `{"op":"remove","path":"members[value eq \"` + strings.Join(values, `\" or value eq \"`) + `\"]"}`
	case 6:
		*m = nil
		each(m.add)
		return `{"op":"replace","path":"members","value":` + array + `}`
	}
	*m = nil
	return `{"op":"remove","path":"members"}`
}

// TestDeltaEqualsRewrite applies random operations in four ways: to the
// reference, one by one, collapsed, and as a delta. All give the same members.
func TestDeltaEqualsRewrite(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for round := range 3000 {
		var want reference
		start := make([]string, rnd.IntN(10))
		for i := range start {
			start[i] = fmt.Sprintf("m%d", rnd.IntN(12))
			want.add(start[i])
		}
		before := group(t, want)
		ops := make([]string, 1+rnd.IntN(40))
		for i := range ops {
			ops[i] = want.step(rnd)
		}
		r := parse(t, "["+strings.Join(ops, ",")+"]")

		one := document.NewTree(groupType)
		one.Load(before)
		for i := range r.ops {
			single := Request{t: r.t, opts: r.opts, ops: r.ops[i : i+1]}
			if err := single.Apply(one); err != nil {
				t.Fatal(err)
			}
		}
		all, _, err := r.Edit(document.NewTree(groupType), before)
		if err != nil {
			t.Fatal(err)
		}
		for name, got := range map[string][]string{
			"one by one": ids(one.Doc()), "all": ids(all), "delta": applied(t, r, ids(before)),
		} {
			// A list that comes to the same members keeps its order.
			slices.Sort(got)
			if slices.Sort(want); !slices.Equal(got, want) {
				t.Fatalf("round %d, %s: %v, want %v\n%v\n%s", round, name, got, want, start, strings.Join(ops, "\n"))
			}
		}
	}
}

func group(t testing.TB, ids []string) *document.Doc {
	list := make([]string, len(ids))
	for i, id := range ids {
		list[i] = `{"value":"` + id + `"}`
	}
	return load(t, groupType, `{"displayName":"G","members":[`+strings.Join(list, ",")+`]}`)
}

func ids(d *document.Doc) (list []string) {
	v, _ := d.Get(members)
	it := v.Iter()
	for e, ok := it.Next(); ok; e, ok = it.Next() {
		id, _ := e.Member(groupType.Attr(groupType.Attr(members).Value))
		list = append(list, id.String())
	}
	return list
}

// applied does what a store does with a delta.
func applied(t *testing.T, r *Request, ids []string) []string {
	d, _, ok := r.Split(members)
	if !ok {
		t.Fatal("no delta")
	}
	if d == nil {
		return ids
	}
	var m reference = ids
	if d.Replace {
		m = nil
	}
	for _, x := range d.Add {
		if slices.Contains(d.Remove, x.Value) {
			t.Fatalf("%s is added and removed", x.Value)
		}
		m.add(x.Value)
	}
	for _, x := range d.Remove {
		m.remove(x)
	}
	return m
}

// TestManyMembers keeps members beyond the sizes at which others lost them.
func TestManyMembers(t *testing.T) {
	have := make([]string, 300)
	for i := range have {
		have[i] = fmt.Sprintf("m%d", i)
	}
	before := group(t, have)
	var list, paths []string
	for i := 250; i < 450; i++ {
		list = append(list, fmt.Sprintf(`{"value":"m%d"}`, i))
	}
	for i := range 100 {
		paths = append(paths, fmt.Sprintf(`{"op":"remove","path":"members[value eq \"m%d\"]"}`, i))
	}
	after, _, err := send(before, message(`[{"op":"add","value":{"members":[`+strings.Join(list, ",")+`]}},`+strings.Join(paths, ",")+`]`), tolerant())
	if err != nil {
		t.Fatal(err)
	}
	got := ids(after)
	if len(got) != 350 || got[0] != "m100" || got[349] != "m449" {
		t.Errorf("%d members, %v … %v", len(got), got[0], got[len(got)-1])
	}
}
