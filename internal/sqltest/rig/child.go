package rig

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/scimkit/scimkit/scim"
)

// childVariable has the order of a process that is to be a node.
const childVariable = "SCIMKIT_TEST_NODE"

// order is what a child is told.
type order struct {
	Database Database
	Early    bool
}

// RunChild makes this process a node if it is a child, and then does not come
// back. A TestMain calls it first.
func RunChild() {
	text, ok := os.LookupEnv(childVariable)
	if !ok {
		return
	}
	if err := runChild(text); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func runChild(text string) error {
	var o order
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return err
	}
	db, err := o.Database.Open(8)
	if err != nil {
		return err
	}
	c := Config{Logger: slog.New(slog.NewTextHandler(os.Stderr, nil))}
	if o.Early {
		c.Wrap = Early()
	}
	h, err := NewHandler(context.Background(), db, o.Database, c)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go http.Serve(l, h)
	fmt.Println("http://" + l.Addr().String())
	io.Copy(io.Discard, os.Stdin) // ends with the parent
	return nil
}

// A Child is a node in a process of its own.
type Child struct {
	Client
	cmd *exec.Cmd
	log *tail
}

// StartChild starts a node, in a process that runs the program of this one. An
// early one is a control: it acknowledges before it writes.
func StartChild(d Database, early bool) (*Child, error) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"="+JSON(order{d, early}))
	c := &Child{cmd: cmd, log: &tail{}}
	cmd.Stderr = c.log
	if _, err := cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the node did not start: %w: %s", err, c.log), c.Kill())
	}
	c.URL = strings.TrimSpace(line)
	return c, nil
}

// Kill kills the process, as kill -9 does.
func (c *Child) Kill() error { return c.KillThen(func() {}) }

// KillThen kills the process, calls then, and waits for the end of the process.
func (c *Child) KillThen(then func()) error {
	err := c.cmd.Process.Kill()
	then()
	if err != nil {
		return err
	}
	c.cmd.Wait() // says that it was killed
	return nil
}

// Log is the end of what the node has written to its log.
func (c *Child) Log() string { return c.log.String() }

// tail keeps the end of what is written.
type tail struct {
	mu   sync.Mutex
	text []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if extra := len(t.text) - 8<<10; extra > 0 {
		t.text = bytes.Clone(t.text[extra:])
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text)
}

// early acknowledges the creation of users before they are stored.
type early struct {
	scim.ResourceHandler
	writing *sync.RWMutex // by those who read it locked
}

// Early makes stores that lose what they have acknowledged.
func Early() func(scim.ResourceHandler) scim.ResourceHandler {
	var writing sync.RWMutex
	return func(h scim.ResourceHandler) scim.ResourceHandler { return early{h, &writing} }
}

// wait waits until all is stored.
func (e early) wait() {
	e.writing.Lock()
	defer e.writing.Unlock()
}

func (e early) Create(ctx context.Context, r *scim.Resource) error {
	if r.Type().Name != "User" {
		e.wait()
		return e.ResourceHandler.Create(ctx, r)
	}
	later := r.Clone()
	e.writing.RLock()
	go func() {
		defer e.writing.RUnlock()
		time.Sleep(5 * time.Millisecond)
		e.ResourceHandler.Create(context.WithoutCancel(ctx), later)
	}()
	return nil
}

func (e early) Update(ctx context.Context, id string, edit func(*scim.Resource) error) (*scim.Resource, error) {
	e.wait()
	return e.ResourceHandler.Update(ctx, id, edit)
}

func (e early) Delete(ctx context.Context, id string, check func(*scim.Resource) error) error {
	e.wait()
	return e.ResourceHandler.Delete(ctx, id, check)
}
