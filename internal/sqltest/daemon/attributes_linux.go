package daemon

import "syscall"

// attributes are those of a process under an account. It ends with the test,
// also when that is killed.
func (a *Account) attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: a.credential, Pdeathsig: syscall.SIGQUIT}
}
