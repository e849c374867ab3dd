//go:build !unix

package pgtest

import (
	"fmt"
	"os"
	"syscall"
)

type account struct{}

// findAccount: these systems have no PostgreSQL that a test can start.
func findAccount() (*account, error) {
	return nil, fmt.Errorf("%w that this system can start for a test; SCIMKIT_POSTGRES=<url> names a server elsewhere", errAbsent)
}

func (t tools) own(string) error { return nil }

func (t tools) attributes() *syscall.SysProcAttr { return nil }

func killAll(postmaster *os.Process) error { return postmaster.Kill() }
