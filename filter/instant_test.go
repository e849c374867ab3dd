package filter

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/scimkit/scimkit/internal/document"
)

func TestInstantCompare(t *testing.T) {
	// In ascending order; equal ones on one line.
	lines := []string{
		"-0044-03-15T12:00:00Z", "-0001-12-31T23:59:59Z", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "1582-10-15T00:00:00Z",
		"1969-12-31T23:59:59.999999999Z", "1970-01-01T00:00:00Z 1970-01-01T00:00:00 1970-01-01T02:00:00+02:00 1969-12-31T24:00:00Z 1970-01-01T00:00:00.000Z",
		"1970-01-01T00:00:00.0000000000000000001Z", "1970-01-01T00:00:00.1Z 1970-01-01T00:00:00.1000000000000Z",
		"2000-02-29T23:59:59Z", "2000-03-01T00:00:00Z 2000-02-29T16:00:00-08:00", "2011-05-13T04:42:34Z", "2016-12-31T23:59:59.999Z", "2017-01-01T00:00:00Z 2016-12-31T23:59:60Z",
		"2021-09-08T23:02:28.9861233Z", "2021-09-08T23:02:28.9861234Z 2021-09-09T01:02:28.9861234+02:00", "9999-12-31T23:59:59Z", "10000-01-01T00:00:00Z", "123456789-01-01T00:00:00Z",
	}
	for i, x := range lines {
		for j, y := range lines {
			for _, a := range strings.Fields(x) {
				for _, b := range strings.Fields(y) {
					p, ok1 := parseInstant([]byte(a))
					q, ok2 := parseInstant([]byte(b))
					if got := p.compare(&q); !ok1 || !ok2 || got != order(i, j) {
						t.Errorf("%s and %s: %d, want %d (%v, %v)", a, b, got, order(i, j), ok1, ok2)
					}
				}
			}
		}
	}
}

func TestInstantErrors(t *testing.T) {
	for _, bad := range []string{
		"", "-", "yesterday", "2011-05-13", "2011-05-13T04:42", "2011-05-13 04:42:34Z", "2011-05-13t04:42:34z", "2011-05-13T04:42:34 02:00", "2011-05-13T04:42:34+0200",
		"2011-13-13T04:42:34Z", "2011-00-13T04:42:34Z", "2011-02-29T04:42:34Z", "1900-02-29T00:00:00Z", "2011-04-31T00:00:00Z", "2011-05-00T00:00:00Z", "2011-05-13T25:00:00Z",
		"2011-05-13T24:00:01Z", "2011-05-13T24:00:00.1Z", "2011-05-13T04:60:34Z", "2011-05-13T04:42:61Z", "2011-05-13T04:42:34.Z", "2011-05-13T04:42:34Zx", "2011-05-13T04:42:34+24:00",
		"2011-05-13T04:42:34+02:60", "211-05-13T04:42:34Z", "1234567890-05-13T04:42:34Z", "2011-xx-13T04:42:34Z", "2011-05-13T0a:42:34Z",
	} {
		if at, ok := parseInstant([]byte(bad)); ok {
			t.Errorf("%q is the instant %v", bad, at)
		}
	}
}

// Against package time, where that can.
func TestInstantAgainstTime(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	epoch, _ := parseInstant([]byte("1970-01-01T00:00:00Z"))
	for range 20_000 {
		zone := time.FixedZone("", (random.IntN(24*60)-12*60)*60)
		want := time.Unix(random.Int64N(250_000_000_000)-62_000_000_000, 0).In(zone)
		text := want.Format(time.RFC3339)
		at, ok := parseInstant([]byte(text))
		if !ok || at.second-epoch.second != want.Unix() {
			t.Fatalf("%s: %v, want %d", text, at.second-epoch.second, want.Unix())
		}
	}
}

// What documents hold can be compared, and is the same instant there.
func FuzzInstant(f *testing.F) {
	for _, s := range []string{"2011-05-13T04:42:34Z", "2011-05-13T24:00:00", "0001-01-01T00:00:00.1234567+14:00", "2011-05-13T23:59:60Z", "2011-05-13T04:42:34,5Z"} {
		f.Add(s)
	}
	epoch, _ := parseInstant([]byte("1970-01-01T00:00:00Z"))
	f.Fuzz(func(t *testing.T, text string) {
		at, ok := parseInstant([]byte(text))
		want, valid := document.ParseTime([]byte(text))
		if valid && (!ok || at.second-epoch.second != want.Unix()) {
			t.Fatalf("%q: %d, %v; want %d", text, at.second-epoch.second, ok, want.Unix())
		}
	})
}
