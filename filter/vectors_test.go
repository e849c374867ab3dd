package filter_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/internal/quirk"
	"github.com/scimkit/scimkit/schema"
)

// vector is one case of the filter vectors that seventeen projects' test suites
// were gathered into.
type vector struct {
	ID, Kind, Filter string
	RFCValid         *bool `json:"rfc_valid"`
	RFCMatch         *bool `json:"rfc_match"`
	Leniency         []string
	AST              any
	Resource         map[string]any
	Schema           any
	Ambiguous        []string
}

func loadVectors(t *testing.T) []vector {
	var file struct{ Cases []vector }
	if err := json.Unmarshal(shared(t, "filter.json"), &file); err != nil {
		t.Fatal(err)
	}
	return file.Cases
}

// Decisions where the vectors hold strictly to the ABNF or leave a case open.
const (
	// grammar.txt recommends *SP and 1*SP where the ABNF has nothing or one SP.
	anyBlanks, blankBeforeBracket = "extra whitespace", "whitespace before ["
	// Types that do not fit are refused with 400, so that nothing matches, also
	// behind not.
	otherType, stringOpOnNumber, notForBooleans = "value type differs from attribute type", "string operator on a number", "operator not defined for booleans"
)

// tolerated are leniencies that are quirks of their own.
var tolerated = map[string]quirk.ID{
	"unquoted value": quirk.BareValue,
	"sub-attribute after value path in a filter": quirk.ValuePathSub,
}

func TestVectorsParse(t *testing.T) {
	count := 0
	for _, c := range loadVectors(t) {
		if c.Kind != "parse" && c.Kind != "path" {
			continue
		}
		count++
		want := *c.RFCValid
		onlyBlanks := len(c.Leniency) > 0 && !slices.ContainsFunc(c.Leniency, func(l string) bool { return l != anyBlanks && l != blankBeforeBracket })
		if onlyBlanks {
			want = true
		}
		var e filter.Expr
		var err error
		if c.Kind == "path" {
			_, err = filter.ParsePath(c.Filter)
		} else {
			e, err = filter.Parse(c.Filter)
		}
		if got := err == nil; got != want {
			t.Errorf("%s %q: valid is %v, want %v (%v)", c.ID, c.Filter, got, want, err)
			continue
		}
		if c.AST != nil && e != nil {
			if diff := cmp.Diff(c.AST, astOf(e)); diff != "" {
				t.Errorf("%s %q: %s", c.ID, c.Filter, diff)
			}
		}
	}
	if count < 850 {
		t.Errorf("only %d vectors", count)
	}
}

// The leniencies that are quirks work where they are allowed, and leave a note.
func TestVectorsTolerated(t *testing.T) {
	for _, c := range loadVectors(t) {
		if c.Kind != "parse" || len(c.Leniency) != 1 {
			continue
		}
		id, ok := tolerated[c.Leniency[0]]
		if !ok {
			continue
		}
		switch c.ID {
		case "f0806": // a name that begins with "-"
			continue
		}
		log := allow(id)
		p := filter.Parser{Log: log}
		if _, err := p.Parse(c.Filter); err != nil {
			t.Errorf("%s %q: %v", c.ID, c.Filter, err)
		} else if !log.Used.Has(id) {
			t.Errorf("%s %q: no note of %s", c.ID, c.Filter, id)
		}
	}
}

// astOf gives an expression in the form of the vectors.
func astOf(e filter.Expr) any {
	switch e := e.(type) {
	case *filter.And:
		return map[string]any{"op": "and", "filters": astsOf(e.Terms)}
	case *filter.Or:
		return map[string]any{"op": "or", "filters": astsOf(e.Terms)}
	case *filter.Not:
		return map[string]any{"op": "not", "filter": astOf(e.X)}
	case *filter.ValuePath:
		return map[string]any{"op": "[]", "attr": e.Attr.String(), "filter": astOf(e.Filter)}
	case *filter.Compare:
		m := map[string]any{"op": e.Op.String(), "attr": e.Attr.String()}
		if e.Op != filter.Pr {
			var v any
			if err := json.Unmarshal([]byte(e.Value.String()), &v); err != nil {
				return err
			}
			m["value"] = v
		}
		return m
	}
	return nil
}

