package document

import (
	"bytes"
	"encoding/binary"
	"math/bits"

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
	end := len(v.raw) - 1
	in := v.raw[1:end:end]
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
	raw   []byte
	start int // of the member that Next gave last
	pos   int // behind it
}

// Members gives the members of v, none if v is not an object.
func (v Value) Members() MemberIter {
	if v.Kind() != Object {
		return MemberIter{}
	}
	return MemberIter{v.raw, 1, 1}
}

// Next gives the next member; the key is a JSON string.
func (it *MemberIter) Next() (key, value Value, ok bool) {
	p, ok := nextItem(it.raw, it.pos)
	if !ok {
		return Value{}, Value{}, false
	}
	it.start = p
	end := skipString(it.raw, p)
	key = Value{it.raw[p:end]}
	p = colon(it.raw, end)
	end = skip(it.raw, p)
	it.pos = end
	return key, Value{it.raw[p:end]}, true
}

// Span tells where in the text of the object the last member begins and ends.
func (it *MemberIter) Span() (start, end int) { return it.start, it.pos }

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
			// What follows is ':', ',' or the end of the object, most often.
			if p = skipString(raw, p); p < len(raw) && raw[p] <= ':' {
				p++
			}
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

// skipString moves behind the string that begins at p, eight bytes at a time.
func skipString(raw []byte, p int) int {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	for p++; p < len(raw); p++ {
		if p+8 <= len(raw) {
			x := binary.LittleEndian.Uint64(raw[p:]) ^ ones*'"'
			found := (x - ones) &^ x & tops
			if found == 0 {
				p += 7
				continue
			}
			p += bits.TrailingZeros64(found) / 8
		}
		if raw[p] == '"' && !escaped(raw, p) {
			return p + 1
		}
	}
	return len(raw)
}

// escaped tells whether an odd number of backslashes stands before p.
func escaped(raw []byte, p int) bool {
	odd := false
	for p--; raw[p] == '\\'; p-- {
		odd = !odd
	}
	return odd
}
