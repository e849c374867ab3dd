//go:build unix

package daemon

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// Account is who runs a server.
type Account struct{ credential *syscall.Credential }

// AccountOf is the first of these users that there is if this is root, under
// whom servers do not run; otherwise whoever runs the test.
func AccountOf(names ...string) (*Account, error) {
	if os.Geteuid() != 0 {
		return &Account{}, nil
	}
	for _, name := range names {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		if err != nil {
			return nil, err
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		if err != nil {
			return nil, err
		}
		return &Account{&syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
	}
	return nil, fmt.Errorf("%w: root needs a user %s to run it", ErrAbsent, strings.Join(names, " or "))
}

// own gives a folder to the account.
func (a *Account) own(dir string) error {
	if a.credential == nil {
		return nil
	}
	// Others pass through to the socket.
	if err := os.Chmod(dir, 0o711); err != nil {
		return err
	}
	return os.Chown(dir, int(a.credential.Uid), int(a.credential.Gid))
}

// killAll kills a process and those that it has started.
func killAll(parent *os.Process) error {
	// While it stands still, it makes no process, and no id of one that has
	// ended is given to another.
	if err := parent.Signal(syscall.SIGSTOP); err != nil {
		return err
	}
	for _, pid := range Children(parent.Pid) {
		syscall.Kill(pid, syscall.SIGKILL) // it may have ended
	}
	return parent.Kill()
}

// Children are the processes that a process has started. Where the system does
// not tell, there are none, and those of a server end when they see that it has.
func Children(parent int) (pids []int) {
	names, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is right
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // it has ended
		}
		// pid (name of the program) state parent …
		_, rest, _ := strings.Cut(string(text), ") ")
		fields := strings.Fields(rest)
		if len(fields) > 1 && fields[1] == strconv.Itoa(parent) {
			if pid, err := strconv.Atoi(strings.Split(name, "/")[2]); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}