func astsOf(terms []filter.Expr) []any {
	out := []any{}
	for _, t := range terms {
		out = append(out, astOf(t))
	}
	return out
}

func TestVectorsSemantic(t *testing.T) {
	m := schema.UserType().Model()
	for _, c := range loadVectors(t) {
		if c.Kind != "semantic" {
			continue
		}
		// Where the RFC is silent (sw, ew on booleans), R-226 decides: refused.
		want := c.RFCValid != nil && *c.RFCValid
		if _, err := bind(c.Filter, m, nil); (err == nil) != want {
			t.Errorf("%s %q: %v, want valid to be %v", c.ID, c.Filter, err, want)
		}
	}
}

func TestVectorsMatch(t *testing.T) {
	count := 0
	for _, c := range loadVectors(t) {
		if c.Kind != "match" {
			continue
		}
		count++
		want := *c.RFCMatch
		refused := slices.ContainsFunc(c.Ambiguous, func(a string) bool {
			return a == otherType || a == stringOpOnNumber || a == notForBooleans
		}) || c.ID == "f0962" || c.ID == "f0974" // h lt false, a gt false: not for booleans
		timeAsText := c.Schema != "none" && strings.HasPrefix(c.Filter, "time ") && strings.Contains(" co sw ew ", " "+c.Filter[5:7]+" ")
		if refused || timeAsText {
			want = false
		}
		f, r, err := c.bind(t)
		if err != nil && !refused && !timeAsText && len(c.Leniency) == 0 && want {
			t.Errorf("%s %q: %v", c.ID, c.Filter, err)
			continue
		}
		if got := err == nil && f.Match(r); got != want && !c.lenientOnly(err) {
			t.Errorf("%s %q: match is %v, want %v (%v) in %s", c.ID, c.Filter, got, want, err, r.doc.Bytes())
		}
	}
	if count < 700 {
		t.Errorf("only %d vectors", count)
	}
}

// lenientOnly tells whether the filter is none by the RFC and was refused.
func (c *vector) lenientOnly(err error) bool {
	return err != nil && slices.Contains(c.Leniency, "string is not JSON")
}

// bind binds the filter to a resource type that has what resource and filter
// name, and reads the resource.
func (c *vector) bind(t *testing.T) (*filter.Filter, resource, error) {
	log := &quirk.Log{}
	for _, l := range c.Leniency {
		if id, ok := tolerated[l]; ok {
			log.Allowed |= quirk.Of(id)
		}
	}
	if strings.Contains(c.Filter, "primary ") && c.Schema == "none" {
		// An element of a multi-valued attribute that stands for a resource.
		c.Filter, c.Resource = "element["+c.Filter+"]", map[string]any{"element": []any{c.Resource}}
	}
	p := filter.Parser{Log: log}
	e, err := p.Parse(c.Filter)
	if err != nil {
		return nil, resource{}, err
	}
	m := c.resourceType(t, e).Model()
	body, err := json.Marshal(c.Resource)
	if err != nil {
		t.Fatal(err)
	}
	tree := document.NewTree(m)
	if err := tree.Parse(body, &document.Options{Trusted: true}); err != nil {
		t.Fatalf("%s: %v", c.ID, err)
	}
	f, err := filter.BindIn(e, m, model.Root, log)
	return f, resource{tree.Doc()}, err
}

