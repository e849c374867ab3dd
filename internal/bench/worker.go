package bench

import (
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// A command tells a worker what to do next; a reply is what came of it.
type command struct {
	Do       string
	Op       string
	Requests []request     // of the floor
	Answers  []answer      // of the floor
	Budget   time.Duration // of a slice
}

type reply struct {
	Err      string
	Requests []request
	Answers  []answer
	Sample   sample
	Addr     string
	CPU      time.Duration
}

// A worker is one side: in this process, or in one of its own.
type worker struct {
	side    string
	size    sizes
	sets    map[dataset]*data
	jobs    map[string]*job
	serving atomic.Pointer[job]
}

// job is an operation made ready.
type job struct {
	handler http.Handler
	caller  *caller
	n       int // requests in a slice
}

func newWorker(side string, size sizes) *worker {
	return &worker{side: side, size: size, sets: make(map[dataset]*data), jobs: make(map[string]*job)}
}

// do obeys.
func (w *worker) do(c command) (reply, error) {
	switch c.Do {
	case "prepare":
		return w.prepare(c)
	case "run":
		j := w.jobs[c.Op]
		if j.n == 0 {
			j.n = j.caller.calibrate(c.Budget)
		}
		return reply{Sample: j.caller.run(j.n)}, nil
	case "serve":
		return w.serve()
	case "show":
		w.serving.Store(w.jobs[c.Op])
		return reply{}, nil
	case "cpu":
		return reply{CPU: cpuTime()}, nil
	}
	return reply{}, fmt.Errorf("there is no command %q", c.Do)
}

// prepare makes the data for an operation and plays each request once, for the
// answers to be checked. The floor is told what to play.
func (w *worker) prepare(c command) (reply, error) {
	if w.side == floor {
		h := newConstant(c.Answers)
		w.jobs[c.Op] = &job{handler: h, caller: newCaller(h, c.Requests, false)}
		return reply{}, nil
	}
	op, err := find(c.Op)
	if err != nil {
		return reply{}, err
	}
	d := w.sets[op.data]
	if d == nil {
		if d, err = newData(w.side, w.size, op.data); err != nil {
			return reply{}, fmt.Errorf("data of %s: %w", w.side, err)
		}
		w.sets[op.data] = d
	}
	requests := resolve(op.requests, d.ids)
	j := &job{handler: d.handler, caller: newCaller(d.handler, requests, op.creates)}
	w.jobs[c.Op] = j
	return reply{Requests: requests, Answers: w.answers(j, op, d)}, nil
}

// answers plays every request once, and after each the probe.
func (w *worker) answers(j *job, op operation, d *data) []answer {
	var out []answer
	for range j.caller.calls {
		j.caller.call()
		out = append(out, j.caller.w.answer())
		if op.probe != nil {
			out = append(out, perform(j.handler, resolve([]request{*op.probe}, d.ids)[0]))
		}
	}
	j.caller.clean()
	return out
}

// serve opens a server whose handler is that of the operation shown last.
func (w *worker) serve() (reply, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return reply{}, err
	}
	go http.Serve(l, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.serving.Load().handler.ServeHTTP(rw, r)
	}))
	return reply{Addr: l.Addr().String()}, nil
}
