package requestlog

import (
	"context"
	"slices"
	"sync"
)

// Options are the limits of a Memory.
type Options struct {
	PerTenant int // entries, 100 if 0; a tenth as many, at least 10, of refused ones beside them
	Tenants   int // 2,000 if 0; the one that had no entry for longest is forgotten
}

// Memory is a Log in memory: a ring for each tenant. Requests whose credentials
// were refused have a ring of their own, so that a stranger can push out
// nothing; and they are kept only for tenants that are known, by a request with
// right credentials or because somebody asked for them, so that a stranger
// cannot make up tenants.
type Memory struct {
	options Options

	mu      sync.Mutex
	tenants map[string]*rings
	clock   uint64
}

type rings struct {
	used             uint64
	granted, refused ring
}

// NewMemory makes a Memory.
func NewMemory(o Options) *Memory {
	if o.PerTenant <= 0 {
		o.PerTenant = 100
	}
	if o.Tenants <= 0 {
		o.Tenants = 2000
	}
	return &Memory{options: o, tenants: map[string]*rings{}}
}

var _ Log = (*Memory)(nil)

// Add implements Log.
func (m *Memory) Add(_ context.Context, e Entry) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e.Authenticated {
		m.tenant(e.Tenant).granted.add(e, m.options.PerTenant)
	} else if t := m.tenants[e.Tenant]; t != nil {
		t.refused.add(e, max(m.options.PerTenant/10, 10))
	}
}

// Recent implements Log.
func (m *Memory) Recent(_ context.Context, tenant string, limit int) ([]Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := m.tenant(tenant)
	all := append(slices.Clone(t.granted.entries), t.refused.entries...)
	slices.SortStableFunc(all, func(a, b Entry) int { return b.Time.Compare(a.Time) })
	all = all[:max(0, min(limit, len(all)))]
	for i := range all {
		all[i].Quirks = slices.Clone(all[i].Quirks)
	}
	return all, nil
}

// tenant finds or makes a tenant. One that is made may push out another.
func (m *Memory) tenant(name string) *rings {
	t := m.tenants[name]
	if t == nil {
		if len(m.tenants) >= m.options.Tenants {
			m.drop()
		}
		t = &rings{}
		m.tenants[name] = t
	}
	m.clock++
	t.used = m.clock
	return t
}

func (m *Memory) drop() {
	oldest, at := "", m.clock+1
	for name, t := range m.tenants {
		if t.used < at {
			oldest, at = name, t.used
		}
	}
	delete(m.tenants, oldest)
}

// ring keeps the last entries, in no order.
type ring struct {
	entries []Entry
	next    int
}

func (r *ring) add(e Entry, most int) {
	if len(r.entries) < most {
		r.entries = append(r.entries, e)
		return
	}
	r.entries[r.next] = e
	r.next = (r.next + 1) % most
}
