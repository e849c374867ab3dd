package bench

import (
	"bytes"
	"maps"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// A sample is what a side did in a slice of time, or in several.
type sample struct {
	N      int           // requests
	CPU    time.Duration // of the process that serves
	Wall   time.Duration
	Allocs uint64
	Bytes  uint64
}

func (s sample) plus(t sample) sample {
	return sample{s.N + t.N, s.CPU + t.CPU, s.Wall + t.Wall, s.Allocs + t.Allocs, s.Bytes + t.Bytes}
}

// writer is a ResponseWriter that is used again and again. It keeps the body,
// as a connection's buffer would.
type writer struct {
	header http.Header
	status int
	body   []byte
}

func (w *writer) Header() http.Header { return w.header }

func (w *writer) WriteHeader(status int) { w.status = status }

func (w *writer) Write(b []byte) (int, error) {
	w.body = append(w.body, b...)
	return len(b), nil
}

// SetReadDeadline is there because the connections of net/http have it.
func (w *writer) SetReadDeadline(time.Time) error { return nil }

func (w *writer) reset() {
	clear(w.header)
	w.status, w.body = http.StatusOK, w.body[:0]
}

func (w *writer) answer() answer {
	return answer{w.status, maps.Clone(w.header), bytes.Clone(w.body)}
}

// body is a request's body that is used again and again.
type body struct{ bytes.Reader }

func (*body) Close() error { return nil }

// caller calls a handler in process with the requests of an operation in turn.
type caller struct {
	handler http.Handler
	w       writer
	calls   []call
	next    int
	serial  uint64
	creates bool
	made    []byte // ids, one behind the other, each ended by a zero
}

// The numbers of the users that are made while time is taken: none is there
// already, and none is made by two.
const (
	firstInside = 1_000_000_000
	firstTCP    = 5_000_000_000
)

type call struct {
	r       *http.Request
	text    []byte
	numbers []int // where the placeholders are
	body    body
}

func newCaller(h http.Handler, requests []request, creates bool) *caller {
	c := &caller{handler: h, w: writer{header: http.Header{}}, calls: make([]call, len(requests)), serial: firstInside, creates: creates}
	for i, q := range requests {
		c.calls[i] = call{r: newRequest(q), text: []byte(q.Body), numbers: places([]byte(q.Body))}
	}
	return c
}

// newRequest is q as the server of net/http would give it to a handler.
func newRequest(q request) *http.Request {
	r := httptest.NewRequest(q.Method, q.Target, strings.NewReader(q.Body))
	r.Host = host
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Accept", mediaType)
	if q.Body != "" {
		r.Header.Set("Content-Type", mediaType)
		r.Header.Set("Content-Length", strconv.Itoa(len(q.Body)))
	}
	return r
}

// call makes one request.
func (c *caller) call() {
	q := &c.calls[c.next]
	if c.next++; c.next == len(c.calls) {
		c.next = 0
	}
	if len(q.numbers) > 0 {
		c.serial++
		fill(q.text, q.numbers, c.serial)
	}
	if len(q.text) > 0 {
		q.body.Reset(q.text)
		q.r.Body = &q.body
	} else {
		q.r.Body = http.NoBody // as net/http has it
	}
	c.w.reset()
	c.handler.ServeHTTP(&c.w, q.r)
	if c.creates {
		c.made = append(append(c.made, identify(c.w.body)...), 0)
	}
}

// identify finds the id in a resource; no document here has another member of
// that name.
func identify(body []byte) []byte {
	const key = `"id":"`
	i := bytes.Index(body, []byte(key))
	if i < 0 {
		return nil
	}
	body = body[i+len(key):]
	return body[:max(0, bytes.IndexByte(body, '"'))]
}

// run makes n requests.
func (c *caller) run(n int) sample {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu, start := cpuTime(), time.Now()
	for range n {
		c.call()
	}
	s := sample{N: n, CPU: cpuTime() - cpu, Wall: time.Since(start)}
	runtime.ReadMemStats(&after)
	s.Allocs, s.Bytes = after.Mallocs-before.Mallocs, after.TotalAlloc-before.TotalAlloc
	c.clean()
	return s
}

// clean deletes what was made, so that the data keeps its size.
func (c *caller) clean() {
	for id := range bytes.SplitSeq(c.made, []byte{0}) {
		if len(id) > 0 {
			perform(c.handler, request{Method: "DELETE", Target: "/Users/" + string(id)})
		}
	}
	c.made = c.made[:0]
}

// calibrate finds how many requests take about as long as the budget: a
// multiple of the requests that take turns.
func (c *caller) calibrate(budget time.Duration) int {
	n, _ := calibrate(len(c.calls), budget, func(n int) (sample, error) { return c.run(n), nil })
	return n
}

// calibrate doubles n until n requests take a good part of the budget. Of some
// tries the shortest counts: a machine that others use takes its time now and
// then.
func calibrate(multiple int, budget time.Duration, run func(n int) (sample, error)) (int, error) {
	for n := multiple; ; n *= 2 {
		least := budget
		for range 3 {
			s, err := run(n)
			if err != nil {
				return 0, err
			}
			least = min(least, max(s.Wall, 1))
		}
		if least >= budget/4 || n >= 1<<24 {
			n = int(float64(n) * float64(budget) / float64(least))
			return max(n/multiple, 1) * multiple, nil
		}
	}
}

// perform makes a single request.
func perform(h http.Handler, q request) answer {
	c := newCaller(h, []request{q}, false)
	c.call()
	return c.w.answer()
}