// resourceType is User, or a type made of the resource's own shape where the
// source has no schema.
func (c *vector) resourceType(t *testing.T, e filter.Expr) *schema.ResourceType {
	attrs := []schema.Attribute{}
	if c.Schema == "user" {
		attrs = schema.User().Attributes
	}
	if types, ok := c.Schema.(map[string]any); ok {
		for name, def := range types {
			attrs = append(attrs, declared(t, name, def.(map[string]any)))
		}
	}
	// A number as id is no SCIM; what is filtered stands beside it.
	if _, ok := c.Resource["id"].(float64); ok {
		c.Resource["id"] = "id"
	}
	for name, v := range c.Resource {
		if a, ok := inferred(name, v); ok && !has(attrs, name) && !common(name) && !strings.Contains(name, ":") {
			attrs = append(attrs, a)
		}
	}
	for _, p := range names(e, nil) {
		i := slices.IndexFunc(attrs, func(a schema.Attribute) bool { return strings.EqualFold(a.Name, p.Name) })
		switch {
		case i < 0 && !common(p.Name):
			a := schema.Attribute{Name: p.Name}
			if p.Sub != "" {
				a.Type, a.SubAttributes = schema.Complex, []schema.Attribute{{Name: p.Sub}}
			}
			attrs = append(attrs, a)
		case i >= 0 && p.Sub != "" && attrs[i].Type == schema.Complex && !has(attrs[i].SubAttributes, p.Sub):
			sub := schema.Attribute{Name: p.Sub}
			if p.Sub == "primary" {
				sub.Type = schema.Boolean
			}
			attrs[i].SubAttributes = append(slices.Clone(attrs[i].SubAttributes), sub)
		}
	}
	rt := &schema.ResourceType{Name: "User", Endpoint: "/Users", Schema: &schema.Schema{ID: schema.User().ID, Name: "User", Attributes: attrs}}
	if err := rt.Validate(); err != nil {
		t.Fatalf("%s: %v", c.ID, err)
	}
	return rt
}

func common(name string) bool {
	return slices.Contains([]string{"schemas", "id", "externalId", "meta"}, name)
}

func has(attrs []schema.Attribute, name string) bool {
	return slices.ContainsFunc(attrs, func(a schema.Attribute) bool { return strings.EqualFold(a.Name, name) })
}

func names(e filter.Expr, list []filter.AttrPath) []filter.AttrPath {
	switch e := e.(type) {
	case *filter.ValuePath:
		for _, p := range names(e.Filter, nil) {
			list = append(list, filter.AttrPath{Name: e.Attr.Name, Sub: p.Name})
		}
	case *filter.And:
		for _, t := range e.Terms {
			list = names(t, list)
		}
	case *filter.Or:
		for _, t := range e.Terms {
			list = names(t, list)
		}
	case *filter.Not:
		list = names(e.X, list)
	case *filter.Compare:
		if e.Attr.URN == "" {
			list = append(list, e.Attr)
		}
	}
	return list
}

func declared(t *testing.T, name string, def map[string]any) schema.Attribute {
	a := schema.Attribute{Name: name}
	a.CaseExact, _ = def["caseExact"].(bool)
	switch def["type"] {
	case "dateTime":
		a.Type = schema.DateTime
	case "decimal":
		a.Type = schema.Decimal
	case "integer":
		a.Type = schema.Integer
	case "boolean":
		a.Type = schema.Boolean
	case "string":
	default:
		t.Fatalf("type %v", def["type"])
	}
	return a
}

// inferred makes an attribute of a value that no schema explains.
func inferred(name string, v any) (schema.Attribute, bool) {
	a := schema.Attribute{Name: name}
	if name == "$ref" {
		a.Type, a.ReferenceTypes = schema.Reference, []string{"uri"}
		return a, true
	}
	switch v := v.(type) {
	case bool:
		a.Type = schema.Boolean
	case float64:
		a.Type = schema.Decimal
	case []any:
		a.MultiValued = true
		for _, e := range v {
			if b, ok := inferred(name, e); ok {
				a.Type = b.Type
				for _, sub := range b.SubAttributes {
					if !has(a.SubAttributes, sub.Name) {
						a.SubAttributes = append(a.SubAttributes, sub)
					}
				}
			}
		}
	case map[string]any:
		a.Type = schema.Complex
		for name, e := range v {
			if sub, ok := inferred(name, e); ok && sub.Type != schema.Complex {
				a.SubAttributes = append(a.SubAttributes, sub)
			}
		}
		if len(a.SubAttributes) == 0 {
			return a, false
		}
	}
	return a, a.Type != schema.Complex || len(a.SubAttributes) > 0
}
