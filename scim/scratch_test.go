package scim

import (
	"fmt"
	"strings"
	"testing"
)

// TestJoinedTextsStay: the texts of requests that are over must not change
// under those who kept them.
func TestJoinedTextsStay(t *testing.T) {
	sc := new(scratch)
	var want, got []string
	for i := range 2000 {
		a, b := fmt.Sprintf("https://host-%d", i), strings.Repeat("x", i%300)
		want, got = append(want, a+"/"+b), append(got, sc.join(a, "/", b))
	}
	long := strings.Repeat("long", textChunk)
	if sc.join(long, "", long) != long+long {
		t.Error("a text longer than a chunk is not whole")
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("text %d became %q, want %q", i, got[i], want[i])
		}
	}
	if sc.join() != "" || sc.join("") != "" {
		t.Error("nothing joined is not empty")
	}
	if n := testing.AllocsPerRun(1000, func() { sc.join("https://", "example.com", "/Users/", "42") }); n > 0.1 {
		t.Errorf("%v allocations a text", n)
	}
}
