package token

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"sync"
	"sync/atomic"
	"time"
)

// usage writes when tokens were used, in the background: at once for a token
// that was not used for a minute, and then at most once a minute. The store sees
// to it that this holds for all processes together. There is no goroutine while
// there is nothing to write.
type usage struct {
	m *Manager

	mu      sync.Mutex
	uses    map[string]use
	sweep   int                  // uses that there may be before old ones are dropped
	due     map[string]time.Time // tokens whose use is to be written, and when
	notices map[string]string    // tokens that are about to expire, and their tenants
	timer   *time.Timer
	at      time.Time     // of the timer
	busy    chan struct{} // closed when the flush under way is done
	closed  bool
}

// use is what this process knows of the use of a token: the last one, and that
// which it last had written.
type use struct{ last, sent time.Time }

const usageInterval = time.Minute

// unnoted tells whether a use of t at a time is to be written.
func (t *Token) unnoted(at time.Time) bool {
	return t.LastUsedAt.IsZero() || !at.Before(t.LastUsedAt.Add(usageInterval))
}

// seen spares usage what happens more than once in a second.
type seen struct{ second atomic.Int64 }

// saw notes that a token was used. What t says of its last use is as old as the
// cache, by which time it has what this process wrote itself.
func (u *usage) saw(s *seen, t *Token, now time.Time) {
	if second := now.Unix(); s.second.Load() == second || s.second.Swap(second) == second {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.closed {
		return
	}
	if u.uses == nil {
		u.uses, u.due, u.notices = map[string]use{}, map[string]time.Time{}, map[string]string{}
	}
	u.drop(now)
	known := u.uses[t.ID]
	if now.After(known.last) {
		known.last = now
	}
	if t.unnoted(now) && !now.Before(known.sent.Add(u.m.options.CacheTTL+time.Second)) {
		known.sent = now
		u.due[t.ID] = now
		u.schedule(now, now)
	}
	u.uses[t.ID] = known
	if noticeDue(t, now) > 0 {
		u.notices[t.ID] = t.Tenant
		u.schedule(now, now)
	}
}

// drop forgets uses that the store knows, when there are many.
func (u *usage) drop(now time.Time) {
	if len(u.uses) < max(u.sweep, 1000) {
		return
	}
	maps.DeleteFunc(u.uses, func(id string, known use) bool {
		_, due := u.due[id]
		return !due && !now.Before(known.last.Add(usageInterval))
	})
	u.sweep = 2 * len(u.uses)
}

// schedule makes sure that a flush happens at a time, and not after it.
func (u *usage) schedule(at, now time.Time) {
	if u.busy != nil || u.timer != nil && !at.Before(u.at) {
		return // a flush schedules the next one
	}
	if u.timer != nil {
		u.timer.Stop()
	}
	u.at = at
	u.timer = time.AfterFunc(max(at.Sub(now), 0), u.flush)
}

// flush writes what is due.
func (u *usage) flush() {
	u.mu.Lock()
	if u.closed || u.busy != nil {
		u.mu.Unlock()
		return
	}
	touches, notices := u.take(u.m.now(), false)
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
	now := u.m.now()
	for _, at := range u.due {
		u.schedule(at, now)
	}
	if len(u.notices) > 0 {
		u.schedule(now, now)
	}
}

// take removes what is due, or all.
func (u *usage) take(now time.Time, all bool) (touches map[string]time.Time, notices map[string]string) {
	touches = map[string]time.Time{}
	for id, at := range u.due {
		if all || !now.Before(at) {
			touches[id] = u.uses[id].last
			delete(u.due, id)
		}
	}
	notices = u.notices
	u.notices = map[string]string{}
	return touches, notices
}

// write writes what was taken. What fails is due again, a minute later.
func (u *usage) write(ctx context.Context, touches map[string]time.Time, notices map[string]string) error {
	var errs []error
	for id, at := range touches {
		if err := u.m.store.Touch(ctx, id, at); err != nil {
			errs = append(errs, err)
			u.mu.Lock()
			u.due[id] = u.m.now().Add(usageInterval)
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

// last is the last use that this process knows of.
func (u *usage) last(id string) time.Time {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.uses[id].last
}

// close writes all that is due and lets nothing begin after it.
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
	return m.change(ctx, tenant, "system", func(t *Tenant, _ string, now time.Time) ([]Event, error) {
		tok := t.token(id)
		if tok == nil || !tok.live(now) || noticeDue(tok, now) == 0 {
			return nil, errSame
		}
		tok.ExpiryNotice = noticeDue(tok, now)
		return []Event{{Action: "token.expiring", Token: id}}, nil
	})
}
