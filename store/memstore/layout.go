package memstore

import (
	"slices"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/schema"
)

// A layout is what the store needs to know of a resource type.
type layout struct {
	rt    *schema.ResourceType
	model *model.Type
	label []byte // the name of the type as JSON

	indexed []*model.Attr
	names   []*model.Attr // what a resource is displayed by, best first
	members *model.Attr   // the list of references that clients write, or nil
	groups  *model.Attr   // the one that they only read, or nil
}

// matched are the attributes by which clients look resources up.
var matched = []string{"externalId", "userName", "displayName", "emails.value"}

func newLayout(rt *schema.ResourceType) *layout {
	t := rt.Model()
	l := &layout{rt: rt, model: t, label: document.AppendString(nil, t.Name)}
	for id := model.ID(1); int(id) < len(t.Attrs); id = t.Attrs[id].End {
		a := &t.Attrs[id]
		if a.ResourceRef && a.Multi {
			switch {
			case a.Mutability == model.ReadWrite && l.members == nil:
				l.members = a
				continue
			case a.Mutability == model.ReadOnly && l.groups == nil:
				l.groups = a
				continue
			}
		}
		for sub := id; sub < a.End; sub++ {
			l.add(&t.Attrs[sub])
		}
	}
	for _, name := range []string{"displayName", "userName"} {
		if id := t.SubString(model.Root, name); id != model.None && t.Attrs[id].Kind == model.String && !t.Attrs[id].Multi {
			l.names = append(l.names, &t.Attrs[id])
		}
	}
	return l
}

// add notes what attribute a means for the store.
func (l *layout) add(a *model.Attr) {
	if a.Mutability != model.WriteOnly && a.Kind != model.Complex && a.Kind != model.Boolean && a.ID != model.IDAttr && (a.Unique || slices.Contains(matched, a.Path)) {
		l.indexed = append(l.indexed, a)
	}
}

// allows tells whether the references of list, an attribute of l, may name
// resources of the type called name.
func (l *layout) allows(list *model.Attr, name string) bool {
	return slices.Contains(l.model.Attrs[list.Ref].References, name)
}
