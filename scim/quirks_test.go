package scim_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/memstore"
)

// quirkRequest is a request that parts from the letter of the RFCs, and what
// becomes of it.
type quirkRequest struct {
	quirks string // what is applied, by Tolerant and option
	note   string
	option func(*scim.Tolerance) // what must be switched on for it

	method, target, body string
	header               []string

	status   int    // with Tolerant and option
	strict   int    // with Strict, and for options that are off with Tolerant
	scimType string // of the strict answer
}

// quirkWorld is a server with user 1 (mira) and user 2 (noor), both members of
// group 3, and what it tells of quirks.
type quirkWorld struct {
	*scim.Server
	told []string // through OnQuirk
	log  bytes.Buffer
}

func newQuirkWorld(t *testing.T, tolerance *scim.Tolerance, change func(*scim.Config)) *quirkWorld {
	t.Helper()
	w := new(quirkWorld)
	store, users, groups := memstore.New(memstore.Options{}), schema.UserType(), schema.GroupType()
	ids := 0
	w.Server = newServer(t, func(c *scim.Config) {
		c.Endpoints = []scim.Endpoint{
			{Type: users, Handler: store.Handler(users)},
			{Type: groups, Handler: store.Handler(groups)},
		}
		c.Tolerance = tolerance
		c.Logger = slog.New(slog.NewTextHandler(&w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		c.OnQuirk = func(_ context.Context, q scim.Quirk) { w.told = append(w.told, q.String()) }
		c.NewID = func() string { ids++; return fmt.Sprint(ids) }
		if change != nil {
			change(c)
		}
	})
	newUser(t, w, `"userName":"mira","title":"Lead","password":"Secret-1"`)
	newUser(t, w, `"userName":"noor"`)
	must(t, w, 201, "POST", "/Groups", `{"schemas":["`+groupURN+`"],"displayName":"Team","members":[{"value":"1"},{"value":"2"}]}`)
	if len(w.told) > 0 {
		t.Fatalf("creating plain resources has the quirks %v", w.told)
	}
	return w
}

var loggedQuirk = regexp.MustCompile(`level=DEBUG msg="scim: quirk" quirk=(\S+)`)

// applied is what the server told of quirks, if it told the same everywhere.
func (w *quirkWorld) applied(t *testing.T) string {
	t.Helper()
	var logged, counted []string
	for _, m := range loggedQuirk.FindAllStringSubmatch(w.log.String(), -1) {
		logged = append(logged, m[1])
	}
	for q, n := range w.QuirkCounts() {
		for range n {
			counted = append(counted, q.String())
		}
	}
	for _, names := range [][]string{w.told, logged, counted} {
		slices.Sort(names)
	}
	if diff := cmp.Diff(w.told, logged); diff != "" {
		t.Errorf("OnQuirk and the log differ (-OnQuirk +log):\n%s", diff)
	}
	if diff := cmp.Diff(w.told, counted); diff != "" {
		t.Errorf("OnQuirk and QuirkCounts differ (-OnQuirk +counts):\n%s", diff)
	}
	return strings.Join(w.told, " ")
}

func (q *quirkRequest) send(t *testing.T, h http.Handler) answer {
	t.Helper()
	return send(t, h, q.method, q.target, q.body, q.header...)
}

// TestQuirks sends each request to a server that is tolerant and to one that
// is strict.
func TestQuirks(t *testing.T) {
	seen := make(map[string]bool)
	for _, q := range quirkRequests {
		for name := range strings.FieldsSeq(q.quirks) {
			seen[name] = true
		}
		t.Run(strings.TrimSuffix(q.quirks+", "+q.note, ", "), func(t *testing.T) {
			q.tolerant(t)
			if q.option != nil {
				q.refused(t, nil)
			}
			strict := scim.Strict()
			q.refused(t, &strict)
		})
	}
	for _, q := range scim.Quirks() {
		if !seen[q.String()] {
			t.Errorf("no request has the quirk %s", q)
		}
	}
}

func (q *quirkRequest) tolerant(t *testing.T) {
	t.Helper()
	tolerance := scim.Tolerant()
	if q.option != nil {
		q.option(&tolerance)
	}
	w := newQuirkWorld(t, &tolerance, nil)
	if a := q.send(t, w); a.Status != q.status {
		t.Errorf("tolerant: %d, want %d: %s", a.Status, q.status, a.Body)
	}
	if got := w.applied(t); got != q.quirks {
		t.Errorf("tolerant: applied %q, want %q", got, q.quirks)
	}
}

// refused checks the answer where the quirk is off. A quirk that never changes
// an answer is told of there, too.
func (q *quirkRequest) refused(t *testing.T, tolerance *scim.Tolerance) {
	t.Helper()
	w := newQuirkWorld(t, tolerance, nil)
	a := q.send(t, w)
	if q.strict >= 400 {
		if diff := a.isError(t, q.strict, q.scimType); diff != "" {
			t.Errorf("strict: %s", diff)
		}
	} else if a.Status != q.strict {
		t.Errorf("strict: %d, want %d: %s", a.Status, q.strict, a.Body)
	}
	if got := w.applied(t); !strings.Contains(q.quirks, got) {
		t.Errorf("strict: applied %q", got)
	}
}
