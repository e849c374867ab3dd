package filter

import (
	"bytes"
	"slices"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/identity"
	"github.com/scimkit/scimkit/internal/model"
)

// class is the way in which a test compares.
type class uint8

const (
	present    class = iota
	unassigned       // eq null: verdict turns present round
	folded           // strings that are not caseExact, by their comparison key
	exact            // strings that are caseExact, by NFC
	octets           // references and binary values, as they are
	number
	moment
	boolean
)

// test is operator and value of a comparison, ready to run.
type test struct {
	class  class
	op     Op
	truth  bool
	text   []byte              // comparison key or NFC of a string
	texts  map[string]struct{} // eq with any of these, in place of text
	number decimal
	moment instant
}

func newTest(a *model.Attr, op Op, v Value) test {
	t := test{op: op}
	switch {
	case op == Pr, op == Ne && v.Kind == Null:
		t.class = present
	case v.Kind == Null:
		t.class = unassigned
	default:
		t.class = classOf(a)
		t.set(v.Text)
	}
	return t
}

func classOf(a *model.Attr) class {
	switch a.Kind {
	case model.Boolean:
		return boolean
	case model.Decimal, model.Integer:
		return number
	case model.DateTime:
		return moment
	case model.String:
		if a.CaseExact {
			return exact
		}
		return folded
	}
	return octets
}

func (t *test) set(text string) {
	switch t.class {
	case folded:
		t.text = []byte(identity.Key(text))
	case exact:
		t.text = norm.NFC.Bytes([]byte(text))
	case octets:
		t.text = []byte(text)
	case number:
		t.number, _ = parseDecimal([]byte(text))
	case moment:
		t.moment, _ = parseInstant([]byte(text))
	case boolean:
		t.truth = text == "true"
	}
}

// passes tells whether one value passes. A value of another type than the
// schema says, which only a faulty store can bring, is different from all.
func (t *test) passes(v document.Value) bool {
	kind := v.Kind()
	switch t.class {
	case present, unassigned:
		return isPresent(v, kind)
	case boolean:
		if kind == document.True || kind == document.False {
			return ((kind == document.True) == t.truth) == (t.op == Eq)
		}
	case number:
		if kind == document.Number {
			if d, ok := parseDecimal(v.Raw()); ok {
				return t.op.holds(d.compare(&t.number))
			}
		}
	case moment:
		if kind == document.String {
			if at, ok := parseInstant(inside(v)); ok {
				return t.op.holds(at.compare(&t.moment))
			}
		}
	default:
		if kind == document.String {
			return t.string(v)
		}
	}
	return t.op == Ne
}

// isPresent tells whether v is "non-empty or non-null" (RFC 7644 table 3).
func isPresent(v document.Value, kind document.Kind) bool {
	switch kind {
	case document.String, document.Object, document.Array:
		return len(v.Raw()) > 2
	case document.Invalid, document.Null:
		return false
	}
	return true
}

// holds tells whether op holds for the result of a comparison.
func (o Op) holds(c int) bool {
	switch o {
	case Eq:
		return c == 0
	case Ne:
		return c != 0
	case Gt:
		return c > 0
	case Ge:
		return c >= 0
	case Lt:
		return c < 0
	case Le:
		return c <= 0
	}
	return false
}

// inside is the text between the quotes of a string, escapes as they stand.
func inside(v document.Value) []byte {
	raw := v.Raw()
	if len(raw) < 2 {
		return nil
	}
	return raw[1 : len(raw)-1]
}

func (t *test) string(v document.Value) bool {
	raw := inside(v)
	if t.class != octets && t.texts == nil && (t.op == Eq || t.op == Ne) {
		if equal, sure := t.quick(raw); sure {
			return equal == (t.op == Eq)
		}
	}
	var key [128]byte
	if len(raw) > len(key) || slices.ContainsFunc(raw, special) {
		return t.slow(v)
	}
	if t.class != folded {
		return t.holds(raw)
	}
	return t.holds(identity.AppendKey(key[:0], raw))
}

// slow is string for long values and those with escapes or characters outside
// ASCII.
func (t *test) slow(v document.Value) bool {
	buf := scratches.Get().(*scratch)
	defer scratches.Put(buf)
	b := inside(v)
	if bytes.IndexByte(b, '\\') >= 0 {
		buf.plain = v.Bytes(buf.plain[:0])
		b = buf.plain
	}
	switch t.class {
	case folded:
		buf.key = appendKey(buf.key[:0], b)
		b = buf.key
	case exact:
		if !norm.NFC.IsNormal(b) {
			buf.key = norm.NFC.Append(buf.key[:0], b...)
			b = buf.key
		}
	}
	return t.holds(b)
}

// scratch is memory for values that are not compared as they stand.
type scratch struct{ plain, key []byte }

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// quick compares plain ASCII, which is what most values are, and finds most
// differences without a comparison key. sure is false where it takes more.
func (t *test) quick(raw []byte) (equal, sure bool) {
	for i, c := range raw {
		if special(c) {
			return false, false
		}
		if t.class == folded && 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if i >= len(t.text) || c != t.text[i] {
			// A mark behind c would change c; another ASCII character does not.
			return false, i+1 == len(raw) || !special(raw[i+1])
		}
	}
	return len(raw) == len(t.text), true
}

// special tells whether c may be part of an escape or of a character that is
// not ASCII.
func special(c byte) bool { return c >= utf8.RuneSelf || c == '\\' }

func (t *test) holds(b []byte) bool {
	if t.texts != nil {
		_, ok := t.texts[string(b)]
		return ok
	}
	switch t.op {
	case Co:
		return bytes.Contains(b, t.text)
	case Sw:
		return bytes.HasPrefix(b, t.text)
	case Ew:
		return bytes.HasSuffix(b, t.text)
	}
	return t.op.holds(bytes.Compare(b, t.text))
}
