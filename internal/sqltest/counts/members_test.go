package counts

import (
	"fmt"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/internal/sqltest/fill"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// TestMembers: a change of members costs what it changes, whatever the size of
// the group: the same statements, with arguments of the same size. PostgreSQL
// needs no transaction for them: one reads, and one writes.
func TestMembers(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		n := newNode(t, e)
		ctx := t.Context()
		n.must(t, n.Users(ctx, n.users, 11_000))
		sizes := []int{100, 10_000}
		for _, size := range sizes {
			n.must(t, n.Group(ctx, n.groups, fmt.Sprint("g", size), size))
		}
		n.must(t, n.Analyze(ctx))
		fewest, transactions := 6, 1
		if e.dialect == sqlstore.PostgreSQL {
			fewest, transactions = 2, 0
		}
		for _, tt := range []struct {
			name, body string
			most       int
		}{
			{"add one", patch(`{"op":"add","path":"members","value":` + members(10_500, 1) + `}`), 4},
			{"add one again", patch(`{"op":"add","path":"members","value":` + members(10_500, 1) + `}`), 4},
			{"remove one", patch(`{"op":"remove","path":"members[value eq \"` + fill.ID(10_500) + `\"]"}`), 4},
			{"add 256", patch(`{"op":"add","path":"members","value":` + members(10_501, 256) + `}`), 6},
			{"remove 256", patch(`{"op":"remove","path":"members","value":` + members(10_501, 256) + `}`), 6},
			{"add and remove", patch(`{"op":"add","path":"members","value":` + members(10_800, 3) + `},{"op":"remove","path":"members[value eq \"` + fill.ID(7) + `\"]"}`), 6},
		} {
			var texts []string
			for _, size := range sizes {
				rec, c := n.do(t, fmt.Sprintf("PATCH /Groups/g%d?excludedAttributes=members", size), tt.body)
				if rec.Code != 200 || len(c.statements) > min(tt.most, fewest) || c.transactions != transactions {
					t.Errorf("%s, group of %d: status %d, %d statements, %d transactions, want %d in %d:\n%s%s", tt.name, size, rec.Code, len(c.statements), c.transactions, min(tt.most, fewest), transactions, c, rec.Body)
				}
				if rec.Body.Len() > 1000 || c.size() > 4000+30*256 {
					t.Errorf("%s, group of %d: %d bytes sent to the database, an answer of %d", tt.name, size, c.size(), rec.Body.Len())
				}
				texts = append(texts, c.String())
			}
			if texts[0] != texts[1] {
				t.Errorf("%s: the groups differ:\n%s\n%s", tt.name, texts[0], texts[1])
			}
		}
	})
}

// size is the length of the statements and their arguments.
func (c cost) size() (n int) {
	for _, call := range c.statements {
		n += len(call.Text)
		for _, a := range call.Args {
			n += len(fmt.Sprint(a))
		}
	}
	return n
}

// TestWithoutMembers: who does not ask for the members does not make the database
// read them. The control asks.
func TestWithoutMembers(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		n := newNode(t, e)
		n.must(t, n.Users(t.Context(), n.users, 10))
		n.must(t, n.Group(t.Context(), n.groups, "g1", 5))
		for request, reads := range map[string]bool{
			"GET /Groups?excludedAttributes=members":                                    false,
			"GET /Groups?attributes=displayName":                                        false,
			"GET /Groups/g1?excludedAttributes=members":                                 false,
			`GET /Groups?filter=displayName+eq+"Group+g1"&excludedAttributes=members`:   false,
			`GET /Groups?filter=displayName+co+"g"&attributes=displayName&startIndex=1`: false,
			"GET /Groups":    true,
			"GET /Groups/g1": true,
		} {
			rec, c := n.do(t, request, "")
			if rec.Code != 200 || strings.Contains(c.String(), "scim_members") != reads {
				t.Errorf("%s: status %d, the members are read: %v\n%s", request, rec.Code, !reads, c)
			}
		}
	})
}
