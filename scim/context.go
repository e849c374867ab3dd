package scim

import (
	"context"
	"time"
)

// Deadline is the earlier one of the client's context and the limit.
func (rq *request) Deadline() (time.Time, bool) {
	if d, ok := rq.Context.Deadline(); ok && (rq.deadline.IsZero() || d.Before(rq.deadline)) {
		return d, true
	}
	return rq.deadline, !rq.deadline.IsZero()
}

// Done makes the timer when it is first asked for.
func (rq *request) Done() <-chan struct{} {
	return rq.withTimer().Done()
}

// Err tells whether the context is over.
func (rq *request) Err() error {
	if err := rq.Context.Err(); err != nil {
		return err
	}
	if !rq.deadline.IsZero() && time.Until(rq.deadline) <= 0 {
		return context.DeadlineExceeded
	}
	return nil
}

// Value gives the principal to PrincipalFrom.
func (rq *request) Value(key any) any {
	if _, ok := key.(principalKey); ok {
		return &rq.principal
	}
	return rq.Context.Value(key)
}

func (rq *request) withTimer() context.Context {
	rq.timer.Do(func() {
		if rq.deadline.IsZero() {
			rq.timed = rq.Context
			return
		}
		rq.timed, rq.cancel = context.WithDeadline(rq.Context, rq.deadline)
	})
	return rq.timed
}
