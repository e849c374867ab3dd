package sqlfilter

import (
	"fmt"

	"github.com/scimkit/scimkit/filter"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/schema"
)

// Keys makes the key document of a resource, for Columns.Keys: JSON of the same
// shape in which every value is text that compares as filters do. omit are the
// paths of attributes to leave out, such as "members", see Columns.KeysOmit.
// It is made anew whenever the resource changes.
func Keys(r filter.Resource, omit ...string) []byte {
	d := r.Document()
	if d == nil {
		return []byte("{}")
	}
	ids := make([]model.ID, 0, len(omit))
	for _, path := range omit {
		if id, err := (&Compiler{t: d.Type()}).resolve(path); err == nil {
			ids = append(ids, id)
		}
	}
	return filter.Keys(d, ids...)
}

// KeyOf gives what a column of form Key holds for one value of the attribute at
// path: the value's text as JSON has it, strings without quotes. An error says
// that t has no such attribute, or that the attribute has no such values.
func KeyOf(t *schema.ResourceType, path, value string) (string, error) {
	if err := t.Validate(); err != nil {
		return "", err
	}
	p, err := filter.ParsePath(path)
	if err != nil {
		return "", err
	}
	c := Compiler{t: t.Model()}
	id, err := c.find(p.Attr)
	if err == nil && p.Sub != "" {
		id, err = filter.Resolve(filter.AttrPath{Name: p.Sub}, c.t, id, nil)
	}
	if err != nil {
		return "", err
	}
	key, ok := filter.LiteralKey(c.t.Attr(id), value)
	if !ok {
		return "", fmt.Errorf("%s: %q is no value of the attribute", c.t.Attr(id).Path, value)
	}
	return key, nil
}
