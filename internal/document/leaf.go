package document

import (
	"strconv"
	"unicode/utf8"

	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/internal/quirk"
)

// simple reads and checks one value of a simple attribute.
func (p *parser) simple(a *model.Attr) (Node, *Error) {
	if err := p.count(); err != nil {
		return NoNode, err
	}
	switch p.peek() {
	case '"':
		return p.text(a)
	case '{', '[':
		return NoNode, p.mismatch(a, expected(a.Kind))
	}
	start := p.pos
	if err := p.bare(); err != nil {
		return NoNode, err
	}
	v := Value{p.src[start:p.pos]}
	if err := checkBare(a, v); err != nil {
		return NoNode, err
	}
	return p.t.addLeaf(a.ID, v.Kind(), start, p.pos), nil
}

// checkBare checks a number or a boolean.
func checkBare(a *model.Attr, v Value) *Error {
	k := v.Kind()
	switch a.Kind {
	case model.Boolean:
		if k == True || k == False {
			return nil
		}
	case model.Integer:
		if k != Number {
			break
		}
		if _, err := strconv.ParseInt(string(v.raw), 10, 64); err != nil {
			return invalid(a.Path, "an integer of at most 64 bits without fraction or exponent is expected")
		}
		return nil
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

func kindName(k Kind) string {
	switch k {
	case Invalid:
		return "nothing"
	case Null:
		return "null"
	case True, False:
		return "a boolean"
	case Number:
		return "a number"
	case String:
		return "a string"
	case Object:
		return "an object"
	}
	return "an array"
}

// text reads a JSON string for attribute a and makes its leaf.
func (p *parser) text(a *model.Attr) (Node, *Error) {
	start := p.pos
	escaped, err := p.str()
	if err != nil {
		return NoNode, err
	}
	end := p.pos
	s := p.src[start+1 : end-1]
	if escaped {
		s = p.decode(s)
	}
	if a.Kind == model.Boolean {
		return p.quotedBool(a, s)
	}
	if len(s) == 0 {
		if unassigned, err := p.emptyString(a); unassigned || err != nil {
			return NoNode, err
		}
	} else if err := p.checkText(a, s); err != nil {
		return NoNode, err
	}
	if escaped {
		start = len(p.t.buf)
		p.t.buf = AppendString(p.t.buf, s)
		end = len(p.t.buf)
	}
	return p.t.addLeaf(a.ID, String, start, end), nil
}

// quotedBool takes "True" for true (quirk StringBoolean).
func (p *parser) quotedBool(a *model.Attr, s []byte) (Node, *Error) {
	yes, no := equalFold(s, "true"), equalFold(s, "false")
	if (yes || no) && p.o.Log.Try(quirk.StringBoolean) {
		return p.t.NewBool(a.ID, yes), nil
	}
	if len(s) == 0 {
		if unassigned, err := p.emptyString(a); unassigned || err != nil {
			return NoNode, err
		}
	}
	return NoNode, invalid(a.Path, "true or false is expected, not a string")
}

// emptyString tells whether "" means unassigned here.
func (p *parser) emptyString(a *model.Attr) (unassigned bool, err *Error) {
	if p.o.Trusted {
		return false, checkString(a)
	}
	parent := &p.t.T.Attrs[a.Parent]
	switch {
	case a.ID == parent.Value && parent.ResourceRef && !parent.Multi && p.o.Log.Try(quirk.ReferenceEmpty),
		(!a.Required || parent.Multi) && p.o.Log.Try(quirk.EmptyString):
		p.cleared = true
		return true, nil
	case a.ID == parent.Value && parent.ResourceRef:
		return false, invalid(a.Path, "the id of a resource must not be empty")
	case a.Required:
		return false, invalid(a.Path, "the attribute is required and must not be empty")
	case a.Kind != model.String:
		return false, invalid(a.Path, "a value of type %s must not be empty", a.Kind)
	}
	return false, nil
}

// checkString checks that attribute a has strings for values.
func checkString(a *model.Attr) *Error {
	switch a.Kind {
	case model.String, model.DateTime, model.Binary, model.Reference:
		return nil
	}
	return invalid(a.Path, "%s is expected, not a string", expected(a.Kind))
}

func (p *parser) checkText(a *model.Attr, s []byte) *Error {
	most := p.limits.String
	if a.Kind == model.Binary || a.Kind == model.Reference {
		most = p.limits.LongString
	}
	if most > 0 && len(s) > most {
		return overLimit(a.Path, "the length of the value in bytes", most)
	}
	if p.o.Trusted {
		return checkString(a)
	}
	switch a.Kind {
	case model.String:
		if a.Parent == model.Root {
			return p.checkLabel(a, s)
		}
	case model.DateTime:
		if _, ok := ParseTime(s); !ok {
			return invalid(a.Path, "a dateTime such as 2011-05-13T04:42:34Z is expected")
		}
	case model.Binary:
		if !isBase64(s) {
			return invalid(a.Path, "base64 (RFC 4648 section 4) is expected")
		}
	case model.Reference:
		if !isReference(s) {
			return invalid(a.Path, "a URI is expected (RFC 3986)")
		}
	default:
		return checkString(a)
	}
	return nil
}

// checkLabel applies the limits in characters of the top-level attributes that
// identify.
func (p *parser) checkLabel(a *model.Attr, s []byte) *Error {
	most := 0
	switch a.Name {
	case "userName":
		most = p.limits.UserName
	case "externalId", "displayName":
		most = p.limits.Label
	}
	if most > 0 && len(s) > most && utf8.RuneCount(s) > most {
		return invalid(a.Path, "the value is longer than the limit of %d characters", most)
	}
	return nil
}
