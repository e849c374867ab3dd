package bench

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// A side is one of those that take turns. It does its work once.
type side func() error

const (
	rounds = 7
	turns  = 10
	slice  = 15 * time.Millisecond
)

// compare lets sides take turns, and reports for each the ratio of its time to
// that of the first one: median, least and most of the rounds.
func compare(b *testing.B, names []string, sides []side) {
	b.Helper()
	n := make([]int, len(sides))
	for i, s := range sides {
		n[i] = calibrate(b, s)
	}
	ratios := make([][]float64, len(sides))
	times := make([][]float64, len(sides))
	for range max(rounds, b.N) {
		per := round(b, sides, n)
		for i := range sides {
			ratios[i] = append(ratios[i], per[i]/per[0])
			times[i] = append(times[i], per[i])
		}
	}
	for i, name := range names {
		slices.Sort(ratios[i])
		slices.Sort(times[i])
		r := ratios[i]
		b.Logf("%-28s %6.2f (%.2f to %.2f)  %8.1f µs", name, r[len(r)/2], r[0], r[len(r)-1], times[i][len(r)/2]/1e3)
		if i > 0 {
			b.ReportMetric(r[len(r)/2], strings.ReplaceAll(name+"/"+names[0], " ", "_"))
		}
	}
	b.ReportMetric(0, "ns/op")
}

// calibrate finds how often a side runs in a slice.
func calibrate(b *testing.B, s side) int {
	b.Helper()
	for range 3 {
		once(b, s)
	}
	begun, n := time.Now(), 0
	for time.Since(begun) < slice {
		once(b, s)
		n++
	}
	return n
}

func once(b *testing.B, s side) {
	b.Helper()
	if err := s(); err != nil {
		b.Fatal(err)
	}
}

// round gives the nanoseconds that each side needs for its work.
func round(b *testing.B, sides []side, n []int) []float64 {
	b.Helper()
	sums := make([]time.Duration, len(sides))
	for turn := range turns {
		for i := range sides {
			i = (i + turn) % len(sides)
			begun := time.Now()
			for range n[i] {
				once(b, sides[i])
			}
			sums[i] += time.Since(begun)
		}
	}
	per := make([]float64, len(sides))
	for i := range sides {
		per[i] = float64(sums[i]) / float64(turns*n[i])
	}
	return per
}

func median(list []float64) float64 {
	list = slices.Sorted(slices.Values(list))
	return list[len(list)/2]
}
