package daemon

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"
)

// A Daemon is a server, or the place for one.
type Daemon struct {
	Name    string      // as messages call it
	Dir     string      // its folder, with data, socket and log
	Process *os.Process // nil while there is none

	account *Account
	exited  chan struct{} // closed when the process has ended
}

// New makes the folder of a server that an account runs.
func New(name string, account *Account) (*Daemon, error) {
	dir, err := os.MkdirTemp(folder(), "db")
	if err != nil {
		return nil, err
	}
	if err := account.own(dir); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return &Daemon{Name: name, Dir: dir, account: account}, nil
}

// folder is where the sockets are: their whole path has 107 bytes at most.
func folder() string {
	if dir := os.TempDir(); len(dir) < 60 {
		return dir
	}
	return "/tmp"
}

func (d *Daemon) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir = d.Dir
	cmd.Env = []string{"LC_ALL=C", "TZ=UTC", "PATH=" + os.Getenv("PATH")}
	cmd.SysProcAttr = d.account.attributes()
	return cmd
}

// Run runs a tool of the server to its end.
func (d *Daemon) Run(name string, args ...string) error {
	if out, err := d.command(name, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", filepath.Base(name), err, out)
	}
	return nil
}

// Start starts the server, and waits until ping gives no error.
func (d *Daemon) Start(ping func(context.Context) error, name string, args ...string) error {
	log, err := os.OpenFile(filepath.Join(d.Dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := d.command(name, args...)
	cmd.Stdout, cmd.Stderr = log, log
	begun, exited := make(chan error, 1), make(chan struct{})
	go func() {
		// The server is told to end when the thread that started it does.
		runtime.LockOSThread()
		defer close(exited)
		err := cmd.Start()
		begun <- err
		if err == nil {
			cmd.Wait()
		}
	}()
	if err := <-begun; err != nil {
		return err
	}
	d.Process, d.exited = cmd.Process, exited
	return d.ready(ping, 60*time.Second)
}

// ready waits until the server takes connections, which after a crash is when it
// has recovered.
func (d *Daemon) ready(ping func(context.Context) error, within time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	for {
		err := ping(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-d.exited:
			d.Process = nil
			return fmt.Errorf("%s did not start: %s", d.Name, d.log())
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready after %v: %w\n%s", d.Name, within, err, d.log())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// log is the end of what the server wrote.
func (d *Daemon) log() []byte {
	text, err := os.ReadFile(filepath.Join(d.Dir, "log"))
	if err != nil {
		return []byte(err.Error())
	}
	return text[max(0, len(text)-4000):]
}

// Kill9 kills the server and all its processes at once.
func (d *Daemon) Kill9() error {
	if d.Process == nil {
		return fmt.Errorf("%s does not run", d.Name)
	}
	if err := killAll(d.Process); err != nil {
		return err
	}
	<-d.exited
	d.Process = nil
	return nil
}

// End tells the server to end, if it runs.
func (d *Daemon) End(how syscall.Signal) error {
	if d.Process == nil {
		return nil
	}
	if err := d.Process.Signal(how); err != nil {
		return err
	}
	select {
	case <-d.exited:
		d.Process = nil
		return nil
	case <-time.After(30 * time.Second):
		return errors.Join(fmt.Errorf("%s does not end: %s", d.Name, d.log()), d.Kill9())
	}
}

// Remove ends the server, whatever it does, and takes its folder away.
func (d *Daemon) Remove() error {
	return errors.Join(d.End(syscall.SIGQUIT), os.RemoveAll(d.Dir))
}

// RemoveAfter removes the server after the test.
func (d *Daemon) RemoveAfter(t testing.TB) {
	t.Cleanup(func() {
		if err := d.Remove(); err != nil {
			t.Error(err)
		}
	})
}
