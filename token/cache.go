package token

import (
	"context"
	"errors"
	"sync"
	"time"
)

// cache keeps what was found in the store for a short while, and lets requests
// that want the same wait for one look-up. It never holds more than twice bound
// entries of each kind; refusals are apart, so that a flood of guesses does not
// push out what was granted.
type cache[K comparable, V any] struct {
	ttl time.Duration // 0: nothing is kept or shared

	mu      sync.RWMutex
	kept    [2]generations[K, V]
	flights map[K]*flight[V]
	epoch   uint64 // of the last forget
}

const (
	granted = iota
	refused
)

const cacheBound = 10_000

// generations are two maps: when the young one is full, it becomes the old one,
// and what was in that is gone.
type generations[K comparable, V any] struct{ young, old map[K]lease[V] }

// lease is a value and until when it is believed.
type lease[V any] struct {
	value V
	until time.Time
}

// flight is a look-up under way.
type flight[V any] struct {
	began time.Time
	done  chan struct{}
	value V
	err   error
}

// get finds a value that is still believed.
func (c *cache[K, V]) get(key K, now time.Time) (V, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	for i := range c.kept {
		for _, m := range []map[K]lease[V]{c.kept[i].young, c.kept[i].old} {
			if l, ok := m[key]; ok && now.Before(l.until) {
				return l.value, true
			}
		}
	}
	var none V
	return none, false
}

// fill gets a value by look, which runs at most once at a time for a key. What
// kind the value is of, look tells; an error is kept by nobody. Age counts from
// before the look-up, for those that wait as well.
func (c *cache[K, V]) fill(ctx context.Context, key K, now func() time.Time, look func() (v V, kind int, err error)) (V, error) {
	began := now()
	c.mu.Lock()
	if f := c.flights[key]; f != nil && began.Before(f.began.Add(c.ttl)) {
		c.mu.Unlock()
		select {
		case <-f.done:
			return f.value, f.err
		case <-ctx.Done():
			var none V
			return none, ctx.Err()
		}
	}
	f := &flight[V]{began: began, done: make(chan struct{}), err: errLookFailed}
	if c.flights == nil {
		c.flights = map[K]*flight[V]{}
	}
	c.flights[key] = f
	epoch := c.epoch
	c.mu.Unlock()

	kind := refused
	defer func() { // also if look panics
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.flights[key] == f {
			delete(c.flights, key)
		}
		if f.err == nil && c.epoch == epoch {
			c.keep(key, kind, f)
		}
		close(f.done)
	}()
	f.value, kind, f.err = look()
	return f.value, f.err
}

var errLookFailed = errors.New("token: the look-up failed")

func (c *cache[K, V]) keep(key K, kind int, f *flight[V]) {
	ttl := c.ttl
	if kind == refused {
		ttl = min(ttl, time.Second)
	}
	if ttl <= 0 {
		return
	}
	g := &c.kept[kind]
	if g.young == nil || len(g.young) >= cacheBound {
		g.young, g.old = map[K]lease[V]{}, g.young
	}
	g.young[key] = lease[V]{f.value, f.began.Add(ttl)}
}

// forget drops what was granted and matches. Look-ups under way are neither
// kept nor shared with requests that come later.
func (c *cache[K, V]) forget(match func(V) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.epoch++
	c.flights = nil
	for _, m := range []map[K]lease[V]{c.kept[granted].young, c.kept[granted].old} {
		for k, l := range m {
			if match(l.value) {
				delete(m, k)
			}
		}
	}
}
