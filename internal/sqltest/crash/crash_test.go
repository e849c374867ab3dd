// Package crash kills nodes and databases, cuts connections at COMMIT and gives
// nodes databases that do not work: nothing that was acknowledged is lost, and
// nothing is half there.
//
//	go test ./crash -rounds=200 -run 'Kill' -v
package crash

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/scimkit/scimkit/internal/sqltest/pgtest"
	"github.com/scimkit/scimkit/internal/sqltest/rig"
)

var (
	rounds = flag.Int("rounds", rig.Less(10), "how often to kill")
	seed   = flag.Uint64("seed", 1, "of what the clients do and when a kill comes")
)

func TestMain(m *testing.M) {
	rig.RunChild()
	flag.Parse()
	pgtest.Main(m)
}

// databases runs a test on each.
func databases(t *testing.T, test func(t *testing.T, d rig.Database)) {
	t.Run("SQLite", func(t *testing.T) { test(t, rig.SQLite(filepath.Join(t.TempDir(), "test.db"), "FULL")) })
	t.Run("PostgreSQL", func(t *testing.T) { test(t, rig.PostgreSQL(pgtest.URL(t))) })
}

const (
	clients = 8
	enough  = 20 // rounds in which a control has lost something
)

// TestKillNode: a node is killed under load and another one started, again and
// again. The database holds what was acknowledged, and of requests without an
// answer all or nothing.
func TestKillNode(t *testing.T) {
	databases(t, func(t *testing.T, d rig.Database) { killNode(t, d, *rounds) })
}

// TestKillNodeMapped: the same, in the tables of an application, where a resource
// is in several of them and beside.
func TestKillNodeMapped(t *testing.T) {
	databases(t, func(t *testing.T, d rig.Database) { killNode(t, d.On(t), (*rounds+1)/2) })
}

func killNode(t *testing.T, d rig.Database, rounds int) {
	t.Helper()
	acks, err := killNodes(t, d, false, rounds)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d kills, %d acknowledged requests, 0 lost, 0 half done", rounds, acks)
}

// TestKillNodeFindsLoss: the test sees what a node loses that acknowledges too
// early.
func TestKillNodeFindsLoss(t *testing.T) {
	databases(t, func(t *testing.T, d rig.Database) {
		acks, err := killNodes(t, d, true, enough)
		found(t, acks, err)
	})
}

// found ends a test that is to find loss, and has not.
func found(t *testing.T, acks int, err error) {
	t.Helper()
	if !errors.Is(err, rig.ErrLost) {
		t.Fatalf("nothing is lost of %d acknowledged requests: %v", acks, err)
	}
	t.Logf("found: %.300v", err)
}

// killNodes runs the rounds. It gives how many requests were acknowledged.
func killNodes(t *testing.T, d rig.Database, early bool, rounds int) (acks int, err error) {
	t.Helper()
	rng := rand.New(rand.NewPCG(*seed, 0))
	pool := d.Pool(t)
	node, err := rig.StartChild(d, early)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { node.Kill() }()
	load, err := rig.NewLoad(node.Client, clients, *seed)
	if err != nil {
		t.Fatal(err)
	}
	for round := range rounds {
		if err := load.Run(10+rng.IntN(200), node.Kill, node.Client); err != nil {
			return load.Acks, fmt.Errorf("round %d: %w\n%s", round, err, node.Log())
		}
		if err := d.Settle(t.Context(), pool); err != nil {
			t.Fatal(err)
		}
		if node, err = rig.StartChild(d, early); err != nil {
			t.Fatal(err)
		}
		if err := load.Verify(node.Client); err != nil {
			return load.Acks, fmt.Errorf("round %d: %w", round, err)
		}
		if err := rig.Check(t.Context(), pool, d); err != nil {
			return load.Acks, fmt.Errorf("round %d: %w", round, err)
		}
	}
	return load.Acks, nil
}
