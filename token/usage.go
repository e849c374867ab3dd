package token

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// usage writes when tokens were last used, in the background: at most once a
// minute for a token, at once for one that was not used for a minute. There is
// no goroutine while there is nothing to write.
type usage struct {
	m *Manager

	mu      sync.Mutex
	pending map[string]time.Time // the last use, not written yet
	written map[string]mark      // for a minute
	notices map[string]string    // tokens that are about to expire, and their tenants
	timer   *time.Timer
	due     time.Time     // of the timer
	busy    chan struct{} // closed when the flush under way is done
	closed  bool
}

// mark is what was written, or is being written.
type mark struct{ at, used time.Time }

const usageInterval = time.Minute

// seen spares usage what happens more than once in a second.
type seen struct{ second atomic.Int64 }

// saw notes that a token was used.
func (u *usage) saw(s *seen, t *Token, now time.Time) {
	if second := now.Unix(); s.second.Load() == second || s.second.Swap(second) == second {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.closed {
		return
	}
	if u.pending == nil {
		u.pending, u.written, u.notices = map[string]time.Time{}, map[string]mark{}, map[string]string{}
	}
	if now.After(u.pending[t.ID]) {
		u.pending[t.ID] = now
	}
	if _, ok := u.written[t.ID]; !ok && !t.LastUsedAt.IsZero() {
		u.written[t.ID] = mark{t.LastUsedAt, t.LastUsedAt} // perhaps by another process
	}
	at := u.written[t.ID].at.Add(usageInterval)
	if noticeDue(t, now) > 0 {
		u.notices[t.ID] = t.Tenant
		at = now
	}
	u.schedule(at, now)
}

// schedule makes sure that a flush happens at a time, and not after it.
func (u *usage) schedule(at, now time.Time) {
	if u.busy != nil || u.timer != nil && !at.Before(u.due) {
		return // a flush schedules the next one
	}
	if u.timer != nil {
		u.timer.Stop()
	}
	u.due = at
	u.timer = time.AfterFunc(max(at.Sub(now), 0), u.flush)
}

// flush writes what is due.
func (u *usage) flush() {
	u.mu.Lock()
	if u.closed || u.busy != nil {
		u.mu.Unlock()
		return
	}
	now := u.m.now()
	touches, notices := u.take(now, false)
	busy := make(chan struct{})
	u.busy, u.timer = busy, nil
	u.mu.Unlock()

	ctx, cancel := context.WithTimeout(context.Background(), usageInterval)
	defer cancel()
	if err := u.write(ctx, touches, notices); err != nil {
		u.m.log.LogAttrs(ctx, slog.LevelWarn, "token: the last use of tokens was not written", slog.Any("error", err))
	}

	u.mu.Lock()
	defer u.mu.Unlock()
	u.busy = nil
	close(busy)
	if u.closed {
		return
	}
	for id := range u.pending {
		u.schedule(u.written[id].at.Add(usageInterval), now)
	}
}

// take removes what is due, or all, from what is pending.
func (u *usage) take(now time.Time, all bool) (touches map[string]time.Time, notices map[string]string) {
	touches = map[string]time.Time{}
	for id, at := range u.pending {
		if all || !now.Before(u.written[id].at.Add(usageInterval)) {
			touches[id] = at
			u.written[id] = mark{now, at}
			delete(u.pending, id)
		}
	}
	for id, m := range u.written {
		if _, ok := u.pending[id]; !ok && !now.Before(m.at.Add(usageInterval)) {
			delete(u.written, id)
		}
	}
	notices = u.notices
	u.notices = map[string]string{}
	return touches, notices
}

// write writes what was taken. What fails is pending again, for a minute later.
func (u *usage) write(ctx context.Context, touches map[string]time.Time, notices map[string]string) error {
	var errs []error
	for id, at := range touches {
		if err := u.m.store.Touch(ctx, id, at); err != nil {
			errs = append(errs, err)
			u.mu.Lock()
			if at.After(u.pending[id]) {
				u.pending[id] = at
			}
			u.mu.Unlock()
		}
	}
	for id, tenant := range notices {
		if err := u.m.notice(ctx, tenant, id); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// last is the last use that may not have been written yet.
func (u *usage) last(id string) time.Time {
	u.mu.Lock()
	defer u.mu.Unlock()
	if at, ok := u.pending[id]; ok {
		return at
	}
	return u.written[id].used
}

// close writes all that is pending and lets nothing begin after it.
func (u *usage) close(ctx context.Context) error {
	u.mu.Lock()
	u.closed = true
	if u.timer != nil {
		u.timer.Stop()
	}
	busy := u.busy
	u.mu.Unlock()
	if busy != nil {
		select {
		case <-busy:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	u.mu.Lock()
	touches, notices := u.take(u.m.now(), true)
	u.mu.Unlock()
	return u.write(ctx, touches, notices)
}

// noticeDue tells for how many days before the expiry of t an event is missing.
// A lifetime that is no longer than those days needs none.
func noticeDue(t *Token, now time.Time) int {
	if t.ExpiresAt.IsZero() || !t.RotationEnds.IsZero() {
		return 0
	}
	for _, days := range []int{1, 7, 30} {
		span := time.Duration(days) * 24 * time.Hour
		if t.ExpiresAt.Sub(now) > span {
			continue
		}
		if t.ExpiresAt.Sub(t.CreatedAt) > span && (t.ExpiryNotice == 0 || t.ExpiryNotice > days) {
			return days
		}
		return 0
	}
	return 0
}

// notice logs that a token is about to expire, once for each number of days,
// whatever the number of processes.
func (m *Manager) notice(ctx context.Context, tenant, id string) error {
	return m.change(ctx, tenant, "system", func(t *Tenant, now time.Time) ([]Event, error) {
		tok := t.token(id)
		if tok == nil || !tok.live(now) || noticeDue(tok, now) == 0 {
			return nil, errSame
		}
		tok.ExpiryNotice = noticeDue(tok, now)
		return []Event{{Action: "token.expiring", Token: id}}, nil
	})
}
