package filter

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/internal/quirk"
)

// scanner reads one text.
type scanner struct {
	src    string
	pos    int
	depth  int
	terms  int
	path   bool // a PATCH path, not a filter
	inside bool // between brackets
	limits Limits
	log    *quirk.Log
}

func (s *scanner) fail(at int, format string, args ...any) error {
	return &SyntaxError{at, fmt.Sprintf(format, args...)}
}

// peek gives the next byte, 0 at the end.
func (s *scanner) peek() byte {
	if s.pos < len(s.src) {
		return s.src[s.pos]
	}
	return 0
}

// blanks moves over blanks and tells whether there was one.
func (s *scanner) blanks() bool {
	start := s.pos
	for s.pos < len(s.src) && s.src[s.pos] == ' ' {
		s.pos++
	}
	return s.pos > start
}

// enter moves over an opening parenthesis or bracket.
func (s *scanner) enter() error {
	if s.depth++; s.depth > s.limits.Depth {
		return s.fail(s.pos, "the filter is nested deeper than the limit of %d", s.limits.Depth)
	}
	s.pos++
	return nil
}

// leave moves over a closing parenthesis or bracket.
func (s *scanner) leave() {
	s.depth--
	s.pos++
}

func (s *scanner) foldedPrefix(word string) bool {
	return len(s.src)-s.pos >= len(word) && model.EqualFold(s.src[s.pos:s.pos+len(word)], word)
}

// word moves over "and" or "or" with the blanks around it, if it is next.
func (s *scanner) word(w string) bool {
	start := s.pos
	if s.blanks() && s.foldedPrefix(w) {
		s.pos += len(w)
		if s.blanks() {
			return true
		}
	}
	s.pos = start
	return false
}

// ends tells whether c cannot be part of a name or a bare word.
func ends(c byte) bool {
	switch c {
	case ' ', '(', ')', '[', ']', '"':
		return true
	}
	return false
}

// token shows what comes next, for a message.
func (s *scanner) token() string {
	end := s.pos
	for end < len(s.src) && !ends(s.src[end]) {
		end++
	}
	return fmt.Sprintf("%q", s.clip(s.pos, max(end, s.pos+1)))
}

// clip is a piece of the text that is short enough for a message.
func (s *scanner) clip(start, end int) string {
	const most = 40
	end = min(end, len(s.src))
	if end-start <= most {
		return s.src[start:end]
	}
	return strings.ToValidUTF8(s.src[start:start+most], "") + "…"
}

// trailing says what is wrong with text that follows a complete filter.
func (s *scanner) trailing() error {
	switch c := s.peek(); {
	case c == ')':
		return s.fail(s.pos, "the parenthesis was never opened")
	case c == ']':
		return s.fail(s.pos, "the bracket was never opened")
	case s.foldedPrefix("and") || s.foldedPrefix("or"):
		return s.fail(s.pos, "%s must have a blank and an expression behind it", s.token())
	}
	return s.fail(s.pos, "\"and\", \"or\" or the end is expected, not %s", s.token())
}

func (s *scanner) noOperator() error {
	if s.pos == len(s.src) {
		return s.fail(s.pos, "an operator is expected behind the attribute")
	}
	return s.fail(s.pos, "a blank and an operator are expected, not %s", s.token())
}

// operator reads an operator, in any letter case.
func (s *scanner) operator(attr AttrPath) (Op, error) {
	start := s.pos
	for s.pos < len(s.src) && !ends(s.src[s.pos]) {
		s.pos++
	}
	word := s.src[start:s.pos]
	if len(word) == 2 {
		two := [2]byte{word[0] | 0x20, word[1] | 0x20}
		for op, name := range opNames {
			if name[0] == two[0] && name[1] == two[1] {
				return Op(op), nil
			}
		}
	}
	s.pos = start
	switch {
	case start == len(s.src):
		return 0, s.noOperator()
	case model.EqualFold(attr.Name, "not"):
		return 0, s.fail(start, "\"not\" must be followed by a filter in parentheses")
	case word == "":
		return 0, s.fail(start, "an operator is expected, not %s", s.token())
	}
	return 0, s.fail(start, "operator %q is not supported; the operators are eq, ne, co, sw, ew, pr, gt, ge, lt, le", s.clip(start, start+len(word)))
}

