package pgtest

import (
	"database/sql"
	"errors"
	"net/url"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/scimkit/scimkit/internal/sqltest/daemon"
)

// A Server is a PostgreSQL with a data folder and a socket of its own, and no
// TCP port.
type Server struct {
	tools   tools
	profile []string
	*daemon.Daemon
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
	daemon.Demand(t, err)
	s.RemoveAfter(t)
	return s
}

// newServer makes a data folder and starts a server in it.
func newServer(profile []string) (*Server, error) {
	found, err := findTools()
	if err != nil {
		return nil, err
	}
	d, err := daemon.New("PostgreSQL", found.account)
	if err != nil {
		return nil, err
	}
	s := &Server{found, profile, d}
	if err = s.init(); err == nil {
		err = s.begin()
	}
	if err != nil {
		return nil, errors.Join(err, s.Remove())
	}
	return s, nil
}

func (s *Server) data() string { return filepath.Join(s.Dir, "data") }

// init makes the data folder. The databases sort as English does, as those of
// most hosts: SQL that needs the order of bytes must say so.
func (s *Server) init() error {
	args := []string{"-D", s.data(), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"}
	if s.tools.version >= 15 {
		args = append(args, "--locale-provider=icu", "--icu-locale=en-US")
	}
	return s.Run(s.tools.initdb, args...)
}

// begin starts the server and waits until it takes connections.
func (s *Server) begin() error {
	db, err := sql.Open("pgx", s.URL())
	if err != nil {
		return err
	}
	defer db.Close()
	return s.Daemon.Start(db.PingContext, s.tools.postgres, append([]string{"-D", s.data(), "-k", s.Dir}, s.profile...)...)
}

// URL is that of the database postgres.
func (s *Server) URL() string {
	u := url.URL{Scheme: "postgres", User: url.User("postgres"), Path: "/postgres",
		RawQuery: url.Values{"host": {s.Dir}, "sslmode": {"disable"}}.Encode()}
	return u.String()
}

// Open opens the database postgres, which is closed when the test ends.
func (s *Server) Open(t testing.TB) *sql.DB {
	t.Helper()
	return open(t, s.URL())
}

// Stop ends the server cleanly, and the connections to it.
func (s *Server) Stop() error { return s.End(syscall.SIGINT) }

// Restart starts a server that was stopped or killed, and waits until it has
// recovered.
func (s *Server) Restart() error {
	if s.Process != nil {
		return errors.New("PostgreSQL runs")
	}
	err := s.begin()
	// What a kill left may hold the shared memory for a moment.
	for range 50 {
		if err == nil || s.Process != nil {
			break
		}
		time.Sleep(100 * time.Millisecond)
		err = s.begin()
	}
	return err
}
