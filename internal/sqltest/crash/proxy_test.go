package crash

import (
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/scimkit/scimkit/internal/sqltest/rig"
)

// A cut is where a connection ends when COMMIT comes.
type cut int

const (
	noCut     cut = iota
	before        // COMMIT does not reach the server
	during        // it does, and nobody waits for its end
	afterward     // the server has answered, and the answer is lost
)

// A proxy stands between a node and PostgreSQL.
type proxy struct {
	listener net.Listener
	network  string
	address  string

	mu    sync.Mutex
	armed cut
	meet  func() // called before an armed cut ends the connection
	cuts  int
}

// newProxy starts a proxy for a database, and gives the database behind it.
func newProxy(t *testing.T, d rig.Database) (*proxy, rig.Database) {
	t.Helper()
	u, err := url.Parse(d.DSN)
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{network: "tcp", address: u.Host}
	q := u.Query()
	if dir := q.Get("host"); dir != "" {
		p.network, p.address = "unix", filepath.Join(dir, ".s.PGSQL.5432")
		q.Del("host")
	}
	if p.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.listener.Close() })
	go func() {
		for {
			c, err := p.listener.Accept()
			if err != nil {
				return
			}
			go p.serve(c)
		}
	}()
	q.Set("sslmode", "disable")
	u.Host, u.RawQuery = p.listener.Addr().String(), q.Encode()
	d.DSN = u.String()
	return p, d
}

// arm cuts the next connection at its COMMIT. meet is called when that is over
// for the server, and before the node hears of it.
func (p *proxy) arm(c cut, meet func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.armed, p.meet = c, meet
}

// take gives what is armed, and disarms it.
func (p *proxy) take() (c cut, meet func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c, meet = p.armed, p.meet; c != noCut {
		p.cuts++
	}
	p.armed, p.meet = noCut, nil
	return c, meet
}

// serve passes on what a node and the server say to each other.
func (p *proxy) serve(node net.Conn) {
	defer node.Close()
	server, err := net.Dial(p.network, p.address)
	if err != nil {
		return
	}
	defer server.Close()
	answers := &gate{to: node}
	go func() {
		io.Copy(answers, server)
		node.Close()
	}()
	var said talk
	for first := true; ; first = false {
		message, err := read(node, first)
		if err != nil {
			return
		}
		c, meet := noCut, func() {}
		if !first && said.commits(message) {
			c, meet = p.take()
		}
		if c == afterward {
			answers.hold()
		}
		if c != before {
			if _, err := server.Write(message); err != nil {
				return
			}
		}
		if c == afterward {
			answers.wait()
		}
		if c != noCut {
			if c == before {
				server.Close()
			}
			if meet != nil {
				meet()
			}
			return
		}
	}
}

// read reads one message of the node. The first one has no type.
func read(c net.Conn, first bool) ([]byte, error) {
	head := make([]byte, 5)
	if first {
		head = head[:4]
	}
	if _, err := io.ReadFull(c, head); err != nil {
		return nil, err
	}
	n := int(binary.BigEndian.Uint32(head[len(head)-4:])) - 4
	message := append(head, make([]byte, n)...)
	_, err := io.ReadFull(c, message[len(head):])
	return message, err
}

// talk is what a node has said so far.
type talk struct{ begun, executed bool }

// commits tells whether with a message a transaction is committed: by the simple
// query COMMIT, or by the Sync after a statement outside of a transaction.
func (k *talk) commits(message []byte) bool {
	switch message[0] {
	case 'Q':
		query := strings.ToLower(strings.TrimRight(string(message[5:]), "\x00;"))
		k.begun = strings.HasPrefix(query, "begin")
		return query == "commit"
	case 'E':
		k.executed = true
	case 'S':
		defer func() { k.executed = false }()
		return k.executed && !k.begun
	}
	return false
}

// gate passes answers on, or holds them.
type gate struct {
	mu   sync.Mutex
	to   io.Writer
	held chan struct{} // closed when an answer has come
}

func (g *gate) hold() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.held = make(chan struct{})
}

// wait waits until an answer has come.
func (g *gate) wait() {
	g.mu.Lock()
	held := g.held
	g.mu.Unlock()
	<-held
}

func (g *gate) Write(b []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.held == nil {
		return g.to.Write(b)
	}
	select {
	case <-g.held:
	default:
		close(g.held)
	}
	return len(b), nil
}
