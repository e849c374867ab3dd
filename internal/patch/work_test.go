package patch

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
)

// repeated joins n elements, made with their number.
func repeated(n int, element func(int) string) string {
	list := make([]string, n)
	for i := range list {
		list[i] = element(i)
	}
	return strings.Join(list, ",")
}

func accents(n int) string {
	return `{"userName":"u","emails":[` + repeated(n, func(i int) string {
		return fmt.Sprintf(`{"value":"%s%d","display":"d"}`, strings.Repeat("é", 30), i)
	}) + `]}`
}

func terse(n int) string {
	return `{"displayName":"G","members":[` + repeated(n, func(i int) string {
		return fmt.Sprintf(`{"value":"m%d","type":"User","display":"Member %d"}`, i, i)
	}) + `]}`
}

// TestWork: operations of which each is within all limits are refused when
// they are too much together, and after how much is counted, not timed.
func TestWork(t *testing.T) {
	wide := `emails[` + strings.ReplaceAll(repeated(16, func(i int) string { return fmt.Sprintf(`value co \"q%d\"`, i) }), ",", " or ") + `].display`
	remove := func(path string) func(int) string {
		return func(i int) string {
			return `{"op":"remove","path":"` + strings.ReplaceAll(path, "#", fmt.Sprint(i)) + `"}`
		}
	}
	for _, c := range []struct {
		name      string
		typ       *model.Type
		before    string
		ops       int
		op        func(int) string
		most      int64 // comparisons, at the end
		wantsType string
	}{
		{"many terms", userType, accents(1000), 900, remove(wide), defaultWork * 101 / 100, invalidValue},
		{"members by display", groupType, terse(1000), 1000, remove(`members[display eq \"none #\"]`), defaultWork * 101 / 100, invalidValue},
		{"no filter", userType, accents(1000), 1000, remove("emails.display"), defaultWork * 101 / 100, ""},
		{"one of many members", groupType, terse(50_000), 1, remove(`members[display eq \"none\"]`), defaultWork, ""},
		{"an ordinary request", userType, accents(20), 20, remove(`emails[value co \"q\" or type eq \"home\"].display`), 5000, ""},
		{"value of all elements", userType, accents(1000), 100, func(i int) string {
			return fmt.Sprintf(`{"op":"replace","path":"emails.display","value":"%s%d"}`, strings.Repeat("x", 8000), i)
		}, defaultWork * 5 / 4, invalidValue},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := Parse([]byte(message(`[`+repeated(c.ops, c.op)+`]`)), c.typ, tolerant())
			if err != nil {
				t.Fatal(err)
			}
			tree := document.NewTree(c.typ)
			tree.Load(load(t, c.typ, c.before))
			a := newApplier(r, tree)
			var failed *Error
			for i := range r.ops {
				if failed = a.do(&r.ops[i]); failed != nil {
					break
				}
			}
			got := ""
			if failed != nil {
				got = failed.Type
			}
			if got != c.wantsType || got != "" && !strings.Contains(failed.Detail, "limit of work of one PATCH, 500000 comparisons") {
				t.Errorf("%q, want %q: %v", got, c.wantsType, failed)
			}
			if a.work > c.most*unit {
				t.Errorf("work of %d comparisons, want at most %d", a.work/unit, c.most)
			}
		})
	}
}

func TestWorkLimit(t *testing.T) {
	o := tolerant()
	o.Limits.Work = 20
	body := message(`[{"op":"remove","path":"emails[value co \"q\"]"}]`)
	if _, _, err := send(load(t, userType, accents(2)), body, o); err != nil {
		t.Error(err)
	}
	if _, _, err := send(load(t, userType, accents(10)), body, o); scimType(err) != invalidValue {
		t.Errorf("%v, want %s", err, invalidValue)
	}
}

