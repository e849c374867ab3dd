package document

import (
	"fmt"
	"strconv"
	"unicode/utf8"
)

// maxDepth bounds the nesting, and with it the recursion, whatever Limits say.
const maxDepth = 1000

// scanner reads strict JSON (RFC 8259, RFC 7493 for names and Unicode).
type scanner struct {
	src    []byte
	base   int // where the document begins in src
	pos    int
	name   int // where the last name begins
	depth  int
	nodes  int
	limits Limits
	names  [][]byte // names seen in the open objects, see nameSet
	text   []byte   // the last string with escapes, decoded
	folded []byte   // the last name that was folded
}

// begin makes the text of src from start on the document, and keeps memory.
func (s *scanner) begin(src []byte, start int, limits Limits) {
	*s = scanner{
		src: src, base: start, pos: start, limits: limits,
		names: s.names[:0], text: s.text[:0], folded: s.folded[:0],
	}
}

func (s *scanner) fail(format string, args ...any) *Error {
	return &Error{InvalidSyntax, "", fmt.Sprintf("at byte %d: ", s.pos-s.base) + fmt.Sprintf(format, args...)}
}

func overLimit(path, what string, limit int) *Error {
	return &Error{InvalidSyntax, path, fmt.Sprintf("%s is over the limit of %d", what, limit)}
}

// peek moves to the next token and gives its first byte, 0 at the end.
func (s *scanner) peek() byte {
	if s.pos < len(s.src) {
		if c := s.src[s.pos]; c > ' ' {
			return c
		}
	}
	return s.peekFar()
}

func (s *scanner) peekFar() byte {
	for ; s.pos < len(s.src); s.pos++ {
		switch c := s.src[s.pos]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

// end checks that nothing follows the document.
func (s *scanner) end() *Error {
	if s.peek(); s.pos < len(s.src) {
		return s.fail("there is data after the document")
	}
	return nil
}

func (s *scanner) unexpected(want string) *Error {
	if s.pos >= len(s.src) {
		return s.fail("the document ends where %s is expected", want)
	}
	r, n := utf8.DecodeRune(s.src[s.pos:])
	if r == utf8.RuneError && n == 1 {
		return s.fail("%s is expected, not byte 0x%02x", want, s.src[s.pos])
	}
	return s.fail("%s is expected, not %s", want, strconv.QuoteRune(r))
}

func (s *scanner) count() *Error {
	if s.nodes++; s.limits.Nodes > 0 && s.nodes > s.limits.Nodes {
		return overLimit("", "the number of values", s.limits.Nodes)
	}
	return nil
}

// open enters an object or array, whose first byte is next.
func (s *scanner) open() *Error {
	s.depth++
	most := s.limits.Depth
	if most <= 0 || most > maxDepth {
		most = maxDepth
	}
	if s.depth > most {
		return overLimit("", "the nesting depth", most)
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
		return false, s.unexpected("',' or " + strconv.QuoteRune(rune(closing)))
	}
	s.pos++
	if s.peek() == closing {
		return false, s.unexpected("a value")
	}
	return true, nil
}

// key reads a member's name and the colon. A name with escapes is valid until
// the next string with escapes is read.
func (s *scanner) key() (name []byte, escaped bool, err *Error) {
	if s.peek() != '"' {
		return nil, false, s.unexpected("a name in double quotes")
	}
	s.name = s.pos
	if escaped, err = s.str(); err != nil {
		return nil, false, err
	}
	name = s.src[s.name+1 : s.pos-1]
	if escaped {
		name = s.decode(name)
	}
	if most := s.limits.longest(); most > 0 && len(name) > most {
		return nil, false, overLimit("", "the length of a name", most)
	}
	if s.peek() != ':' {
		return nil, false, s.unexpected("':'")
	}
	s.pos++
	return name, escaped, nil
}

// number moves over a number.
func (s *scanner) number() *Error {
	start := s.pos
	s.accept('-', '-')
	if !s.accept('0', '0') && s.digits() == 0 {
		return s.unexpected("a value")
	}
	if s.accept('.', '.') && s.digits() == 0 {
		return s.unexpected("a digit")
	}
	if s.accept('e', 'E') {
		s.accept('+', '-')
		if s.digits() == 0 {
			return s.unexpected("a digit")
		}
	}
	if most := s.limits.Number; most > 0 && s.pos-start > most {
		return overLimit("", "the length of a number", most)
	}
	return nil
}

// accept moves over a or b if one of them is next.
func (s *scanner) accept(a, b byte) bool {
	if s.pos < len(s.src) && (s.src[s.pos] == a || s.src[s.pos] == b) {
		s.pos++
		return true
	}
	return false
}

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

// bare moves over a number, true, false or null.
func (s *scanner) bare() *Error {
	switch s.peek() {
	case 't':
		return s.literal("true")
	case 'f':
		return s.literal("false")
	case 'n':
		return s.literal("null")
	}
	return s.number()
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
	case '"':
		return s.anyString()
	}
	return s.bare()
}

func (s *scanner) anyString() *Error {
	start := s.pos
	escaped, err := s.str()
	if err != nil {
		return err
	}
	most := s.limits.longest()
	if most == 0 || s.pos-start-2 <= most {
		return nil
	}
	if escaped && len(s.decode(s.src[start+1:s.pos-1])) <= most {
		return nil
	}
	return overLimit("", "the length of a string", most)
}

func (s *scanner) anyObject() *Error {
	if err := s.open(); err != nil {
		return err
	}
	seen := s.newNames()
	for first := true; ; first = false {
		more, err := s.more('}', first)
		if err != nil {
			return err
		}
		if !more {
			s.closeNames(&seen)
			return nil
		}
		name, escaped, err := s.key()
		if err != nil {
			return err
		}
		if !s.addName(&seen, name, escaped) {
			return s.twice(name)
		}
		if err := s.any(); err != nil {
			return err
		}
	}
}

func (s *scanner) twice(name []byte) *Error {
	s.pos = s.name
	return s.fail("the name %s is there twice (letter case does not count)", quote(name))
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
	var s scanner
	s.begin(body, 0, limits)
	if err := s.any(); err != nil {
		return Value{}, err
	}
	if err := s.end(); err != nil {
		return Value{}, err
	}
	return Trusted(body), nil
}
