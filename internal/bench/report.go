package bench

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"
)

// A row is what was measured for an operation.
type row struct {
	name    string
	goals   goals
	ignored bool
	samples map[string][]sample
}

// A spread is a median between the quartiles.
type spread struct{ low, mid, high float64 }

func newSpread(list []float64) spread {
	if len(list) == 0 {
		return spread{}
	}
	slices.Sort(list)
	at := func(q float64) float64 { return list[int(q*float64(len(list)-1)+0.5)] }
	return spread{at(0.25), at(0.5), at(0.75)}
}

// figure writes three digits or more, and no exponent.
func figure(x float64) string {
	switch {
	case x >= 100:
		return fmt.Sprintf("%.0f", x)
	case x >= 10:
		return fmt.Sprintf("%.1f", x)
	}
	return fmt.Sprintf("%.2f", x)
}

func (s spread) String() string {
	if s.mid == 0 {
		return "-"
	}
	return fmt.Sprintf("%s (%s-%s)", figure(s.mid), figure(s.low), figure(s.high))
}

func perRequestCPU(s sample) float64  { return float64(s.CPU) / float64(s.N) }
func perRequestWall(s sample) float64 { return float64(s.Wall) / float64(s.N) }
func perRequestAllocs(s sample) float64 {
	return float64(s.Allocs) / float64(s.N)
}
func perRequestBytes(s sample) float64 { return float64(s.Bytes) / float64(s.N) }

// of gives the spread of a figure of one side.
func (r row) of(side string, f func(sample) float64) spread {
	var list []float64
	for _, s := range r.samples[side] {
		list = append(list, f(s))
	}
	return newSpread(list)
}

// ratio gives the spread, over the rounds, of side a against side b.
func (r row) ratio(a, b string, f func(sample) float64) spread {
	var list []float64
	for i := range min(len(r.samples[a]), len(r.samples[b])) {
		if d := f(r.samples[b][i]); d > 0 {
			list = append(list, f(r.samples[a][i])/d)
		}
	}
	return newSpread(list)
}

// atMost and atLeast write a goal, with a star where it is missed.
func atMost(x, goal float64) string {
	if goal == 0 {
		return ""
	}
	return "<= " + fmt.Sprint(goal) + star(x > goal)
}

func atLeast(x, goal float64) string {
	if goal == 0 {
		return ""
	}
	return ">= " + fmt.Sprint(goal) + star(x < goal)
}

func star(missed bool) string {
	if missed {
		return " *"
	}
	return ""
}

// peerRatio is how many times as fast as a peer we are.
func (r row) peerRatio(peer string) string {
	s := r.ratio(peer, ours, perRequestCPU).String()
	if r.ignored && s != "-" {
		s += " whole"
	}
	return s
}

// report prints the tables of what was measured.
type report struct{ inside, tcp, growth []row }

func (p *report) print(w io.Writer) {
	if len(p.inside) > 0 {
		p.printInside(w)
	}
	if len(p.tcp) > 0 {
		p.printTCP(w)
	}
	if len(p.growth) > 0 {
		p.printGrowth(w)
	}
	if len(p.inside)+len(p.tcp)+len(p.growth) > 0 {
		fmt.Fprint(w, "\nMedian (quartiles) of the rounds. * misses the goal. whole: the peer ignores the parameter and answers everything.\n")
	}
}

func newTable(w io.Writer, head string) *tabwriter.Writer {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, head)
	return t
}

func (p *report) printInside(w io.Writer) {
	fmt.Fprint(w, "\nIn process, CPU time\n")
	t := newTable(w, "operation\tscimkit/floor\tgoal\telimity/scimkit\tgoal\telimity-plain/scimkit\tgoal\tallocs/op\tgoal\tB/op\tns/op\telimity allocs/op")
	for _, r := range p.inside {
		f, e, b := r.ratio(ours, floor, perRequestCPU), r.ratio(best, ours, perRequestCPU), r.ratio(plain, ours, perRequestCPU)
		allocs := r.of(ours, perRequestAllocs).mid
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%.1f\t%s\t%.0f\t%.0f\t%.0f\n", r.name, f, atMost(f.mid, r.goals.floor),
			r.peerRatio(best), atLeast(e.mid, r.goals.peer), r.peerRatio(plain), atLeast(b.mid, r.goals.bare),
			allocs, atMost(allocs, r.goals.allocs), r.of(ours, perRequestBytes).mid, r.of(ours, perRequestCPU).mid,
			r.of(best, perRequestAllocs).mid)
	}
	t.Flush()
}

func (p *report) printTCP(w io.Writer) {
	fmt.Fprint(w, "\nOver loopback TCP, the server's CPU time; wall time as the client sees it\n")
	t := newTable(w, "operation\tscimkit/floor\tgoal\telimity/scimkit\tgoal\telimity-plain/scimkit\tgoal\twall scimkit/floor\twall elimity/scimkit\tCPU a request")
	for _, r := range p.tcp {
		f, e, b := r.ratio(ours, floor, perRequestCPU), r.ratio(best, ours, perRequestCPU), r.ratio(plain, ours, perRequestCPU)
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.name, f, atMost(f.mid, r.goals.floor),
			r.peerRatio(best), atLeast(e.mid, r.goals.peer), r.peerRatio(plain), atLeast(b.mid, r.goals.bare),
			r.ratio(ours, floor, perRequestWall), r.ratio(best, ours, perRequestWall),
			time.Duration(r.of(ours, perRequestCPU).mid).Round(100*time.Nanosecond))
	}
	t.Flush()
}

// printGrowth takes more for ours and less for the floor.
func (p *report) printGrowth(w io.Writer) {
	fmt.Fprint(w, "\nGrowth: scimkit with more data against scimkit with less, in process, CPU time\n")
	t := newTable(w, "operation\tmore/less\tgoal")
	for _, r := range p.growth {
		s := r.ratio(ours, floor, perRequestCPU)
		fmt.Fprintf(t, "%s\t%s\t%s\n", r.name, s, atMost(s.mid, r.goals.floor))
	}
	t.Flush()
}
