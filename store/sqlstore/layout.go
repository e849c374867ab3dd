package sqlstore

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/schema"
)

// A layout is what the store needs to know of a resource type.
type layout struct {
	rt    *schema.ResourceType
	model *model.Type

	name    *model.Attr   // the first unique attribute, kept in name_key, or nil
	indexed []*model.Attr // further attributes that have their keys in a table, unique ones among them
	shown   []*model.Attr // what a resource is displayed by, best first
	members *model.Attr   // the list of references that clients write, or nil
	groups  *model.Attr   // the one that they only read, or nil

	mapped bool // resources lie in a table of the host's
}

var (
	plainName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_ .-]{0,62}$`)
	// looked are the attributes by which clients look resources up, beside
	// the unique ones and externalId.
	looked = []string{"userName", "displayName", "emails.value"}
)

func newLayout(rt *schema.ResourceType) (*layout, error) {
	if err := rt.Validate(); err != nil {
		return nil, fmt.Errorf("sqlstore: %w", err)
	}
	t := rt.Model()
	if !plainName.MatchString(t.Name) {
		return nil, fmt.Errorf("sqlstore: the resource type %q: its name must be letters, digits, spaces, dots, dashes and underscores", t.Name)
	}
	l := &layout{rt: rt, model: t}
	for id := model.ID(1); int(id) < len(t.Attrs); id = t.Attrs[id].End {
		if !l.list(&t.Attrs[id]) {
			for sub := id; sub < t.Attrs[id].End; sub++ {
				l.index(&t.Attrs[sub])
			}
		}
	}
	for _, name := range []string{"displayName", "userName"} {
		if id := t.SubString(model.Root, name); id != model.None && t.Attrs[id].Kind == model.String && !t.Attrs[id].Multi {
			l.shown = append(l.shown, &t.Attrs[id])
		}
	}
	return l, nil
}

// list notes a if it is a list of references that has a table of its own.
func (l *layout) list(a *model.Attr) bool {
	if !a.ResourceRef || !a.Multi {
		return false
	}
	switch {
	case a.Mutability == model.ReadWrite && l.members == nil:
		l.members = a
	case a.Mutability == model.ReadOnly && l.groups == nil:
		l.groups = a
	default:
		return false
	}
	return true
}

// index notes a if resources are looked up by it.
func (l *layout) index(a *model.Attr) {
	if a.Mutability == model.WriteOnly || a.Kind == model.Complex || a.Kind == model.Boolean || a.ID == model.IDAttr || a.ID == model.ExternalID {
		return
	}
	switch {
	case a.Unique && l.name == nil && !l.repeated(a):
		l.name = a
	case a.Unique || slices.Contains(looked, a.Path):
		l.indexed = append(l.indexed, a)
	}
}

// repeated tells whether a resource may have several values of a.
func (l *layout) repeated(a *model.Attr) bool {
	for id := a.ID; id != model.Root && id != model.None; id = l.model.Attrs[id].Parent {
		if l.model.Attrs[id].Multi {
			return true
		}
	}
	return false
}

// allows tells whether the references of list, an attribute of l, may name
// resources of the type called name.
func (l *layout) allows(list *model.Attr, name string) bool {
	return slices.Contains(l.model.Attrs[list.Ref].References, name)
}

// display is what d is displayed by, "" if it has nothing of the kind.
func (l *layout) display(d *document.Doc) string {
	for _, a := range l.shown {
		if v, ok := d.Get(a.ID); ok {
			return v.String()
		}
	}
	return ""
}

// values gives the values of attribute a in d.
func values(d *document.Doc, a *model.Attr) []document.Value {
	t := d.Type()
	var chain []*model.Attr
	for id := a.ID; id != model.Root; id = t.Attrs[id].Parent {
		chain = append(chain, &t.Attrs[id])
	}
	slices.Reverse(chain)
	for len(chain) > 1 && chain[0].Extension {
		chain = chain[1:]
	}
	v, ok := d.Get(chain[0].ID)
	if !ok {
		return nil
	}
	found := []document.Value{v}
	for i := 0; ; i++ {
		found = elements(found)
		if i+1 == len(chain) {
			return found
		}
		next := found[:0:0]
		for _, v := range found {
			if sub, ok := v.Member(chain[i+1]); ok {
				next = append(next, sub)
			}
		}
		found = next
	}
}

// elements replaces arrays by what they hold.
func elements(list []document.Value) []document.Value {
	var all []document.Value
	for _, v := range list {
		if v.Kind() != document.Array {
			all = append(all, v)
			continue
		}
		it := v.Iter()
		for e, ok := it.Next(); ok; e, ok = it.Next() {
			all = append(all, e)
		}
	}
	return all
}
