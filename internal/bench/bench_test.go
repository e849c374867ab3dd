package bench

import (
	"flag"
	"fmt"
	"os"
	"testing"
)

var sideFlag = flag.String("side", "", "measure this side alone, in the process of the test")

var (
	results report
	remotes []*remote
	shared  *team
)

// TestMain is also the program of the processes of the sides.
func TestMain(m *testing.M) {
	if side := os.Getenv(sideVariable); side != "" {
		if err := work(side); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", side+":", err)
			os.Exit(1)
		}
		return
	}
	code := m.Run()
	for _, r := range remotes {
		if err := r.close(); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			code = max(code, 1)
		}
	}
	results.print(os.Stdout)
	os.Exit(code)
}

// start starts a side where it is to be measured.
func start(side string, size sizes) (obedient, error) {
	if side == *sideFlag {
		return newWorker(side, size), nil
	}
	r, err := startRemote(side, size)
	if err == nil {
		remotes = append(remotes, r)
	}
	return r, err
}

// everyone gives the team of all benchmarks, so that data is made once.
func everyone() *team {
	if shared == nil {
		shared = newTeam(fullSizes, start)
	}
	return shared
}

// rounds runs at least minRounds rounds and as many as fit into the time.
func rounds(b *testing.B, one func() error) {
	n := 0
	turn := func() {
		if err := one(); err != nil {
			b.Fatal(err)
		}
		n++
	}
	for b.Loop() {
		turn()
	}
	for n < minRounds {
		turn()
	}
}

// metrics reports the ratios of r.
func metrics(b *testing.B, r row) {
	b.ReportMetric(r.of(ours, perRequestCPU).mid, "ns/op")
	for side := range r.samples {
		switch side {
		case floor:
			b.ReportMetric(r.ratio(ours, floor, perRequestCPU).mid, "scimkit/floor")
		case best, plain:
			b.ReportMetric(r.ratio(side, ours, perRequestCPU).mid, side+"/scimkit")
		}
	}
}

func BenchmarkInProcess(b *testing.B) {
	for _, op := range operations() {
		b.Run(op.name, func(b *testing.B) {
			sides := op.sides()
			if *sideFlag != "" {
				sides = []string{*sideFlag}
			}
			if _, err := everyone().prepare(op, sides...); err != nil {
				b.Fatal(err)
			}
			r := row{name: op.name, goals: op.inside, ignored: op.ignored, samples: make(map[string][]sample)}
			rounds(b, func() error { return everyone().inside(op, sides, r.samples) })
			metrics(b, r)
			b.ReportMetric(r.of(ours, perRequestAllocs).mid, "allocs/op")
			b.ReportMetric(r.of(ours, perRequestBytes).mid, "B/op")
			results.inside = append(results.inside, r)
		})
	}
}

func BenchmarkTCP(b *testing.B) {
	if *sideFlag != "" {
		b.Skip("one side alone is measured in process")
	}
	for _, op := range operations() {
		b.Run(op.name, func(b *testing.B) {
			w, err := everyone().newWire(op)
			if err != nil {
				b.Fatal(err)
			}
			r := row{name: op.name, goals: op.tcp, ignored: op.ignored, samples: make(map[string][]sample)}
			rounds(b, func() error { return w.round(r.samples) })
			metrics(b, r)
			b.ReportMetric(r.ratio(ours, floor, perRequestWall).mid, "wall-scimkit/floor")
			b.ReportMetric(r.ratio(best, ours, perRequestWall).mid, "wall-elimity/scimkit")
			results.tcp = append(results.tcp, r)
		})
	}
}

// BenchmarkGrowth compares scimkit with itself: what must not grow with the
// data (the size of a group, the number of users) does not. Less data takes the
// place of the floor.
func BenchmarkGrowth(b *testing.B) {
	member := func(n int) operation {
		op, err := find(fmt.Sprintf("member_%d", n))
		if err != nil {
			b.Fatal(err)
		}
		return op
	}
	for _, g := range []struct {
		name       string
		less, more operation
	}{
		{"member_100_to_10000", member(100), member(10_000)},
		{"member_100_to_100000", member(100), member(100_000)},
		{"eq_1000_to_100000", equality(1000), equality(100_000)},
	} {
		b.Run(g.name, func(b *testing.B) {
			for _, op := range []operation{g.less, g.more} {
				if _, err := everyone().prepare(op, ours); err != nil {
					b.Fatal(err)
				}
			}
			r := row{name: g.name, goals: goals{floor: 1.5}, samples: make(map[string][]sample)}
			ops := map[string]operation{floor: g.less, ours: g.more}
			rounds(b, func() error {
				return round([]string{floor, ours}, r.samples, func(as string) (sample, error) { return everyone().slice(ops[as], ours) })
			})
			b.ReportMetric(r.of(ours, perRequestCPU).mid, "ns/op")
			b.ReportMetric(r.ratio(ours, floor, perRequestCPU).mid, "more/less")
			results.growth = append(results.growth, r)
		})
	}
}
