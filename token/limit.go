package token

import (
	"math"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// limiter has a token bucket for each tenant. Only tenants that have proved who
// they are get one: a stranger cannot use up anybody's.
type limiter struct {
	rate  rate.Limit
	burst int
	now   func() time.Time

	mu      sync.Mutex
	buckets map[string]*rate.Limiter
	sweep   int // buckets that there may be before full ones are dropped
}

func newLimiter(perSecond float64, burst int, now func() time.Time) *limiter {
	if perSecond == 0 {
		return nil
	}
	if burst == 0 {
		burst = int(math.Ceil(2 * perSecond))
	}
	return &limiter{rate: rate.Limit(perSecond), burst: burst, now: now, buckets: map[string]*rate.Limiter{}, sweep: 1000}
}

// take gives 0 if a request may go on, or the whole seconds to wait. The clock is
// read under the lock: a bucket for which time goes back gives what it has given
// before.
func (l *limiter) take(tenant string) (wait int) {
	if l == nil {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	b := l.buckets[tenant]
	if b == nil {
		l.drop(now)
		b = rate.NewLimiter(l.rate, l.burst)
		l.buckets[tenant] = b
	}
	if b.AllowN(now, 1) {
		return 0
	}
	return max(1, int(math.Ceil((1-b.TokensAt(now))/float64(l.rate))))
}

// drop forgets full buckets, which are like new ones, when there are many.
func (l *limiter) drop(now time.Time) {
	if len(l.buckets) < l.sweep {
		return
	}
	for tenant, b := range l.buckets {
		if b.TokensAt(now) >= float64(l.burst) {
			delete(l.buckets, tenant)
		}
	}
	l.sweep = max(1000, 2*len(l.buckets))
}
