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

	mu      sync.Mutex
	buckets map[string]*rate.Limiter
	sweep   int // buckets that there may be before full ones are dropped
}

func newLimiter(perSecond float64, burst int) *limiter {
	if perSecond == 0 {
		return nil
	}
	if burst == 0 {
		burst = int(math.Ceil(2 * perSecond))
	}
	return &limiter{rate: rate.Limit(perSecond), burst: burst, buckets: map[string]*rate.Limiter{}, sweep: 1000}
}

// take gives 0 if a request may go on, or the whole seconds to wait.
func (l *limiter) take(tenant string, now time.Time) (wait int) {
	if l == nil {
		return 0
	}
	l.mu.Lock()
	b := l.buckets[tenant]
	if b == nil {
		l.drop(now)
		b = rate.NewLimiter(l.rate, l.burst)
		l.buckets[tenant] = b
	}
	l.mu.Unlock()
	r := b.ReserveN(now, 1)
	delay := r.DelayFrom(now)
	if delay == 0 {
		return 0
	}
	r.CancelAt(now)
	return int(math.Ceil(delay.Seconds()))
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
