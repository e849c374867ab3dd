package scim

import (
	"encoding"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
)

// Decode fills dst, a pointer to a struct, from the resource. A field's tag
// names the attribute by its path:
//
//	type person struct {
//		Login string   `scim:"userName"`
//		Given string   `scim:"name.givenName"`
//		Mail  string   `scim:"emails[type eq \"work\"].value"`
//		Dept  string   `scim:"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"`
//		On    *bool    `scim:"active"`
//		Phones []phone `scim:"phoneNumbers"`
//	}
//
// Fields may be strings, booleans, numbers, time.Time, []byte (binary),
// types with UnmarshalText, structs with tags of their own for complex
// attributes, pointers to and slices of those. Fields without a value become
// zero; fields without a tag are left alone; embedded structs count as part of
// the outer one. [User], [Group] and [EnterpriseUser] are ready-made.
func (r *Resource) Decode(dst any) error {
	v := reflect.ValueOf(dst)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		return fmt.Errorf("scim: Decode needs a pointer to a struct, not %T", dst)
	}
	p := planOf(v.Elem().Type(), r.doc.Type(), model.Root)
	for i := range p.fields {
		f := &p.fields[i]
		if f.err != nil && !p.lenient {
			return f.err
		}
		field := v.Elem().FieldByIndex(f.index)
		field.SetZero()
		if f.err != nil {
			continue
		}
		if x, ok := f.target.get(r.doc); ok {
			if err := decode(field, x, r.doc.Type(), f.target.leaf()); err != nil {
				return fmt.Errorf("scim: %s: %w", f.path, err)
			}
		}
	}
	return nil
}

// Encode sets the attributes that the tags of src, a struct or a pointer to
// one, name (see [Resource.Decode]). Empty strings, slices, structs, times and
// nil pointers unassign; booleans and numbers are always set, unless the tag
// ends in ",omitempty". Other attributes stay.
func (r *Resource) Encode(src any) error {
	v := reflect.ValueOf(src)
	for v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return fmt.Errorf("scim: Encode needs a struct, not %T", src)
	}
	p := planOf(v.Type(), r.doc.Type(), model.Root)
	return r.change(func(tree *document.Tree) error {
		var buf []byte
		for i := range p.fields {
			f := &p.fields[i]
			field := v.FieldByIndex(f.index)
			if f.err != nil {
				if p.lenient && field.IsZero() {
					continue
				}
				return f.err
			}
			var err error
			if buf, err = f.encode(buf[:0], field, r.doc.Type()); err != nil {
				return fmt.Errorf("%s: %w", f.path, err)
			}
			if err := f.target.set(tree, buf); err != nil {
				return fmt.Errorf("%s: %w", f.path, err)
			}
		}
		return nil
	})
}

// plan is a struct type resolved for a resource type.
type plan struct {
	fields []planField
	// lenient: a struct of this package; attributes that a narrowed schema
	// does not have are passed over where they are empty.
	lenient bool
}

type planField struct {
	index     []int
	path      string
	omitEmpty bool
	target    target
	err       error
}

type planKey struct {
	typ    reflect.Type
	model  *model.Type
	parent model.ID
}

var plans sync.Map // planKey -> *plan

var thisPackage = reflect.TypeFor[User]().PkgPath()

func planOf(t reflect.Type, m *model.Type, parent model.ID) *plan {
	key := planKey{t, m, parent}
	if p, ok := plans.Load(key); ok {
		return p.(*plan)
	}
	p := &plan{lenient: t.PkgPath() == thisPackage}
	p.add(t, m, parent, nil)
	actual, _ := plans.LoadOrStore(key, p)
	return actual.(*plan)
}

