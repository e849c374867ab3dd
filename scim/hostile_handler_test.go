package scim_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
)

// What goes wrong inside must not get outside: this text is in every error and
// panic of the tests below.
const inside = `pq: relation "tenants_secret" SELECT * FROM users WHERE token='s3cr3t' /var/lib/app/db.sqlite`

// A rogue is a handler with one method replaced.
type rogue struct {
	scim.ResourceHandler
	create func(context.Context, *scim.Resource) error
	get    func(context.Context, string) (*scim.Resource, error)
	list   func(context.Context, scim.Query) (scim.Page, error)
	update func(context.Context, string, func(*scim.Resource) error) (*scim.Resource, error)
	delete func(context.Context, string, func(*scim.Resource) error) error
}

func (h rogue) Create(ctx context.Context, r *scim.Resource) error {
	if h.create != nil {
		return h.create(ctx, r)
	}
	return h.ResourceHandler.Create(ctx, r)
}

func (h rogue) Get(ctx context.Context, id string, opt scim.GetOptions) (*scim.Resource, error) {
	if h.get != nil {
		return h.get(ctx, id)
	}
	return h.ResourceHandler.Get(ctx, id, opt)
}

func (h rogue) List(ctx context.Context, q scim.Query) (scim.Page, error) {
	if h.list != nil {
		return h.list(ctx, q)
	}
	return h.ResourceHandler.List(ctx, q)
}

func (h rogue) Update(ctx context.Context, id string, edit func(*scim.Resource) error) (*scim.Resource, error) {
	if h.update != nil {
		return h.update(ctx, id, edit)
	}
	return h.ResourceHandler.Update(ctx, id, edit)
}

func (h rogue) Delete(ctx context.Context, id string, check func(*scim.Resource) error) error {
	if h.delete != nil {
		return h.delete(ctx, id, check)
	}
	return h.ResourceHandler.Delete(ctx, id, check)
}

// failing is a rogue whose every method does fail.
func failing(fail func() error) rogue {
	return rogue{
		create: func(context.Context, *scim.Resource) error { return fail() },
		get:    func(context.Context, string) (*scim.Resource, error) { return nil, fail() },
		list:   func(context.Context, scim.Query) (scim.Page, error) { return scim.Page{}, fail() },
		update: func(context.Context, string, func(*scim.Resource) error) (*scim.Resource, error) { return nil, fail() },
		delete: func(context.Context, string, func(*scim.Resource) error) error { return fail() },
	}
}

