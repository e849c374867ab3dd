package bench

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// quick are the operations on small data.
func quick() []operation {
	var list []operation
	for _, op := range operations() {
		if op.name != "member_10000" && op.name != "member_100000" {
			list = append(list, op)
		}
	}
	return list
}

// TestEverySideDoesTheWork plays every operation on every side, in this
// process; prepare checks the answers.
func TestEverySideDoesTheWork(t *testing.T) {
	team := newTeam(smallSizes, func(side string, size sizes) (obedient, error) { return newWorker(side, size), nil })
	for _, op := range quick() {
		sides := []string{floor, ours, best, plain}
		if _, err := team.prepare(op, sides...); err != nil {
			t.Error(err)
			continue
		}
		for _, side := range sides {
			p, err := team.do(side, command{Do: "run", Op: op.name, Budget: time.Microsecond})
			if err != nil || p.Sample.N == 0 || p.Sample.Wall <= 0 {
				t.Errorf("%s: %s: %+v, %v", side, op.name, p.Sample, err)
			}
		}
	}
}

// TestProcesses measures one round over TCP, each side in its own process.
func TestProcesses(t *testing.T) {
	var started []*remote
	team := newTeam(smallSizes, func(side string, size sizes) (obedient, error) {
		r, err := startRemote(side, size)
		if err == nil {
			started = append(started, r)
		}
		return r, err
	})
	for _, name := range []string{"post", "put", "member_100"} {
		op, err := find(name)
		if err != nil {
			t.Fatal(err)
		}
		samples := make(map[string][]sample)
		w, err := team.newWire(op)
		if err == nil {
			err = w.round(samples)
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, side := range op.sides() {
			if s := samples[side]; len(s) != 1 || s[0].N == 0 || s[0].CPU <= 0 || s[0].Wall <= 0 {
				t.Errorf("%s: %s: %+v", side, name, s)
			}
		}
	}
	for _, r := range started {
		if err := r.close(); err != nil {
			t.Error(err)
		}
	}
}

// TestVerifyRefusesWrongAnswers: who does not do the work is not measured.
func TestVerifyRefusesWrongAnswers(t *testing.T) {
	for _, op := range operations() {
		n := len(op.requests)
		if op.probe != nil {
			n *= 2
		}
		list := make([]answer, n)
		for i := range list {
			list[i] = answer{Status: http.StatusOK, Body: []byte(`{"schemas":[]}`)}
		}
		if verify(ours, op, list) == nil {
			t.Errorf("%s: an empty resource is taken for the answer", op.name)
		}
		for i := range list {
			list[i] = answer{Status: http.StatusInternalServerError}
		}
		if verify(ours, op, list) == nil {
			t.Errorf("%s: an error is taken for the answer", op.name)
		}
	}
}

func TestNumbers(t *testing.T) {
	text := []byte("a " + placeholder + " b " + placeholder)
	at := places(text)
	fill(text, at, 42)
	if got, want := string(text), "a 0000000042 b 0000000042"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if userBody(number(7), "x") != strings.ReplaceAll(userBody(placeholder, "x"), placeholder, number(7)) {
		t.Error("a number and the placeholder give different documents")
	}
}

func TestDocumentHasTheSizeItIsSaidToHave(t *testing.T) {
	if n := len(userBody(number(0), "Engineer")); n < 1000 || n > 1200 {
		t.Errorf("%d bytes", n)
	}
}

func TestPeerMembers(t *testing.T) {
	var r record
	for _, id := range []string{"a", "b", "c", "b"} {
		r.add(map[string]any{"value": id})
	}
	r.drop("a")
	r.drop("x")
	r.add(map[string]any{"value": "d"})
	r.drop("c")
	var got []string
	for _, m := range r.members {
		got = append(got, memberID(m))
	}
	if diff := cmp.Diff([]string{"d", "b"}, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]int{"d": 0, "b": 1}, r.position); diff != "" {
		t.Error(diff)
	}
}

func TestReport(t *testing.T) {
	samples := func(cpu ...time.Duration) []sample {
		var list []sample
		for _, c := range cpu {
			list = append(list, sample{N: 2, CPU: 2 * c, Wall: 2 * c, Allocs: 6, Bytes: 100})
		}
		return list
	}
	r := row{name: "get", goals: goals{floor: 2.5, peer: 80, allocs: 2}, samples: map[string][]sample{
		floor: samples(100, 100, 100, 100, 200), ours: samples(300, 200, 200, 100, 200), best: samples(20000, 20000, 22000, 20000, 20000),
	}}
	var out strings.Builder
	(&report{inside: []row{r}, tcp: []row{r}, growth: []row{r}}).print(&out)
	for _, want := range []string{"2.00 (1.00-2.00)  <= 2.5", "100 (100-110)", ">= 80", "3.0        <= 2 *", "In process", "loopback", "Growth"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the table has no %q:\n%s", want, out.String())
		}
	}
}
