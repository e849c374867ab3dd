package filter

import (
	"testing"

	"github.com/scimkit/scimkit/internal/identity"
)

// The table gives the keys that package identity gives, for every pair of
// characters that it has and any text.
func TestAppendKey(t *testing.T) {
	for x := range rune(foldLimit) {
		for y := range rune(foldLimit) {
			if (x < 0x80 || x%7 == 0) && (y%5 == 0 || y > 0x2f0 && y < 0x380) {
				checkKey(t, string([]rune{x, y}))
			}
		}
	}
	for _, s := range []string{"", "e\u0301", "\u1100\u1161", "日本", "Ａ", "\xff", "a\xcc", "\u0390\u0345"} {
		checkKey(t, s)
	}
}

func checkKey(t *testing.T, s string) {
	if got, want := string(appendKey([]byte("x"), []byte(s))), "x"+identity.Key(s); got != want {
		t.Fatalf("key of %q is %q, want %q", s, got, want)
	}
}

func FuzzAppendKey(f *testing.F) {
	f.Add("Ünal Straße")
	f.Add("Ǆ ǰ ŉ İ ΐ ς")
	f.Fuzz(func(t *testing.T, s string) { checkKey(t, s) })
}
