package patch

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/schema"
)

// infer makes a resource type for a case whose attributes no RFC defines: the
// core schema with what the case shows besides.
func (c *vector) infer(t *testing.T) *model.Type {
	rt := schema.UserType()
	seen := map[string]any{}
	c.observe(t, seen)
	for _, key := range slices.Sorted(maps.Keys(seen)) {
		switch {
		case key == "schemas" || key == "id" || key == "meta" || key == enterpriseURN:
		case strings.HasPrefix(key, "urn:"):
			if m, ok := seen[key].(map[string]any); ok {
				s := &schema.Schema{ID: key, Name: "Extra"}
				s.Attributes = extend(nil, m)
				rt.Extensions = append(rt.Extensions, schema.Extension{Schema: s})
			}
		default:
			rt.Schema.Attributes = extend(rt.Schema.Attributes, map[string]any{key: seen[key]})
		}
	}
	if err := rt.Validate(); err != nil {
		t.Fatal(err)
	}
	return rt.Model()
}

// observe collects the attributes of the case.
func (c *vector) observe(t *testing.T, into map[string]any) {
	if bytes.Contains(c.Ops, []byte(`"locked"`)) {
		blend(into, map[string]any{"locked": "x"})
	}
	if bytes.Contains(c.Ops, []byte(`"remove","path":"urn:ivixvi:testSchema:testString"`)) {
		blend(into, map[string]any{"urn:ivixvi:testSchema": map[string]any{"testString": []any{"x"}}})
	}
	blend(into, decode(t, c.Before))
	if c.After != nil {
		blend(into, decode(t, c.After))
	}
	for _, s := range c.Sources {
		var says struct{ After map[string]any }
		if json.Unmarshal(s.Says, &says) == nil {
			blend(into, says.After)
		}
	}
	// An artefact of the vectors: a URN that is taken apart at its last colon.
	for key, v := range into {
		if m, ok := v.(map[string]any); ok && strings.HasPrefix(key, "urn:") {
			for sub, x := range m {
				if _, ok := x.(map[string]any); ok && key != enterpriseURN {
					delete(into, key)
					blend(into, map[string]any{key + ":" + sub: x})
				}
			}
		}
	}
}

// blend merges two observations; an array beats a single value.
func blend(into, from map[string]any) {
	for k, v := range from {
		old := into[k]
		om, ok1 := old.(map[string]any)
		vm, ok2 := v.(map[string]any)
		ol, ok3 := old.([]any)
		vl, ok4 := v.([]any)
		switch {
		case ok1 && ok2:
			blend(om, vm)
		case ok3 && ok4:
			into[k] = append(slices.Clone(ol), vl...)
		case ok3 || v == nil:
		case ok2:
			m := map[string]any{}
			blend(m, vm)
			into[k] = m
		default:
			into[k] = v
		}
	}
}

// extend adds the attributes that m shows.
func extend(list []schema.Attribute, m map[string]any) []schema.Attribute {
	for _, name := range slices.Sorted(maps.Keys(m)) {
		v := m[name]
		i := slices.IndexFunc(list, func(a schema.Attribute) bool { return strings.EqualFold(a.Name, name) })
		if i < 0 {
			list = append(list, schema.Attribute{Name: name})
			i = len(list) - 1
			define(&list[i], v)
		}
		a := &list[i]
		elements, _ := v.([]any)
		for _, e := range append(elements, v) {
			if sub, ok := e.(map[string]any); ok && a.Type == schema.Complex {
				a.SubAttributes = extend(a.SubAttributes, simple(sub))
			}
		}
	}
	return list
}

func define(a *schema.Attribute, v any) {
	if list, ok := v.([]any); ok {
		a.MultiValued = true
		if len(list) > 0 {
			v = list[0]
		}
	}
	switch v.(type) {
	case bool:
		a.Type = schema.Boolean
	case float64:
		a.Type = schema.Decimal
	case map[string]any:
		a.Type = schema.Complex
	}
	switch a.Name {
	case "immutable", "locked":
		a.Mutability = schema.Immutable // as in the sources of these cases
	case "$ref":
		a.Type, a.ReferenceTypes = schema.Reference, []string{"uri"}
	}
}

// simple leaves out complex attributes inside complex ones, which schemas
// cannot define (RFC 7643 section 2.3.8).
func simple(m map[string]any) map[string]any {
	out := map[string]any{}
	for k, v := range m {
		probe := v
		if list, ok := v.([]any); ok && len(list) > 0 {
			probe = list[0]
		}
		if _, ok := probe.(map[string]any); !ok {
			out[k] = v
		}
	}
	return out
}
