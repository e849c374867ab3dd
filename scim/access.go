package scim

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
)

// A Value is one element of a multi-valued attribute, or the object of a
// complex one. Its methods take the name of a sub-attribute, or "" for a value
// that is simple itself. The zero Value has nothing.
type Value struct {
	t  *model.Type
	id model.ID
	v  document.Value
}

// String gives the text of a string, number or boolean, "" if there is none.
func (v Value) String(sub string) string {
	if x, ok := v.sub(sub); ok {
		return x.String()
	}
	return ""
}

// Bool tells whether the value is true.
func (v Value) Bool(sub string) bool {
	x, ok := v.sub(sub)
	return ok && x.Bool()
}

// Has tells whether there is a value.
func (v Value) Has(sub string) bool {
	_, ok := v.sub(sub)
	return ok
}

func (v Value) sub(name string) (document.Value, bool) {
	if name == "" {
		return v.v, !v.v.IsZero()
	}
	if v.t == nil {
		return document.Value{}, false
	}
	id := v.t.SubString(v.id, name)
	if id == model.None {
		return document.Value{}, false
	}
	return v.v.Member(&v.t.Attrs[id])
}

// String gives the text of the string, number or boolean at path, "" if there
// is none. path is in the notation of RFC 7644 section 3.10, in any letter
// case: "userName", "name.givenName",
// "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
// `emails[type eq "work"].value`. Of several values it is the primary, or else
// the first.
func (r *Resource) String(path string) string {
	v, ok := r.value(path)
	if !ok {
		return ""
	}
	return v.String()
}

// Bool tells whether the value at path is true.
func (r *Resource) Bool(path string) bool {
	v, ok := r.value(path)
	return ok && v.Bool()
}

// Int gives the integer at path, 0 if there is none.
func (r *Resource) Int(path string) int64 {
	v, _ := r.value(path)
	n, _ := strconv.ParseInt(string(v.Raw()), 10, 64)
	return n
}

// Time gives the dateTime at path, the zero time if there is none.
func (r *Resource) Time(path string) time.Time {
	v, ok := r.value(path)
	if !ok {
		return time.Time{}
	}
	t, _ := document.ParseTime(v.Bytes(nil))
	return t
}

// Has tells whether there is a value at path. Null, an empty array and nothing
// are the same (RFC 7643 section 2.5).
func (r *Resource) Has(path string) bool {
	_, ok := r.value(path)
	return ok
}

// Values gives the elements of the multi-valued attribute at path, or of a
// single-valued one its value.
func (r *Resource) Values(path string) []Value {
	if r.none() {
		return nil
	}
	t, err := resolve(r.doc.Type(), path)
	if err != nil {
		return nil
	}
	v, ok := r.doc.Get(t.id)
	if !ok {
		return nil
	}
	if v.Kind() != document.Array {
		return []Value{{r.doc.Type(), t.id, v}}
	}
	var all []Value
	it := v.Iter()
	for e, ok := it.Next(); ok; e, ok = it.Next() {
		if t.filter == nil || t.filter.MatchValue(e) {
			all = append(all, Value{r.doc.Type(), t.id, e})
		}
	}
	return all
}

// Set gives the attribute at path the value v: a string, boolean, number,
// time.Time, a slice of those, a struct or slice of structs with scim tags, a
// map or json.RawMessage. nil, "" and empty slices unassign. A value path that
// selects no element makes one: setting `emails[type eq "work"].value` on a
// resource without a work address adds it. The host may set readOnly
// attributes.
func (r *Resource) Set(path string, v any) error {
	if r.none() {
		return errNoResource
	}
	t, err := resolve(r.doc.Type(), path)
	if err != nil {
		return err
	}
	raw, err := appendAny(nil, v, r.doc.Type(), t.leaf())
	if err != nil {
		return fmt.Errorf("scim: %s: %w", path, err)
	}
	return r.change(func(tree *document.Tree) error { return t.set(tree, raw) })
}

// change edits the document.
func (r *Resource) change(edit func(*document.Tree) error) error {
	if r.none() {
		return errNoResource
	}
	tree := document.NewTree(r.doc.Type())
	tree.Load(r.doc)
	if err := edit(tree); err != nil {
		return fmt.Errorf("scim: %w", err)
	}
	doc, err := settle(tree)
	if err != nil {
		return fmt.Errorf("scim: %w", err)
	}
	r.doc = doc
	return nil
}

func (r *Resource) value(path string) (document.Value, bool) {
	if r.none() {
		return document.Value{}, false
	}
	t, err := resolve(r.doc.Type(), path)
	if err != nil {
		return document.Value{}, false
	}
	return t.get(r.doc)
}

var _ json.Marshaler = (*Resource)(nil)

// MarshalJSON gives [Resource.JSON].
func (r *Resource) MarshalJSON() ([]byte, error) { return r.JSON(), nil }
