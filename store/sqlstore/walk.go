package sqlstore

import (
	"strconv"
	"sync"
	"time"

	"github.com/scimkit/scimkit/scim"
)

// walks remember where pages ended. A client that walks by startIndex asks for
// the resource behind the last one of the page before: knowing its id, the
// database need not count all that come before it. Without a memory, on another
// node say, it counts.
type walks struct {
	mu   sync.Mutex
	next map[string]bookmark
}

// A bookmark is the id behind which a page begins.
type bookmark struct {
	id   string
	seen time.Time
}

// Places are few and do not stay long.
const (
	mostPlaces  = 4096
	placesStale = 2 * time.Minute
)

func walk(h *handler, q scim.Query, from int) string {
	key := h.tenant + "\x00" + h.model.Name + "\x00" + strconv.Itoa(from) + "\x00"
	if q.Filter != nil {
		key += q.Filter.String()
	}
	return key
}

func (w *walks) after(h *handler, q scim.Query, from int) (id string, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	p, ok := w.next[walk(h, q, from)]
	return p.id, ok && time.Since(p.seen) < placesStale
}

func (w *walks) remember(h *handler, q scim.Query, from int, id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.next) >= mostPlaces {
		clear(w.next)
	}
	if w.next == nil {
		w.next = make(map[string]bookmark)
	}
	w.next[walk(h, q, from)] = bookmark{id, time.Now()}
}
