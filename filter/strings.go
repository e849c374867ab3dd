package filter

import (
	"strings"
	"unicode/utf8"
)

// str reads a JSON string (RFC 8259 section 7) and decodes it. A string
// without escapes is a part of the text.
func (s *scanner) str() (string, error) {
	start := s.pos
	s.pos++
	for s.pos < len(s.src) {
		switch c := s.src[s.pos]; {
		case c == '"':
			text := s.src[start+1 : s.pos]
			s.pos++
			if len(text) > s.limits.Literal {
				return "", s.tooLong(start)
			}
			return text, nil
		case c == '\\':
			return s.escaped(start)
		case c >= utf8.RuneSelf:
			if err := s.rune(); err != nil {
				return "", err
			}
		case c < ' ':
			return "", s.fail(s.pos, "a control character in a string must be escaped")
		default:
			s.pos++
		}
	}
	return "", s.fail(start, "the string is not closed")
}

// rune moves over one character outside ASCII.
func (s *scanner) rune() error {
	r, n := utf8.DecodeRuneInString(s.src[s.pos:])
	if r == utf8.RuneError && n == 1 {
		return s.fail(s.pos, "the text is not valid UTF-8")
	}
	s.pos += n
	return nil
}

// escaped is str from the first escape on.
func (s *scanner) escaped(start int) (string, error) {
	var b strings.Builder
	b.WriteString(s.src[start+1 : s.pos])
	for s.pos < len(s.src) {
		if b.Len() > s.limits.Literal {
			return "", s.tooLong(start)
		}
		switch c := s.src[s.pos]; {
		case c == '"':
			s.pos++
			return b.String(), nil
		case c == '\\':
			r, err := s.escape()
			if err != nil {
				return "", err
			}
			b.WriteRune(r)
		case c >= utf8.RuneSelf:
			from := s.pos
			if err := s.rune(); err != nil {
				return "", err
			}
			b.WriteString(s.src[from:s.pos])
		case c < ' ':
			return "", s.fail(s.pos, "a control character in a string must be escaped")
		default:
			b.WriteByte(c)
			s.pos++
		}
	}
	return "", s.fail(start, "the string is not closed")
}

// escape reads one escape.
func (s *scanner) escape() (rune, error) {
	const letters, values = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	at := s.pos
	s.pos++
	if i := strings.IndexByte(letters, s.peek()); i >= 0 && s.pos < len(s.src) {
		s.pos++
		return rune(values[i]), nil
	}
	if s.peek() != 'u' {
		r, _ := utf8.DecodeRuneInString(s.src[s.pos:])
		return 0, s.fail(at, "a backslash with %q behind it is no escape of JSON", r)
	}
	s.pos++
	r := s.hex4()
	switch {
	case r < 0:
		return 0, s.fail(at, "\\u needs four hexadecimal digits")
	case r == 0:
		return 0, s.fail(at, "the character U+0000 is not allowed")
	case 0xD800 <= r && r < 0xDC00:
		if s.peek() == '\\' && s.pos+1 < len(s.src) && s.src[s.pos+1] == 'u' {
			s.pos += 2
			if low := s.hex4(); 0xDC00 <= low && low < 0xE000 {
				return 0x10000 + (r-0xD800)<<10 + (low - 0xDC00), nil
			}
		}
		return 0, s.fail(at, "a lone surrogate is no character")
	case 0xDC00 <= r && r < 0xE000:
		return 0, s.fail(at, "a lone surrogate is no character")
	}
	return r, nil
}

// hex4 reads four hexadecimal digits; -1 if they are not there.
func (s *scanner) hex4() rune {
	if len(s.src)-s.pos < 4 {
		return -1
	}
	var r rune
	for _, c := range []byte(s.src[s.pos : s.pos+4]) {
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
	s.pos += 4
	return r
}
