// Package identity compares names as people mean them: userName and every
// other string that is not caseExact.
//
// The comparison key of a string is what the PRECIS Freeform profile (RFC 8264
// section 4.3) with width mapping, full case folding and NFC makes of it. RFC
// 7644 section 5 asks for PRECIS; the profile that it names forbids spaces and
// so refuses names such as "John Smith" that identity providers send, and a
// lower-casing function joins names that differ ("İstanbul" and "istanbul").
package identity

import (
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
)

// steps are the mappings of the profile in the order of RFC 8264 section 7,
// after a first normalisation: U+0345 is a mark before folding and a letter
// after it, so that without NFC its place among other marks would count.
var steps = [...]transform.SpanningTransformer{norm.NFC, width.Fold, cases.Fold(), runes.Map(cherokee), norm.NFC}

// cherokee folds to capitals, as Unicode says for this script alone
// (CaseFolding.txt); package cases swaps its capitals and small letters.
func cherokee(r rune) rune {
	switch {
	case 0xAB70 <= r && r <= 0xABBF:
		return r - 0xAB70 + 0x13A0
	case 0x13F8 <= r && r <= 0x13FD:
		return r - 0x13F8 + 0x13F0
	}
	return r
}

// Key gives the comparison key of s. Two strings are the same name if and only
// if their keys are equal, and Key(Key(s)) == Key(s).
//
// Key maps, and never refuses: where PRECIS forbids a character, the mappings
// apply all the same. CheckUserName is what refuses. A string that is not valid
// UTF-8 is its own key.
func Key(s string) string {
	upper := false
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= utf8.RuneSelf {
			return string(mapped([]byte(s)))
		}
		upper = upper || 'A' <= c && c <= 'Z'
	}
	if !upper {
		return s
	}
	// Short keys fit into an array on the stack; the string is the only allocation.
	var buf [64]byte
	return string(appendLower(buf[:0], s))
}

// AppendKey appends the comparison key of s to dst. It does not allocate for
// ASCII where dst has room.
func AppendKey(dst, s []byte) []byte {
	if !isASCII(s) {
		return append(dst, mapped(append([]byte(nil), s...))...)
	}
	return appendLower(dst, s)
}

// EqualFold tells whether key is the comparison key of s. It does not allocate
// for ASCII.
func EqualFold(s []byte, key string) bool {
	if !isASCII(s) {
		return string(mapped(append([]byte(nil), s...))) == key
	}
	if len(s) != len(key) {
		return false
	}
	for i, c := range s {
		if lower(c) != key[i] {
			return false
		}
	}
	return true
}

// mapped may give s itself. Callers pass a copy: s escapes to the heap here,
// and a buffer on their stack should not.
func mapped(s []byte) []byte {
	if !utf8.Valid(s) {
		return s
	}
	for _, t := range steps {
		n, err := t.Span(s, true)
		if err == nil {
			continue
		}
		out := append(make([]byte, 0, len(s)+len(s)/4+8), s[:n]...)
		// The mappings have no error of their own for valid UTF-8.
		s, _, _ = transform.Append(t, out, s[n:])
	}
	return s
}

func isASCII(s []byte) bool {
	for _, c := range s {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func appendLower[S string | []byte](dst []byte, s S) []byte {
	for i := 0; i < len(s); i++ {
		dst = append(dst, lower(s[i]))
	}
	return dst
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}
