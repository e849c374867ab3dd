//go:build unix && !linux

package daemon

import "syscall"

// attributes are those of a process under an account.
func (a *Account) attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: a.credential}
}
