package filter

import (
	"net/url"
	"strings"

	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/internal/quirk"
)

// operand checks that operator and value fit attribute a (RFC 7644 section
// 3.4.2.2) and gives the value the kind of the attribute.
func (b *binder) operand(c *Compare, a *model.Attr) error {
	if c.Op == Pr {
		c.Value = Value{}
		return nil
	}
	if int(c.Op) >= len(opNames) {
		return bindErrorf(c.Attr.String(), "the operator is not supported")
	}
	if c.Value.Kind == Null {
		if c.Op != Eq && c.Op != Ne {
			return bindErrorf(c.Attr.String(), "%q does not compare with null; eq null finds what is unassigned", c.Op)
		}
		c.Value = Value{}
		return nil
	}
	if !fits(c.Op, a.Kind) {
		return bindErrorf(c.Attr.String(), "%q does not apply to an attribute of type %s", c.Op, a.Kind)
	}
	switch a.Kind {
	case model.String, model.Reference, model.Binary:
		return b.text(c, a)
	case model.DateTime:
		return b.dateTime(c)
	case model.Boolean:
		return b.boolean(c)
	}
	if c.Value.Kind != Number {
		return b.mismatch(c, a)
	}
	return nil
}

// fits tells whether op applies to values of kind k.
func fits(op Op, k model.Kind) bool {
	switch op {
	case Co, Sw, Ew:
		return k == model.String || k == model.Reference || k == model.Binary
	case Gt, Ge, Lt, Le:
		return k != model.Boolean && k != model.Binary && k != model.Complex
	}
	return k != model.Complex
}

func (b *binder) mismatch(c *Compare, a *model.Attr) error {
	want := map[model.Kind]string{
		model.Boolean: "true or false", model.Decimal: "a number", model.Integer: "a number",
		model.DateTime: "a dateTime such as \"2011-05-13T04:42:34Z\"",
	}[a.Kind]
	if want == "" {
		want = "a string in double quotes"
	}
	return bindErrorf(c.Attr.String(), "the attribute has the type %s; it compares with %s, not with %s", a.Kind, want, c.Value)
}

func (b *binder) text(c *Compare, a *model.Attr) error {
	switch {
	case c.Value.Kind == String:
	case c.Value.Kind == Bare && a.Kind != model.Binary: // the parser has noted it
	case c.Value.Kind != Bare && a.Kind == model.String && b.log.Try(quirk.BareValue):
		// employeeNumber eq 701984
	default:
		return b.mismatch(c, a)
	}
	c.Value.Kind = String
	return nil
}

func (b *binder) dateTime(c *Compare) error {
	if c.Value.Kind == String || c.Value.Kind == Bare {
		if _, ok := parseInstant([]byte(c.Value.Text)); ok {
			c.Value.Kind = String
			return nil
		}
	}
	return b.mismatch(c, &model.Attr{Kind: model.DateTime})
}

func (b *binder) boolean(c *Compare) error {
	if c.Value.Kind == Bool {
		return nil
	}
	if c.Value.Kind == String || c.Value.Kind == Bare {
		for _, text := range []string{"true", "false"} {
			if model.EqualFold(c.Value.Text, text) && b.log.Try(quirk.QuotedBoolean) {
				c.Value = Value{Bool, text}
				return nil
			}
		}
	}
	return b.mismatch(c, &model.Attr{Kind: model.Boolean})
}

// lastSegment makes of a comparison with a resource's URI the comparison with
// its id. URIs that differ in base or version name the same resource (RFC 7643
// section 2.4).
func (b *binder) lastSegment(c *Compare) error {
	if c.Op == Pr || c.Value.Kind == Null {
		return nil
	}
	if c.Op != Eq && c.Op != Ne {
		return bindErrorf(c.Attr.String(), "%q does not apply to the computed URI of a resource; compare its id", c.Op)
	}
	i := strings.LastIndexByte(c.Value.Text, '/')
	id, err := url.PathUnescape(c.Value.Text[i+1:])
	if c.Value.Kind != String && c.Value.Kind != Bare || i < 0 || id == "" || err != nil {
		return bindErrorf(c.Attr.String(), "the URI of a resource is expected, not %s", c.Value)
	}
	c.Value.Text = id
	return nil
}
