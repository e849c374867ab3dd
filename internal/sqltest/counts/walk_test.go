package counts

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"testing"

	"github.com/scimkit/scimkit/internal/sqltest/fill"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/sqlstore"
)

// offset is that of a page. OFFSET 0, which skips nothing, is for PostgreSQL's planner.
var offset = regexp.MustCompile(`OFFSET \+?[$?]`)

// A walker reads a list page after page, until it has as many as there are.
type walker struct {
	n      *node
	query  string
	count  int
	next   int // startIndex
	ids    []string
	offset int // statements that skip resources
	most   int // statements for a page
}

// step reads a page, and tells whether there are more.
func (w *walker) step(t *testing.T) bool {
	t.Helper()
	w.next = max(w.next, 1)
	rec, c := w.n.do(t, fmt.Sprintf("GET /Users?startIndex=%d&count=%d&attributes=userName%s", w.next, w.count, w.query), "")
	var page struct {
		TotalResults int
		Resources    []struct{ ID string }
	}
	if err := json.Unmarshal(rec.Body.Bytes(), &page); err != nil || rec.Code != 200 {
		t.Fatalf("%d %v: %s", rec.Code, err, rec.Body)
	}
	for _, r := range page.Resources {
		w.ids = append(w.ids, r.ID)
	}
	if offset.MatchString(c.String()) {
		w.offset++
	}
	if w.next > 1 {
		w.most = max(w.most, len(c.statements))
	}
	w.next += len(page.Resources)
	return len(page.Resources) > 0 && w.next <= page.TotalResults
}

// wantIDs fails unless w has seen what is wanted, each once.
func (w *walker) wantIDs(t *testing.T, what string, want []string) {
	t.Helper()
	if !slices.Equal(w.ids, want) {
		t.Errorf("%s: %d users, want %d; missing %v, twice %v", what, len(w.ids), len(want), missing(want, w.ids), len(w.ids)-len(slices.Compact(slices.Sorted(slices.Values(w.ids)))))
	}
}

func missing(want, got []string) (list []string) {
	for _, id := range want {
		if !slices.Contains(got, id) {
			list = append(list, id)
		}
	}
	return list
}

func ids(from, to int) (list []string) {
	for i := from; i <= to; i++ {
		list = append(list, fill.ID(i))
	}
	return list
}

func filtered(text string) string { return "&filter=" + url.QueryEscape(text) }

// TestWalks: walks by startIndex, several at once, never have the database count
// what comes before a page, and take one statement a page.
func TestWalks(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		n := newNode(t, e)
		n.must(t, n.Users(t.Context(), n.users, 500))
		all := []*walker{
			{n: n, count: 20}, {n: n, count: 50, query: filtered(`title sw "Vice"`)}, {n: n, count: 33},
			{n: n, count: 7, query: filtered(fmt.Sprintf("userName gt %q", fill.UserName(400)))}, {n: n, count: 20},
		}
		for left := all; len(left) > 0; {
			left = slices.DeleteFunc(slices.Clone(left), func(w *walker) bool { return !w.step(t) })
		}
		for i, w := range all {
			from := 1
			if w.count == 7 {
				from = 401
			}
			w.wantIDs(t, fmt.Sprint("walker ", i), ids(from, 500))
			if w.offset > 0 || w.most != 1 {
				t.Errorf("walker %d: %d times OFFSET, %d statements for a page", i, w.offset, w.most)
			}
		}
	})
}

// TestWalksOfAChangingList: who is there all the time is seen, once. The
// control, whose pages another node answers in turn, loses some.
func TestWalksOfAChangingList(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		for _, query := range []string{"", filtered(`title pr`)} {
			n := newNode(t, e)
			n.must(t, n.Users(t.Context(), n.users, 200))
			w, slow := &walker{n: n, count: 10, query: query}, &walker{n: n, count: 10, query: query}
			other := &walker{n: n.fresh(t), count: 10, query: query}
			var gone []string
			for i := 1; ; i++ {
				more := w.step(t)
				if i%2 == 0 { // the second walker comes behind the changes
					slow.step(t)
				}
				other.n = n.fresh(t)
				other.step(t)
				if !more {
					break
				}
				for _, id := range []string{fill.ID(10*i - 9), fill.ID(10*i - 3)} {
					gone = append(gone, id)
					if rec, _ := n.do(t, "DELETE /Users/"+id, ""); rec.Code != 204 {
						t.Fatal(rec.Code)
					}
				}
			}
			for slow.step(t) {
			}
			stay := slices.DeleteFunc(ids(1, 200), func(id string) bool { return slices.Contains(gone, id) })
			if lost := missing(stay, w.ids); len(lost) > 0 || len(w.ids) != 200 {
				t.Errorf("the walk has %d users and lacks %v", len(w.ids), lost)
			}
			if lost := missing(stay, slow.ids); len(lost) > 0 {
				t.Errorf("the walk behind it lacks %v", lost)
			}
			if w.offset+slow.offset > 0 {
				t.Error("OFFSET")
			}
			if other.offset == 0 || len(missing(stay, other.ids)) == 0 {
				t.Error("the control lost nothing")
			}
		}
	})
}

// fresh is a node of the same database that remembers nothing.
func (n *node) fresh(t testing.TB) *node {
	t.Helper()
	m := *n
	m.users, m.groups = schema.UserType(), schema.GroupType()
	store, err := sqlstore.Open(t.Context(), n.DB, n.dialect, sqlstore.Options{Relaxed: true, Types: []*schema.ResourceType{m.users, m.groups}})
	if err != nil {
		t.Fatal(err)
	}
	m.Store = store
	m.handler = m.serve(t, scim.StaticToken(secret))
	return &m
}
