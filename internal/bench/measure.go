package bench

import (
	"fmt"
	"time"
)

// A side has its turn for a slice of time, in process or over TCP: short, so
// that what disturbs the machine disturbs every side alike. A round is some
// turns of each, added up: long enough for garbage collection to have its
// share.
const (
	insideSlice = 4 * time.Millisecond
	tcpSlice    = 10 * time.Millisecond
	turns       = 6
	minRounds   = 5
)

// obedient is a worker, here or in another process.
type obedient interface {
	do(command) (reply, error)
}

// team is the sides that take turns.
type team struct {
	size    sizes
	start   func(side string, size sizes) (obedient, error)
	workers map[string]obedient
	clients map[string]*client
}

func newTeam(size sizes, start func(string, sizes) (obedient, error)) *team {
	return &team{size: size, start: start, workers: make(map[string]obedient), clients: make(map[string]*client)}
}

// do has a side obey. Its process starts when it is first needed.
func (t *team) do(side string, c command) (reply, error) {
	w := t.workers[side]
	if w == nil {
		var err error
		if w, err = t.start(side, t.size); err != nil {
			return reply{}, err
		}
		t.workers[side] = w
	}
	return w.do(c)
}

// sides are those that are measured for op.
func (op operation) sides() []string {
	if op.bare {
		return []string{floor, ours, best, plain}
	}
	return []string{floor, ours, best}
}

// prepare makes op ready on every side, checks the answers of those that work,
// and gives the requests of each. The floor answers as scimkit does.
func (t *team) prepare(op operation, sides ...string) (map[string][]request, error) {
	requests := make(map[string][]request)
	var constant command
	for _, side := range sides {
		if side == floor {
			continue
		}
		p, err := t.do(side, command{Do: "prepare", Op: op.name})
		if err != nil {
			return nil, err
		}
		if err := verify(side, op, p.Answers); err != nil {
			return nil, err
		}
		requests[side] = p.Requests
		if side == ours {
			constant = command{Do: "prepare", Op: op.name, Requests: p.Requests, Answers: op.withoutProbes(p.Answers)}
		}
	}
	if requests[ours] == nil || sides[0] != floor {
		return requests, nil
	}
	requests[floor] = constant.Requests
	_, err := t.do(floor, constant)
	return requests, err
}

func (op operation) withoutProbes(list []answer) []answer {
	if op.probe == nil {
		return list
	}
	var out []answer
	for i := 0; i < len(list); i += 2 {
		out = append(out, list[i])
	}
	return out
}

// round lets the sides take turns, beginning with another one each time.
func round(sides []string, into map[string][]sample, slice func(side string) (sample, error)) error {
	sums := make(map[string]sample)
	for turn := range turns {
		for i := range sides {
			side := sides[(i+turn)%len(sides)]
			s, err := slice(side)
			if err != nil {
				return err
			}
			sums[side] = sums[side].plus(s)
		}
	}
	for side, s := range sums {
		into[side] = append(into[side], s)
	}
	return nil
}

// inside runs a round in process.
func (t *team) inside(op operation, sides []string, into map[string][]sample) error {
	return round(sides, into, func(side string) (sample, error) { return t.slice(op, side) })
}

func (t *team) slice(op operation, side string) (sample, error) {
	p, err := t.do(side, command{Do: "run", Op: op.name, Budget: insideSlice})
	return p.Sample, err
}

// wire is an operation over TCP.
type wire struct {
	team     *team
	op       operation
	messages map[string][]message
	n        map[string]int // requests in a slice
}

func (t *team) newWire(op operation) (*wire, error) {
	requests, err := t.prepare(op, op.sides()...)
	if err != nil {
		return nil, err
	}
	w := &wire{team: t, op: op, messages: make(map[string][]message), n: make(map[string]int)}
	for side, list := range requests {
		if w.messages[side], err = newMessages(list, op.creates && side != floor); err != nil {
			return nil, err
		}
		if err := t.connect(side); err != nil {
			return nil, err
		}
		w.n[side], err = calibrate(len(list), tcpSlice, func(n int) (sample, error) { return w.slice(side, n) })
		if err != nil {
			return nil, err
		}
	}
	return w, nil
}

// connect opens the connection to a side, once.
func (t *team) connect(side string) error {
	if t.clients[side] != nil {
		return nil
	}
	p, err := t.do(side, command{Do: "serve"})
	if err != nil {
		return err
	}
	t.clients[side], err = dial(p.Addr)
	return err
}

// slice sends n requests to a side.
func (w *wire) slice(side string, n int) (sample, error) {
	c := w.team.clients[side]
	if _, err := w.team.do(side, command{Do: "show", Op: w.op.name}); err != nil {
		return sample{}, err
	}
	before, err := w.team.do(side, command{Do: "cpu"})
	if err != nil {
		return sample{}, err
	}
	wall, err := c.run(w.messages[side], n)
	if err != nil {
		return sample{}, fmt.Errorf("%s: %s: %w", side, w.op.name, err)
	}
	after, err := w.team.do(side, command{Do: "cpu"})
	if err != nil {
		return sample{}, err
	}
	return sample{N: n, CPU: after.CPU - before.CPU, Wall: wall}, c.clean()
}

// round runs a round over TCP.
func (w *wire) round(into map[string][]sample) error {
	return round(w.op.sides(), into, func(side string) (sample, error) { return w.slice(side, w.n[side]) })
}
