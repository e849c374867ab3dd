package sqlstore

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/scimkit/scimkit/scim"
	"github.com/scimkit/scimkit/token/requestlog"
)

// RequestLogOptions are the options of a RequestLog.
type RequestLogOptions struct {
	PerTenant int           // entries, 100 if 0; a tenth as many, at least 10, of refused ones beside them
	Interval  time.Duration // how long entries wait to be written together; a second if 0
	Logger    *slog.Logger  // is told when entries cannot be written, and when they can again; slog.Default() if nil
}

// RequestLog is a [requestlog.Log] in the database, one for all nodes: two rings
// of rows for each tenant, as [requestlog.Memory] has them. Add only queues an
// entry, in a bounded queue; one that has no room is dropped and counted. What
// waits is written once in a while, and when somebody asks this node for entries.
type RequestLog struct {
	options RequestLogOptions
	logger  *slog.Logger
	rings   *rings

	writing chan struct{} // held by whoever writes

	mu      sync.Mutex
	queue   queue
	dropped uint64
	closed  bool

	wake chan struct{} // has a value if something waits
	stop chan struct{}
	done chan struct{}
}

// RequestLog gives the log of requests. Close it before the database.
func (s *Store) RequestLog(o RequestLogOptions) *RequestLog {
	if o.PerTenant <= 0 {
		o.PerTenant = 100
	}
	if o.Interval <= 0 {
		o.Interval = time.Second
	}
	l := &RequestLog{
		options: o, logger: o.Logger, rings: newRings(s.db, s.prefix, o.PerTenant), queue: newQueue(o.PerTenant, map[string]bool{}),
		writing: make(chan struct{}, 1), wake: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{}),
	}
	if l.logger == nil {
		l.logger = slog.Default()
	}
	go l.run()
	return l
}

var _ requestlog.Log = (*RequestLog)(nil)

// Add implements requestlog.Log.
func (l *RequestLog) Add(_ context.Context, e requestlog.Entry) {
	l.mu.Lock()
	// A tenant that no database can have is one that a stranger made up.
	if l.closed || !utf8.ValidString(e.Tenant) || strings.Contains(e.Tenant, "\x00") || !l.queue.add(e) {
		l.dropped++
		l.mu.Unlock()
		return
	}
	l.mu.Unlock()
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// Recent implements requestlog.Log. Entries of other nodes are there after
// their Interval.
func (l *RequestLog) Recent(ctx context.Context, tenant string, limit int) ([]requestlog.Entry, error) {
	// What cannot be written waits on, and what is there can be read.
	if err := l.flush(ctx); err != nil && ctx.Err() != nil {
		return nil, ctx.Err()
	}
	l.mu.Lock()
	l.queue.learn(tenant)
	l.mu.Unlock()
	return l.rings.recent(ctx, tenant, limit)
}

// Dropped tells how many entries had no room, or could not be stored.
func (l *RequestLog) Dropped() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.dropped
}

// Close writes what waits. An error means that it could not: ctx has ended, or the
// database failed. What is added later is dropped.
func (l *RequestLog) Close(ctx context.Context) error {
	l.mu.Lock()
	if !l.closed {
		l.closed = true
		close(l.stop)
	}
	l.mu.Unlock()
	select {
	case <-l.done:
	case <-ctx.Done():
		return ctx.Err()
	}
	return l.flush(ctx)
}

// run writes what waits, until the log is closed.
func (l *RequestLog) run() {
	defer close(l.done)
	failing, pause := false, l.options.Interval
	for {
		select {
		case <-l.wake:
		case <-l.stop:
			return
		}
		t := time.NewTimer(pause)
		select {
		case <-t.C:
		case <-l.stop:
			t.Stop()
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		err := l.flush(ctx)
		cancel()
		if (err != nil) != failing {
			failing = err != nil
			l.tell(err)
		}
		if pause = l.options.Interval; failing {
			pause = max(pause, 5*time.Second)
		}
	}
}

func (l *RequestLog) tell(err error) {
	if err != nil {
		l.logger.Error("the log of requests cannot be written", "error", err)
		return
	}
	l.logger.Info("the log of requests is written again", "dropped", l.Dropped())
}

// flush writes what waits. If the database cannot for now, it waits on.
func (l *RequestLog) flush(ctx context.Context) error {
	select {
	case l.writing <- struct{}{}:
		defer func() { <-l.writing }()
	case <-ctx.Done():
		return ctx.Err()
	}
	l.mu.Lock()
	batch := l.queue
	l.queue = newQueue(l.options.PerTenant, batch.tenants)
	l.mu.Unlock()
	if len(batch.rings) == 0 {
		return nil
	}
	err := l.rings.write(ctx, batch.rings)
	if err == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !errors.Is(err, scim.ErrUnavailable) && ctx.Err() == nil {
		l.dropped += uint64(*batch.known + *batch.unknown) // it will not be better next time
		return err
	}
	l.dropped += batch.append(l.queue)
	l.queue = batch
	select {
	case l.wake <- struct{}{}:
	default:
	}
	return err
}
