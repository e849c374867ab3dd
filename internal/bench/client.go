package bench

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/http"
	"time"
)

// client has one connection to a server, which it keeps, and sends requests
// whose bytes are ready.
type client struct {
	conn   net.Conn
	in     *bufio.Reader
	buf    bytes.Buffer
	serial uint64
	made   []string
}

// message is a request as it goes over the wire.
type message struct {
	r       *http.Request
	bytes   []byte
	numbers []int
	creates bool
}

func dial(addr string) (*client, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	return &client{conn: conn, in: bufio.NewReaderSize(conn, 64<<10), serial: firstTCP}, nil
}

func newMessages(requests []request, creates bool) ([]message, error) {
	var out []message
	for _, q := range requests {
		r := newRequest(q)
		var b bytes.Buffer
		if err := r.Write(&b); err != nil {
			return nil, err
		}
		out = append(out, message{r: r, bytes: b.Bytes(), numbers: places(b.Bytes()), creates: creates})
	}
	return out, nil
}

// send makes one request and reads the answer; the body is in c.buf.
func (c *client) send(m *message) (int, error) {
	if len(m.numbers) > 0 {
		c.serial++
		fill(m.bytes, m.numbers, c.serial)
	}
	if _, err := c.conn.Write(m.bytes); err != nil {
		return 0, err
	}
	a, err := http.ReadResponse(c.in, m.r)
	if err != nil {
		return 0, err
	}
	c.buf.Reset()
	_, err = c.buf.ReadFrom(a.Body)
	a.Body.Close()
	if m.creates {
		c.made = append(c.made, string(identify(c.buf.Bytes())))
	}
	return a.StatusCode, err
}

// run sends n requests, the messages in turn, and wants success.
func (c *client) run(list []message, n int) (time.Duration, error) {
	start := time.Now()
	for i := range n {
		status, err := c.send(&list[i%len(list)])
		if err != nil {
			return 0, err
		}
		if status/100 != 2 {
			return 0, fmt.Errorf("status %d: %.300s", status, c.buf.Bytes())
		}
	}
	return time.Since(start), nil
}

// clean deletes what was made.
func (c *client) clean() error {
	for _, id := range c.made {
		list, err := newMessages([]request{{Method: "DELETE", Target: "/Users/" + id}}, false)
		if err != nil {
			return err
		}
		if _, err := c.run(list, 1); err != nil {
			return err
		}
	}
	c.made = c.made[:0]
	return nil
}
