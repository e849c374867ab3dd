package powercut

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/hanwen/go-fuse/v2/fuse"
	"github.com/scimkit/scimkit/internal/sqltest/rig"
)

var (
	rounds = flag.Int("rounds", rig.Less(10), "how often to cut the power")
	seed   = flag.Uint64("seed", 1, "of what the clients do, when a cut comes and what it leaves")
)

func TestMain(m *testing.M) {
	rig.RunChild()
	flag.Parse()
	m.Run()
}

const (
	clients = 8
	enough  = 20 // rounds in which a control has lost something
)

// TestPowerCut: with synchronous=FULL every acknowledged request survives,
// whether the disk loses all that was not synced, or half of it at random.
func TestPowerCut(t *testing.T) {
	for _, keep := range []float64{0, 0.5} {
		t.Run(fmt.Sprintf("keep=%v", keep), func(t *testing.T) {
			acks, err := cuts(t, "FULL", keep, *rounds)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%d cuts, %d acknowledged requests, 0 lost, 0 half done", *rounds, acks)
		})
	}
}

// TestPowerCutFindsLoss: with synchronous=NORMAL there is loss, and the test
// sees it.
func TestPowerCutFindsLoss(t *testing.T) {
	for _, keep := range []float64{0, 0.5} {
		t.Run(fmt.Sprintf("keep=%v", keep), func(t *testing.T) {
			acks, err := cuts(t, "NORMAL", keep, enough)
			if !errors.Is(err, rig.ErrLost) {
				t.Fatalf("nothing is lost of %d acknowledged requests: %v", acks, err)
			}
			t.Logf("found: %.300v", err)
		})
	}
}

// machine is a node, and the disk that its database is on.
type machine struct {
	*rig.Child
	disk    *disk
	mounted *fuse.Server
	dir     string
}

// cuts runs the rounds. It gives how many requests were acknowledged.
func cuts(t *testing.T, synchronous string, keep float64, rounds int) (acks int, err error) {
	t.Helper()
	rng := rand.New(rand.NewPCG(*seed, 0))
	m := &machine{dir: t.TempDir()}
	d := rig.SQLite(filepath.Join(m.dir, "test.db"), synchronous)
	m.start(t, d, nil)
	defer func() {
		if err := errors.Join(m.off(), m.mounted.Unmount()); err != nil {
			t.Error(err)
		}
	}()
	load, err := rig.NewLoad(m.Client, clients, *seed)
	if err != nil {
		t.Fatal(err)
	}
	for round := range rounds {
		var images map[string][]byte
		cut := func() error {
			images = m.disk.cut(keep, rng)
			return m.off()
		}
		node := m.Child
		if err := load.Run(10+rng.IntN(200), cut, node.Client); err != nil {
			return load.Acks, fmt.Errorf("round %d: %w\n%s", round, err, node.Log())
		}
		if err := m.mounted.Unmount(); err != nil {
			t.Fatal(err)
		}
		m.start(t, d, images)
		if err := load.Verify(m.Client); err != nil {
			return load.Acks, fmt.Errorf("round %d: %w", round, err)
		}
		if err := m.check(t, d); err != nil {
			return load.Acks, fmt.Errorf("round %d: %w", round, err)
		}
	}
	return load.Acks, nil
}

// start gives the machine power, with what is on its disk.
func (m *machine) start(t *testing.T, d rig.Database, images map[string][]byte) {
	t.Helper()
	var err error
	m.disk = newDisk(images)
	if m.mounted, err = m.disk.mount(m.dir); err != nil {
		if os.Getenv("CI") == "" {
			t.Skipf("SKIPPED, NOT TESTED: no FUSE file system can be mounted (root and /dev/fuse are needed): %v", err)
		}
		t.Fatal(err)
	}
	if m.Child, err = rig.StartChild(d, false); err != nil {
		m.mounted.Unmount()
		t.Fatal(err)
	}
}

// off ends the programs, of which none saw the cut.
func (m *machine) off() error {
	if m.Child == nil {
		return nil
	}
	err := m.KillThen(func() { close(m.disk.over) })
	m.Child = nil
	return err
}

// check looks at a copy of the database: a page fault of this process, which
// runs the file system, would wait for itself.
func (m *machine) check(t *testing.T, d rig.Database) error {
	t.Helper()
	dir := t.TempDir()
	for name, content := range m.disk.copy() {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return rig.Check(t.Context(), rig.SQLite(filepath.Join(dir, "test.db"), "OFF").Pool(t), d)
}
