package bench

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/elimity-com/scim"
	"github.com/elimity-com/scim/errors"
	sf "github.com/elimity-com/scim/filter"
	"github.com/elimity-com/scim/schema"
	"github.com/scim2/filter-parser/v2"
)

// Patch applies operations, which the library has checked against the schema.
func (p *peer) Patch(_ *http.Request, id string, ops []scim.PatchOperation) (scim.Resource, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.byID[id]
	if r == nil {
		return scim.Resource{}, errors.ScimErrorResourceNotFound(id)
	}
	if p.indexed && membersOnly(ops) {
		for _, op := range ops {
			r.change(op)
		}
		r.touch()
		return scim.Resource{}, nil // without attributes, which is 204
	}
	attrs := maps.Clone(r.attrs)
	for _, op := range ops {
		apply(attrs, op)
	}
	p.set(r, attrs)
	r.touch()
	return r.resource(), nil
}

// membersOnly tells whether ops add and remove members and do nothing else.
func membersOnly(ops []scim.PatchOperation) bool {
	for _, op := range ops {
		if op.Path == nil || op.Path.AttributePath.AttributeName != "members" {
			return false
		}
		_, byID := equalsValue(op.Path.ValueExpression)
		if op.Op != scim.PatchOperationAdd && !(op.Op == scim.PatchOperationRemove && byID) {
			return false
		}
	}
	return true
}

// change adds or removes members.
func (r *record) change(op scim.PatchOperation) {
	if id, ok := equalsValue(op.Path.ValueExpression); ok {
		r.drop(id)
		return
	}
	list, _ := op.Value.([]any)
	for _, m := range list {
		r.add(m)
	}
}

// equalsValue reads the filter `value eq "…"`.
func equalsValue(e filter.Expression) (string, bool) {
	c, ok := e.(*filter.AttributeExpression)
	if !ok || c.Operator != filter.EQ || c.AttributePath.AttributeName != "value" {
		return "", false
	}
	id, ok := c.CompareValue.(string)
	return id, ok
}

// apply does one operation on attributes whose top level is the caller's own.
func apply(attrs map[string]any, op scim.PatchOperation) {
	if op.Path == nil {
		values, _ := op.Value.(map[string]any)
		maps.Copy(attrs, values)
		return
	}
	at := op.Path.AttributePath
	if uri := at.URI(); uri == enterpriseURN {
		ext := own(attrs[uri])
		attrs[uri], attrs = ext, ext
	}
	switch sub := at.SubAttributeName(); {
	case op.Path.ValueExpression != nil:
		attrs[at.AttributeName] = elements(attrs[at.AttributeName], op)
	case sub != "":
		parent := own(attrs[at.AttributeName])
		put(parent, sub, op)
		attrs[at.AttributeName] = parent
	default:
		put(attrs, at.AttributeName, op)
	}
}

// own gives a copy of a complex value to write into.
func own(v any) map[string]any {
	switch v := v.(type) {
	case map[string]any:
		return maps.Clone(v)
	case scim.ResourceAttributes:
		return maps.Clone(v)
	}
	return make(map[string]any)
}

func put(attrs map[string]any, name string, op scim.PatchOperation) {
	list, multi := op.Value.([]any)
	stored, _ := attrs[name].([]any)
	switch {
	case op.Op == scim.PatchOperationRemove:
		delete(attrs, name)
	case multi && op.Op == scim.PatchOperationAdd:
		attrs[name] = union(stored, list)
	default:
		attrs[name] = op.Value
	}
}

// union adds what is not there yet, by value.
func union(stored, list []any) []any {
	out := slices.Clone(stored)
	for _, m := range list {
		id := memberID(m)
		if !slices.ContainsFunc(out, func(x any) bool { return memberID(x) == id }) {
			out = append(out, m)
		}
	}
	return out
}

// elements changes or removes the elements that the filter of the path selects.
func elements(v any, op scim.PatchOperation) []any {
	stored, _ := v.([]any)
	out := make([]any, 0, len(stored))
	for _, e := range stored {
		if !selects(op.Path, e) {
			out = append(out, e)
			continue
		}
		sub := op.Path.SubAttributeName()
		if sub == "" && op.Op == scim.PatchOperationRemove {
			continue
		}
		changed := own(e)
		if sub == "" {
			values, _ := op.Value.(map[string]any)
			maps.Copy(changed, values)
		} else {
			put(changed, sub, op)
		}
		out = append(out, changed)
	}
	return out
}

var userAttributes = schema.CoreUserSchema().Attributes

// selects asks the library only where the filter is not a plain equality.
func selects(path *filter.Path, element any) bool {
	attrs, _ := element.(map[string]any)
	if e, ok := path.ValueExpression.(*filter.AttributeExpression); ok && e.Operator == filter.EQ {
		have, _ := attrs[e.AttributePath.AttributeName].(string)
		want, _ := e.CompareValue.(string)
		return strings.EqualFold(have, want)
	}
	a, ok := userAttributes.ContainsAttribute(path.AttributePath.AttributeName)
	return ok && sf.NewFilterValidator(path.ValueExpression, schema.Schema{Attributes: sf.MultiValuedFilterAttributes(a)}).PassesFilter(attrs) == nil
}
