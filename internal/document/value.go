package document

import (
	"bytes"
	"unicode/utf8"

	"github.com/scimkit/scimkit/internal/model"
)

// Kind is the kind of a JSON value.
type Kind uint8

// The kinds of JSON values.
const (
	Invalid Kind = iota
	Null
	False
	True
	Number
	String
	Object
	Array
)

// A Value is a view of one JSON value in text that has been checked before.
// Looking at it allocates nothing. The zero Value is no value at all.
type Value struct{ raw []byte }

// Trusted makes a Value of text that is known to be one valid JSON value.
func Trusted(raw []byte) Value { return Value{trim(raw)} }

func trim(b []byte) []byte {
	for len(b) > 0 && b[0] <= ' ' {
		b = b[1:]
	}
	for len(b) > 0 && b[len(b)-1] <= ' ' {
		b = b[:len(b)-1]
	}
	return b
}

// IsZero tells whether v is no value at all.
func (v Value) IsZero() bool { return len(v.raw) == 0 }

// Raw is the text of v. It must not be changed.
func (v Value) Raw() []byte { return v.raw }

// Kind tells what v is.
func (v Value) Kind() Kind {
	if len(v.raw) == 0 {
		return Invalid
	}
	return kindOf(v.raw[0])
}

func kindOf(c byte) Kind {
	switch c {
	case '{':
		return Object
	case '[':
		return Array
	case '"':
		return String
	case 't':
		return True
	case 'f':
		return False
	case 'n':
		return Null
	}
	return Number
}

// Bool tells whether v is true.
func (v Value) Bool() bool { return v.Kind() == True }

// Bytes gives the content of a string, the text of anything else. Where the
// string has no escapes, that is a part of the document; otherwise it is
// written to buf.
func (v Value) Bytes(buf []byte) []byte {
	if v.Kind() != String {
		return v.raw
	}
	in := v.raw[1 : len(v.raw)-1]
	if bytes.IndexByte(in, '\\') < 0 {
		return in
	}
	return unescape(buf[:0], in)
}

// String is Bytes as a string.
func (v Value) String() string { return string(v.Bytes(nil)) }

// Iter walks the elements of an array.
type Iter struct {
	raw []byte
	pos int
}

// Iter gives the elements of v, none if v is not an array.
func (v Value) Iter() Iter {
	if v.Kind() != Array {
		return Iter{}
	}
	return Iter{v.raw, 1}
}

// Next gives the next element.
func (it *Iter) Next() (Value, bool) {
	p, ok := nextItem(it.raw, it.pos)
	if !ok {
		return Value{}, false
	}
	end := skip(it.raw, p)
	it.pos = end
	return Value{it.raw[p:end]}, true
}

// nextItem moves over white space and a comma to the next element or member.
func nextItem(raw []byte, p int) (int, bool) {
	for p < len(raw) {
		switch c := raw[p]; {
		case c == ',' || c <= ' ':
			p++
		case c == ']' || c == '}':
			return p, false
		default:
			return p, true
		}
	}
	return p, false
}

// MemberIter walks the members of an object.
type MemberIter struct {
	raw []byte
	pos int
}

// Members gives the members of v, none if v is not an object.
func (v Value) Members() MemberIter {
	if v.Kind() != Object {
		return MemberIter{}
	}
	return MemberIter{v.raw, 1}
}

// Next gives the next member; the key is a JSON string.
func (it *MemberIter) Next() (key, value Value, ok bool) {
	p, ok := nextItem(it.raw, it.pos)
	if !ok {
		return Value{}, Value{}, false
	}
	end := skipString(it.raw, p)
	key = Value{it.raw[p:end]}
	p = colon(it.raw, end)
	end = skip(it.raw, p)
	it.pos = end
	return key, Value{it.raw[p:end]}, true
}

func colon(raw []byte, p int) int {
	for raw[p] != ':' {
		p++
	}
	p++
	for raw[p] <= ' ' {
		p++
	}
	return p
}

// Member gives the member for attribute a of an object in canonical form.
func (v Value) Member(a *model.Attr) (Value, bool) {
	if v.Kind() != Object {
		return Value{}, false
	}
	return member(v.raw, a.Key)
}

// member finds `"name":` at the top level of a canonical object.
func member(raw []byte, key string) (Value, bool) {
	p := 1
	for p < len(raw) && raw[p] == '"' {
		if len(raw)-p > len(key) && string(raw[p:p+len(key)]) == key {
			p += len(key)
			return Value{raw[p:skip(raw, p)]}, true
		}
		p = skip(raw, skipString(raw, p)+1)
		if p < len(raw) && raw[p] == ',' {
			p++
		}
	}
	return Value{}, false
}

// skip gives the position behind the value that begins at p.
func skip(raw []byte, p int) int {
	switch raw[p] {
	case '"':
		return skipString(raw, p)
	case '{', '[':
		return skipNested(raw, p)
	}
	for p < len(raw) {
		switch c := raw[p]; {
		case c == ',' || c == '}' || c == ']' || c <= ' ':
			return p
		}
		p++
	}
	return p
}

func skipNested(raw []byte, p int) int {
	depth := 0
	for p < len(raw) {
		switch raw[p] {
		case '"':
			p = skipString(raw, p)
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return p + 1
			}
		}
		p++
	}
	return p
}

func skipString(raw []byte, p int) int {
	p++
	for {
		i := bytes.IndexByte(raw[p:], '"')
		if i < 0 {
			return len(raw)
		}
		n := 0
		for j := p + i - 1; j >= p && raw[j] == '\\'; j-- {
			n++
		}
		p += i + 1
		if n%2 == 0 {
			return p
		}
	}
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
func AppendString[T string | []byte](dst []byte, s T) []byte {
	dst = append(dst, '"')
	last := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[last:i]...)
		last = i + 1
		dst = appendEscape(dst, c)
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
	return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
}
