package settings

import (
	"context"
	"sync"
)

// locks are one lock for each tenant. Who waits for one stops when the request
// ends, and does not wait for other tenants.
type locks struct {
	mu   sync.Mutex
	held map[string]*lock
}

type lock struct {
	free chan struct{} // has room for one: who has put something in holds the lock
	used int           // who holds it or waits for it
}

// take gives the function that lets go again.
func (l *locks) take(ctx context.Context, tenant string) (release func(), err error) {
	l.mu.Lock()
	if l.held == nil {
		l.held = map[string]*lock{}
	}
	k := l.held[tenant]
	if k == nil {
		k = &lock{free: make(chan struct{}, 1)}
		l.held[tenant] = k
	}
	k.used++
	l.mu.Unlock()
	leave := func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if k.used--; k.used == 0 {
			delete(l.held, tenant)
		}
	}
	select {
	case k.free <- struct{}{}:
		return func() { <-k.free; leave() }, nil
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
}
