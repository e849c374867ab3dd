package token

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"sync"
	"time"
)

// NewMemoryStore gives a Store that forgets all when the process ends. Of the
// events it keeps the last 10,000 of each tenant, or more.
func NewMemoryStore() Store {
	s := &memoryStore{tenants: map[string]*memoryTenant{}, places: map[string]place{}, nobody: &memoryTenant{}}
	for range 64 {
		s.nobody.Tokens = append(s.nobody.Tokens, Token{Scopes: Scopes{ReadAll, WriteAll}, Digest: make([]byte, sha256.Size)})
	}
	return s
}

type memoryStore struct {
	mu      sync.RWMutex
	tenants map[string]*memoryTenant
	places  map[string]place // by token id
	nobody  *memoryTenant    // has what is copied for an id that is not there, to take as long
}

// place is where a token is.
type place struct {
	tenant *memoryTenant
	index  int
}

type memoryTenant struct {
	Tenant
	events []Event
}

const memoryEvents = 10_000

func (s *memoryStore) Find(ctx context.Context, id string) (Token, Settings, error) {
	if err := ctx.Err(); err != nil {
		return Token{}, Settings{}, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	p, ok := s.places[id]
	var err error
	if !ok {
		p, err = place{s.nobody, int((id + "0")[0]) % len(s.nobody.Tokens)}, ErrNotFound
	}
	return p.tenant.Tokens[p.index].clone(), p.tenant.Settings, err
}

func (s *memoryStore) Tenant(ctx context.Context, tenant string) (Tenant, error) {
	if err := ctx.Err(); err != nil {
		return Tenant{}, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if t := s.tenants[tenant]; t != nil {
		return t.clone(), nil
	}
	return Tenant{}, nil
}

func (s *memoryStore) Update(ctx context.Context, tenant string, edit func(*Tenant) ([]Event, error)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.tenants[tenant]
	if old == nil {
		old = &memoryTenant{}
	}
	t := old.clone()
	events, err := edit(&t)
	if err != nil {
		return err
	}
	ids := map[string]bool{}
	for i := range t.Tokens {
		id := t.Tokens[i].ID
		p, ok := s.places[id]
		if ids[id] || ok && p.tenant != old {
			return fmt.Errorf("token: the id %s is in use", id)
		}
		ids[id] = true
		t.Tokens[i].Tenant = tenant
		if ok {
			t.Tokens[i].LastUsedAt = old.Tokens[p.index].LastUsedAt
		}
	}
	var last int64
	if n := len(old.events); n > 0 {
		last = old.events[n-1].Seq
	}
	for i := range events {
		events[i].Seq, events[i].Tenant = last+int64(i)+1, tenant
	}
	s.store(tenant, old, &memoryTenant{t.clone(), append(old.events, events...)})
	return nil
}

func (s *memoryStore) store(tenant string, old, t *memoryTenant) {
	for i := range old.Tokens {
		delete(s.places, old.Tokens[i].ID)
	}
	for i := range t.Tokens {
		s.places[t.Tokens[i].ID] = place{t, i}
	}
	if n := len(t.events); n > 2*memoryEvents {
		t.events = slices.Clone(t.events[n-memoryEvents:])
	}
	s.tenants[tenant] = t
}

func (s *memoryStore) Touch(ctx context.Context, id string, at time.Time) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if p, ok := s.places[id]; ok {
		if t := &p.tenant.Tokens[p.index]; t.unnoted(at) {
			t.LastUsedAt = at
		}
	}
	return nil
}

func (s *memoryStore) Events(ctx context.Context, tenant string, before int64, limit int) ([]Event, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	var events []Event
	if t := s.tenants[tenant]; t != nil {
		for _, e := range slices.Backward(t.events) {
			if len(events) < limit && (before == 0 || e.Seq < before) {
				events = append(events, e)
			}
		}
	}
	return events, nil
}
