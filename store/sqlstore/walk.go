package sqlstore

import (
	"crypto/sha256"
	"maps"
	"math"
	"strconv"
	"sync"
	"time"

	"github.com/scimkit/scimkit/scim"
)

// walks remember where pages ended. A client that walks by startIndex asks for
// the resource behind the last one of the page before: knowing its key, the
// database need not count all that come before it, and what goes or comes in
// between does not move the page. Without a memory, on another node say, it
// counts.
//
// The total of the first page is that of the whole walk: a client that compares
// it with how far it came would end early if it shrank under it, and counting
// the matches of a filter for every page would cost more than the page.
//
// Clients that walk the same list at once share what is remembered, as a request
// does not say whose walk it belongs to. Where the list changed between them, the
// page begins at the earlier of the two places: one of them may see resources
// twice, none misses any. A walk that has come to its end leaves nothing
// behind.
type walks struct {
	mu sync.Mutex
	// Two generations: when the young one is full it becomes the old one,
	// so that who goes on walking keeps its place.
	young, old map[spot]bookmark
	last       uint64 // number of a walk
}

// spot stands for a tenant, type and filter, and how many matches come before.
type spot [sha256.Size]byte

// A bookmark is the key behind which a page begins, and the total of the walk.
type bookmark struct {
	key   any
	total int
	walk  uint64 // the walk that it belongs to, 0 for one that begins, or shared
	seen  time.Time
}

// shared is the number of places that several walks have in common.
const shared = math.MaxUint64

// Places are few and do not stay long.
const (
	mostPlaces  = 2048 // of a generation
	placesStale = 2 * time.Minute
)

func walkTo(h *handler, q scim.Query, from int) spot {
	key := strconv.Quote(h.tenant) + strconv.Quote(h.model.Name) + strconv.Itoa(from)
	if q.Filter != nil {
		key += " " + q.Filter.String()
	}
	return sha256.Sum256([]byte(key))
}

// after finds the bookmark at a spot, unless it is stale.
func (w *walks) after(at spot) (b bookmark, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if b, ok = w.young[at]; !ok {
		b, ok = w.old[at]
	}
	return b, ok && time.Since(b.seen) < placesStale
}

// remember notes b; less is the order of keys.
func (w *walks) remember(at spot, b bookmark, less func(a, b any) bool) {
	b.seen = time.Now()
	if other, ok := w.after(at); ok {
		if other.walk != b.walk {
			b.walk = shared
		}
		if other.key != b.key && less(other.key, b.key) {
			b.key, b.seen = other.key, other.seen
		}
		if other.total > b.total {
			b.total, b.seen = other.total, other.seen
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if b.walk == 0 {
		w.last++
		b.walk = w.last
	}
	if _, ok := w.young[at]; !ok && len(w.young) >= mostPlaces {
		w.old, w.young = w.young, nil
	}
	if w.young == nil {
		w.young = make(map[spot]bookmark)
	}
	w.young[at] = b
}

// end forgets a walk.
func (w *walks) end(walk uint64) {
	if walk == 0 || walk == shared {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, places := range []map[spot]bookmark{w.young, w.old} {
		maps.DeleteFunc(places, func(_ spot, b bookmark) bool { return b.walk == walk })
	}
}

// less compares keys as the database orders them, but for text in a column of the
// host's.
func less(a, b any) bool {
	switch a := a.(type) {
	case int64:
		b, ok := b.(int64)
		return ok && a < b
	case string:
		b, ok := b.(string)
		return ok && a < b
	}
	return false
}
