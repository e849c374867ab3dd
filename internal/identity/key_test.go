package identity

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

var keyTests = []struct{ name, in, want string }{
	{"lower-case ASCII", "bjensen@example.com", "bjensen@example.com"},
	{"upper-case ASCII", "BJensen@Example.COM", "bjensen@example.com"},
	{"empty", "", ""},
	{"space inside", "John Smith", "john smith"},
	{"dotted capital I", "İstanbul", "i̇stanbul"},
	{"sharp s", "Straße", "strasse"},
	{"capital sharp s", "STRAẞE", "strasse"},
	{"ligature", "ﬁre", "fire"},
	{"final sigma", "ΟΔΥΣΣΕΥΣ", "οδυσσευσ"},
	{"final sigma, small", "Οδυσσεύς", "οδυσσεύσ"},
	{"Kelvin sign", "\u212Aelvin", "kelvin"},
	{"full width", "ＪＵＬＩＥＴ", "juliet"},
	{"half-width katakana", "ｶﾞ", "ガ"},
	{"decomposed", "Mu\u0308ller", "müller"},
	{"composed", "MÜLLER", "müller"},
	{"decomposed upper case", "A\u030Angstro\u0308m", "ångström"},
	{"Angstrom sign", "\u212Bngström", "ångström"},
	{"iota subscript before accent", "α\u0345\u0301", "άι"},
	{"iota subscript after accent", "α\u0301\u0345", "άι"},
	{"Cherokee capital", "\u13A0\u13F0", "\u13A0\u13F0"},
	{"Cherokee small", "\uAB70\u13F8", "\u13A0\u13F0"},
	{"Cyrillic stays apart from Latin", "раураl", "раураl"},
	{"refused by PRECIS: zero width space", "Jo\u200Bhn Ö", "jo\u200Bhn ö"},
	{"refused by PRECIS: bidi override", "\u202EÄbc", "\u202Eäbc"},
	{"refused by PRECIS: tab", "A\tB", "a\tb"},
	{"not UTF-8", "A\xFF", "A\xFF"},
	{"longer than the stack buffer", strings.Repeat("AB", 100), strings.Repeat("ab", 100)},
}

func TestKey(t *testing.T) {
	for _, tt := range keyTests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Key(tt.in); got != tt.want {
				t.Errorf("Key(%+q) = %+q, want %+q", tt.in, got, tt.want)
			}
			if got := string(AppendKey([]byte("x"), []byte(tt.in))); got != "x"+tt.want {
				t.Errorf("AppendKey(%+q) = %+q, want %+q", tt.in, got[1:], tt.want)
			}
			if !EqualFold([]byte(tt.in), tt.want) {
				t.Errorf("EqualFold(%+q, %+q) = false", tt.in, tt.want)
			}
			if EqualFold([]byte(tt.in), "x"+tt.want) {
				t.Errorf("EqualFold(%+q, %+q) = true", tt.in, "x"+tt.want)
			}
		})
	}
}

func TestKeyKeepsApart(t *testing.T) {
	for _, tt := range [][2]string{
		{"İstanbul", "istanbul"}, // equal under strings.ToLower
		{"ısparta", "isparta"},
		{"John Smith", "JohnSmith"},
		{"jo\u200Bhn", "john"},
		{"paypal", "раураl"},
		{"émile", "emile"},
	} {
		if Key(tt[0]) == Key(tt[1]) {
			t.Errorf("Key(%+q) == Key(%+q)", tt[0], tt[1])
		}
	}
}

// The keys are those of PRECIS wherever PRECIS has one, and letters that
// Unicode holds to be the same but for case have the same key.
func TestKeyOfEveryCharacter(t *testing.T) {
	for r := rune(0); r <= utf8.MaxRune; r++ {
		if !utf8.ValidRune(r) {
			continue
		}
		key := Key(string(r))
		for o := unicode.SimpleFold(r); o != r; o = unicode.SimpleFold(o) {
			if got := Key(string(o)); got != key {
				t.Errorf("Key(%U) = %+q, Key(%U) = %+q", r, key, o, got)
			}
		}
		want, err := profile.String(string(r))
		if err == nil && key != want && !unicode.Is(unicode.Cherokee, r) {
			t.Errorf("Key(%U) = %+q, PRECIS gives %+q", r, key, want)
		}
	}
}

func TestEqualFoldTellsApart(t *testing.T) {
	for _, tt := range [][2]string{
		{"bjensen", "bjensem"},
		{"bjensen", "bjense"},
		{"bjensen", ""},
		{"", "b"},
		{"BJENSEN", "BJENSEN"}, // the second is no key
		{"müller", "muller"},
	} {
		if EqualFold([]byte(tt[0]), tt[1]) {
			t.Errorf("EqualFold(%q, %q) = true", tt[0], tt[1])
		}
	}
}

