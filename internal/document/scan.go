package document

import (
	"fmt"
	"unicode/utf8"
)

// maxDepth bounds the recursion where Limits say nothing.
const maxDepth = 1000

// scanner reads strict JSON (RFC 8259, RFC 7493 for names and Unicode).
type scanner struct {
	src    []byte
	pos    int
	depth  int
	nodes  int
	limits Limits
}

func (s *scanner) fail(format string, args ...any) *Error {
	return &Error{InvalidSyntax, "", fmt.Sprintf("at byte %d: ", s.pos) + fmt.Sprintf(format, args...)}
}

func (s *scanner) limit(path, what string, limit int) *Error {
	return &Error{InvalidSyntax, path, fmt.Sprintf("%s is over the limit of %d", what, limit)}
}

func (s *scanner) space() {
	for s.pos < len(s.src) {
		switch s.src[s.pos] {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return
		}
	}
}

// peek moves to the next token and gives its first byte, 0 at the end.
func (s *scanner) peek() byte {
	s.space()
	if s.pos < len(s.src) {
		return s.src[s.pos]
	}
	return 0
}

func (s *scanner) end() error {
	if s.peek() != 0 || s.pos < len(s.src) {
		return s.fail("there is data after the document")
	}
	return nil
}

func (s *scanner) unexpected(want string) *Error {
	if s.pos >= len(s.src) {
		return s.fail("the document ends where %s is expected", want)
	}
	return s.fail("%s is expected, not %q", want, rune(s.src[s.pos]))
}

func (s *scanner) count() *Error {
	if s.nodes++; s.limits.Nodes > 0 && s.nodes > s.limits.Nodes {
		return s.limit("", "the number of values", s.limits.Nodes)
	}
	return nil
}

// open enters an object or array, whose first byte is next.
func (s *scanner) open() *Error {
	s.depth++
	max := s.limits.Depth
	if max == 0 {
		max = maxDepth
	}
	if s.depth > max {
		return s.limit("", "the nesting depth", max)
	}
	s.pos++
	return nil
}

// more tells whether another item follows in the open object or array, and
// closes it if not. first is true before the first item.
func (s *scanner) more(closing byte, first bool) (bool, *Error) {
	c := s.peek()
	if c == closing {
		s.pos++
		s.depth--
		return false, nil
	}
	if first {
		return true, nil
	}
	if c != ',' {
		return false, s.unexpected(fmt.Sprintf("',' or %q", rune(closing)))
	}
	s.pos++
	if s.peek() == closing {
		return false, s.unexpected("a value")
	}
	return true, nil
}

// key reads a member's name and the colon. The result is valid until the next
// call; esc tells whether buf was needed.
func (s *scanner) key(buf []byte) ([]byte, *Error) {
	if s.peek() != '"' {
		return nil, s.unexpected("a name in double quotes")
	}
	start := s.pos
	esc, err := s.str()
	if err != nil {
		return nil, err
	}
	name := s.src[start+1 : s.pos-1]
	if esc {
		name = unescape(buf[:0], name)
	}
	if s.peek() != ':' {
		return nil, s.unexpected("':'")
	}
	s.pos++
	return name, nil
}

// str moves over a string and checks it. It tells whether there are escapes.
func (s *scanner) str() (escaped bool, err *Error) {
	start := s.pos
	s.pos++
	for s.pos < len(s.src) {
		c := s.src[s.pos]
		switch {
		case c == '"':
			s.pos++
			return escaped, nil
		case c == '\\':
			escaped = true
			if err := s.escape(); err != nil {
				return escaped, err
			}
		case c < ' ':
			return escaped, s.fail("a control character in a string must be escaped")
		case c < utf8.RuneSelf:
			s.pos++
		default:
			r, n := utf8.DecodeRune(s.src[s.pos:])
			if r == utf8.RuneError && n == 1 {
				return escaped, s.fail("the text is not valid UTF-8")
			}
			s.pos += n
		}
	}
	s.pos = start
	return escaped, s.fail("the string does not end")
}

