package filters

import "strings"

// words collide in many ways: letter case, normal forms, foldings of several
// letters, what SQL and LIKE take for a sign, blanks, the ends of Unicode.
var words = []string{
	"", "a", "A", "b", "B", "ab", "AB", "aB", "abc", "ss", "SS", "ß", "ẞ", "i", "I", "İ", "i\u0307", "ı", "é", "e\u0301", "É", "e",
	"k", "\u212A", "fi", "ﬁ", "ς", "σ", "Σ", "ａ", "\u0345\u0301", "\u0301", "%", "_", "a%", "a_b", "axb", "%a%", `\`, `a\b`, `\%`, "'", "''", `"`, `a"b`, "a'b",
	"😀", "😀a", "a😀", "\U0010FFFF", "\U0010FFFFa", "\uFFFF", "\uE000", "\uD7FF", "z", "~", "\u007f", " ", "a ", " a", "a\nb", "a\tb", "\u0001", "null", "true", "0", "1",
	"x'; DROP TABLE g; --", `{"a":1}`, "$1", "?", "?1", ":a", "@x", "ünï", "Ünï", "\u1E9B\u0323", "ꮿ", "Ꮿ", "\uFFFD",
}

// ascii are the words of columns that hold strings as they were sent, where a
// database need not know Unicode.
var ascii = filtered(words, func(w string) bool {
	return strings.IndexFunc(w, func(r rune) bool { return r >= 0x80 }) < 0
})

var decimals = []string{
	"0", "-0", "0.0", "1", "1.0", "10e-1", "1E0", "-1", "0.1", "0.10", "1e-1", "0.10000000000000000000000000000000001", "-0.1",
	"123456789012345678901234567890", "123456789012345678901234567890.5", "1e400", "-1e400", "1e-400", "-1e-400", "9007199254740993", "9007199254740992",
	"9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "1.5", "-1.5", "2", "3.14",
	"1e999999999", "-1e999999999", "1e-999999999", "1e17", "100000000000000000", "9007199254740993.5", "-9007199254740993.5", "0.30000000000000004", "0.3", "1e20000",
}

// shortDecimals and integers are what numeric columns hold exactly.
var (
	shortDecimals = []string{"0", "-0", "0.0", "1", "1.0", "10e-1", "-1", "0.1", "0.10", "-0.1", "1.5", "-1.5", "2", "3.14", "1e17", "9007199254740992", "0.30000000000000004", "0.3"}
	integers      = []string{"0", "-0", "1", "-1", "2", "3", "9007199254740993", "9007199254740992", "9223372036854775807", "-9223372036854775808", "100000000000000000"}
)

var times = []string{
	"2011-05-13T04:42:34Z", "2011-05-13T06:42:34+02:00", "2011-05-13T04:42:34", "2011-05-13T04:42:34.000Z", "2011-05-13T04:42:34.1Z",
	"2011-05-13T04:42:34.123Z", "2011-05-13T04:42:34.1234Z", "2011-05-13T04:42:34.123456Z", "2011-05-13T04:42:34.1234567Z", "2011-05-13T04:42:34.123456789012345Z",
	"2011-05-12T23:42:34.123-05:00", "2011-05-13T04:42:35Z", "2011-05-13T24:00:00Z", "2011-05-14T00:00:00Z", "2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z", "2016-12-31T23:59:59.999Z",
	"1969-12-31T23:59:59.5Z", "1970-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.9999999Z",
	"2000-02-29T12:00:00.5Z", "1900-03-01T00:00:00Z",
}

// strangeTimes are in no column but keys.
var strangeTimes = []string{"0000-01-01T00:00:00Z", "-0044-03-15T12:00:00Z", "10000-01-01T00:00:00Z", "999999999-12-31T23:59:59Z", "0001-01-01T00:00:00+01:00", "-999999999-01-01T00:00:00.5Z"}

func filtered(list []string, keep func(string) bool) []string {
	var out []string
	for _, s := range list {
		if keep(s) {
			out = append(out, s)
		}
	}
	return out
}

// precise are the times that have at most so many digits of a fraction, and
// that databases can hold.
func precise(digits int) []string {
	return filtered(times, func(s string) bool {
		_, fraction, _ := strings.Cut(s, ".")
		return !strings.Contains(s, ":60") && len(fraction)-len(strings.TrimLeft(fraction, "0123456789")) <= digits
	})
}
