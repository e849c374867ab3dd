package filter

import (
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

func TestDecimalCompare(t *testing.T) {
	// In ascending order; equal ones on one line.
	lines := []string{
		"-1e1000000", "-1e400", "-123456789012345678901234567890", "-10 -1e1 -10.0", "-1.5 -15e-1", "-1", "-0.1", "-1e-400",
		"0 -0 0.0 0e5 -0.000e-7", "1e-1000000", "1e-400", "0.001 1e-3 1.000E-3", "0.0011", "0.1 1e-1 100e-3", "1 1.0 1e0 0.1e1", "1.5", "9.99", "10 1e1 1E+1",
		"9007199254740992", "9007199254740993", "9223372036854775807", "9223372036854775808", "123456789012345678901234567890", "1e400 10e399", "1e1000000", "1e99999999999999999999",
	}
	for i, x := range lines {
		for j, y := range lines {
			for _, a := range strings.Fields(x) {
				for _, b := range strings.Fields(y) {
					p, ok1 := parseDecimal([]byte(a))
					q, ok2 := parseDecimal([]byte(b))
					if got := p.compare(&q); !ok1 || !ok2 || got != order(i, j) {
						t.Errorf("%s and %s: %d, want %d", a, b, got, order(i, j))
					}
				}
			}
		}
	}
	for _, bad := range []string{"", "-", ".5", "1.", "1e", "1e+", "1x", "1e5x", "x", "--1"} {
		if _, ok := parseDecimal([]byte(bad)); ok {
			t.Errorf("%q is a number", bad)
		}
	}
}

func TestDecimalAgainstBig(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	number := func() string {
		s := strconv.Itoa(random.IntN(2000) - 1000)
		if random.IntN(2) == 0 {
			s += "." + strconv.Itoa(random.IntN(1000))
		}
		if random.IntN(2) == 0 {
			s += "e" + strconv.Itoa(random.IntN(20)-10)
		}
		return s
	}
	for range 20_000 {
		a, b := number(), number()
		x, _ := parseDecimal([]byte(a))
		y, _ := parseDecimal([]byte(b))
		p, _ := new(big.Rat).SetString(a)
		q, _ := new(big.Rat).SetString(b)
		if got, want := x.compare(&y), p.Cmp(q); got != want {
			t.Fatalf("%s and %s: %d, want %d", a, b, got, want)
		}
	}
}
