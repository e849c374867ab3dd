package document

import "github.com/scimkit/scimkit/internal/model"

// FieldIter walks the members of a canonical object and knows their
// attributes.
type FieldIter struct {
	MemberIter
	t         *model.Type
	next, end model.ID
}

// Fields gives the members of v, a canonical object of attribute id.
func (v Value) Fields(t *model.Type, id model.ID) FieldIter {
	return FieldIter{v.Members(), t, id + 1, t.Attrs[id].End}
}

// Next gives the next member, with the ID model.None if the schema does not
// have it. Members stand in the order of the schema, so that it is enough to
// look at the attributes behind the last one.
func (it *FieldIter) Next() (id model.ID, v Value, ok bool) {
	p, ok := nextItem(it.raw, it.pos)
	if !ok {
		return model.None, Value{}, false
	}
	if id := named(it.t, it.raw[p:], it.next, it.end); id != model.None {
		it.next = it.t.Attrs[id].End
		it.start = p
		p += len(it.t.Attrs[id].Key)
		it.pos = skip(it.raw, p)
		return id, Value{it.raw[p:it.pos]}, true
	}
	_, v, ok = it.MemberIter.Next()
	return model.None, v, ok
}
