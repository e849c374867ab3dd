package bench

import (
	"io"
	"net/http"
	"sync/atomic"
)

// constant is the floor: a handler that reads the body, if there is one, and
// writes the same answers over and over.
type constant struct {
	answers []constantAnswer
	next    atomic.Uint64
}

type constantAnswer struct {
	status int
	header []headerLine
	body   []byte
}

type headerLine struct {
	key    string
	values []string
}

func newConstant(answers []answer) *constant {
	c := &constant{answers: make([]constantAnswer, len(answers))}
	for i, a := range answers {
		c.answers[i] = constantAnswer{status: a.Status, body: a.Body}
		for k, v := range a.Header {
			c.answers[i].header = append(c.answers[i].header, headerLine{k, v})
		}
	}
	return c
}

func (c *constant) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength > 0 {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return
		}
	}
	a := &c.answers[0]
	if len(c.answers) > 1 {
		a = &c.answers[int(c.next.Add(1)-1)%len(c.answers)]
	}
	h := w.Header()
	for _, l := range a.header {
		h[l.key] = l.values
	}
	w.WriteHeader(a.status)
	if len(a.body) > 0 {
		w.Write(a.body)
	}
}
