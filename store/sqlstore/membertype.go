package sqlstore

import (
	"slices"
	"strings"

	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/scim"
)

// Ids are unique within a resource type: in tables of the host's, user 1 and group 1
// are often both there. A member that the client says is of a type, by type or $ref,
// is not the resource of another type with this id.

// claimsOf are the types that a client says members to be of, by id. A text that
// names no resource type says nothing.
func (h *handler) claimsOf(members []scim.Member) map[string]string {
	claims := make(map[string]string)
	for _, m := range members {
		for _, k := range h.store.kinds {
			if model.EqualFold(m.Type, k.model.Name) {
				claims[m.Value] = k.model.Name
			}
		}
	}
	return claims
}

// claimsIn is claimsOf for the list in d.
func (h *handler) claimsIn(d *document.Doc) map[string]string {
	if h.layout.members == nil || h.layout.members.TypeSub == model.None {
		return nil
	}
	list, _ := d.Get(h.layout.members.ID)
	var members []scim.Member
	it := list.Iter()
	for e, ok := it.Next(); ok; e, ok = it.Next() {
		id, _ := e.Member(h.model.Attr(h.layout.members.Value))
		if typ, ok := e.Member(h.model.Attr(h.layout.members.TypeSub)); ok {
			members = append(members, scim.Member{Value: id.String(), Type: typ.String()})
		}
	}
	return h.claimsOf(members)
}

// check makes new members that are not of the types that the client says unknown.
func (c *change) check(claims map[string]string) {
	c.added = slices.DeleteFunc(c.added, func(e element) bool {
		typ, ok := claims[e.value]
		if !ok || typ == e.typ {
			return false
		}
		c.unknown = append(c.unknown, e.value)
		return true
	})
}

// allowed is the condition that m, a row of members, is of types that the schemas
// allow: one of before may have allowed others. Rows are not looked up by it.
func allowed(all []*layout) string {
	var cases strings.Builder
	for _, l := range all {
		if l.members == nil {
			continue
		}
		var names []string
		for _, name := range l.refersTo(l.members, all) {
			names = append(names, literal(name))
		}
		cases.WriteString(" WHEN " + literal(l.model.Name) + " THEN m.member_type IN (" + strings.Join(names, ", ") + ")")
	}
	if cases.Len() == 0 {
		return "1 = 0"
	}
	return "CASE m.list_type" + cases.String() + " END"
}

// refersTo names the types that list, an attribute of l, may refer to.
func (l *layout) refersTo(list *model.Attr, all []*layout) []string {
	var names []string
	for _, other := range all {
		if l.allows(list, other.model.Name) {
			names = append(names, other.model.Name)
		}
	}
	if names == nil {
		names = []string{""} // no type: SQL has no empty list
	}
	return names
}

// nested tells whether a list may have resources with lists.
func nested(all []*layout) bool {
	for _, l := range all {
		for _, other := range all {
			if l.members != nil && other.members != nil && l.allows(l.members, other.model.Name) {
				return true
			}
		}
	}
	return false
}
