package filter

import (
	"slices"
	"strconv"

	"golang.org/x/text/unicode/norm"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/identity"
	"github.com/scimkit/scimkit/internal/model"
)

// KeyOf gives the comparison key of one value of attribute a: text that stands
// to other keys of a, byte by byte, as the values stand to each other in a
// filter. It is for the packages of this module, which keep keys in databases.
//
//   - strings that are not caseExact: the PRECIS key
//   - caseExact strings: NFC
//   - references and binary values: as they are
//   - booleans: true or false
//   - numbers: 0, 1 or 2 for negative, zero and positive; the decimal exponent,
//     raised by 2^63, as 16 hexadecimal digits; the digits. Those of negative
//     numbers count down, and end in ~
//   - dateTimes: the seconds since 0000-03-01T00:00:00Z, raised by 4·10^16, as
//     17 digits; a point and the fraction, if there is one
//
// ok is false for a value of another type than the schema says.
func KeyOf(a *model.Attr, v document.Value) (key string, ok bool) {
	c, kind := classOf(a), v.Kind()
	switch {
	case a.Kind == model.Complex:
		return "", false
	case c == boolean:
		ok = kind == document.True || kind == document.False
	case c == number:
		ok = kind == document.Number
	default:
		ok = kind == document.String
	}
	if !ok {
		return "", false
	}
	return textKey(c, v.Bytes(nil))
}

// LiteralKey is KeyOf for the text of a filter's literal, which Bind has found
// to fit attribute a.
func LiteralKey(a *model.Attr, text string) (key string, ok bool) {
	if a.Kind == model.Complex {
		return "", false
	}
	return textKey(classOf(a), []byte(text))
}

func textKey(c class, text []byte) (string, bool) {
	switch c {
	case folded:
		return identity.Key(string(text)), true
	case exact:
		return string(norm.NFC.Bytes(text)), true
	case number:
		d, ok := parseDecimal(text)
		if !ok {
			return "", false
		}
		return d.key(), true
	case moment:
		at, ok := parseInstant(text)
		if !ok {
			return "", false
		}
		return at.key(), true
	case boolean:
		return string(text), string(text) == "true" || string(text) == "false"
	}
	return string(text), true
}

func (d *decimal) key() string {
	sign := d.sign()
	if sign == 0 {
		return "1"
	}
	scale := uint64(d.scale) ^ 1<<63
	if sign < 0 {
		scale = ^scale
	}
	hex := strconv.FormatUint(scale, 16)
	key := append(make([]byte, 0, 18+len(d.whole)+len(d.fraction)), byte('1'+sign))
	for range 16 - len(hex) {
		key = append(key, '0')
	}
	key = append(key, hex...)
	digits := len(key)
	key = append(append(key, d.whole...), d.fraction...)
	if sign < 0 {
		for i := digits; i < len(key); i++ {
			key[i] = '0' + '9' - key[i]
		}
		key = append(key, '~')
	}
	return string(key)
}

// keyOffset makes the seconds of all years up to nine digits positive, and
// numbers of 17 digits.
const keyOffset = 4e16

func (at *instant) key() string {
	key := strconv.AppendInt(nil, at.second+keyOffset, 10)
	for len(key) < 17 {
		key = slices.Insert(key, 0, '0')
	}
	if len(at.fraction) > 0 {
		key = append(append(key, '.'), at.fraction...)
	}
	return string(key)
}

// Keys gives the comparison keys of a resource: a JSON document of the same
// shape in which every value is a string, its key. Multi-valued attributes are
// arrays. Left out are the attributes in omit, what no filter can look at
// (attributes that are never returned, and $ref where it follows from value),
// and values of another type than the schema says. It is for the packages of
// this module.
func Keys(d *document.Doc, omit ...model.ID) []byte {
	w := keyWriter{d.Type(), omit}
	return w.object(nil, document.Trusted(d.Bytes()), model.Root)
}

type keyWriter struct {
	t    *model.Type
	omit []model.ID
}

// object writes the members of v, the value of attribute id. An object without
// members that have keys stays, for it is a value, too.
func (w *keyWriter) object(dst []byte, v document.Value, id model.ID) []byte {
	dst = append(dst, '{')
	start := len(dst)
	for it := v.Fields(w.t, id); ; {
		id, member, ok := it.Next()
		if !ok {
			return append(dst, '}')
		}
		if id == model.None || w.left(w.t.Attr(id)) {
			continue
		}
		a, undo := w.t.Attr(id), len(dst)
		if len(dst) > start {
			dst = append(dst, ',')
		}
		dst = append(dst, a.Key...)
		if dst, ok = w.member(dst, member, a); !ok {
			dst = dst[:undo]
		}
	}
}

func (w *keyWriter) left(a *model.Attr) bool {
	parent := w.t.Attr(a.Parent)
	return a.Returned == model.Never || a.Mutability == model.WriteOnly ||
		parent.ResourceRef && parent.Ref == a.ID || slices.Contains(w.omit, a.ID)
}

func (w *keyWriter) member(dst []byte, v document.Value, a *model.Attr) ([]byte, bool) {
	if !a.Multi {
		return w.value(dst, v, a)
	}
	dst = append(dst, '[')
	start := len(dst)
	for it := v.Iter(); ; {
		element, more := it.Next()
		if !more {
			return append(dst, ']'), len(dst) > start
		}
		undo := len(dst)
		if len(dst) > start {
			dst = append(dst, ',')
		}
		var ok bool
		if dst, ok = w.value(dst, element, a); !ok {
			dst = dst[:undo]
		}
	}
}

func (w *keyWriter) value(dst []byte, v document.Value, a *model.Attr) ([]byte, bool) {
	if a.Kind == model.Complex {
		if v.Kind() != document.Object || len(v.Raw()) <= len("{}") {
			return dst, false
		}
		return w.object(dst, v, a.ID), true
	}
	key, ok := KeyOf(a, v)
	if !ok {
		return dst, false
	}
	return document.AppendString(dst, key), true
}
