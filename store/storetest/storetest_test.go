package storetest_test

import (
	"context"
	"errors"
	"maps"
	"strings"
	"sync"
	"testing"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/store/memstore"
	"github.com/scimkit/scimkit/store/storetest"
)

// limited is a handler that answers equality filters only.
type limited struct {
	scim.ResourceHandler
	silent bool // gives everything instead of refusing
}

func (h limited) List(ctx context.Context, q scim.Query) (scim.Page, error) {
	if q.Filter != nil && !simple(q.Filter.Expr()) || q.Order != nil {
		if h.silent {
			q.Filter, q.Order = nil, nil
			return h.ResourceHandler.List(ctx, q)
		}
		return scim.Page{}, &scim.Error{Status: 400, Type: "invalidFilter", Detail: "Only eq is supported."}
	}
	return h.ResourceHandler.List(ctx, q)
}

func simple(e filter.Expr) bool {
	switch e := e.(type) {
	case *filter.Compare:
		return e.Op == filter.Eq || e.Op == filter.Pr
	case *filter.ValuePath:
		return simple(e.Filter)
	}
	return false
}

// users gives a host of users, with a schema of their own.
func users(h func(scim.ResourceHandler) scim.ResourceHandler) storetest.Host {
	rt := schema.UserType()
	store := memstore.New(memstore.Options{Tenants: []string{"one", "two"}})
	return storetest.Host{Tenants: []string{"one", "two"}, Endpoints: []scim.Endpoint{{
		Type: rt, ForTenant: func(ctx context.Context, tenant string) (scim.ResourceHandler, error) {
			inner, err := store.ForTenant(rt)(ctx, tenant)
			if err != nil {
				return nil, err
			}
			return h(inner), nil
		},
	}}}
}

func TestMayRefuse(t *testing.T) {
	for _, tt := range []struct {
		mayRefuse, silent bool
		want              string // a rule that is broken
	}{
		{true, false, ""},
		{false, false, "list/filter"},
		{true, true, "list/filter"},
		{true, true, "list/order"},
	} {
		err := storetest.Test(func() (storetest.Host, error) {
			h := users(func(h scim.ResourceHandler) scim.ResourceHandler { return limited{h, tt.silent} })
			h.MayRefuse = tt.mayRefuse
			return h, nil
		})
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want+"/User: ") {
			t.Errorf("MayRefuse %t, silent %t: %v, want that %q is broken", tt.mayRefuse, tt.silent, err, tt.want)
		}
	}
}

// strict is a handler with a rule of its own.
type strict struct{ scim.ResourceHandler }

func (h strict) Create(ctx context.Context, r *scim.Resource) error {
	if r.String("title") != "Engineer" {
		return &scim.Error{Status: 400, Type: "invalidValue", Detail: "We employ engineers."}
	}
	return h.ResourceHandler.Create(ctx, r)
}

func TestAdjust(t *testing.T) {
	for _, adjust := range []bool{true, false} {
		err := storetest.Test(func() (storetest.Host, error) {
			h := users(func(h scim.ResourceHandler) scim.ResourceHandler { return strict{h} })
			if adjust {
				h.Adjust = func(t *schema.ResourceType, attributes map[string]any) { attributes["title"] = "Engineer" }
			}
			return h, nil
		})
		if (err == nil) != adjust {
			t.Errorf("with Adjust %t: %v", adjust, err)
		}
	}
}

func TestHostThatDoesNotOpen(t *testing.T) {
	why := errors.New("no database")
	if err := storetest.Test(func() (storetest.Host, error) { return storetest.Host{}, why }); !errors.Is(err, why) {
		t.Errorf("Test = %v", err)
	}
	opened := 0
	err := storetest.Test(func() (storetest.Host, error) {
		if opened++; opened > 1 {
			return storetest.Host{}, why
		}
		return users(func(h scim.ResourceHandler) scim.ResourceHandler { return h }), nil
	})
	if !errors.Is(err, why) {
		t.Errorf("Test = %v", err)
	}
	err = storetest.Test(func() (storetest.Host, error) {
		h := users(func(h scim.ResourceHandler) scim.ResourceHandler { return h })
		h.Tenants = []string{"one", "three"}
		return h, nil
	})
	if err == nil || !strings.Contains(err.Error(), `ForTenant("three")`) {
		t.Errorf("Test = %v", err)
	}
	err = storetest.Test(func() (storetest.Host, error) {
		return users(func(h scim.ResourceHandler) scim.ResourceHandler { return panics{h} }), nil
	})
	if err == nil || !strings.Contains(err.Error(), "panic: broken") || !strings.Contains(err.Error(), "storetest_test.go") {
		t.Errorf("a handler that panics: %v", err)
	}
}

type panics struct{ scim.ResourceHandler }

func (panics) Get(context.Context, string, scim.GetOptions) (*scim.Resource, error) { panic("broken") }

// table is the handler of a service whose users are in a map.
type table struct {
	mu   sync.Mutex
	rows map[string]*scim.Resource
}

func (t *table) save(ctx context.Context, r *scim.Resource) error {
	for id, other := range t.rows {
		if id != r.ID() && scim.IdentityKey(other.String("userName")) == scim.IdentityKey(r.String("userName")) {
			return scim.Conflict("userName")
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	t.rows[r.ID()] = r.Clone()
	return nil
}

func (t *table) load(id string) (*scim.Resource, error) {
	if r, ok := t.rows[id]; ok {
		return r.Clone(), nil
	}
	return nil, scim.ErrNotFound
}

func (t *table) Create(ctx context.Context, r *scim.Resource) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.save(ctx, r)
}

func (t *table) Get(_ context.Context, id string, _ scim.GetOptions) (*scim.Resource, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.load(id)
}

func (t *table) List(_ context.Context, q scim.Query) (scim.Page, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := q.Select(maps.Values(t.rows))
	for i, r := range p.Resources {
		p.Resources[i] = r.Clone()
	}
	return p, nil
}

func (t *table) Update(ctx context.Context, id string, edit func(*scim.Resource) error) (*scim.Resource, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	r, err := t.load(id)
	if err != nil {
		return nil, err
	}
	if err := edit(r); err != nil {
		return nil, err
	}
	return r, t.save(ctx, r)
}

func (t *table) Delete(ctx context.Context, id string, check func(*scim.Resource) error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	r, err := t.load(id)
	if err != nil {
		return err
	}
	if err := check(r); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	delete(t.rows, id)
	return nil
}

// openTable gives the handler of an empty table of users.
func openTable() storetest.Host {
	users := schema.UserType()
	users.Schema = schema.User().Without("groups")
	rows := &table{rows: make(map[string]*scim.Resource)}
	return storetest.Host{Endpoints: []scim.Endpoint{{Type: users, Handler: rows}}}
}

// TestTable is the suite as a host uses it.
func TestTable(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Host { return openTable() })
}

// always gives every tenant the same handler.
func always(h scim.ResourceHandler) func(context.Context, string) (scim.ResourceHandler, error) {
	return func(context.Context, string) (scim.ResourceHandler, error) { return h, nil }
}
