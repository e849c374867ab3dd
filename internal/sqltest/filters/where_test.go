package filters

import (
	"errors"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/filter/sqlfilter"
)

// perStatement filters go into one statement.
const perStatement = 20

// count is how many filters TestWhere tries on each engine. SCIMKIT_FILTERS
// sets it.
func count(t *testing.T) int {
	text := os.Getenv("SCIMKIT_FILTERS")
	if text == "" {
		return 3000 / share
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("SCIMKIT_FILTERS=%s is no number", text)
	}
	return n
}

// TestWhere: the same filters on the same rows find the same in SQL as in
// memory, with the key document and with columns.
func TestWhere(t *testing.T) {
	total := count(t)
	rows := makeRows(t, 1, 60)
	locales(t, rows, func(t *testing.T, e *engine) {
		t.Parallel()
		total := total
		if e.few {
			total = min(total, 1000)
		}
		start := time.Now()
		ask := asker{random(7)}
		var inexact, mismatches, found int
		var batch []question
		next := 1
		for i := range total {
			f := ask.bound(t)
			c := e.mappings[i%len(e.mappings)].clause(t, f, next)
			if !c.Exact {
				inexact++
			}
			if matches(f, rows) != 0 {
				found++
			}
			next += len(c.Args)
			if batch = append(batch, question{f, c}); len(batch) < perStatement && i+1 < total {
				continue
			}
			wrong, err := e.check(batch)
			if err != nil {
				t.Fatal(err)
			}
			for _, w := range wrong {
				if mismatches++; mismatches <= 5 {
					t.Error(w)
				}
			}
			batch, next = batch[:0], 1
		}
		t.Logf("%d filters, %d of them find something, %d as a scan, %d differences, %.0f a second",
			total, found, inexact, mismatches, float64(total)/time.Since(start).Seconds())
	})
}

// clause compiles f, as a scan if there is no other way.
func (m mapping) clause(t testing.TB, f *filter.Filter, first int) sqlfilter.Clause {
	t.Helper()
	c, err := m.strict.Where(f, first)
	var cannot *sqlfilter.UnsupportedError
	if errors.As(err, &cannot) {
		if c, err = m.lax.Where(f, first); err == nil && c.Exact {
			t.Fatalf("%s: %s: exact, and unsupported: %v", m.name, f, cannot)
		}
	}
	if err != nil {
		t.Fatalf("%s: %s: %v", m.name, f, err)
	}
	return c
}
