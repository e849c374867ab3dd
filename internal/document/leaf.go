package document

import (
	"encoding/base64"
	"net/url"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/internal/quirk"
)

// simple reads and checks one value of a simple attribute.
func (p *parser) simple(a *model.Attr) (Node, *Error) {
	start := p.pos
	c := p.peek()
	if c == '{' || c == '[' {
		return NoNode, invalid(a.Path, "%s is expected, not %s", expected(a.Kind), kindName(kindOf(c)))
	}
	start = p.pos
	escaped, err := p.leaf()
	if err != nil {
		return NoNode, err
	}
	v := Value{p.src[start:p.pos]}
	if v.Kind() == String {
		return p.text(a, v, start, escaped)
	}
	if err := p.checkBare(a, v); err != nil {
		return NoNode, err
	}
	return p.t.add(node{id: a.ID, kind: v.Kind(), start: uint32(start), end: uint32(p.pos)}), nil
}

// checkBare checks a number or a boolean.
func (p *parser) checkBare(a *model.Attr, v Value) *Error {
	k := v.Kind()
	switch a.Kind {
	case model.Boolean:
		if k == True || k == False {
			return nil
		}
	case model.Integer:
		if k == Number {
			if _, err := strconv.ParseInt(string(v.raw), 10, 64); err != nil {
				return invalid(a.Path, "an integer of at most 64 bits without fraction or exponent is expected")
			}
			return nil
		}
	case model.Decimal:
		if k == Number {
			return nil
		}
	}
	return invalid(a.Path, "%s is expected, not %s", expected(a.Kind), kindName(k))
}

func expected(k model.Kind) string {
	switch k {
	case model.Boolean:
		return "true or false"
	case model.Integer, model.Decimal:
		return "a number"
	}
	return "a string"
}

// text checks a JSON string for attribute a and makes its leaf.
func (p *parser) text(a *model.Attr, v Value, start int, escaped bool) (Node, *Error) {
	var buf [128]byte
	s := v.Bytes(buf[:])
	if a.Kind == model.Boolean {
		return p.quotedBool(a, s)
	}
	if len(s) == 0 {
		if clear, err := p.emptyString(a); clear || err != nil {
			return NoNode, err
		}
	} else if err := p.checkText(a, s); err != nil {
		return NoNode, err
	}
	if escaped {
		return p.t.NewString(a.ID, string(s)), nil
	}
	return p.t.add(node{id: a.ID, kind: String, start: uint32(start), end: uint32(p.pos)}), nil
}

// quotedBool takes "True" for true (quirk StringBoolean).
func (p *parser) quotedBool(a *model.Attr, s []byte) (Node, *Error) {
	switch {
	case !p.o.Log.Allows(quirk.StringBoolean):
	case len(s) == 0:
		if clear, err := p.emptyString(a); clear || err != nil {
			return NoNode, err
		}
	case equalFold(s, []byte("true")):
		p.o.Log.Try(quirk.StringBoolean)
		return p.t.NewBool(a.ID, true), nil
	case equalFold(s, []byte("false")):
		p.o.Log.Try(quirk.StringBoolean)
		return p.t.NewBool(a.ID, false), nil
	}
	return NoNode, invalid(a.Path, "true or false is expected, not a string")
}

// emptyString tells whether "" means unassigned here.
func (p *parser) emptyString(a *model.Attr) (clear bool, err *Error) {
	if p.o.Trusted {
		return false, nil
	}
	parent := &p.t.T.Attrs[a.Parent]
	if a.ID == parent.Value && parent.ResourceRef && !parent.Multi && p.o.Log.Try(quirk.ReferenceEmpty) {
		p.cleared = true
		return true, nil
	}
	if a.Required && a.Parent == model.Root {
		return false, invalid(a.Path, "the attribute is required and must not be empty")
	}
	if p.o.Log.Try(quirk.EmptyString) {
		p.cleared = true
		return true, nil
	}
	if a.Kind != model.String {
		return false, invalid(a.Path, "%s must not be empty", a.Kind)
	}
	return false, nil
}

func (p *parser) checkText(a *model.Attr, s []byte) *Error {
	max := p.limits.String
	if a.Kind == model.Binary || a.Kind == model.Reference {
		max = p.limits.LongString
	}
	if max > 0 && len(s) > max {
		return invalid(a.Path, "the value is longer than the limit of %d bytes", max)
	}
	if p.o.Trusted {
		return nil
	}
	switch a.Kind {
	case model.String:
		return p.checkLabel(a, s)
	case model.DateTime:
		if _, ok := ParseTime(s); !ok {
			return invalid(a.Path, "a dateTime such as 2011-05-13T04:42:34Z is expected")
		}
		return nil
	case model.Binary:
		return checkBinary(a, s)
	case model.Reference:
		return checkReference(a, s)
	}
	return invalid(a.Path, "%s is expected, not a string", expected(a.Kind))
}

// checkLabel applies the limits in runes of the attributes that identify.
func (p *parser) checkLabel(a *model.Attr, s []byte) *Error {
	if a.Parent != model.Root {
		return nil
	}
	max := 0
	switch a.Name {
	case "userName":
		max = p.limits.UserName
	case "externalId", "displayName":
		max = p.limits.Label
	}
	if max > 0 && len(s) > max && utf8.RuneCount(s) > max {
		return invalid(a.Path, "the value is longer than the limit of %d characters", max)
	}
	return nil
}

// checkBinary checks base64 (RFC 7643 section 2.3.6); padding may be missing.
func checkBinary(a *model.Attr, s []byte) *Error {
	for len(s) > 0 && s[len(s)-1] == '=' {
		s = s[:len(s)-1]
	}
	dst := make([]byte, base64.RawStdEncoding.DecodedLen(len(s)))
	if _, err := base64.RawStdEncoding.Decode(dst, s); err != nil {
		return invalid(a.Path, "base64 (RFC 4648 section 4) is expected")
	}
	return nil
}

// checkReference checks that s is a URI or a relative reference.
func checkReference(a *model.Attr, s []byte) *Error {
	for _, c := range s {
		if c <= ' ' || c == 0x7f || c == '"' || c == '<' || c == '>' || c == '\\' || c == '^' || c == '`' || c == '{' || c == '|' || c == '}' {
			return invalid(a.Path, "a URI is expected; %q is not allowed in one", rune(c))
		}
	}
	if _, err := url.Parse(string(s)); err != nil {
		return invalid(a.Path, "a URI is expected")
	}
	return nil
}

// ParseTime reads an xsd:dateTime: RFC 3339, with any number of fraction
// digits; the time zone may be missing and then is UTC; 24:00:00 is the end of
// the day.
func ParseTime(s []byte) (time.Time, bool) {
	const dateTime = len("2006-01-02T15:04:05")
	if len(s) < dateTime || s[10] != 'T' {
		return time.Time{}, false
	}
	zone := dateTime
	if zone < len(s) && s[zone] == '.' {
		for zone++; zone < len(s) && '0' <= s[zone] && s[zone] <= '9'; zone++ {
		}
		if zone == dateTime+1 {
			return time.Time{}, false
		}
	}
	text := string(s)
	if zone == len(s) {
		text += "Z"
	}
	endOfDay := text[11:dateTime] == "24:00:00"
	if endOfDay {
		text = text[:11] + "00" + text[13:]
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return time.Time{}, false
	}
	if endOfDay {
		t = t.AddDate(0, 0, 1)
	}
	return t, true
}
