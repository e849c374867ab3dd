package filter

import (
	"strings"

	"github.com/scimkit/scimkit/internal/document"
)

// Op is an attribute operator (RFC 7644 section 3.4.2.2, table 3).
type Op uint8

// The operators.
const (
	Eq Op = iota // equal
	Ne           // not equal
	Co           // contains
	Sw           // starts with
	Ew           // ends with
	Pr           // present: has a value
	Gt           // greater than
	Ge           // greater than or equal to
	Lt           // less than
	Le           // less than or equal to
)

var opNames = [...]string{Eq: "eq", Ne: "ne", Co: "co", Sw: "sw", Ew: "ew", Pr: "pr", Gt: "gt", Ge: "ge", Lt: "lt", Le: "le"}

// String gives the operator as filters write it.
func (o Op) String() string {
	if int(o) < len(opNames) {
		return opNames[o]
	}
	return "?"
}

// Expr is a filter as it was written: *And, *Or, *Not, *Compare or *ValuePath.
// Its String method prints it in canonical form, which parses to the same
// expression.
type Expr interface {
	String() string
	// appendTo prints the expression. inside is the operator around it, which
	// decides whether parentheses are needed.
	appendTo(dst []byte, inside logic) []byte
}

type logic uint8

const (
	nothing logic = iota
	conjunction
	disjunction
)

// And holds when all terms do (RFC 7644 section 3.4.2.2, table 4).
type And struct{ Terms []Expr }

// Or holds when any term does.
type Or struct{ Terms []Expr }

// Not holds when X does not.
type Not struct{ X Expr }

// Compare is one attribute expression. Value is unused when Op is Pr.
type Compare struct {
	Attr  AttrPath
	Op    Op
	Value Value
}

// ValuePath is a filter on the elements of a multi-valued attribute, such as
// emails[type eq "work" and value co "@example.com"]: it holds when one
// element meets all of Filter.
type ValuePath struct {
	Attr   AttrPath
	Filter Expr
}

// AttrPath is an attribute as it was written (RFC 7644 section 3.10).
type AttrPath struct {
	URN  string // schema URI, "" if none is given
	Name string
	Sub  string // sub-attribute, "" if none is given
}

// Kind is the kind of a Value.
type Kind uint8

// The kinds of values that a filter compares with.
const (
	Null   Kind = iota
	Bool        // Text is "true" or "false"
	Number      // Text is the number as it was written
	String      // Text is the content of the string
	Bare        // Text is a word without quotes, which only some parsers take
)

// Value is the literal that an attribute is compared with: a JSON string,
// number, boolean or null.
type Value struct {
	Kind Kind
	Text string
}

// Path is the target of a PATCH operation (RFC 7644 section 3.5.2, figure 7):
// an attribute, or the elements of a multi-valued attribute that Filter
// selects, or the sub-attribute Sub of those. The URN of a schema alone is a
// Path, too; its last part may stand in Attr.Name, since only the resource
// type can tell.
type Path struct {
	Attr   AttrPath
	Filter Expr   // nil if there is none
	Sub    string // behind the filter
}

// String prints the expression in canonical form.
func (e *And) String() string { return string(e.appendTo(nil, nothing)) }

// String prints the expression in canonical form.
func (e *Or) String() string { return string(e.appendTo(nil, nothing)) }

// String prints the expression in canonical form.
func (e *Not) String() string { return string(e.appendTo(nil, nothing)) }

// String prints the expression in canonical form.
func (e *Compare) String() string { return string(e.appendTo(nil, nothing)) }

// String prints the expression in canonical form.
func (e *ValuePath) String() string { return string(e.appendTo(nil, nothing)) }

func (e *And) appendTo(dst []byte, inside logic) []byte {
	return appendTerms(dst, e.Terms, " and ", conjunction, inside)
}

func (e *Or) appendTo(dst []byte, inside logic) []byte {
	return appendTerms(dst, e.Terms, " or ", disjunction, inside)
}

func appendTerms(dst []byte, terms []Expr, word string, own, inside logic) []byte {
	// An or inside an and is the only case in which the precedence is wrong.
	parens := own == disjunction && inside == conjunction
	if parens {
		dst = append(dst, '(')
	}
	for i, t := range terms {
		if i > 0 {
			dst = append(dst, word...)
		}
		dst = t.appendTo(dst, own)
	}
	if parens {
		dst = append(dst, ')')
	}
	return dst
}

func (e *Not) appendTo(dst []byte, _ logic) []byte {
	dst = append(dst, "not ("...)
	dst = e.X.appendTo(dst, nothing)
	return append(dst, ')')
}

func (e *Compare) appendTo(dst []byte, _ logic) []byte {
	dst = e.Attr.appendTo(dst)
	dst = append(dst, ' ')
	dst = append(dst, e.Op.String()...)
	if e.Op == Pr {
		return dst
	}
	dst = append(dst, ' ')
	return e.Value.appendTo(dst)
}

func (e *ValuePath) appendTo(dst []byte, _ logic) []byte {
	dst = e.Attr.appendTo(dst)
	dst = append(dst, '[')
	dst = e.Filter.appendTo(dst, nothing)
	return append(dst, ']')
}

// String prints the path as it was written.
func (p AttrPath) String() string {
	if p.URN == "" && p.Sub == "" {
		return p.Name
	}
	return string(p.appendTo(nil))
}

func (p AttrPath) appendTo(dst []byte) []byte {
	dst = append(dst, p.URN...)
	if p.URN != "" && p.Name != "" {
		dst = append(dst, ':')
	}
	dst = append(dst, p.Name...)
	if p.Sub != "" {
		dst = append(dst, '.')
		dst = append(dst, p.Sub...)
	}
	return dst
}

// String prints the literal as JSON.
func (v Value) String() string { return string(v.appendTo(nil)) }

func (v Value) appendTo(dst []byte) []byte {
	switch v.Kind {
	case Null:
		return append(dst, "null"...)
	case String, Bare:
		return document.AppendString(dst, v.Text)
	}
	return append(dst, v.Text...)
}

// String prints the path in canonical form.
func (p Path) String() string {
	if p.Filter == nil {
		return p.Attr.String()
	}
	var b strings.Builder
	b.WriteString((&ValuePath{p.Attr, p.Filter}).String())
	if p.Sub != "" {
		b.WriteString("." + p.Sub)
	}
	return b.String()
}
