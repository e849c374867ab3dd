// Package daemontest has the tests that each package with a server of tests runs.
package daemontest

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/internal/sqltest/daemon"
)

// Gone fails the test if a server that was removed has left a process or its
// folder.
func Gone(t *testing.T, d *daemon.Daemon) {
	t.Helper()
	if _, err := os.Stat(d.Dir); !errors.Is(err, os.ErrNotExist) || d.Process != nil {
		t.Errorf("%s: %v; process %v", d.Dir, err, d.Process)
	}
}

// Absent tests what becomes of a test that uses a server where there is none: it is
// skipped on somebody's machine, and fails in CI and if variable names none, as
// malformed and unreachable do. use is such a test; it runs in processes of its own.
func Absent(t *testing.T, variable, malformed, unreachable string, use func(t *testing.T)) {
	const inner = "SCIMKIT_INNER_TEST"
	if os.Getenv(inner) != "" {
		use(t)
		return
	}
	self := t.Name()
	for _, tt := range []struct{ name, ci, server, want, never string }{
		{"on a machine", "", "", "--- SKIP: " + self, "FAIL"},
		{"in CI", "true", "", "--- FAIL: " + self, "SKIP"},
		{"malformed", "", malformed, variable + " is no ", "SKIP"},
		{"unreachable", "", unreachable, "the server of " + variable, "SKIP"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cmd := exec.Command(os.Args[0], "-test.v", "-test.run=^"+self+"$")
			cmd.Env = []string{inner + "=1", "PATH=", "CI=" + tt.ci, variable + "=" + tt.server}
			out, _ := cmd.CombinedOutput()
			if !strings.Contains(string(out), tt.want) || strings.Contains(string(out), tt.never) {
				t.Errorf("want %q and not %q in:\n%s", tt.want, tt.never, out)
			}
		})
	}
}
