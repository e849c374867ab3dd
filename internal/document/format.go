package document

import (
	"bytes"
	"time"
	"unicode/utf8"
)

const (
	digits  = "0123456789"
	letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

var (
	base64Chars = charSet(letters + digits + "+/")
	schemeChars = charSet(letters + digits + "+-.")
	hexChars    = charSet(digits + "ABCDEFabcdef")
	uriChars    = charSet(letters + digits + "-._~:/?#[]@!$&'()*+,;=%")
)

func charSet(chars string) (set [256]bool) {
	for _, c := range []byte(chars) {
		set[c] = true
	}
	return set
}

// isBase64 checks base64 (RFC 7643 section 2.3.6, RFC 4648 section 4). The
// padding may be missing.
func isBase64(s []byte) bool {
	n := len(s)
	for n > 0 && s[n-1] == '=' {
		n--
	}
	pad := len(s) - n
	if pad > 2 || pad > 0 && len(s)%4 != 0 || n%4 == 1 {
		return false
	}
	for _, c := range s[:n] {
		if !base64Chars[c] {
			return false
		}
	}
	return true
}

// isReference checks that s is an absolute or relative URI (RFC 7643 section
// 2.3.7). Characters beyond ASCII, which a URI would percent-encode, pass:
// addresses of profiles and photos have them.
func isReference(s []byte) bool {
	if i := bytes.IndexAny(s, ":/?#"); i >= 0 && s[i] == ':' && !isScheme(s[:i]) {
		return false
	}
	for i, c := range s {
		if c < utf8.RuneSelf && !uriChars[c] {
			return false
		}
		if c == '%' && (len(s)-i < 3 || !hexChars[s[i+1]] || !hexChars[s[i+2]]) {
			return false
		}
	}
	return true
}

func isScheme(s []byte) bool {
	for _, c := range s {
		if !schemeChars[c] {
			return false
		}
	}
	return len(s) > 0 && s[0] >= 'A' // a letter, of the characters allowed
}

// ParseTime reads an xsd:dateTime (RFC 7643 section 2.3.5) and gives it in UTC.
// Fractions have any number of digits, of which nine count; the time zone may
// be missing and then is UTC; 24:00:00 is the end of the day.
func ParseTime(s []byte) (time.Time, bool) {
	const shape = "0000-00-00T00:00:00"
	if !hasShape(s, shape) {
		return time.Time{}, false
	}
	year, month, day := number(s[:4]), number(s[5:7]), number(s[8:10])
	hour, minute, second := number(s[11:13]), number(s[14:16]), number(s[17:19])
	nanos, rest, ok := fraction(s[len(shape):])
	zone, zoneOK := offset(rest)
	if !ok || !zoneOK || minute > 59 || second > 59 || hour > 24 || hour == 24 && minute+second+nanos > 0 {
		return time.Time{}, false
	}
	// time.Date carries what a month does not have over to the next one.
	if d := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC); d.Day() != day || int(d.Month()) != month {
		return time.Time{}, false
	}
	return time.Date(year, time.Month(month), day, hour, minute-zone, second, nanos, time.UTC), true
}

// hasShape tells whether s begins as shape, in which 0 stands for any digit.
func hasShape(s []byte, shape string) bool {
	if len(s) < len(shape) {
		return false
	}
	for i := range len(shape) {
		if c := s[i]; c != shape[i] && (shape[i] != '0' || c < '0' || c > '9') {
			return false
		}
	}
	return true
}

func number(digits []byte) (n int) {
	for _, c := range digits {
		n = n*10 + int(c-'0')
	}
	return n
}

// fraction reads the fraction of a second, if there is one.
func fraction(s []byte) (nanos int, rest []byte, ok bool) {
	if len(s) == 0 || s[0] != '.' {
		return 0, s, true
	}
	i, unit := 1, 100_000_000
	for ; i < len(s) && '0' <= s[i] && s[i] <= '9'; i++ {
		nanos += int(s[i]-'0') * unit
		unit /= 10
	}
	return nanos, s[i:], i > 1
}

// offset reads a time zone, in minutes to the east.
func offset(s []byte) (minutes int, ok bool) {
	switch {
	case len(s) == 0, len(s) == 1 && s[0] == 'Z':
		return 0, true
	case len(s) != 6 || !hasShape(s[1:], "00:00"):
		return 0, false
	}
	hours, rest := number(s[1:3]), number(s[4:6])
	minutes = hours*60 + rest
	if rest > 59 || minutes > 14*60 {
		return 0, false
	}
	if s[0] == '-' {
		return -minutes, true
	}
	return minutes, s[0] == '+'
}
