package scim

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/scimkit/scimkit/internal/model"
)

// plan is a struct type resolved for a resource type.
type plan struct{ fields []planField }

type planField struct {
	index     []int
	path      string
	omitEmpty bool
	target    target
	err       error
	// lenient: of a struct of this package; attributes that a narrowed schema
	// does not have are passed over where they are empty.
	lenient bool
}

type planKey struct {
	typ    reflect.Type
	model  *model.Type
	parent model.ID
}

var plans memo[planKey, *plan]

const cachedPlans = 512 // a User has a dozen

var thisPackage = reflect.TypeFor[User]().PkgPath()

func planOf(t reflect.Type, m *model.Type, parent model.ID) *plan {
	key := planKey{t, m, parent}
	p, ok := plans.get(key)
	if !ok {
		p = &plan{}
		p.add(t, m, parent, nil)
		plans.put(key, p, cachedPlans)
	}
	return p
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
		f := planField{index: at, lenient: t.PkgPath() == thisPackage}
		f.path, f.omitEmpty = strings.CutSuffix(tag, ",omitempty")
		if parent == model.Root {
			f.target, f.err = resolve(m, f.path)
		} else if id := m.SubString(parent, f.path); id != model.None {
			f.target = target{t: m, id: id, sub: model.None}
		} else {
			f.err = fmt.Errorf("%s has no sub-attribute %q", m.Attrs[parent].Path, f.path)
		}
		p.fields = append(p.fields, f)
	}
}
