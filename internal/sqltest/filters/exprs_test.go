package filters

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/schema"
)

// asker makes random filters on gadget.
type asker struct{ *rand.Rand }

// groups are the attributes that can stand before brackets, and what can stand
// in them.
var groups = map[string][]attribute{
	"texts": {{"value", schema.String}}, "ints": {{"value", schema.Integer}}, "name.many": {{"value", schema.String}},
	"parts.many": {{"value", schema.String}}, "looseParts.many": {{"value", schema.String}},
	"schemas": {{"value", schema.String}},
}

var groupNames []string

type attribute struct {
	path string
	kind schema.Type
}

func init() {
	for _, a := range attributes {
		for _, owner := range attributes {
			rest, ok := strings.CutPrefix(a.path, owner.path)
			if ok && len(rest) > 1 && owner.kind == schema.Complex && (rest[0] == '.' || rest[0] == ':') {
				groups[owner.path] = append(groups[owner.path], attribute{rest[1:], a.kind})
			}
		}
	}
	for _, a := range attributes {
		if groups[a.path] != nil {
			groupNames = append(groupNames, a.path)
		}
	}
}

func path(t testing.TB, text string) filter.AttrPath {
	t.Helper()
	p, err := filter.ParsePath(text)
	if err != nil {
		t.Fatal(err)
	}
	if p.Attr.Name == "One" { // a path that ends in a URN; only the type can tell
		p.Attr = filter.AttrPath{URN: text}
	}
	return p.Attr
}

// bound makes a random filter, prints, parses and binds it.
func (a asker) bound(t testing.TB) *filter.Filter {
	t.Helper()
	return bind(t, a.expr(t, 3, ""))
}

func bind(t testing.TB, e filter.Expr) *filter.Filter {
	t.Helper()
	parsed, err := filter.Parse(e.String())
	if err != nil {
		t.Fatalf("%s: %v", e, err)
	}
	f, err := filter.Bind(parsed, gadget)
	if err != nil {
		t.Fatalf("%s: %v", e, err)
	}
	return f
}

// expr makes an expression, inside the brackets of group if that is not "".
func (a asker) expr(t testing.TB, depth int, group string) filter.Expr {
	t.Helper()
	n := a.IntN(10)
	if depth == 0 {
		n = 9
	}
	switch {
	case n < 2:
		return &filter.And{Terms: a.terms(t, depth, group)}
	case n < 4:
		return &filter.Or{Terms: a.terms(t, depth, group)}
	case n < 6:
		return &filter.Not{X: a.expr(t, depth-1, group)}
	case n < 8 && group == "":
		name := pick(a.Rand, groupNames)
		return &filter.ValuePath{Attr: path(t, name), Filter: a.expr(t, depth-1, name)}
	}
	if a.IntN(20) == 0 {
		return a.manyEq(t, group)
	}
	return a.compare(t, group)
}

func (a asker) terms(t testing.TB, depth int, group string) []filter.Expr {
	t.Helper()
	terms := make([]filter.Expr, 2+a.IntN(2))
	for i := range terms {
		terms[i] = a.expr(t, depth-1, group)
	}
	return terms
}

// manyEq is what becomes a list in SQL.
func (a asker) manyEq(t testing.TB, group string) filter.Expr {
	t.Helper()
	at := a.attribute(group)
	for at.kind != schema.String {
		if at = a.attribute(group); group != "" && at.kind != schema.String {
			return a.compare(t, group)
		}
	}
	or := &filter.Or{Terms: []filter.Expr{a.compare(t, group)}}
	for range 2 + a.IntN(10) {
		or.Terms = append(or.Terms, &filter.Compare{Attr: path(t, at.path), Op: filter.Eq, Value: a.value(at, filter.Eq)})
	}
	return or
}

func (a asker) attribute(group string) attribute {
	if group != "" {
		return pick(a.Rand, groups[group])
	}
	return attribute(pick(a.Rand, attributes))
}

var (
	stringOps  = []filter.Op{filter.Eq, filter.Ne, filter.Co, filter.Sw, filter.Ew, filter.Pr, filter.Gt, filter.Ge, filter.Lt, filter.Le}
	binaryOps  = stringOps[:6]
	numberOps  = []filter.Op{filter.Eq, filter.Ne, filter.Pr, filter.Gt, filter.Ge, filter.Lt, filter.Le}
	booleanOps = numberOps[:3]
)

func (a asker) compare(t testing.TB, group string) filter.Expr {
	t.Helper()
	at := a.attribute(group)
	ops := stringOps
	switch at.kind {
	case schema.Binary:
		ops = binaryOps
	case schema.Integer, schema.Decimal, schema.DateTime:
		ops = numberOps
	case schema.Boolean, schema.Complex:
		ops = booleanOps
	}
	op := pick(a.Rand, ops)
	return &filter.Compare{Attr: path(t, at.path), Op: op, Value: a.value(at, op)}
}

func (a asker) value(at attribute, op filter.Op) filter.Value {
	null := op == filter.Eq || op == filter.Ne
	if op == filter.Pr || null && (at.kind == schema.Complex || a.IntN(15) == 0) {
		return filter.Value{}
	}
	switch at.kind {
	case schema.Boolean:
		return filter.Value{Kind: filter.Bool, Text: pick(a.Rand, []string{"true", "false"})}
	case schema.Integer, schema.Decimal:
		return filter.Value{Kind: filter.Number, Text: pick(a.Rand, decimals)}
	case schema.DateTime:
		return filter.Value{Kind: filter.String, Text: pick(a.Rand, append(times, strangeTimes...))}
	}
	return filter.Value{Kind: filter.String, Text: a.text(at, op)}
}

// text is a literal that some values are likely to pass.
func (a asker) text(at attribute, op filter.Op) string {
	switch at.path {
	case "id":
		return pick(a.Rand, []string{"g0", "G1", "g1", "g2", "g", "", "G"})
	case "opaque":
		return pick(a.Rand, []string{"0", "1", "2", "01", "", "x", "9223372036854775808", "-1"})
	case "schemas":
		return pick(a.Rand, []string{one, two, gadget.Schema.ID, "urn:", ""})
	}
	if strings.HasSuffix(at.path, "type") {
		return pick(a.Rand, []string{"work", "Work", "home", "", "t", "%", "é"})
	}
	word := pick(a.Rand, words)
	switch a.IntN(5) {
	case 0:
		return word + pick(a.Rand, words)
	case 1:
		runes := []rune(word)
		from := a.IntN(len(runes) + 1)
		return string(runes[from : from+a.IntN(len(runes)-from+1)])
	}
	return word
}