func TestKeyAllocations(t *testing.T) {
	dst, key := make([]byte, 0, 64), "bjensen@example.com"
	var sink string
	for _, tt := range []struct {
		name string
		want float64
		f    func()
	}{
		{"Key, lower case", 0, func() { sink = Key(key) }},
		{"Key, upper case", 1, func() { sink = Key("BJensen@Example.com") }},
		{"AppendKey", 0, func() { dst = AppendKey(dst[:0], []byte("BJensen@Example.com")) }},
		{"EqualFold", 0, func() { EqualFold([]byte("BJensen@Example.com"), key) }},
	} {
		if got := testing.AllocsPerRun(100, tt.f); got > tt.want {
			t.Errorf("%s: %v allocations, want %v", tt.name, got, tt.want)
		}
	}
	_ = sink
}

func TestCheckUserName(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"plain", "bjensen@example.com", ""},
		{"space inside", "John Smith", ""},
		{"umlaut", "Müller", ""},
		{"full width", "ＪＵＬＩＥＴ", ""},
		{"Chinese", "王小明", ""},
		{"Hebrew", "דוד", ""},
		{"symbols", `a!#$%&'*+-/=?^_{|}~.\"`, ""},
		{"empty", "", "is empty"},
		{"leading space", " a", "begins with a space"},
		{"trailing no-break space", "a\u00A0", "ends with a space"},
		{"trailing line feed", "a\n", "ends with a space"},
		{"NUL", "a\x00b", "has the control character U+0000"},
		{"tab", "a\tb", "has the control character U+0009"},
		{"C1 control", "a\u009Fb", "has the control character U+009F"},
		{"bidi override", "a\u202Eb", "has the bidirectional control U+202E"},
		{"zero width space", "a\u200Bb", "has the invisible format character U+200B"},
		{"soft hyphen", "a\u00ADb", "has the invisible format character U+00AD"},
		{"line separator", "a\u2028b", "has the invisible format character U+2028"},
		{"replacement character", "a\uFFFDb", "has the replacement character U+FFFD"},
		{"private use", "a\uE000b", "has the private-use character U+E000"},
		{"unassigned", "a\U000E0FFFb", "has the character U+E0FFF, which PRECIS (RFC 8264) does not allow here"},
		{"old Hangul", "a\u1100b", "has the character U+1100, which PRECIS (RFC 8264) does not allow here"},
		{"allowed apart, not together", "a\u0660\u06F0", "has characters that PRECIS (RFC 8264) does not allow together"},
		{"not UTF-8", "a\xFFb", "is not valid UTF-8"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			if err := CheckUserName(tt.in); err != nil {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("CheckUserName(%+q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func FuzzKey(f *testing.F) {
	for _, tt := range keyTests {
		f.Add(tt.in)
	}
	f.Fuzz(func(t *testing.T, s string) {
		key := Key(s)
		if again := Key(key); again != key {
			t.Errorf("Key(%+q) = %+q, and the key of that is %+q", s, key, again)
		}
		if got := string(AppendKey(nil, []byte(s))); got != key || !EqualFold([]byte(s), key) {
			t.Errorf("AppendKey or EqualFold differ from Key(%+q)", s)
		}
		CheckUserName(s)
		if !utf8.ValidString(s) {
			return
		}
		if got := Key(norm.NFD.String(s)); got != key {
			t.Errorf("Key(NFD(%+q)) = %+q, want %+q", s, got, key)
		}
		if got := Key(wide(s)); got != key {
			t.Errorf("full width %+q: %+q, want %+q", s, got, key)
		}
		if got := Key(upperASCII(s)); got != key {
			t.Errorf("upper case %+q: %+q, want %+q", s, got, key)
		}
		if want, err := profile.String(s); err == nil && want != key && norm.NFC.IsNormalString(s) && !strings.ContainsFunc(s, isCherokee) {
			t.Errorf("Key(%+q) = %+q, PRECIS gives %+q", s, key, want)
		}
	})
}

func isCherokee(r rune) bool { return unicode.Is(unicode.Cherokee, r) }

func wide(s string) string {
	return strings.Map(func(r rune) rune {
		if '!' <= r && r <= '~' {
			return r - '!' + '！'
		}
		return r
	}, s)
}

func upperASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}, s)
}

func BenchmarkKey(b *testing.B) {
	for _, s := range []string{"bjensen@example.com", "BJensen@Example.com", "Müller"} {
		b.Run(s, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Key(s)
			}
		})
	}
}
