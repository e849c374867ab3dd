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
	acks, err := killPostgreSQL(t, "")
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d kills, %d acknowledged requests, 0 lost, 0 half done", *rounds, acks)
}

// TestKillPostgreSQLFindsLoss: the test sees what PostgreSQL loses that does not
// wait for its log to be written.
func TestKillPostgreSQLFindsLoss(t *testing.T) {
	acks, err := killPostgreSQL(t, "&synchronous_commit=off")
	if err == nil {
		t.Fatalf("nothing is lost of %d acknowledged requests", acks)
	}
	t.Logf("found: %.300v", err)
}

func killPostgreSQL(t *testing.T, settings string) (acks int, err error) {
	t.Helper()
	rng := rand.New(rand.NewPCG(*seed, 0))
	s := pgtest.Start(t)
	d := rig.PostgreSQL(s.URL() + settings)
	pool := d.Pool(t)
	nodes := []rig.Client{rig.Serve(t, d, rig.Config{}).Client, rig.Serve(t, d, rig.Config{}).Client}
	load, err := rig.NewLoad(nodes[0], clients, *seed)
	if err != nil {
		t.Fatal(err)
	}
	kill := func() error { return errors.Join(s.Kill9(), s.Restart()) }
	for round := range *rounds {
		if err := load.Run(10+rng.IntN(200), kill, nodes...); err != nil {
			return load.Acks, fmt.Errorf("round %d: %w", round, err)
		}
		if err := load.Verify(nodes[1]); err != nil {
			return load.Acks, fmt.Errorf("round %d: %w", round, err)
		}
		if err := rig.Check(t.Context(), pool, d.Dialect); err != nil {
			return load.Acks, fmt.Errorf("round %d: %w", round, err)
		}
	}
	return load.Acks, nil
}
