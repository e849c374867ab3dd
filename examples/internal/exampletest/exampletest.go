// Package exampletest builds the examples, starts them as their users do, and sends
// them requests.
package exampletest

import (
	"bytes"
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Build builds an example and gives the path of the program.
func Build(t *testing.T, name string) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), name)
	out, err := exec.Command("go", "build", "-o", binary, "github.com/scimkit/scimkit/examples/"+name).CombinedOutput()
	if err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return binary
}

// A Process is an example that runs.
type Process struct {
	Values map[string]string // what it has announced
	t      *testing.T
	cmd    *exec.Cmd
	out    output
	err    output
	stop   sync.Once
}

// Start starts an example, on a free port unless args say otherwise, and waits for what it announces. It is
// stopped at the end of the test, if not before.
func Start(t *testing.T, binary string, args ...string) *Process {
	t.Helper()
	p := &Process{Values: map[string]string{}, t: t, cmd: exec.Command(binary, append([]string{"-addr", "127.0.0.1:0"}, args...)...)}
	p.out.complete = make(chan struct{})
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.err
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	select {
	case <-p.out.complete:
	case <-time.After(30 * time.Second):
		t.Fatalf("nothing was announced\n%s%s", p.Stdout(), p.Stderr())
	}
	preamble, _, _ := strings.Cut(p.Stdout(), "\n\n")
	for line := range strings.SplitSeq(preamble, "\n") {
		key, value, ok := strings.Cut(line, "=")
		if !ok {
			t.Fatalf("%q is no key=value", line)
		}
		p.Values[key] = value
	}
	return p
}

// Stop asks the process to end, and fails the test if it does not end well.
func (p *Process) Stop() {
	p.stop.Do(func() {
		if err := errors.Join(p.cmd.Process.Signal(syscall.SIGTERM), p.cmd.Wait()); err != nil {
			p.t.Errorf("the example ends with %v\n%s", err, p.Stderr())
		}
	})
}

// Stdout is what was written to standard output.
func (p *Process) Stdout() string { return p.out.String() }

// Stderr is what was written to standard error.
func (p *Process) Stderr() string { return p.err.String() }

// output keeps what is written, and closes complete at the first empty line.
type output struct {
	mu       sync.Mutex
	b        bytes.Buffer
	once     sync.Once
	complete chan struct{} // nil where nobody waits
}

func (o *output) Write(data []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.b.Write(data)
	if o.complete != nil && bytes.Contains(o.b.Bytes(), []byte("\n\n")) {
		o.once.Do(func() { close(o.complete) })
	}
	return len(data), nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}
