package scim

import (
	"bytes"
	"encoding"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
)

// Encode sets the attributes that the tags of src, a struct or a pointer to
// one, name (see [Resource.Decode]). Empty strings, slices, structs, times and
// nil pointers unassign; booleans and numbers are always set, unless the tag
// ends in ",omitempty". Other attributes stay.
func (r *Resource) Encode(src any) error {
	if r.none() {
		return errNoResource
	}
	v := reflect.ValueOf(src)
	for v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return fmt.Errorf("scim: Encode needs a struct, not %T", src)
	}
	if !v.CanAddr() { // MarshalText may belong to the pointer
		p := reflect.New(v.Type()).Elem()
		p.Set(v)
		v = p
	}
	p := planOf(v.Type(), r.doc.Type(), model.Root)
	for i := range p.fields {
		if f := &p.fields[i]; f.err != nil && !(f.lenient && v.FieldByIndex(f.index).IsZero()) {
			return f.err
		}
	}
	return r.change(func(tree *document.Tree) error {
		var buf []byte
		for i := range p.fields {
			f := &p.fields[i]
			field := v.FieldByIndex(f.index)
			if f.err != nil {
				continue
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
	case reflect.Struct, reflect.Array, reflect.Pointer, reflect.Interface:
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
	if out, ok, err := appendSpecial(dst, v, m, id); ok {
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
func appendSpecial(dst []byte, v reflect.Value, m *model.Type, id model.ID) ([]byte, bool, error) {
	if !v.CanInterface() {
		return dst, false, nil
	}
	switch x := marshaler(v).(type) {
	case time.Time:
		format := time.RFC3339Nano
		if m.Is(id, m.Meta) {
			format = document.TimeFormat
		}
		return append(x.UTC().AppendFormat(append(dst, '"'), format), '"'), true, nil
	case *time.Time:
		return dst, false, nil
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
		return document.AppendString(dst, bytes.ToValidUTF8(text, []byte("\uFFFD"))), true, err
	}
	return dst, false, nil
}

// marshaler gives v, or its address if only that marshals itself.
func marshaler(v reflect.Value) any {
	x := v.Interface()
	if _, ok := x.(encoding.TextMarshaler); !ok && v.CanAddr() {
		if p, ok := v.Addr().Interface().(encoding.TextMarshaler); ok {
			return p
		}
	}
	return x
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
