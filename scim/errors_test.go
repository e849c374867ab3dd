package scim_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
)

// TestErrorMapping: which error of a handler is which answer, whatever the
// operation; what only the host may know stays in its log.
func TestErrorMapping(t *testing.T) {
	for _, tt := range []struct {
		err      error
		status   int
		scimType string
		logged   bool
	}{
		{scim.ErrNotFound, 404, "", false},
		{fmt.Errorf("users: %w", scim.ErrNotFound), 404, "", false},
		{scim.ErrConflict, 409, "uniqueness", false},
		{scim.Conflict("userName"), 409, "uniqueness", false},
		{scim.ErrForbidden, 403, "", false},
		{scim.ErrUnavailable, 503, "", false},
		{&scim.Error{Status: 400, Type: "tooMany", Detail: "Say more in the filter."}, 400, "tooMany", false},
		{&scim.UnknownMembersError{Attribute: "members", IDs: []string{"u9"}}, 400, "invalidValue", false},
		{context.DeadlineExceeded, 503, "", true},
		{fmt.Errorf("query: %w", context.Canceled), 503, "", true},
		{errors.New("dial tcp 10.0.0.1:5432: refused"), 500, "", true},
		{&scim.Error{Detail: "no status: dial tcp"}, 500, "", true},
		{&scim.Error{Status: 200, Detail: "no error: dial tcp"}, 500, "", true},
	} {
		for _, op := range []struct{ method, target, body string }{
			{"GET", "/Users", ""},
			{"GET", "/Users/1", ""},
			{"POST", "/Users", `{"userName":"x"}`},
			{"PUT", "/Users/1", `{"userName":"x"}`},
			{"PATCH", "/Users/1", patchOf(`{"op":"add","path":"title","value":"x"}`)},
			{"DELETE", "/Users/1", ""},
		} {
			var log strings.Builder
			s := newServer(t, func(c *scim.Config) {
				c.Endpoints[0].Handler.(*mapHandler).fail = tt.err
				c.Logger = slog.New(slog.NewTextHandler(&log, nil))
			})
			a := send(t, s, op.method, op.target, op.body)
			if diff := a.isError(t, tt.status, tt.scimType); diff != "" {
				t.Errorf("%v, %s %s: %s", tt.err, op.method, op.target, diff)
			}
			if tt.status == 503 && a.Header.Get("Retry-After") != "5" {
				t.Errorf("%v: no Retry-After", tt.err)
			}
			if strings.Contains(a.Body, "dial") || (log.Len() > 0) != tt.logged {
				t.Errorf("%v: told %s, logged %q", tt.err, a.Body, log.String())
			}
		}
	}
}

// TestWrongHandlers: what a handler must not do is a 500 that its author finds
// in the log, not a broken answer.
func TestWrongHandlers(t *testing.T) {
	wrong := schema.GroupType()
	other, err := scim.NewResource(wrong, scim.Group{ID: "1", DisplayName: "x"})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		h    faulty
		want string
	}{
		{"no resource", faulty{}, "no resource and no error"},
		{"another type", faulty{r: other}, "another type than the endpoint's User"},
		{"a panic", faulty{panics: true}, "panic"},
		{"too many", faulty{page: 101}, "gave 101 resources where 100 were asked for"},
	} {
		var log strings.Builder
		s := newServer(t, func(c *scim.Config) {
			tt.h.ResourceHandler = c.Endpoints[0].Handler
			c.Endpoints[0].Handler = tt.h
			c.Logger = slog.New(slog.NewTextHandler(&log, nil))
		})
		for _, target := range []string{"/Users/1", "/Users"} {
			if (target == "/Users") != (tt.h.page > 0) {
				continue
			}
			if diff := send(t, s, "GET", target, "").isError(t, 500, ""); diff != "" || !strings.Contains(log.String(), tt.want) {
				t.Errorf("%s: %s, logged %q", tt.name, diff, log.String())
			}
		}
	}
}

type faulty struct {
	scim.ResourceHandler
	r      *scim.Resource
	panics bool
	page   int
}

func (f faulty) Get(context.Context, string, scim.GetOptions) (*scim.Resource, error) {
	if f.panics {
		panic("boom")
	}
	return f.r, nil
}

func (f faulty) List(_ context.Context, q scim.Query) (scim.Page, error) {
	return scim.Page{Resources: make([]*scim.Resource, f.page)}, nil
}