// index tells whether an array index is next, such as [0].
func (s *scanner) index() bool {
	p := s.pos + 1
	for p < len(s.src) && '0' <= s.src[p] && s.src[p] <= '9' {
		p++
	}
	return p > s.pos+1 && p < len(s.src) && s.src[p] == ']'
}

// value reads what an attribute is compared with.
func (s *scanner) value(op Op) (Value, error) {
	if !s.blanks() {
		return Value{}, s.noValue(op)
	}
	if s.peek() == '"' {
		text, err := s.str()
		if err == nil {
			err = s.behindValue()
		}
		return Value{String, text}, err
	}
	start := s.pos
	for s.pos < len(s.src) && !ends(s.src[s.pos]) {
		s.pos++
	}
	switch word := s.src[start:s.pos]; {
	case word == "":
		return Value{}, s.noValue(op)
	case len(word) > s.limits.Literal:
		return Value{}, s.tooLong(start)
	case word == "null":
		return Value{Null, word}, s.behindValue()
	case word == "true" || word == "false":
		return Value{Bool, word}, s.behindValue()
	case isNumber(word):
		return Value{Number, word}, s.behindValue()
	}
	return s.bare(start)
}

func (s *scanner) noValue(op Op) error {
	if s.pos == len(s.src) {
		return s.fail(s.pos, "a value is expected behind %q", op)
	}
	return s.fail(s.pos, "a blank and a value are expected behind %q, not %s", op, s.token())
}

func (s *scanner) tooLong(at int) error {
	return s.fail(at, "a value is longer than the limit of %d bytes", s.limits.Literal)
}

func (s *scanner) behindValue() error {
	switch s.peek() {
	case 0, ' ', ')', ']':
		return nil
	}
	return s.fail(s.pos, "a blank is expected behind a value, not %s", s.token())
}

// bare takes the word that began at start for a string (quirk BareValue), or
// all words up to and, or, a closing bracket or the end (quirk BareWords).
func (s *scanner) bare(start int) (Value, error) {
	word := s.src[start:s.pos]
	quoted := s.fail(start, "%q is no value; strings are written in double quotes", s.clip(start, s.pos))
	if word[0] == '\'' || !s.log.Allows(quirk.BareValue) || !plain(word) {
		return Value{}, quoted
	}
	for s.log.Allows(quirk.BareWords) && s.nextIsWord() {
		s.blanks()
		for s.pos < len(s.src) && !ends(s.src[s.pos]) {
			s.pos++
		}
		s.log.Try(quirk.BareWords)
	}
	word = s.src[start:s.pos]
	if len(word) > s.limits.Literal {
		return Value{}, s.tooLong(start)
	}
	if !plain(word) {
		return Value{}, quoted
	}
	s.log.Try(quirk.BareValue)
	return Value{Bare, word}, s.behindValue()
}

// nextIsWord tells whether blanks and a word follow that is not "and" or "or".
func (s *scanner) nextIsWord() bool {
	start := s.pos
	defer func() { s.pos = start }()
	if s.word("and") || s.word("or") || !s.blanks() {
		return false
	}
	return s.pos < len(s.src) && !ends(s.src[s.pos])
}

// plain tells whether a bare word is text without controls.
func plain(word string) bool {
	for i := 0; i < len(word); i++ {
		if word[i] < ' ' || word[i] == 0x7f {
			return false
		}
	}
	return utf8.ValidString(word)
}

// isNumber tells whether word is a JSON number (RFC 8259 section 6).
func isNumber(word string) bool {
	digits := func() bool {
		n := 0
		for n < len(word) && '0' <= word[n] && word[n] <= '9' {
			n++
		}
		word = word[n:]
		return n > 0
	}
	word = strings.TrimPrefix(word, "-")
	if strings.HasPrefix(word, "0") {
		word = word[1:]
	} else if !digits() {
		return false
	}
	if strings.HasPrefix(word, ".") {
		if word = word[1:]; !digits() {
			return false
		}
	}
	if word != "" && word[0]|0x20 == 'e' {
		word = word[1:]
		if word != "" && (word[0] == '+' || word[0] == '-') {
			word = word[1:]
		}
		if !digits() {
			return false
		}
	}
	return word == ""
}
