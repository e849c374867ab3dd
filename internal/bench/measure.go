package bench

import (
	"fmt"
	"time"
)

// slice is how long a side has its turn, in process and over TCP. Long enough
// for the clock of the CPU and for some garbage collection.
const (
	insideSlice = 10 * time.Millisecond
	tcpSlice    = 30 * time.Millisecond
)

// minRounds is how often every side has its turn at least.
const minRounds = 5

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

// inside gives every side one slice in process, beginning with another one
// each round.
func (t *team) inside(op operation, sides []string, round int, into map[string][]sample) error {
	for i := range sides {
		side := sides[(i+round)%len(sides)]
		p, err := t.do(side, command{Do: "run", Op: op.name, Budget: insideSlice})
		if err != nil {
			return err
		}
		into[side] = append(into[side], p.Sample)
	}
	return nil
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
		if err := w.calibrate(side); err != nil {
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

func (w *wire) calibrate(side string) error {
	turns := len(w.messages[side])
	for n := turns; ; n *= 2 {
		s, err := w.slice(side, n)
		if err != nil {
			return err
		}
		if s.Wall >= tcpSlice/4 {
			w.n[side] = max(int(float64(n)*float64(tcpSlice)/float64(s.Wall))/turns, 1) * turns
			return nil
		}
	}
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

// round gives every side one slice.
func (w *wire) round(round int, into map[string][]sample) error {
	sides := w.op.sides()
	for i := range sides {
		side := sides[(i+round)%len(sides)]
		s, err := w.slice(side, w.n[side])
		if err != nil {
			return err
		}
		into[side] = append(into[side], s)
	}
	return nil
}
