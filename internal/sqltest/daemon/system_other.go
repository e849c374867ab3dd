//go:build !unix

package daemon

import (
	"fmt"
	"os"
	"syscall"
)

// Account is who runs a server.
type Account struct{}

// AccountOf says that these systems have no server that a test can start.
func AccountOf(names ...string) (*Account, error) {
	return nil, fmt.Errorf("%w that this system can start for a test", ErrAbsent)
}

func (a *Account) own(string) error { return nil }

func (a *Account) attributes() *syscall.SysProcAttr { return nil }

func killAll(parent *os.Process) error { return parent.Kill() }

// Children tells nothing here.
func Children(int) []int { return nil }
