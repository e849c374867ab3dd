package pgtest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"
)

// A Server is a PostgreSQL with a data folder and a socket of its own, and no
// TCP port.
type Server struct {
	tools   tools
	profile []string
	dir     string // data, socket and log

	process *os.Process   // the postmaster, nil while there is none
	exited  chan struct{} // closed when it has ended
}

// What a server promises. Both take many connections, as tests of several nodes
// need them.
var (
	common = []string{"-c", "listen_addresses=", "-c", "max_connections=300", "-c", "unix_socket_permissions=0777"}

	// fast keeps nothing when the machine stops.
	fast = append([]string{"-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"}, common...)

	// durable is what PostgreSQL is without any setting.
	durable = append([]string{"-c", "fsync=on", "-c", "synchronous_commit=on", "-c", "full_page_writes=on"}, common...)
)

// Start starts a server for a test that kills it. It syncs what it commits to
// the disk. After the test it is gone.
func Start(t testing.TB) *Server {
	t.Helper()
	s, err := newServer(durable)
	demand(t, err)
	t.Cleanup(func() {
		if err := s.remove(); err != nil {
			t.Errorf("pgtest: %v", err)
		}
	})
	return s
}

// newServer makes a data folder and starts a server in it.
func newServer(profile []string) (*Server, error) {
	found, err := findTools()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(folder(), "pg")
	if err != nil {
		return nil, err
	}
	s := &Server{tools: found, profile: profile, dir: dir}
	if err := errors.Join(s.tools.own(dir), s.init()); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := s.begin(); err != nil {
		return nil, errors.Join(err, s.remove())
	}
	return s, nil
}

// folder is where the sockets are: their whole path has 107 bytes at most.
func folder() string {
	if dir := os.TempDir(); len(dir) < 60 {
		return dir
	}
	return "/tmp"
}

// init makes the data folder. The databases sort as English does, as those of
// most hosts: SQL that needs the order of bytes must say so.
func (s *Server) init() error {
	args := []string{"-D", filepath.Join(s.dir, "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"}
	if s.tools.version >= 15 {
		args = append(args, "--locale-provider=icu", "--icu-locale=en-US")
	}
	out, err := s.command(s.tools.initdb, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return nil
}

func (s *Server) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir = s.dir
	cmd.Env = []string{"LC_ALL=C", "TZ=UTC", "PATH=" + os.Getenv("PATH")}
	cmd.SysProcAttr = s.tools.attributes()
	return cmd
}

// begin starts the server and waits until it takes connections.
func (s *Server) begin() error {
	log, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := s.command(s.tools.postgres, append([]string{"-D", filepath.Join(s.dir, "data"), "-k", s.dir}, s.profile...)...)
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
	s.process, s.exited = cmd.Process, exited
	return s.ready(60 * time.Second)
}

// ready waits until the server takes connections, which after a crash is when it
// has recovered.
func (s *Server) ready(within time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	db, err := sql.Open("pgx", s.URL())
	if err != nil {
		return err
	}
	defer db.Close()
	for {
		err := db.PingContext(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-s.exited:
			s.process = nil
			return fmt.Errorf("PostgreSQL did not start: %s", s.log())
		case <-ctx.Done():
			return fmt.Errorf("PostgreSQL is not ready after %v: %w\n%s", within, err, s.log())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// log is the end of what the server wrote.
func (s *Server) log() []byte {
	text, err := os.ReadFile(filepath.Join(s.dir, "log"))
	if err != nil {
		return []byte(err.Error())
	}
	return text[max(0, len(text)-4000):]
}

// URL is that of the database postgres.
func (s *Server) URL() string {
	u := url.URL{Scheme: "postgres", User: url.User("postgres"), Path: "/postgres",
		RawQuery: url.Values{"host": {s.dir}, "sslmode": {"disable"}}.Encode()}
	return u.String()
}

// Open opens the database postgres, which is closed when the test ends.
func (s *Server) Open(t testing.TB) *sql.DB {
	t.Helper()
	return open(t, s.URL())
}

// Kill9 kills the server and all its processes at once.
func (s *Server) Kill9() error {
	if s.process == nil {
		return errors.New("PostgreSQL does not run")
	}
	if err := killAll(s.process); err != nil {
		return err
	}
	<-s.exited
	s.process = nil
	return nil
}

// Stop ends the server cleanly, and the connections to it.
func (s *Server) Stop() error { return s.end(syscall.SIGINT) }

// end tells the server to end.
func (s *Server) end(how os.Signal) error {
	if s.process == nil {
		return nil
	}
	if err := s.process.Signal(how); err != nil {
		return err
	}
	select {
	case <-s.exited:
		s.process = nil
		return nil
	case <-time.After(30 * time.Second):
		return errors.Join(fmt.Errorf("PostgreSQL does not end: %s", s.log()), s.Kill9())
	}
}

// Restart starts a server that was stopped or killed, and waits until it has
// recovered.
func (s *Server) Restart() error {
	if s.process != nil {
		return errors.New("PostgreSQL runs")
	}
	err := s.begin()
	// What a kill left may hold the shared memory for a moment.
	for range 50 {
		if err == nil || s.process != nil {
			break
		}
		time.Sleep(100 * time.Millisecond)
		err = s.begin()
	}
	return err
}

// remove ends the server, whatever it does, and takes its folder away.
func (s *Server) remove() error {
	return errors.Join(s.end(syscall.SIGQUIT), os.RemoveAll(s.dir))
}
