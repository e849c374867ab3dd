package pgtest

import "syscall"

// attributes are those of a process that runs the tools. It ends with the test,
// also when that is killed.
func (t tools) attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: t.account, Pdeathsig: syscall.SIGQUIT}
}