// rogueServer serves users from h, which gets a good handler to fall back on.
func rogueServer(t *testing.T, h rogue, book *logBook) (*scim.Server, *mapHandler) {
	t.Helper()
	typ := schema.UserType()
	good := newMapHandler(typ)
	seed(t, good, typ, fmt.Sprintf(`{"id":%q,"userName":"alice","nickName":"Al"}`, aliceID))
	seed(t, good, typ, fmt.Sprintf(`{"id":%q,"userName":"bob"}`, bobID))
	h.ResourceHandler = good
	s, err := scim.NewServer(scim.Config{
		Endpoints:     []scim.Endpoint{{Type: typ, Handler: h}},
		Authenticator: scim.StaticToken("token-acme"),
		Logger:        book.logger(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, good
}

// everyOperation is one good request of each kind.
var everyOperation = []assignment{
	{"POST", "/Users", `{"userName":"carol"}`},
	{"GET", "/Users/" + aliceID, ""},
	{"GET", "/Users", ""},
	{"GET", "/Users?filter=" + "userName%20eq%20%22alice%22", ""},
	{"PUT", "/Users/" + aliceID, `{"userName":"alice","nickName":"Ally"}`},
	{"PATCH", "/Users/" + aliceID, patchBody(`{"op":"replace","path":"nickName","value":"Ally"}`)},
	{"DELETE", "/Users/" + aliceID, ""},
}

// TestRogueErrors: which error becomes which status, and that nothing else
// of it is told.
func TestRogueErrors(t *testing.T) {
	typ := schema.UserType()
	_, corrupt := scim.ParseResource(typ, []byte(`{"userName":"x","userName":"`+inside[:4]+`"}`))
	_, syntax := filter.Parse(`x x x`)
	_, wrongValue := scim.NewResource(typ, struct {
		X string `scim:"profileUrl"`
	}{"://"})
	var none *scim.Error
	for _, tt := range []struct {
		name   string
		err    error
		status int
		typ    string
		detail string
	}{
		{"any error", errors.New(inside), 500, "", "failed to process"},
		{"not found", scim.ErrNotFound, 404, "", "no such resource"},
		{"not found, wrapped", fmt.Errorf("%s: %w", inside, scim.ErrNotFound), 404, "", "no such resource"},
		{"not found, joined", errors.Join(errors.New(inside), scim.ErrNotFound), 404, "", "no such resource"},
		{"conflict", fmt.Errorf("%s: %w", inside, scim.ErrConflict), 409, "uniqueness", "already in use"},
		{"conflict that names the attribute", scim.Conflict("userName"), 409, "uniqueness", "userName"},
		{"unavailable", fmt.Errorf("%s: %w", inside, scim.ErrUnavailable), 503, "", "not available"},
		{"forbidden", scim.ErrForbidden, 403, "", "do not allow"},
		{"unauthorized", scim.ErrUnauthorized, 401, "", "credentials"},
		{"an error of one's own", &scim.Error{Status: 422, Detail: "Mondays only."}, 422, "", "Mondays only."},
		{"too many requests", &scim.Error{Status: 429, Detail: "Slowly.", RetryAfter: 7}, 429, "", "Slowly."},
		{"unknown members", fmt.Errorf("%s: %w", inside, &scim.UnknownMembersError{Attribute: "members", IDs: []string{"x"}}), 400, "invalidValue", "members"},
		{"the context is over", fmt.Errorf("%s: %w", inside, context.DeadlineExceeded), 503, "", "not available"},
		{"the client went away", fmt.Errorf("%s: %w", inside, context.Canceled), 503, "", "not available"},
		{"a status that is none", &scim.Error{Status: 0, Detail: inside}, 500, "", "failed to process"},
		{"a status of success", &scim.Error{Status: 200, Detail: inside}, 500, "", "failed to process"},
		{"a redirect", &scim.Error{Status: 302, Detail: inside}, 500, "", "failed to process"},
		{"a status beyond", &scim.Error{Status: 1000, Detail: inside}, 500, "", "failed to process"},
		{"a nil *Error", none, 500, "", "failed to process"},
		{"a wrapped nil *Error", fmt.Errorf("x: %w", none), 500, "", "failed to process"},
		{"stored data that is broken", corrupt, 500, "", "failed to process"},
		{"a value of the host's that is wrong", fmt.Errorf("%s: %w", inside, wrongValue), 500, "", "failed to process"},
		{"a filter of the host's that is wrong", fmt.Errorf("%s: %w", inside, syntax), 500, "", "failed to process"},
	} {
		if tt.err == nil {
			t.Fatalf("%s: no error", tt.name)
		}
		for _, rq := range everyOperation {
			t.Run(tt.name+"/"+rq.method, func(t *testing.T) {
				book := new(logBook)
				s, good := rogueServer(t, failing(func() error { return tt.err }), book)
				a := ask(s, rq.method, rq.path, rq.body)
				wantError(t, a, tt.status, tt.typ, tt.detail)
				wantNothingInside(t, a)
				if retry := a.header.Get("Retry-After"); (tt.status == 503 || tt.status == 429) != (retry != "") || strings.Trim(retry, "0123456789") != "" {
					t.Errorf("Retry-After %q with %d", retry, a.status)
				}
				if logged := strings.Contains(book.String(), "level=ERROR"); logged != (tt.status == 500 || strings.Contains(tt.name, "context") || strings.Contains(tt.name, "client")) {
					t.Errorf("logged %v: %s", logged, book)
				}
				if len(good.all) != 2 {
					t.Errorf("%d resources", len(good.all))
				}
			})
		}
	}
}

// wantNothingInside checks that a reply says nothing of what happened inside.
func wantNothingInside(t *testing.T, a reply) {
	t.Helper()
	all := strings.ToLower(string(a.body) + fmt.Sprint(a.header))
	for _, s := range []string{inside, "pq:", "select", "s3cr3t", "/var/", "goroutine", ".go:", "panic", "runtime", "scim: "} {
		if strings.Contains(all, strings.ToLower(s)) {
			t.Errorf("%q reached the client: %s", s, a.body)
		}
	}
}

// TestRoguePanics: a panic is a bare 500 and ends nothing but its request.
func TestRoguePanics(t *testing.T) {
	for _, value := range []any{inside, errors.New(inside), 42, fmt.Errorf("%w", scim.ErrNotFound), struct{ Password string }{inside}, nil} {
		for _, rq := range everyOperation {
			t.Run(fmt.Sprintf("%T/%s", value, rq.method), func(t *testing.T) {
				book := new(logBook)
				s, _ := rogueServer(t, failing(func() error { panic(value) }), book)
				a := ask(s, rq.method, rq.path, rq.body)
				wantError(t, a, 500, "", "failed to process")
				wantNothingInside(t, a)
				if !strings.Contains(book.String(), "scim: panic") || !strings.Contains(book.String(), "stack=") {
					t.Errorf("logged: %s", book)
				}
			})
		}
	}
}

// TestPanicElsewhere: in the functions of Config, and in edit and check.
func TestPanicElsewhere(t *testing.T) {
	book := new(logBook)
	typ := schema.UserType()
	good := newMapHandler(typ)
	config := func() scim.Config {
		return scim.Config{Endpoints: []scim.Endpoint{{Type: typ, Handler: good}}, Authenticator: scim.StaticToken("token-acme"), Logger: book.logger()}
	}
	acme := scim.AuthenticatorFunc(func(*http.Request, string) (scim.Principal, error) { return scim.Principal{Tenant: "acme"}, nil })
	for name, change := range map[string]func(*scim.Config){
		"Authenticator": func(c *scim.Config) {
			c.Authenticator = scim.AuthenticatorFunc(func(*http.Request, string) (scim.Principal, error) { panic(inside) })
		},
		"ForTenant": func(c *scim.Config) {
			c.Endpoints[0].Handler, c.Authenticator = nil, acme
			c.Endpoints[0].ForTenant = func(context.Context, string) (scim.ResourceHandler, error) { panic(inside) }
		},
		"ForTenant without handler": func(c *scim.Config) {
			c.Endpoints[0].Handler, c.Authenticator = nil, acme
			c.Endpoints[0].ForTenant = func(context.Context, string) (scim.ResourceHandler, error) { return nil, nil }
		},
		"ForTenant with an error": func(c *scim.Config) {
			c.Endpoints[0].Handler, c.Authenticator = nil, acme
			c.Endpoints[0].ForTenant = func(context.Context, string) (scim.ResourceHandler, error) { return nil, errors.New(inside) }
		},
		"TenantTolerance": func(c *scim.Config) {
			c.TenantTolerance = func(context.Context, string) *scim.Tolerance { panic(inside) }
		},
		"Permit": func(c *scim.Config) {
			c.Authenticator = scim.AuthenticatorFunc(func(*http.Request, string) (scim.Principal, error) {
				return scim.Principal{Permit: func(string, scim.Operation) bool { panic(inside) }}, nil
			})
		},
		"NewID": func(c *scim.Config) { c.NewID = func() string { panic(inside) } },
		"Now":   func(c *scim.Config) { c.Now = func() time.Time { panic(inside) } },
	} {
		t.Run(name, func(t *testing.T) {
			c := config()
			change(&c)
			s, err := scim.NewServer(c)
			if err != nil {
				t.Fatal(err)
			}
			a := ask(s, "POST", "/Users", `{"userName":"carol"}`)
			wantError(t, a, 500, "", "failed to process")
			wantNothingInside(t, a)
			if len(good.all) != 0 {
				t.Error("stored")
			}
		})
	}
}

// TestAuthenticatorFails: a store that is down is not wrong credentials.
func TestAuthenticatorFails(t *testing.T) {
	for _, tt := range []struct {
		err    error
		status int
	}{
		{errors.New(inside), 503},
		{fmt.Errorf("%s: %w", inside, context.DeadlineExceeded), 503},
		{fmt.Errorf("%s: %w", inside, scim.ErrUnauthorized), 401},
		{fmt.Errorf("%s: %w", inside, scim.ErrForbidden), 403},
		{&scim.Error{Status: 429, Detail: "Slowly.", RetryAfter: 3}, 429},
		{&scim.Error{Status: 0, Detail: inside}, 500},
	} {
		book := new(logBook)
		s, err := scim.NewServer(scim.Config{
			Endpoints:     []scim.Endpoint{{Type: schema.UserType(), Handler: newMapHandler(schema.UserType())}},
			Authenticator: scim.AuthenticatorFunc(func(*http.Request, string) (scim.Principal, error) { return scim.Principal{}, tt.err }),
			Logger:        book.logger(),
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, rq := range everyOperation {
			a := ask(s, rq.method, rq.path, rq.body)
			wantError(t, a, tt.status, "")
			wantNothingInside(t, a)
			if challenge := a.header.Get("WWW-Authenticate"); (a.status == 401) != (challenge == `Bearer realm="scim"`) {
				t.Errorf("%d with WWW-Authenticate %q", a.status, challenge)
			}
		}
	}
}