func (p *plan) add(t reflect.Type, m *model.Type, parent model.ID, index []int) {
	for i := range t.NumField() {
		sf := t.Field(i)
		at := append(append([]int(nil), index...), i)
		tag, tagged := sf.Tag.Lookup("scim")
		if !tagged {
			if sf.Anonymous && sf.Type.Kind() == reflect.Struct {
				p.add(sf.Type, m, parent, at)
			}
			continue
		}
		if tag == "-" || !sf.IsExported() {
			continue
		}
		f := planField{index: at}
		f.path, f.omitEmpty = strings.CutSuffix(tag, ",omitempty")
		if parent == model.Root {
			f.target, f.err = resolve(m, f.path)
		} else if id := m.SubString(parent, f.path); id != model.None {
			f.target = target{t: m, id: id, sub: model.None}
		} else {
			f.err = fmt.Errorf("scim: %s has no sub-attribute %q", m.Attrs[parent].Path, f.path)
		}
		p.fields = append(p.fields, f)
	}
}

// encode writes the field's value, null if it is empty.
func (f *planField) encode(dst []byte, v reflect.Value, m *model.Type) ([]byte, error) {
	if isEmpty(v) || f.omitEmpty && v.IsZero() {
		return append(dst, "null"...), nil
	}
	return appendValue(dst, v, m, f.target.leaf())
}

// isEmpty tells whether v stands for "unassigned".
func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.String, reflect.Slice, reflect.Map:
		return v.Len() == 0
	case reflect.Struct, reflect.Pointer, reflect.Interface:
		return v.IsZero()
	}
	return false
}

func appendAny(dst []byte, v any, m *model.Type, id model.ID) ([]byte, error) {
	if v == nil {
		return append(dst, "null"...), nil
	}
	rv := reflect.ValueOf(v)
	if isEmpty(rv) {
		return append(dst, "null"...), nil
	}
	return appendValue(dst, rv, m, id)
}

// appendValue writes v as JSON for attribute id.
func appendValue(dst []byte, v reflect.Value, m *model.Type, id model.ID) ([]byte, error) {
	if out, ok, err := appendSpecial(dst, v); ok {
		return out, err
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return append(dst, "null"...), nil
		}
		return appendValue(dst, v.Elem(), m, id)
	case reflect.String:
		return document.AppendString(dst, strings.ToValidUTF8(v.String(), "\uFFFD")), nil
	case reflect.Bool:
		return strconv.AppendBool(dst, v.Bool()), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.AppendInt(dst, v.Int(), 10), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return strconv.AppendUint(dst, v.Uint(), 10), nil
	case reflect.Slice, reflect.Array:
		return appendList(dst, v, m, id)
	case reflect.Struct:
		return appendStruct(dst, v, m, id)
	}
	raw, err := json.Marshal(v.Interface()) // floats, maps
	return append(dst, raw...), err
}

// appendSpecial writes types that have a form of their own.
func appendSpecial(dst []byte, v reflect.Value) ([]byte, bool, error) {
	if !v.CanInterface() {
		return dst, false, nil
	}
	switch x := v.Interface().(type) {
	case time.Time:
		return append(x.UTC().AppendFormat(append(dst, '"'), time.RFC3339Nano), '"'), true, nil
	case json.RawMessage:
		if _, err := document.Scan(x, document.Limits{}); err != nil {
			return dst, true, err
		}
		return append(dst, x...), true, nil
	case []byte:
		return append(base64.StdEncoding.AppendEncode(append(dst, '"'), x), '"'), true, nil
	case encoding.TextMarshaler:
		if v.Kind() == reflect.Pointer && v.IsNil() {
			return dst, false, nil
		}
		text, err := x.MarshalText()
		return document.AppendString(dst, text), true, err
	}
	return dst, false, nil
}

func appendList(dst []byte, v reflect.Value, m *model.Type, id model.ID) ([]byte, error) {
	dst = append(dst, '[')
	for i := range v.Len() {
		if i > 0 {
			dst = append(dst, ',')
		}
		e := v.Index(i)
		var err error
		if dst, err = appendElement(dst, e, m, id); err != nil {
			return nil, err
		}
	}
	return append(dst, ']'), nil
}

// appendElement writes one element; a simple Go value stands for the "value"
// of a complex element.
func appendElement(dst []byte, e reflect.Value, m *model.Type, id model.ID) ([]byte, error) {
	a := &m.Attrs[id]
	if a.Kind == model.Complex && a.Value != model.None && e.Kind() == reflect.String {
		dst = append(append(dst, '{'), m.Attrs[a.Value].Key...)
		return append(document.AppendString(dst, e.String()), '}'), nil
	}
	return appendValue(dst, e, m, id)
}

