package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/scimkit/scimkit/scim"
)

// A meeting has jobs meet: the first one stands still in work until the others wait.
type meeting struct {
	combiner[int]
	mu      sync.Mutex
	batches [][]int
	first   chan struct{} // closed when the first one works
	release chan struct{} // closed when it may go on
	fail    func(jobs []int) error
}

func newMeeting() *meeting {
	return &meeting{first: make(chan struct{}), release: make(chan struct{}), fail: func([]int) error { return nil }}
}

func (m *meeting) work(ctx context.Context, jobs []int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	m.batches = append(m.batches, slices.Clone(jobs))
	n := len(m.batches)
	m.mu.Unlock()
	if n == 1 {
		close(m.first)
		<-m.release
	}
	return m.fail(jobs)
}

// start has job 0 work, and n others come while it does, in their order.
func (m *meeting) start(t *testing.T, n int, do func(job int)) (wait func()) {
	t.Helper()
	var wg sync.WaitGroup
	wg.Go(func() { do(0) })
	<-m.first
	for job := 1; job <= n; job++ {
		wg.Go(func() { do(job) })
		m.queued(job)
	}
	return wg.Wait
}

// queued waits until n jobs wait.
func (m *meeting) queued(n int) {
	for {
		m.mu.Lock()
		m.combiner.mu.Lock()
		waiting := len(m.queues["k"])
		m.combiner.mu.Unlock()
		m.mu.Unlock()
		if waiting == n {
			return
		}
	}
}

func TestCombine(t *testing.T) {
	m := newMeeting()
	wait := m.start(t, 40, func(job int) {
		if err := m.do(t.Context(), "k", job, 1, m.work); err != nil {
			t.Errorf("%d: %v", job, err)
		}
	})
	if err := m.do(t.Context(), "another", 99, 1, func(context.Context, []int) error { return nil }); err != nil {
		t.Error(err) // does not wait for those of "k"
	}
	close(m.release)
	wait()
	got := m.batches
	if len(got) != 3 || len(got[0]) != 1 || len(got[1]) != mostTogether || len(got[2]) != 40-mostTogether || !slices.IsSorted(slices.Concat(got...)) {
		t.Errorf("batches %v", got)
	}
	if len(m.queues) != 0 {
		t.Errorf("queues that nobody is in: %v", m.queues)
	}
}

func TestCombineWeight(t *testing.T) {
	m := newMeeting()
	wait := m.start(t, 4, func(job int) { m.do(t.Context(), "k", job, mostWeight/2, m.work) })
	close(m.release)
	wait()
	if got := fmt.Sprint(m.batches); got != "[[0] [1 2] [3 4]]" {
		t.Errorf("batches %s", got)
	}
}

// TestCombineErrors: several that fail together work again, each alone, unless it
// is for lack of a database.
func TestCombineErrors(t *testing.T) {
	for _, tt := range []struct {
		name string
		err  error
		want string // the batches, sorted
	}{
		{"one's fault", scim.ErrConflict, "[[0] [1 2 3] [1] [2] [3]]"},
		{"nobody's fault", fmt.Errorf("%w", scim.ErrUnavailable), "[[0] [1 2 3]]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := newMeeting()
			m.fail = func(jobs []int) error {
				if slices.Contains(jobs, 2) {
					return tt.err
				}
				return nil
			}
			var errs [4]error
			wait := m.start(t, 3, func(job int) { errs[job] = m.do(t.Context(), "k", job, 1, m.work) })
			close(m.release)
			wait()
			slices.SortStableFunc(m.batches[2:], slices.Compare)
			if got := fmt.Sprint(m.batches); got != tt.want {
				t.Errorf("batches %s, want %s", got, tt.want)
			}
			for job, err := range errs {
				if fails := job == 2 || job > 0 && errors.Is(tt.err, scim.ErrUnavailable); errors.Is(err, tt.err) != fails {
					t.Errorf("%d: %v", job, err)
				}
			}
		})
	}
}

// TestCombineLeaves: who waits no longer is not worked for; a leader that is gone
// takes nobody with it.
func TestCombineLeaves(t *testing.T) {
	m := newMeeting()
	gone, leave := context.WithCancel(t.Context())
	var errs [4]error
	wait := m.start(t, 3, func(job int) {
		ctx := t.Context()
		if job == 1 {
			ctx = gone
		}
		errs[job] = m.do(ctx, "k", job, 1, m.work)
	})
	leave()
	m.queued(2)
	close(m.release)
	wait()
	if got := fmt.Sprint(m.batches, errs); got != "[[0] [2 3]] [<nil> context canceled <nil> <nil>]" {
		t.Error(got)
	}
}

// TestCombineLeaderLeaves: a client that leaves while it works for others ends
// nobody's change; alone, it ends its own.
func TestCombineLeaderLeaves(t *testing.T) {
	for _, others := range []int{0, 2} {
		m := newMeeting()
		gone, leave := context.WithCancel(t.Context())
		var errs [4]error
		work := func(ctx context.Context, jobs []int) error {
			err := m.work(ctx, jobs)
			if jobs[0] == 1 {
				leave()
				return ctx.Err()
			}
			return err
		}
		wait := m.start(t, 1+others, func(job int) {
			ctx := t.Context()
			if job == 1 {
				ctx = gone
			}
			errs[job] = m.do(ctx, "k", job, 1, work)
		})
		close(m.release)
		wait()
		if want := others == 0; errors.Is(errs[1], context.Canceled) != want || errs[2] != nil || errs[3] != nil || len(m.batches) != 2 {
			t.Errorf("%d others: batches %v, errors %v", others, m.batches, errs)
		}
	}
}

// TestCombinePanics: those whom a panicking leader would have worked for work
// again, and the next one leads.
func TestCombinePanics(t *testing.T) {
	m := newMeeting()
	m.fail = func(jobs []int) error {
		if jobs[0] == 1 {
			panic("one")
		}
		return nil
	}
	var panics [4]any
	wait := m.start(t, 3, func(job int) {
		defer func() { panics[job] = recover() }()
		if err := m.do(t.Context(), "k", job, 1, m.work); err != nil {
			t.Errorf("%d: %v", job, err)
		}
	})
	close(m.release)
	wait()
	slices.SortStableFunc(m.batches[2:], slices.Compare)
	if got := fmt.Sprint(m.batches, panics); got != "[[0] [1 2 3] [2] [3]] [<nil> one <nil> <nil>]" {
		t.Error(got)
	}
	if len(m.queues) != 0 {
		t.Errorf("queues that nobody is in: %v", m.queues)
	}
}
