package scim_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
)

// TestRogueResources: handlers that break their contract make a 500 that is
// logged, never an answer that is wrong.
func TestRogueResources(t *testing.T) {
	users, groups := schema.UserType(), schema.GroupType()
	make := func(typ *schema.ResourceType, body string) *scim.Resource {
		r, err := scim.ParseResource(typ, []byte(body))
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	other := make(users, fmt.Sprintf(`{"id":%q,"userName":"bob"}`, bobID))
	noID := make(users, `{"userName":"nobody"}`)
	group := make(groups, fmt.Sprintf(`{"id":%q,"displayName":"x"}`, aliceID))
	for name, r := range map[string]*scim.Resource{"nil": nil, "zero": {}, "without id": noID, "of another type": group, "another": other} {
		h := rogue{
			get: func(context.Context, string) (*scim.Resource, error) { return r, nil },
			list: func(context.Context, scim.Query) (scim.Page, error) {
				return scim.Page{Total: 1, Resources: []*scim.Resource{r}}, nil
			},
			delete: func(_ context.Context, _ string, check func(*scim.Resource) error) error { return check(r) },
			create: func(_ context.Context, stored *scim.Resource) error {
				if r != nil {
					*stored = *r
				}
				return nil
			},
		}
		for _, rq := range everyOperation {
			fine := rq.path == "/Users" && name == "another" || strings.Contains(rq.path, "filter") && name == "another" || rq.method == "POST" && name == "nil"
			if rq.method == "PUT" || rq.method == "PATCH" || fine {
				continue
			}
			t.Run(name+"/"+rq.method, func(t *testing.T) {
				book := new(logBook)
				s, _ := rogueServer(t, h, book)
				wantError(t, ask(s, rq.method, rq.path, rq.body), 500, "", "failed to process")
				if !strings.Contains(book.String(), "level=ERROR") {
					t.Error("not logged")
				}
			})
		}
		for _, step := range []string{"loads", "returns"} {
			h := rogue{update: func(_ context.Context, id string, edit func(*scim.Resource) error) (*scim.Resource, error) {
				if step == "loads" {
					return r, edit(r)
				}
				good := make(users, fmt.Sprintf(`{"id":%q,"userName":"alice"}`, id))
				return r, edit(good)
			}}
			for _, rq := range everyOperation[4:6] {
				t.Run(name+"/"+step+"/"+rq.method, func(t *testing.T) {
					s, _ := rogueServer(t, h, new(logBook))
					wantError(t, ask(s, rq.method, rq.path, rq.body), 500, "", "failed to process")
				})
			}
		}
	}
}

// TestRogueUpdate: what Update does with edit's verdict is looked after.
func TestRogueUpdate(t *testing.T) {
	alice := func(good *mapHandler, id string) *scim.Resource {
		r, err := good.load(id)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	var good *mapHandler
	for _, tt := range []struct {
		name   string
		update func(ctx context.Context, id string, edit func(*scim.Resource) error) (*scim.Resource, error)
		header []string
		body   string
		status int
	}{
		{"swallows a failed edit", func(_ context.Context, id string, edit func(*scim.Resource) error) (*scim.Resource, error) {
			r := alice(good, id)
			_ = edit(r)
			return r, nil
		}, nil, patchBody(`{"op":"replace","path":"id","value":"x"}`, `{"op":"add","path":"nick","value":1}`), 400},
		{"swallows a failed If-Match", func(_ context.Context, id string, edit func(*scim.Resource) error) (*scim.Resource, error) {
			r := alice(good, id)
			_ = edit(r)
			return r, nil
		}, []string{"If-Match", `W/"none"`}, "", 412},
		{"swallows the verdict that nothing changes", func(_ context.Context, id string, edit func(*scim.Resource) error) (*scim.Resource, error) {
			r := alice(good, id)
			_ = edit(r)
			return r, nil
		}, nil, patchBody(`{"op":"replace","path":"nickName","value":"Al"}`), 200},
		{"wraps edit's error", func(_ context.Context, id string, edit func(*scim.Resource) error) (*scim.Resource, error) {
			r := alice(good, id)
			if err := edit(r); err != nil {
				return nil, fmt.Errorf("%s: %w", inside, err)
			}
			return r, nil
		}, []string{"If-Match", `W/"none"`}, "", 412},
		{"wraps the verdict that nothing changes", func(_ context.Context, id string, edit func(*scim.Resource) error) (*scim.Resource, error) {
			r := alice(good, id)
			if err := edit(r); err != nil {
				return nil, fmt.Errorf("%s: %w", inside, err)
			}
			return r, nil
		}, nil, patchBody(`{"op":"replace","path":"nickName","value":"Al"}`), 200},
		{"calls edit again after a lost race", func(_ context.Context, id string, edit func(*scim.Resource) error) (*scim.Resource, error) {
			if err := edit(alice(good, id)); err != nil {
				return nil, err
			}
			r := alice(good, id)
			return r, edit(r)
		}, nil, "", 200},
		{"never calls edit", func(_ context.Context, id string, edit func(*scim.Resource) error) (*scim.Resource, error) {
			return alice(good, id), nil
		}, nil, "", 500},
		{"panics after edit", func(_ context.Context, id string, edit func(*scim.Resource) error) (*scim.Resource, error) {
			if err := edit(alice(good, id)); err != nil {
				return nil, err
			}
			panic(inside)
		}, nil, "", 500},
		{"edits nothing", func(_ context.Context, id string, edit func(*scim.Resource) error) (*scim.Resource, error) {
			return nil, edit(nil)
		}, nil, "", 500},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var s *scim.Server
			s, good = rogueServer(t, rogue{update: tt.update}, new(logBook))
			body := tt.body
			if body == "" {
				body = patchBody(`{"op":"replace","path":"nickName","value":"Ally"}`)
			}
			a := ask(s, "PATCH", "/Users/"+aliceID, body, tt.header...)
			if f := a.fault("PATCH"); a.status != tt.status || f != "" {
				t.Errorf("%d, want %d: %s %s", a.status, tt.status, a.body, f)
			}
			wantNothingInside(t, a)
		})
	}
}

