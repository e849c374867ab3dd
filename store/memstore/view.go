package memstore

import (
	"github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/model"
	"github.com/scimkit/scimkit/scim"
)

// lists say which lists of references a document is to have.
type lists uint8

const (
	members lists = 1 << iota
	groups
)

// all are the lists but for those in omit.
func (h *table) all(omit []string) lists {
	show := members | groups
	for _, name := range omit {
		if h.members != nil && model.EqualFold(name, h.members.Name) {
			show &^= members
		}
		if h.groups != nil && model.EqualFold(name, h.groups.Name) {
			show &^= groups
		}
	}
	return show
}

// resource gives rec as a handler returns it.
func (h *table) resource(rec *record, show lists) scim.Resource {
	return scim.ResourceOf(h.rt, h.view(rec, show))
}

// view gives the document of rec with lists.
func (h *table) view(rec *record, show lists) *document.Doc {
	d := rec.doc
	if show&members != 0 && h.members != nil && rec.members.len() > 0 {
		d = d.With(h.members.ID, h.appendMembers(make([]byte, 0, 96*rec.members.len()), rec))
	}
	if show&groups != 0 && h.groups != nil && rec.groups.len() > 0 {
		d = d.With(h.groups.ID, h.appendGroups(nil, rec))
	}
	return d
}

func (h *table) appendMembers(dst []byte, rec *record) []byte {
	dst = append(dst, '[')
	for m := range rec.members.all() {
		dst = h.appendReference(dst, h.members, m, m.table.label)
	}
	return closeList(dst)
}

// appendGroups writes the groups that rec is in, and those that these are in
// (RFC 7643 section 4.1.2). It gives nil if there is none.
func (h *table) appendGroups(dst []byte, rec *record) []byte {
	dst = append(dst, '[')
	nested := false
	for g := range rec.groups.all() {
		if h.allows(h.groups, g.table.model.Name) {
			dst = h.appendReference(dst, h.groups, g, direct)
		}
		nested = nested || g.groups.len() > 0
	}
	if nested {
		for _, g := range above(rec) {
			if h.allows(h.groups, g.table.model.Name) {
				dst = h.appendReference(dst, h.groups, g, indirect)
			}
		}
	}
	return closeList(dst)
}

var direct, indirect = []byte(`"direct"`), []byte(`"indirect"`)

// above gives the records that contain rec through others only. Cycles end
// where they began.
func above(rec *record) []*record {
	seen := map[*record]struct{}{rec: {}}
	var queue, found []*record
	for g := range rec.groups.all() {
		seen[g] = struct{}{}
		queue = append(queue, g)
	}
	for ; len(queue) > 0; queue = queue[1:] {
		for g := range queue[0].groups.all() {
			if _, ok := seen[g]; !ok {
				seen[g] = struct{}{}
				queue, found = append(queue, g), append(found, g)
			}
		}
	}
	return found
}

// closeList ends a list that was written with a comma behind each element.
func closeList(dst []byte) []byte {
	if dst[len(dst)-1] == '[' {
		return nil
	}
	dst[len(dst)-1] = ']'
	return dst
}

// appendReference writes an element of the attribute list that refers to rec,
// with what the schema has of value, type and display, and a comma.
func (h *table) appendReference(dst []byte, list *model.Attr, rec *record, typ []byte) []byte {
	dst = append(dst, '{')
	for id := list.ID + 1; id < list.End; id++ {
		var raw []byte
		switch id {
		case list.Value:
			raw = idOf(rec.doc).Raw()
		case list.TypeSub:
			raw = typ
		case list.Display:
			raw = rec.table.name(rec.doc)
		}
		if raw != nil {
			dst = append(append(append(dst, h.model.Attrs[id].Key...), raw...), ',')
		}
	}
	dst[len(dst)-1] = '}' // the value is always there
	return append(dst, ',')
}

// name is what d is displayed by, as JSON, nil if it has nothing of the kind.
func (h *table) name(d *document.Doc) []byte {
	for _, a := range h.names {
		if v, ok := d.Get(a.ID); ok {
			return v.Raw()
		}
	}
	return nil
}
