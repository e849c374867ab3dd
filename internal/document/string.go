package document

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// str moves over a string and checks it. It tells whether there are escapes.
func (s *scanner) str() (escaped bool, err *Error) {
	start, src := s.pos, s.src
	i := plain(src, s.pos+1)
	for i < len(src) {
		switch c := src[i]; {
		case c == '"':
			s.pos = i + 1
			return escaped, nil
		case c == '\\':
			escaped = true
			n, wrong := escape(src[i:])
			if wrong != "" {
				s.pos = i
				return escaped, s.fail("%s", wrong)
			}
			i += n
		case c < ' ':
			s.pos = i
			return escaped, s.fail("a control character in a string must be escaped")
		default:
			r, n := utf8.DecodeRune(src[i:])
			if r == utf8.RuneError && n == 1 {
				s.pos = i
				return escaped, s.fail("the text is not valid UTF-8")
			}
			i += n
		}
		i = plain(src, i)
	}
	s.pos = start
	return escaped, s.fail("the string does not end")
}

// plain gives the place, from i on, of the first byte of src that is not plain
// ASCII text of a string. It looks at eight bytes at a time.
func plain(src []byte, i int) int {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	for ; i+8 <= len(src); i += 8 {
		x := binary.LittleEndian.Uint64(src[i:])
		quote, slash := x^ones*'"', x^ones*'\\'
		// The lowest byte found is right; borrows disturb only those above it.
		found := (x | (x-ones*' ')&^x | (quote-ones)&^quote | (slash-ones)&^slash) & tops
		if found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for ; i < len(src); i++ {
		if c := src[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			return i
		}
	}
	return i
}

// escape gives the length of the escape at the begin of in, or what is wrong
// with it.
func escape(in []byte) (n int, wrong string) {
	if len(in) < 2 {
		return 0, "the string does not end"
	}
	switch in[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2, ""
	case 'u':
	default:
		return 0, "JSON has no such escape"
	}
	r := hex4(in[2:])
	switch {
	case r < 0:
		return 0, "\\u needs four hexadecimal digits"
	case r == 0:
		return 0, "the character U+0000 is not allowed"
	case r < 0xD800 || r > 0xDFFF:
		return 6, ""
	}
	if r < 0xDC00 && len(in) >= 12 && in[6] == '\\' && in[7] == 'u' {
		if low := hex4(in[8:]); low >= 0xDC00 && low <= 0xDFFF {
			return 12, ""
		}
	}
	return 0, "a lone surrogate is no character"
}

// decode resolves the escapes of a string that str has checked.
func (s *scanner) decode(in []byte) []byte {
	s.text = unescape(s.text[:0], in)
	return s.text
}

// unescape decodes the content of a checked JSON string.
func unescape(dst, in []byte) []byte {
	for len(in) > 0 {
		i := bytes.IndexByte(in, '\\')
		if i < 0 {
			return append(dst, in...)
		}
		dst = append(dst, in[:i]...)
		c := in[i+1]
		in = in[i+2:]
		switch c {
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'n':
			dst = append(dst, '\n')
		case 'r':
			dst = append(dst, '\r')
		case 't':
			dst = append(dst, '\t')
		case 'u':
			var r rune
			r, in = unicodeEscape(in)
			dst = utf8.AppendRune(dst, r)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// unicodeEscape decodes what follows \u, with the second half of a pair.
func unicodeEscape(in []byte) (rune, []byte) {
	r := hex4(in)
	in = in[4:]
	if r >= 0xD800 && r < 0xDC00 && len(in) >= 6 {
		return 0x10000 + (r-0xD800)<<10 + (hex4(in[2:]) - 0xDC00), in[6:]
	}
	return r, in
}

// hex4 reads four hexadecimal digits; -1 if they are not.
func hex4(in []byte) rune {
	if len(in) < 4 {
		return -1
	}
	var r rune
	for _, c := range in[:4] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return -1
		}
		r = r<<4 | rune(c)
	}
	return r
}

const hexDigits = "0123456789abcdef"

// AppendString writes s as a JSON string with as few escapes as JSON allows.
// What a document cannot hold, invalid UTF-8 and U+0000, becomes U+FFFD.
func AppendString[T string | []byte](dst []byte, s T) []byte {
	dst = append(dst, '"')
	last := 0
	for i := 0; i < len(s); {
		c := s[i]
		n := 1
		if c >= utf8.RuneSelf {
			var r rune
			if r, n = utf8.DecodeRuneInString(string(s[i:min(i+utf8.UTFMax, len(s))])); r != utf8.RuneError || n > 1 {
				i += n
				continue
			}
		} else if c >= ' ' && c != '"' && c != '\\' {
			i++
			continue
		}
		dst = appendEscape(append(dst, s[last:i]...), c)
		i += n
		last = i
	}
	dst = append(dst, s[last:]...)
	return append(dst, '"')
}

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\b':
		return append(dst, '\\', 'b')
	case '\f':
		return append(dst, '\\', 'f')
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	if c == 0 || c >= utf8.RuneSelf {
		return append(dst, "\uFFFD"...)
	}
	return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
}