// TestRogueLateEdit: a handler that gives up and leaves a goroutine behind. Its
// edit comes when the memory of the request serves another one, or while the
// request ends.
func TestRogueLateEdit(t *testing.T) {
	var left sync.WaitGroup
	late := make(chan error, 1000)
	var good *mapHandler
	var s *scim.Server
	s, good = rogueServer(t, rogue{update: func(_ context.Context, id string, edit func(*scim.Resource) error) (*scim.Resource, error) {
		good.mu.Lock()
		r, err := good.load(id)
		good.mu.Unlock()
		if err != nil {
			return nil, err
		}
		left.Go(func() {
			for range 20 {
				late <- edit(r.Clone())
			}
		})
		if len(late)%2 == 0 {
			panic(inside)
		}
		return nil, context.DeadlineExceeded
	}}, new(logBook))
	for i := range 20 {
		body := patchBody(fmt.Sprintf(`{"op":"replace","path":"nickName","value":"%s"}`, strings.Repeat("x", i*100)))
		if a := ask(s, "PATCH", "/Users/"+aliceID, body); a.status != 503 && a.status != 500 {
			t.Errorf("%d %s", a.status, a.body)
		}
		if a := ask(s, "POST", "/Users", userBody(fmt.Sprint("other", i))); a.status != 201 {
			t.Errorf("the next request: %d %s", a.status, a.body)
		}
	}
	left.Wait()
	close(late)
	refused := 0
	for err := range late {
		if err != nil {
			refused++
		}
	}
	if refused == 0 {
		t.Error("no edit came late: the test sees nothing")
	}
}

// TestRoguePages: pages that cannot be.
func TestRoguePages(t *testing.T) {
	typ := schema.UserType()
	page := func(total, n int) func(context.Context, scim.Query) (scim.Page, error) {
		return func(context.Context, scim.Query) (scim.Page, error) {
			p := scim.Page{Total: total}
			for i := range n {
				r, err := scim.ParseResource(typ, fmt.Appendf(nil, `{"id":"%d","userName":"u%[1]d"}`, i))
				if err != nil {
					t.Fatal(err)
				}
				p.Resources = append(p.Resources, r)
			}
			return p, nil
		}
	}
	for _, tt := range []struct {
		name     string
		total, n int
		query    string
		status   int
		want     string
	}{
		{"as asked", 3, 2, "?count=2", 200, `"totalResults":3`},
		{"total smaller than the page", 1, 2, "?count=2", 200, `"totalResults":2`},
		{"negative total", -1, 0, "", 200, `"totalResults":0`},
		{"more than asked", 9, 3, "?count=2", 500, "failed to process"},
		{"resources where none were asked", 1, 1, "?count=0", 500, "failed to process"},
	} {
		book := new(logBook)
		s, _ := rogueServer(t, rogue{list: page(tt.total, tt.n)}, book)
		a := ask(s, "GET", "/Users"+tt.query, "")
		if f := a.fault("GET"); a.status != tt.status || f != "" || !strings.Contains(string(a.body), tt.want) {
			t.Errorf("%s: %d %s %s", tt.name, a.status, a.body, f)
		}
	}
}

// TestRogueAbort: http.ErrAbortHandler, and a panic when the answer is on its way,
// cut the connection, so that no client takes a torn answer for a whole one.
func TestRogueAbort(t *testing.T) {
	s, _ := rogueServer(t, failing(func() error { panic(http.ErrAbortHandler) }), new(logBook))
	func() {
		defer func() {
			if p := recover(); p != http.ErrAbortHandler {
				t.Errorf("recovered %v", p)
			}
		}()
		ask(s, "GET", "/Users/"+aliceID, "")
	}()

	book := new(logBook)
	s, _ = rogueServer(t, rogue{}, book)
	func() {
		defer func() {
			if p := recover(); p != http.ErrAbortHandler {
				t.Errorf("recovered %v", p)
			}
		}()
		r := httptest.NewRequest("GET", "/Users/"+aliceID, nil)
		r.Header.Set("Authorization", "Bearer token-acme")
		s.ServeHTTP(tornWriter{httptest.NewRecorder()}, r)
	}()
	if !strings.Contains(book.String(), "scim: panic") {
		t.Errorf("logged: %s", book)
	}
}

// A tornWriter panics when the body is written.
type tornWriter struct{ http.ResponseWriter }

func (tornWriter) Write([]byte) (int, error) { panic(inside) }

// TestRogueDeadline: a handler that waits for its context gets 503 out of
// Limits.Timeout.
func TestRogueDeadline(t *testing.T) {
	typ := schema.UserType()
	h := failing(func() error { return nil })
	h.get = func(ctx context.Context, _ string) (*scim.Resource, error) {
		if _, ok := ctx.Deadline(); !ok {
			t.Error("no deadline")
		}
		<-ctx.Done()
		return nil, ctx.Err()
	}
	s, err := scim.NewServer(scim.Config{
		Endpoints: []scim.Endpoint{{Type: typ, Handler: h}}, Authenticator: scim.StaticToken("token-acme"),
		Limits: scim.Limits{Timeout: 20 * time.Millisecond}, Logger: new(logBook).logger(),
	})
	if err != nil {
		t.Fatal(err)
	}
	a := ask(s, "GET", "/Users/"+aliceID, "")
	wantError(t, a, 503, "", "not available")
	if a.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
}
