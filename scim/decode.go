package scim

import (
	"encoding"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
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
// zero. A value that does not fit into its field is an error, which a handler
// returns: where the request has brought the value, it is 400 invalidValue for
// the client. Fields without a tag are left alone; embedded structs count as part of
// the outer one. [User], [Group] and [EnterpriseUser] are ready-made.
func (r *Resource) Decode(dst any) error {
	if r.none() {
		return errNoResource
	}
	v := reflect.ValueOf(dst)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		return fmt.Errorf("scim: Decode needs a pointer to a struct, not %T", dst)
	}
	p := planOf(v.Elem().Type(), r.doc.Type(), model.Root)
	for i := range p.fields {
		f := &p.fields[i]
		if f.err != nil && !f.lenient {
			return f.err
		}
		field := v.Elem().FieldByIndex(f.index)
		field.SetZero()
		if f.err != nil {
			continue
		}
		if x, ok := f.target.get(r.doc); ok {
			if err := decode(field, x, r.doc.Type(), f.target.leaf()); err != nil {
				return r.misfit(f, x, err)
			}
		}
	}
	return nil
}

// misfit is the error for a value x that a field does not take: the client's
// fault if the request has brought it, the host's if it was stored before.
func (r *Resource) misfit(f *planField, x document.Value, err error) error {
	if r.old != nil {
		if was, ok := f.target.get(r.old); !ok || string(was.Raw()) != string(x.Raw()) {
			return fmt.Errorf("scim: %s: %w", f.path, errors.Join(badRequest("invalidValue", "%s: the service cannot hold this value.", f.path), err))
		}
	}
	return fmt.Errorf("scim: %s: %w", f.path, err)
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
			if f.lenient {
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
