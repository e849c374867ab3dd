package filter_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/schema"
)

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
