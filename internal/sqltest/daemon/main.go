// Package daemon runs the database servers of tests: each in a temporary folder,
// on a socket there, and none longer than the process of its test. Packages
// pgtest and mariatest know the servers.
package daemon

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"testing"
)

// ending is what to do when the tests of this process are over.
var ending struct {
	sync.Mutex
	main  bool // Main will do it
	stops []func() error
}

// Main runs the tests of a package, and stops the servers that were started for
// all of them. A package that uses such a server calls it in its TestMain.
func Main(m *testing.M) {
	ending.main = true
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-ended
		stop()
		os.Exit(130)
	}()
	m.Run()
	if err := stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// AtEnd has f called when all tests of the process are over. It fails a test
// whose package does not call Main.
func AtEnd(t testing.TB, f func() error) {
	t.Helper()
	ending.Lock()
	defer ending.Unlock()
	if !ending.main {
		t.Fatal("TestMain does not call daemon.Main, which stops the server")
	}
	ending.stops = append(ending.stops, f)
}

func stop() error {
	ending.Lock()
	stops := ending.stops
	ending.stops = nil
	ending.Unlock()
	var errs []error
	for _, f := range stops {
		errs = append(errs, f())
	}
	return errors.Join(errs...)
}

// ErrAbsent: this machine does not have the server.
var ErrAbsent = errors.New("no server")

// Demand ends the test if err is one: it is skipped where there is no server,
// but not in CI.
func Demand(t testing.TB, err error) {
	t.Helper()
	switch {
	case err == nil:
	case errors.Is(err, ErrAbsent) && os.Getenv("CI") == "":
		t.Skipf("SKIPPED, NOT TESTED: there is %v", err)
	default:
		t.Fatal(err)
	}
}