func TestTerms(t *testing.T) {
	path := func(n int) string {
		return message(`[{"op":"remove","path":"emails[` + strings.Repeat(`type pr and (not (value pr)) or `, n/2-1) + `type pr and value pr].display"}]`)
	}
	before := load(t, userType, accents(2))
	for _, c := range []struct {
		limit, terms int
		want         string
	}{{0, 16, ""}, {0, 18, invalidFilter}, {4, 4, ""}, {4, 6, invalidFilter}, {30, 30, ""}} {
		o := tolerant()
		o.Limits.Terms = c.limit
		_, _, err := send(before, path(c.terms), o)
		if scimType(err) != c.want {
			t.Errorf("%d terms, limit %d: %v, want %q", c.terms, c.limit, err, c.want)
		}
	}
}

// TestStop: Stop is asked before each operation and within long ones, and its
// error is given as it is.
func TestStop(t *testing.T) {
	for _, c := range []struct {
		name, ops string
		elements  int
		calls     int // that pass
	}{
		{"before the first", `[{"op":"replace","path":"title","value":"x"}]`, 1, 0},
		{"between operations", `[{"op":"replace","path":"title","value":"x"},{"op":"replace","path":"title","value":"y"}]`, 1, 1},
		{"within an operation", `[{"op":"remove","path":"emails[value co \"q\"]"}]`, 1000, 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := tolerant()
			calls := 0
			o.Stop = func() error {
				if calls++; calls > c.calls {
					return context.DeadlineExceeded
				}
				return nil
			}
			_, _, err := send(load(t, userType, accents(c.elements)), message(c.ops), o)
			if err != context.DeadlineExceeded || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%v, want the error of Stop", err)
			}
		})
	}
}

// TestReplaceKeepsMembers: what the provider has said of a member stays, as it
// does when a store applies the delta of the same request.
func TestReplaceKeepsMembers(t *testing.T) {
	const (
		a = `{"value":"a","display":"A","type":"User"}`
		b = `{"value":"b","display":"B","type":"Group"}`
	)
	before := load(t, groupType, `{"displayName":"G","members":[`+a+`,`+b+`]}`)
	many := strings.Repeat(`{"op":"add","path":"members","value":[{"value":"a"}]},`, 20)
	for _, c := range []struct{ name, ops, want string }{
		{"same", `{"op":"replace","path":"members","value":[{"value":"a"},{"value":"b"}]}`, a + `,` + b},
		{"same in another order", `{"op":"replace","path":"members","value":[{"value":"b","display":"X"},{"value":"a"}]}`, a + `,` + b},
		{"one less", `{"op":"replace","path":"members","value":[{"value":"b"}]}`, b},
		{"one more", `{"op":"replace","path":"members","value":[{"value":"c","type":"User"},{"value":"b"},{"value":"a"}]}`, `{"value":"c","type":"User"},` + b + `,` + a},
		{"without path", `{"op":"replace","value":{"members":[{"value":"a"},{"value":"b"}]}}`, a + `,` + b},
		{"collapsed, same", many + `{"op":"replace","path":"members","value":[{"value":"b"},{"value":"a"}]}`, a + `,` + b},
		{"collapsed, one more", many + `{"op":"replace","path":"members","value":[{"value":"b"},{"value":"c"}]}`, b + `,{"value":"c"}`},
		{"nothing", `{"op":"replace","path":"members","value":[]}`, ``},
	} {
		t.Run(c.name, func(t *testing.T) {
			after, changed, err := send(before, message(`[`+c.ops+`]`), tolerant())
			if err != nil {
				t.Fatal(err)
			}
			want := load(t, groupType, `{"displayName":"G","members":[`+c.want+`]}`)
			if !after.Equal(want) || changed == before.Equal(want) {
				t.Errorf("%t, %s\nwant %s", changed, after.Bytes(), want.Bytes())
			}
			r := parse(t, `[`+c.ops+`]`)
			d, _, ok := r.Split(members)
			if !ok || !d.Replace {
				t.Fatal("no delta that replaces")
			}
			set := make(map[string]bool)
			for _, m := range d.Add {
				set[m.Value] = true
			}
			for _, id := range ids(after) {
				if !set[id] {
					t.Errorf("%s is not in the delta", id)
				}
				delete(set, id)
			}
			if len(set) > 0 {
				t.Errorf("only in the delta: %v", set)
			}
		})
	}
}