func (s *scanner) escape() *Error {
	if s.pos+1 >= len(s.src) {
		return s.fail("the string does not end")
	}
	switch s.src[s.pos+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.pos += 2
		return nil
	case 'u':
	default:
		return s.fail("\\%c is no escape of JSON", s.src[s.pos+1])
	}
	r := hex4(s.src[min(s.pos+2, len(s.src)):])
	switch {
	case r < 0:
		return s.fail("\\u needs four hexadecimal digits")
	case r == 0:
		return s.fail("the character U+0000 is not allowed")
	case r >= 0xDC00 && r <= 0xDFFF:
		return s.fail("a lone surrogate is no character")
	case r >= 0xD800 && r <= 0xDBFF:
		rest := s.src[s.pos+6:]
		if len(rest) < 6 || rest[0] != '\\' || rest[1] != 'u' || hex4(rest[2:]) < 0xDC00 || hex4(rest[2:]) > 0xDFFF {
			return s.fail("a lone surrogate is no character")
		}
		s.pos += 6
	}
	s.pos += 6
	return nil
}

// number moves over a number.
func (s *scanner) number() *Error {
	start := s.pos
	if s.byteIs('-') {
		s.pos++
	}
	if s.byteIs('0') {
		s.pos++
	} else if s.digits() == 0 {
		return s.unexpected("a value")
	}
	if s.byteIs('.') {
		s.pos++
		if s.digits() == 0 {
			return s.unexpected("a digit")
		}
	}
	if s.byteIs('e') || s.byteIs('E') {
		s.pos++
		if s.byteIs('+') || s.byteIs('-') {
			s.pos++
		}
		if s.digits() == 0 {
			return s.unexpected("a digit")
		}
	}
	if max := s.limits.Number; max > 0 && s.pos-start > max {
		return s.limit("", "the length of a number", max)
	}
	return nil
}

func (s *scanner) byteIs(c byte) bool { return s.pos < len(s.src) && s.src[s.pos] == c }

func (s *scanner) digits() int {
	start := s.pos
	for s.pos < len(s.src) && '0' <= s.src[s.pos] && s.src[s.pos] <= '9' {
		s.pos++
	}
	return s.pos - start
}

func (s *scanner) literal(word string) *Error {
	if len(s.src)-s.pos < len(word) || string(s.src[s.pos:s.pos+len(word)]) != word {
		return s.unexpected("a value")
	}
	s.pos += len(word)
	return nil
}

// leaf moves over a string, number or literal.
func (s *scanner) leaf() (escaped bool, err *Error) {
	switch c := s.peek(); c {
	case '"':
		start := s.pos
		if escaped, err = s.str(); err != nil {
			return escaped, err
		}
		if max := max(s.limits.String, s.limits.LongString); max > 0 && s.pos-start-2 > max {
			return escaped, s.limit("", "the length of a string", max)
		}
		return escaped, nil
	case 't':
		return false, s.literal("true")
	case 'f':
		return false, s.literal("false")
	case 'n':
		return false, s.literal("null")
	default:
		return false, s.number()
	}
}

// any moves over one value of unknown shape and checks it: syntax, limits,
// duplicate names.
func (s *scanner) any() *Error {
	if err := s.count(); err != nil {
		return err
	}
	switch s.peek() {
	case '{':
		return s.anyObject()
	case '[':
		return s.anyArray()
	}
	_, err := s.leaf()
	return err
}

func (s *scanner) anyObject() *Error {
	if err := s.open(); err != nil {
		return err
	}
	var seen nameSet
	for first := true; ; first = false {
		more, err := s.more('}', first)
		if err != nil || !more {
			return err
		}
		name, err := s.key(nil)
		if err != nil {
			return err
		}
		if !seen.add(name) {
			return s.fail("the name %q is there twice", name)
		}
		if err := s.any(); err != nil {
			return err
		}
	}
}

func (s *scanner) anyArray() *Error {
	if err := s.open(); err != nil {
		return err
	}
	for first := true; ; first = false {
		more, err := s.more(']', first)
		if err != nil || !more {
			return err
		}
		if err := s.any(); err != nil {
			return err
		}
	}
}

// Scan checks that body is one JSON value within limits and gives a view of it.
func Scan(body []byte, limits Limits) (Value, error) {
	s := scanner{src: body, limits: limits}
	if err := s.any(); err != nil {
		return Value{}, err
	}
	if err := s.end(); err != nil {
		return Value{}, err
	}
	return Trusted(body), nil
}
