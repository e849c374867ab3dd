package daemon

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// Shared is the server that all tests of a process use: one of its own, which ends
// with them, or the one elsewhere that an environment variable names, by a URL or
// what the driver has for one. C is what the name is once it is parsed.
type Shared[C any] struct {
	Variable string
	Start    func() (d *Daemon, name string, err error) // starts one, where Variable is empty
	Parse    func(name string) (C, error)
	Open     func(C) (*sql.DB, error) // for someone who may make databases

	mu      sync.Mutex
	started bool
	failure error
	own     *Daemon // nil if it is elsewhere
	server  C
	admin   *sql.DB
}

// Database makes a database that only this test has, and starts the server if no
// test has. It gives the server and the name of the database. drop removes it after
// the test. Demand says what becomes of the test where there is no server, or where
// create gives an error.
func (s *Shared[C]) Database(t testing.TB, create, drop func(admin *sql.DB, name string) error) (server C, name string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.started {
		AtEnd(t, s.stop)
		s.started, s.failure = true, s.start()
	}
	Demand(t, s.failure)
	name = "scimkit_test_" + strings.ToLower(rand.Text()[:16])
	Demand(t, create(s.admin, name))
	t.Cleanup(func() {
		if err := drop(s.admin, name); err != nil {
			t.Error(err)
		}
	})
	return s.server, name
}

// start finds or starts the server.
func (s *Shared[C]) start() (err error) {
	name := os.Getenv(s.Variable)
	if name == "" {
		if s.own, name, err = s.Start(); err != nil {
			return err
		}
	}
	if s.server, err = s.Parse(name); err != nil {
		return err
	}
	db, err := s.Open(s.server)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := db.PingContext(ctx); err != nil {
		return errors.Join(fmt.Errorf("the server of %s: %w", s.Variable, err), db.Close())
	}
	s.admin = db
	return nil
}

// stop stops what start started.
func (s *Shared[C]) stop() (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.admin != nil {
		err = s.admin.Close()
	}
	if s.own != nil {
		err = errors.Join(err, s.own.Remove())
	}
	return err
}
