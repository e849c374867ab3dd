package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/scimkit/scimkit/scim"
)

// A combiner lets requests that come while another one is under way share the
// next transaction: members that many clients add to one group, or resources that
// they create, then wait once together for the lock and for the disk. Who comes
// alone waits for nobody.
type combiner[J any] struct {
	mu     sync.Mutex
	queues map[string][]*turn[J] // those who wait, by key; there is a queue while somebody works
}

// A turn is a request that waits.
type turn[J any] struct {
	job    J
	weight int
	ready  chan struct{} // closed when it is to work, or when another one has worked for it
	leads  bool
	err    error
}

// How many requests share a transaction, and how much they weigh together.
const (
	mostTogether = 32
	mostWeight   = 1024
)

// longestTogether is how long they may take.
const longestTogether = 10 * time.Second

// errAlone says that a transaction of several failed, perhaps by another one's
// fault.
var errAlone = errors.New("sqlstore: failed together")

// do has work do job, perhaps together with others of the same key, on the
// goroutine of one of them. An error of work means that nothing was done; where
// several failed together, each works again for itself.
func (c *combiner[J]) do(ctx context.Context, key string, job J, weight int, work func(ctx context.Context, jobs []J) error) error {
	t := &turn[J]{job: job, weight: weight, ready: make(chan struct{})}
	err := c.wait(ctx, key, t)
	if err == nil && t.leads {
		err = c.lead(ctx, key, t, work)
	}
	if errors.Is(err, errAlone) {
		err = work(ctx, []J{job})
	}
	return err
}

// wait ends when t leads, or when another one has worked for it.
func (c *combiner[J]) wait(ctx context.Context, key string, t *turn[J]) error {
	c.mu.Lock()
	queue, busy := c.queues[key]
	if t.leads = !busy; t.leads {
		if c.queues == nil {
			c.queues = make(map[string][]*turn[J])
		}
		c.queues[key] = nil
		c.mu.Unlock()
		return nil
	}
	c.queues[key] = append(queue, t)
	c.mu.Unlock()
	select {
	case <-t.ready:
	case <-ctx.Done():
		if c.leave(key, t) {
			return ctx.Err()
		}
		<-t.ready // somebody works for it already, or it leads, and finds that ctx has ended
	}
	return t.err
}

// leave takes t out of the queue, if it is there.
func (c *combiner[J]) leave(key string, t *turn[J]) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.Index(c.queues[key], t)
	if i < 0 {
		return false
	}
	c.queues[key] = slices.Delete(c.queues[key], i, i+1)
	return true
}

// lead works for t and for those who wait, and lets the next one lead.
func (c *combiner[J]) lead(ctx context.Context, key string, t *turn[J], work func(ctx context.Context, jobs []J) error) (err error) {
	others := c.take(key, t.weight)
	defer c.next(key)
	jobs := []J{t.job}
	for _, other := range others {
		jobs = append(jobs, other.job)
	}
	err = errAlone
	defer func() { // also where work panics
		for _, other := range others {
			other.err = err
			close(other.ready)
		}
	}()
	if len(jobs) > 1 { // a client that leaves takes nobody with it
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), longestTogether)
		defer cancel()
	}
	e := work(ctx, jobs)
	if e != nil && len(jobs) > 1 && ctx.Err() != nil {
		e = fmt.Errorf("%w: %w", scim.ErrUnavailable, e)
	}
	// 503 says that it was tried for long enough, or that nobody knows.
	if e == nil || len(jobs) == 1 || errors.Is(e, scim.ErrUnavailable) {
		err = e
	}
	return err
}

// take takes those out of the queue who may share a transaction with one of the
// given weight.
func (c *combiner[J]) take(key string, weight int) []*turn[J] {
	c.mu.Lock()
	defer c.mu.Unlock()
	queue, n := c.queues[key], 0
	for n < min(len(queue), mostTogether-1) && weight+queue[n].weight <= mostWeight {
		weight += queue[n].weight
		n++
	}
	c.queues[key] = queue[n:]
	return queue[:n:n]
}

// next lets the first one who waits lead.
func (c *combiner[J]) next(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	queue := c.queues[key]
	if len(queue) == 0 {
		delete(c.queues, key)
		return
	}
	queue[0].leads = true
	close(queue[0].ready)
	c.queues[key] = queue[1:]
}
