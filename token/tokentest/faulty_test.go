package tokentest

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/scimkit/scimkit/token"
)

// faulty is a right store with some of its methods replaced.
type faulty struct {
	token.Store
	find   func(ctx context.Context, id string) (token.Token, token.Settings, error)
	tenant func(ctx context.Context, tenant string) (token.Tenant, error)
	update func(ctx context.Context, tenant string, edit func(*token.Tenant) ([]token.Event, error)) error
	touch  func(ctx context.Context, id string, at time.Time) error
	events func(ctx context.Context, tenant string, before int64, limit int) ([]token.Event, error)
}

func (f *faulty) Find(ctx context.Context, id string) (token.Token, token.Settings, error) {
	if f.find != nil {
		return f.find(ctx, id)
	}
	return f.Store.Find(ctx, id)
}

func (f *faulty) Tenant(ctx context.Context, tenant string) (token.Tenant, error) {
	if f.tenant != nil {
		return f.tenant(ctx, tenant)
	}
	return f.Store.Tenant(ctx, tenant)
}

func (f *faulty) Update(ctx context.Context, tenant string, edit func(*token.Tenant) ([]token.Event, error)) error {
	if f.update != nil {
		return f.update(ctx, tenant, edit)
	}
	return f.Store.Update(ctx, tenant, edit)
}

func (f *faulty) Touch(ctx context.Context, id string, at time.Time) error {
	if f.touch != nil {
		return f.touch(ctx, id, at)
	}
	return f.Store.Touch(ctx, id, at)
}

func (f *faulty) Events(ctx context.Context, tenant string, before int64, limit int) ([]token.Event, error) {
	if f.events != nil {
		return f.events(ctx, tenant, before, limit)
	}
	return f.Store.Events(ctx, tenant, before, limit)
}

// reading is a fault in what comes out: change is applied to every token that is
// read.
func reading(change func(*token.Token)) func(*faulty) {
	return func(f *faulty) {
		f.find = func(ctx context.Context, id string) (token.Token, token.Settings, error) {
			t, s, err := f.Store.Find(ctx, id)
			change(&t)
			return t, s, err
		}
		f.tenant = func(ctx context.Context, tenant string) (token.Tenant, error) {
			t, err := f.Store.Tenant(ctx, tenant)
			for i := range t.Tokens {
				change(&t.Tokens[i])
			}
			return t, err
		}
	}
}

// touching is a fault in when Touch writes.
func touching(writes func(was, at time.Time) bool) func(*faulty) {
	return func(f *faulty) {
		var mu sync.Mutex
		last := map[string]time.Time{}
		f.touch = func(_ context.Context, id string, at time.Time) error {
			mu.Lock()
			defer mu.Unlock()
			if was, ok := last[id]; !ok || writes(was, at) {
				last[id] = at
			}
			return nil
		}
		reading(func(t *token.Token) {
			mu.Lock()
			defer mu.Unlock()
			t.LastUsedAt = last[t.ID]
		})(f)
	}
}

// writing is a fault in what goes in: after edit, change gets the tenant as it
// was and as it will be.
func writing(change func(old token.Tenant, t *token.Tenant, events *[]token.Event)) func(*faulty) {
	return func(f *faulty) {
		f.update = func(ctx context.Context, tenant string, edit func(*token.Tenant) ([]token.Event, error)) error {
			return f.Store.Update(ctx, tenant, func(t *token.Tenant) ([]token.Event, error) {
				old := token.Tenant{Settings: t.Settings, Tokens: slices.Clone(t.Tokens)}
				events, err := edit(t)
				change(old, t, &events)
				return events, err
			})
		}
	}
}

// renaming is a fault in how tenants are told apart.
func renaming(name func(string) string) func(*faulty) {
	return func(f *faulty) {
		f.tenant = func(ctx context.Context, tenant string) (token.Tenant, error) {
			return f.Store.Tenant(ctx, name(tenant))
		}
		f.update = func(ctx context.Context, tenant string, edit func(*token.Tenant) ([]token.Event, error)) error {
			return f.Store.Update(ctx, name(tenant), edit)
		}
		f.events = func(ctx context.Context, tenant string, before int64, limit int) ([]token.Event, error) {
			return f.Store.Events(ctx, name(tenant), before, limit)
		}
	}
}

// TestFaults plants one fault at a time: the suite must find it.
func TestFaults(t *testing.T) {
	used := map[string]bool{}
	for _, fault := range faults {
		t.Run(fault.name, func(t *testing.T) {
			used[fault.caught] = true
			for _, c := range cases {
				if c.name != fault.caught {
					continue
				}
				f := &faulty{Store: token.NewMemoryStore()}
				fault.make(f)
				if err := c.run(t.Context(), f); err == nil {
					t.Errorf("the case %q does not find it", c.name)
				}
				return
			}
			t.Fatalf("there is no case %q", fault.caught)
		})
	}
	for _, c := range cases {
		if !used[c.name] {
			t.Errorf("no fault shows that the case %q can fail", c.name)
		}
		if c.rule == "" {
			t.Errorf("the case %q has no rule", c.name)
		}
	}
	t.Logf("%d faults, %d cases", len(faults), len(cases))
}
