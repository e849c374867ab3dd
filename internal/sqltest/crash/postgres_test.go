package crash

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/scimkit/scimkit/internal/sqltest/pgtest"
	"github.com/scimkit/scimkit/internal/sqltest/rig"
)

// TestKillPostgreSQL: all processes of PostgreSQL are killed under the load of
// two nodes, which live on, and PostgreSQL starts again. Requests meanwhile are
// answered by 503 or, if their COMMIT was under way, with what became of it.
func TestKillPostgreSQL(t *testing.T) {
	acks, err := killPostgreSQL(t, "on", *rounds)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d kills, %d acknowledged requests, 0 lost, 0 half done", *rounds, acks)
}

// TestKillPostgreSQLFindsLoss: the test sees what PostgreSQL loses that does not
// wait for its log to be written.
func TestKillPostgreSQLFindsLoss(t *testing.T) {
	acks, err := killPostgreSQL(t, "off", enough)
	found(t, acks, err)
}

func killPostgreSQL(t *testing.T, synchronous string, rounds int) (acks int, err error) {
	t.Helper()
	rng := rand.New(rand.NewPCG(*seed, 0))
	s := pgtest.Start(t)
	d := rig.PostgreSQL(s.URL()).With("synchronous_commit=" + synchronous)
	one, two := rig.Serve(t, d, rig.Config{}), rig.Serve(t, d, rig.Config{})
	load, err := rig.NewLoad(one.Client, clients, *seed)
	if err != nil {
		t.Fatal(err)
	}
	kill := func() error { return errors.Join(s.Kill9(), s.Restart()) }
	for round := range rounds {
		if err := load.Run(10+rng.IntN(200), kill, one.Client, two.Client); err != nil {
			return load.Acks, fmt.Errorf("round %d: %w\n%s\n%s", round, err, one.Log(), two.Log())
		}
		if err := load.Verify(two.Client); err != nil {
			return load.Acks, fmt.Errorf("round %d: %w", round, err)
		}
		if err := rig.Check(t.Context(), d.Pool(t), d); err != nil {
			return load.Acks, fmt.Errorf("round %d: %w", round, err)
		}
	}
	return load.Acks, nil
}
