//go:build unix && !linux

package pgtest

import "syscall"

// attributes are those of a process that runs the tools.
func (t tools) attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: t.account}
}
