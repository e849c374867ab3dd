package scim

import (
	"sync"
	"sync/atomic"
)

// memo keeps what is made of keys, at most some of it: a handler that makes its
// resource type anew for each call has a new key for each call. What is in use
// comes back at once after memo has forgotten all.
type memo[K comparable, V any] struct {
	m sync.Map
	n atomic.Int32
}

func (c *memo[K, V]) get(key K) (v V, ok bool) {
	x, ok := c.m.Load(key)
	if ok {
		v = x.(V)
	}
	return v, ok
}

func (c *memo[K, V]) put(key K, v V, most int32) {
	if c.n.Add(1) > most {
		c.m.Clear()
		c.n.Store(1)
	}
	c.m.Store(key, v)
}
