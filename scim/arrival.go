package scim

import (
	"net/http"
	"time"
)

// startReading sets the time by which the body must have arrived. It counts
// for bodies that nobody reads, too, such as that of a request that is refused:
// net/http waits for those before it answers.
func (rq *request) startReading() {
	if rq.r.Body == nil {
		rq.r.Body = http.NoBody // a request that was made and not received
	}
	if d := rq.srv.limits.ReadTimeout; d > 0 && rq.r.Body != http.NoBody {
		rq.readUntil(time.Now().Add(d))
	}
}

// endReading ends that time: the body is here, and a connection at rest must
// not look like one that broke.
func (rq *request) endReading() {
	if rq.srv.limits.ReadTimeout > 0 {
		rq.readUntil(time.Time{})
	}
}

// readUntil does nothing where a host's middleware has a ResponseWriter
// without Unwrap.
func (rq *request) readUntil(t time.Time) {
	if rq.r.Body != http.NoBody {
		http.NewResponseController(rq.w).SetReadDeadline(t)
	}
}
