package sqlstore

import (
	"strings"

	"github.com/scimkit/scimkit/token/requestlog"
)

// The most entries that wait at once: of tenants that are known, of which there
// is no more of each than its rings keep, and of others, which anyone can make up.
const (
	mostKnown   = 4096
	mostUnknown = 256
)

// mostTenants is how many tenants a queue knows.
const mostTenants = 10_000

// ring names one of the two rings of a tenant.
type ring struct {
	tenant        string
	authenticated bool
}

// size is how many entries a ring has.
func (r ring) size(perTenant int) int {
	if r.authenticated {
		return perTenant
	}
	return max(perTenant/10, 10)
}

// waiting is what waits for one ring.
type waiting struct {
	size    int // of the ring
	entries []requestlog.Entry
	count   *int // what it counts among
}

// last is what the ring keeps of it.
func (w *waiting) last() []requestlog.Entry { return w.entries[max(0, len(w.entries)-w.size):] }

// queue is what waits to be written.
type queue struct {
	perTenant      int
	rings          map[ring]*waiting
	known, unknown *int            // how many entries wait of which tenants
	tenants        map[string]bool // some that are known
}

func newQueue(perTenant int, tenants map[string]bool) queue {
	return queue{perTenant, map[ring]*waiting{}, new(int), new(int), tenants}
}

// learn notes that a tenant is known.
func (q *queue) learn(tenant string) {
	if len(q.tenants) >= mostTenants {
		clear(q.tenants)
	}
	q.tenants[tenant] = true
}

// add tells whether there was room.
func (q *queue) add(e requestlog.Entry) bool {
	if e.Authenticated {
		q.learn(e.Tenant)
	}
	r := ring{e.Tenant, e.Authenticated}
	w := q.rings[r]
	if w == nil {
		w = &waiting{size: r.size(q.perTenant), count: q.unknown}
		if q.tenants[e.Tenant] {
			w.count = q.known
		}
	}
	if len(w.entries) >= 2*w.size {
		// The older half would be written over by the newer one.
		*w.count -= len(w.entries) - w.size
		w.entries = append(w.entries[:0], w.last()...)
	}
	if w.count == q.known && *w.count >= mostKnown || w.count == q.unknown && *w.count >= mostUnknown {
		return false
	}
	q.rings[r] = w
	w.entries = append(w.entries, e)
	*w.count++
	return true
}

// append adds what another queue has, and tells how many had no room.
func (q *queue) append(other queue) (dropped uint64) {
	for _, w := range other.rings {
		for _, e := range w.entries {
			if !q.add(e) {
				dropped++
			}
		}
	}
	return dropped
}

// plain is text that every database takes.
func plain(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
}
