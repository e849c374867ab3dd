// Package examples runs the tests of the example servers on PostgreSQL. The
// module of the examples, which a host reads, knows nothing of how tests get one.
package examples

import (
	"os"
	"os/exec"
	"testing"

	"github.com/scimkit/scimkit/internal/sqltest/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// TestExamples runs their handlers' contract, the cases of identity providers
// and everything else.
func TestExamples(t *testing.T) {
	server := pgtest.URL(t)
	for _, name := range []string{"cluster", "internal/exampletest", "internal/host", "owntables", "quickstart", "teams", "usersonly"} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command("go", "test", "-count=1", "github.com/scimkit/scimkit/examples/"+name)
			cmd.Env = append(os.Environ(), "SCIMKIT_EXAMPLES_POSTGRES="+server)
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
