package scim

import (
	"context"
	"sync"
	"time"

	"github.com/scimkit/scimkit/internal/model"
)

// clock ends the context of a request: at its deadline, with the client's
// context, or when the request has been answered. Handlers may ask for it from
// goroutines of their own, and keep it.
type clock struct {
	mu       sync.Mutex
	deadline time.Time // zero: none
	done     chan struct{}
	timer    *time.Timer
	unhook   func() bool // from the client's context
	err      error       // once it is over
}

// closed is the channel of a context that was over before anybody waited.
var closed = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// allow gives the handler d from now on.
func (c *clock) allow(d time.Duration) {
	if d <= 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deadline = time.Now().Add(d)
	if c.timer != nil && c.err == nil {
		c.timer.Reset(d)
	}
}

// end says that the context is over, unless it is already.
func (c *clock) end(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return
	}
	c.err = err
	if c.done == nil {
		c.done = closed
		return
	}
	close(c.done)
	if c.timer != nil {
		c.timer.Stop()
	}
	c.unhook()
}

// expire ends the context, unless allow has been called while the timer fired.
func (c *clock) expire() {
	c.mu.Lock()
	late := time.Until(c.deadline)
	if late > 0 && c.err == nil {
		c.timer.Reset(late)
	}
	c.mu.Unlock()
	if late <= 0 {
		c.end(context.DeadlineExceeded)
	}
}

// Deadline is the earlier one of the client's context and the limit.
func (rq *request) Deadline() (time.Time, bool) {
	rq.clock.mu.Lock()
	defer rq.clock.mu.Unlock()
	if d, ok := rq.Context.Deadline(); ok && (rq.clock.deadline.IsZero() || d.Before(rq.clock.deadline)) {
		return d, true
	}
	return rq.clock.deadline, !rq.clock.deadline.IsZero()
}

// Done makes the channel and the timer when it is first asked for.
func (rq *request) Done() <-chan struct{} {
	c := &rq.clock
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.done == nil {
		c.done = make(chan struct{})
		c.unhook = context.AfterFunc(rq.Context, func() { c.end(rq.Context.Err()) })
		if !c.deadline.IsZero() {
			c.timer = time.AfterFunc(time.Until(c.deadline), c.expire)
		}
	}
	return c.done
}

// Err tells whether the context is over.
func (rq *request) Err() error {
	c := &rq.clock
	c.mu.Lock()
	err, deadline := c.err, c.deadline
	c.mu.Unlock()
	if err == nil {
		if err = rq.Context.Err(); err == nil && !deadline.IsZero() && time.Until(deadline) <= 0 {
			err = context.DeadlineExceeded
		}
		if err != nil {
			c.end(err)
		}
	}
	return err
}

// Value gives the principal to PrincipalFrom, and what is the engine's in a new
// resource to the stores of this module.
func (rq *request) Value(key any) any {
	switch key.(type) {
	case principalKey:
		return &rq.principal
	case model.ByDefault:
		return rq.byDefault
	}
	return rq.Context.Value(key)
}
