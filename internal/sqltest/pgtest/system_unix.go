//go:build unix

package pgtest

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// account is who runs the tools.
type account = syscall.Credential

// findAccount is that of the user postgres if this is root, under whom
// PostgreSQL does not run; nil for whoever runs the test.
func findAccount() (*account, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("%w: root needs a user postgres to run it: %w", errAbsent, err)
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &account{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

// own gives a folder to whoever runs the tools.
func (t tools) own(dir string) error {
	if t.account == nil {
		return nil
	}
	// Others pass through to the socket.
	if err := os.Chmod(dir, 0o711); err != nil {
		return err
	}
	return os.Chown(dir, int(t.account.Uid), int(t.account.Gid))
}

// killAll kills a postmaster and the processes that it has started.
func killAll(postmaster *os.Process) error {
	// While it stands still, it makes no process, and no id of one that has
	// ended is given to another.
	if err := postmaster.Signal(syscall.SIGSTOP); err != nil {
		return err
	}
	for _, pid := range children(postmaster.Pid) {
		syscall.Kill(pid, syscall.SIGKILL) // it may have ended
	}
	return postmaster.Kill()
}

// children are the processes that a process has started. Where the system does
// not tell, there are none, and those of PostgreSQL end when they see that the
// postmaster has.
func children(parent int) (pids []int) {
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
