package scim

import (
	"hash/maphash"
	"net/http"
	"strings"
	"sync"
)

// flights counts the requests of each tenant that are under way.
type flights struct {
	seed   maphash.Seed
	shards [64]flightShard
}

type flightShard struct {
	mu    sync.Mutex
	m     map[string]*flight
	sweep int // how many tenants m holds before those at rest are let go
	_     [64]byte
}

// flight is the counter of one tenant. Its shard guards it.
type flight struct {
	shard *flightShard
	n     int
}

const restingTenants = 16 // in one shard

func newFlights() *flights { return &flights{seed: maphash.MakeSeed()} }

// take counts a request of a tenant; nil if there are most already.
func (f *flights) take(tenant string, most int) *flight {
	s := &f.shards[maphash.String(f.seed, tenant)%uint64(len(f.shards))]
	s.mu.Lock()
	c := s.m[tenant]
	if c == nil {
		c = s.add(tenant)
	}
	if c.n < most {
		c.n++
	} else {
		c = nil
	}
	s.mu.Unlock()
	return c
}

// add makes a counter and lets go of those that count nothing, once there are
// twice as many as there were in use the last time.
func (s *flightShard) add(tenant string) *flight {
	if s.m == nil {
		s.m, s.sweep = make(map[string]*flight), restingTenants
	}
	if len(s.m) >= s.sweep {
		for name, c := range s.m {
			if c.n == 0 {
				delete(s.m, name)
			}
		}
		s.sweep = max(restingTenants, 2*len(s.m))
	}
	c := &flight{shard: s}
	s.m[strings.Clone(tenant)] = c // it may be part of a larger text
	return c
}

// end says that the request is over.
func (c *flight) end() {
	c.shard.mu.Lock()
	c.n--
	c.shard.mu.Unlock()
}

var errInFlight = &Error{Status: http.StatusTooManyRequests, Detail: "Too many requests of this tenant are under way.", RetryAfter: 1}