func appendStruct(dst []byte, v reflect.Value, m *model.Type, id model.ID) ([]byte, error) {
	p := planOf(v.Type(), m, id)
	dst = append(dst, '{')
	open := len(dst)
	for i := range p.fields {
		f := &p.fields[i]
		field := v.FieldByIndex(f.index)
		if isEmpty(field) || f.omitEmpty && field.IsZero() {
			continue
		}
		if f.err != nil {
			return nil, f.err
		}
		dst = comma(dst, open)
		dst = append(dst, m.Attrs[f.target.id].Key...)
		var err error
		if dst, err = appendValue(dst, field, m, f.target.id); err != nil {
			return nil, fmt.Errorf("%s: %w", f.path, err)
		}
	}
	return append(dst, '}'), nil
}

// decode stores x in v.
func decode(v reflect.Value, x document.Value, m *model.Type, id model.ID) error {
	if done, err := decodeSpecial(v, x); done {
		return err
	}
	switch v.Kind() {
	case reflect.Pointer:
		p := reflect.New(v.Type().Elem())
		if err := decode(p.Elem(), x, m, id); err != nil {
			return err
		}
		v.Set(p)
		return nil
	case reflect.String:
		v.SetString(simple(x, m, id).String())
		return nil
	case reflect.Bool:
		v.SetBool(x.Bool())
		return nil
	case reflect.Slice:
		return decodeList(v, x, m, id)
	case reflect.Struct:
		if x.Kind() == document.Object {
			return decodeStruct(v, x, m, id)
		}
	default:
		if x.Kind() == document.Number {
			return json.Unmarshal(x.Raw(), v.Addr().Interface())
		}
	}
	return fmt.Errorf("the value does not fit into a %s", v.Type())
}

// simple gives the "value" of a complex element, so that a list of strings can
// take it.
func simple(x document.Value, m *model.Type, id model.ID) document.Value {
	if a := &m.Attrs[id]; x.Kind() == document.Object && a.Value != model.None {
		v, _ := x.Member(&m.Attrs[a.Value])
		return v
	}
	return x
}

func decodeSpecial(v reflect.Value, x document.Value) (done bool, err error) {
	switch p := v.Addr().Interface().(type) {
	case *time.Time:
		t, ok := document.ParseTime(x.Bytes(nil))
		if !ok {
			return true, fmt.Errorf("%q is no dateTime", x.String())
		}
		*p = t
	case *json.RawMessage:
		*p = append((*p)[:0], x.Raw()...)
	case *[]byte:
		text := strings.TrimRight(x.String(), "=")
		*p, err = base64.RawStdEncoding.DecodeString(text)
	case encoding.TextUnmarshaler:
		err = p.UnmarshalText(x.Bytes(nil))
	default:
		return false, nil
	}
	return true, err
}

func decodeList(v reflect.Value, x document.Value, m *model.Type, id model.ID) error {
	if x.Kind() != document.Array {
		return fmt.Errorf("one value does not fit into a %s", v.Type())
	}
	out := reflect.MakeSlice(v.Type(), 0, 4)
	it := x.Iter()
	for e, ok := it.Next(); ok; e, ok = it.Next() {
		elem := reflect.New(v.Type().Elem()).Elem()
		if err := decode(elem, e, m, id); err != nil {
			return err
		}
		out = reflect.Append(out, elem)
	}
	v.Set(out)
	return nil
}

func decodeStruct(v reflect.Value, x document.Value, m *model.Type, id model.ID) error {
	p := planOf(v.Type(), m, id)
	for i := range p.fields {
		f := &p.fields[i]
		if f.err != nil {
			if p.lenient {
				continue
			}
			return f.err
		}
		if e, ok := x.Member(&m.Attrs[f.target.id]); ok {
			if err := decode(v.FieldByIndex(f.index), e, m, f.target.id); err != nil {
				return fmt.Errorf("%s: %w", f.path, err)
			}
		}
	}
	return nil
}
